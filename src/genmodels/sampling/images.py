"""Drawing images from codes: z ~ N(0, I), then a VAE's decoder or a GAN's generator."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genmodels.device import step_generator
from genmodels.models.gan import GAN
from genmodels.models.vae import VAE
from genmodels.processes import ALONE, World
from genmodels.telling import Advance, silent

DECODED_AT_ONCE = 500
MEASURED_CODES = "evaluation codes"  # the stream of those whose images are measured and reported
CHOOSING_CODES = "choosing codes"  # of those by whose images the best epoch is chosen


def draw_prior(count: int, latent_size: int, seed: int, stream: str) -> Tensor:
    """Codes from N(0, I), shape (N, Z), drawn on the CPU, so that they are the same on every device and epoch."""
    generator = step_generator(torch.device("cpu"), seed, stream, 0)
    return torch.empty(count, latent_size).normal_(generator=generator)


@torch.no_grad()
def draw_gan(
    model: GAN,
    count: int,
    seed: int,
    stream: str = "sample codes",
    advance: Advance = silent,
    among: World = ALONE,
) -> Tensor:
    """Images of a generator.

    Args:
        model: in evaluation mode.
        count: N.
        seed: of the codes.
        stream: names them.
        advance: is told how many more are drawn.
        among: the processes that share it out; all of them get the whole.

    Returns:
        Shape (N, Y, X), from 0 to 1, on the CPU.
    """
    device, drawn = next(model.parameters()).device, []
    for codes in torch.split(draw_prior(count, model.latent_size, seed, stream), DECODED_AT_ONCE):
        rows = among.rows(len(codes)).or_weightless()
        own = model.generate(rows.of(codes).to(device)).cpu()
        drawn.append(among.whole(rows, own))
        advance(len(codes))
    return torch.cat(drawn)


def as_targets(images: Tensor, binarize: str, seed: int) -> Tensor:
    """Drawn images in the form of the targets: grey as they are, else each pixel drawn as 0 or 1 by its value.

    Args:
        images: on the CPU, from 0 to 1.
        binarize: of the targets.
        seed: of the draws.
    """
    if binarize == "none":
        return images
    return torch.bernoulli(images, generator=step_generator(torch.device("cpu"), seed, "sample pixels", 0))


def draw_classes(labels: NDArray[np.int64], count: int, seed: int) -> list[int]:
    """Classes by their shares in some data, each drawn by itself: p(y) of a model that has only p(x|y) of its own.

    Args:
        labels: of the data, shape (M,).
        count: how many.
        seed: of the draws.
    """
    rows = torch.randint(
        len(labels), (count,), generator=step_generator(torch.device("cpu"), seed, "sample classes", 0)
    )
    return torch.from_numpy(labels)[rows].tolist()


@torch.no_grad()
def draw_images(
    model: VAE, count: int, labels: Sequence[int] | None, seed: int, draw: bool, advance: Advance = silent
) -> NDArray[np.float32]:
    """Images of a VAE from z ~ N(0, I).

    Args:
        model: in evaluation mode.
        count: N.
        labels: class of each image, for a conditional model.
        seed: of codes and pixels.
        draw: draw each pixel from its probability; else the probabilities themselves.
        advance: is told how many more are decoded.

    Returns:
        Shape (N, Y, X), from 0 to 1.
    """
    z = draw_prior(count, model.latent_size, seed, "sample codes")
    kinds = None if labels is None else torch.tensor(labels, device=model.pixel_bias.device)
    return as_targets(_decoded(model, z, kinds, advance), "dynamic" if draw else "none", seed).numpy()


def _decoded(model: VAE, z: Tensor, labels: Tensor | None, advance: Advance) -> Tensor:
    """The probabilities of all pixels, on the CPU, computed in pieces."""
    pieces = []
    for start in range(0, len(z), DECODED_AT_ONCE):
        rows = slice(start, start + DECODED_AT_ONCE)
        logits = model.decode(z[rows].to(model.pixel_bias.device), None if labels is None else labels[rows])
        pieces.append(logits.sigmoid().cpu())
        advance(len(logits))
    return torch.cat(pieces)
