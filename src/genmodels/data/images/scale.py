"""Numbers of any type -> grey bytes: which number is white."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.data.images.parts import Pixels
from genmodels.errors import DataError

LEAST_WHITE = 64  # a largest value from 2 to one below this is no scale of bytes that anybody meant
ROUNDING = 1e-3  # floats may go so far beyond 0 and 1
PIECE = 1 << 20  # pixels that are converted at a time


def as_bytes(arrays: Sequence[NDArray[Any]], where: str, white: int | None = None) -> tuple[list[Pixels], list[str]]:
    """The parts of an image set in grey bytes, those of one kind by one scale, and what was guessed.

    Whole numbers whose largest is 1 are bits, others bytes; floats go from 0 to 1, or are bytes if they go far beyond.

    Args:
        arrays: the parts, of any types of numbers.
        where: what an error calls them.
        white: the value that is white, where it is known: levels count from 0 to it.

    Raises:
        DataError: the scale can't be told, or there are values that no pixel has.
    """
    tops, guesses = {}, []
    for floats in {array.dtype.kind == "f" for array in arrays}:
        tops[floats], told = _scale_of([a for a in arrays if (a.dtype.kind == "f") == floats], where, white)
        guesses += told
    return [_scaled(array, tops[array.dtype.kind == "f"]) for array in arrays], guesses


def _scale_of(arrays: Sequence[NDArray[Any]], where: str, white: int | None) -> tuple[float, list[str]]:
    """The value that is white in parts of one kind, floats or whole numbers; black images tell no scale.

    Raises:
        DataError: it can't be told, the parts differ, or there are values that no pixel has.
    """
    filled = [array for array in arrays if array.size and array.any()]
    if not filled:
        return 255.0, []
    low, high = float(np.min([a.min() for a in filled])), float(np.max([a.max() for a in filled]))  # NaN stays NaN
    small = [array for array in filled if array.max() <= 1.0 + ROUNDING]
    if small and high > 1.0 + ROUNDING and white is None:
        told = f"the parts of {where} differ in scale: one goes up to {small[0].max():g}, the other to {high:g}"
        raise DataError(told, "scale them alike, to 0 to 255.")
    scale_of = _float_scale if filled[0].dtype.kind == "f" else _whole_scale
    return scale_of(low, high, where, str(filled[0].dtype), white)


def _whole_scale(low: float, high: float, where: str, kind: str, white: int | None) -> tuple[float, list[str]]:
    """The value that is white among whole numbers."""
    if low < 0 or high > 255:
        raise DataError(f"{where} holds {kind} pixels from {low:g} to {high:g}", "scale them to 0 to 255.")
    if high == 1:
        return 1.0, [] if kind == "bool" else ["pixels are 0 and 1, taken as black and white"]
    if white is not None and high <= white:
        return float(white), [] if white == 255 else [f"pixels are levels from 0 to {white}"]
    if 1 < high < LEAST_WHITE:
        raise _unknown_scale(where, kind, f"{high:g}", white)
    return 255.0, []


def _float_scale(low: float, high: float, where: str, kind: str, _: int | None) -> tuple[float, list[str]]:
    """The value that is white among floats."""
    if low >= -ROUNDING and LEAST_WHITE / 255 <= high <= 1.0 + ROUNDING:
        return 1.0, []
    if low >= 0 and LEAST_WHITE <= high <= 255:
        return 255.0, [f"{kind} pixels up to {high:g} are taken as bytes, 255 for white"]
    told = f"{where} holds {kind} pixels from {low:g} to {high:g}"
    if -1.0 - ROUNDING <= low < 0 and high <= 1.0 + ROUNDING:
        raise DataError(told, "scale them to 0 to 1: (pixels + 1) / 2 if they go from -1 to 1.")
    if not (np.isfinite(low) and np.isfinite(high)):
        raise DataError(f"{told}, of which some are no numbers", "replace them first, e.g. with numpy.nan_to_num.")
    raise DataError(told, "scale them to 0 to 1: 0 for black, 1 for white.")


def _unknown_scale(where: str, kind: str, high: str, white: int | None) -> DataError:
    levels = "" if white is None else f", but --levels {white + 1} knows values from 0 to {white}"
    return DataError(
        f"the largest of the {kind} pixels in {where} is {high}: which value is white can't be told{levels}",
        f"scale them to 0 to 255, e.g. pixels * (255 / {high}), or train-pixelrnn --levels 4 or 16 "
        "takes whole numbers as levels.",
    )


def _scaled(array: NDArray[Any], top: float) -> Pixels:
    """Values from 0 to `top` as bytes, converted in pieces, as doubles of a large set would not fit.

    Numbers of one byte are exchanged where they stand: there is no second array of them.
    """
    if array.dtype == np.uint8 and top == 255.0:
        return array
    flat = array.reshape(-1)
    own = flat.dtype.itemsize == 1 and flat.flags.writeable and flat.flags.c_contiguous
    scaled: Pixels = flat.view(np.uint8) if own else np.empty(flat.size, dtype=np.uint8)
    for start in range(0, flat.size, PIECE):
        piece = flat[start : start + PIECE].astype(np.float64) * (255.0 / top)
        scaled[start : start + PIECE] = np.rint(piece).clip(0, 255)
    return scaled.reshape(array.shape)
