"""Weights between networks, tensors and the arrays that checkpoints hold."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from genmodels.errors import RunError
from genmodels.runs.checkpoint import Arrays

Network = TypeVar("Network", bound=nn.Module)


def unfilled(build: Callable[[], Network]) -> Network:
    """A network whose first weights, soon replaced, are not drawn from the caller's generator."""
    with torch.random.fork_rng(devices=[]):
        return build()


def to_arrays(tensors: Mapping[str, Tensor]) -> Arrays:
    """Copies on the CPU as NumPy arrays, for the checkpoint writer."""
    return {name: np.array(t.detach().cpu().numpy(), order="C") for name, t in tensors.items()}


def to_tensors(arrays: Arrays) -> dict[str, Tensor]:
    """The way back, on the CPU; the arrays are copied, as theirs may be read-only."""
    return {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}


def load_weights(model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Copy weights into a model whose parameters have the same names and shapes.

    Raises:
        RunError: a name or shape differs; both sides are named.
    """
    own = model.state_dict()
    if own.keys() != tensors.keys():
        wrong = ", ".join(sorted(own.keys() ^ tensors.keys()))
        raise RunError(f"the checkpoint does not fit this model: {wrong}", "it was written for other settings.")
    for name, tensor in tensors.items():
        if own[name].shape != tensor.shape:
            theirs, ours = tuple(tensor.shape), tuple(own[name].shape)
            raise RunError(
                f"{name} has shape {theirs} in the checkpoint, but its settings make it {ours}",
                "restore the checkpoint from a copy.",
            )
    with torch.no_grad():
        for name, tensor in tensors.items():
            own[name].copy_(tensor)
