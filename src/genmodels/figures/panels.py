"""Panels placed in inches, the names of their rows, one legend for all, and a sentence below that says what to see."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from genmodels.figures import widths
from genmodels.figures.fitting import Fitted, fitted, spread, text_height
from genmodels.figures.style import (
    FAINT,
    HEADING,
    INK,
    LABEL,
    NOTE,
    TICK,
    HouseFigure,
    lay_out_by_hand,
    titled_figure,
)

SMALLEST = 6.0  # points: what is smaller can't be read from afar
ROW = 1.1  # of the height of a name: brackets and accents stand out of it
STROKE, BETWEEN_KEYS = 0.4, 0.25  # inches of a line in the legend, and after its name
FARTHEST = 0.6  # inches that a name may lie beside its row
LEADER = 0.14  # inches from the edge of a panel to the names of its rows


@dataclass(frozen=True)
class Page:
    """A figure whose panels are placed in inches, x from its left edge, y from above the sentence at its foot.

    Args:
        figure: with title and sentence.
    """

    figure: HouseFigure

    @classmethod
    def titled(cls, width: float, height: float, title: str, sentence: str) -> "Page":
        """A page with room for panels of so many inches, which is wider where the title needs that."""
        figure = titled_figure(width, height + 0.4, title, sentence)
        lay_out_by_hand(figure)
        return cls(figure)

    @property
    def foot(self) -> float:
        """Inches below y = 0."""
        return self.figure.foot

    @property
    def width(self) -> float:
        """Inches."""
        return float(self.figure.get_figwidth())

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Inches as shares of the figure."""
        return x / self.width, (y + self.foot) / self.figure.get_figheight()

    def panel(self, left: float, bottom: float, width: float, height: float, **settings: Any) -> Axes:
        """Axes of a size in inches."""
        high = self.figure.get_figheight()
        axes = self.figure.add_axes(
            (*self.place(left, bottom), width / self.width, height / high), **settings
        )  # fmt: skip
        axes.tick_params(labelsize=TICK)
        return axes

    def write(self, x: float, y: float, text: str, **settings: Any) -> None:
        """A text that begins, or where its settings say so stands, at a place."""
        self.figure.text(*self.place(x, y), text, **settings)


def size_of(axes: Axes) -> tuple[float, float]:
    """Width and height of axes, in inches."""
    place, whole = axes.get_position(), axes.figure.dpi_scale_trans.inverted().transform(axes.figure.bbox.size)
    return float(place.width * whole[0]), float(place.height * whole[1])


def as_names(names: Sequence[str], room: float, pitch: float = math.inf) -> Fitted:
    """Names of rows in at most so many inches, better in fewer; small where only that gives each its own row.

    Args:
        names: of all rows.
        room: inches that the longest may take.
        pitch: inches from row to row.
    """
    usual = fitted(names, [(0.7 * room, LABEL), (room, TICK), (room, SMALLEST)], 2)
    if usual.height <= pitch:
        return usual
    small = fitted(names, [(room, SMALLEST)])
    return small if small.height <= pitch else fitted(names, [(room, NOTE)], 2)


def name_rows(axes: Axes, names: Fitted, first: Sequence[int]) -> None:
    """Names left of rows that are equally high, the first above; where not all have room, of some.

    Args:
        axes: over all rows.
        names: of all rows.
        first: rows to name where there is no room for all, the most important one first.
    """
    width, height = size_of(axes)
    for row, middle, place in _placed(names, first, height):
        away = -LEADER / width
        axes.plot([0.2 * away, 0.8 * away], [1 - middle / height, 1 - place / height], color=FAINT,
                  linewidth=widths.HAIR, transform=axes.transAxes, clip_on=False)  # fmt: skip
        axes.text(away, 1 - place / height, names.texts[row], transform=axes.transAxes, ha="right", va="center",
                  fontsize=names.size, color=INK)  # fmt: skip


