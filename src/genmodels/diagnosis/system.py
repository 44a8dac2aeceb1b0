"""Cores, memory and limits, as the system, a container or a shell sets them."""

import os
from pathlib import Path

from genmodels.diagnosis.section import Fact, Section, amount, plain
from genmodels.exhibit import size

GROUPS = Path("/sys/fs/cgroup")
_NO_LIMIT = 1 << 60  # what older kernels write for none is a little below 2^63
_LIMITS = (  # what it limits, the shell's letter, Python's name, whether it counts bytes
    ("address space", "-v", "RLIMIT_AS", True),
    ("open files", "-n", "RLIMIT_NOFILE", False),
    ("size of a file", "-f", "RLIMIT_FSIZE", True),
    ("seconds of CPU", "-t", "RLIMIT_CPU", False),
)
VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "CUDA_VISIBLE_DEVICES")


def threads() -> Section:
    """Cores that there are and that may be used, and variables that say so too."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    quota = cores_of_group()
    return Section(
        "threads",
        [
            plain("cores", os.cpu_count()),
            plain("cores that this process may use", usable),
            Fact("cores that its control group allows", quota, "no limit" if quota is None else f"{quota:g}"),
            *variables(VARIABLES),
        ],
    )


def variables(names: tuple[str, ...]) -> list[Fact]:
    """Variables of the environment, by name: no others are looked at."""
    return [plain(name, os.environ.get(name), "not set") for name in names]


def memory() -> Section:
    """Memory of the machine, and what a control group leaves of it."""
    kinds = _meminfo()
    return Section(
        "memory",
        [
            amount("in all", kinds.get("MemTotal", _physical())),
            amount("free", kinds.get("MemAvailable")),
            amount("allowed by the control group", memory_of_group(), "no limit"),
        ],
    )


def _meminfo(path: Path = Path("/proc/meminfo")) -> dict[str, int]:
    """What Linux tells of its memory, in bytes."""
    lines = [line.split() for line in _text(path).splitlines()]
    return {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if len(words) == 3}


def _physical() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return None


def limits() -> Section:
    """What `ulimit` shows."""
    try:
        import resource
    except ImportError:  # Windows
        return Section("limits", [plain("ulimit", None, "this system has none")])
    facts = []
    for what, letter, name, bytes_ in _LIMITS:
        soft = resource.getrlimit(getattr(resource, name))[0]
        value = None if soft == resource.RLIM_INFINITY else soft
        shown = "no limit" if value is None else size(value) if bytes_ else f"{value:,}"
        facts.append(Fact(f"{what} (ulimit {letter})", value, shown))
    return Section("limits", facts)


def memory_of_group(groups: Path = GROUPS, own: Path = Path("/proc/self/cgroup")) -> int | None:
    """The least that this process's control group or one above it allows, in bytes; None: no limit."""
    names = [("memory.max", folder) for folder in _folders(groups, own)]
    names.append(("memory.limit_in_bytes", groups / "memory"))  # of older kernels
    found = [_text(folder / name).strip() for name, folder in names]
    return min((int(text) for text in found if text.isdecimal() and int(text) < _NO_LIMIT), default=None)


def cores_of_group(groups: Path = GROUPS, own: Path = Path("/proc/self/cgroup")) -> float | None:
    """The least share of the cores that this process's control group or one above it allows; None: no limit."""
    old = groups / "cpu"
    found = [_text(folder / "cpu.max").split() for folder in _folders(groups, own)]
    found.append([*_text(old / "cpu.cfs_quota_us").split(), *_text(old / "cpu.cfs_period_us").split()])
    pairs = [pair for pair in found if len(pair) == 2 and all(part.isdecimal() for part in pair)]
    return min((int(quota) / int(period) for quota, period in pairs), default=None)


def _folders(groups: Path, own: Path) -> list[Path]:
    """The folder of this process's control group, and those above it."""
    path = next((line[3:] for line in _text(own).splitlines() if line.startswith("0::")), "/")
    folder = groups / path.lstrip("/")
    return [folder, *(above for above in folder.parents if above.is_relative_to(groups))]


def _text(path: Path) -> str:
    """A file of the system, or nothing."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
