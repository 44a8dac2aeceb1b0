"""Where images lie among the codes, and how much each dimension carries."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from genmodels.figures.style import COLOURS, FAINT, style, titled_figure

MOST_CLASSES = 20  # more than that no legend can tell apart


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
    colours = colormaps["tab10" if len(groups) <= 10 else "tab20"]
    for index, (label, rows) in enumerate(groups):
        name = None if label is None or classes is None else classes[int(label)]
        axes.scatter(
            means[rows, across], means[rows, down], s=4, alpha=0.6, linewidths=0, label=name,
            color=COLOURS[0] if label is None else colours(index % colours.N),
        )  # fmt: skip
    if labels is not None and len(groups) <= MOST_CLASSES:
        axes.legend(markerscale=3, fontsize=7.5, loc="center left", bbox_to_anchor=(1.0, 0.5), title="class")
    axes.set(xlabel=f"mean of z{across}", ylabel=f"mean of z{down}", aspect="equal", title="codes of test images")


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
