"""Images in rows and columns, with labels: as large as they can be on a screen."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from genmodels.figures import widths
from genmodels.figures.colours import BLUE
from genmodels.figures.fitting import Fitted, fitted, line_height, text_height
from genmodels.figures.pictures import tiled
from genmodels.figures.style import (
    DOTS_PER_INCH,
    INK,
    LABEL,
    NOTE,
    TICK,
    lay_out_by_hand,
    page,
    style,
    titled_figure,
)

Images = NDArray[np.float32]
Box = tuple[float, float, float, float]
TAKEN = (0.3, 1.3)  # inches of the page that a title and a sentence take
LEAST_SIDE, MOST_SIDE = 0.42, 2.4  # inches of a square image; others have as much ink and paper
TILE_LABELS = 0.6  # inches that a text at an image may always take
GAP = 0.09  # between two images, and between their texts
APART = 0.2  # more, between two groups of rows
PADDING = 0.08  # around everything
WIDEST_CAPTION, WIDEST_LABEL = 1.5, 2.4
MOST_LINES = 3
AS_LARGE = 0.9  # times as large as in one line images stay where more lines of them fill a page
MOST_STRETCH = 1.4  # of the distance between columns, where a screen is wide enough
SMALLEST = 7.0  # points
SHADE: Mapping[str, Any] = {"facecolor": BLUE, "alpha": 0.12, "linewidth": 0}
UNKNOWN = "#d5e5f0"  # where nothing is drawn yet
FRAME = "#b2b2b2"  # of the lines around images: seen beside what is not drawn yet, too


@dataclass(frozen=True)
class GridRow:
    """Images side by side.

    Args:
        images: shape (N, Y, X) from 0 to 1, where 1 is ink; what is not known, NaN, is tinted.
        label: at their left.
        above: a text for each.
        below: likewise.
        apart: whether there is a gap above, as a group of rows begins.
        shade: a part that is shaded in each, in pixels: left, top, right, bottom.
        lines: that images without texts take, one below the other, with the label at their middle.
    """

    images: Images
    label: str = ""
    above: Sequence[str] | None = None
    below: Sequence[str] | None = None
    apart: bool = False
    shade: Box | None = None
    lines: int = 1

    @property
    def columns(self) -> int:
        """Images in a line."""
        return -(-len(self.images) // self.lines)


def room_for_images() -> tuple[float, float]:
    """Width and height that title and sentence leave to images, in inches of the page that is drawn for."""
    width, height = page()
    return width - TAKEN[0], height - TAKEN[1]


def labelled_grid(
    rows: Sequence[Images],
    row_labels: Sequence[str],
    captions: Sequence[Sequence[str] | None],
    title: str,
    column_labels: Sequence[str] | None = None,
    sentence: str = "",
) -> Figure:
    """Rows of images: a label at the left of each row, a caption below each image, dark ink on white.

    Args:
        rows: for each row an array (N, Y, X) from 0 to 1, where 1 is ink.
        row_labels: one for each row.
        captions: for each row one text for each image, or None.
        title: above everything.
        column_labels: above the first row, one for each image.
        sentence: below everything: what to look at.
    """
    heads = [column_labels, *[None] * (len(rows) - 1)]
    parts = zip(rows, row_labels, heads, captions, strict=True)
    return grid_figure([GridRow(*part) for part in parts], title, sentence)


def grid_figure(rows: Sequence[GridRow], title: str, sentence: str = "", least: float = LEAST_SIDE) -> Figure:
    """Rows of images, dark ink on white.

    Texts that are too long for their place are wrapped and set smaller, and images move apart for them.

    Args:
        rows: from above to below; all images have one size.
        title: above everything.
        sentence: below everything: what to look at.
        least: inches of a square image's side, for which a figure becomes larger than a screen.
    """
    places = _Places.of(rows, least)
    margin = places.labels.widest + 2 * PADDING
    width = margin + places.width + PADDING
    wide = max(width, min(page()[0], page()[0] / page()[1] * places.height))
    with style():
        figure = titled_figure(wide, places.height + 0.45, title, sentence)
        lay_out_by_hand(figure)
        inches, high = figure.get_size_inches()
        left = margin + (inches - width) / 2
        axes = figure.add_axes(
            (left / inches, (PADDING + figure.foot) / high, places.width / inches, places.height / high),
            xlim=(0, places.width), ylim=(places.height, 0),
        )  # fmt: skip
        axes.spines[:].set_visible(False)
        axes.grid(visible=False)
        axes.tick_params(length=0, pad=72 * PADDING)
        for number, row in enumerate(rows):
            _place_row(axes, row, number, places)
        _frame(axes, [image.get_extent() for image in axes.images])
        axes.set_xticks([])
        middles = [top + tall / 2 for top, tall in zip(places.tops, places.talls, strict=True)]
        axes.set_yticks(middles, places.labels.texts, fontsize=places.labels.size, color=INK)
        axes.set(xlim=(0, places.width), ylim=(places.height, 0))
        return figure


def filling(rows_of: Callable[[int], Sequence[GridRow]], most: int) -> Sequence[GridRow]:
    """Rows of as many lines of images as the page has room for, where these don't get much smaller by that.

    Args:
        rows_of: the rows with so many lines each.
        most: lines that there are images for.
    """
    one = _Places.of(rows_of(1), LEAST_SIDE).image[0]
    for lines in range(most, 1, -1):
        rows = rows_of(lines)
        places = _Places.of(rows, LEAST_SIDE)
        if places.height <= room_for_images()[1] and places.image[0] >= AS_LARGE * one:
            return rows
    return rows_of(1)


def best_laid_out(candidates: Sequence[Sequence[GridRow]], least: float = LEAST_SIDE) -> int:
    """Which of several layouts of the same images shows them largest; of those as good as that, the most like the page.

    Args:
        candidates: rows, from above to below.
        least: see `grid_figure`.
    """
    wide, high = room_for_images()
    places = [_Places.of(rows, least) for rows in candidates]
    sides = [one.image[0] * min(1.0, high / one.height, wide / one.whole) for one in places]
    large = [index for index, side in enumerate(sides) if side >= AS_LARGE * max(sides)]
    return min(large, key=lambda index: abs(log(places[index].whole / places[index].height * high / wide)))


@dataclass(frozen=True)
class _Places:
    """Where everything stands in a grid, in inches from its upper left corner.

    Args:
        image: width and height of each.
        pitch: from one column to the next.
        labels: of the rows.
        above: for each row what stands above its images, or None.
        below: likewise.
        tops: upper edge of each row's images.
        talls: height of each row's images, of all its lines.
        width: of all columns.
        height: of all rows.
    """

    image: tuple[float, float]
    pitch: float
    labels: Fitted
    above: Sequence[Fitted | None]
    below: Sequence[Fitted | None]
    tops: Sequence[float]
    talls: Sequence[float]
    width: float
    height: float

    @classmethod
    def of(cls, rows: Sequence[GridRow], least_side: float) -> "_Places":
        """As large as images can be, with the least room that texts take."""
        columns, lines = max(row.columns for row in rows), sum(row.lines for row in rows)
        names = [row.label for row in rows]
        labels = fitted(names, [(WIDEST_LABEL, s) for s in (LABEL, NOTE)] + [(1.4 * WIDEST_LABEL, 6.0)], MOST_LINES)
        whole = room_for_images()
        high = sum(map(_texts_height, rows)) + GAP * lines - APART * rows[0].apart  # above which nothing stands
        room = whole[0] - labels.widest - 3 * PADDING, whole[1] - high
        image = _image_size(rows[0].images.shape[1:], room[0] / columns - GAP, room[1] / lines, least_side)
        above = fitted([text for row in rows for text in row.above or ()], _choices(image[0], TICK), MOST_LINES)
        below = fitted([text for row in rows for text in row.below or ()], _choices(image[0], NOTE), MOST_LINES)
        least = max(image[0], above.widest, below.widest) + GAP
        pitch = max(least, min(MOST_STRETCH * least, room[0] / columns))
        heads, feet = [_as(above, row.above) for row in rows], [_as(below, row.below) for row in rows]
        talls = [row.lines * (image[1] + GAP) - GAP for row in rows]
        tops: list[float] = []
        down = 0.0
        for row, label, head, foot, tall in zip(rows, labels.texts, heads, feet, talls, strict=True):
            spare = max(0.0, text_height(label, labels.size) - tall) / 2
            down += APART if row.apart and tops else 0.0
            down += max(spare, head.height + GAP if head else 0.0)
            tops.append(down)
            down += tall + max(spare, foot.height if foot else 0.0) + GAP
        return cls(image, pitch, labels, heads, feet, tops, talls, columns * pitch, down)

    @property
    def whole(self) -> float:
        """Width of all columns and of the labels at their left."""
        return self.labels.widest + self.width + 3 * PADDING

    def middle(self, column: int) -> float:
        """The middle of a column."""
        return (column + 0.5) * self.pitch


def _texts_height(row: GridRow) -> float:
    """Inches of a row's texts, where each takes a line."""
    above, below = (line_height(TICK) + GAP) * (row.above is not None), line_height(NOTE) * (row.below is not None)
    return above + below + APART * row.apart


