"""Numbers of any type -> grey bytes: which number is white."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genmodels.data.images.parts import Pixels
from genmodels.errors import DataError

LEAST_WHITE = 64  # a largest value from 2 to one below this is no scale of bytes that anybody meant
ROUNDING = 1e-3  # floats may go so far beyond 0 and 1
PIECE = 1 << 22  # pixels that are converted at a time


def as_bytes(
    arrays: Sequence[NDArray[np.generic]], where: str, white: int | None = None
) -> tuple[list[Pixels], list[str]]:
    """The parts of an image set in grey bytes, all by one scale, and what was guessed.

    Whole numbers whose largest is 1 are bits, others bytes; floats go from 0 to 1, or are bytes if they go far beyond.

    Args:
        arrays: of one type, in the shapes of images.
        where: what an error calls them.
        white: the value that is white, where it is known: levels count from 0 to it.

    Raises:
        DataError: the scale can't be told, or there are values that no pixel has.
    """
    filled = [array for array in arrays if array.size]
    if not filled:
        return [np.zeros(array.shape, np.uint8) for array in arrays], []
    low, high = min(float(a.min()) for a in filled), max(float(a.max()) for a in filled)
    floats = arrays[0].dtype.kind == "f"
    top, told = (_float_scale if floats else _whole_scale)(low, high, where, f"{arrays[0].dtype}", white)
    return [_scaled(array, top) for array in arrays], told


def _whole_scale(low: float, high: float, where: str, kind: str, white: int | None) -> tuple[float, list[str]]:
    """The value that is white among whole numbers."""
    if low < 0 or high > 255:
        raise DataError(f"{where} holds {kind} pixels from {low:g} to {high:g}", "scale them to 0 to 255.")
    if high == 1:
        return 1.0, [] if kind == "bool" else [f"{where}: pixels are 0 and 1, taken as black and white"]
    if white is not None and high <= white:
        return float(white), [] if white == 255 else [f"{where}: pixels are levels from 0 to {white}"]
    if 1 < high < LEAST_WHITE:
        raise _unknown_scale(where, kind, f"{high:g}", white)
    return 255.0, []


def _float_scale(low: float, high: float, where: str, kind: str, _: int | None) -> tuple[float, list[str]]:
    """The value that is white among floats."""
    if low >= -ROUNDING and LEAST_WHITE / 255 <= high <= 1.0 + ROUNDING:
        return 1.0, []
    if low >= 0 and LEAST_WHITE <= high <= 255:
        return 255.0, [f"{where}: {kind} pixels up to {high:g} are taken as bytes, 255 for white"]
    if low == high == 0.0:
        return 1.0, []
    told = f"{where} holds {kind} pixels from {low:g} to {high:g}"
    if -1.0 - ROUNDING <= low < 0 and high <= 1.0 + ROUNDING:
        raise DataError(told, "scale them to 0 to 1: (pixels + 1) / 2 if they go from -1 to 1.")
    raise DataError(told, "scale them to 0 to 1: 0 for black, 1 for white.")


def _unknown_scale(where: str, kind: str, high: str, white: int | None) -> DataError:
    levels = "" if white is None else f", but --levels {white + 1} knows values from 0 to {white}"
    return DataError(
        f"the largest of the {kind} pixels in {where} is {high}: which value is white can't be told{levels}",
        f"scale them to 0 to 255, e.g. pixels * (255 / {high}), or train-pixelrnn --levels 4 or 16 "
        "takes whole numbers as levels.",
    )


def _scaled(array: NDArray[np.generic], top: float) -> Pixels:
    """Values from 0 to `top` as bytes, converted in pieces, as doubles of a large set would not fit."""
    if array.dtype == np.uint8 and top == 255.0:
        return array  # type: ignore[return-value]
    flat, scaled = array.reshape(-1), np.empty(array.size, dtype=np.uint8)
    for start in range(0, array.size, PIECE):
        piece = flat[start : start + PIECE].astype(np.float64) * (255.0 / top)
        scaled[start : start + PIECE] = np.rint(piece).clip(0, 255)
    return scaled.reshape(array.shape)
