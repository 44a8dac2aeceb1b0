"""Arrays out of an .npz, never more than declared, by the names that people and libraries give them."""

import contextlib
import io
import math
import struct
import tokenize
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from genmodels.data.bounded import SeekableInPieces, declared
from genmodels.data.images.assembling import Stored, assembled
from genmodels.data.images.parts import MOST_TEXT, Parts, check_size
from genmodels.data.images.pictures import COLOUR_HINT, GREY
from genmodels.errors import DataError
from genmodels.telling import counted

PIECE = 4096  # images
MOST_HEADER = 10_000  # bytes; NumPy itself reads no longer one, but takes the memory first
Role = tuple[str, str]  # "train", "test" or "validation"; "images" or "labels"
# In lower case; the first that is there is taken. As numpy.savez, Keras, MedMNIST, scikit-learn and torchvision say.
NAMES = {
    ("train", "images"): (
        "x_train", "train_images", "train_x", "images_train", "train", "train_data", "images", "x", "data", "pixels",
        "imgs", "arr_0",
    ),
    ("train", "labels"): (
        "y_train", "train_labels", "train_y", "labels_train", "train_targets", "labels", "y", "targets", "target",
        "label", "classes", "arr_1",
    ),
    ("test", "images"): ("x_test", "test_images", "test_x", "images_test", "test", "test_data"),
    ("test", "labels"): ("y_test", "test_labels", "test_y", "labels_test", "test_targets"),
    ("validation", "images"): (
        "x_val", "x_valid", "x_validation", "val_images", "valid_images", "validation_images", "val_x", "val", "x_dev",
    ),
    ("validation", "labels"): (
        "y_val", "y_valid", "y_validation", "val_labels", "valid_labels", "validation_labels", "val_y", "y_dev",
    ),
}  # fmt: skip


def read_npz(path: Path, white: int | None = None, grey: bool = False) -> Parts:
    """Images, and labels where there are any.

    Args:
        path: the file.
        white: the value that is white, where it is known.
        grey: whether colours are taken as grey, which is told, or refused.

    Raises:
        DataError: it names no images, is damaged, or holds what can't be read as images.
    """
    with _archive(path) as archive:
        held = {name.removesuffix(".npy"): name for name in archive.namelist() if name.endswith(".npy")}
        keys = _keys(held, path, archive)
        unused, guesses = _unused(held, keys), []
        part = "test" if ("test", "images") in keys else "validation"
        wanted = {role: key for role, key in keys.items() if role[0] in {"train", part} and key not in unused}
        arrays = {role: _read_npy(archive, held[key], f"{key} in {path}", role[1]) for role, key in wanted.items()}
    if ("validation", "images") in arrays:
        guesses.append(f"tests on {keys['validation', 'images']}, as there is no test part")
    for role in (role for role in arrays if role[1] == "images"):
        axis = _colours(arrays[role])
        if axis is not None and grey:
            arrays[role] = _luminance(arrays[role], axis)
            guesses.append(f"took the colours of {keys[role]} as grey")
    train = _stored(arrays, keys, "train", path)
    test = _stored(arrays, keys, part, path) if (part, "images") in arrays else None
    if train.pixels.shape[0] == train.pixels.shape[1] != train.pixels.shape[2]:
        shape = " x ".join(map(str, train.pixels.shape))
        guesses.append(
            f"the first axis of {shape} counts the images; numpy.moveaxis(images, -1, 0) puts the last there"
        )
    return assembled(train, test, str(path), guesses=guesses, unused=unused, white=white)


@contextlib.contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive of arrays.

    Raises:
        DataError: it is damaged in a way that the library does not know.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(cast("IO[bytes]", SeekableInPieces(file))) as archive:
            yield archive
    except (ValueError, struct.error, LookupError, OverflowError) as error:
        raise DataError(f"{path} is damaged: {_plain(error)}", "fetch or make it again.") from error


def _unused(held: Iterable[str], keys: Mapping[Role, str]) -> dict[str, str]:
    """The arrays that are not needed, and why."""
    known = {name: role for role, names in NAMES.items() for name in names}
    taken = set(keys.values())
    unused = {}
    for key in held:
        role = known.get(key.lower())
        if key not in taken:
            unused[key] = "no name that is known" if role is None else f"{keys[role]} is taken"
        elif role is not None and (role[0], "images") not in keys:
            unused[key] = "labels without images"
        elif role is not None and role[0] == "validation" and ("test", "images") in keys:
            unused[key] = "not needed: --val-images holds images out of the training part"
    return unused


def _keys(held: dict[str, str], path: Path, archive: zipfile.ZipFile) -> dict[Role, str]:
    """(part, kind) -> the name that an array has in the file."""
    lower = {name.lower(): name for name in reversed(held)}
    found = {role: next((lower[n] for n in names if n in lower), None) for role, names in NAMES.items()}
    if found["train", "images"] is None:
        has = ", ".join(sorted(held)[:8])
        if has:
            raise DataError(f"{path} names no images (it holds: {has})", "call them x_train and x_test, or images.")
        files = [name for name in archive.namelist() if not name.endswith("/")]
        packed = f"a zip archive of {counted(len(files), 'file')}, such as {files[0]}" if files else "an empty archive"
        hint = "unpack it and give the folder."
        raise DataError(f"{path} names no images (it holds: no arrays): it is {packed}", hint)
    return {role: name for role, name in found.items() if name is not None}