def _as(like: Fitted, texts: Sequence[str] | None) -> Fitted | None:
    """Some texts in the form that all of them have."""
    return None if texts is None else fitted(texts, [(like.width, like.size)])


def _image_size(shape: tuple[int, ...], wide: float, high: float, least: float) -> tuple[float, float]:
    """Width and height in inches of an image of so many rows and columns of pixels, in so much room, or larger."""
    height, width = shape
    area = (height * width) ** 0.5
    inch = min(wide / width, high / height, MOST_SIDE / area)
    room = room_for_images()
    inch = min(max(inch, least / area), room[0] / width, room[1] / height)
    return width * inch, height * inch


def _choices(width: float, size: float) -> list[tuple[float, float]]:
    """Widths and sizes of texts at an image."""
    wide = max(width, TILE_LABELS)
    return [(width, size), (wide, size), (wide, size - 1), (wide, SMALLEST), (max(WIDEST_CAPTION, wide), SMALLEST)]


def _centred(size: float) -> dict[str, Any]:
    return {"ha": "center", "va": "center", "fontsize": size, "color": INK}


@cache
def on_white() -> Colormap:
    """Dark ink on white; what is not known has a tint of its own."""
    return colormaps["gray_r"].with_extremes(bad=UNKNOWN)


def _place_row(axes: Axes, row: GridRow, number: int, places: _Places) -> None:
    """Images side by side, each with its texts."""
    width, height = places.image
    above, below = places.above[number], places.below[number]
    for column, image in enumerate(row.images):
        line, place = divmod(column, row.columns)
        middle, top = places.middle(place), places.tops[number] + line * (height + GAP)
        box = (middle - width / 2, middle + width / 2, top + height, top)
        axes.imshow(image, cmap=on_white(), vmin=0, vmax=1, extent=box, interpolation="nearest", aspect="auto")
        if row.shade is not None:
            left, upper, right, lower = (width / image.shape[1] * edge for edge in row.shade)
            axes.add_patch(Rectangle((box[0] + left, top + upper), right - left, lower - upper, **SHADE))
        if above is not None:
            axes.text(middle, top - GAP / 2 - 0.5 * above.height, above.texts[column], **_centred(above.size))
        if below is not None:
            down = top + height + GAP / 3 + 0.5 * below.height
            axes.text(middle, down, below.texts[column], **_centred(below.size))


