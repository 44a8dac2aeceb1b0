"""Arrays of grey pixels -> a PNG, or blocks of text for a terminal."""

import io
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Number = TypeVar("Number", np.uint8, np.float32)
BLOCKS_ACROSS = 14  # characters that one image takes in a terminal
RAGGED, AS_A_REMNANT = 0.5, 0.85  # of a row: fewer images look like a remnant; what images may lose in size against it
INKED = 80  # a cell at least this bright on average is drawn full
_HALVES = np.array([" ", "▄", "▀", "█"])  # by (upper half, lower half) as two bits


def tiled(pixels: NDArray[Number], columns: int, gap: int = 2, ground: int = 48) -> NDArray[Number]:
    """Images side by side and below each other.

    Args:
        pixels: shape (N, Y, X).
        columns: images in a row.
        gap: pixels between two images.
        ground: what is seen there, and where images are missing; a dark grey unless told otherwise.

    Returns:
        One image.
    """
    count, height, width = pixels.shape
    rows = -(-count // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), ground, dtype=pixels.dtype)
    for index, image in enumerate(pixels):
        top, left = (index // columns) * (height + gap), (index % columns) * (width + gap)
        sheet[top : top + height, left : left + width] = image
    return sheet


def columns_for(count: int, cell: tuple[float, float], room: tuple[float, float], groups: int = 1, of: int = 1) -> int:
    """How many columns make images largest that lie in a room as rows of equal length.

    Args:
        count: of images in a group; each group begins a row.
        cell: height and width that an image takes, in any unit.
        room: width and height of all, in any unit.
        groups: of images, one below the other.
        of: the columns are a multiple of it, where so many images lie.

    >>> columns_for(64, (28, 28), (9.3, 4.1)), columns_for(10, (28, 28), (9.3, 4.1)), columns_for(2, (9, 9), (9, 4))
    (13, 5, 2)
    >>> columns_for(65, (28, 28), (9.3, 4.1)), columns_for(64, (28, 28), (7.7, 4.7))
    (13, 11)
    """

    def worth(columns: int) -> float:
        rows = -(-count // columns)
        side = min(room[0] / (columns * cell[1]), room[1] / (groups * rows * cell[0]))
        few = rows > 1 and count - (rows - 1) * columns < RAGGED * columns  # a last row that looks like a remnant
        return (
            side * count / (rows * columns) * (AS_A_REMNANT if few else 1.0)
        )  # places that stay empty count against it

    return max([n for n in range(1, count + 1) if n % of == 0] or [count], key=worth)


def as_png(image: Pixels) -> bytes:
    """One grey image (Y, X) as a PNG file."""
    from PIL import Image  # noqa: PLC0415 - only where a picture is written

    file = io.BytesIO()
    Image.fromarray(image).save(file, format="PNG")
    return file.getvalue()


def as_blocks(pixels: Pixels) -> str:
    """Images side by side in half-block characters, each at most 14 characters wide.

    Args:
        pixels: shape (N, Y, X).
    """
    cell = max(1, -(-max(pixels.shape[1:]) // BLOCKS_ACROSS))
    rows, columns = (-(-n // cell) for n in pixels.shape[1:])
    rows += rows % 2
    padded = np.zeros((len(pixels), rows * cell, columns * cell))
    padded[:, : pixels.shape[1], : pixels.shape[2]] = pixels
    inked = padded.reshape(len(pixels), rows, cell, columns, cell).mean(axis=(2, 4)) >= INKED
    halves = _HALVES[2 * inked[:, 0::2] + inked[:, 1::2]]  # (N, rows / 2, columns)
    lines = ("  ".join("".join(image[line]) for image in halves).rstrip() for line in range(rows // 2))
    return "\n".join(lines) + "\n"
