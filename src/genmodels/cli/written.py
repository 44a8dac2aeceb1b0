"""Files and folders that a command made: each told by a line of its kind and its path, whatever command it is."""

import sys
from collections.abc import Mapping
from pathlib import Path

from genmodels.cli.console import is_terminal, note, say, write_line
from genmodels.exhibit import FIGURES

KINDS: Mapping[str, str] = {  # ending -> what such a file is called; any other holds texts
    **dict.fromkeys(FIGURES, "figure"), ".gif": "animation", ".csv": "table", ".npz": "numbers", ".json": "everything",
    ".html": "page",
}  # fmt: skip


def tell(path: Path, kind: str | None = None) -> None:
    """Say on stderr where something is.

    Args:
        path: of a file or folder.
        kind: what it is called; None: what its ending says.
    """
    say(f"{kind or KINDS.get(path.suffix.lower(), 'texts')}: {path}")


def give(path: Path) -> None:
    """Write to stdout where all of a command's result lies, for a program: a terminal shows what was told of it."""
    if not is_terminal(sys.stdout):
        write_line(str(path))


def open_page(path: Path, wanted: bool | None) -> None:
    """Open a page in the browser, and say where there is none.

    Args:
        path: of it.
        wanted: whether to; None: where a person watches.
    """
    import webbrowser

    shown = is_terminal(sys.stderr) if wanted is None else wanted
    if shown and not webbrowser.open(path.absolute().as_uri()):
        note("no browser was found to open it in")
