"""Pictures as grey pixels: every page, upright, whatever their colours and transparency."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genmodels.data.images.kinds import head_of, no_picture, picture_format
from genmodels.data.images.parts import Pixels, check_size
from genmodels.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

ONE_COLOUR = 8  # colours that differ by no more are one
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


def read_stack(files: Sequence[Path]) -> Stack:
    """Grey pictures of one size; files of several pages or frames give all of them.

    Raises:
        DataError: one is damaged, in colour, transparent in parts, of another size, or they are too large.
    """
    stack, by_alpha, paged = Stack(), [], []
    for file in files:
        before = len(stack.pages)
        for colours in pages_of(file, len(files)):
            pixels, alpha = _grey_alone(file, colours)
            _check_same_size(files[0], stack.pages[0] if stack.pages else pixels, file, pixels)
            stack.pages.append(pixels)
            if alpha and file not in by_alpha:
                by_alpha.append(file)
        stack.counts.append(len(stack.pages) - before)
        if stack.counts[-1] > 1:
            paged.append(file)
    if paged:
        total = sum(count for count in stack.counts if count > 1)
        stack.guesses.append(f"took all {total} pages or frames of {_some(paged)}")
    if by_alpha:
        stack.guesses.append(f"took the shape from the transparency of {_some(by_alpha)}, where all colour is one")
    return stack


def _some(files: Sequence[Path]) -> str:
    others = f" and {len(files) - 1} others" if len(files) > 1 else ""
    return f"{files[0].name}{others}"


def _check_same_size(first: Path, pixels: Pixels, file: Path, others: Pixels) -> None:
    if pixels.shape != others.shape:
        sizes = [f"{shape[1]}x{shape[0]}" for shape in (pixels.shape, others.shape)]
        raise DataError(
            f"the pictures differ in size: {first} is {sizes[0]}, {file} is {sizes[1]}",
            "scale them to one size first.",
        )


def read_any_picture(file: Path) -> list[Pixels]:
    """The pages of a picture in grey, whatever its colours, each of shape (Y, X).

    Where a page is transparent it is white, unless all its colour is one: then the shape is in its transparency, drawn
    dark on white. A page of nothing but 0 and 1 is black and white.

    Raises:
        DataError: missing, damaged, no picture, or too large.
    """
    if not file.is_file():
        what = f"{file} is a folder, not a picture" if file.is_dir() else f"there is no picture {file}"
        raise DataError(what, "check the path.")
    return [_any_grey(colours) for colours in pages_of(file, 1)]


def _any_grey(colours: Pixels) -> Pixels:
    """One page of any colours as grey."""
    alpha = _shape_in_alpha(colours)
    if alpha is not None:
        return 255 - alpha
    opaque = colours[..., 3:].astype(np.float32) / 255.0
    grey = (colours[..., :3].astype(np.float32) @ GREY)[..., None]
    pixels: Pixels = (opaque * grey + (1.0 - opaque) * 255.0)[..., 0].round().astype(np.uint8)
    return pixels * 255 if pixels.max(initial=0) == 1 else pixels


def _grey_alone(file: Path, colours: Pixels) -> tuple[Pixels, bool]:
    """One page that must be grey; and whether its shape was in its transparency.

    Raises:
        DataError: it is in colour, or transparent in parts.
    """
    alpha = _shape_in_alpha(colours)
    if alpha is not None:
        return alpha, True
    if (colours[..., 3] != 255).any():
        raise DataError(f"{file} is transparent in parts", "flatten the pictures first: give them an opaque ground.")
    if (colours[..., :1] != colours[..., 1:3]).any():
        raise DataError(f"{file} is in colour, but the models here are for grey images", "convert them to grey first.")
    return np.ascontiguousarray(colours[..., 0]), False


def _shape_in_alpha(colours: Pixels) -> Pixels | None:
    """The opacity, where it alone tells shape from ground: it varies, and what is seen has one colour."""
    alpha = colours[..., 3]
    seen = colours[alpha > 0][:, :3]
    if len(seen) == 0 or alpha.min() > ONE_COLOUR:
        return None
    spread = seen.max(axis=0).astype(int) - seen.min(axis=0)
    return np.ascontiguousarray(alpha) if spread.max() <= ONE_COLOUR else None


def pages_of(file: Path, count: int) -> Iterator[Pixels]:
    """Every page or frame of a picture, upright: red, green, blue and opacity, uint8 of shape (Y, X, 4).

    Pillow is told the format that the content has, whatever the name claims; its own limit for one picture holds, and
    here its warning is as good as its error.

    Args:
        file: the picture.
        count: of so many such pictures; the declared size, times that, is checked before anything is unpacked.

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
                check_size(file, (max(count, getattr(image, "n_frames", 1)), image.height, image.width))
                frames = [image] if image.format == "MPO" else ImageSequence.Iterator(image)
                for frame in frames:
                    yield _upright(file, frame)
    except (
        Image.DecompressionBombError, Image.DecompressionBombWarning, OSError, SyntaxError, ValueError, EOFError,
    ) as error:  # fmt: skip
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
