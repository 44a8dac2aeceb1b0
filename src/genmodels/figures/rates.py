"""The loss against the learning rate, step by step of a sweep, with the rates that it says something of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genmodels.figures import widths
from genmodels.figures.colours import BLUE, GREEN, ORANGE, PINK
from genmodels.figures.style import (
    HIGH,
    INK,
    WIDE,
    in_digits,
    in_powers,
    legend_below,
    sentence_of,
    style,
    titled_figure,
)

ABOVE, BELOW = 0.6, 0.08  # of what a loss spans before its least: how far beyond it the axis goes
SHADE = 0.12  # opacity


@dataclass(frozen=True)
class RateCourse:
    """What `rates_figure` shows.

    Args:
        rates: of the steps, ascending.
        losses: what the legend calls a loss -> that of each step.
        smoothed: likewise, without their noise.
        low: between which rates the loss is lowest; None: not known.
        broke: at which it breaks; None: it does not.
        suggestion: the rate to train with; None: there is none.
        smoothed_by: how that is done.
    """

    rates: Sequence[float]
    losses: Mapping[str, Sequence[float]]
    smoothed: Mapping[str, Sequence[float]]
    low: tuple[float, float] | None
    broke: float | None
    suggestion: float | None
    smoothed_by: str


def rates_figure(course: RateCourse, label: str, title: str, remarks: Sequence[str]) -> Figure:
    """One panel: the losses over a logarithmic axis of rates, the suggestion as a line.

    Args:
        course: of the sweep.
        label: of the axis upwards.
        title: names the model and its data.
        remarks: said below.
    """
    keeping = f"thin is each step, thick the {course.smoothed_by}"
    said = [*remarks, *([keeping] if len(course.losses) > 1 else [])]  # else the legend has it
    with style():
        figure = titled_figure(WIDE, HIGH - 1.0, title, " ".join(map(sentence_of, said)))
        axes = figure.subplots()
        axes.set_xscale("log")
        axes.set_xlim(course.rates[0], course.rates[-1])
        axes.xaxis.set_major_formatter(lambda rate, _: in_powers(rate))
        entries = _losses(axes, course) + _marks(axes, course)
        axes.set_ylim(*_limits(course))
        axes.set(xlabel="learning rate", ylabel=label)
        legend_below(figure, axes, entries)
        return figure


def _losses(axes: Axes, course: RateCourse) -> int:
    """Each loss thin, and thick without its noise; gives how many names there are for a legend."""
    several = len(course.losses) > 1
    for (name, losses), colour in zip(course.losses.items(), (BLUE, ORANGE), strict=False):
        axes.plot(
            course.rates, losses, color=colour, linewidth=widths.THIN, alpha=0.5, label=None if several else "each step"
        )
        label = name if several else course.smoothed_by
        axes.plot(course.rates, course.smoothed[name], color=colour, linewidth=widths.LINE, label=label)
    return 2


def _marks(axes: Axes, course: RateCourse) -> int:
    """Where the loss is lowest, where it breaks, and the suggestion; gives how many there are."""
    if course.low is not None:
        axes.axvspan(*course.low, color=GREEN, alpha=SHADE, linewidth=0, label="lowest loss")
    if course.broke is not None:
        axes.axvline(course.broke, color=PINK, linestyle=":", label=f"breaks: {in_digits(course.broke, 2)}")
    if course.suggestion is not None:
        axes.axvline(
            course.suggestion, color=INK, linestyle="--", label=f"suggestion: {in_digits(course.suggestion, 2)}"
        )
    return sum(mark is not None for mark in (course.low, course.broke, course.suggestion))


def _limits(course: RateCourse) -> tuple[float, float]:
    """What goes upwards: from the least to a little above where the losses were before it; what blows up leaves it."""
    lowest, highest = [], []
    for name, smoothed in course.smoothed.items():
        least = min(range(len(smoothed)), key=smoothed.__getitem__)
        before = [*smoothed[: least + 1], *(sorted(course.losses[name])[: len(smoothed) // 2])]
        lowest.append(min(before))
        highest.append(max(before))
    low, high = min(lowest), max(highest)
    span = (high - low) or abs(high) or 1.0
    return low - BELOW * span, high + ABOVE * span
