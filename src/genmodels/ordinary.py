"""What is read from the disk: ordinary files alone, and JSON of numbers that a program can compute with.

A named pipe that nobody writes into is waited for, a device such as /dev/zero never ends: neither is ever opened.
"""

import errno
import io
import json
import math
import os
import re
import stat
from pathlib import Path
from typing import Any

from genmodels.errors import RunError
from genmodels.limits import hint_of

_OURS = re.compile(r"/dev/(stdin|fd/\d+)|/proc/(self|\d+)/fd/\d+")  # how a shell names a pipe that it made: <(...)
_MOST_DIGITS = 19  # of a whole number: none of ours is larger than 64 bits hold
_KINDS = (
    (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"),
)  # fmt: skip


def open_ordinary(path: Path, *, piped: bool = False) -> io.BufferedReader:
    """An ordinary file to read; the null device is an empty one.

    Args:
        path: where it is; links are followed.
        piped: a pipe will do too that was handed to this process, as by a shell's `<(...)`: it can be read once.

    Raises:
        OSError: it can't be read, or is something else: looked at before it is opened, and again when it is.
    """
    _check(path, os.stat(path), piped)  # noqa: PTH116 - its error names the path as it was given
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        _check(path, os.fstat(descriptor), piped)
        if hasattr(os, "O_NONBLOCK"):
            os.set_blocking(descriptor, True)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_ordinary(path: Path, *, piped: bool = False) -> bytes:
    """The bytes of an ordinary file; arguments and errors as those of `open_ordinary`."""
    with open_ordinary(path, piped=piped) as file:
        return file.read()


def check_ordinary(path: Path) -> None:
    """Refuse what is no ordinary file, for a library that opens it by its path.

    Raises:
        OSError: it is, or can't be looked at.
    """
    _check(path, os.stat(path), piped=False)  # noqa: PTH116 - as above


def unreadable(path: Path, error: OSError) -> RunError:
    """What to say of a file of a run that can't be read."""
    return RunError(f"{path} cannot be read: {error.strerror or error}", hint_of(error) or "check its permissions.")


def is_handed(path: Path) -> bool:
    """Whether a path names a pipe that was handed to this process, as by a shell's `<(...)`."""
    try:
        return _OURS.fullmatch(str(path)) is not None and stat.S_ISFIFO(path.stat().st_mode)
    except OSError:
        return False


def _check(path: Path, status: os.stat_result, piped: bool) -> None:
    if stat.S_ISREG(status.st_mode) or (piped and is_handed(path)) or _is_null(status):
        return
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder, not a file", str(path))
    kind = next((name for holds, name in _KINDS if holds(status.st_mode)), "something else")
    raise OSError(errno.EINVAL, f"it is {kind}, not an ordinary file", str(path))


def _is_null(status: os.stat_result) -> bool:
    """Whether it is the null device, which holds nothing."""
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == Path(os.devnull).stat().st_rdev


def strict_json(text: str | bytes) -> Any:
    """What a text in JSON holds; numbers are finite, and whole ones have at most 19 digits, as all of ours.

    Raises:
        ValueError: it is no JSON, holds NaN, Infinity or a larger number, or is nested too deep.

    >>> strict_json('{"step": 3}')
    {'step': 3}
    """
    try:
        return json.loads(text, parse_constant=_refused, parse_int=_whole, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits is too large")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:_MOST_DIGITS]} is too large")
    return number