def name_columns(axes: Axes, names: Fitted, first: Sequence[int]) -> None:
    """Names below columns that are equally wide, from below upwards; where not all have room, of some."""
    width, height = size_of(axes)
    for column, middle, place in _placed(names, first, width):
        away = -LEADER / height
        axes.plot([middle / width, place / width], [0.2 * away, 0.8 * away], color=FAINT, linewidth=widths.HAIR,
                  transform=axes.transAxes, clip_on=False)  # fmt: skip
        axes.text(place / width, away, names.texts[column], transform=axes.transAxes, ha="center", va="top",
                  fontsize=names.size, color=INK, rotation=90)  # fmt: skip


def _placed(names: Fitted, first: Sequence[int], length: float) -> list[tuple[int, float, float]]:
    """Rows that can be named, where each lies, and where its name has room, in inches from the first row's edge."""
    pitch = length / max(1, len(names.texts))
    heights = [text_height(text, names.size) * (ROW if "\n" in text else 1.0) for text in names.texts]
    middles = [(row + 0.5) * pitch for row in range(len(heights))]

    def places_of(rows: Sequence[int]) -> list[float]:
        return spread([middles[row] for row in rows], [heights[row] for row in rows], 0.0, length)

    rows = list(range(len(heights)))
    if max(heights, default=0.0) > pitch:
        rows = []
        for row in first:
            more = sorted([*rows, row])
            if sum(heights[one] for one in more) <= length and all(
                abs(place - middles[one]) <= FARTHEST for one, place in zip(more, places_of(more), strict=True)
            ):
                rows = more
    return [(row, middles[row], place) for row, place in zip(rows, places_of(rows), strict=True)]


@dataclass(frozen=True)
class Keys:
    """One legend for several panels, in as many columns as have room.

    Args:
        names: of the lines.
        columns: beside each other.
    """

    names: Fitted
    columns: int

    @classmethod
    def of(cls, names: Sequence[str], width: float) -> "Keys":
        """A legend in so many inches."""
        room = width - STROKE - BETWEEN_KEYS
        made = fitted(names, [(min(room, 4.0), LABEL), (room, TICK), (room, SMALLEST)], 2)
        columns = int(width // (made.widest + STROKE + BETWEEN_KEYS))
        return cls(made, max(1, min(columns, len(names))))

    @property
    def height(self) -> float:
        """Inches."""
        return -(-len(self.names.texts) // self.columns) * self.row

    @property
    def row(self) -> float:
        """Inches from one row to the next: brackets stand out of their lines."""
        return ROW * self.names.height

    def draw(self, page: Page, bottom: float, looks: Sequence[Mapping[str, Any]]) -> None:
        """The legend in the middle of the page.

        Args:
            page: that has it.
            bottom: of the legend.
            looks: how each line is drawn.
        """
        pitch = self.names.widest + STROKE + BETWEEN_KEYS
        width = pitch * self.columns
        limits = {"xlim": (0, width), "ylim": (self.height, 0)}
        axes = page.panel((page.width - width) / 2, bottom, width, self.height, **limits)
        axes.set_axis_off()
        for index, (name, look) in enumerate(zip(self.names.texts, looks, strict=True)):
            row, column = divmod(index, self.columns)
            left, middle = column * pitch, (row + 0.5) * self.row
            axes.plot([left, left + STROKE / 2 - 0.05, left + STROKE - 0.1], [middle] * 3, markevery=[1], **look)
            axes.text(left + STROKE, middle, name, va="center", fontsize=self.names.size, color=INK)


def head(axes: Axes, heading: str) -> None:
    """A heading over a panel, set smaller where it is wider than that."""
    width = size_of(axes)[0]
    made = fitted([heading], [(width, HEADING), (width, LABEL), (width, TICK)], 2)
    axes.set_title(made.texts[0], fontsize=made.size, loc="left", color=INK)
