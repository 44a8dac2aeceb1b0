"""Images in rows and columns, with labels."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from genmodels.figures.pictures import tiled
from genmodels.figures.style import FAINT, INK, style, titled_figure

Images = NDArray[np.float32]
TILE_INCHES = 0.72
CHARACTER_INCHES = 0.085  # of a row label


def labelled_grid(
    rows: Sequence[Images],
    row_labels: Sequence[str],
    captions: Sequence[Sequence[str] | None],
    title: str,
    column_labels: Sequence[str] | None = None,
) -> Figure:
    """Rows of images: a label at the left of each row, a caption below each image, dark ink on white.

    Args:
        rows: for each row an array (N, Y, X) from 0 to 1, where 1 is ink.
        row_labels: one for each row.
        captions: for each row one text for each image, or None.
        title: above everything.
        column_labels: above the first row, one for each image.
    """
    height, width = rows[0].shape[1:]
    columns = max(len(row) for row in rows)
    gap, line = 0.12 * width, 0.26 * height
    heights = [height + gap + (line if texts is not None else 0.0) for texts in captions]
    top = line if column_labels is not None else 0.0
    inch = TILE_INCHES / width
    with style():
        margin = 0.4 + CHARACTER_INCHES * max(len(line) for label in row_labels for line in label.split("\n"))
        size = (columns * (width + gap)) * inch + margin, (sum(heights) + top) * inch + 0.45
        figure = titled_figure(*size, title, 9.5)
        axes = figure.add_subplot()
        axes.spines[:].set_visible(False)
        axes.grid(visible=False)
        axes.tick_params(length=0)
        axes.set(xlim=(0, columns * (width + gap)), ylim=(sum(heights) + top, 0), aspect="equal")
        for column, text in enumerate(column_labels or ()):
            axes.text(column * (width + gap) + width / 2, 0.5 * line, text, ha="center", va="center", fontsize=8)
        down = top
        middles: list[float] = []
        for row, texts, tall in zip(rows, captions, heights, strict=True):
            middles.append(down + height / 2)
            _place_row(axes, row, texts, down, gap, line)
            down += tall
        axes.set_xticks([])
        axes.set_yticks(middles, row_labels, fontsize=8.5, color=INK)
        axes.set(xlim=(0, columns * (width + gap)), ylim=(sum(heights) + top, 0))
        return figure


def _place_row(axes: Axes, row: Images, texts: Sequence[str] | None, down: float, gap: float, line: float) -> None:
    """Images side by side, each with its caption.

    Args:
        axes: where.
        row: shape (N, Y, X).
        texts: a caption for each, or None.
        down: where their upper edge is.
        gap: between two of them.
        line: height of a caption.
    """
    height, width = row.shape[1:]
    for column, image in enumerate(row):
        left = column * (width + gap)
        box = (left, left + width, down + height, down)
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=1, extent=box, interpolation="nearest")
        if texts is not None:
            middle = (left + width / 2, down + height + 0.45 * line)
            axes.text(*middle, texts[column], ha="center", va="center", fontsize=7, color=FAINT)


def tile_figure(pictures: Images, columns: int, title: str, axis_labels: tuple[str, str] = ("", "")) -> Figure:
    """Images edge to edge, as one picture.

    Args:
        pictures: shape (N, Y, X) from 0 to 1, where 1 is ink.
        columns: images in a row.
        title: above it.
        axis_labels: what goes on across and down.
    """
    sheet = tiled(pictures, columns, gap=0, ground=0)
    inches = min(9.0, max(3.0, columns * 0.42))
    with style():
        figure = titled_figure(inches + 0.3, inches * sheet.shape[0] / sheet.shape[1] + 0.7, title, 9.5)
        axes = figure.add_subplot()
        axes.imshow(sheet, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
        axes.set(xticks=[], yticks=[], xlabel=axis_labels[0], ylabel=axis_labels[1])
        return figure
