"""Where the ink of a picture is: its lines, without the ground of the paper, specks, frames and rules."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from genmodels.data.images.brightness import AT_ONCE, Brightness

FAINTEST = 0.05  # difference from the ground that may be ink
FAINT = 0.3  # of the difference of the darkest ink: what differs as much is ink, too
CHANCE = 6.0  # standard deviations of the ground's noise: what differs less may be noise
LONG_SIDE, SHORT_SIDE = 800, 64  # pixels: ink is looked for in a picture made smaller, but not below these
MOST_LOOKED_AT = 1600 * 1600  # pixels of that: a picture that is far longer than wide is made smaller still
FITTED, ROUNDS = 200, 5  # pixels of the longer side that the ground is fitted to, and rounds of the fit
SPECK = 0.25  # of the height of the highest piece of ink; what is smaller in both directions is dust
FRAME, HOLLOW = 0.8, 0.3  # of a picture's sides, and of the box around a piece of ink that is filled
RULE = 20  # times as long as thick: a line that something stands on, or the edge of a scan
LEAST_LINE = 0.25  # of the highest band; less ink than that between empty rows is no line of digits
FLAT = 0.6  # of the highest band; what is flatter may be a part of a digit that the pen left and came back to
CLOSE = 0.2  # of the highest band: such a part lies no farther from the rest of its digit
BELOW = 0.5  # of the narrower one's columns; what shares fewer lies beside the other, as digits on a slope do
ONE_DIGIT = 1.2  # times the height of the highest band: what is wider is more than one digit


class Box(NamedTuple):
    """Where ink is; the last row and column are outside."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def height(self) -> int:
        """Rows of it."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Columns of it."""
        return self.right - self.left

    def beside(self, other: "Box") -> bool:
        """Whether most of the narrower one lies to the left or right of the other."""
        shared = min(self.right, other.right) - max(self.left, other.left)
        return shared < BELOW * min(self.width, other.width)

    def with_(self, other: "Box") -> "Box":
        """The box around both."""
        low, high = (min(self.top, other.top), min(self.left, other.left)), (max(self.bottom, other.bottom),)
        return Box(low[0], high[0], low[1], max(self.right, other.right))

    def times(self, factor: int, rows: int, columns: int) -> "Box":
        """The same place in a picture so many times as large, which ends after these rows and columns."""
        return Box(
            self.top * factor, min(self.bottom * factor, rows), self.left * factor, min(self.right * factor, columns)
        )


@dataclass(frozen=True)
class FoundInk:
    """The ink of a picture.

    Args:
        lines: of ink, from above to below; none: there is no ink.
        ground: the brightness of the ground at some rows and columns, shape (rows, columns).
    """

    lines: Sequence[Box]
    ground: Callable[[Tensor, Tensor], Tensor]


