"""A run's network as ONNX, for any program that runs such graphs; refused where it does not compute what ours does."""

import contextlib
import io
import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genmodels.errors import UsageError
from genmodels.exports.extras import needed
from genmodels.exports.weights import described_for
from genmodels.families import Run
from genmodels.families.graph import BATCH, Graph, cpu, graph_of
from genmodels.limits import is_of_memory
from genmodels.printable import one_line
from genmodels.runs.epochs import Epoch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

MOST = 1e-4  # by which a logit may differ from our own
OPSET = 18  # of the operators' definitions: read by runtimes from 2023 on
WITH = "as safetensors its weights can be had: --to safetensors."


@dataclass(frozen=True)
class Onnx:
    """A network as ONNX.

    Args:
        data: the file.
        difference: the largest of a logit from our own, over the recorded inputs, as `_trials` cuts them.
        inputs: recorded ones that it was tried on.
    """

    data: bytes
    difference: float
    inputs: int


def onnx_of(run: Run, epoch: Epoch | None = None) -> Onnx:
    """An epoch's network, or the best one's, tried in onnxruntime on recorded inputs.

    Raises:
        UsageError: it can't be told in ONNX's operators, or computes something else there.
        ResourceError: onnx or onnxruntime is not installed.
        RunError: that epoch was not kept, or the run is damaged.
    """
    with needed("onnx", "onnx", "onnxruntime"):
        import onnx
        import onnxruntime  # noqa: F401 - looked for before anything is computed
    from genmodels.device import memory_errors

    with memory_errors(cpu(), f"the network of {run.path}"):
        graph = graph_of(run, epoch)
        model = onnx.load_model_from_string(_traced(run, graph))
        about = {"about": graph.about, **described_for(run, epoch)}
        onnx.helper.set_model_props(model, {"genmodels": json.dumps(about, ensure_ascii=True)})
        data: bytes = model.SerializeToString()
        with _refusals(run):
            onnx.checker.check_model(model)
            difference = _difference(graph, data)
    if not difference <= MOST:
        what = f"in ONNX the network of {run.path} differs from itself by up to {difference:.2g} in a logit"
        raise UsageError(f"{what}, and at most {MOST:g} is let through", WITH)
    return Onnx(data, difference, _count(graph))


def _count(graph: Graph) -> int:
    """Recorded inputs side by side."""
    name, tensor = next(iter(graph.inputs.items()))
    dimension = next(one for one, called in graph.free[name].items() if called == BATCH)
    return int(tensor.shape[dimension])


def _traced(run: Run, graph: Graph) -> bytes:
    """The graph, seen along smaller inputs than it is tried on, so that free dimensions are proved to be free.

    PyTorch's exporter by tracing is asked, as the newer one needs a further package and unrolls recurrent layers.

    Raises:
        UsageError: a part of the network has no operator.
    """
    import torch

    class Called(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = graph.model

        def forward(self, *inputs: "Tensor") -> "tuple[Tensor, ...]":
            return tuple(graph.call(*inputs))

    stream: Any = io.BytesIO()
    inputs = tuple(_cut(graph, _smaller).values())
    with torch.no_grad(), _unwarned(), _refusals(run):
        torch.onnx.export(
            Called().eval(), inputs, stream, dynamo=False, opset_version=OPSET, input_names=list(graph.inputs),
            output_names=list(graph.outputs), dynamic_axes={name: dict(free) for name, free in graph.free.items()},
        )  # fmt: skip
    data: bytes = stream.getvalue()
    return data


@contextlib.contextmanager
def _refusals(run: Run) -> Iterator[None]:
    """What the libraries say of a network that is none for ONNX: an operator is missing, or a shape does not fit.

    Their errors have no class in common.

    Raises:
        UsageError: in place of any of theirs.
    """
    try:
        yield
    except Exception as error:
        if is_of_memory(error):
            raise
        what = f"the network of {run.path}, whose model is {run.setting('model')}, can't be told in ONNX's operators"
        raise UsageError(f"{what}: {one_line(str(error).strip().partition(chr(10))[0])}", WITH) from error


def _smaller(name: str, size: int) -> int:
    """Two inputs side by side, and a part of all other dimensions that are free, in whole fours."""
    return min(size, 2 if name == BATCH else max(4, size // 8 * 4))


def _cut(graph: Graph, size_of: Callable[[str, int], int]) -> dict[str, "Tensor"]:
    """The recorded inputs, of which each free dimension has another size.

    Args:
        graph: whose inputs.
        size_of: what the dimension is called, the size that it has -> the one that it gets.
    """
    found = {}
    for called, tensor in graph.inputs.items():
        for dimension, name in graph.free.get(called, {}).items():
            tensor = tensor.narrow(dimension, 0, size_of(name, tensor.shape[dimension]))  # noqa: PLW2901 - cut by cut
        found[called] = tensor.clone()
    return found


def _trials(graph: Graph) -> "Iterator[dict[str, Tensor]]":
    """What it is tried on: the recorded inputs, one of them, and all as short as can be and of an odd length.

    It was traced along an even number of even lengths, and what it does of others is not told by these.
    """

    def odd(name: str, size: int) -> int:
        whole = graph.multiples.get(name, 1)
        return size if name == BATCH else max(1, (size // whole - 2) // 2 * 2 + 1) * whole

    yield dict(graph.inputs)
    yield _cut(graph, lambda name, size: 1 if name == BATCH else size)
    if {name for called in graph.inputs for name in graph.free.get(called, {}).values()} - {BATCH}:
        yield _cut(graph, lambda name, size: size if name == BATCH else graph.multiples.get(name, 1))
        yield _cut(graph, odd)


@contextlib.contextmanager
def _unwarned() -> Iterator[None]:
    """What the exporter warns of is tried: which sizes became constants, and that there is a newer exporter.

    Where it fails, it writes its whole graph to stdout, whatever it is told of `verbose`.
    """
    import torch

    log = torch._C._jit_onnx_log
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch._C._jit_onnx_log = lambda *_: None
        try:
            yield
        finally:
            torch._C._jit_onnx_log = log


def _difference(graph: Graph, data: bytes) -> float:
    """The largest difference between what onnxruntime and what PyTorch compute; infinite where ids differ at all."""
    import numpy as np
    import onnxruntime
    import torch

    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 3, torch.get_num_threads()
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    found: list[float] = []
    for inputs in _trials(graph):
        with torch.inference_mode():
            ours = [one.numpy() for one in graph.call(*inputs.values())]
        theirs = session.run(list(graph.outputs), {name: one.numpy() for name, one in inputs.items()})
        found += [float(_apart(*pair)) for pair in zip(ours, theirs, strict=True)]
    return float(np.max(found))


def _apart(ours: "NDArray[Any]", theirs: "NDArray[Any]") -> "np.floating | float":
    import numpy as np

    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return float("inf")
    if ours.dtype.kind != "f":
        return 0.0 if np.array_equal(ours, theirs) else float("inf")
    return np.abs(ours - theirs).max() if ours.size else 0.0
