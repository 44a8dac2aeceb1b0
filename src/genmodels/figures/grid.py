"""Images in rows and columns, with labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from genmodels.figures.fitting import Fitted, fitted, text_height
from genmodels.figures.pictures import tiled
from genmodels.figures.style import FAINT, INK, lay_out_by_hand, style, titled_figure

Images = NDArray[np.float32]
TILE_INCHES = 0.72  # the sides of a square image; others have as much ink and paper
LONGEST_SIDE = 3.0
ALL_COLUMNS = 9.0  # of wide images
GAP = 0.09  # between two images, and between their texts
PADDING = 0.08  # around everything
WIDEST_CAPTION, WIDEST_LABEL = 1.5, 2.4


def labelled_grid(
    rows: Sequence[Images],
    row_labels: Sequence[str],
    captions: Sequence[Sequence[str] | None],
    title: str,
    column_labels: Sequence[str] | None = None,
) -> Figure:
    """Rows of images: a label at the left of each row, a caption below each image, dark ink on white.

    Texts that are too long for their place are wrapped and set smaller, and images move apart for them.

    Args:
        rows: for each row an array (N, Y, X) from 0 to 1, where 1 is ink.
        row_labels: one for each row.
        captions: for each row one text for each image, or None.
        title: above everything.
        column_labels: above the first row, one for each image.
    """
    places = _Places.of(rows, row_labels, captions, column_labels or ())
    margin = places.labels.widest + 2 * PADDING
    width = margin + places.width + PADDING
    with style():
        figure = titled_figure(width, places.height + 0.45, title)
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
        for column, text in enumerate(places.columns.texts):
            axes.text(*places.middle(column, 0.5 * places.columns.height), text, **_centred(places.columns.size))
        for row, texts, top in zip(rows, places.captions, places.tops, strict=True):
            _place_row(axes, row, texts, top, places)
        axes.set_xticks([])
        axes.set_yticks([top + places.image[1] / 2 for top in places.tops], places.labels.texts,
                        fontsize=places.labels.size, color=INK)  # fmt: skip
        axes.set(xlim=(0, places.width), ylim=(places.height, 0))
        return figure


@dataclass(frozen=True)
class _Places:
    """Where everything stands in a grid, in inches from its upper left corner.

    Args:
        image: width and height of each.
        pitch: from one column to the next.
        labels: of the rows.
        columns: what stands above them.
        captions: for each row what stands below its images, or None.
        tops: upper edge of each row's images.
        width: of all columns.
        height: of all rows.
    """

    image: tuple[float, float]
    pitch: float
    labels: Fitted
    columns: Fitted
    captions: Sequence[Fitted | None]
    tops: Sequence[float]
    width: float
    height: float

    @classmethod
    def of(
        cls,
        rows: Sequence[Images],
        row_labels: Sequence[str],
        captions: Sequence[Sequence[str] | None],
        column_labels: Sequence[str],
    ) -> "_Places":
        """The least room that images and texts take."""
        columns = max(map(len, rows))
        image = _image_size(rows[0].shape[1:], columns)
        below = [text for texts in captions for text in texts or ()]
        texts = fitted(below, _choices(image[0], 7.0), MOST_LINES)
        above = fitted(column_labels, _choices(image[0], 8.0), MOST_LINES)
        pitch = max(image[0], texts.widest, above.widest) + GAP
        labels = fitted(row_labels, [(WIDEST_LABEL, 8.5), (WIDEST_LABEL, 7.0), (1.4 * WIDEST_LABEL, 6.0)], MOST_LINES)
        fits = [None if row is None else fitted(row, [(texts.width, texts.size)]) for row in captions]
        tops, down = [], above.height + GAP if column_labels else 0.0
        for label, caption in zip(labels.texts, fits, strict=True):
            spare = max(0.0, text_height(label, labels.size) - image[1])
            tops.append(down + spare / 2)
            down += image[1] + max(spare, 0.0 if caption is None else spare / 2 + caption.height) + GAP
        return cls(image, pitch, labels, above, fits, tops, columns * pitch, down)

    def middle(self, column: int, down: float) -> tuple[float, float]:
        """The middle of a column, so far down."""
        return (column + 0.5) * self.pitch, down


MOST_LINES = 3


def _image_size(shape: tuple[int, ...], columns: int) -> tuple[float, float]:
    """Width and height in inches of an image of so many rows and columns of pixels, beside others."""
    height, width = shape
    inch = min(
        TILE_INCHES / (height * width) ** 0.5,
        LONGEST_SIDE / max(height, width),
        max(TILE_INCHES, ALL_COLUMNS / columns) / width,
    )
    return width * inch, height * inch


def _choices(width: float, size: float) -> list[tuple[float, float]]:
    """Widths and sizes of texts at an image."""
    wide = max(width, TILE_INCHES)
    return [(width, size), (wide, size), (wide, size - 1.5), (max(WIDEST_CAPTION, wide), size - 1.5)]


def _centred(size: float) -> dict[str, Any]:
    return {"ha": "center", "va": "center", "fontsize": size}


def _place_row(axes: Axes, row: Images, texts: Fitted | None, top: float, places: _Places) -> None:
    """Images side by side, each with its caption.

    Args:
        axes: where.
        row: shape (N, Y, X).
        texts: a caption for each, or None.
        top: where their upper edge is.
        places: of everything.
    """
    width, height = places.image
    for column, image in enumerate(row):
        middle, _ = places.middle(column, top)
        box = (middle - width / 2, middle + width / 2, top + height, top)
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=1, extent=box, interpolation="nearest", aspect="auto")
        if texts is not None:
            below = places.middle(column, top + height + GAP / 3 + 0.5 * texts.height)
            axes.text(*below, texts.texts[column], **_centred(texts.size), color=FAINT)


def tile_figure(pictures: Images, columns: int, title: str, axis_labels: tuple[str, str] = ("", "")) -> Figure:
    """Images edge to edge, as one picture.

    Args:
        pictures: shape (N, Y, X) from 0 to 1, where 1 is ink.
        columns: images in a row.
        title: above it.
        axis_labels: what goes on across and down.
    """
    sheet = tiled(pictures, columns, gap=0, ground=0)
    ratio = sheet.shape[0] / sheet.shape[1]
    width = min(9.0, 12.0 / ratio, max(3.0 / ratio**0.5, columns * 0.42))
    across, down = (fitted([text], [(side, 9.0), (side, 7.5)], 2) for text, side in
                    zip(axis_labels, (max(width, 1.0), max(width * ratio, 1.0)), strict=True))  # fmt: skip
    with style():
        more = [label.height if any(label.texts) else 0.0 for label in (across, down)]
        tall = max(width * ratio, down.width if more[1] else 0.0)  # the label stands upright
        figure = titled_figure(width + 0.3 + more[1], tall + 0.5 + more[0], title)
        axes = figure.add_subplot()
        axes.imshow(sheet, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        axes.set_xlabel(across.texts[0], fontsize=across.size)
        axes.set_ylabel(down.texts[0], fontsize=down.size)
        return figure
