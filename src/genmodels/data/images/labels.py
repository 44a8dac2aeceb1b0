"""Labels as people store them -> classes numbered from 0, and their names."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.data.images.parts import MATCH, Labels
from genmodels.errors import DataError

MOST_CLASSES = 10_000
ROWS = 4096  # of one-hot labels looked at at a time


def as_labels(stored: NDArray[Any], count: int, where: str) -> NDArray[Any]:
    """One label for each image: whole numbers, or names.

    Args:
        stored: shape (N,), (N, 1) or, one-hot, (N, C); whole numbers, floats that are whole, bits, or texts.
        count: N, the images they belong to.
        where: what an error calls them.

    Raises:
        DataError: they are nothing of that, or of another number.
    """
    told = f"{where} are {stored.dtype} of shape {stored.shape} for {count:,} images"
    if stored.ndim == 2 and 1 in stored.shape and stored.size == count:
        stored = stored.reshape(-1)
    if len(stored.shape) == 0 or len(stored) != count or stored.ndim > 2 or stored.dtype.kind not in "buifUS":
        raise DataError(told, MATCH)
    if stored.dtype.kind == "u" and stored.size and stored.max() > np.iinfo(np.int64).max:
        raise DataError(f"{told}, up to {stored.max()}", "number the classes from 0.")
    if stored.ndim == 2:
        stored = _of_one_hot(stored, told)
    if stored.dtype.kind == "f":
        if not (np.isfinite(stored).all() and (stored == np.rint(stored)).all()):
            raise DataError(f"{told}, and not all of them are whole numbers", "number the classes from 0.")
        stored = stored.astype(np.int64)
    return stored if stored.dtype.kind in "US" else stored.astype(np.int64)


def _of_one_hot(stored: NDArray[Any], told: str) -> NDArray[np.int64]:
    """The place of the 1 in each row, of some rows at a time."""
    places = [np.zeros(0, np.int64)]
    for start in range(0, len(stored), ROWS):
        rows = stored[start : start + ROWS]
        if rows.dtype.kind in "US" or not (((rows == 0) | (rows == 1)).all() and (rows.sum(axis=1) == 1).all()):
            raise DataError(f"{told}, and not one class for each image", "give one label for each image.")
        places.append(rows.argmax(axis=1).astype(np.int64))
    return np.concatenate(places)


def numbered(parts: Sequence[NDArray[Any]], names: Sequence[str] | None) -> tuple[list[Labels], tuple[str, ...]]:
    """Classes numbered from 0 without gaps in the numbers that name them, and their names.

    Args:
        parts: labels of each part.
        names: of the labels 0, 1, ..., where they are known; else the numbers or texts that occur are the names.

    Raises:
        DataError: labels are negative, beyond the names, or too many.
    """
    if not any(len(part) for part in parts):
        return [part.astype(np.int64) for part in parts], tuple(names or ())
    if names is not None:
        low, high = int(min(p.min() for p in parts if len(p))), int(max(p.max() for p in parts if len(p)))
        if low < 0 or high >= len(names):
            what = f"labels go from {low} to {high}, but there are {len(names)} classes"
            raise DataError(what, "number the classes from 0.")
        return [part.astype(np.int64) for part in parts], tuple(names)
    kinds, places = np.unique(np.concatenate([np.asarray(part) for part in parts]), return_inverse=True)
    if len(kinds) > MOST_CLASSES or (kinds.dtype.kind not in "US" and int(kinds[0]) < 0):
        what = f"labels go from {kinds[0]} to {kinds[-1]}, {len(kinds):,} different ones"
        raise DataError(what, f"number the classes from 0, at most {MOST_CLASSES:,} of them.")
    if kinds.dtype.kind == "U" and all(kind.isdecimal() for kind in kinds.tolist()):  # folders 0 to 11, not 0, 1, 10
        order = np.argsort(kinds.astype(np.int64), kind="stable")
        kinds, places = kinds[order], np.argsort(order)[places]
    ends = np.cumsum([len(part) for part in parts])[:-1]
    split = np.split(places.reshape(-1).astype(np.int64), ends)
    return split, tuple(kind.decode("utf-8", "replace") if isinstance(kind, bytes) else str(kind) for kind in kinds)
