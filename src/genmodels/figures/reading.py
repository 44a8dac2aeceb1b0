"""Strips with what was read in them, and accuracy by length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from genmodels.figures.style import COLOURS, FAINT, INK, legend_below, style, titled_figure

PIXELS_TO_INCH = 60.0
WIDEST = 12.0  # inches


@dataclass(frozen=True)
class ReadStrip:
    """One strip and its reading.

    Args:
        name: what the strip is called.
        image: shape (Y, X), from 0 to 1, where 1 is ink.
        symbols: the digits read, from left to right.
        spans: first and last pixel column of each; None where the network has no columns.
        scores: probability of each.
        confidence: of the whole reading.
        truth: what it says, where that is known.
        wrong: whether it says something else than was read.
    """

    name: str
    image: NDArray[np.float32]
    symbols: Sequence[str]
    spans: Sequence[tuple[float, float]] | None
    scores: Sequence[float]
    confidence: float
    truth: str | None
    wrong: bool = False


def reading_figure(strips: Sequence[ReadStrip], title: str) -> Figure:
    """Each strip with the digits read under the columns that gave them, and their probabilities.

    Args:
        strips: from above to below.
        title: above all.
    """
    widest = max(strip.image.shape[1] for strip in strips)
    inch = 1.0 / max(PIXELS_TO_INCH, widest / WIDEST)
    tall = [1.15 * strip.image.shape[0] * inch + 0.62 for strip in strips]
    with style():
        figure = titled_figure(max(4.0, widest * inch + 0.3), sum(tall) + 0.35, title)
        panels = figure.subplots(len(strips), 1, squeeze=False, height_ratios=tall)[:, 0]
        for axes, strip in zip(panels, strips, strict=True):
            _draw(axes, strip, widest)
        return figure


def _draw(axes: Axes, strip: ReadStrip, widest: int) -> None:
    rows, columns = strip.image.shape
    axes.imshow(strip.image, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest", extent=(0, columns, rows, 0))
    axes.set(xlim=(-1, widest + 1), ylim=(1.95 * rows, 0), xticks=[], yticks=[], aspect="equal")
    axes.spines[:].set_visible(False)
    axes.plot([0, columns, columns, 0, 0], [0, 0, rows, rows, 0], color=FAINT, linewidth=0.5)
    said = f"{strip.name}: {' '.join(strip.symbols) or 'nothing'}  (confidence {strip.confidence:.1%})"
    if strip.wrong:
        said += f"  but it is {strip.truth or 'empty'}"
    axes.set_title(said, fontsize=8.5, loc="left", color=COLOURS[1] if strip.wrong else INK, pad=3)
    spans = strip.spans or _evenly(len(strip.symbols), columns)
    for symbol, (first, last), score in zip(strip.symbols, spans, strip.scores, strict=True):
        middle = (first + last) / 2
        if strip.spans is not None:
            axes.plot([first, last], [1.1 * rows] * 2, color=COLOURS[0], linewidth=2.5, solid_capstyle="butt")
        axes.text(middle, 1.38 * rows, symbol, ha="center", va="center", fontsize=9, color=COLOURS[0])
        axes.text(middle, 1.75 * rows, f"{score:.2f}".lstrip("0"), ha="center", va="center", fontsize=5.5, color=FAINT)


def _evenly(count: int, columns: int) -> list[tuple[float, float]]:
    """Places for the outputs of a network that does not say where it looked."""
    return [(columns * index / count, columns * (index + 1) / count) for index in range(count)]


def accuracy_figure(
    curves: Mapping[str, Mapping[int, float]],
    errors: Mapping[str, Mapping[int, float]],
    longest: Sequence[int],
    title: str,
) -> Figure:
    """Share of strips read without error, and errors for each digit, by the number of digits.

    Args:
        curves: model -> length -> sequence accuracy.
        errors: model -> length -> character error rate.
        longest: digits in the longest strip trained on; more than one number where the models differ.
        title: above both.
    """
    furthest = max(length for by_length in curves.values() for length in by_length)
    with style():
        figure, panels = _two_panels(curves, errors, title, "digits in the strip")
        for axes, height in zip(panels, (0.5, 0.93), strict=True):
            for length in (n for n in longest if n < furthest):
                axes.axvline(length + 0.5, color=FAINT, linestyle=":", linewidth=1.0)
                axes.text(
                    length + 0.6, height, f"more than the\n{length} trained on", transform=axes.get_xaxis_transform(),
                    fontsize=7.5, color=FAINT, va="center",
                )  # fmt: skip
        return figure


def course_figure(
    curves: Mapping[str, Mapping[int, float]], errors: Mapping[str, Mapping[int, float]], title: str
) -> Figure:
    """Share of strips read without error, and errors for each digit, by epoch.

    Args:
        curves: part of the strips -> epoch -> sequence accuracy.
        errors: part of the strips -> epoch -> character error rate.
        title: above both.
    """
    with style():
        return _two_panels(curves, errors, title, "epoch")[0]


def _two_panels(
    curves: Mapping[str, Mapping[int, float]], errors: Mapping[str, Mapping[int, float]], title: str, along: str
) -> tuple[Figure, list[Axes]]:
    """Both measures beside each other, with one legend."""
    figure = titled_figure(9.5, 3.6, title)
    panels = (
        (curves, "Strips read without any error", "share"),
        (errors, "Errors for each digit", "character error rate"),
    )
    both = list(figure.subplots(1, 2))
    for axes, (values, heading, unit) in zip(both, panels, strict=True):
        for colour, (name, line) in zip(cycle(COLOURS), values.items(), strict=False):
            axes.plot(list(line), list(line.values()), color=colour, marker="o", markersize=3, label=name)
        axes.set(title=heading, xlabel=along, ylabel=unit)
        axes.set_ylim(bottom=-0.02 * axes.get_ylim()[1])
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_below(figure, both[0], 3)
    return figure, both
