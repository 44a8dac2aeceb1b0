"""Loss of several models by epoch and by time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from genmodels.figures.colours import COLOURS
from genmodels.figures.fitting import fitted, line_height, spread
from genmodels.figures.style import FAINT, legend_below, style, titled_figure

LEVEL_SIZE = 7.5  # points


@dataclass(frozen=True)
class Curve:
    """One run's course.

    Args:
        name: what the legend calls it.
        epochs: ascending, whole or not.
        minutes: of training until each.
        nll: the loss at each.
    """

    name: str
    epochs: Sequence[float]
    minutes: list[float]
    nll: list[float]


def curves_figure(
    curves: Sequence[Curve], levels: Mapping[str, float], title: str, unit: str = "nats per character"
) -> Figure:
    """Loss against epochs and against minutes, side by side.

    Args:
        curves: one for each run.
        levels: baselines by name; those above every curve are left out.
        title: names the comparison.
        unit: of the loss.
    """
    highest = max(max(curve.nll) for curve in curves)
    with style():
        figure = titled_figure(9.0, 3.8, title)
        left, right = figure.subplots(1, 2, sharey=True)
        for index, curve in enumerate(curves):
            colour = COLOURS[index % len(COLOURS)]
            for axes, x in ((left, curve.epochs), (right, curve.minutes)):
                axes.plot(x, curve.nll, color=colour, marker="o", markersize=2.5, linewidth=1.3, label=curve.name)
        shown = {name: level for name, level in levels.items() if level <= highest}
        for level in shown.values():
            for axes in (left, right):
                axes.axhline(level, color=FAINT, linestyle=":", linewidth=1.2)
        left.xaxis.set_major_locator(MaxNLocator(integer=True))
        left.set(xlabel="epoch", ylabel=unit)
        right.set(xlabel="minutes of training")
        legend_below(figure, left, 2)
        _name_levels(figure, left, shown)
        return figure


def overlaid_figure(kinds: Mapping[str, Sequence[Curve]], title: str) -> Figure:
    """Scores of any runs against epochs and against minutes: a row of panels for each kind of score.

    Args:
        kinds: name and unit of a score -> a curve for each run that has it.
        title: names the runs.
    """
    colours = dict(zip([id(curve) for of_kind in kinds.values() for curve in of_kind], cycle(COLOURS), strict=False))
    with style():
        figure = titled_figure(9.0, 0.9 + 2.9 * len(kinds), title)
        rows = figure.subplots(len(kinds), 2, squeeze=False, sharey="row")
        for (kind, curves), (left, right) in zip(kinds.items(), rows, strict=True):
            for curve in curves:
                how = {"color": colours[id(curve)], "marker": "o", "markersize": 2.5, "linewidth": 1.3}
                left.plot(curve.epochs, curve.nll, **how)
                right.plot(curve.minutes, curve.nll, **how)
                rows[0][0].plot([], [], **how, label=curve.name)  # one legend names the curves of all rows
            left.xaxis.set_major_locator(MaxNLocator(integer=True))
            left.set(xlabel="epoch", ylabel=f"{kind} (held out)")
            right.set(xlabel="minutes of training")
        legend_below(figure, rows[0][0], 2)
        return figure


def _name_levels(figure: Figure, axes: Axes, levels: Mapping[str, float]) -> None:
    """Names above the lines of the levels; those of levels close together move apart."""
    figure.draw_without_rendering()
    order = sorted(levels, key=lambda name: levels[name])
    low, high = axes.get_ylim()
    inches = axes.get_window_extent().height / figure.dpi
    line = line_height(LEVEL_SIZE)
    places = [(levels[name] - low) / (high - low) * inches + line / 2 for name in order]
    for name, middle in zip(order, spread(places, [line] * len(order), 0.0, inches), strict=True):
        (text,) = fitted([name], [(0.9 * axes.get_window_extent().width / figure.dpi, LEVEL_SIZE)]).texts
        axes.text(0.99, middle / inches, text, transform=axes.transAxes, ha="right", va="center",
                  fontsize=LEVEL_SIZE, color=FAINT)  # fmt: skip
