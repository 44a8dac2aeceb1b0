"""Marks where a finished run was gone on with, as its learning rate warmed up again there."""

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from matplotlib.axes import Axes

from genmodels.figures import widths

AGAIN: Mapping[str, Any] = {
    "linewidth": widths.THIN,
    "linestyle": (0, (1, 2)),
    "zorder": 1.5,
}  # below every line of a run
GONE_ON = "gone on with"  # what a legend calls such a mark


class Line(Protocol):
    """What of a run's line says where its marks lie; see `genmodels.figures.lines.Curve`."""

    @property
    def name(self) -> str:
        """Of the run."""

    @property
    def epochs(self) -> Sequence[float]:
        """Of its points."""

    @property
    def again(self) -> Sequence[float]:
        """Epochs after which the run was gone on with."""


Drawn = TypeVar("Drawn", bound=Line)


def mark_gone_on(
    axes: Axes,
    lines: Sequence[Drawn],
    looks: Mapping[str, Mapping[str, Any]],
    across: Callable[[Drawn], Sequence[float]],
) -> None:
    """A mark from below to above for each time that a run was gone on with, in the run's colour.

    Args:
        axes: to draw in.
        lines: of the runs, several of each.
        looks: how each run's lines are drawn.
        across: what of a line lies across: its epochs, or its times.
    """
    for (name, _), place in _places(lines, across).items():
        axes.axvline(place, color=looks[name]["color"], **AGAIN)


def _places(lines: Sequence[Drawn], across: Callable[[Drawn], Sequence[float]]) -> dict[tuple[str, float], float]:
    """Where each run was gone on with, by its name and the epoch: where its last point until then lies."""
    places: dict[tuple[str, float], float] = {}
    for line in lines:
        for epoch in line.again:
            before, run = bisect_right(line.epochs, epoch), (line.name, epoch)
            if before > 0:
                places[run] = max(across(line)[before - 1], places.get(run, -math.inf))
    return places
