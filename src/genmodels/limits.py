"""Limits that a shell or a cluster sets for a process (`ulimit`), told as such where work fails by them."""

import errno
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from genmodels.errors import ResourceError, UsageError

SMALL = 1 << 26  # bytes that are taken without asking
ROOMY = 1 << 34  # bytes; within such a limit everything here can be loaded
LOADED = {"numpy": ("NumPy", 1 << 26), "torch": ("PyTorch", 1 << 29)}  # what loads much, and what its work takes more
MOST_DIGITS = 10  # of a number of processes
LIFT = "ulimit -v unlimited lifts it where the system allows; on a cluster, ask for more memory."
# Done by another process, as a library in C that gets no memory ends its process without a word of ours.
TRIAL = """
import resource, sys
name, spare = sys.argv[1], int(sys.argv[2])
limit, most = resource.getrlimit(resource.RLIMIT_AS)
if limit != resource.RLIM_INFINITY:
    resource.setrlimit(resource.RLIMIT_AS, (max(limit - spare, 0), most))
try:
    library = __import__(name)
    square = library.ones((64, 64)) @ library.ones((64, 64))
    if name == "torch":
        library.nn.Conv2d(1, 4, 3)(square[None, None]).sum().backward()
except MemoryError:
    sys.exit(73)
except ImportError as error:  # one of another kind is for the process itself to find
    sys.exit(73 * any(words in str(error).lower() for words in ("map segment", "memory", "tls block")))
"""
OF_MEMORY = 73  # what the trial itself ends with
TRIAL_SECONDS = 60.0
_WORDS = (
    "can't allocate memory", "cannot allocate memory", "not enough memory", "bad_alloc", "can't start new thread",
    "failed to map segment", "static tls block",
)  # fmt: skip
_WORDS_IN_C = ("memory allocation", "out of memory", "pthread_create failed")
_HINTS = {
    errno.EFBIG: "files may be only so large (ulimit -f); ulimit -f unlimited lifts that where the system allows.",
    errno.EMFILE: "only so many files may be open (ulimit -n); ulimit -n 1024 allows more.",
}


def hint_of(error: OSError) -> str | None:
    """What to do where a limit made a call of the system fail; None where none did."""
    return _HINTS.get(error.errno or 0)


def number_set(name: str, usual: int) -> int:
    """A whole number that whoever starts several processes sets in the environment of each.

    Raises:
        UsageError: it is none.
    """
    found = os.environ.get(name, str(usual))
    if not (found.isascii() and found.isdecimal() and len(found) < MOST_DIGITS):
        what = f"{name} is {found!r} in the environment, but torchrun sets it to a number of processes"
        raise UsageError(what, f"unset {name}, or start the processes by genmodels --processes.")
    return int(found)


def address_space() -> int | None:
    """Bytes of address space that this process may use; None where there is no limit."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - not on Windows

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def address_space_told() -> str | None:
    """The limit as a clause; None where there is none."""
    limit = address_space()
    return None if limit is None else f"this process may use {limit // 1024:,} kB of address space (ulimit -v)"


def free_memory() -> int | None:
    """Bytes of memory that can still be taken: of the machine, the group of processes and this one; None: not known."""
    return min(_rooms(), default=None)


def _rooms() -> Iterator[int]:
    """What each limit leaves that this system tells of."""
    if (machine := _facts("/proc/meminfo").get("MemAvailable")) is not None:
        yield machine * 1024
    group = Path("/sys/fs/cgroup")
    most, now = (_number(group / f"memory.{name}") for name in ("max", "current"))
    if most is not None and now is not None:
        yield most - now + _facts(str(group / "memory.stat")).get("inactive_file", 0)
    limit, taken = address_space(), _facts("/proc/self/status").get("VmSize")
    if limit is not None and taken is not None:
        yield limit - taken * 1024


def _number(path: Path) -> int | None:
    """The number in a file of the system; None where there is none."""
    try:
        return int(path.read_bytes())
    except (OSError, ValueError):  # "max" is no limit
        return None


def _facts(path: str) -> Mapping[str, int]:
    """Name -> number, as the system has them in lines of a file; nothing where there is no such file."""
    try:
        lines = Path(path).read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return {}
    words = [line.replace(":", " ").split() for line in lines]
    return {word[0]: int(word[1]) for word in words if len(word) > 1 and word[1].isdecimal()}


def check_room(what: object, size: int) -> None:
    """Refuse what would not fit into the free memory before any is taken; of small things nothing is asked.

    Args:
        what: a sentence's beginning: what takes it.
        size: bytes that it takes, with what it is turned into.

    Raises:
        ResourceError: it would not fit.
    """
    free = free_memory() if size > SMALL else None
    if free is not None and size > free:
        told = f"{what} takes {size / 2**30:.1f} GiB of memory, but only {max(free, 0) / 2**30:.1f} GiB are free"
        raise ResourceError(told, "use fewer or smaller ones, or a machine with more memory; the file may be damaged.")


def is_of_memory(error: Exception) -> bool:
    """Whether an error tells of memory: what libraries in C raise says so only in words."""
    text = str(error.strerror if isinstance(error, OSError) else error).lower()  # not what a file is called
    return isinstance(error, MemoryError) or any(words in text for words in _WORDS)


class Porter:
    """Looks, before a large library is loaded for the first time, whether the address space is enough for it."""

    def find_spec(self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None, /) -> Any:
        """Nothing: who comes next finds the module.

        Raises:
            ResourceError: the address space is too small.
        """
        if fullname in LOADED:
            _check_room(fullname)


def watch_address_space() -> None:
    """Have large libraries looked at before they are loaded, where the address space is small."""
    limit = address_space()
    if limit is not None and limit < ROOMY and sys.executable:
        sys.meta_path.insert(0, Porter())


def _check_room(name: str) -> None:
    """Try the library in another process; what fails there for any other reason speaks for itself when it is loaded.

    Raises:
        ResourceError: the address space is too small.
    """
    import signal  # noqa: PLC0415 - seldom needed
    import subprocess  # noqa: PLC0415 - seldom needed

    title, spare = LOADED[name]
    trial = [sys.executable, "-P", "-c", TRIAL, name, str(spare)]
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            trial, capture_output=True, check=False, timeout=TRIAL_SECONDS, encoding="utf-8", errors="replace"
        )
    except subprocess.TimeoutExpired:
        return
    ends = {OF_MEMORY, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS}
    words = done.returncode != 0 and any(words in done.stderr.lower() for words in (*_WORDS, *_WORDS_IN_C))
    if done.returncode in ends or words:
        raise ResourceError(f"{address_space_told()}, too little to work with {title}", LIFT)
