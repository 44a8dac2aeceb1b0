"""Devices: which one is used and why, threads, precision, and what to say when one is missing.

Everything special to an accelerator is in this file.
"""

import os
import platform
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch

from genmodels.errors import ResourceError, UsageError
from genmodels.limits import address_space_told, is_of_memory
from genmodels.randomness import derive_seed
from genmodels.rows import RowsGenerator


@dataclass(frozen=True)
class Choice:
    """A device and the sentence that says why it was taken."""

    device: torch.device
    reason: str


def choose_device(wanted: str) -> Choice:
    """Turn a --device value into a device that is there.

    Args:
        wanted: "auto", "cpu", "cuda", "cuda:N" or "mps".

    Raises:
        UsageError: not a device name.
        ResourceError: the device asked for is missing; says which of build, driver, visibility or index.
    """
    kind, _, index = str(wanted).partition(":")  # a torch.device is as good
    if kind not in _CHOOSERS or (index != "" and (kind != "cuda" or not index.isdecimal())):
        raise UsageError(f"--device {wanted!r} is not a device", "use auto, cpu, cuda, cuda:N or mps.", "--device")
    return _CHOOSERS[kind](int(index) if index else None)


def _choose_auto(_: int | None) -> Choice:
    if torch.cuda.is_available():
        return Choice(torch.device("cuda", 0), f"found {torch.cuda.get_device_name(0)}")
    if torch.backends.mps.is_available():
        return Choice(torch.device("mps"), "found Apple's GPU")
    return Choice(torch.device("cpu"), f"no GPU: {_why_no_cuda()[0]}")


def _choose_cpu(_: int | None) -> Choice:
    return Choice(torch.device("cpu"), "asked for")


def _choose_cuda(index: int | None) -> Choice:
    if not torch.cuda.is_available():
        why, hint = _why_no_cuda()
        raise ResourceError(f"--device cuda, but {why}", hint)
    count = torch.cuda.device_count()
    if index is not None and index >= count:
        raise ResourceError(
            f"--device cuda:{index}, but there {'is' if count == 1 else 'are'} {count} (0 to {count - 1})",
            "choose a smaller index; CUDA_VISIBLE_DEVICES may hide others.",
        )
    device = torch.device("cuda", index or 0)
    return Choice(device, f"asked for: {torch.cuda.get_device_name(device)}")


def _choose_mps(_: int | None) -> Choice:
    if torch.backends.mps.is_available():
        return Choice(torch.device("mps"), "asked for")
    why, hint = _why_no_mps()
    raise ResourceError(f"--device mps, but {why}", hint)


_CHOOSERS = {"auto": _choose_auto, "cpu": _choose_cpu, "cuda": _choose_cuda, "mps": _choose_mps}


def missing_devices() -> dict[str, tuple[str, str]]:
    """Kinds of accelerators that are not there: why, and what to do."""
    kinds = {"cuda": (torch.cuda, _why_no_cuda), "mps": (torch.backends.mps, _why_no_mps)}
    return {kind: why() for kind, (backend, why) in kinds.items() if not backend.is_available()}


def _why_no_mps() -> tuple[str, str]:
    """The first of build and machine that is missing, and what to do."""
    if not torch.backends.mps.is_built():
        return "this PyTorch was built without MPS", "use --device cpu or auto."
    return "this machine has no MPS device", "it needs macOS 12.3+ on Apple silicon; --device auto takes what is there."


def _why_no_cuda() -> tuple[str, str]:
    """The first of build, visibility, driver, initialisation that is missing, and what to do."""
    if torch.version.cuda is None and getattr(torch.version, "hip", None) is None:
        return (
            f"this PyTorch ({torch.__version__}) is a build without CUDA",
            "install a CUDA build (see pytorch.org, Get Started), or use --device cpu.",
        )
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None and visible.strip() in {"", "-1"}:
        return (
            f"CUDA_VISIBLE_DEVICES={visible!r} hides every GPU",
            "unset CUDA_VISIBLE_DEVICES, or use --device cpu.",
        )
    if not _driver_is_installed():
        return (
            "no NVIDIA driver is installed",
            "install the driver (nvidia-smi must work), or use --device cpu.",
        )
    return (
        f"the NVIDIA driver offers no device to PyTorch built for CUDA {torch.version.cuda}",
        "the driver may be too old or CUDA_VISIBLE_DEVICES may name a missing GPU: try nvidia-smi, or --device cpu.",
    )


def _driver_is_installed() -> bool:
    if platform.system() == "Windows":
        return (Path(os.environ.get("SYSTEMROOT", "C:/Windows")) / "System32" / "nvcuda.dll").exists()
    return Path("/proc/driver/nvidia/version").exists() or Path("/dev/dxg").exists()


