"""Which end of the grey scale is ink: the one place that decides it, for every family."""

import numpy as np
from numpy.typing import NDArray

from genmodels.data.images.parts import Pixels

LIGHT, DARK, NEITHER = "light", "dark", "neither"
GROUND = 64  # a median so near to black or white is that of a ground
SOME = 1_000_000  # pixels, taken evenly from all, are enough to tell
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
