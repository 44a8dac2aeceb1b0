"""How sure a mean along a text is: neighbouring characters are alike, so blocks of them are compared."""

import math

import numpy as np
from numpy.typing import NDArray

BLOCKS = 100  # at most
SHORTEST_BLOCK = 256  # characters; of shorter ones the neighbours would still be alike
FEWEST_BLOCKS = 10  # of fewer the error itself would be unsure by more than a quarter


def standard_error(values: NDArray[np.floating]) -> float | None:
    """Standard error of the mean of a series whose neighbours are correlated, by means of its blocks.

    The series is cut into B blocks of one length, of which m_1, ..., m_B are the means:

        se^2 = sum_i (m_i - mean(m))^2 / (B (B - 1))

    (Carlstein 1986, Annals of Statistics 14: subseries that don't overlap). It holds where blocks are far longer than
    the correlation reaches; what changes more slowly, such as the author, is not in it. The error of a difference
    between two models on one text is that of the series of differences, so the blocks are paired.

    Args:
        values: in the order of the text, shape (N,).

    Returns:
        The error; None where there are less than `FEWEST_BLOCKS` of `SHORTEST_BLOCK` values.
    """
    blocks = min(BLOCKS, len(values) // SHORTEST_BLOCK)
    if blocks < FEWEST_BLOCKS:
        return None
    means = np.array([block.mean(dtype=np.float64) for block in np.array_split(values, blocks)])
    return float(means.std(ddof=1) / math.sqrt(blocks))
