"""Pages of pictures: opened by the format that their content has, upright, and looked at a tile at a time.

In four bytes a pixel a large page would take several times the memory of what is made of it.
"""

import contextlib
import re
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genmodels.data.bounded import room_for
from genmodels.data.images.kinds import head_of, no_picture, picture_format
from genmodels.data.images.parts import Pixels, check_size
from genmodels.errors import DataError
from genmodels.limits import check_room
from genmodels.printable import one_line
from genmodels.streams import caught_in_c
from genmodels.telling import Notice

if TYPE_CHECKING:
    from PIL.Image import Image

ONE_COLOUR = 8  # colours that differ by no more are one
TILE = 1 << 18  # pixels
LAID_OVER = {
    "GIF",
    "PNG",
    "WEBP",
    "AVIF",
}  # whose frames are laid over each other, for which there are several at a time
MOST_GREEDY = 1 << 24  # pixels of a page for which a library takes up to sixteen bytes each
# What Pillow raises of damaged files, beside what it says it raises.
_DAMAGE = (
    OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, IndexError, AttributeError, AssertionError,
    struct.error, zlib.error, RuntimeError, ArithmeticError,
)  # fmt: skip


@dataclass
class Seen:
    """What the pixels of a page are like.

    Args:
        least_opaque: the opacity of the most transparent pixel; 255: all is opaque.
        spread: how far the colours of what is not quite transparent lie apart, in the channel where it is most.
        is_colour: whether it is in colour; lossy formats leave a little of it in grey.
    """

    least_opaque: int = 255
    spread: int = 0
    is_colour: bool = False

    @property
    def is_shape(self) -> bool:
        """Whether the opacity alone tells shape from ground: it varies, and what is seen has one colour."""
        return self.least_opaque <= ONE_COLOUR and self.spread <= ONE_COLOUR


