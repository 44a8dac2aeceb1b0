"""Strips with what was read in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genmodels.figures import widths
from genmodels.figures.colours import COLOURS
from genmodels.figures.cutting import least_ink
from genmodels.figures.fitting import Fitted, fitted, line_height, text_height
from genmodels.figures.style import (
    FAINT,
    INK,
    LABEL,
    TICK,
    WIDE,
    lay_out_by_hand,
    style,
    titled_figure,
)
from genmodels.figures.under_strips import HUES, PIXELS_TO_INCH, SCORE, Labels, ReadStrip, Under
from genmodels.telling import in_percent

WIDEST = 12.0  # inches; what is wider goes on in the next line
NARROWEST = 7.5
LARGER = 2  # times the usual size, of few strips, beside which title and sentence would be out of proportion
MARGIN = 0.12
NEARLY = 1.6  # times as wide at most: strips that stand in columns
BETWEEN = 0.35  # two strips that stand side by side
BAR = 0.05  # below a line of the strip
NUMBERS = {  # below a digit, of networks that read columns and of those with a place for each digit
    True: ", the number below a digit the network's output for it in its surest column",
    False: ", the number below a digit that of the digit",
}


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
    labels: Labels
    title: Fitted
    start: float
    width: float
    digits: range

    @property
    def tall(self) -> float:
        """Inches of the strip itself."""
        return len(self.strip.image) / PIXELS_TO_INCH

    @property
    def under(self) -> "Under":
        """Where its labels stand."""
        return Under.of(self.labels, self.start, self.digits, max(self.width, *self.labels.widths, 0.0))

    @property
    def level(self) -> float:
        """Inches of a label and its score."""
        return self.labels.symbols.height + line_height(SCORE) + BAR

    @property
    def height(self) -> float:
        """Inches of everything, with some air below."""
        return self.title.height + self.tall + 3 * BAR + self.under.levels * self.level + MARGIN

    @property
    def beside(self) -> float:
        """Inches that it takes beside others."""
        return max(self.width, self.title.widest, self.under.right) + BETWEEN


def reading_figure(strips: Sequence[ReadStrip], title: str) -> Figure:
    """Each strip with the digits read under the columns that gave them, and how sure these are.

    All have the same scale; short ones stand side by side, one that is wider than the page goes on in the next line.

    Args:
        strips: in their order, from above to below.
        title: above all.
    """
    strips = _larger(strips)
    widest = min(WIDEST, max(strip.image.shape[1] / PIXELS_TO_INCH + 2 * MARGIN for strip in strips))
    usual = max(WIDE, widest) - 2 * MARGIN
    lines = [line for strip in strips for line in _lines(strip, usual)]
    place = _alike(lines, len(strips))
    shelves = list(_shelves(lines, usual, place))
    taken = max(sum(max(place, line.beside) for line in shelf) - BETWEEN for shelf in shelves)
    heights = [max(line.height for line in shelf) for shelf in shelves]
    with style():
        width = max(NARROWEST, min(taken, usual) + 2 * MARGIN)
        figure = titled_figure(width, sum(heights) + 0.35, title, _sentence(strips, shelves))
        lay_out_by_hand(figure)
        wide, high = figure.get_size_inches()
        bottom = figure.foot + sum(heights)
        edge = max(MARGIN, (wide - taken) / 2)
        for shelf, height in zip(shelves, heights, strict=True):
            left, bottom = edge, bottom - height
            for line in shelf:
                beside = max(place, line.beside)
                room = wide - MARGIN - left if line is shelf[-1] else beside
                there = (left / wide, (bottom + height - line.height) / high, room / wide, line.height / high)
                _draw(figure.add_axes(there, xlim=(0, room), ylim=(line.height, 0), xticks=[], yticks=[]), line)
                left += beside
        return figure


def _larger(strips: Sequence[ReadStrip]) -> Sequence[ReadStrip]:
    """The same strips, each pixel several times as large, where all of them then still stand side by side."""
    taken = sum(LARGER * strip.image.shape[1] / PIXELS_TO_INCH + BETWEEN for strip in strips) - BETWEEN
    if taken > WIDE - 2 * MARGIN:
        return strips
    return [
        replace(
            strip,
            image=strip.image.repeat(LARGER, axis=0).repeat(LARGER, axis=1),
            spans=strip.spans and [(LARGER * first, LARGER * last) for first, last in strip.spans],
        )
        for strip in strips
    ]


def _alike(lines: Sequence[_Line], strips: int) -> float:
    """The width that each strip is given where all are nearly as wide, so that they stand in columns; else 0."""
    widths = [line.beside for line in lines]
    return max(widths) if len(lines) == strips and max(widths) <= NEARLY * min(widths) else 0.0


def _shelves(lines: Sequence[_Line], room: float, place: float) -> Iterator[list[_Line]]:
    """Lines side by side as long as there is room; what goes on in the next line stands alone.

    Args:
        lines: in their order.
        room: inches.
        place: that each takes at least.
    """
    shelf: list[_Line] = []
    for line in lines:
        taken = sum(max(place, other.beside) for other in (*shelf, line)) - BETWEEN
        if shelf and (taken > room or line.start > 0.0 or shelf[-1].strip is line.strip):
            yield shelf
            shelf = []
        shelf.append(line)
    yield shelf


def _sentence(strips: Sequence[ReadStrip], shelves: Sequence[Sequence[_Line]]) -> str:
    """What bars and numbers are, and what came of the reading."""
    told = []
    known = [strip for strip in strips if strip.truth is not None]
    if known:
        right = sum(not strip.wrong for strip in known)
        told.append(f"{right} of {len(known)} {'are' if len(known) > 1 else 'is'} read right.")
    if any(strip.wrong for strip in known):
        told.append("What was read wrongly is orange.")
    if any(strip.confidence is not None for strip in strips):
        symbols = [strip for strip in strips if strip.symbols]
        numbers = NUMBERS[any(strip.spans for strip in symbols)] if symbols else ""
        told.append(f"The percentage is the probability of the whole reading{numbers}.")
    else:
        told.append("There is no ink, so there is nothing to read.")
    if any(strip.spans for strip in strips):
        told.append(_bars_told(sum(strip.overruled for strip in strips)))
    if any(line.under.levels > 1 for shelf in shelves for line in shelf):
        told.append("Labels without room beside each other stand on several levels, each below its own place.")
    if any(strip.cut for strip in strips):
        told.append(
            "Of a larger picture the tallest line of ink was cut out: what is shown is all that the network saw."
        )
    if any(strip.spans is None and strip.symbols for strip in strips):
        told.append("The network does not say where it sees a digit: they stand at equal distances.")
    return " ".join(told)


def _bars_told(overruled: int) -> str:
    """What the bars span.

    Args:
        overruled: columns in which the network finds another output likelier than that of the path that is shown.
    """
    if not overruled:
        return "A bar spans the columns in which the network says the digit; in all others it says “blank”."
    columns = f"{overruled} column{'s' if overruled > 1 else ''}"
    return (
        "A bar spans the columns in which the likeliest path of what was read says the digit; in all others that path "
        f"says “blank”. In {columns} the network finds another output likelier: the beam weighs whole readings."
    )


def _lines(strip: ReadStrip, room: float) -> Iterator[_Line]:
    """A strip in lines that are no wider than the room, cut between two digits, where there is least ink."""
    labels, columns = Labels.of(strip), strip.image.shape[1] / PIXELS_TO_INCH
    sure = "it is blank" if strip.confidence is None else in_percent(strip.confidence)
    said = f"{strip.name}: {' '.join(strip.symbols) or 'nothing'} ({sure})"
    if strip.wrong:
        said += f"; but it is {strip.truth or 'empty'}"
    title, none = fitted([said], [(room, LABEL), (room, TICK), (room, 7.0)], 2), Fitted([""], room, LABEL)
    start, first, count = 0.0, 0, len(strip.symbols)
    while start < columns or first < count:
        last = first
        while last < count and _has_room(labels, start, first, last, room):
            last += 1
        end = labels.cuts[last - 1] if first < last < count else columns
        if end - start > room or last == first < count:  # what is wide and was not read, or a digit that does not fit
            low = PIXELS_TO_INCH * (start + room / 2)
            high = max(low, PIXELS_TO_INCH * min(start + room, labels.spans[last][0] if last < count else columns))
            end = least_ink(strip.image, low, high, high) / PIXELS_TO_INCH
        end = max(end, start + 1 / PIXELS_TO_INCH)
        yield _Line(
            strip, labels, title if start == 0.0 else none, start, min(end, columns) - start, range(first, last)
        )
        start, first = end, last


def _has_room(labels: Labels, start: float, first: int, last: int, room: float) -> bool:
    """Whether one more digit still goes into a line."""
    return labels.cuts[last] - start <= room and Under.of(labels, start, range(first, last + 1), room).fits


def _draw(axes: Axes, line: _Line) -> None:
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
    axes.plot(
        [0, width, width, 0, 0], [top, top, bottom, bottom, top], color=FAINT, linewidth=widths.HAIR, clip_on=False
    )
    under = line.under
    for number, (digit, middle) in enumerate(zip(line.digits, under.middles, strict=True)):
        level = number % under.levels
        if strip.spans is not None:
            span = [edge - line.start for edge in labels.spans[digit]]
            axes.plot(span, [bottom + BAR] * 2, color=HUES[level], linewidth=widths.BAR, solid_capstyle="butt")
        symbol, size, below = labels.symbols.texts[digit], labels.symbols.size, bottom + 2 * BAR + level * line.level
        axes.text(middle, below, symbol, ha="center", va="top", fontsize=size, color=HUES[level])
        score_top = below + text_height(symbol, size) + BAR / 2
        axes.text(middle, score_top, labels.scores[digit], ha="center", va="top", fontsize=SCORE, color=INK)
