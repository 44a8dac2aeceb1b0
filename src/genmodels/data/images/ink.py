"""Which end of the grey scale is ink: the one place that decides it, for every family."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genmodels.data.images.parts import Pixels

LIGHT, DARK, NEITHER = "light", "dark", "neither"
GROUND = 64  # a median so near to black or white is that of a ground
PIECE = 4096  # images looked at at a time
SOME = 1_000_000  # pixels, taken evenly from all, are enough to tell
STRAY = 0.005  # share of images with the other ground that any set may have
TOLD = {
    LIGHT: "light on dark ground",
    DARK: "dark on light ground",
    NEITHER: "without a dark or light ground",
}


def median_of(pixels: Pixels) -> float:
    """The median of some pixels, from 0 to 255."""
    every = max(1, pixels.size // SOME)
    every += every % 2 == 0  # so that in images of an even width not the same columns are taken
    return float(np.median(pixels.reshape(-1)[::every])) if pixels.size else 0.0


def ink_of(pixels: Pixels) -> str:
    """What is drawn on what: light ink, dark ink, or neither, as in photographs.

    Most pixels of a drawing are its ground, so the median decides.
    """
    middle = median_of(pixels)
    return LIGHT if middle < GROUND else DARK if middle > 255 - GROUND else NEITHER


def mixed_grounds(pixels: Pixels, names: Sequence[str]) -> list[str]:
    """A sentence where some images of a set are light on dark and others dark on light, by the pixels at their edges.

    Args:
        pixels: shape (N, Y, X).
        names: of the images, or none.
    """
    if not pixels.size:
        return []
    pieces = [pixels[start : start + PIECE] for start in range(0, len(pixels), PIECE)]
    grounds = np.concatenate([np.median(_edges(piece), axis=1) for piece in pieces])
    on_light, on_dark = np.flatnonzero(grounds > 255 - GROUND), np.flatnonzero(grounds < GROUND)
    if min(len(on_light), len(on_dark)) <= STRAY * len(pixels):
        return []
    light, dark = (f", such as {names[found[0]]}," if names else "" for found in (on_light, on_dark))
    told = (
        f"{len(on_light):,} of {len(pixels):,} images are dark on light{light} and {len(on_dark):,} light on dark{dark}"
    )
    return [f"{told.rstrip(',')}: all are taken as they are"]


def _edges(pixels: Pixels) -> Pixels:
    """The pixels at the four edges of images, shape (N, 2Y + 2X)."""
    return np.concatenate([pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1]], axis=1)


def is_dark_on_light(pixels: Pixels) -> bool:
    """Whether a reader, which must take one end for ink, takes the dark one."""
    return median_of(pixels) > 127


def on_paper(images: NDArray[np.float32], ink: str) -> NDArray[np.float32]:
    """Images as figures draw them, 1 as black: light ink dark on white paper, all other pictures as they are.

    Args:
        images: any shape, from 0 (black) to 1 (white).
        ink: what the pictures of their set are drawn with.
    """
    return images if ink == LIGHT else 1.0 - images