@dataclass(frozen=True)
class Page:
    """One page or frame of a picture, upright.

    Args:
        file: the picture.
        image: as Pillow has it.
    """

    file: Path
    image: "Image"

    def tiles(self) -> Iterator[tuple[slice, slice, Pixels]]:
        """Rows, columns, and what is there: red, green, blue and opacity, uint8 of shape (Y, X, 4).

        Raises:
            DataError: it can't be read.
        """
        width, height = self.image.size
        if width * height <= TILE:
            yield slice(0, height), slice(0, width), self._whole
            return
        columns = min(width, TILE)
        rows = max(1, TILE // max(1, columns))
        for top in range(0, height, rows):
            for left in range(0, width, columns):
                right, bottom = min(left + columns, width), min(top + rows, height)
                with reading(self.file):
                    tile = np.asarray(self.image.crop((left, top, right, bottom)).convert("RGBA"))
                yield slice(top, bottom), slice(left, right), tile

    @cached_property
    def _whole(self) -> Pixels:
        with reading(self.file):
            return np.asarray(self.image.convert("RGBA"))

    @cached_property
    def seen(self) -> Seen:
        """What its pixels are like."""
        seen, low, high = Seen(), np.full(3, 255), np.zeros(3, int)
        for _, _, colours in self.tiles():
            *channels, alpha = np.ascontiguousarray(colours.transpose(2, 0, 1))  # several times as fast to look through
            opaque = int(alpha.min(initial=255))
            seen.least_opaque = min(seen.least_opaque, opaque)
            seen.is_colour = seen.is_colour or _is_colour(channels)
            shown = channels if opaque > 0 else [channel[alpha > 0] for channel in channels]
            low = np.minimum(low, [channel.min(initial=255) for channel in shown])
            high = np.maximum(high, [channel.max(initial=0) for channel in shown])
        seen.spread = int((high - low).max())
        return seen

    def mapped(self, function: Callable[[Pixels], Pixels]) -> Pixels:
        """One number for each pixel, uint8 of shape (Y, X), by a function of the colours of a tile.

        Raises:
            DataError: it can't be read.
        """
        made = np.empty((self.image.height, self.image.width), np.uint8)
        for rows, columns, colours in self.tiles():
            made[rows, columns] = function(colours)
        return made


def _is_colour(channels: Sequence[Pixels]) -> bool:
    """Whether some pixels are in colour, by their red, green and blue."""
    pairs = ((np.maximum(one, other), np.minimum(one, other)) for one, other in combinations(channels, 2))
    return any(int((high - low).max(initial=0)) > ONE_COLOUR for high, low in pairs)


@contextlib.contextmanager
def reading(file: Path) -> Iterator[None]:
    """Tell what Pillow says of a picture in a sentence; its warning of too many pixels is as good as its error.

    Raises:
        DataError: it can't be read, or has too many pixels.
        ResourceError: the memory is not enough.
    """
    from PIL import Image  # noqa: PLC0415 - needed for pictures only

    try:
        with warnings.catch_warnings(), room_for(file):
            warnings.simplefilter("ignore")  # what Pillow says of odd metadata is nothing to act on
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        pixels = re.search(r"\d+ pixels", str(error))
        what = f"{file} has {'pixels' if pixels is None else pixels[0]}, more than is safe to unpack"
        raise DataError(what, "scale it down.") from error
    except _DAMAGE as error:
        told = one_line(str(error)) or type(error).__name__
        raise DataError(f"{file} cannot be read: {told}", "remove it, or save it again as PNG.") from error


def pages_of(file: Path, count: int, notice: Notice) -> Iterator[Page]:
    """Every page or frame of a picture, upright: to be looked at until the next is asked for.

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
    with reading(file), Image.open(file, formats=[kind]) as image:
        frames = getattr(image, "n_frames", 1)
        _check_pixels(file, image, frames)
        size = check_size(file, (count + frames - 1, image.height, image.width))
        check_room(file, size + 5 * image.height * image.width)
        if image.format == "MPO" and frames > 1:  # the others are previews, depths or other exposures
            notice(f"took the first of the {frames} pictures in {file.name}")
            yield _upright(file, image)
            return
        rest, most = ImageSequence.Iterator(image), MOST_GREEDY if frames > 1 and kind in LAID_OVER else None
        while (frame := _next(rest, most)) is not None:
            yield _upright(file, frame)


def _next(rest: "Iterator[Image]", most: int | None) -> "Image | None":
    """The next page; where frames are laid over each other, a later one may make the picture larger than the first."""
    from PIL import Image  # noqa: PLC0415 - needed for pictures only

    usual = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = usual if most is None else most
    try:
        return next(rest, None)
    finally:
        Image.MAX_IMAGE_PIXELS = usual


def _check_pixels(file: Path, image: "Image", frames: int) -> None:
    """Refuse large pages of formats for which the libraries take many times the memory of the page.

    Raises:
        DataError: it is such a page.
    """
    greedy = image.format == "JPEG2000" or (frames > 1 and image.format in LAID_OVER)
    if greedy and image.width * image.height > MOST_GREEDY:
        told = f"{file} is {image.width}x{image.height}, more than is safe to unpack of {image.format}"
        raise DataError(f"{told}{' with several frames' if frames > 1 else ''}", "scale it down, or save it as PNG.")


def _upright(file: Path, frame: "Image") -> Page:
    """A page turned as its EXIF says."""
    from PIL import ImageOps  # noqa: PLC0415 - needed for pictures only

    if frame.mode.startswith(("I", "F")):
        raise DataError(f"{file} has more than 8 bits a pixel (mode {frame.mode})", "save the pictures with 8 bits.")
    _check_can_be_turned(file, frame)
    with caught_in_c() if frame.format == "TIFF" else contextlib.nullcontext():  # libtiff writes past Python to stderr
        frame.load()  # a TIFF is turned by Pillow itself as it is loaded, and then says so no more
    turned = frame.getexif().get(0x0112, 1) in range(2, 9)
    return Page(file, ImageOps.exif_transpose(frame) if turned else frame)  # which copies what is upright, too


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
