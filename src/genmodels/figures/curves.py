"""Loss of several models by epoch and by time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
