"""Where images lie among the codes, and how much each dimension carries."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from genmodels.figures.colours import COLOURS
from genmodels.figures.fitting import fitted
from genmodels.figures.fonts import dress
from genmodels.figures.style import FAINT, HouseFigure, style, titled_figure

COLOURS_ALONE = 20  # more classes than that need shapes, too
SHAPES = "os^DvPX<>*ph"
MOST_CLASSES = 10 * len(SHAPES)  # more than that no legend can tell apart
LEGEND_ROWS = 20
LEGEND_ROOM = 0.9  # inches beside the plane that it has in any case


def scatter_figure(
    means: NDArray[np.float32],
    labels: NDArray[np.int64] | None,
    classes: Sequence[str] | None,
    kl_by_dimension: NDArray[np.float64],
    dimensions: tuple[int, int],
    title: str,
) -> Figure:
    """Two dimensions of the posterior means, coloured by class, and beside it the KL divergence of every dimension.

    Args:
        means: shape (N, Z).
        labels: shape (N,), or None.
        classes: name of each label.
        kl_by_dimension: nats, shape (Z,).
        dimensions: across and down.
        title: above both.
    """
    with style():
        figure = titled_figure(9.0, 4.4, title)
        plane, bars = figure.subplots(1, 2, width_ratios=(1.35, 1.0))
        _scatter(plane, means, labels, classes, dimensions)
        _bars(bars, kl_by_dimension)
        if labels is not None:
            _legend(figure, plane)
            for _ in range(2):  # beside a wide legend the axes need another look at their own ticks
                figure.draw_without_rendering()
        return figure


def _scatter(
    axes: Axes,
    means: NDArray[np.float32],
    labels: NDArray[np.int64] | None,
    classes: Sequence[str] | None,
    dimensions: tuple[int, int],
) -> None:
    """Two dimensions of the means, a colour for each class."""
    across, down = dimensions
    groups = [(None, slice(None))] if labels is None else [(k, labels == k) for k in np.unique(labels)]
    colours = colormaps["tab20" if 10 < len(groups) <= COLOURS_ALONE else "tab10"]
    for index, (label, rows) in enumerate(groups):
        name = None if label is None or classes is None else classes[int(label)]
        axes.scatter(
            means[rows, across], means[rows, down], s=4, alpha=0.6, linewidths=0, label=name,
            marker=SHAPES[index // colours.N % len(SHAPES)],
            color=COLOURS[0] if label is None else colours(index % colours.N),
        )  # fmt: skip
    axes.set(xlabel=f"mean of z{across}", ylabel=f"mean of z{down}", aspect="equal", title="codes of test images")


def _legend(figure: HouseFigure, axes: Axes) -> None:
    """The classes beside the plane, in columns; the figure grows by what they take.

    Above 20 classes no two have the same colour and shape.
    """
    groups, names = axes.get_legend_handles_labels()
    if not 0 < len(groups) <= MOST_CLASSES:
        return
    wrapped = fitted(names, [(1.1, 7.5), (1.6, 7.5), (1.6, 6.0), (2.0, 6.0)])
    legend = axes.legend(
        groups, wrapped.texts, markerscale=3, fontsize=wrapped.size, loc="center left", bbox_to_anchor=(1.0, 0.5),
        title="class", ncols=-(-len(groups) // LEGEND_ROWS),
    )  # fmt: skip
    dress(figure)
    extent = legend.get_window_extent()
    figure_height = figure.get_figheight()
    figure.grow(
        max(0.0, extent.width / figure.dpi - LEGEND_ROOM),
        max(0.0, extent.height / figure.dpi + 0.6 - figure_height),
    )


def _bars(axes: Axes, kl_by_dimension: NDArray[np.float64]) -> None:
    """The KL divergence of every dimension, the greatest first, and their sum."""
    order = np.argsort(-kl_by_dimension, kind="stable")
    axes.bar(np.arange(len(order)), kl_by_dimension[order], color=COLOURS[0])
    axes.set(
        title="KL by dimension, sorted",
        xlabel="dimension (sorted)",
        ylabel="nats per image",
        xlim=(-0.8, len(order) - 0.2),
    )
    axes.grid(visible=False, axis="x")
    total = f"sum {kl_by_dimension.sum():.2f}"
    axes.text(0.98, 0.95, total, transform=axes.transAxes, ha="right", va="top", color=FAINT)
