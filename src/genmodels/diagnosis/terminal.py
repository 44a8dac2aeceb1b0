"""The terminal: whether there is one, how wide it is, its colours and its encoding."""

import os
import shutil
import sys
from typing import TextIO

from genmodels.cli.console import is_terminal, rich_console
from genmodels.cli.notebook import in_notebook
from genmodels.diagnosis.section import Fact, Section, plain
from genmodels.diagnosis.system import variables

VARIABLES = ("TERM", "NO_COLOR", "COLUMNS")


def terminal() -> Section:
    """What the two streams are, and what is known of the one who reads them."""
    columns, rows = shutil.get_terminal_size()
    notebook = in_notebook()
    return Section(
        "terminal",
        [
            _stream("stdout", sys.stdout),
            _stream("stderr", sys.stderr),
            Fact("size", [columns, rows], f"{columns} columns, {rows} rows"),
            plain("colours", _colours(), "none"),
            Fact("notebook", notebook, "yes" if notebook else "no"),
            *variables(VARIABLES),
        ],
    )


def _stream(name: str, stream: TextIO | None) -> Fact:
    """Whether a person reads it; encodings are named, as one without all characters shows escapes."""
    stream = getattr(stream, "rich_proxied_file", stream)  # while a bar is drawn, Rich's own stands before it
    watched, encoding = is_terminal(stream), getattr(stream, "encoding", None)
    value = {"terminal": watched, "encoding": encoding}
    return Fact(name, value, f"{'a terminal' if watched else 'no terminal'}, {encoding or 'no encoding'}")


def _colours() -> str | None:
    """How many colours Rich would use on stderr, where progress is shown."""
    if sys.stderr is None or os.environ.get("NO_COLOR"):
        return None
    return rich_console(sys.stderr).color_system
