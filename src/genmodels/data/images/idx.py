"""IDX files (LeCun's format): one set for each stem of their names, and the labels beside them."""

import gzip
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from genmodels.data.images.assembling import Stored, Told, assembled
from genmodels.data.images.parts import MATCH, Parts, check_size, damage
from genmodels.errors import DataError

_NAME = re.compile(
    r"(?P<stem>.*?)[-_.]?(?P<part>train|t10k|test)[-_.](?P<kind>images|labels)[-_.]idx[13]([-_.]ubyte)?(\.gz)?",
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
"""EMNIST's own files by their stem: their images lie on their side."""


@dataclass(frozen=True)
class IdxSet:
    """The files of one set.

    Args:
        stem: how their names begin; "" for those of MNIST.
        files: (part, kind) -> file.
        twice: files that say the same again, packed or not.
    """

    stem: str
    files: Mapping[tuple[str, str], Path]
    twice: tuple[Path, ...] = ()

    @property
    def known(self) -> str | None:
        """EMNIST's name for it, if it is one of its sets."""
        stem = self.stem.lower()
        return stem if stem in EMNIST else None


def idx_sets(files: Iterable[Path]) -> dict[str, IdxSet]:
    """Stem -> the set, of those files whose names are such as the MNIST family has."""
    found: dict[str, dict[tuple[str, str], Path]] = {}
    twice: dict[str, list[Path]] = {}
    for path in sorted(files):
        match = _NAME.fullmatch(path.name)
        if match is None:
            continue
        role = ("train" if match["part"].lower() == "train" else "test", match["kind"].lower())
        kept = found.setdefault(match["stem"], {})
        if role in kept:
            twice.setdefault(match["stem"], []).append(path)
        else:
            kept[role] = path
    return {stem: IdxSet(stem, files, tuple(twice.get(stem, ()))) for stem, files in found.items()}


def read_idx_set(found: IdxSet, guesses: Sequence[str] = (), white: int | None = None) -> Parts:
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
    train, test = (_stored(files, part) for part in ("train", "test"))
    assert train is not None
    unused = {path.name: f"the same as {files[_role(path)].name}" for path in found.twice}
    if test is None and ("test", "labels") in files:
        unused[files["test", "labels"].name] = "labels without images"
    if found.known is None:
        return assembled(train, test, Told(str(first.parent), guesses, unused), white)
    return _emnist(found.known, train, test, Told(str(first.parent), guesses, unused))


def _emnist(known: str, train: Stored, test: Stored | None, told: Told) -> Parts:
    """EMNIST's own files: rows and columns are exchanged, and labels have letters for names."""
    guesses = [*told.guesses, f"these are files of {known}: turned upright"]
    first = 1 if known == LETTERS else 0
    train, test = _upright(train, first), None if test is None else _upright(test, first)
    return assembled(train, test, Told(told.where, guesses, told.unused), 255, EMNIST[known])


def _upright(part: Stored, first: int) -> Stored:
    pixels = np.ascontiguousarray(part.pixels.transpose(0, 2, 1))
    labels = None if part.labels is None else part.labels.astype(np.int64) - first
    return Stored(pixels, labels, part.name, part.lacking)


def _role(path: Path) -> tuple[str, str]:
    match = _NAME.fullmatch(path.name)
    assert match is not None
    return ("train" if match["part"].lower() == "train" else "test", match["kind"].lower())


def _stored(files: Mapping[tuple[str, str], Path], part: str) -> Stored | None:
    if (part, "images") not in files:
        return None
    images, labels = files[part, "images"], files.get((part, "labels"))
    pixels = read_idx(images, 3)
    found = None if labels is None else read_idx(labels, 1)
    if found is not None and len(found) != len(pixels):
        raise DataError(f"{images} holds {len(pixels):,} images but {labels} holds {len(found):,} labels", MATCH)
    return Stored(pixels, found, f"the labels in {labels}", f"{images.name} has no file of labels beside it")


def beside(path: Path) -> IdxSet:
    """One file of images as a set of its own, with the labels that lie beside it under the usual name."""
    match = _NAME.fullmatch(path.name)
    files = {("train", "images"): path}
    if match is not None and match["kind"].lower() == "images":
        own = idx_sets(p for p in path.parent.iterdir() if p.is_file()).get(match["stem"])
        labels = None if own is None else own.files.get((_role(path)[0], "labels"))
        files |= {} if labels is None else {("train", "labels"): labels}
        return IdxSet(match["stem"], files)
    labels = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    if labels != path and labels.is_file():
        files["train", "labels"] = labels
    return IdxSet("", files)


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
        data = file.read(size)
        if len(data) < size or file.read(1):
            found = f"{len(data):,}" if len(data) < size else "more"
            raise DataError(f"{path} declares {size:,} bytes of data but holds {found}", "fetch or make it again.")
    return np.frombuffer(data, dtype=np.uint8).reshape(shape)


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
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if zipped else path.open("rb")
