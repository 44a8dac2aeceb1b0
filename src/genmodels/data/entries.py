"""Entries of the cache: each bound to its key, every byte of it to a sum, written whole or not at all.

An entry is a folder KIND/KEY with files of any names and `entry.json`, which has kind, key, the length and SHA-256 sum
of each, and its own sum. What is damaged, or lies under a key that is not its own, is made again, and told once.
"""

import contextlib
import errno
import hashlib
import json
import os
import stat
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from genmodels.data.bounded import AT_ONCE
from genmodels.data.cache import (
    BY_OTHERS,
    CACHE_HINT,
    NOT_OURS,
    cache_folder,
    cache_folders,
    is_believed,
    writable_folders,
)
from genmodels.durable import disk_errors, published_directory, to_json, write_synced
from genmodels.errors import DataError, RunError
from genmodels.leftovers import sweep_temporaries
from genmodels.telling import Notice, silent

Kept = TypeVar("Kept")
MANIFEST = "entry.json"
FORMAT = 1
MOST_LISTED = 1 << 20  # bytes of a manifest
TRIES = 3  # where others remove what is being written
KEPT_ELSEWHERE = "set GENMODELS_CACHE elsewhere."
MADE_AGAIN, NOT_USED = "it is made again", "it is not used"


class DamagedError(Exception):
    """An entry can't be used, with the reason; never seen by a user."""


