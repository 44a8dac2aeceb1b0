"""What goes to the screen: stdout carries the result alone, stderr everything else.

Every text that the program did not write itself passes through `printable` before it reaches a terminal:
Rich does not remove escape sequences.
"""

import contextlib
import os
import shutil
import sys
from typing import TYPE_CHECKING, TextIO

from genmodels.cli.layout import wrapped
from genmodels.errors import GenmodelsError, Stopped
from genmodels.printable import one_line, printable
from genmodels.streams import is_quiet

if TYPE_CHECKING:
    from rich.console import Console

_VALUE = r"""(?!--)(?:'[^']*'|"[^"]*"|[^ '"])+"""  # of an option, quoted as shells ask for
_IN_A_SENTENCE = rf"(?<![^ (])genmodels (?:runs |find-rate )?[a-z][a-z-]*(?: --help\b| --[a-z-]+(?: {_VALUE})?)*"
_AFTER_A_COLON = r"(?<=: )(?<!^error: )(?<!^hint: )(?<!^note: )genmodels .*"
COMMAND = rf"(?:{_AFTER_A_COLON}|{_IN_A_SENTENCE})"
"""A command that a person could type: to the end after a colon; in a sentence as far as its options go."""


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person reads this stream, on a terminal that can do more than lines; None is what pythonw has."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def write_result(text: str, end: str = "\n") -> None:
    """Write a text that is a result to stdout: filtered on a terminal, raw where it is piped.

    What a model wrote goes so; names and sentences go through `write_line`.
    """
    shown = printable(text) if sys.stdout.isatty() else text
    sys.stdout.write(shown + end)
    sys.stdout.flush()


def write_line(text: str) -> None:
    """Write a line of a result to stdout, filtered in a pipe too: --json has names as a program can read them back."""
    write_result(one_line(text))


def write_aside(text: str) -> None:
    """Write to stderr as it is; that nobody reads it any more, or ever did (pythonw), must not stop the work."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


def say(text: str) -> None:
    """Write a line to stderr unless -q was given; on a terminal no word of it is broken."""
    if not is_quiet():
        say_in_any_case(text)


def say_in_any_case(text: str) -> None:
    """Write a line to stderr: whatever a name or an error holds, it stays one line, and steers no terminal."""
    write_aside(as_wide_as_the_screen(one_line(text)) + "\n")


def as_wide_as_the_screen(text: str) -> str:
    """Text for stderr, which on a terminal is broken between words."""
    if not is_terminal(sys.stderr):
        return text
    return "\n".join(broken(text, shutil.get_terminal_size().columns))


def broken(text: str, width: int) -> list[str]:
    """A text in lines that are no wider, unless a word is; a command to type stays whole, so that it can be copied.

    >>> broken("hint: that is too long; genmodels runs show --run a shows all.", 24)
    ['hint: that is too long;', 'genmodels runs show --run a', 'shows all.']
    """
    return wrapped(text, width, rf"(?:{COMMAND}|[^ ])+")


def note(sentence: str) -> None:
    """Tell what the user should know and need not act on."""
    say(f"note: {sentence}")


def show_error(error: GenmodelsError) -> None:
    """`error: ...` and `hint: ...`, a line each; who stopped a training on purpose made no error."""
    what, hint = error.typed
    say_in_any_case(("" if isinstance(error, Stopped) else "error: ") + what)
    if hint is not None:
        say_in_any_case(f"hint: {hint}")


def rich_console(stream: TextIO) -> "Console":
    """A Rich console that adds nothing of its own to our text; NO_COLOR and COLUMNS are obeyed by Rich."""
    from rich.console import Console

    return Console(file=stream, markup=False, highlight=False, emoji=False, soft_wrap=False)
