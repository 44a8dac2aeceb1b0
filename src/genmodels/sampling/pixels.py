"""Drawing images pixel by pixel, whole or from the pixels that are known."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genmodels.device import step_generator
from genmodels.models.pixel_model import PixelModel, draw_levels, to_values
from genmodels.telling import Advance, silent

DRAWN_AT_ONCE = 256


@torch.inference_mode()
def draw_pixels(
    model: PixelModel,
    noise: Tensor,
    known: Tensor | None = None,
    given: Tensor | None = None,
    turn: int = 0,
    advance: Advance = silent,
) -> Tensor:
    """Images in raster order, each pixel drawn given those before it.

    A pixel that is known is not drawn but told; the result is a draw from p(hidden | known) only where every known
    pixel comes before every hidden one.

    Args:
        model: in evaluation mode.
        noise: uniform numbers, shape (N, Y, X).
        known: bool, shape (Y, X); None for nothing.
        given: int64 levels of the known pixels, shape (N, Y, X).
        turn: quarters by which the images are turned.
        advance: is told of each row.

    Returns:
        Levels, int64, shape (N, Y, X).
    """
    count, rows, columns = noise.shape
    levels = torch.zeros(count, rows, columns, dtype=torch.int64, device=noise.device)
    if known is not None and given is not None:
        levels = torch.where(known, given, levels)
    told = [[False] * columns] * rows if known is None else known.tolist()
    steps = model.steps(count, turn)
    for row in range(rows):
        steps.begin_row(row)
        for column in range(columns):
            logits = steps.logits(column)
            if not told[row][column]:
                levels[:, row, column] = draw_levels(logits, noise[:, row, column])
            steps.put(column, to_values(levels[:, row, column], model.levels))
        advance(1)
    return levels


def pixel_noise(count: int, shape: tuple[int, int], seed: int, stream: str, device: torch.device) -> Tensor:
    """Uniform numbers for N images, drawn on the CPU, so that they are the same on every device; shape (N, Y, X)."""
    generator = step_generator(torch.device("cpu"), seed, stream, 0)
    return torch.rand(count, *shape, generator=generator).to(device)


def _by_rows(shape: Sequence[int], advance: Advance) -> Advance:
    """Told of each row of N images that are drawn together, tells how many of them that makes since it last did.

    Args:
        shape: N and the rows of an image.
        advance: is told, and of N in all.
    """
    (count, rows), drawn = shape, 0

    def row_drawn(more: int) -> None:
        nonlocal drawn
        before, drawn = drawn, drawn + more
        advance(count * drawn // rows - count * before // rows)

    return row_drawn


def sample_pixels(model: PixelModel, count: int, seed: int, advance: Advance = silent) -> NDArray[np.float32]:
    """Images drawn pixel by pixel.

    Args:
        model: in evaluation mode.
        count: N.
        seed: of the noise.
        advance: is told how many were drawn since it was last called; of images that are drawn together their rows
            count, as so many images of all.

    Returns:
        Shape (N, Y, X), from 0 to 1.
    """
    noise = pixel_noise(count, model.shape, seed, "sample pixels", model.pixel_bias.device)
    together = torch.split(noise, DRAWN_AT_ONCE)
    pieces = [draw_pixels(model, piece, advance=_by_rows(piece.shape[:2], advance)) for piece in together]
    drawn: NDArray[np.float32] = (torch.cat(pieces).cpu().float() / (model.levels - 1)).numpy()
    return drawn
