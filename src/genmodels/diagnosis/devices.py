"""Which devices PyTorch finds, and why one is missing. Run as a program it prints them, as PyTorch may be broken."""

from typing import Any

from genmodels.diagnosis.asking import answer
from genmodels.diagnosis.section import Fact, Section, plain
from genmodels.exhibit import size

TITLE, NEEDS = "devices", "PyTorch"
LINES = (NEEDS, "--device auto", "cpu", "PyTorch's threads")


def devices() -> Section:
    """The devices, the one that --device auto takes, and PyTorch's threads."""
    import torch

    from genmodels.device import choose_device, missing_devices, processor_name

    taken, missing = choose_device("auto"), missing_devices()
    absent = [Fact(kind, {"missing": why, "hint": hint}, f"missing: {why}") for kind, (why, hint) in missing.items()]
    return Section(
        TITLE,
        [
            plain("PyTorch", f"{torch.__version__} ({_build(torch)})"),
            plain("--device auto", f"{taken.device} ({taken.reason})"),
            plain("cpu", f"{processor_name()}, {torch.backends.cpu.get_cpu_capability()}"),
            *([] if "cuda" in missing else [_gpu(torch, index) for index in range(torch.cuda.device_count())]),
            *([] if "mps" in missing else [plain("mps", "Apple's GPU")]),
            *absent,
            plain("PyTorch's threads", torch.get_num_threads()),
        ],
    )


def _build(torch: Any) -> str:
    """What PyTorch was built for."""
    if torch.version.cuda is not None:
        return f"built for CUDA {torch.version.cuda}"
    hip = getattr(torch.version, "hip", None)
    return "built for the CPU alone" if hip is None else f"built for ROCm {hip}"


def _gpu(torch: Any, index: int) -> Fact:
    """One of CUDA's devices; its free memory is None where it lets nobody in."""
    properties = torch.cuda.get_device_properties(index)
    try:
        free = int(torch.cuda.mem_get_info(index)[0])
    except RuntimeError:
        free = None
    value = {
        "name": properties.name,
        "memory": properties.total_memory,
        "free": free,
        "compute_capability": f"{properties.major}.{properties.minor}",
        "bf16": properties.major >= 8 or getattr(torch.version, "hip", None) is not None,
    }
    room = f"{size(properties.total_memory)}, {'unknown' if free is None else size(free)} free"
    half = "bf16 and fp16" if value["bf16"] else "fp16, no bf16"
    return Fact(f"cuda:{index}", value, f"{properties.name}, {room}, {half}")


if __name__ == "__main__":
    answer(devices())
