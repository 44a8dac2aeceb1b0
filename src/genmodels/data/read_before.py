"""Where sets were read from, so that who names a known one that is not here is told of that path."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from genmodels.data.cache import cache_folder
from genmodels.durable import replace_file
from genmodels.errors import DataError
from genmodels.printable import one_line

NOTE = "read-from"  # beside a set in the cache
LOOKED_AT = 3  # names at the end of a path, as torchvision has its files in MNIST/raw


def remember(kept: Path, source: str) -> None:
    """Note from which path a set in the cache was read; a cache that can't be written now forgets it.

    Args:
        kept: the folder of the set in the cache.
        source: the path.
    """
    note, content = kept / NOTE, source.encode("utf-8", "surrogateescape")
    with contextlib.suppress(OSError):
        if not note.exists() or note.read_bytes() != content:
            replace_file(note, content)


def read_before(kind: str, *names: str) -> Path | None:
    """The path that was given last for a set that is called so, and is still there; None where there is none.

    Args:
        kind: folder of such sets in the cache.
        names: that a known set goes by, such as "mnist".
    """
    wanted = tuple(map(_plain, names))
    return next((path for path in _noted(kind) if _plain_of(path).intersection(wanted)), None)


def _noted(kind: str) -> Iterator[Path]:
    """The paths that are noted and still there, the newest note first."""
    with contextlib.suppress(OSError):
        notes = sorted((cache_folder() / kind).glob(f"*/{NOTE}"), key=lambda note: note.stat().st_mtime, reverse=True)
        for path in (Path(note.read_bytes().decode("utf-8", "surrogateescape")) for note in notes):
            if path.exists():
                yield path


def _plain_of(path: Path) -> set[str]:
    """What the end of a path may be called: its last names, and the first word of each."""
    found = path.parts[-LOOKED_AT:]
    return {_plain(name) for name in found} | {_plain(name.partition("_")[0].partition(".")[0]) for name in found}


def _plain(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())


@contextlib.contextmanager
def paths_told(kind: str, *names: str) -> Iterator[None]:
    """Within it a known set that is not to be had hints at the path from which it was read before; arguments as above.

    Raises:
        DataError: as within it.
    """
    try:
        yield
    except DataError as error:
        path = read_before(kind, *names)
        if path is None:
            raise
        raise DataError(error.what, f"--dataset {one_line(str(path))} was read before; or {error.hint}") from error
