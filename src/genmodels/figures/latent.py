"""Where images lie among the codes, what is decoded there, and how much each dimension carries."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from genmodels.figures import widths
from genmodels.figures.colours import COLOURS
from genmodels.figures.fitting import fitted
from genmodels.figures.fonts import dress
from genmodels.figures.grid import on_white
from genmodels.figures.pictures import tiled
from genmodels.figures.style import (
    FAINT,
    HIGH,
    INK,
    LABEL,
    NOTE,
    TICK,
    WIDE,
    HouseFigure,
    in_digits,
    style,
    titled_figure,
)

COLOURS_ALONE = 20  # more classes than that need shapes, too
SHAPES = "os^DvPX<>*ph"
MOST_CLASSES = 10 * len(SHAPES)  # more than that no legend can tell apart
LEGEND_ROWS = 20
LEGEND_ROOM = 0.9  # inches beside the plane that it has in any case
SMALLEST = 7.0  # points
INKED = 60_000.0  # square points that all dots have together
LEAST_DOT, MOST_DOT = 10.0, 50.0  # square points of a dot: seen from afar, and not taken for an area
MOST_BARS = 24  # dimensions
LEAST_KL = 0.01  # nats that the axis of KL reaches: what is less is no more than noise, and looks so
UPRIGHT = 12  # bars above which the numbers below them stand upright
TICKS = ((-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5), (-1.0, 0.0, 1.0), (0.0,))  # the first that have room
TICK_ROOM = 0.4  # inches
PLANE_HIGH = 4.5  # inches of the images on the plane
AXIS = 1.0  # inches that ticks and labels of the plane take


def manifold_figure(
    pictures: NDArray[np.float32],
    values: Sequence[float],
    dimensions: tuple[int, int],
    title: str,
    sentence: str,
) -> Figure:
    """What is decoded at each code of a plane, edge to edge; the first dimension across, the second upwards.

    Args:
        pictures: shape (N * N, Y, X) from 0 to 1, where 1 is ink, row by row from above.
        values: of either dimension at the N rows and columns, ascending.
        dimensions: across and up.
        title: of which run and data.
        sentence: what to look at.
    """
    count = len(values)
    sheet = tiled(pictures, count, gap=0, ground=0)
    ratio = sheet.shape[0] / sheet.shape[1]
    width = min(WIDE - AXIS, PLANE_HIGH / ratio)
    with style():
        figure = titled_figure(WIDE, width * ratio + AXIS, title, sentence)
        axes = figure.subplots()
        axes.imshow(sheet, cmap=on_white(), vmin=0, vmax=1, interpolation="nearest", extent=(0, count, 0, count),
                    aspect=ratio)  # fmt: skip
        axes.grid(visible=False)
        axes.spines[:].set_visible(True)
        for set_ticks, side in ((axes.set_xticks, width), (axes.set_yticks, width * ratio)):
            set_ticks(*_ticks(values, side))
        across, up = dimensions
        axes.set(xlabel=f"z{across}", ylabel=f"z{up}")
        return figure


def _ticks(values: Sequence[float], side: float) -> tuple[NDArray[np.float64], list[str]]:
    """Places and names of round numbers along a side of the plane.

    Args:
        values: at the middles of its rows or columns.
        side: its length, inches.
    """
    for ticks in TICKS:
        places = np.interp(ticks, values, np.arange(len(values)) + 0.5)
        if np.diff(places, prepend=-np.inf).min() * side >= TICK_ROOM * len(values):
            break
    return places, [f"{tick:g}".replace("-", "−") for tick in ticks]


def scatter_figure(
    means: NDArray[np.float32],
    labels: NDArray[np.int64] | None,
    classes: Sequence[str] | None,
    kl_by_dimension: NDArray[np.float64],
    dimensions: tuple[int, int],
    title: str,
    sentence: str = "",
    edge: float | None = None,
) -> Figure:
    """Two dimensions of the posterior means, coloured by class, and beside it the KL divergence of every dimension.

    Args:
        means: shape (N, Z).
        labels: shape (N,), or None.
        classes: name of each label.
        kl_by_dimension: nats, shape (Z,).
        dimensions: across and up.
        title: of which run and data.
        sentence: what to look at.
        edge: of either dimension, in the plane that `manifold_figure` draws; it is outlined.
    """
    with style():
        figure = titled_figure(WIDE, HIGH, title, sentence)
        plane, bars = figure.subplots(1, 2, width_ratios=(1.2, 1.0))
        _scatter(plane, means, labels, classes, dimensions)
        if edge is not None:
            _outline(plane, edge)
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
    across, up = dimensions
    groups = [(None, slice(None))] if labels is None else [(k, labels == k) for k in np.unique(labels)]
    colours = colormaps["tab20" if 10 < len(groups) <= COLOURS_ALONE else "tab10"]
    size = float(np.clip(INKED / max(1, len(means)), LEAST_DOT, MOST_DOT))
    for index, (label, rows) in enumerate(groups):
        name = None if label is None or classes is None else classes[int(label)]
        axes.scatter(
            means[rows, across], means[rows, up], s=size, alpha=0.6, linewidths=0, label=name,
            marker=SHAPES[index // colours.N % len(SHAPES)],
            color=COLOURS[0] if label is None else colours(index % colours.N),
        )  # fmt: skip
    axes.set(xlabel=f"z{across}", ylabel=f"z{up}", aspect="equal", title="Codes: the encoder's means")


def _outline(axes: Axes, edge: float) -> None:
    """A square around the middle."""
    axes.add_patch(
        Rectangle(
            (-edge, -edge), 2 * edge, 2 * edge, fill=False, edgecolor=FAINT, linestyle="--", linewidth=widths.RULE
        )
    )
    axes.autoscale_view()


def _legend(figure: HouseFigure, axes: Axes) -> None:
    """The classes beside the plane, in columns; the figure grows by what they take.

    Above 20 classes no two have the same colour and shape.
    """
    groups, names = axes.get_legend_handles_labels()
    if not 0 < len(groups) <= MOST_CLASSES:
        return
    wrapped = fitted(names, [(1.1, LABEL), (1.6, NOTE), (1.6, SMALLEST), (2.0, SMALLEST)])
    legend = axes.legend(
        groups, wrapped.texts, fontsize=wrapped.size, loc="center left", bbox_to_anchor=(1.0, 0.5),
        title="class", ncols=-(-len(groups) // LEGEND_ROWS),
    )  # fmt: skip
    for handle in legend.legend_handles:
        if handle is not None:
            handle.set(sizes=[MOST_DOT], alpha=1.0)
    dress(figure)
    extent = legend.get_window_extent()
    free = figure.get_figheight() - figure.foot
    figure.grow(
        max(0.0, extent.width / figure.dpi - LEGEND_ROOM),
        max(0.0, extent.height / figure.dpi + 0.6 - free),
    )


def _bars(axes: Axes, kl_by_dimension: NDArray[np.float64]) -> None:
    """The KL divergence of every dimension, named below its bar, the greatest first; and their sum."""
    order = np.argsort(-kl_by_dimension, kind="stable")
    shown, others = order[:MOST_BARS], order[MOST_BARS:]
    axes.bar(np.arange(len(shown)), kl_by_dimension[shown], color=COLOURS[0])
    axes.set(
        title="KL of the codes from p(z) by dimension",
        xlabel="dimension of z, the one with most KL first",
        ylabel="nats per image",
        xlim=(-0.8, len(shown) - 0.2),
    )
    axes.set_xticks(range(len(shown)), [str(number) for number in shown], rotation=90 if len(shown) > UPRIGHT else 0,
                    fontsize=TICK)  # fmt: skip
    axes.grid(visible=False, axis="x")
    axes.margins(y=0.18)
    axes.set_ylim(top=max(axes.get_ylim()[1], LEAST_KL))
    total = kl_by_dimension.sum()
    told = f"all {len(order)} dimensions: {f'{total:.2f}' if total >= LEAST_KL else in_digits(total, 2)} nats"
    if others.size:
        rest = in_digits(kl_by_dimension[others].sum(), 2)
        told += f"\n{len(others)} of them not drawn: {rest} nats"
    axes.text(0.98, 0.98, told, transform=axes.transAxes, ha="right", va="top", color=INK, fontsize=LABEL,
              bbox={"facecolor": "white", "edgecolor": "none", "pad": 2.0})  # fmt: skip  # the grid passes behind it
