"""Strips of digits, composed on the fly from an image set: what a reader is trained on.

A strip is a canvas 32 pixels high with some digits from left to right: each is cut to its ink, scaled, set at a random
height and placed at a random gap to the one before it, which may be an overlap; then noise lies over all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.ink import is_dark_on_light
from genmodels.data.images.parts import Part
from genmodels.device import step_generator
from genmodels.errors import DataError
from genmodels.telling import counted

HEIGHT = 32
INK_HEIGHTS = (18.0, 26.0)  # pixels from a digit's highest ink to its lowest
WIDEST = 28  # pixels of ink; wider digits are scaled down to that
EDGE = 4  # columns drawn to the left of where a digit's ink begins, as slanted ink reaches beyond; more is cut off
PATCH = WIDEST + 2 * EDGE  # columns in which one digit is drawn: to the right there are EDGE or more
SLANT, TILT, STRETCH = 0.25, 0.12, 0.1  # standard deviations of what --warp 1 does to training digits
GAPS = (-2, 12)  # pixels between the ink of two neighbours; below 0 they overlap
NEAREST = 8  # pixels from one digit's left edge to the next one's, at least
SHIFT = 3.0  # pixels that a digit may be set higher or lower, as far as it fits
BRIGHTNESS = (0.7, 1.0)
NOISE = 0.08  # largest standard deviation
INK = 0.2  # pixels brighter than that are ink
PER_DIGIT, MARGIN = 22, 20  # a canvas for n digits is 22 n + 20 pixels wide, in whole columns
COLUMN = 4  # pixels
SPARE = 2  # a strip may lie on a canvas for so many digits more, so that its width does not tell how many there are


@dataclass(frozen=True)
class Strips:
    """Some strips of equally many digits.

    Args:
        images: float of shape (B, 32, W), from 0 to 1.
        labels: int64 of shape (B, N), the classes from left to right.
        rows: int64 of shape (B, N), on the CPU: the numbers of the images that they are made of.
    """

    images: Tensor
    labels: Tensor
    rows: Tensor


def canvas_width(digits: int) -> int:
    """Pixels across the canvas for so many digits: always whole columns."""
    return -(-(PER_DIGIT * digits + MARGIN) // COLUMN) * COLUMN


class StripMaker:
    """Composes strips of one part of an image set.

    Args:
        part: images with labels.
        seed: of every draw.
        device: where the strips are needed.
        stream: names the part, so that no two parts share random numbers.
        warp: how far digits are slanted, tilted and stretched, see `warped`.

    Raises:
        DataError: no image holds any ink.
    """

    def __init__(self, part: Part, seed: int, device: torch.device, stream: str, warp: float = 0.0) -> None:
        assert part.labels is not None
        self.seed, self.stream, self.device, self.warp = seed, stream, device, warp
        pixels = torch.tensor(part.pixels)
        inked = pixels.flatten(1).amax(dim=1) > INK * 255  # an empty picture is no digit
        if not inked.any():
            differ = f"at most {int(pixels.max())} of 255"
            raise DataError(f"no image holds ink: pixels differ from the ground by {differ}", "scale them to 0 to 255.")
        self.pixels, self.labels = pixels[inked].to(device), torch.tensor(part.labels)[inked]
        self.boxes = ink_boxes(self.pixels).cpu()

    def make(self, count: int, digits: int, room: int, step: int) -> Strips:
        """Strips as a function of the seed, the stream, and the step alone.

        Args:
            count: B.
            digits: N in each; 0 gives empty canvases.
            room: the canvas is wide enough for so many.
            step: names the draw.
        """
        random = step_generator(torch.device("cpu"), self.seed, self.stream, step)
        if digits == 0:
            nothing = torch.zeros(count, HEIGHT, canvas_width(room), device=self.device)
            none = self.labels.new_zeros(count, 0)
            return Strips(self._noisy(nothing, random), none.to(self.device), none)
        rows = torch.randint(len(self.pixels), (count, digits), generator=random)
        patches, starts = self._drawn(rows, canvas_width(room), random)
        bright = _uniform((count, 1, 1), BRIGHTNESS, random).to(self.device)
        canvas = _pasted(patches, starts.long().to(self.device), canvas_width(room)) * bright
        return Strips(self._noisy(canvas, random), self.labels[rows].to(self.device), rows)

    def _drawn(self, rows: Tensor, canvas: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Digits of random sizes, heights and gaps: their patches (B, N, 32, PATCH), and the columns they begin at."""
        top, bottom, left, right = self.boxes[rows].unbind(dim=-1)  # each (B, N)
        wanted = _uniform(rows.shape, INK_HEIGHTS, random)
        scale = torch.minimum(wanted / (bottom - top + 1), WIDEST / (right - left + 1))
        height, width = scale * (bottom - top + 1), scale * (right - left + 1)
        slack = ((HEIGHT - height) / 2).clamp(max=SHIFT)
        middle = HEIGHT / 2 + slack * _uniform(rows.shape, (-1.0, 1.0), random)
        starts = _places(width, canvas, random)
        whole = starts.floor()
        grid = _offsets(starts - whole + width / 2, middle)
        if self.warp:
            grid = warped(grid, self.warp, random)
        centre = torch.stack([left + right + 1, top + bottom + 1], dim=-1) / 2
        return self._patches(rows, centre[:, :, None, None] + grid / scale[:, :, None, None, None]), whole

    def _patches(self, rows: Tensor, grid: Tensor) -> Tensor:
        """Digits drawn by bilinear interpolation.

        Args:
            rows: numbers of the images, shape (B, N).
            grid: for each of the patch's pixels the place in the image, across and down, shape (B, N, 32, PATCH, 2).

        Returns:
            Shape (B, N, 32, PATCH).
        """
        sources = self.pixels[rows.flatten().to(self.device)].float() / 255.0
        tall, wide = sources.shape[1:]
        places = grid.flatten(0, 1) * torch.tensor([2.0 / wide, 2.0 / tall]) - 1.0  # as grid_sample counts
        patches = functional.grid_sample(sources[:, None], places.to(self.device), align_corners=False)
        return patches.view(*rows.shape, HEIGHT, PATCH)

    def _noisy(self, canvas: Tensor, random: torch.Generator) -> Tensor:
        strength = torch.rand(len(canvas), 1, 1, generator=random) * NOISE
        noise = torch.randn(canvas.shape, generator=random) * strength
        return (canvas + noise.to(self.device)).clamp(0.0, 1.0)


