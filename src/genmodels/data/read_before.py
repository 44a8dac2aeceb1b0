"""Where sets were read from, so that who names a known one that is not here is told of that path."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from genmodels.data.cache import cache_folder
from genmodels.durable import replace_file
from genmodels.errors import DataError
from genmodels.ordinary import read_ordinary
from genmodels.printable import one_line
from genmodels.runs.run_dir import typed

NOTE = "read-from"  # beside a set in the cache, as old as the last time that it was read from there
LOOKED_AT = 3  # names at the end of a path, as torchvision has its files in MNIST/raw
SAYS_NOTHING = {  # of which set it is; the folder around it may
    "all", "data", "dataset", "images", "pictures", "processed", "raw", "recordings", "t10kimagesidx3ubyte", "test",
    "train", "trainimagesidx3ubyte",
}  # fmt: skip
SIZE = re.compile(r"[-_ ]\d+x\d+$")  # as in mnist_28x28


def remember(kept: Path, source: str) -> None:
    """Note from which path a set in the cache was read; a cache that can't be written now forgets it.

    Args:
        kept: the folder of the set in the cache.
        source: the path.
    """
    note, content = kept / NOTE, source.encode("utf-8", "surrogateescape")
    with contextlib.suppress(OSError):
        if note.exists() and note.read_bytes() == content:
            os.utime(note)
        else:
            replace_file(note, content)


def read_before(kind: str, *names: str) -> Path | None:
    """The path that was given last for a set that is called so, and is still there; None where there is none.

    Args:
        kind: folder of such sets in the cache.
        names: that a known set goes by, such as "mnist".
    """
    wanted = set(map(_plain, names))
    return next((path for path in _noted(kind) if _called(path) in wanted), None)


def told_before(path: Path) -> str:
    """That a path was read before, with the option that names it, as it can be typed."""
    return f"--dataset {one_line(typed(path))} was read before"


def _noted(kind: str) -> Iterator[Path]:
    """The paths that are noted and still there, the newest note first."""
    with contextlib.suppress(OSError):
        notes = sorted((cache_folder() / kind).glob(f"*/{NOTE}"), key=lambda note: note.stat().st_mtime, reverse=True)
        for path in (Path(read_ordinary(note).decode("utf-8", "surrogateescape")) for note in notes):
            if path.exists():
                yield path


def _called(path: Path) -> str:
    """What a path calls its set: the last of its names, without ending and size, that says anything.

    >>> [_called(Path(path)) for path in ("data/MNIST/raw", "mnist_28x28/all.npz", "mnist/letters.npz")]
    ['mnist', 'mnist', 'letters']
    """
    names = (_plain(SIZE.sub("", name.partition(".")[0])) for name in reversed(path.parts[-LOOKED_AT:]))
    return next((name for name in names if name not in SAYS_NOTHING), "")


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
        raise DataError(error.what, f"{told_before(path)}; or {error.hint}") from error
