"""How far two sets of images lie apart by a kernel in their features, and which of two sets is nearer to real ones."""

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Features = NDArray[np.float64]
AT_ONCE = 500  # rows of a kernel's matrix


def kernel_distance(ours: Features, theirs: Features) -> tuple[float, float]:
    r"""Squared maximum mean discrepancy of two sets of features, an unbiased estimate (Binkowski et al. 2018).

    With the kernel k(x, y) = (x.y / F + 1)^3 of arXiv 1801.01401 it is the mean over all i != j of
    h_ij = k(x_i, x_j) + k(y_i, y_j) - k(x_i, y_j) - k(x_j, y_i) (Gretton et al. 2012). Whatever N is, it comes out
    right on average: 0 where both sets are from one distribution, so that it is below 0 now and then. Here the features
    are those of `Referee`, not those of a network for photographs: the numbers of other programs mean another thing.

    Args:
        ours: shape (N, F).
        theirs: likewise, of as many images.

    Returns:
        The estimate, and its standard error; the latter is rough for few images.
    """
    x, y = _scaled(ours, theirs)
    return _mean_of_pairs(len(x), lambda rows: _to_each_other(x, y, rows).add_(_cubed(y[rows], y)))


def distance_difference(one: Features, other: Features, real: Features) -> tuple[float, float]:
    r"""The kernel distance of a second set of drawn images minus that of a first one, both to the same real images.

    What real images have among themselves is in both and falls out of the difference, and what makes them an unlucky
    sample moves both distances alike. So the difference has an error of its own (Bounliphone et al. 2016,
    arXiv 1511.04581): with a, b and y the first, the second and the real features it is the mean over all i != j of
    h_ij = k(b_i, b_j) - k(b_i, y_j) - k(b_j, y_i) - k(a_i, a_j) + k(a_i, y_j) + k(a_j, y_i),
    a statistic of the triples (a_i, b_i, y_i), which are independent of one another. So what images that were drawn
    from the same codes have in common is in it, too.

    Args:
        one: shape (N, F).
        other: likewise.
        real: likewise.

    Returns:
        The difference, and its standard error; 0 and 0 of the same images.
    """
    a, b, y = _scaled(one, other, real)
    return _mean_of_pairs(len(y), lambda rows: _to_each_other(b, y, rows).sub_(_to_each_other(a, y, rows)))


def _scaled(*sides: Features) -> list[Tensor]:
    return [torch.from_numpy(side / math.sqrt(side.shape[1])) for side in sides]


def _to_each_other(x: Tensor, y: Tensor, rows: slice) -> Tensor:
    """Rows of k(x_i, x_j) - k(x_i, y_j) - k(x_j, y_i), shape (R, N)."""
    return _cubed(x[rows], x).sub_(_cubed(x[rows], y)).sub_(_cubed(y[rows], x))


def _cubed(ours: Tensor, theirs: Tensor) -> Tensor:
    """The kernel of every pair, shape (N, M)."""
    return (ours @ theirs.T).add_(1.0).pow_(3)


def _mean_of_pairs(count: int, pairs: Callable[[slice], Tensor]) -> tuple[float, float]:
    """The mean of h_ij over all i != j, and its standard error (a U-statistic of order 2: Hoeffding 1948).

    The variance is 4 v1 / N + 2 v2 / N^2, where v2 is that of h and v1 that of its mean over j; the means over the
    N - 1 other j that are known have the variance v1 + v2 / N.

    Args:
        count: N.
        pairs: gives rows of the symmetric matrix h, shape (R, N).
    """
    sums, squares = [], 0.0
    for start in range(0, count, AT_ONCE):
        found = pairs(slice(start, start + AT_ONCE))
        found.diagonal(start).zero_()  # no image with itself
        sums.append(found.sum(dim=1, dtype=torch.float64))
        squares += float(found.square_().sum(dtype=torch.float64))
    means = torch.cat(sums) / (count - 1)
    mean = float(means.mean())
    rest = 2.0 * max(0.0, squares / (count * (count - 1)) - mean**2) / count**2
    return mean, math.sqrt(max(rest, 4.0 * float(means.var(correction=1)) / count - rest))