def light_on_dark(images: ImageSet, notice: Callable[[str], None]) -> ImageSet:
    """The set as strips need it: turned, training and test images alike, where its training images are mostly bright.

    Args:
        images: any set.
        notice: is told if it was turned.
    """
    if not is_dark_on_light(images.train.pixels):
        return images
    notice(f"the images of {images.name} are dark on light: taken the other way round")
    train, test = (replace(part, pixels=255 - part.pixels) for part in (images.train, images.test))
    return replace(images, train=train, test=test)


def ink_boxes(pixels: Tensor) -> Tensor:
    """First and last row and column with ink.

    Args:
        pixels: uint8, shape (N, Y, X); each has some ink.

    Returns:
        Float of shape (N, 4): top, bottom, left, right, counted from 0, the last ones inside.
    """
    ink = pixels > INK * 255
    edges = []
    for dim, size in ((2, pixels.shape[1]), (1, pixels.shape[2])):
        there = ink.any(dim=dim).float()  # (N, size)
        edges += [there.argmax(dim=1), size - 1 - there.flip(1).argmax(dim=1)]
    return torch.stack(edges, dim=1).float()


def _uniform(shape: tuple[int, ...], bounds: tuple[float, float], random: torch.Generator) -> Tensor:
    low, high = bounds
    return low + (high - low) * torch.rand(shape, generator=random)


