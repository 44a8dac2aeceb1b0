"""Parts of an image set: training and test images, their limits, and damage told in a sentence."""

import gzip
import lzma
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genmodels.data.bounded import room_for
from genmodels.errors import DataError

Pixels = NDArray[np.uint8]
Labels = NDArray[np.int64]
FEWEST = 20  # images to train on
MOST_BYTES = 2 << 30  # of unpacked pixels
HUGE = 10**18  # no number of anything
MOST_TEXT = 32 << 20  # of labels that are texts: they are sorted, for which several copies are made
MOST_IMAGES = 1 << 22  # in a part: labels and orders have eight bytes for each, several times


@dataclass(frozen=True)
class Part:
    """Some images of one size.

    Args:
        pixels: uint8 of shape (N, Y, X); 0 is background.
        labels: int64 of shape (N,), or None.
    """

    pixels: Pixels
    labels: Labels | None

    def take(self, rows: NDArray[np.int64]) -> "Part":
        """The images of these numbers, with their labels."""
        return Part(self.pixels[rows], None if self.labels is None else self.labels[rows])


@dataclass(frozen=True)
class Parts:
    """What a path held.

    Args:
        train: the images to train on, or all there are.
        test: the images to test on, or None where the files hold no such part.
        classes: names of the labels, or None where there are none.
        guesses: sentences about what was guessed or changed.
        unused: what was given but not used -> why.
        names: of the test images, or of all where there is no such part; none where they have none.
    """

    train: Part
    test: Part | None
    classes: tuple[str, ...] | None = None
    guesses: tuple[str, ...] = ()
    unused: Mapping[str, str] = field(default_factory=dict)
    names: Sequence[str] = ()


@contextmanager
def damage(path: Path) -> Iterator[None]:
    """Tell a file that cannot be read or unpacked in one sentence."""
    try:
        with room_for(path):
            yield
    except (gzip.BadGzipFile, zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, RuntimeError) as error:
        # zipfile tells an encrypted file and an unknown compression by RuntimeError and its NotImplementedError
        raise DataError(f"{path} is damaged: {error or type(error).__name__}", "fetch or make it again.") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}", "check its permissions.") from error


def check_size(what: object, shape: tuple[int, ...], most: int | None = None) -> int:
    """Bytes of uint8 pixels of that shape, `most` at most where it is given.

    Raises:
        DataError: more than the limit, or negative.
    """
    size, most = math.prod(shape), MOST_BYTES if most is None else most
    if min(shape, default=0) < 0:
        raise DataError(f"{what} declares a negative size: {shape}", "it is damaged; make it again.")
    if size > most:
        dims = " x ".join(f"{n:,}" if n < HUGE else f"(a number of {len(str(n))} digits)" for n in shape)
        limit = f"{most >> 30} GiB" if most >> 30 else f"{most >> 20} MiB"
        raise DataError(
            f"{what} declares {dims} pixels, more than {limit}",
            "use fewer or smaller images; the file may also be damaged.",
        )
    return size


MATCH = "images and labels must belong together."
