"""Where a strip that is too wide for a line is cut: between two digits, where there is least ink."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FAINT = 0.05  # of a pixel's ink: columns that differ by less are as good as each other


def cuts_after(image: NDArray[np.float32], spans: Sequence[tuple[float, float]]) -> list[int]:
    """The column at which a line may end after each digit.

    Args:
        image: shape (Y, X), from 0 to 1, where 1 is ink.
        spans: columns in which each digit was seen; it may have ink on both sides of them.
    """
    columns = image.shape[1]
    found = []
    for index, (_, last) in enumerate(spans):
        is_last = index + 1 == len(spans)
        high = columns if is_last else spans[index + 1][0]
        found.append(least_ink(image, last, high, last if is_last else (last + high) / 2))
    return found


def least_ink(image: NDArray[np.float32], low: float, high: float, wanted: float) -> int:
    """The column between two others before which a cut takes least ink, the nearest one to where it is wanted.

    >>> least_ink(np.array([[1, 1, 0, 0, 0, 1]], dtype=np.float32), 1, 6, 1), least_ink(np.ones((1, 9)), 2, 5, 4)
    (2, 4)
    """
    first = min(round(low), image.shape[1])
    last = max(first, round(high))
    ink = np.pad(image.sum(axis=0), (0, 1))[first : last + 1]
    before = np.pad(image.sum(axis=0), (1, 0))[first : last + 1]
    taken = np.minimum(ink, before)  # a cut at the edge of a digit takes nothing of it
    columns = first + np.flatnonzero(taken <= taken.min() + FAINT)
    return int(columns[np.abs(columns - wanted).argmin()])
