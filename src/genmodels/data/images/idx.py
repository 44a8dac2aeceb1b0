"""IDX files (LeCun's format): one set for each stem of their names, and the labels beside them."""

import gzip
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from genmodels.data.bounded import declared
from genmodels.data.images.assembling import Stored, assembled
from genmodels.data.images.parts import MATCH, Parts, check_size, damage
from genmodels.errors import DataError
from genmodels.ordinary import open_ordinary
from genmodels.telling import counted

_NAME = re.compile(
    r"(?P<stem>.*?)[-_.]?(?P<part>train|t10k|test)[-_.](?P<kind>images|labels)[-_.]idx[13]([-_.]ubyte)?"
    r"( ?\(\d+\))?(\.gz)?",  # as browsers call a second download
    re.IGNORECASE,
)
LETTERS = "emnist-letters"  # whose labels are numbered from 1
_BALANCED = (*"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt",)
_ALL = (*"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",)
EMNIST: Mapping[str, tuple[str, ...]] = {
    LETTERS: tuple("abcdefghijklmnopqrstuvwxyz"),
    "emnist-balanced": _BALANCED,
    "emnist-bymerge": _BALANCED,
    "emnist-byclass": _ALL,
    "emnist-digits": tuple("0123456789"),
    "emnist-mnist": tuple("0123456789"),
}
"""EMNIST's own files by what is in their stem: their images lie on their side."""
_EMNIST = re.compile(f"emnist[-_. ]?({'|'.join(name.removeprefix('emnist-') for name in EMNIST)})")


Role = tuple[str, str]  # "train" or "test"; "images" or "labels"


@dataclass(frozen=True)
class IdxSet:
    """The files of one set.

    Args:
        stem: how their names begin; "" for those of MNIST.
        files: (part, kind) -> file.
        twice: files that should hold the same again, packed or not -> the file that is read.
    """

    stem: str
    files: dict[Role, Path]
    twice: dict[Path, Path] = field(default_factory=dict)

    @property
    def known(self) -> str | None:
        """EMNIST's name for it, if it is one of its sets."""
        found = _EMNIST.search(self.stem.lower())
        return None if found is None else f"emnist-{found[1]}"


def idx_sets(files: Iterable[Path]) -> dict[str, IdxSet]:
    """Stem -> the set, of those files whose names are such as the MNIST family has.

    Raises:
        DataError: two files, not one of them packed, are the same part of a set.
    """
    found: dict[str, IdxSet] = {}
    for path in sorted(files):
        match = _NAME.fullmatch(path.name)
        if match is None:
            continue
        one = found.setdefault(match["stem"], IdxSet(match["stem"], {}, {}))
        first = one.files.setdefault(_role(match), path)
        if first.name == path.name.removesuffix(".gz") and first != path:
            one.twice[path] = first
        elif first != path:
            told = f"{path.parent} holds {first.name} and {path.name}, which both name the same part"
            raise DataError(told, "take one of them away.")
    return found


def read_idx_set(found: IdxSet, white: int | None = None) -> Parts:
    """The images and labels of one set; EMNIST's are turned upright.

    Raises:
        DataError: the training images are missing, or a file is damaged or does not fit.
    """
    files = found.files
    first = next(iter(files.values()))
    if ("train", "images") not in files:
        names = ", ".join(sorted(path.name for path in files.values()))
        lacking = f"{found.stem + '-' if found.stem else ''}train-images-idx3-ubyte"
        raise DataError(f"{first.parent} holds {names} but no {lacking}", "put the training images there.")
    train, test = (_stored(found, part) for part in ("train", "test"))
    assert train is not None
    unused = {}
    if test is None and ("test", "labels") in files:
        unused[files["test", "labels"].name] = "labels without images"
    where = str(first.parent)
    if found.known is None:
        return assembled(train, test, where, unused=unused, white=white)
    guesses = [f"these are files of {found.known}: turned upright"]
    return assembled(train, test, where, guesses=guesses, unused=unused, white=255, classes=EMNIST[found.known])


