"""Lines that lie on one another: the lower ones are wider, so that each is seen."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

SEEN = 0.01  # of a scale: what is flatter is hidden by the line
WIDER, WIDEST = 1.5, 4.5  # points that a line is wider than the next that lies on it, and than a usual one at most
ON_ONE_ANOTHER = "where lines lie on one another, the wider one is seen below the narrower"


def wider_below(lines: Sequence[Mapping[Any, float]]) -> list[float]:
    """Points that lines are to be wider than usual, so that each is seen below the later ones that lie on it.

    Args:
        lines: of one panel whose scale begins at 0, in the order in which they are drawn: place -> value.
    """
    near = SEEN * max((value for line in lines for value in line.values()), default=0.0)
    below: list[int] = []  # of each line from the last to the first: how many lie on one another above it
    for place, line in reversed(list(enumerate(lines))):
        later = zip(reversed(lines[place + 1 :]), below, strict=True)
        below.append(max((1 + count for other, count in later if _lie_on(line, other, near)), default=0))
    step = min(WIDER, WIDEST / max([1, *below]))
    return [step * count for count in reversed(below)]


def _lie_on(one: Mapping[Any, float], other: Mapping[Any, float], near: float) -> bool:
    """Whether two lines can't be seen apart from one place to the next, or at the only one."""
    close = [abs(one[place] - other[place]) <= near for place in sorted(one.keys() & other.keys())]
    return close == [True] or any(map(all, pairwise(close)))
