"""A run's network as ONNX, for any program that runs such graphs; refused where it does not compute what ours does."""

import contextlib
import io
import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genmodels.errors import UsageError
from genmodels.exports.extras import needed
from genmodels.exports.weights import described_for
from genmodels.families import Run
from genmodels.families.graph import BATCH, Graph, cpu, graph_of
from genmodels.limits import is_of_memory
from genmodels.printable import one_line

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
        difference: the largest of a logit from our own, over the recorded inputs.
        inputs: recorded ones that it was tried on.
    """

    data: bytes
    difference: float
    inputs: int


def onnx_of(run: Run) -> Onnx:
    """The best epoch's network, tried in onnxruntime on recorded inputs.

    Raises:
        UsageError: it can't be told in ONNX's operators, or computes something else there.
        ResourceError: onnx or onnxruntime is not installed.
        RunError: no epoch was kept, or the run is damaged.
    """
    with needed("onnx", "onnx", "onnxruntime"):
        import onnx
        import onnxruntime  # noqa: F401 - looked for before anything is computed
    from genmodels.device import memory_errors

    with memory_errors(cpu(), f"the network of {run.path}"):
        graph = graph_of(run)
        model = onnx.load_model_from_string(_traced(run, graph))
        about = {"about": graph.about, **described_for(run)}
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
    inputs = tuple(_smaller(tensor, graph.free.get(name, {})) for name, tensor in graph.inputs.items())
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


def _smaller(tensor: "Tensor", free: Mapping[int, str]) -> "Tensor":
    """Two inputs side by side, and a part of all other dimensions that are free, in whole fours."""
    for dimension, name in free.items():
        size = tensor.shape[dimension]
        tensor = tensor.narrow(dimension, 0, min(size, 2 if name == BATCH else max(4, size // 8 * 4)))
    return tensor.clone()


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
    with torch.inference_mode():
        ours = [one.numpy() for one in graph.call(*graph.inputs.values())]
    theirs = session.run(list(graph.outputs), {name: one.numpy() for name, one in graph.inputs.items()})
    return float(np.max([_apart(*pair) for pair in zip(ours, theirs, strict=True)]))


def _apart(ours: "NDArray[Any]", theirs: "NDArray[Any]") -> "np.floating | float":
    import numpy as np

    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return float("inf")
    if ours.dtype.kind != "f":
        return 0.0 if np.array_equal(ours, theirs) else float("inf")
    return np.abs(ours - theirs).max() if ours.size else 0.0
