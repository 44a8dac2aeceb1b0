"""Error rates that were counted, and whether two of them differ by more than chance makes them."""

import math
from dataclasses import dataclass

STANDARD_ERRORS = 2.0  # rates that lie nearer say nothing beside each other


@dataclass(frozen=True)
class Rate:
    """Errors for each word, as they were counted.

    Args:
        value: 0 without an error, above 1 where more is read than was said.
        words: that there were to be read; None where that is not known.
    """

    value: float
    words: int | None

    @property
    def variance(self) -> float:
        """Of the value, if each word is read rightly or not by itself; 0 where it is not known how many were read."""
        share = min(1.0, self.value)
        return share * (1.0 - share) / self.words if self.words else 0.0

    def is_told_from(self, other: "Rate") -> bool:
        """Whether they differ by more than two standard errors.

        >>> Rate(0.166, 3600).is_told_from(Rate(0.150, 10_000)), Rate(0.166, 360).is_told_from(Rate(0.150, 1000))
        (True, False)
        """
        return abs(self.value - other.value) > STANDARD_ERRORS * math.sqrt(self.variance + other.variance)