def _read_npy(archive: zipfile.ZipFile, name: str, where: str, kind: str) -> NDArray[Any]:
    """One array out of a zip, never more than its header declares; pickled objects are refused.

    Args:
        archive: where it is.
        name: of the member.
        where: what an error calls it.
        kind: "images", or "labels", which may be texts.
    """
    with archive.open(name) as file:
        shape, fortran, dtype = _header(file, where)
        if dtype.kind not in ("buifUS" if kind == "labels" else "buif"):
            hint = "store images as uint8." if kind == "images" else "number the classes from 0."
            raise DataError(f"{where} is of type {dtype}, which is no number", hint)
        size = check_size(where, (*shape, dtype.itemsize), MOST_TEXT if dtype.kind in "US" else None)
        data = declared(file, size, where, "bytes", "make it again with numpy.savez.")
    if 0 in (dtype.itemsize, *shape):
        return np.zeros(shape, dtype)
    return data.view(dtype).reshape(shape, order="F" if fortran else "C")


def _header(file: IO[bytes], where: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, order and type of an array.

    Raises:
        DataError: the header is longer than any, or damaged.
    """
    try:
        version = np.lib.format.read_magic(file)
        wide = struct.Struct("<H" if version == (1, 0) else "<I")
        (length,) = wide.unpack(file.read(wide.size))
        if length > MOST_HEADER:
            raise ValueError(f"its header has {length:,} bytes")
        head = io.BytesIO(wide.pack(length) + file.read(length))
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(head)
    except (ValueError, SyntaxError, tokenize.TokenError, TypeError, struct.error, RecursionError) as error:
        raise DataError(f"{where} is damaged: {_plain(error)}", "make it again with numpy.savez.") from error
    return shape, fortran, dtype


def _plain(error: Exception) -> str:
    """What a library says, in a line, without what it quotes of the file and its advice."""
    return str(error).partition("\n")[0].partition(": ")[0][:80] or type(error).__name__


def _stored(arrays: Mapping[Role, NDArray[Any]], keys: Mapping[Role, str], part: str, path: Path) -> Stored:
    """One part of the file."""
    images, labels = arrays[part, "images"], arrays.get((part, "labels"))
    name = f"the {part} labels of {path}" if labels is None else f"{keys[part, 'labels']} of {path}, the {part} labels,"
    lacking = f"{keys[part, 'images']} has no labels"
    return Stored(_as_grey(images, path), labels, name, lacking)


def _colours(images: NDArray[Any]) -> int | None:
    """Which axis holds red, green and blue; None where the images are grey, also if they are written as colours."""
    if images.ndim != 4 or 1 in {images.shape[1], images.shape[3]} or 3 not in {images.shape[1], images.shape[3]}:
        return None
    axis = 1 if images.shape[1] == 3 else 3
    red, green, blue = np.moveaxis(images, axis, 0)
    return None if images.size and (red == green).all() and (green == blue).all() else axis


def _luminance(images: NDArray[Any], axis: int) -> NDArray[Any]:
    """Images in colour, (N, 3, Y, X) or (N, Y, X, 3), as grey ones (N, Y, X) of the same type."""
    grey = np.empty(np.delete(images.shape, axis), images.dtype)
    for first in range(0, len(images), PIECE):  # so that little more memory is needed than they take
        light = np.moveaxis(images[first : first + PIECE], axis, 3).astype(np.float32) @ GREY
        grey[first : first + PIECE] = light if images.dtype.kind == "f" else light.round()
    return grey


def _as_grey(images: NDArray[Any], path: Path) -> NDArray[Any]:
    """(N, Y, X), (N, Y, X, 1), (N, 1, Y, X), flat squares (N, D), or colours that are grey -> (N, Y, X).

    Raises:
        DataError: they are in colour, or of no such shape.
    """
    if images.ndim == 4 and 1 in {images.shape[1], images.shape[3]}:
        images = images[:, 0] if images.shape[1] == 1 else images[..., 0]
    axis = _colours(images)
    if axis is not None:
        raise DataError(f"{path} holds colour images, but the models here are for grey ones", COLOUR_HINT)
    if images.ndim == 4 and 3 in {images.shape[1], images.shape[3]}:
        images = images[:, 0] if images.shape[1] == 3 else images[..., 0]
    side = math.isqrt(images.shape[1]) if images.ndim == 2 else 0
    if images.ndim == 2 and side * side == images.shape[1]:
        images = images.reshape(-1, side, side)
    if images.ndim != 3:
        what = f"{path} holds an array of shape {images.shape}, but the models here are for grey ones"
        raise DataError(what, "store them as (count, rows, columns).")
    return images
