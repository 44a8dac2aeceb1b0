"""Loss of several models by epoch and by time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from genmodels.figures.style import COLOURS, FAINT, legend_below, style, titled_figure


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
        for name, level in levels.items():
            if level <= highest:
                for axes in (left, right):
                    axes.axhline(level, color=FAINT, linestyle=":", linewidth=1.2)
                left.annotate(name, (0.99, level), xycoords=("axes fraction", "data"), ha="right", va="bottom",
                              fontsize=7.5, color=FAINT)  # fmt: skip
        left.xaxis.set_major_locator(MaxNLocator(integer=True))
        left.set(xlabel="epoch", ylabel=unit)
        right.set(xlabel="minutes of training")
        legend_below(figure, left, 2)
        return figure
