"""Standard input that nobody asked for: a text that was meant to be read must not be left unread in silence."""

import array
import os
import stat
import sys
from collections.abc import Sequence

from genmodels.cli.console import note
from genmodels.errors import UsageError

HOW_READ = "standard input is read where - stands in place of a file"


def named_to_read(names: Sequence[str] | None) -> Sequence[str]:
    """What was named; nothing may be, but not while a text waits on standard input.

    A terminal, a device such as /dev/null, a closed input and an empty one hold nothing. A pipe that is open and
    empty may belong to whoever started this program, and is never waited for: then one line says what holds.

    Raises:
        UsageError: a file with something in it, or a pipe that has some already.
    """
    waiting = None if names else unread()
    if waiting == "open":
        note(f"nothing was named to read; {HOW_READ}")
    elif waiting is not None:
        hint = "add - to read it; < /dev/null says that it is not meant."
        raise UsageError(f"{waiting} waits on standard input, but nothing was named to read", hint)
    return names or ()


def tell_unread() -> None:
    """Say that a text on standard input is not read, where it may as well belong to a loop around this command."""
    if unread() not in {None, "open"}:
        note(f"{HOW_READ}; here it is not")


def unread() -> str | None:
    """What waits on standard input: "a file", "a text", or "open", a pipe that may yet bring one; None: nothing."""
    try:
        descriptor = sys.stdin.fileno()
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            return "a file" if status.st_size > os.lseek(descriptor, 0, os.SEEK_CUR) else None
    except (AttributeError, OSError, ValueError):  # pythonw has none; it was closed; a notebook's is no file
        return None
    if not (stat.S_ISFIFO(status.st_mode) or stat.S_ISSOCK(status.st_mode)):
        return None
    return _in_pipe(descriptor)


def _in_pipe(descriptor: int) -> str | None:
    """What a pipe holds at this moment."""
    try:
        import fcntl
        import select
        import termios
    except ImportError:  # Windows can't be asked
        return None
    if not select.select([descriptor], [], [], 0)[0]:
        return "open"
    count = array.array("i", [0])
    fcntl.ioctl(descriptor, termios.FIONREAD, count)
    return "a text" if count[0] > 0 else None
