"""Intervals of 95 % around what was measured of some things of many."""

import math

from genmodels.chance import CHANCE, errors_of_chance

NORMAL = 1.96  # deviations of a normal distribution, to either side: 95 %


def deviations(freedom: int) -> float:
    """Standard errors to either side of a 95 % interval, of an error that is known by some degrees of freedom.

    Of few it is the normal distribution's by as much as `errors_of_chance` is 2: of 9 or more half a hundredth wider
    than Student's t at most.

    >>> round(deviations(0), 2), round(deviations(9), 2)
    (1.96, 2.27)
    """
    return NORMAL * errors_of_chance(freedom) / CHANCE


def share_interval(share: float, count: int, error: float | None = None) -> tuple[float, float]:
    """Wilson's 95 % interval of a share that was counted in a sample.

    Args:
        share: it.
        count: of things in the sample.
        error: its standard error, where things have something in common: then they tell as much as fewer would.

    >>> [round(end, 3) for end in share_interval(0.0, 100)]
    [0.0, 0.037]
    >>> share_interval(0.5, 100, 0.1) == share_interval(0.5, 25)
    True
    """
    worth = count if not error else min(float(count), max(1.0, share * (1 - share) / error**2))
    more = NORMAL**2 / worth
    middle = (share + more / 2) / (1 + more)
    half = NORMAL / (1 + more) * math.sqrt(share * (1 - share) / worth + more / (4 * worth))
    return max(0.0, middle - half), min(1.0, middle + half)