def _frame(axes: Axes, boxes: Iterable[Box]) -> None:
    """A thin line around each image, so that what lies at an edge is known to be of one of them.

    Args:
        axes: that show them.
        boxes: left, right, bottom and top of each.
    """
    frames = [Rectangle((left, top), right - left, bottom - top) for left, right, bottom, top in boxes]
    axes.add_collection(
        PatchCollection(frames, facecolor="none", edgecolor=FRAME, linewidth=widths.HAIR, clip_on=False)
    )


def tile_figure(
    pictures: Images,
    columns: int,
    title: str,
    sentence: str = "",
    gap: int = 0,
) -> Figure:
    """Images edge to edge, as one picture.

    Args:
        pictures: shape (N, Y, X) from 0 to 1, where 1 is ink; what is not known, NaN, is tinted.
        columns: images in a row.
        title: above it.
        sentence: below everything: what to look at.
        gap: pixels between two images; in their middle lies a line around each.
    """
    sheet = tiled(pictures, columns, gap, ground=0)
    height, width = sheet.shape
    room = room_for_images()
    inch = max(min(room[0] / width, room[1] / height), 1 / DOTS_PER_INCH)
    wide, high = width * inch, height * inch
    beside = min(page()[0], page()[0] / page()[1] * high)
    with style():
        figure = titled_figure(max(wide + 0.3, beside), high + 0.5, title, sentence)
        axes = figure.add_subplot()
        axes.imshow(sheet, cmap=on_white(), vmin=0, vmax=1, interpolation="nearest")
        if gap:
            _frame(axes, _cells(pictures, columns, gap))
        axes.spines[:].set_visible(False)
        axes.set(xticks=[], yticks=[])
        return figure


def _cells(pictures: Images, columns: int, gap: int) -> Iterator[Box]:
    """Left, right, bottom and top of each image that stands in a sheet, with half of what lies between two."""
    count, height, width = pictures.shape
    for index in range(count):
        row, column = divmod(index, columns)
        left, top = column * (width + gap) - (1 + gap) / 2, row * (height + gap) - (1 + gap) / 2
        yield left, left + width + gap, top + height + gap, top