def _role(match: re.Match[str]) -> Role:
    return "train" if match["part"].lower() == "train" else "test", match["kind"].lower()


def _stored(found: IdxSet, part: str) -> Stored | None:
    """One part; of EMNIST rows and columns are exchanged, and the letters' labels, which begin at 1, begin at 0."""
    if (part, "images") not in found.files:
        return None
    images, labels = found.files[part, "images"], found.files.get((part, "labels"))
    pixels, kinds = _read(found, images, 3), None if labels is None else _read(found, labels, 1)
    if kinds is not None and len(kinds) != len(pixels):
        images_there, labels_there = counted(len(pixels), "image"), counted(len(kinds), "label")
        raise DataError(f"{images} holds {images_there} but {labels} holds {labels_there}", MATCH)
    if found.known is not None:
        pixels = np.ascontiguousarray(pixels.transpose(0, 2, 1))
    if found.known == LETTERS and kinds is not None:
        if kinds.size and kinds.min() == 0:
            what = f"{labels} has labels from 0 on, but those of {LETTERS} go from 1 to 26"
            raise DataError(what, "give these files another name: they are then taken as they are.")
        kinds = kinds.astype(np.int64) - 1
    return Stored(pixels, kinds, f"the labels in {labels}", f"{images.name} has no file of labels beside it")


def _read(found: IdxSet, path: Path, dimensions: int) -> NDArray[Any]:
    """An IDX file, which must be the same as the one that is given twice."""
    array = read_idx(path, dimensions)
    for other in (other for other, first in found.twice.items() if first == path):
        if not np.array_equal(read_idx(other, dimensions), array):
            raise DataError(f"{path} and {other} differ", "take one of them away.")
    return array


def beside(path: Path) -> IdxSet:
    """One file of images as a set of its own, with the labels that lie beside it under the usual name."""
    match = _NAME.fullmatch(path.name)
    if match is not None and match["kind"].lower() == "images":
        own = idx_sets(p for p in path.parent.iterdir() if p.is_file())[match["stem"]]
        labels = own.files.get((_role(match)[0], "labels"))
    else:
        labels = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
        labels = labels if labels != path and labels.is_file() else None
    files: dict[Role, Path] = {("train", "images"): path}
    if labels is not None:
        files["train", "labels"] = labels
    return IdxSet("" if match is None else match["stem"], files)


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """An IDX file of unsigned bytes, gzipped or not (LeCun's format: 0, 0, type, dimensions, sizes, data).

    Args:
        path: the file.
        dimensions: 3 for images, 1 for labels.

    Raises:
        DataError: wrong magic number or dimensions, too large, or longer or shorter than it declares.
    """
    with damage(path), _unpacked(path) as file:
        shape = _declared_shape(file, path, dimensions)
        size = check_size(path, shape)
        return declared(file, size, str(path), "bytes of data", "fetch or make it again.").reshape(shape)


def _declared_shape(file: IO[bytes], path: Path, dimensions: int) -> tuple[int, ...]:
    """The sizes that the header of an IDX file declares."""
    head = file.read(4)
    if len(head) < 4 or head[:3] != b"\0\0\x08":
        raise DataError(
            f"{path} is not an IDX file of bytes: its magic number is 0x{head.hex()}",
            "it should begin with 0x00000803 (images) or 0x00000801 (labels).",
        )
    if head[3] != dimensions:
        raise DataError(
            f"{path} has {head[3]} dimensions where {dimensions} are needed",
            "images have 3 (count, rows, columns), labels have 1; are the two mixed up?",
        )
    sizes = file.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise DataError(f"{path} ends within its header", "fetch or make it again.")
    return tuple(int(n) for n in np.frombuffer(sizes, dtype=">u4"))


def _unpacked(path: Path) -> IO[bytes]:
    with open_ordinary(path) as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if zipped else open_ordinary(path)