def find_ink(picture: Brightness) -> FoundInk:
    """Look for lines of ink.

    The ground is a paraboloid, fitted to what is no ink: paper in uneven light. What rises above it by more than its
    noise, and by nearly as much as the darkest ink, is ink.

    Args:
        picture: light ink on a darker ground, from 0 to 1.
    """
    rows, columns = picture.rows, picture.columns
    factor = max(1, min(max(rows, columns) // LONG_SIDE, min(rows, columns) // SHORT_SIDE))
    factor = max(factor, math.ceil(math.sqrt(rows * columns / MOST_LOOKED_AT)))
    small = picture.reduced(factor)
    every = max(1, max(small.shape) // FITTED)
    ground = _fitted_ground(small[::every, ::every], every, small.shape)
    above = small - ground(*_places(small.shape, 1))
    is_ground = above.abs() <= max(FAINT * float(above.max()), FAINTEST)
    noise = 1.4826 * float(above[is_ground].abs().median()) if is_ground.any() else 0.0
    if float(above.max()) < max(FAINTEST, CHANCE * noise):
        return FoundInk([], lambda down, across: ground(down / factor, across / factor))
    ink = _without_dust(above > max(FAINT * float(above.max()), CHANCE / 2 * noise))
    found = [box.times(factor, rows, columns) for box in lines_of(ink)]
    return FoundInk(found, lambda down, across: ground(down / factor, across / factor))


def _places(shape: torch.Size, every: int) -> tuple[Tensor, Tensor]:
    return torch.arange(0, shape[0], every).double() + 0.5, torch.arange(0, shape[1], every).double() + 0.5


def _fitted_ground(some: Tensor, every: int, shape: torch.Size) -> Callable[[Tensor, Tensor], Tensor]:
    """The paraboloid that most of a picture lies near, found in rounds: each leaves out what rose above the last.

    Args:
        some: each so many-th pixel, across and down, of a picture.
        every: see above.
        shape: of the picture.
    """
    size = torch.tensor(shape).double()

    def terms(down: Tensor, across: Tensor) -> Tensor:
        y, x = (down / size[0] - 0.5)[:, None], (across / size[1] - 0.5)[None]
        return torch.stack([one + 0 * y * x for one in (1, y, x, y * y, x * y, x * x)], dim=-1)

    wanted, design = some.double().flatten(), terms(*_places(shape, every)).flatten(0, 1)
    above, weights = wanted - wanted.median(), torch.zeros(design.shape[1]).double()
    ridge = 1e-6 * len(design) * torch.eye(design.shape[1]).double()  # of one row or column
    for _ in range(ROUNDS):
        far = max(FAINT * float(above.max()), float(above.abs().median()), FAINTEST)
        near = (above.abs() <= far).double()[:, None]
        weights = torch.linalg.solve((design * near).T @ design + ridge, (design * near).T @ wanted)
        above = wanted - design @ weights

    def ground(down: Tensor, across: Tensor) -> Tensor:
        rows = max(1, AT_ONCE // (len(weights) * len(across)))  # the terms of all would be fifty bytes a pixel
        return torch.cat([(terms(some, across) @ weights).float() for some in torch.split(down, rows)])

    return ground


def _without_dust(ink: Tensor) -> Tensor:
    """Ink, bool of shape (Y, X), without specks, and without frames and rules where there is anything else."""
    pieces, boxes, sizes = _pieces(ink)
    drawn = [not _is_frame_or_rule(box, size, ink.shape) for box, size in zip(boxes, sizes, strict=True)]
    if not any(drawn):
        return ink
    highest = max(box.height for box, keep in zip(boxes, drawn, strict=True) if keep)
    kept = [keep and max(box.height, box.width) >= SPECK * highest for box, keep in zip(boxes, drawn, strict=True)]
    return torch.tensor([False, *kept])[pieces]


def _is_frame_or_rule(box: Box, size: int, shape: torch.Size) -> bool:
    """Whether a piece of ink of so many pixels runs around a picture, or is one thin line."""
    around = box.height >= FRAME * shape[0] and box.width >= FRAME * shape[1]
    across = box.width >= RULE * box.height
    down = box.height >= max(RULE * box.width, FRAME * shape[0])  # a shorter one may be a 1
    return across or down or (around and size < HOLLOW * box.height * box.width)


def _pieces(ink: Tensor) -> tuple[Tensor, list[Box], list[int]]:
    """Pieces of ink that hang together: their numbers from 1 on at each pixel, and the box and pixels of each."""
    numbers = torch.arange(1, ink.numel() + 1).view(ink.shape) * ink
    while True:  # each pixel takes the highest number around it, and then the one that the pixel of that number has
        spread = functional.max_pool2d(numbers[None].float(), 3, stride=1, padding=1)[0].long() * ink  # exact to 2^24
        spread = spread.flatten()[spread.flatten() - 1].view(ink.shape) * ink
        if torch.equal(spread, numbers):
            break
        numbers = spread
    names, pieces = torch.unique(numbers, return_inverse=True)
    if int(names[0]) != 0:  # all is ink
        pieces = pieces + 1
    down, across = ink.nonzero().unbind(dim=1)
    of = pieces[down, across] - 1
    count = int(of.max()) + 1 if len(of) else 0
    edges = [
        torch.zeros(count).long().scatter_reduce(0, of, places + after, reduce, include_self=False).tolist()
        for places in (down, across)
        for after, reduce in ((0, "amin"), (1, "amax"))
    ]
    return pieces, [Box(*each) for each in zip(*edges, strict=True)], of.bincount(minlength=count).tolist()


def lines_of(ink: Tensor, least: float | None = None) -> list[Box]:
    """The lines of digits of a picture, one below the other, with rows without any ink between them.

    Args:
        ink: bool, shape (Y, X).
        least: rows of a line at least; None: a share of the highest one's.
    """
    bands = _bands(ink)
    highest = max((band.height for band in bands), default=0)
    least = LEAST_LINE * highest if least is None else least
    bands = [band for band in bands if band.height >= least]
    lines = bands[:1]
    for band in bands[1:]:
        above = lines[-1]
        flat = min(above.height, band.height) < FLAT * highest
        if flat and band.top - above.bottom <= CLOSE * highest and not band.beside(above):
            lines[-1] = above.with_(band)
        else:
            lines.append(band)
    return [_around(lines)] if _on_a_slope(lines) else lines


def _around(boxes: Sequence[Box]) -> Box:
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.with_(box)
    return whole


def _bands(ink: Tensor) -> list[Box]:
    """Ink between rows without any, from above to below; ink is bool, of shape (Y, X)."""
    edges = ink.any(dim=1).int().diff(prepend=torch.zeros(1), append=torch.zeros(1))
    found = []
    first, last = (edges == 1).nonzero().flatten().tolist(), (edges == -1).nonzero().flatten().tolist()
    for top, bottom in zip(first, last, strict=True):
        columns = ink[top:bottom].any(dim=0).nonzero()
        found.append(Box(top, bottom, int(columns.min()), int(columns.max()) + 1))
    return found


def _on_a_slope(bands: Sequence[Box]) -> bool:
    """Whether these are single digits, each farther to the right than the one above it, or each farther to the left."""
    highest = max((band.height for band in bands), default=0)
    single = all(band.width <= ONE_DIGIT * highest for band in bands)
    ways = {lower.left > upper.left if lower.beside(upper) else None for upper, lower in pairwise(bands)}
    return single and ways in ({True}, {False})
