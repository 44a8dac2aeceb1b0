"""How gradients fade with distance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from genmodels.figures.colours import COLOURS
from genmodels.figures.style import legend_below, logarithmic, style, titled_figure


@dataclass(frozen=True)
class FadingCurve:
    """One line of the figure.

    Args:
        name: what the legend calls it.
        group: lines of one group share a colour.
        dashed: drawn dashed.
        quartiles: lower quartile, median, upper quartile by lag, shape (3, lags + 1).
    """

    name: str
    group: str
    dashed: bool
    quartiles: NDArray[np.float64]


def gradient_figure(curves: Sequence[FadingCurve], title: str) -> Figure:
    """Norm of the gradient against the distance, on a logarithmic scale: medians as lines, quartiles as bands.

    Args:
        curves: one for each run and quantity.
        title: names text and windows.
    """
    groups = list(dict.fromkeys(curve.group for curve in curves))
    with style():
        figure = titled_figure(7.0, 4.2, title)
        axes = figure.subplots()
        for curve in curves:
            _line_and_band(axes, curve, COLOURS[groups.index(curve.group) % len(COLOURS)])
        logarithmic(axes)
        axes.set_xlim(0, len(curves[0].quartiles[1]) - 1)
        axes.set(xlabel="distance T - t (characters)", ylabel="norm of the gradient of the loss at T")
        legend_below(figure, axes, 2)
        return figure


def _line_and_band(axes: Axes, curve: FadingCurve, colour: str) -> None:
    lower, median, upper = curve.quartiles
    lags = np.arange(len(median))
    axes.fill_between(lags, lower, upper, color=colour, alpha=0.13, linewidth=0)
    axes.plot(lags, median, "--" if curve.dashed else "-", color=colour, linewidth=1.5, label=curve.name)
