"""Arrays out of an .npz, never more than declared, by the names that people and libraries give them."""

import math
import tokenize
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.data.images.assembling import Stored, assembled
from genmodels.data.images.parts import Parts, check_size
from genmodels.errors import DataError
from genmodels.telling import counted

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


def read_npz(path: Path, white: int | None = None) -> Parts:
    """Images, and labels where there are any.

    Args:
        path: the file.
        white: the value that is white, where it is known.

    Raises:
        DataError: it names no images, is damaged, or holds what can't be read as images.
    """
    with zipfile.ZipFile(path) as archive:
        held = {name.removesuffix(".npy"): name for name in archive.namelist() if name.endswith(".npy")}
        keys = _keys(held, path, archive)
        unused, guesses = _unused(held, keys), []
        part = "test" if ("test", "images") in keys else "validation"
        wanted = {role: key for role, key in keys.items() if role[0] in {"train", part} and key not in unused}
        arrays = {role: _read_npy(archive, held[key], f"{key} in {path}", role[1]) for role, key in wanted.items()}
    if ("validation", "images") in arrays:
        guesses.append(f"tests on {keys['validation', 'images']}, as there is no test part")
    train = _stored(arrays, keys, "train", path)
    test = _stored(arrays, keys, part, path) if (part, "images") in arrays else None
    if train.pixels.shape[0] == train.pixels.shape[1] != train.pixels.shape[2]:
        shape = " x ".join(map(str, train.pixels.shape))
        guesses.append(
            f"the first axis of {shape} counts the images; numpy.moveaxis(images, -1, 0) puts the last there"
        )
    return assembled(train, test, str(path), guesses=guesses, unused=unused, white=white)


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
        try:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = read(file)
        except (ValueError, SyntaxError, tokenize.TokenError) as error:
            raise DataError(f"{where} is damaged: {error}", "make it again with numpy.savez.") from error
        if dtype.kind not in ("buifUS" if kind == "labels" else "buif"):
            hint = "store images as uint8." if kind == "images" else "number the classes from 0."
            raise DataError(f"{where} is of type {dtype}, which is no number", hint)
        size = check_size(where, (*shape, dtype.itemsize))
        data = file.read(size)
        if len(data) < size or file.read(1):
            found = f"{len(data):,}" if len(data) < size else "more"
            raise DataError(f"{where} declares {size:,} bytes but holds {found}", "make it again with numpy.savez.")
    return np.frombuffer(data, dtype=dtype).reshape(shape, order="F" if fortran else "C")


def _stored(arrays: Mapping[Role, NDArray[Any]], keys: Mapping[Role, str], part: str, path: Path) -> Stored:
    """One part of the file."""
    images, labels = arrays[part, "images"], arrays.get((part, "labels"))
    name = f"the {part} labels of {path}" if labels is None else f"{keys[part, 'labels']} of {path}, the {part} labels,"
    lacking = f"{keys[part, 'images']} has no labels"
    return Stored(_as_grey(images, path), labels, name, lacking)


def _as_grey(images: NDArray[Any], path: Path) -> NDArray[Any]:
    """(N, Y, X), (N, Y, X, 1), (N, 1, Y, X), flat squares (N, D), or colours that are grey -> (N, Y, X)."""
    if images.ndim == 4 and 1 in {images.shape[1], images.shape[3]}:
        images = images[:, 0] if images.shape[1] == 1 else images[..., 0]
    if images.ndim == 4 and 3 in {images.shape[1], images.shape[3]}:
        channels = np.moveaxis(images, 1 if images.shape[1] == 3 else 3, 0)
        if images.size and (channels[0] == channels[1]).all() and (channels[1] == channels[2]).all():
            images = channels[0]
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
