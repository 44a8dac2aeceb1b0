"""Arrays out of an .npz, never more than declared."""

import math
import tokenize
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.data.images.parts import MATCH, Part, Parts, Pixels, check_size
from genmodels.errors import DataError

_NPZ_NAMES = {
    ("train", "images"): ("x_train", "train_images", "train", "images", "x", "X", "data", "arr_0"),
    ("train", "labels"): ("y_train", "train_labels", "labels", "y", "targets", "arr_1"),
    ("test", "images"): ("x_test", "test_images", "test"),
    ("test", "labels"): ("y_test", "test_labels"),
}


def read_npz(path: Path) -> Parts:
    """Images, and labels where there are any, by the names that people give them."""
    with zipfile.ZipFile(path) as archive:
        held = {name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")}
        keys = {role: next((n for n in names if n in held), None) for role, names in _NPZ_NAMES.items()}
        if keys["train", "images"] is None:
            has = ", ".join(sorted(held)[:8]) or "no arrays"
            raise DataError(f"{path} names no images (it holds: {has})", "call them x_train and x_test, or images.")
        arrays = {role: _read_npy(archive, key, path) for role, key in keys.items() if key is not None}
    train, test = (_npz_part(path, arrays, part) for part in ("train", "test"))
    assert train is not None
    return Parts(train, test)


def _read_npy(archive: zipfile.ZipFile, name: str, path: Path) -> NDArray[Any]:
    """One array out of a zip, never more than its header declares; pickled objects are refused."""
    where = f"{name} in {path}"
    with archive.open(f"{name}.npy") as file:
        try:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = read(file)
        except (ValueError, SyntaxError, tokenize.TokenError) as error:
            raise DataError(f"{where} is damaged: {error}", "make it again with numpy.savez.") from error
        if dtype.kind not in "buif":
            raise DataError(f"{where} is of type {dtype}, which is no number", "store images as uint8.")
        size = check_size(where, (*shape, dtype.itemsize))
        data = file.read(size)
        if len(data) < size or file.read(1):
            found = f"{len(data):,}" if len(data) < size else "more"
            raise DataError(f"{where} declares {size:,} bytes but holds {found}", "make it again with numpy.savez.")
    return np.frombuffer(data, dtype=dtype).reshape(shape, order="F" if fortran else "C")


def _npz_part(path: Path, arrays: dict[tuple[str, str], NDArray[Any]], part: str) -> Part | None:
    images, labels = arrays.get((part, "images")), arrays.get((part, "labels"))
    if images is None:
        return None
    pixels = _as_grey_bytes(images, path)
    if labels is None:
        return Part(pixels, None)
    if labels.shape != (len(pixels),) or labels.dtype.kind not in "bui":
        what = f"{labels.dtype} of shape {labels.shape}"
        raise DataError(f"the {part} labels of {path} are {what} for {len(pixels):,} images", MATCH)
    return Part(pixels, labels.astype(np.int64))


def _as_grey_bytes(images: NDArray[Any], path: Path) -> Pixels:
    """(N, Y, X), (N, Y, X, 1), (N, 1, Y, X) or flat squares (N, D) -> uint8 (N, Y, X)."""
    images = _as_grey(images, path)
    if images.dtype == np.uint8:
        return images
    low, high = (float(images.min()), float(images.max())) if images.size else (0.0, 0.0)
    scale = 255.0 if images.dtype.kind in "bf" else 1.0
    if not (low >= 0.0 and high * scale <= 255.0):
        wanted = "0 to 1" if scale > 1 else "0 to 255"
        raise DataError(f"{path} holds {images.dtype} pixels from {low:g} to {high:g}", f"scale them to {wanted}.")
    return np.rint(images.astype(np.float64) * scale).astype(np.uint8)


def _as_grey(images: NDArray[Any], path: Path) -> NDArray[Any]:
    """Any of those shapes -> (N, Y, X)."""
    if images.ndim == 4 and 1 in {images.shape[1], images.shape[3]}:
        images = images[:, 0] if images.shape[1] == 1 else images[..., 0]
    side = math.isqrt(images.shape[1]) if images.ndim == 2 else 0
    if images.ndim == 2 and side * side == images.shape[1]:
        images = images.reshape(-1, side, side)
    if images.ndim != 3:
        colour = images.ndim == 4 and 3 in {images.shape[1], images.shape[3]}
        what = "holds colour images" if colour else f"holds an array of shape {images.shape}"
        raise DataError(
            f"{path} {what}, but the models here are for grey ones", "store them as (count, rows, columns)."
        )
    return images
