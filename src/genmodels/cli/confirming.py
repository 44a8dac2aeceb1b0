"""What can't be undone is asked first: a person, or for a program --yes."""

import sys
from typing import Annotated

import typer

from genmodels.cli.console import as_wide_as_the_screen, is_terminal, say, write_aside
from genmodels.errors import UsageError
from genmodels.printable import one_line

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]


def agreed(question: str, yes: bool) -> bool:
    """Whether it may be done; anything but y or yes is a no.

    Args:
        question: of one line.
        yes: it was agreed to beforehand.

    Raises:
        UsageError: nobody is there to be asked.
    """
    if yes:
        return True
    if sys.stdin is None or not sys.stdin.isatty() or not is_terminal(sys.stderr):
        raise UsageError(f"nobody can be asked here: {question}", "add --yes to do it; nothing was changed.")
    write_aside(as_wide_as_the_screen(f"{one_line(question)} [y/N]") + " ")
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        write_aside("\n")
        say("nothing was changed")
        raise
    if answer.strip().lower() in {"y", "yes"}:
        return True
    write_aside("" if answer else "\n")
    say("nothing was changed")
    return False
