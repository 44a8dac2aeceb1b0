"""What goes to the screen: stdout carries the result alone, stderr everything else.

Every text that the program did not write itself passes through `printable` before it reaches a terminal:
Rich does not remove escape sequences.
"""

import contextlib
import os
import sys
from typing import TYPE_CHECKING, TextIO

from genmodels.errors import GenmodelsError, Stopped
from genmodels.printable import printable

if TYPE_CHECKING:
    from rich.console import Console


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person reads this stream, on a terminal that can do more than lines; None is what pythonw has."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def write_result(text: str, end: str = "\n") -> None:
    """Write a result to stdout: filtered on a terminal, raw where it is piped."""
    shown = printable(text) if sys.stdout.isatty() else text
    sys.stdout.write(shown + end)
    sys.stdout.flush()


def write_aside(text: str) -> None:
    """Write to stderr as it is; that nobody reads it any more, or ever did (pythonw), must not stop the work."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


def say(text: str) -> None:
    """Write a line to stderr, always filtered."""
    write_aside(printable(text) + "\n")


def note(sentence: str) -> None:
    """Tell what the user should know and need not act on."""
    say(f"note: {sentence}")


def show_error(error: GenmodelsError) -> None:
    """`error: ...` and `hint: ...`, a line each; who stopped a training on purpose made no error."""
    say(("" if isinstance(error, Stopped) else "error: ") + error.what.replace("\n", " "))
    if error.hint is not None:
        say("hint: " + error.hint.replace("\n", " "))


def rich_console(stream: TextIO) -> "Console":
    """A Rich console that adds nothing of its own to our text; NO_COLOR and COLUMNS are obeyed by Rich."""
    from rich.console import Console

    return Console(file=stream, markup=False, highlight=False, emoji=False, soft_wrap=False)
