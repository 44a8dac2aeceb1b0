"""A run's network as other programs call it: tensors in, tensors out, with recorded inputs to try it on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from genmodels.errors import UsageError
from genmodels.families.run import Run
from genmodels.family import FAMILIES
from genmodels.runs.epochs import Epoch

if TYPE_CHECKING:
    from torch import Tensor, nn

RECORDED = 64  # inputs
BATCH = "batch"  # what the dimension is called that counts inputs side by side


@dataclass(frozen=True, eq=False)
class Graph:
    """A network for a program that does not know genmodels.

    Args:
        model: whose weights it holds, on the CPU, in evaluation mode.
        call: what it computes: the inputs in their order -> the outputs in theirs.
        inputs: recorded ones by name.
        outputs: their names.
        free: of inputs and outputs: dimensions that may have any size, each with what it is called.
        about: what goes in and what comes out, by name, in a few words each.
        multiples: by what a free dimension of the inputs is called: what its size is a multiple of, where not of 1.
    """

    model: "nn.Module"
    call: "Callable[..., Sequence[Tensor]]"
    inputs: "Mapping[str, Tensor]"
    outputs: Sequence[str]
    free: Mapping[str, Mapping[int, str]]
    about: Mapping[str, str]
    multiples: Mapping[str, int] = field(default_factory=dict)


def graph_of(run: Run, epoch: Epoch | None = None) -> Graph:
    """The network of an epoch.

    Args:
        run: of any family.
        epoch: whose weights; None: the best one's.

    Raises:
        UsageError: its family gives none.
        RunError: that epoch was not kept, or the run is damaged.
    """
    row = FAMILIES.get(run.family)
    if row is None or row.graph is None:
        called = run.family if row is None else row.title
        raise UsageError(f"{run.path} is a {called}, whose network is no graph", "export its weights as safetensors.")
    found: Graph = row.graph(run, epoch)
    return found


def cpu() -> Any:
    """Where exported networks are computed."""
    import torch

    return torch.device("cpu")