_DAMAGE = (DamagedError, RunError, KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe in its place is not waited for


class KeptFile:
    """A file of an entry, which can be read as long as this lives, even where the entry is removed meanwhile.

    Args:
        path: of the file.

    Raises:
        OSError: it can't be opened.
    """

    def __init__(self, path: Path) -> None:
        self._file, self._lock = FileIO(path, opener=_opened), threading.Lock()
        self.status = os.fstat(self._file.fileno())
        if not stat.S_ISREG(self.status.st_mode):
            raise OSError(errno.EINVAL, "it is no ordinary file", str(path))

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()

    def sha256(self) -> str:
        """The sum of its content."""
        with self._lock:
            self._file.seek(0)
            return hashlib.file_digest(self._file, "sha256").hexdigest()

    def array(self, kind: "np.dtype[Any]", start: int = 0, stop: int | None = None) -> NDArray[Any]:
        """The numbers from start to stop, of those that it holds, as a new array.

        Raises:
            DamagedError: it has become shorter.
        """
        found = range(self.status.st_size // kind.itemsize)[start:stop]
        array = np.empty(len(found), kind)
        view, seen = array.view(np.uint8).data, 0
        with self._lock:
            self._file.seek(found.start * kind.itemsize)
            while seen < len(view) and (count := self._file.readinto(view[seen:])):
                seen += count
        if seen < len(view):
            raise DamagedError("a file of it has become shorter")
        return array


@dataclass(frozen=True)
class Entry:
    """An entry whose manifest is whole.

    Args:
        folder: where it lies.
        cache: the cache folder that it is in.
        sums: name of a file -> its bytes and SHA-256 sum; None for one that was kept before there were manifests.
    """

    folder: Path
    cache: Path
    sums: Mapping[str, tuple[int, str]] | None

    def open(self, name: str) -> KeptFile:
        """A file of it, after checking every byte.

        Raises:
            DamagedError: it is missing, damaged, or others may have written it.
        """
        file = self._opened(name)
        if self.sums is not None and file.sha256() != self.sums[name][1]:
            raise DamagedError(f"{name} is not as it was written")
        return file

    def array(self, name: str, kind: str = "u1") -> NDArray[Any]:
        """The numbers that a file of it holds.

        Raises:
            DamagedError: see `open`.
        """
        array = self._opened(name).array(np.dtype(kind))
        if self.sums is not None and hashlib.sha256(array.data).hexdigest() != self.sums[name][1]:
            raise DamagedError(f"{name} is not as it was written")
        return array

    def _opened(self, name: str) -> KeptFile:
        """A file of it that has the length that it should have, by who is believed."""
        if Path(name).name != name or (self.sums is not None and name not in self.sums):
            raise DamagedError(f"{name!a} is none of its files")
        try:
            file = KeptFile(self.folder / name)
            believed = is_believed(file.status, self.cache)
        except OSError as error:
            raise DamagedError(f"{name} can't be read: {error.strerror}") from error
        if not believed:
            raise DamagedError(f"others may have written {name}")
        if self.sums is not None and file.status.st_size != self.sums[name][0]:
            raise DamagedError(f"{name} has another length")
        return file

    def json(self, name: str) -> Any:
        """The document that a file of it holds.

        Raises:
            DamagedError: see `open`; or it is none.
        """
        try:
            return json.loads(self.array(name).tobytes())
        except (ValueError, RecursionError) as error:
            raise DamagedError(f"{name} is no JSON") from error


@dataclass
class Making:
    """An entry that is being written.

    Args:
        folder: in which, under a name of its own.
        sums: name of a file -> bytes and SHA-256 sum, of those that are written.
    """

    folder: Path
    sums: dict[str, tuple[int, str]] = field(default_factory=dict)

    def write(self, name: str, pieces: Iterable[bytes | memoryview]) -> None:
        """Write a file, synced, that nobody else may write to."""
        digest, count = hashlib.sha256(), 0
        with (self.folder / name).open("xb") as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
                count += len(piece)
            file.flush()
            _keep_others_out(self.folder / name)
            os.fsync(file.fileno())
        self.sums[name] = count, digest.hexdigest()

    def seal(self, kind: str, key: str) -> None:
        """Write the manifest."""
        write_synced(self.folder / MANIFEST, manifest_of(kind, key, self.sums))
        for path in (self.folder / MANIFEST, self.folder):
            _keep_others_out(path)


def _keep_others_out(path: Path) -> None:
    mode = path.stat().st_mode
    if os.name != "nt" and mode & BY_OTHERS:
        path.chmod(mode & 0o7777 & ~BY_OTHERS)


def pieces_of(*arrays: NDArray[Any]) -> Iterable[memoryview]:
    """The bytes of some arrays, a piece at a time and without a second copy of any."""
    for array in arrays:
        flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        for start in range(0, len(flat), AT_ONCE):
            yield flat[start : start + AT_ONCE].data


def manifest_of(kind: str, key: str, sums: Mapping[str, tuple[int, str]]) -> bytes:
    """What `entry.json` holds."""
    files = {name: {"bytes": count, "sha256": found} for name, (count, found) in sorted(sums.items())}
    listed = {"format": FORMAT, "kind": kind, "key": key, "files": files}
    return to_json({**listed, "seal": hashlib.sha256(to_json(listed)).hexdigest()})


def look(
    kind: str, key: str, opened: Callable[[Entry], Kept], notice: Notice = silent, *, gone: bool = False
) -> Kept | None:
    """What is kept under a key, in the first cache folder that has it whole; None where none has.

    Args:
        kind: of entries: "images".
        key: names it among these.
        opened: makes it of an entry.
        notice: is told of a damaged one.
        gone: what it was made of is gone: then one without a manifest, of an earlier version, is taken, too.
    """
    for cache in cache_folders():
        folder = cache / kind / key
        try:
            entry = _entry(folder, cache, kind, key, gone)
            if entry is not None:
                return opened(entry)
        except _DAMAGE as error:
            why = str(error) if isinstance(error, DamagedError) else "its facts contradict each other"
            notice(f"{folder} in the cache is damaged ({why}): {NOT_USED if gone else MADE_AGAIN}")
    return None


def _entry(folder: Path, cache: Path, kind: str, key: str, gone: bool) -> Entry | None:
    """The entry in a folder; None where there is none, or one that can't be seen.

    Raises:
        DamagedError: the manifest is not whole, or is that of another key.
    """
    try:
        if not is_believed(folder.stat(), cache):
            raise DamagedError("others may have written it")
        file = KeptFile(folder / MANIFEST)
        told = file.array(np.dtype("u1"), 0, MOST_LISTED).tobytes()
        if not is_believed(file.status, cache):
            raise DamagedError(f"others may have written {MANIFEST}")
    except OSError:
        return Entry(folder, cache, None) if gone and os.path.isdir(folder) else None  # noqa: PTH112 - pathlib's may fail
    try:
        listed = json.loads(told)["files"]
        sums = {str(name): (int(facts["bytes"]), str(facts["sha256"])) for name, facts in listed.items()}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise DamagedError(f"{MANIFEST} can't be read") from error
    if told != manifest_of(kind, key, sums):
        raise DamagedError(f"{MANIFEST} is not as it was written, or of another entry")
    return Entry(folder, cache, sums)


def keys_of(kind: str) -> list[str]:
    """The keys of a kind under which anything lies, in any cache folder; others may remove it meanwhile."""
    found: set[str] = set()
    for cache in cache_folders():
        with contextlib.suppress(OSError), os.scandir(cache / kind) as inside:
            found |= {one.name for one in inside if not one.name.startswith(".")}
    return sorted(found)


def keep(
    kind: str, key: str, fill: Callable[[Making], None], opened: Callable[[], Kept | None], notice: Notice
) -> Kept:
    """Write an entry, durably and as a whole, and open it.

    Where another process removes the cache meanwhile, it is written again, at last into another folder; so it is where
    the cache can't be written as it is somebody else's. Either is told.

    Args:
        kind: of entries.
        key: names it among these.
        fill: writes its files.
        opened: opens it, from wherever it is; None where it is not there.
        notice: is told where it is kept elsewhere.

    Raises:
        ResourceError: no cache folder can be written, or the disk is full.
        DataError: the cache folder does not keep what is written.
    """
    for cache in writable_folders():
        kept, why = _kept_in(cache, kind, key, fill, opened)
        if kept is not None:
            return kept
        notice(f"the cache {cache} {why}: another one is taken")
    raise DataError(f"the cache {cache_folder()} does not keep what is written", KEPT_ELSEWHERE)


def _kept_in(
    cache: Path, kind: str, key: str, fill: Callable[[Making], None], opened: Callable[[], Kept | None]
) -> tuple[Kept | None, str]:
    """What was written into a cache folder; None, and why, where it is to be another one.

    Raises:
        ResourceError: the disk is full, or there can't be such a folder.
        DataError: the folder does not keep what is written.
    """
    target, unkept = cache / kind / key, 0
    for _ in range(TRIES):
        try:
            _write(target, kind, key, fill, lambda: opened() is not None)
        except FileNotFoundError:
            continue
        except OSError as error:
            if error.errno in NOT_OURS:
                return None, f"can't be written ({error.strerror})"
            with disk_errors(target, CACHE_HINT):
                raise
        found = opened()
        if found is not None:
            return found, ""
        unkept += (target / MANIFEST).exists()
    if unkept == TRIES:  # as a file system that knows no owners or modes: all in it may be others'
        return None, "does not keep what is written, or others may write to all that is in it"
    return None, "is removed again and again while it is written"


def _write(target: Path, kind: str, key: str, fill: Callable[[Making], None], is_good: Callable[[], bool]) -> None:
    with published_directory(target, is_good) as folder:
        sweep_temporaries(target.parent, seconds_old=86_400.0)
        making = Making(folder)
        fill(making)
        making.seal(kind, key)
