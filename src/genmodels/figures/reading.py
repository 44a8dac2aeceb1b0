"""Strips with what was read in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from genmodels.figures.colours import COLOURS
from genmodels.figures.fitting import Fitted, fitted, line_height, spread, text_height, width_of
from genmodels.figures.style import FAINT, INK, lay_out_by_hand, style, titled_figure

PIXELS_TO_INCH = 60.0
WIDEST = 12.0  # inches; what is wider goes on in the next line
NARROWEST = 4.0
MARGIN = 0.12
SYMBOL, SCORE = 9.0, 5.5  # points
ROOM = 0.03  # between two labels
BAR = 0.05  # below a line of the strip


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


@dataclass(frozen=True)
class _Labels:
    """What stands below a strip, in inches.

    Args:
        symbols: the digits read, as they fit.
        scores: as text.
        spans: where each was seen, from the strip's left end.
        widths: that each takes.
    """

    symbols: Fitted
    scores: Sequence[str]
    spans: Sequence[tuple[float, float]]
    widths: Sequence[float]

    @classmethod
    def of(cls, strip: ReadStrip) -> "_Labels":
        """The labels of a strip."""
        places = strip.spans or _evenly(len(strip.symbols), strip.image.shape[1])
        symbols = fitted(strip.symbols, [(0.7, SYMBOL), (0.7, 6.5), (0.9, SCORE)], 2)
        scores = [f"{score:.2f}".removeprefix("0") for score in strip.scores]
        widths = [
            max(width_of(symbol, symbols.size), width_of(score, SCORE)) + ROOM
            for symbol, score in zip(symbols.texts, scores, strict=True)
        ]
        spans = [(first / PIXELS_TO_INCH, last / PIXELS_TO_INCH) for first, last in places]
        return cls(symbols, scores, spans, widths)


@dataclass(frozen=True)
class _Line:
    """A part of a strip that stands in one line.

    Args:
        strip: of which it is a part.
        labels: of the whole strip.
        title: above it; empty but for the first line.
        start: inches from the strip's left end.
        width: inches.
        digits: numbers of those that lie here.
    """

    strip: ReadStrip
    labels: _Labels
    title: Fitted
    start: float
    width: float
    digits: range

    @property
    def tall(self) -> float:
        """Inches of the strip itself."""
        return len(self.strip.image) / PIXELS_TO_INCH

    @property
    def height(self) -> float:
        """Inches of everything, with some air below."""
        return self.title.height + self.tall + 4 * BAR + self.labels.symbols.height + line_height(SCORE) + MARGIN


def reading_figure(strips: Sequence[ReadStrip], title: str) -> Figure:
    """Each strip with the digits read under the columns that gave them, and their probabilities.

    All have the same scale; a strip that is wider than the page goes on in the next line.

    Args:
        strips: from above to below.
        title: above all.
    """
    width = max(NARROWEST, *(min(WIDEST, strip.image.shape[1] / PIXELS_TO_INCH) + 2 * MARGIN for strip in strips))
    lines = [line for strip in strips for line in _lines(strip, width - 2 * MARGIN)]
    with style():
        figure = titled_figure(width, sum(line.height for line in lines) + 0.35, title)
        lay_out_by_hand(figure)
        wide, high = figure.get_size_inches()
        bottom = figure.foot + sum(line.height for line in lines)
        for line in lines:
            bottom -= line.height
            place = (MARGIN / wide, bottom / high, 1.0 - 2 * MARGIN / wide, line.height / high)
            room = wide - 2 * MARGIN
            _draw(figure.add_axes(place, xlim=(0, room), ylim=(line.height, 0), xticks=[], yticks=[]), line, room)
        return figure


def _lines(strip: ReadStrip, room: float) -> Iterator[_Line]:
    """A strip in lines that are no wider than the room, cut between two digits wherever they leave a place."""
    labels, columns = _Labels.of(strip), strip.image.shape[1] / PIXELS_TO_INCH
    said = f"{strip.name}: {' '.join(strip.symbols) or 'nothing'}  (confidence {strip.confidence:.1%})"
    if strip.wrong:
        said += f"  but it is {strip.truth or 'empty'}"
    title, none = fitted([said], [(room, 8.5), (room, 7.0)], 2), Fitted([""], room, 8.5)
    start, first, count = 0.0, 0, len(strip.symbols)
    while start < columns or first < count:
        last = first
        while last < count and _has_room(labels, start, first, last, room):
            last += 1
        edge = start + room if last == count else min(start + room, labels.spans[last][0])
        end = max(edge, start + 1 / PIXELS_TO_INCH if last > first else start + room / 2)
        yield _Line(
            strip, labels, title if start == 0.0 else none, start, min(end, columns) - start, range(first, last)
        )
        start, first = end, last


def _has_room(labels: _Labels, start: float, first: int, last: int, room: float) -> bool:
    """Whether one more digit still goes into a line."""
    return labels.spans[last][1] - start <= room and sum(labels.widths[first : last + 1]) <= room


def _draw(axes: Axes, line: _Line, room: float) -> None:
    """A line: its title, its part of the picture, a bar, a symbol and a score for each digit."""
    axes.set_axis_off()
    top, width, strip, labels = line.title.height, line.width, line.strip, line.labels
    colour = COLOURS[1] if strip.wrong else INK
    axes.text(0.0, 0.0, line.title.texts[0], fontsize=line.title.size, color=colour, va="top")
    first, last = (round(edge * PIXELS_TO_INCH) for edge in (line.start, line.start + width))
    bottom = top + line.tall
    axes.imshow(
        strip.image[:, first:last], cmap="gray_r", vmin=0, vmax=1, interpolation="nearest",
        extent=(0, width, bottom, top), aspect="auto",
    )  # fmt: skip
    axes.plot([0, width, width, 0, 0], [top, top, bottom, bottom, top], color=FAINT, linewidth=0.5)
    spans = [tuple(edge - line.start for edge in labels.spans[digit]) for digit in line.digits]
    widths = [labels.widths[digit] for digit in line.digits]
    middles = spread([sum(span) / 2 for span in spans], widths, 0.0, max(width, min(room, sum(widths))))
    below = bottom + 2 * BAR
    for digit, span, middle in zip(line.digits, spans, middles, strict=True):
        if strip.spans is not None:
            axes.plot(span, [bottom + BAR] * 2, color=COLOURS[0], linewidth=2.5, solid_capstyle="butt")
        symbol, size = labels.symbols.texts[digit], labels.symbols.size
        axes.text(middle, below, symbol, ha="center", va="top", fontsize=size, color=COLOURS[0])
        score_top = below + text_height(symbol, size) + BAR / 2
        axes.text(middle, score_top, labels.scores[digit], ha="center", va="top", fontsize=SCORE, color=FAINT)


def _evenly(count: int, columns: int) -> list[tuple[float, float]]:
    """Places for the outputs of a network that does not say where it looked."""
    return [(columns * index / count, columns * (index + 1) / count) for index in range(count)]
