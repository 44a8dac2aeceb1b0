"""Where sets were read from, so that who names a known one that is not here is told of that path."""

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from genmodels.data.cache import cache_folders
from genmodels.durable import replace_file
from genmodels.errors import DataError
from genmodels.leftovers import NOBODY_WRITES, sweep_left_behind
from genmodels.printable import one_line
from genmodels.runs.run_dir import typed

NOTE = "read-from"  # beside a set in the cache, as old as the last time that it was read from there
LOOKED_AT = 3  # names at the end of a path, as torchvision has its files in MNIST/raw
SAYS_NOTHING = {  # of which set it is; the folder around it may
    "all", "data", "dataset", "images", "pictures", "processed", "raw", "recordings", "t10kimagesidx3ubyte", "test",
    "train", "trainimagesidx3ubyte",
}  # fmt: skip
SIZE = re.compile(r"[-_ ]\d+x\d+$")  # as in mnist_28x28


def remember(kind: str, key: str, source: str) -> None:
    """Note from which path a set in the cache was read; a cache that can't be written now forgets it.

    Args:
        kind: folder of such sets in the cache.
        key: of the set.
        source: the path.
    """
    content = _sealed(key, source.encode("utf-8", "surrogateescape"))
    for cache in cache_folders():
        note = cache / kind / key / NOTE
        with contextlib.suppress(OSError):
            if not note.parent.is_dir():
                continue
            if note.exists() and note.read_bytes() == content:
                os.utime(note)
            else:
                sweep_left_behind(note.parent, NOBODY_WRITES)
                replace_file(note, content)
        return


def _sealed(key: str, path: bytes) -> bytes:
    """A note: a sum over the key and the path, and the path."""
    return hashlib.sha256(key.encode() + b"\0" + path).hexdigest().encode() + b"\n" + path


def _path_in(note: Path) -> Path | None:
    """The path that was noted; None where the note is damaged, or that of another set."""
    content = note.read_bytes()
    path = content.partition(b"\n")[2]
    return Path(path.decode("utf-8", "surrogateescape")) if content == _sealed(note.parent.name, path) else None


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
        found = [note for cache in cache_folders() for note in (cache / kind).glob(f"*/{NOTE}")]
        for note in sorted(found, key=lambda note: note.stat().st_mtime, reverse=True):
            path = _path_in(note)
            if path is not None and path.exists():
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