def processor_name() -> str:
    """What the system calls its processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model")))
    return next(named, "") or platform.processor() or platform.machine()


def set_threads(threads: int | None) -> int:
    """Fix the CPU threads (None keeps PyTorch's choice) and return the number in force.

    The number changes the order of sums, so a resumed run uses the recorded one.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    return torch.get_num_threads()


def step_generator(device: torch.device, seed: int, stream: str, step: int) -> RowsGenerator:
    """A generator whose numbers depend on (seed, stream, step) alone."""
    generator = RowsGenerator(device=device)
    generator.manual_seed(derive_seed(seed, stream, step))
    return generator


_WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"


@contextmanager
def reproducible(device: torch.device) -> Iterator[None]:
    """On CUDA only kernels whose sums have a fixed order, so that a resumed run equals an unbroken one bit for bit.

    The CPU's are like that anyway, given the number of threads; MPS offers no such choice.

    Raises:
        RuntimeError: within, an operation has no such kernel.
    """
    if device.type != "cuda":
        yield
        return
    debugging: Any = torch.utils.deterministic  # an object that stands for a module
    before, filled = torch.are_deterministic_algorithms_enabled(), debugging.fill_uninitialized_memory
    warned, chosen = torch.is_deterministic_algorithms_warn_only_enabled(), _WORKSPACE in os.environ
    os.environ.setdefault(_WORKSPACE, ":4096:8")  # without it cuBLAS is not, and PyTorch refuses it
    torch.use_deterministic_algorithms(True)
    debugging.fill_uninitialized_memory = False  # it costs a kernel an allocation
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warned)
        debugging.fill_uninitialized_memory = filled
        if not chosen:
            os.environ.pop(_WORKSPACE, None)


def can_record(device: torch.device) -> bool:
    """Whether kernels can be recorded there, to be launched again as one."""
    return device.type == "cuda"


Made = TypeVar("Made")


class Recording:
    """Kernels that were recorded once, to be launched again as one (a CUDA graph).

    Args:
        generator: of the device, from which they draw; what it is seeded with counts whenever they are launched.
    """

    def __init__(self, generator: torch.Generator) -> None:
        self.device, self.graph = generator.device, torch.cuda.CUDAGraph()
        self.graph.register_generator_state(generator)

    def of(self, compute: Callable[[], Made]) -> Made:
        """Record what `compute` launches; it computes nothing yet, and its tensors are filled whenever it is played."""
        with torch.cuda.device(self.device):  # else the first one's stream is recorded, whichever computes
            torch.cuda.synchronize()
            with torch.cuda.graph(self.graph, stream=torch.cuda.Stream(self.device)):  # type: ignore[no-untyped-call]
                return compute()

    def play(self) -> None:
        """Compute all of it again."""
        with torch.cuda.device(self.device):
            self.graph.replay()


@contextmanager
def differentiable_in_evaluation() -> Iterator[None]:
    """Recurrent layers of PyTorch itself: cuDNN's can be differentiated in training mode alone."""
    enabled = torch.backends.cudnn.enabled
    torch.backends.cudnn.enabled = False
    try:
        yield
    finally:
        torch.backends.cudnn.enabled = enabled


_AUTOCAST = {"bf16": torch.bfloat16, "fp16": torch.float16}


def check_precision(precision: str, device: torch.device) -> None:
    """Refuse half precision where it is slow or broken.

    Raises:
        UsageError: bf16 or fp16 off CUDA.
    """
    if precision != "fp32" and device.type != "cuda":
        raise UsageError(
            f"--precision {precision} works on CUDA only, not on {device.type}",
            "leave --precision at fp32: elsewhere half precision is slow or fails.",
        )


def autocast(precision: str, device: torch.device) -> AbstractContextManager[object]:
    """Autocast to bf16 or fp16; for fp32 a context that does nothing."""
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(device.type, dtype=_AUTOCAST[precision])


def free_memory(device: torch.device) -> int | None:
    """Free bytes on a CUDA device; None where the device shares the host's memory."""
    if device.type != "cuda":
        return None
    free, _ = torch.cuda.mem_get_info(device)
    return int(free)


def memory_held(device: torch.device) -> int | None:
    """Bytes that this process holds: of a CUDA device, else of the machine, the most until now; None where unknown."""
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@contextmanager
def memory_errors(device: torch.device, batch: str) -> Iterator[None]:
    """Tell an exhausted memory with numbers and the setting to lower.

    Args:
        device: where the work runs.
        batch: what was being computed, e.g. "--batch-size 16, --window 64".

    Raises:
        ResourceError: out of memory.
    """
    hint = "lower one of those." if batch.startswith("--") else "close other programs, or use a machine with more."
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, torch.OutOfMemoryError) and not is_of_memory(error):
            raise
        raise ResourceError(f"out of memory on {device}{_left(device, error)} with {batch}", hint) from error


def _left(device: torch.device, error: Exception) -> str:
    """What is left of a device's memory, or the limit within which this process ran out of it."""
    if isinstance(error, torch.OutOfMemoryError):
        free = free_memory(device)
        return "" if free is None else f" ({free / 2**20:,.0f} MiB free now)"
    limit = address_space_told()
    return "" if limit is None else f" ({limit})"
