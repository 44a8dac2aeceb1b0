"""How many standard errors may be chance: two, more where few things tell the error or several are compared."""

import math
from functools import lru_cache
from statistics import NormalDist

CHANCE = 2.0  # standard errors: what differs by no more may be chance
RARE = 2.0 * NormalDist().cdf(-CHANCE)  # how often two that are equal differ by more: 4.55 %
OF_NONE = 3.0  # errors that there may be where none was counted
NONE_TOLD = "where no error was counted, there may be 3 in as many words (the rule of three)"
NORMAL = 1.96  # deviations of a normal distribution, to either side: 95 %
MANY = 100  # degrees of freedom: Student's t is within 2 % of the normal distribution's
FREEDOM = "degrees_of_freedom"  # what they are called beside a standard error in records
COMPARED = "compared"  # among how many the best was picked, in records of what it differs by from another


@lru_cache(maxsize=1024)
def errors_of_chance(freedom: int, compared: int = 2) -> float:
    """So many standard errors may be chance, where the best of several is held against another.

    Which one is best is seen from the same data, so that any two of k may come to be compared: each of their
    k (k - 1) / 2 pairs may differ by chance in its share of `RARE` only (Bonferroni), and all of k equal ones are found
    to be so in 95.45 % or more.

    Args:
        freedom: degrees of freedom that the error is known by; 0: many.
        compared: k, among which the best was picked; fewer than two are two.

    >>> [round(errors_of_chance(freedom), 2) for freedom in (1, 2, 10, 11, 19, 0)]
    [13.97, 4.53, 2.28, 2.25, 2.14, 2.0]
    >>> [round(errors_of_chance(0, compared), 2) for compared in (3, 4, 5, 10)]
    [2.43, 2.67, 2.84, 3.29]
    """
    pairs = pairs_of(compared)
    if freedom == 0:
        return -NormalDist().inv_cdf(RARE / pairs / 2.0) if pairs > 1 else CHANCE
    low, high = CHANCE, 1e9
    while high - low > 1e-9 * high:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if _beyond(middle, freedom) > RARE / pairs else (low, middle)
    return high


def pairs_of(compared: int) -> int:
    """Of k things, of which two at least are compared: k (k - 1) / 2.

    >>> pairs_of(2), pairs_of(4), pairs_of(1)
    (1, 6, 1)
    """
    return max(1, compared * (compared - 1) // 2)


def _beyond(errors: float, freedom: int) -> float:
    """How often |t| of Student's distribution is greater, by the finite sum (Abramowitz and Stegun 26.7.3 and 4)."""
    angle = math.atan(errors / math.sqrt(freedom))
    odd = freedom % 2
    term, total = math.cos(angle) if odd else 1.0, 0.0
    for k in range(1 + odd, freedom, 2):
        total += term
        term *= math.cos(angle) ** 2 * k / (k + 1)
    within = math.sin(angle) * total
    return 1.0 - (2.0 / math.pi * (angle + within) if odd else within)


def deviations(freedom: int) -> float:
    """Standard errors to either side of a 95 % interval, of an error that is known by some degrees of freedom.

    Of few it is the normal distribution's by as much as `errors_of_chance` is 2: of 9 or more half a hundredth wider
    than Student's t at most.

    >>> round(deviations(0), 2), round(deviations(9), 2)
    (1.96, 2.27)
    """
    return NORMAL * errors_of_chance(freedom) / CHANCE


def interval(rate: float, half: float, counted: int) -> tuple[float, float]:
    """The ends of a 95 % interval of a rate, which is no nothing where none was counted (the rule of three).

    Of n independent things of which 3 / n are wrong on average, none is in 5 %: (1 - 3 / n) ** n.

    Args:
        rate: errors for each thing.
        half: of the interval where there are errors; 0 where that is not known.
        counted: n; 0 where nobody counted.

    >>> [round(end, 3) for end in interval(0.02, 0.03, 500)], interval(0.0, 0.0, 500)
    ([0.0, 0.05], (0.0, 0.006))
    """
    if rate == 0.0 and counted > 0:
        return 0.0, min(1.0, OF_NONE / counted)
    return max(0.0, rate - half), rate + half


def fewest(*freedoms: int) -> int:
    """The degrees of freedom of an error that has several parts: the fewest, as 0 stands for many.

    >>> fewest(0, 9, 4), fewest(0, 0)
    (4, 0)
    """
    return min((freedom for freedom in freedoms if freedom > 0), default=0)


def known_by(freedom: int) -> dict[str, int]:
    """Degrees of freedom for a record that has a standard error; nothing where they are many."""
    return {FREEDOM: freedom} if 0 < freedom < MANY else {}


def within_told(freedom: int, compared: int = 2) -> str:
    """How near numbers lie that can't be told apart, see `errors_of_chance`.

    >>> within_told(0), within_told(9)
    ('two standard errors', "2.32 standard errors (Student's t, 9 degrees of freedom)")
    >>> within_told(0, 4)
    '2.67 standard errors (any 2 of 4 compared)'
    """
    degrees = f"{freedom} degree{'s' * (freedom > 1)} of freedom"
    why = [f"Student's t, {degrees}"] if known_by(freedom) else []
    why += [f"any 2 of {compared} compared"] if compared > 2 else []
    told = f"{errors_of_chance(freedom, compared):.2f} standard errors ({'; '.join(why)})"
    return told if why else "two standard errors"