def _places(width: Tensor, canvas: int, random: torch.Generator) -> Tensor:
    """Left edges of digits of these widths (B, N); where they would not fit, the gaps shrink."""
    gaps = _uniform(width.shape, GAPS, random)
    advance = (width + gaps).clamp(min=NEAREST)[:, :-1]
    free = canvas - 2 - width[:, -1]
    total = advance.sum(dim=1)
    advance = advance * (free / total.clamp(min=1e-6)).clamp(max=1.0)[:, None]
    starts = functional.pad(advance.cumsum(dim=1), (1, 0))  # (B, N), from 0
    ends = (starts + width).amax(dim=1)
    lead = (canvas - ends).clamp(min=0.0) * torch.rand(len(width), generator=random)
    return (starts + lead[:, None]).clamp(max=canvas - 1.0)


def _offsets(across: Tensor, down: Tensor) -> Tensor:
    """How far each pixel of a patch lies to the right of a digit's middle and below it.

    Args:
        across: the middle, in columns from where the digit begins, shape (B, N).
        down: the middle, in rows from above, shape (B, N).

    Returns:
        Pixels, shape (B, N, 32, PATCH, 2).
    """
    columns = torch.arange(PATCH) - EDGE + 0.5 - across[:, :, None]  # (B, N, PATCH)
    rows = torch.arange(HEIGHT) + 0.5 - down[:, :, None]  # (B, N, 32)
    return torch.stack([columns[:, :, None].expand(-1, -1, HEIGHT, -1), rows[..., None].expand(-1, -1, -1, PATCH)], -1)


def warped(grid: Tensor, strength: float, random: torch.Generator) -> Tensor:
    """The grid seen through one random affine map for each digit: slanted, tilted, stretched.

    Args:
        grid: places about the middle, across and down, shape (B, N, 32, PATCH, 2).
        strength: scales the standard deviations `SLANT`, `TILT` and `STRETCH`.
        random: draws three numbers for each digit.
    """
    spread = strength * torch.tensor([SLANT, TILT, STRETCH])
    drawn = torch.randn(*grid.shape[:2], 1, 1, 3, generator=random) * spread
    slant, tilt, stretch = drawn.unbind(dim=-1)  # each (B, N, 1, 1)
    across, down = grid.unbind(dim=-1)
    across = (1 + stretch) * across + slant * down
    return torch.stack([across, down + tilt * across], dim=-1)


def _pasted(patches: Tensor, starts: Tensor, canvas: int) -> Tensor:
    """The patches (B, N, 32, PATCH) added up on canvases (B, 32, W); digits begin at these columns (B, N)."""
    count, digits = starts.shape
    columns = starts[:, :, None] + torch.arange(PATCH, device=starts.device)  # (B, N, PATCH), EDGE too far right
    index = columns[:, None].expand(-1, HEIGHT, -1, -1).reshape(count, HEIGHT, digits * PATCH)
    sheet = torch.zeros(count, HEIGHT, canvas + PATCH, device=patches.device)
    sheet.scatter_add_(2, index, patches.transpose(1, 2).reshape(count, HEIGHT, digits * PATCH))
    return sheet[:, :, EDGE : EDGE + canvas].clamp(0.0, 1.0)


FAINTEST = 0.05  # difference from the ground that may be ink


def _without_ground(strip: Tensor) -> Tensor:
    """A grey ground becomes black and the brightest ink white, as in training; nothing but ground becomes black."""
    ground, brightest = float(strip.median()), float(strip.max())
    if brightest - ground < FAINTEST:
        return torch.zeros_like(strip)
    return ((strip - ground) / (brightest - ground)).clamp(min=0.0)


SMALLEST_CANVAS = 8 * COLUMN  # pixels across
MOST_PIXELS_ACROSS = 100_000
LEAST_LINE = 0.1  # of a picture's height; less ink than that between empty rows is no line of digits
FLAT = 0.6  # of the highest band; what is flatter may be a part of a digit that the pen left and came back to
CLOSE = 0.2  # of the highest band: such a part lies no farther from the rest of its digit
BELOW = 0.5  # of the narrower one's columns; what shares fewer lies beside the other, as digits on a slope do
ONE_DIGIT = 1.2  # times the height of the highest band: what is wider is more than one digit


