"""A disk that fails: each call that changes it is counted, and at the k-th the process dies, or is told of an error.

It stands between Python and the operating system, in this process, so that thousands of deaths take seconds. A process
that died touches the disk no more: what unwinds afterwards finds every call refused.
"""

# ruff: noqa: PTH100, PTH115, PTH118
# It is the functions of `os` that these stand before.

import builtins
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CALLS = ("open", "write", "fsync", "rename", "replace", "mkdir", "rmdir", "unlink", "remove", "truncate", "ftruncate")
After = Callable[[], object]


class Died(BaseException):
    """What a killed process would not see."""


class Disk:
    """Counts the calls on files below a folder, and fails at one of them.

    Args:
        root: calls elsewhere are none of its business.
        at: the number of the call that fails, from 1; 0: none does.
        error: with which number of `errno`; None: the process dies.
        lasting: every later call that needs space fails too, as on a full disk.
    """

    def __init__(self, root: Path, at: int = 0, error: int | None = None, *, lasting: bool = False) -> None:
        self.root, self.at, self.error, self.lasting = os.path.realpath(root), at, error, lasting
        self.count, self.dead = 0, False
        self.before: Callable[[str, tuple[Any, ...]], None] = lambda name, arguments: None
        self.after: Callable[[str, tuple[Any, ...]], None] = lambda name, arguments: None

    def step(self, name: str) -> None:
        """A call is about to be made.

        Raises:
            Died, OSError: it is the one.
        """
        if self.dead:
            raise Died
        self.count += 1
        needs_space = name in {"write", "open", "mkdir"}
        if self.count != self.at and not (self.lasting and 0 < self.at < self.count and needs_space):
            return
        if self.error is None:
            self.dead = True
            raise Died
        raise OSError(self.error, os.strerror(self.error))

    def concerns(self, path: Any, directory: int | None = None) -> bool:
        """Whether a path, or what a descriptor is open on, lies below the folder."""
        if isinstance(path, int):
            path = os.readlink(f"/proc/self/fd/{path}")
        elif directory is not None:
            path = os.path.join(os.readlink(f"/proc/self/fd/{directory}"), os.fspath(path))
        return os.path.abspath(os.fsdecode(os.fspath(path))).startswith(self.root)

    def wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """One of the operating system's calls, counted."""

        def counted(path: Any, *arguments: Any, **more: Any) -> Any:
            reads = name == "open" and not (arguments and arguments[0] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
            if reads or not self.concerns(path, more.get("dir_fd")):
                if self.dead and self.concerns(path, more.get("dir_fd")):
                    raise Died
                return call(path, *arguments, **more)
            self.step(name)
            self.before(name, (path, *arguments))
            found = call(path, *arguments, **more)
            self.after(name, (path, *arguments))
            return found

        return counted

    def opened(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """`open`: of what is written each piece is counted, and a torn one is half there."""

        def counted(path: Any, mode: str = "r", *arguments: Any, **more: Any) -> Any:
            if self.dead:
                raise Died
            if not set(mode) & set("wax+") or not self.concerns(path):
                return call(path, mode, *arguments, **more)
            if not isinstance(path, int):
                self.step("open")
            return Written(call(path, mode, *arguments, **more), self)

        return counted


class Written:
    """A file that is open for writing, on such a disk; nothing of it waits in a buffer."""

    def __init__(self, file: Any, disk: Disk) -> None:
        self.file, self.disk = file, disk

    def write(self, data: Any) -> int:
        try:
            self.disk.step("write")
        except (Died, OSError):
            self.file.write(data[: len(data) // 2])
            self.file.flush()
            raise
        written = self.file.write(data)
        self.file.flush()
        return int(written)

    def truncate(self, size: int) -> int:
        self.disk.step("truncate")
        return int(self.file.truncate(size))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def __enter__(self) -> "Written":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


@contextmanager
def on(disk: Disk) -> Iterator[Disk]:
    """Within it that disk is the one that this process has."""
    kept = {name: getattr(os, name) for name in CALLS if hasattr(os, name)}
    opens = io.open
    for name, call in kept.items():
        setattr(os, name, disk.wrapped(name, call))
    io.open = builtins.open = disk.opened(opens)  # type: ignore[assignment]
    try:
        yield disk
    finally:
        for name, call in kept.items():
            setattr(os, name, call)
        io.open = builtins.open = opens


def works_here() -> bool:
    """Whether descriptors can be followed to their paths."""
    return sys.platform == "linux"
