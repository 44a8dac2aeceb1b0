"""Pictures as grey pixels: every page, upright, whatever their colours and transparency."""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genmodels.data.images.kinds import head_of, no_picture, picture_format
from genmodels.data.images.parts import Pixels, check_size
from genmodels.errors import DataError
from genmodels.streams import caught_in_c
from genmodels.telling import Advance, Notice, silent

if TYPE_CHECKING:
    from PIL.Image import Image

ONE_COLOUR = 8  # colours that differ by no more are one
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
        for colours in pages_of(file, max(len(files), before), told.append):
            pixels, by_alpha = _grey_alone(file, colours, grey)
            if grey and not by_alpha and _is_colour(colours):
                coloured[file] = None
            shapes.setdefault(by_alpha, file)
            if pixels.any():
                bits.setdefault(int(pixels.max()) == 1, file)
            _check_same_size(files[0], stack.pages[0] if stack.pages else pixels, file, pixels)
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
    return [_any_grey(colours) for colours in pages_of(file, 1, notice)]


def _any_grey(colours: Pixels) -> Pixels:
    """One page of any colours as grey."""
    alpha = _shape_in_alpha(colours)
    if alpha is not None:
        return 255 - alpha
    opaque = colours[..., 3:].astype(np.float32) / 255.0
    grey = (colours[..., :3].astype(np.float32) @ GREY)[..., None]
    pixels: Pixels = (opaque * grey + (1.0 - opaque) * 255.0)[..., 0].round().astype(np.uint8)
    return pixels * 255 if pixels.max(initial=0) == 1 else pixels


def _grey_alone(file: Path, colours: Pixels, convert: bool) -> tuple[Pixels, bool]:
    """One page that is grey, or is made so where that is asked for; and whether its shape was in its transparency.

    Raises:
        DataError: it is transparent in parts, or in colour.
    """
    alpha = _shape_in_alpha(colours)
    if alpha is not None:
        return alpha, True
    if (colours[..., 3] != 255).any():
        raise DataError(f"{file} is transparent in parts", "flatten the pictures first: give them an opaque ground.")
    if not _is_colour(colours):
        return np.ascontiguousarray(colours[..., 1]), False
    if not convert:
        raise DataError(f"{file} is in colour, but the models here are for grey images", COLOUR_HINT)
    return (colours[..., :3].astype(np.float32) @ GREY).round().astype(np.uint8), False


def _is_colour(colours: Pixels) -> bool:
    """Whether a page is in colour; lossy formats leave a little of it in grey."""
    red, green, blue = (colours[..., channel].astype(np.int16) for channel in range(3))
    return bool(max(np.abs(red - green).max(), np.abs(green - blue).max(), np.abs(blue - red).max()) > ONE_COLOUR)


def _shape_in_alpha(colours: Pixels) -> Pixels | None:
    """The opacity, where it alone tells shape from ground: it varies, and what is seen has one colour."""
    alpha = colours[..., 3]
    seen = colours[alpha > 0][:, :3]
    if alpha.min() > ONE_COLOUR:
        return None
    if len(seen) == 0:  # nothing at all
        return np.zeros(alpha.shape, np.uint8)
    spread = seen.max(axis=0).astype(int) - seen.min(axis=0)
    return np.ascontiguousarray(alpha) if spread.max() <= ONE_COLOUR else None


def _decoded(file: Path, frame: "Image", kind: str) -> Pixels:
    """A page, upright; libtiff writes what it finds wrong past Python to stderr."""
    with caught_in_c() if kind == "TIFF" else nullcontext():
        return _upright(file, frame)


def pages_of(file: Path, count: int, notice: Notice) -> Iterator[Pixels]:
    """Every page or frame of a picture, upright: red, green, blue and opacity, uint8 of shape (Y, X, 4).

    Pillow is told the format that the content has, whatever the name claims; its own limit for one picture holds, and
    here its warning is as good as its error.

    Args:
        file: the picture.
        count: of so many such pictures, this one's pages beside it; the declared size, times that, is checked before
            anything is unpacked.
        notice: is told what of it was not taken.

    Raises:
        DataError: no picture, damaged, of more than 8 bits a pixel, or too large.
    """
    from PIL import Image, ImageSequence  # noqa: PLC0415 - needed for pictures only

    kind = picture_format(file, head := head_of(file))
    if kind is None:
        raise no_picture(file, head)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow says of odd metadata is nothing to act on
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=[kind]) as image:
                frames = getattr(image, "n_frames", 1)
                check_size(file, (count + frames - 1, image.height, image.width))
                if image.format == "MPO" and frames > 1:  # the others are previews, depths or other exposures
                    notice(f"took the first of the {frames} pictures in {file.name}")
                    yield _decoded(file, image, kind)
                    return
                for frame in ImageSequence.Iterator(image):
                    yield _decoded(file, frame, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        pixels = re.search(r"\d+ pixels", str(error))
        what = f"{file} has {'pixels' if pixels is None else pixels[0]}, more than is safe to unpack"
        raise DataError(what, "scale it down.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise DataError(f"{file} cannot be read: {error}", "remove it, or save it again as PNG.") from error


def _upright(file: Path, frame: "Image") -> Pixels:
    """A page turned as its EXIF says."""
    from PIL import ImageOps  # noqa: PLC0415 - needed for pictures only

    if frame.mode.startswith(("I", "F")):
        raise DataError(f"{file} has more than 8 bits a pixel (mode {frame.mode})", "save the pictures with 8 bits.")
    _check_can_be_turned(file, frame)
    frame.load()  # a TIFF is turned by Pillow itself as it is loaded, and then says so no more
    return np.asarray(ImageOps.exif_transpose(frame).convert("RGBA"))


def _check_can_be_turned(file: Path, frame: "Image") -> None:
    """Pillow (13 at least) gives the rows of an uncompressed TIFF that lies on its side in a jumble.

    Raises:
        DataError: it is such a one.
    """
    orientation = frame.getexif().get(0x0112, 1)
    if frame.format == "TIFF" and orientation >= 5 and any(tile[0] != "libtiff" for tile in getattr(frame, "tile", ())):
        raise DataError(
            f"{file} is an uncompressed TIFF that lies on its side (orientation {orientation})",
            "save it upright, compressed, or as PNG.",
        )