def fit_picture(pixels: NDArray[np.uint8], name: str, notice: Callable[[str], None]) -> Tensor:
    """A picture of the user's own as a strip: light ink on dark ground, 32 pixels high, whole columns wide.

    Args:
        pixels: shape (Y, X).
        name: what notices call it.
        notice: is told what was changed.

    Returns:
        Float of shape (32, W), from 0 to 1.

    Raises:
        DataError: far wider than high.
    """
    strip = torch.from_numpy(pixels.astype(np.float32)) / 255.0
    varies = float(strip.max() - strip.min()) >= FAINTEST
    if varies and is_dark_on_light(pixels[None]):
        notice(f"{name} is dark on light: taken the other way round")
        strip = 1.0 - strip
    strip = _without_ground(strip)
    lines = _lines_of_ink(strip)
    if lines > 1:
        notice(f"{name} has ink in {lines} lines, one below the other, but is read as one: cut it between them")
    strip = _scaled(strip, name, notice)
    across = strip.shape[1]
    wide = max(SMALLEST_CANVAS, -(-across // COLUMN) * COLUMN)
    return functional.pad(strip, (0, wide - across)).clamp(0.0, 1.0)


class _Band(NamedTuple):
    """Ink between rows without any; the last row and column are outside."""

    top: int
    bottom: int
    left: int
    right: int

    def beside(self, other: "_Band") -> bool:
        """Whether most of the narrower one lies to the left or right of the other."""
        shared = min(self.right, other.right) - max(self.left, other.left)
        return shared < BELOW * min(self.right - self.left, other.right - other.left)


def _lines_of_ink(strip: Tensor) -> int:
    """How many lines of digits a picture has, one below the other, with rows without any ink between them."""
    bands = _bands(strip > INK)
    highest = max((band.bottom - band.top for band in bands), default=0)
    lines = list(bands[:1])
    for band in bands[1:]:
        above = lines[-1]
        flat = min(above.bottom - above.top, band.bottom - band.top) < FLAT * highest
        if flat and band.top - above.bottom <= CLOSE * highest and not band.beside(above):
            left, right = min(above.left, band.left), max(above.right, band.right)
            lines[-1] = _Band(above.top, band.bottom, left, right)
        else:
            lines.append(band)
    return 1 if _on_a_slope(lines) else len(lines)


def _bands(ink: Tensor) -> list[_Band]:
    """What is high enough to be a line of digits, from above to below; ink is bool, of shape (Y, X)."""
    edges = ink.any(dim=1).int().diff(prepend=torch.zeros(1), append=torch.zeros(1))
    found = []
    first, last = (edges == 1).nonzero().flatten().tolist(), (edges == -1).nonzero().flatten().tolist()
    for top, bottom in zip(first, last, strict=True):
        if bottom - top >= LEAST_LINE * len(ink):
            columns = ink[top:bottom].any(dim=0).nonzero()
            found.append(_Band(top, bottom, int(columns.min()), int(columns.max()) + 1))
    return found


def _on_a_slope(bands: Sequence[_Band]) -> bool:
    """Whether these are single digits, each farther to the right than the one above it, or each farther to the left."""
    highest = max((band.bottom - band.top for band in bands), default=0)
    single = all(band.right - band.left <= ONE_DIGIT * highest for band in bands)
    ways = {lower.left > upper.left if lower.beside(upper) else None for upper, lower in pairwise(bands)}
    return single and ways in ({True}, {False})


def _scaled(strip: Tensor, name: str, notice: Callable[[str], None]) -> Tensor:
    """A strip of any size, 32 pixels high."""
    rows, columns = strip.shape
    across = max(1, round(columns * HEIGHT / rows))
    if across > MOST_PIXELS_ACROSS:
        raise DataError(f"{name} is {columns}x{rows} pixels, too wide to be read", "cut it into pieces.")
    if rows == HEIGHT:
        return strip
    notice(f"{name} is {counted(rows, 'pixel')} high: scaled to {HEIGHT}")
    size = (HEIGHT, across)
    return functional.interpolate(strip[None, None], size, mode="bilinear", antialias=True)[0, 0]
