"""Drawing images from a VAE: z from the prior, then the decoder."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from genmodels.device import step_generator
from genmodels.models.vae import VAE

DECODED_AT_ONCE = 500


@torch.no_grad()
def draw_images(model: VAE, count: int, labels: Sequence[int] | None, seed: int, draw: bool) -> NDArray[np.float32]:
    """Images from z ~ N(0, I).

    The codes are drawn on the CPU, so that they are the same on every device and for every epoch of a run.

    Args:
        model: in evaluation mode.
        count: N.
        labels: class of each image, for a conditional model.
        seed: of codes and pixels.
        draw: draw each pixel from its probability; else the probabilities themselves.

    Returns:
        Shape (N, Y, X), from 0 to 1.
    """
    device = model.pixel_bias.device
    cpu = torch.device("cpu")
    z = torch.empty(count, model.latent_size).normal_(generator=step_generator(cpu, seed, "sample codes", 0))
    kinds = None if labels is None else torch.tensor(labels, device=device)
    pieces = []
    for start in range(0, count, DECODED_AT_ONCE):
        rows = slice(start, start + DECODED_AT_ONCE)
        pieces.append(model.decode(z[rows].to(device), None if kinds is None else kinds[rows]).sigmoid().cpu())
    pictures = torch.cat(pieces)
    if draw:
        pictures = torch.bernoulli(pictures, generator=step_generator(cpu, seed, "sample pixels", 0))
    return pictures.numpy()
