"""Paths, folders, standard input and the built-in text as files, read in pieces."""

import io
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from genmodels.durable import disk_errors
from genmodels.errors import DataError
from genmodels.paths import expanded

PIECE = 1 << 20  # bytes read at a time
BUILT_IN = "built-in"
STANDARD_INPUT = "-"


def find_files(names: Sequence[str], glob: str) -> list[str]:
    """Files meant by paths and folders, in order; a folder gives its files that match `glob`, sorted.

    Raises:
        DataError: a path is missing, is no ordinary file, or a folder holds no match.
    """
    return [file for name in names for file in _meant_by(expanded(name), glob)]


def _meant_by(name: str, glob: str) -> list[str]:
    if not name:
        raise DataError("a path is empty", "name a file, or '.' for the text files of this folder.")
    path = Path(name)
    if name == STANDARD_INPUT:
        return [name]
    if path.is_dir():
        matches = _matches(path, glob)
        if not matches:
            raise DataError(f"no file in {name} matches {glob!r}", "give another --glob, e.g. '*.md'.")
        return matches
    if not path.exists():
        raise DataError(f"there is no file {name}", "check the path.")
    if not stat.S_ISREG(path.stat().st_mode):
        raise DataError(f"{name} is not an ordinary file", "pipe it in instead, with '-' as the path.")
    return [name if name != BUILT_IN else str(path.resolve())]


def _matches(folder: Path, glob: str) -> list[str]:
    try:
        return sorted(str(p) for p in folder.rglob(glob) if p.is_file() and not _is_ours_or_hidden(p, folder))
    except (NotImplementedError, ValueError) as error:
        hint = "write it relative to the folder, e.g. '*.md'."
        raise DataError(f"--glob {glob!r} is no pattern within a folder: {error}", hint) from error


def _is_ours_or_hidden(path: Path, folder: Path) -> bool:
    """Whether a file lies in a hidden folder or in a run directory, whose samples are no corpus."""
    above = path.relative_to(folder).parents
    return any(p.name.startswith(".") or (folder / p / "run.json").exists() for p in above if p.name)


def built_in_text() -> str:
    """The Python language reference as CPython itself carries it (`pydoc_data.topics`)."""
    from pydoc_data.topics import topics  # noqa: PLC0415 - half a megabyte, seldom needed

    return "\n\n".join(topics[name].strip("\n") for name in sorted(topics)) + "\n"


def as_file(name: str, spool: Path, given: bytes | None = None) -> Path:
    """A readable file: standard input, what is given in its place, and the built-in corpus are written out first."""
    if name == BUILT_IN:
        path = spool / "built-in.txt"
        path.write_text(built_in_text(), encoding="utf-8", newline="\n")
        return path
    if name == STANDARD_INPUT:
        path = spool / "stdin"
        with disk_errors(path, "set TMPDIR to a folder with more space."), path.open("wb") as file:
            source = sys.stdin.buffer if given is None else io.BytesIO(given)
            while piece := source.read(PIECE):
                file.write(piece)
        return path
    return Path(name)


def pieces_of(path: Path, name: str) -> Iterator[bytes]:
    """The bytes of a file, a piece at a time; `name` is what an error calls it."""
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror}", "check its permissions.") from error
