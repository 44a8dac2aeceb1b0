"""Locks: files that one process holds, and that the system frees however it ends."""

import contextlib
import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from genmodels.durable import disk_errors, opened_ours
from genmodels.errors import RunError

_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}
LOOKS, SECONDS_BETWEEN = 3, 0.05  # `is_locked` elsewhere holds a lock for a moment


@contextlib.contextmanager
def locked(path: Path, what: str, notice: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file; the system frees it when the process ends, however it ends.

    Args:
        path: the lock file.
        what: what is locked, for the message.
        notice: is told where the file system has no locks; then nothing is held.

    Raises:
        RunError: another process holds it.
    """
    with disk_errors(path):
        file = os.fdopen(opened_ours(path, os.O_RDWR | os.O_CREAT), "r+b")
    with file:
        try:
            _lock_patiently(file)
        except OSError as error:
            if error.errno in _HELD:
                hint = "wait for it or stop it first."
                raise RunError(f"{what} is being trained by another process", hint) from error
            notice(f"{path} cannot be locked ({error.strerror}): let no other process train this run meanwhile")
        yield


@contextlib.contextmanager
def locked_to_move(path: Path, what: str, notice: Callable[[str], None]) -> Iterator[None]:
    """As `locked`, around a block that moves the directory of the lock file.

    Windows moves no directory in which a file is open: there the lock is let go first, and whoever takes it in between
    keeps the directory in its place.
    """
    if os.name != "nt":
        with locked(path, what, notice):
            yield
        return
    with locked(path, what, notice):
        pass
    yield


def is_locked(path: Path) -> bool:
    """Whether a process holds a lock file now; False where there is none, or the file system has no locks."""
    with contextlib.suppress(OSError), os.fdopen(opened_ours(path, os.O_RDONLY), "rb") as file:
        try:
            _lock(file, alone=False)
        except OSError as error:
            return error.errno in _HELD
    return False


def _lock_patiently(file: IO[bytes]) -> None:
    """Lock a file, unless somebody holds it for longer than a look takes."""
    for _ in range(LOOKS - 1):
        try:
            return _lock(file)
        except OSError as error:
            if error.errno not in _HELD:
                raise
            time.sleep(SECONDS_BETWEEN)
    return _lock(file)


def _lock(file: IO[bytes], alone: bool = True) -> None:
    """Lock a file or raise an OSError; who only looks shares it, which needs no right to write on any file system."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - only there

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.flock(file.fileno(), (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
