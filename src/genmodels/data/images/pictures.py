"""Pictures as grey pixels: every page, upright, whatever their colours and transparency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from genmodels.data.images.pages import Page, pages_of
from genmodels.data.images.parts import Pixels
from genmodels.errors import DataError
from genmodels.limits import check_room
from genmodels.telling import Advance, Notice, silent

COLOUR_HINT = "convert them to grey first; a training does it with --grey."
GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601


@dataclass
class Stack:
    """Grey pictures of one size.

    Args:
        pages: one array (Y, X) for each page, in order.
        counts: pages of each file.
        guesses: sentences about what was guessed.
    """

    pages: list[Pixels] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    guesses: list[str] = field(default_factory=list)


def read_stack(files: Sequence[Path], grey: bool = False, advance: Advance = silent) -> Stack:
    """Grey pictures of one size; files of several pages or frames give all of them.

    Args:
        files: the pictures.
        grey: whether those in colour are taken as grey, which is told, or refused.
        advance: is told of each that is read.

    Raises:
        DataError: one is damaged, in colour, transparent in parts, of another size, or they are too large.
    """
    stack = Stack()
    coloured: dict[Path, None] = {}
    shapes: dict[bool, Path] = {}  # whether the shape is in the transparency -> the first such file
    bits: dict[bool, Path] = {}  # whether all is 0 and 1 -> the first such file
    told: list[str] = []
    for file in files:
        before = len(stack.pages)
        for page in pages_of(file, max(len(files), before), told.append):
            pixels, by_alpha = _grey_alone(file, page, grey)
            if grey and not by_alpha and page.seen.is_colour:
                coloured[file] = None
            shapes.setdefault(by_alpha, file)
            if pixels.any():
                bits.setdefault(int(pixels.max()) == 1, file)
            _check_same_size(files[0], stack.pages[0] if stack.pages else pixels, file, pixels)
            if not stack.pages:
                check_room(f"{file} and {len(files) - 1:,} such pictures", 2 * len(files) * pixels.size)
            stack.pages.append(pixels)
        stack.counts.append(len(stack.pages) - before)
        advance(1)
    if len(bits) == 2:
        what = f"{bits[True]} holds 0 and 1 alone, but {bits[False]} goes further"
        raise DataError(what, "scale them alike, to 0 to 255.")
    if told:
        others = f", and likewise of {len(told) - 1} more" if len(told) > 1 else ""
        stack.guesses.append(told[0] + others)
    paged = [file for file, count in zip(files, stack.counts, strict=True) if count > 1]
    if paged:
        total = sum(count for count in stack.counts if count > 1)
        stack.guesses.append(f"took all {total} pages or frames of {_some(paged)}")
    if coloured:
        stack.guesses.append(f"took the colours of {_some(list(coloured))} as grey")
    _tell_of_shapes(shapes, stack.guesses)
    return stack


def _tell_of_shapes(shapes: Mapping[bool, Path], guesses: list[str]) -> None:
    """Say where shapes were taken from the transparency.

    Raises:
        DataError: from that of some pictures only, so that ink would be light in these and may be dark in others.
    """
    if len(shapes) == 2:
        raise DataError(
            f"{shapes[True]} is a shape on a transparent ground, but {shapes[False]} is opaque",
            "flatten the pictures first: give them all an opaque ground.",
        )
    if True in shapes:
        guesses.append("took the shapes from the transparency of the pictures, where all colour is one")


def _some(files: Sequence[Path]) -> str:
    others = len(files) - 1
    return files[0].name + (f" and {others} other{'s' if others > 1 else ''}" if others else "")


def _check_same_size(first: Path, pixels: Pixels, file: Path, others: Pixels) -> None:
    if pixels.shape != others.shape:
        sizes = [f"{shape[1]}x{shape[0]}" for shape in (pixels.shape, others.shape)]
        raise DataError(
            f"the pictures differ in size: {first} is {sizes[0]}, {file} is {sizes[1]}",
            "scale them to one size first.",
        )


def read_any_picture(file: Path, notice: Notice) -> list[Pixels]:
    """The pages of a picture in grey, whatever its colours, each of shape (Y, X).

    Where a page is transparent it is white, unless all its colour is one: then the shape is in its transparency, drawn
    dark on white. A page of nothing but 0 and 1 is black and white.

    Args:
        file: the picture.
        notice: is told what of it was not taken.

    Raises:
        DataError: missing, damaged, no picture, or too large.
    """
    if not file.is_file():
        raise DataError(f"there is no picture {file}", "check the path.")
    return [_any_grey(page) for page in pages_of(file, 1, notice)]


def _any_grey(page: Page) -> Pixels:
    """One page of any colours as grey."""
    if page.seen.is_shape:
        return page.mapped(lambda colours: 255 - colours[..., 3])
    pixels = page.mapped(_on_white)
    return pixels * 255 if pixels.max(initial=0) == 1 else pixels


def _on_white(colours: Pixels) -> Pixels:
    """Colours as grey, on white where they are transparent."""
    opaque = colours[..., 3:].astype(np.float32) / 255.0
    grey = (colours[..., :3].astype(np.float32) @ GREY)[..., None]
    pixels: Pixels = (opaque * grey + (1.0 - opaque) * 255.0)[..., 0].round().astype(np.uint8)
    return pixels


def _grey_alone(file: Path, page: Page, convert: bool) -> tuple[Pixels, bool]:
    """One page that is grey, or is made so where that is asked for; and whether its shape was in its transparency.

    Raises:
        DataError: it is transparent in parts, or in colour.
    """
    seen = page.seen
    if seen.is_shape:
        return page.mapped(lambda colours: colours[..., 3]), True
    if seen.least_opaque != 255:
        raise DataError(f"{file} is transparent in parts", "flatten the pictures first: give them an opaque ground.")
    if not seen.is_colour:
        return page.mapped(lambda colours: colours[..., 1]), False
    if not convert:
        raise DataError(f"{file} is in colour, but the models here are for grey images", COLOUR_HINT)
    return page.mapped(lambda colours: (colours[..., :3].astype(np.float32) @ GREY).round().astype(np.uint8)), False
