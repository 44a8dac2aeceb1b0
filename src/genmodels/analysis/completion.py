"""Finishing images of which a part is hidden, by draws from p(hidden | visible)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genmodels.analysis.pixel_likelihood import nats_of
from genmodels.data.images.batches import Images, rows_of
from genmodels.errors import UsageError
from genmodels.models.pixel_model import PixelModel, to_levels, turned
from genmodels.sampling.pixels import draw_pixels, pixel_noise
from genmodels.telling import Advance, silent

Pictures = NDArray[np.float32]
TURNS = {"bottom": 0, "left": 1, "top": 2, "right": 3}
"""Quarters, counter-clockwise, after which that side is the bottom, which comes last in raster order."""


@dataclass(frozen=True)
class Completion:
    """Images, what was left of them, and what a model made of that.

    Args:
        hide: the side that was hidden.
        kept: rows (or columns, for left and right) that stayed visible.
        originals: shape (N, Y, X), from 0 to 1.
        order: whose turn each hidden pixel is, from 1; 0 where the image stays visible; int64, shape (Y, X).
        drawn: shape (S, N, Y, X): S completions of each.
        nats: -log p(true hidden part | visible part) of each image.
    """

    hide: str
    kept: int
    originals: Pictures
    order: NDArray[np.int64]
    drawn: Pictures
    nats: list[float]

    @property
    def mean(self) -> Pictures:
        """The mean of the completions, shape (N, Y, X)."""
        mean: Pictures = self.drawn.mean(axis=0)
        return mean

    def to_json(self) -> dict[str, Any]:
        """The figures without the pictures."""
        return {
            "hide": self.hide,
            "kept": self.kept,
            "nats": [round(value, 4) for value in self.nats],
            "mean_nats": round(float(np.mean(self.nats)), 4),
        }


@torch.inference_mode()
def complete(
    model: PixelModel, levels: Tensor, hide: str, keep: int | None, count: int, seed: int, advance: Advance = silent
) -> Completion:
    """Draw what is hidden pixel by pixel, given what is visible.

    The image is turned so that the hidden side comes last in raster order; then each completion is a draw from
    p(hidden | visible), and the hidden part's -log p is the sum over its own pixels alone.

    Args:
        model: in evaluation mode.
        levels: whole images, int64, shape (N, Y, X).
        hide: the side to hide, a key of `TURNS`.
        keep: rows or columns that stay; None for half of them.
        count: S, completions of each image.
        seed: of the draws.
        advance: is told of each row of the turned images, of all completions at once.

    Raises:
        UsageError: nothing or everything would be hidden, or the model wasn't trained on images turned so.
    """
    turn = TURNS[hide]
    check_hidden(model, hide, keep)
    given = turned(levels, turn).contiguous()
    rows, columns = given.shape[1:]
    kept = rows // 2 if keep is None else keep
    known = torch.zeros(rows, columns, dtype=torch.bool, device=levels.device)
    known[:kept] = True
    nats = nats_of(model, given, turn)[:, kept:].sum(dim=(1, 2))
    noise = pixel_noise(count * len(given), (rows, columns), seed, "complete", levels.device)
    drawn = draw_pixels(model, noise, known, given.repeat(count, 1, 1), turn, advance)
    back = turned(drawn, -turn).view(count, *levels.shape)
    grey = 1.0 / (model.levels - 1)
    originals = levels.cpu().numpy().astype(np.float32) * grey
    turns = (torch.arange(rows * columns).view(rows, columns) + 1 - kept * columns).clamp(min=0)
    return Completion(
        hide=hide,
        kept=kept,
        originals=originals,
        order=turned(turns, -turn).numpy(),
        drawn=back.cpu().numpy().astype(np.float32) * grey,
        nats=nats.tolist(),
    )


def check_hidden(model: PixelModel, hide: str, keep: int | None) -> None:
    """Whether that part can be hidden and truly be conditioned on the rest.

    Raises:
        UsageError: see `complete`.
    """
    if TURNS[hide] and model.orientations == 1:
        raise UsageError(
            f"--hide {hide}: the run draws each pixel given those above and to the left, "
            "so it can't condition on what comes after",
            "use --hide bottom, or train a run that can: genmodels train-pixelrnn --orientations 4.",
            "--hide",
        )
    across, side = ("rows", model.shape[0]) if hide in {"top", "bottom"} else ("columns", model.shape[1])
    if keep is not None and not 0 < keep < side:
        what = "everything" if keep <= 0 else "nothing"
        told = f"--keep-rows {keep} hides {what} of {side} {across}"
        raise UsageError(told, f"choose from 1 to {side - 1}.", "--keep-rows")


def levels_of_test(images: Images, rows: Sequence[int], model: PixelModel) -> Tensor:
    """Some test images as levels, each always binarised alike."""
    return to_levels(rows_of(images, rows).images, model.levels)
