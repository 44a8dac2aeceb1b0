"""Standard input and the built-in text as files; files read in pieces."""

import io
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from genmodels.durable import disk_errors
from genmodels.errors import DataError
from genmodels.ordinary import is_handed, open_ordinary

PIECE = 1 << 20  # bytes read at a time
BUILT_IN = "built-in"
BUILT_IN_PROMPT = "When a function is called,"  # how samples begin of what was trained on it
STANDARD_INPUT = "-"
SPOOL_HINT = "set TMPDIR to a folder with more space."
RULED = re.compile(r"\s*([+|].*[+|]|[+]?([-=*~^])\2{3,})\s*")  # a line of a drawn table, or one below a heading


def built_in_text() -> str:
    """The Python language reference as CPython itself carries it (`pydoc_data.topics`), without tables and rules.

    Their dashes and blanks are learned first, and would be most of what a small model writes.
    """
    from pydoc_data.topics import topics  # noqa: PLC0415 - half a megabyte, seldom needed

    whole = "\n\n".join(topics[name].strip("\n") for name in sorted(topics))
    return "".join(f"{line}\n" for line in whole.split("\n") if not RULED.fullmatch(line))


def as_file(name: str, spool: Path, given: bytes | None = None) -> Path:
    """A readable file: standard input, what is given in its place, and the built-in corpus are written out first."""
    if name == BUILT_IN:
        path = spool / "built-in.txt"
        path.write_text(built_in_text(), encoding="utf-8", newline="\n")
        return path
    if name == STANDARD_INPUT:
        path = spool / "stdin"
        with disk_errors(path, SPOOL_HINT), path.open("wb") as file:
            source = sys.stdin.buffer if given is None else io.BytesIO(given)
            while piece := source.read(PIECE):
                file.write(piece)
        return path
    return _spooled(Path(name), spool) if is_handed(Path(name)) else Path(name)


def _spooled(pipe: Path, spool: Path) -> Path:
    """A copy of what a pipe brings, such as a shell's `<(...)`: it can be read once only."""
    path = spool / f"pipe-{pipe.name}"
    with disk_errors(path, SPOOL_HINT), open_ordinary(pipe, piped=True) as source, path.open("wb") as file:
        shutil.copyfileobj(source, file, PIECE)
    return path


def pieces_of(path: Path, name: str) -> Iterator[bytes]:
    """The bytes of a file, a piece at a time; `name` is what an error calls it."""
    try:
        with open_ordinary(path) as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror}", "check its permissions.") from error
