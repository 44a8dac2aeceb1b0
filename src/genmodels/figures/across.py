"""What lies across in figures of trainings: epochs, whole or parts of the first, and time."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from genmodels.figures.lines import Curve
from genmodels.figures.style import epochs_across

TIME_TOLD = "training and evaluating"  # what `Curve.minutes` are of: one clock runs through both
TIMES = (("seconds", 60.0, 2.0), ("minutes", 1.0, 180.0), ("hours", 1 / 60.0, math.inf))  # of a minute; up to minutes


def time_across(curves: Sequence[Curve]) -> tuple[float, str]:
    """What minutes are multiplied by to stand on the axis of time, and its name, by how long the longest took."""
    longest = max(minute for curve in curves for minute in curve.minutes)
    unit, factor = next((unit, factor) for unit, factor, most in TIMES if longest <= most)
    return factor, f"{unit} of {TIME_TOLD}"


def count_epochs(columns: Sequence[Axes], last: float) -> None:
    """Name the axis of epochs below the last of some panels: whole ones, or parts of the first where there is no more.

    Args:
        columns: panels above each other.
        last: epoch that they show.
    """
    if last < 1.0:
        columns[-1].set_xlabel("part of the first epoch")
        for axes in columns:
            axes.xaxis.set_major_formatter(FuncFormatter(lambda part, _: f"{part:g}"))
        return
    for axes in columns:
        epochs_across(axes, "epoch" if axes is columns[-1] else "")
