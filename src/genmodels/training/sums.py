"""What updates gave, summed up on the device until a train record is due, so that no step waits for it."""

import math
from collections.abc import Mapping

from torch import Tensor

BROKEN = "broken"  # above 0 where any loss or gradient was not finite


def added(sums: Mapping[str, Tensor], result: Mapping[str, Tensor], units: int) -> dict[str, Tensor]:
    """The sums with one more update.

    Args:
        sums: of the updates before; empty before the first.
        result: what an update gave on average; "finite" says whether it was sound.
        units: characters or images that it read, by which it counts.
    """
    means = {name: value.detach() for name, value in result.items() if name != "finite"}
    means[BROKEN] = (~result["finite"]).float()
    weighted = {name: value * units for name, value in means.items()}
    return {**sums, **{name: sums[name] + value if name in sums else value for name, value in weighted.items()}}


def means_of(sums: Mapping[str, Tensor], units: int) -> tuple[dict[str, float], bool]:
    """The means, and whether anything was not finite; waits for the device."""
    means = {name: float(value) / units for name, value in sums.items()}
    broken = means.pop(BROKEN) > 0
    return means, broken or not all(map(math.isfinite, means.values()))
