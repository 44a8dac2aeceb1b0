"""What stands under a strip: the digits read, each below the columns that gave it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmodels.figures.colours import COLOURS
from genmodels.figures.cutting import cuts_after
from genmodels.figures.fitting import Fitted, fitted, spread, width_of
from genmodels.figures.style import HEADING, NOTE

PIXELS_TO_INCH = 46.0
SYMBOL, SCORE = HEADING, NOTE  # points
ROOM = 0.05  # between two labels
HUES = (COLOURS[0], COLOURS[2], COLOURS[3], COLOURS[4])  # of labels that stand below each other, and of their bars
ASTRAY = 0.4  # of a label's width, that it may stand beside the middle of its bar


@dataclass(frozen=True)
class ReadStrip:
    """One strip and its reading.

    Args:
        name: what the strip is called.
        image: shape (Y, X), from 0 to 1, where 1 is ink.
        symbols: the digits read, from left to right.
        spans: first and last pixel column of each; None where the network has no columns.
        scores: the output for each in its surest column; of a network that has no columns, its probability.
        confidence: of the whole reading; None where there is nothing to read.
        truth: what it says, where that is known.
        wrong: whether it says something else than was read.
        overruled: columns in which the network finds another output likelier than that of the path that is shown.
        cut: whether it was cut out of a larger picture.
    """

    name: str
    image: NDArray[np.float32]
    symbols: Sequence[str]
    spans: Sequence[tuple[float, float]] | None
    scores: Sequence[float]
    confidence: float | None
    truth: str | None
    wrong: bool = False
    overruled: int = 0
    cut: bool = False


@dataclass(frozen=True)
class Labels:
    """What stands below a strip, in inches.

    Args:
        symbols: the digits read, as they fit.
        scores: as text.
        spans: where each was seen, from the strip's left end.
        cuts: where a line may end after each, likewise.
        widths: that each takes.
    """

    symbols: Fitted
    scores: Sequence[str]
    spans: Sequence[tuple[float, float]]
    cuts: Sequence[float]
    widths: Sequence[float]

    @classmethod
    def of(cls, strip: ReadStrip) -> "Labels":
        """The labels of a strip."""
        places = strip.spans or _evenly(len(strip.symbols), strip.image.shape[1])
        symbols = fitted(strip.symbols, [(0.7, SYMBOL), (0.7, SCORE), (0.9, 7.0)], 2)
        scores = [f"{score:.2f}".removeprefix("0") for score in strip.scores]
        widths = [
            max(width_of(symbol, symbols.size), width_of(score, SCORE)) + ROOM
            for symbol, score in zip(symbols.texts, scores, strict=True)
        ]
        spans = [(first / PIXELS_TO_INCH, last / PIXELS_TO_INCH) for first, last in places]
        cuts = [column / PIXELS_TO_INCH for column in cuts_after(strip.image, places)]
        return cls(symbols, scores, spans, cuts, widths)


@dataclass(frozen=True)
class Under:
    """Labels, each under its own bar.

    Args:
        levels: of labels below each other; as few as let each stand where it belongs.
        middles: of the labels in turn, inches from the line's left end; the next one stands a level deeper.
        right: where the last one ends.
        fits: whether all stand where they belong.
    """

    levels: int
    middles: Sequence[float]
    right: float
    fits: bool

    @classmethod
    def of(cls, labels: Labels, start: float, digits: range, room: float) -> "Under":
        """Labels of a line that has so much room for them, from so many inches of the strip on."""
        widths = [labels.widths[digit] for digit in digits]
        wanted = [
            min(max(width / 2, sum(labels.spans[digit]) / 2 - start), max(width, room) - width / 2)
            for digit, width in zip(digits, widths, strict=True)
        ]
        middles, levels, right, fits = wanted, 1, 0.0, True
        for levels in range(1, len(HUES) + 1):
            middles = [0.0] * len(wanted)
            for level in range(levels):
                of_level = slice(level, None, levels)
                middles[of_level] = spread(wanted[of_level], widths[of_level], 0.0, room)
            astray = [abs(there - want) / width for there, want, width in zip(middles, wanted, widths, strict=True)]
            fits = max(astray, default=0.0) <= ASTRAY
            if fits:
                break
        right = max((there + width / 2 for there, width in zip(middles, widths, strict=True)), default=0.0)
        return cls(levels, middles, right, fits)


def _evenly(count: int, columns: int) -> list[tuple[float, float]]:
    """Places for the outputs of a network that does not say where it looked."""
    return [(columns * index / count, columns * (index + 1) / count) for index in range(count)]
