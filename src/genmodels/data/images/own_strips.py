"""Pictures of the user's own as strips: what is one is taken as it is, of a page the ink is cut out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from genmodels.data.images.brightness import AT_ONCE, Brightness
from genmodels.data.images.found_ink import FAINTEST, Box, FoundInk, find_ink, lines_of
from genmodels.data.images.ink import is_dark_on_light
from genmodels.data.images.strips import COLUMN, HEIGHT, INK, INK_HEIGHTS
from genmodels.errors import DataError
from genmodels.telling import counted

SMALLEST_CANVAS = 8 * COLUMN  # pixels across
MOST_PIXELS_ACROSS = 100_000  # of the strip
MOST_PIXELS_DOWN = 100_000  # of the picture
FILLS = 0.5  # of a picture's height: a line of ink as high as that makes it a strip
LEAST_LINE = 0.1  # of a strip's height; less ink than that between empty rows is no line of digits
USUAL = sum(INK_HEIGHTS) / 2  # pixels of ink from above to below, in the middle of those that were learned
Shape = tuple[int, ...]


@dataclass(frozen=True)
class OwnStrip:
    """A picture as a network reads it.

    Args:
        strip: light ink on dark ground, from 0 to 1, shape (32, W).
        across: pixels of the picture for one of the strip's.
        left: pixels of the picture to the left of the strip; less than 0: the strip begins outside.
        cut: columns and rows that were cut out, as left, top, width and height; None: the whole picture was taken.
    """

    strip: Tensor
    across: float
    left: float = 0.0
    cut: tuple[int, int, int, int] | None = None


def fit_picture(pixels: NDArray[np.uint8], name: str, notice: Callable[[str], None]) -> OwnStrip:
    """A picture of the user's own as a strip: light ink on dark ground, 32 pixels high, whole columns wide.

    One that is 32 pixels high, or in which one line of ink fills half the height or more, is taken whole. Out of others
    the tallest line of ink is cut, with the room above and below that strips have in training.

    Args:
        pixels: shape (Y, X).
        name: what notices call it.
        notice: is told what was changed.

    Raises:
        DataError: far wider than high, or higher than any page.
    """
    picture, rows = Brightness.of(pixels), len(pixels)
    across = _width_of(pixels.shape, name)
    varies = float(picture.highest - picture.lowest) >= FAINTEST
    if varies and is_dark_on_light(pixels[None]):
        notice(f"{name} is dark on light: taken the other way round")
        picture = picture.worth(picture.levels.neg().add(1.0))
    found = None if rows == HEIGHT else find_ink(picture)
    if found is not None and not _is_strip(found.lines, rows):
        return _cut_out(picture, found, name, notice) if found.lines else _empty(rows, across)
    whole = _without_ground(picture)
    if found is None:
        strip = whole.part()
        if (lines := len(lines_of(strip > INK, LEAST_LINE * HEIGHT))) > 1:
            notice(f"{name} has ink in {lines} lines, one below the other, but is read as one: cut it between them")
        return OwnStrip(_on_canvas(strip), 1.0)
    notice(f"{name} is {counted(rows, 'pixel')} high: scaled to {HEIGHT}")
    strip = _resized(pixels.shape, lambda left, right: whole.part(columns=slice(left, right)), across)
    return OwnStrip(_on_canvas(strip), rows / HEIGHT)


def _is_strip(lines: Sequence[Box], rows: int) -> bool:
    return len(lines) == 1 and lines[0].height >= FILLS * rows


def _without_ground(picture: Brightness) -> Brightness:
    """A grey ground becomes black and the brightest ink white, as in training; nothing but ground becomes black."""
    ground, brightest = float(picture.median), float(picture.highest)
    if brightest - ground < FAINTEST:
        return picture.worth(torch.zeros_like(picture.levels))
    return picture.worth(((picture.levels - ground) / (brightest - ground)).clamp(min=0.0))


def _on_canvas(strip: Tensor) -> Tensor:
    """Filled up on the right to whole columns, and to the narrowest canvas."""
    across = strip.shape[1]
    wide = max(SMALLEST_CANVAS, -(-across // COLUMN) * COLUMN)
    return functional.pad(strip, (0, wide - across)).clamp(0.0, 1.0)


def _width_of(shape: Shape, name: str) -> int:
    """Pixels across a strip once it is 32 pixels high.

    Raises:
        DataError: far wider than high, or higher than any page.
    """
    rows, columns = shape
    if rows > MOST_PIXELS_DOWN:
        raise DataError(f"{name} is {columns}x{rows} pixels, too high to be read", "cut it into pieces.")
    across = max(1, round(columns * HEIGHT / rows))
    if across > MOST_PIXELS_ACROSS:
        raise DataError(f"{name} is {columns}x{rows} pixels, too wide to be read", "cut it into pieces.")
    return across


def _resized(shape: Shape, part: Callable[[int, int], Tensor], across: int) -> Tensor:
    """A picture 32 pixels high; a large one is scaled down in pieces, and then across.

    Args:
        shape: rows and columns of the picture.
        part: gives its columns from one to another.
        across: how many it gets.
    """
    rows, columns = shape
    step = max(1, AT_ONCE // rows)
    if columns <= step:
        return _scaled(part(0, columns), across)
    count = -(-columns // step)  # of about one width: a single column PyTorch (2.14 at least) does not scale as others
    edges = [columns * number // count for number in range(count + 1)]
    parts = (part(left, right) for left, right in pairwise(edges))
    return _scaled(torch.cat([_scaled(one, one.shape[1]) for one in parts], dim=1), across)


def _scaled(strip: Tensor, across: int) -> Tensor:
    size = (HEIGHT, across)
    return functional.interpolate(strip[None, None], size, mode="bilinear", antialias=True)[0, 0]


def _empty(rows: int, across: int) -> OwnStrip:
    """All of a picture without ink: an empty strip of its proportions."""
    return OwnStrip(_on_canvas(torch.zeros(HEIGHT, across)), rows / HEIGHT)


def _cut_out(picture: Brightness, found: FoundInk, name: str, notice: Callable[[str], None]) -> OwnStrip:
    """The tallest line of ink of a picture that has some."""
    number = max(range(len(found.lines)), key=lambda line: found.lines[line].height)
    box = found.lines[number]
    told = _told_of_lines(found.lines, number)
    size, place = f"{box.width}x{box.height}", f"({box.left}, {box.top})"
    notice(
        f"{name} is cut to {told}: {size} at {place} of {picture.columns}x{picture.rows}, scaled to {USUAL:.0f} high"
    )
    room = max(1, round(box.height * (HEIGHT / USUAL - 1) / 2))
    wanted = Box(box.top - room, box.bottom + room, box.left - room, box.right + room)
    shape = (wanted.height, wanted.width)
    scaled = _resized(shape, _ink_alone(picture, found, number, wanted), _width_of(shape, name))
    strip = _on_canvas(scaled / scaled.max().clamp(min=1e-6))
    return OwnStrip(strip, wanted.height / HEIGHT, wanted.left, (box.left, box.top, box.width, box.height))


def _told_of_lines(lines: Sequence[Box], number: int) -> str:
    """Which ink is read."""
    if len(lines) == 1:
        return "the ink"
    return f"the tallest of its {len(lines)} lines of ink, number {number + 1} from above, and no other is read"


def _ink_alone(picture: Brightness, found: FoundInk, number: int, wanted: Box) -> Callable[[int, int], Tensor]:
    """What rises above the ground in columns of a part of a picture, black beyond it and in other lines."""
    before, after = found.lines[:number], found.lines[number + 1 :]
    top = max([0, wanted.top, *(line.bottom for line in before)])
    bottom = min([picture.rows, wanted.bottom, *(line.top for line in after)])

    def part(first: int, last: int) -> Tensor:
        first, last = wanted.left + first, wanted.left + last
        left, right = (min(max(0, edge), picture.columns) for edge in (first, last))
        down, across = (torch.arange(*ends).double() + 0.5 for ends in ((top, bottom), (left, right)))
        if left == right:
            return torch.zeros(wanted.height, last - first)
        ground = found.ground(down, across)
        above = (picture.part(slice(top, bottom), slice(left, right)) - ground).clamp(min=0.0)
        return functional.pad(above, (left - first, last - right, top - wanted.top, wanted.bottom - bottom))

    return part
