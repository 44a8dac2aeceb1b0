"""IDX files (LeCun's format), and the labels beside them."""

import gzip
import re
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from genmodels.data.images.parts import MATCH, Part, Parts, check_size, damage
from genmodels.errors import DataError

_IDX_ROLE = re.compile(r"(?P<stem>.*?)(train|t10k|test)-(?P<kind>images|labels)[-.]idx[13]-ubyte(\.gz)?")


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


def idx_files(folder: Path) -> dict[tuple[str, str], Path]:
    """(part, kind) -> file, for the names that the MNIST family uses."""
    found: dict[tuple[str, str], Path] = {}
    for path in sorted(folder.iterdir()):
        match = _IDX_ROLE.fullmatch(path.name)
        if match is not None and path.is_file():
            part = "train" if match.group(2) == "train" else "test"
            found.setdefault((part, match.group("kind")), path)
    return found


def read_idx_folder(folder: Path) -> Parts:
    """A folder with training images, and perhaps test images and labels, under the names of the MNIST family."""
    files = idx_files(folder)
    if ("train", "images") not in files:
        names = ", ".join(sorted(path.name for path in files.values()))
        raise DataError(f"{folder} holds {names} but no train-images-idx3-ubyte", "put the training images there.")
    train, test = (_idx_part(files.get((p, "images")), files.get((p, "labels"))) for p in ("train", "test"))
    assert train is not None
    return Parts(train, test)


def _idx_part(images: Path | None, labels: Path | None) -> Part | None:
    if images is None:
        return None
    pixels = read_idx(images, 3)
    found = None if labels is None else read_idx(labels, 1).astype(np.int64)
    if found is not None and len(found) != len(pixels):
        raise DataError(f"{images} holds {len(pixels):,} images but {labels} holds {len(found):,} labels", MATCH)
    return Part(pixels, found)


def read_idx_pair(path: Path) -> Part:
    """One IDX file of images, with the labels that lie beside it under the usual name."""
    beside = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    part = _idx_part(path, beside if beside != path and beside.is_file() else None)
    assert part is not None
    return part


def with_labels(path: Path) -> list[Path]:
    """A file of images and, where it lies beside it under the usual name, that of its labels."""
    beside = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    return [path, beside] if beside != path and beside.is_file() else [path]
