"""Texts in cells, as a table: each wrapped in letters of one width, what it goes on from in bold."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genmodels.figures import widths
from genmodels.figures.colours import BLUE
from genmodels.figures.fitting import Fitted, fitted, text_height, width_of
from genmodels.figures.fonts import MONOSPACE, shown
from genmodels.figures.panels import Page
from genmodels.figures.style import FAINT, HEADING, INK, LABEL, MARGIN, NOTE, TICK, WIDE, page, style

LEAST_COLUMN = 2.4  # inches of a text, some thirty letters
LINE = 1.3 * NOTE / 72  # inches from one line to the next
MOST_LINES = 40  # of a text
INSIDE = 0.08  # inches between a cell's edge and what is in it
ABOVE, BELOW = 0.5, 1.0  # inches that the title takes, and heads and sentence
WIDTHS = (WIDE, 1.2 * WIDE, 1.4 * WIDE)  # inches of a figure, the best one first: letters seem smaller in a wide one
WIDEST_LABEL = 1.4


@dataclass(frozen=True)
class TextCell:
    """A text and what it goes on from.

    Args:
        prompt: what it goes on from.
        text: that was written.
        note: what is said of it, or nothing.
    """

    prompt: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class _Set:
    """A text as it is set.

    Args:
        text: prompt and text, as they are shown.
        prompt: characters of it that are the prompt.
        lines: first character of each line, and the one after its last.
        note: below it.
    """

    text: str
    prompt: int
    lines: Sequence[tuple[int, int]]
    note: Fitted

    @classmethod
    def of(cls, cell: TextCell, room: float) -> "_Set":
        """A text in lines of so many inches; a very long one ends with how much more there is."""
        prompt = shown(cell.prompt)
        text = prompt + shown(cell.text)
        lines = list(_lines(text, room))
        note = cell.note
        if len(lines) > MOST_LINES:
            left = len(text) - lines[MOST_LINES - 1][1]
            lines = lines[:MOST_LINES]
            note = f"… and {left:,} more characters" + (f"\n{note}" if note else "")
        return cls(text, len(prompt), lines, fitted([note], [(room, TICK)]))

    @property
    def height(self) -> float:
        """Inches, with the edges of its cell."""
        return len(self.lines) * LINE + self.note.height + (2 + any(self.note.texts)) * INSIDE


def text_figure(
    rows: Sequence[Sequence[TextCell]], labels: Sequence[str], heads: Sequence[str], title: str, sentence: str
) -> Figure:
    """Texts in rows and columns.

    Args:
        rows: from above to below; each has a text for each column.
        labels: of the rows.
        heads: of the columns.
        title: above everything.
        sentence: below everything: what to look at.
    """
    names = fitted(labels, [(WIDEST_LABEL, LABEL), (WIDEST_LABEL, NOTE)], 3)
    beside = names.widest + 2 * INSIDE if any(names.texts) else 0.0
    column, texts = _set(rows, beside)
    tops = fitted(heads, [(column - 2 * INSIDE, HEADING), (column - 2 * INSIDE, NOTE)], 2)
    over = tops.height + INSIDE
    heights = [
        max(text_height(name, names.size) + INSIDE, *(text.height for text in row))
        for name, row in zip(names.texts, texts, strict=True)
    ]
    width, height = beside + column * len(heads), over + sum(heights)
    with style():
        sheet = Page.titled(width + 2 * MARGIN, ABOVE + height - 0.4, title, sentence)
        axes = sheet.panel((sheet.width - width) / 2, 0.0, width, height, xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        for number, head in enumerate(tops.texts):
            axes.text(beside + number * column + INSIDE, 0.0, head, fontsize=tops.size, color=INK, va="top")
        for number, row in enumerate(texts):
            top = over + sum(heights[:number])
            axes.text(beside - INSIDE, top + INSIDE, names.texts[number], fontsize=names.size, color=INK, va="top",
                      ha="right")  # fmt: skip
            for place, text in enumerate(row):
                _draw(axes, text, (beside + place * column, top), (column, heights[number]))
        return sheet.figure


def _set(rows: Sequence[Sequence[TextCell]], beside: float) -> tuple[float, list[list[_Set]]]:
    """The width of a column and all texts in it: as wide as makes the figure no higher than its page, within limits.

    Args:
        rows: of texts.
        beside: inches that the labels of the rows take.
    """
    for wide in WIDTHS:
        column = max((wide - 2 * MARGIN - beside) / len(rows[0]), LEAST_COLUMN)
        texts = [[_Set.of(cell, column - 2 * INSIDE) for cell in row] for row in rows]
        if ABOVE + BELOW + sum(max(text.height for text in row) for row in texts) <= wide * page()[1] / page()[0]:
            break
    return column, texts


def _draw(axes: Axes, text: _Set, corner: tuple[float, float], size: tuple[float, float]) -> None:
    """A cell: its edges, its lines, the prompt's letters in bold, and the note below."""
    (left, top), (width, height) = corner, size
    right, bottom = left + width, top + height
    axes.plot([left, right, right, left, left], [top, top, bottom, bottom, top], color=FAINT, linewidth=widths.HAIR,
              clip_on=False)  # fmt: skip
    across = left + INSIDE
    for number, (first, last) in enumerate(text.lines):
        down = top + INSIDE + number * LINE
        begun = text.text[first : min(last, text.prompt)]
        rest = text.text[max(first, text.prompt) : last]
        if begun.strip():
            axes.text(across, down, begun, **_LETTERS, color=BLUE, weight="bold")
        if rest.strip():
            axes.text(across + width_of(begun, NOTE, MONOSPACE), down, rest, **_LETTERS, color=INK)
    if any(text.note.texts):
        below = top + len(text.lines) * LINE + 2 * INSIDE
        axes.text(across, below, text.note.texts[0], fontsize=text.note.size, color=INK, va="top")


_LETTERS: dict[str, Any] = {"family": MONOSPACE, "fontsize": NOTE, "va": "top"}


def _lines(text: str, room: float) -> Iterator[tuple[int, int]]:
    """Where each line begins and ends: at line feeds, else after the last blank that leaves it in the room."""
    begin = 0
    for paragraph in text.split("\n"):
        first, end = begin, begin + len(paragraph)
        while first < end and width_of(text[first:end], NOTE, MONOSPACE) > room:
            last = first + _longest(text[first:end], room)
            blank = text.rfind(" ", first, last + 1)
            cut = blank if blank > first else last
            yield first, cut
            first = cut + (text[cut] == " ")
        yield first, end
        begin = end + 1


def _longest(text: str, room: float) -> int:
    """How many of its characters fit, at least one."""
    ends = range(1, min(len(text), 400))
    return max(1, bisect_right(ends, room, key=lambda end: width_of(text[:end], NOTE, MONOSPACE)))
