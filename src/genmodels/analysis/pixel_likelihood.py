"""Exact likelihoods of pixel models: of whole images, and of what is hidden given what is seen."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.analysis.standard_errors import error_of_mean
from genmodels.data.images.batches import Batch
from genmodels.models.mode import evaluating
from genmodels.models.pixel_model import PixelModel, log_likelihood, to_levels, to_values
from genmodels.processes import ALONE, World

AT_ONCE = 64  # images: more no longer fit the cache and take twice as long


@dataclass(frozen=True)
class PixelMeasures:
    """What a pixel model says of some images.

    Args:
        nll: -log p(x), nats per image, the mean over the images.
        bits_per_dim: the same in bits per pixel.
        standard_error: of `nll`, over the images.
        images: how many.
    """

    nll: float
    bits_per_dim: float
    standard_error: float
    images: int

    def to_record(self) -> dict[str, float | int]:
        """For metrics.jsonl and JSON."""
        return {
            "nll": self.nll,
            "bits_per_dim": self.bits_per_dim,
            "nll_standard_error": self.standard_error,
            "images": self.images,
        }


@torch.inference_mode()
def evaluate_pixels(
    model: PixelModel, batches: Iterable[Batch], check: Callable[[], None] = lambda: None, among: World = ALONE
) -> PixelMeasures:
    """Exact -log p(x) = -sum_i log p(x_i | x_1 ... x_{i-1}) of upright images.

    Args:
        model: any mode; it comes back in the same.
        batches: images from 0 to 1.
        check: called between batches; may raise to stop.
        among: the processes that share it out, by the images of each batch; all of them get the whole.
    """
    pieces = []
    with evaluating(model):
        for batch in batches:
            check()
            rows = among.rows(len(batch.images)).or_weightless()
            levels = torch.split(to_levels(rows.of(batch.images), model.levels), AT_ONCE)
            found = torch.cat([nats_of(model, piece).sum(dim=(1, 2)).double() for piece in levels])
            pieces.append(among.gathered(rows.counted(found), rows.count))
    nats = torch.cat(pieces)
    nll, error = float(nats.mean()), error_of_mean(nats.cpu().numpy())
    return PixelMeasures(nll, nll / math.log(2.0) / math.prod(model.shape), error, len(nats))


def nats_of(model: PixelModel, levels: Tensor, turn: int = 0) -> Tensor:
    """-log p of every pixel given those before it, in nats.

    Args:
        model: in evaluation mode.
        levels: int64, shape (B, Y, X).
        turn: quarters by which these images are turned.

    Returns:
        Shape (B, Y, X).
    """
    return -log_likelihood(model(to_values(levels, model.levels), turn).float(), levels)
