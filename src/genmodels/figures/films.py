"""Figures one after another, as an animation shows them; images that are drawn pixel after pixel."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

FRAME_MILLISECONDS = 500
STROKE_MILLISECONDS = 120  # of a frame in which some more pixels are drawn
STEP_MILLISECONDS = 150  # of a picture on a walk
MOST_FRAMES = 40  # of images that are drawn pixel after pixel


@dataclass(frozen=True)
class Film:
    """Figures one after another.

    Args:
        frames: each is saved before the next one is asked for, so that all may be one figure that changes.
        count: how many they are.
        milliseconds: that each stays.
    """

    frames: Iterable[Figure]
    count: int
    milliseconds: int = FRAME_MILLISECONDS


def walking_film(figure: Figure, moving: Sequence[tuple[int, NDArray[np.float32]]], told: Sequence[str]) -> Film:
    """A film of images that change step by step, there and back.

    Args:
        figure: of the first step, all images in one panel; the last line of its title says where they are.
        moving: which images of the panel change, and what each is at every step, shape (N, Y, X).
        told: where they are, N texts.
    """
    steps = [*range(len(told)), *reversed(range(len(told) - 1))]

    def frames() -> Iterator[Figure]:
        (axes,), title = figure.axes, figure.texts[0]
        name = title.get_text().rpartition("\n")[0]
        for step in steps:
            for number, pictures in moving:
                axes.images[number].set_data(pictures[step])
            title.set_text(f"{name}\n{told[step]}")
            yield figure

    return Film(frames(), len(steps), STEP_MILLISECONDS)


def in_raster_order(shape: tuple[int, int]) -> NDArray[np.int64]:
    """Whose turn each pixel is, from 1, where rows are drawn from above to below; shape (Y, X)."""
    return np.arange(1, shape[0] * shape[1] + 1).reshape(shape)


def drawing_film(
    figure: Figure,
    order: NDArray[np.int64],
    until: Callable[[NDArray[np.bool_]], Iterable[NDArray[np.float32]]],
) -> Film:
    """A film of images that are drawn pixel after pixel, at most 40 frames of it.

    Args:
        figure: of the finished images, all in one panel; the last line of its title says how far they are.
        order: whose turn each pixel is, from 1; 0 where it is there from the beginning; shape (Y, X).
        until: which pixels are there, shape (Y, X) -> what the figure's images then show, in their order.
    """
    total = int(order.max())
    stops = np.unique(np.linspace(0, total, MOST_FRAMES).round().astype(int)).tolist()

    def frames() -> Iterator[Figure]:
        (axes,), title = figure.axes, figure.texts[0]
        name = title.get_text().rpartition("\n")[0]
        for done in stops:
            for image, shown in zip(axes.images, until(order <= done), strict=True):
                image.set_data(shown)
            title.set_text(f"{name}\n{pixels_told(done, total)}")
            yield figure

    return Film(frames(), len(stops), STROKE_MILLISECONDS)


def pixels_told(done: int, total: int) -> str:
    """How far a drawing is."""
    return f"pixel {done:,} of {total:,}"
