"""Files and folders that a command made: each told by a line of its kind and its path, whatever command it is."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from genmodels.cli.console import is_terminal, note, say, write_line
from genmodels.exhibit import FIGURES
from genmodels.named_files import is_replaced
from genmodels.printable import one_line
from genmodels.telling import replaced_told

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


@contextmanager
def told(files: Sequence[Path]) -> Iterator[None]:
    """Say what else was done within it to write files that the user named."""
    with _new_folders_told(files), _replaced_told(files):
        yield


@contextmanager
def _replaced_told(files: Sequence[Path]) -> Iterator[None]:
    """Say which of them were there before and are others now: they may have been what another command had made."""
    before = {file: _state_of(file) for file in dict.fromkeys(files)}
    try:
        yield
    finally:
        for file, state in before.items():
            if state is not None and _state_of(file) != state:
                link = f"{one_line(str(file))} is a link: " if file.is_symlink() else ""
                note(link + replaced_told(file.resolve() if link else file))


def _state_of(path: Path) -> tuple[int, int, int] | None:
    """By what it is known that a file was written anew; None where there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):  # the latter of a name that no file can have, which is told before it is written
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size) if is_replaced(path) else None


@contextmanager
def _new_folders_told(files: Sequence[Path]) -> Iterator[None]:
    """Say which folders were made within it for files that the user named: one may be a slip."""
    missing = [folder for folder in dict.fromkeys(file.parent for file in files) if not _is_folder(folder)]
    try:
        yield
    finally:
        for folder in filter(_is_folder, missing):
            note(f"made the folder {one_line(str(folder))}")


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - pathlib's fails for a long name
