"""Strips of digits, composed on the fly from an image set: what a reader is trained on.

A strip is a canvas 32 pixels high with some digits from left to right: each is cut to its ink, scaled, set at a random
height and placed at a random gap to the one before it, which may be an overlap; then noise lies over all.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.ink import is_dark_on_light
from genmodels.data.images.parts import Part
from genmodels.device import step_generator
from genmodels.errors import DataError

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
