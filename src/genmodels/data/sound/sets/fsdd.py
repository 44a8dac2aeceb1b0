"""The Free Spoken Digit Dataset: fetched as published, or placed by hand, and checked by the sum of its files."""

import gzip
import hashlib
import struct
import tarfile
import zlib
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import IO, Protocol, cast
from urllib.error import HTTPError
from urllib.request import urlopen

from genmodels.data.bounded import InPieces
from genmodels.data.cache import CACHE_HINT
from genmodels.data.downloads import NETWORK_SECONDS, downloads_folder, first_line
from genmodels.data.offline import is_offline
from genmodels.data.walking import walk_folder
from genmodels.durable import disk_errors
from genmodels.errors import DataError
from genmodels.ordinary import open_ordinary
from genmodels.telling import Notice

NAME, TITLE = "fsdd", "Free Spoken Digit Dataset"
COMMIT = "26eb9aaf76e81b692f806f9140c2d2777410d7a1"
URL = f"https://github.com/Jakobovski/free-spoken-digit-dataset/archive/{COMMIT}.tar.gz"
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
FILES = frozenset(
    f"{digit}_{speaker}_{index}.wav" for digit in range(10) for speaker in SPEAKERS for index in range(50)
)
SUM = "1801eae019c063377d98f831d3f93574f259475df7332bb0e3d1b080fb5e6959"  # see sum_of
ARCHIVES = (".tar.gz", ".tgz")
MOST_FETCHED, MOST_UNPACKED, MOST_IN_A_FILE = 64 << 20, 64 << 20, 1 << 20  # bytes; it has 16, 21 and 0.04 million
MEGABYTES_APART = 4  # of what is told while it is fetched


class Readable(Protocol):
    """Gives bytes."""

    def read(self, size: int, /) -> bytes:
        """So many of the next ones, or fewer at the end."""


class _Counted:
    """A download that says how far it is, and ends where it is larger than can be."""

    def __init__(self, source: Readable, notice: Notice) -> None:
        self.source, self.notice, self.count = source, notice, 0

    def read(self, size: int, /) -> bytes:
        """The next bytes.

        Raises:
            tarfile.ReadError: there are too many.
        """
        piece = self.source.read(size)
        told = self.count // (MEGABYTES_APART * 1_000_000)
        self.count += len(piece)
        if self.count // (MEGABYTES_APART * 1_000_000) > told:
            self.notice(f"fetched {self.count // 1_000_000} MB of about 16")
        if self.count > MOST_FETCHED:
            raise tarfile.ReadError(f"it is larger than {MOST_FETCHED >> 20} MiB")
        return piece


def fetched(notice: Notice) -> dict[str, bytes]:
    """The recordings as published, by name.

    Raises:
        DataError: the network is forbidden or fails, or what it gives are other files.
    """
    placing = (
        f"put {URL} or its recordings into {downloads_folder(NAME)}, or name another set instead: a path, or voices."
    )
    if is_offline():
        raise DataError(f"the {TITLE} is not in the cache and GENMODELS_OFFLINE is set", placing)
    notice(f"fetching the {TITLE} (16 MB; licence CC BY-SA 4.0)")
    try:
        with closing(urlopen(URL, timeout=NETWORK_SECONDS)) as answer:
            files = _unpacked(_Counted(answer, notice))
    except (OSError, HTTPException, *_DAMAGE) as error:
        if isinstance(error, HTTPError):
            error.close()  # it holds the connection
        raise DataError(f"the {TITLE} could not be fetched: {first_line(error)}", placing) from error
    _check(files, URL, placing)
    return files


# What the library raises of damaged archives, beside its own errors.
_DAMAGE = (
    tarfile.TarError, zlib.error, EOFError, ValueError, KeyError, IndexError, TypeError, OverflowError, RecursionError,
    AttributeError, AssertionError, struct.error,
)  # fmt: skip


def _unpacked(stream: Readable) -> dict[str, bytes]:
    """The expected recordings in a tar archive, read once and in order; no name in it is ever a path on the disk.

    Raises:
        tarfile.TarError: it is damaged, or unpacks to more than it can be.
    """
    files: dict[str, bytes] = {}
    total = 0
    unzipped = gzip.GzipFile(fileobj=cast("IO[bytes]", stream))  # what tarfile unpacks itself knows no bounds
    with tarfile.open(fileobj=InPieces(unzipped, MOST_UNPACKED), mode="r|") as archive:  # type: ignore[call-overload]
        for member in archive:
            total += max(0, member.size)
            if total > MOST_UNPACKED:
                raise tarfile.ReadError(f"it unpacks to more than {MOST_UNPACKED >> 20} MiB")
            name = PurePosixPath(member.name).name
            if member.isreg() and name in FILES and name not in files and member.size <= MOST_IN_A_FILE:
                content = archive.extractfile(member)
                assert content is not None
                files[name] = content.read()
    return files


def placed(folder: Path) -> dict[str, bytes]:
    """The recordings that the user put into the downloads folder, loose or in the archive as published.

    Raises:
        DataError: they lack some, are damaged, or are other ones.
    """
    hint = f"remove it and fetch it again; files of your own are given as a path: --dataset {folder}."
    found = [file for inner in walk_folder(folder)[0].all() for file in inner.files]
    loose = {file.name: file for file in reversed(found) if file.name in FILES}
    archives = [file for file in found if file.name.endswith(ARCHIVES)]
    try:
        if archives and len(loose) < len(FILES):
            with open_ordinary(archives[0]) as stream:
                files = _unpacked(stream)
        else:
            files = {name: file.read_bytes() for name, file in loose.items() if file.stat().st_size <= MOST_IN_A_FILE}
    except (OSError, *_DAMAGE) as error:
        raise DataError(f"the {TITLE} in {folder} can't be read: {first_line(error)}", hint) from error
    _check(files, str(folder), hint)
    return files


def sum_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 over what `LC_ALL=C sha256sum *.wav` prints: sums and names, sorted by name."""
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _check(files: Mapping[str, bytes], where: str, hint: str) -> None:
    """Refuse recordings that are not those of the commit.

    Raises:
        DataError: they are not.
    """
    lacking = sorted(FILES - files.keys())
    if lacking:
        what = f"{where} lacks {len(lacking):,} of the {len(FILES):,} recordings of the {TITLE}: {lacking[0]}"
        raise DataError(what, hint)
    found = sum_of(files)
    if found != SUM:
        told = f"the recordings of {where} have the SHA-256 sum {found[:12]}..."
        raise DataError(f"{told}, but those of the {TITLE} have {SUM[:12]}...", hint)


def write_into(folder: Path, files: Mapping[str, bytes]) -> None:
    """Recordings as files."""
    with disk_errors(folder, CACHE_HINT):
        for name, content in files.items():
            (folder / name).write_bytes(content)
