"""How sure a mean along a text is: neighbouring characters are alike, so blocks of them are compared."""

import math

import numpy as np
from numpy.typing import NDArray

BLOCKS = 20  # at most: more would be shorter, and so more alike; of fewer the error itself would be unsure
FEWEST_BLOCKS = 10
SHORTEST_BLOCK = 256  # characters


def standard_error(values: NDArray[np.floating]) -> float | None:
    """Standard error of the mean of a series whose neighbours are correlated, by means of its blocks.

    The series is cut into B blocks of one length, of which m_1, ..., m_B are the means:

        se^2 = sum_i (m_i - mean(m))^2 / (B (B - 1))

    It is right where blocks are far longer than the correlation reaches, so there are few of them, as Schmeiser (1982,
    Operations Research 30) advises: 10 to 30. What changes more slowly, such as from one play to the next, is in it
    only in part: it says how sure the mean is for this kind of text, not for another author's. The error of a
    difference between two models on one text is that of the series of differences, so that blocks are paired.

    Args:
        values: in the order of the text, shape (N,).

    Returns:
        The error, itself known within about 16 % (B = 20) or 24 % (B = 10); None where there are less than
        `FEWEST_BLOCKS` of `SHORTEST_BLOCK` values.
    """
    blocks = blocks_of(len(values))
    if blocks == 0:
        return None
    means = np.array([block.mean(dtype=np.float64) for block in np.array_split(values, blocks)])
    return float(means.std(ddof=1) / math.sqrt(blocks))


def blocks_of(count: int) -> int:
    """Into how many blocks a series of so many values is cut; 0 where it is too short to tell how sure its mean is."""
    blocks = min(BLOCKS, count // SHORTEST_BLOCK)
    return blocks if blocks >= FEWEST_BLOCKS else 0
