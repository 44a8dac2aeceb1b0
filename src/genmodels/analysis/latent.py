"""Walks through the space of codes: a plane, a line between two images, one dimension at a time; where images lie."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genmodels.analysis.elbo import gaussian_kl
from genmodels.data.images.batches import Batch, Images
from genmodels.models.gan import GAN
from genmodels.models.vae import VAE
from genmodels.sampling.images import draw_prior
from genmodels.telling import Advance, silent

Pictures = NDArray[np.float32]
EDGE = 0.025  # of the probability left out at each end of the plane and of a traversal
VISIBLE = 0.3  # of the way from black to white: where no pixel changes by more, all pictures show the same


def quantiles(count: int) -> Tensor:
    """Values at equal steps of probability under N(0, 1), through the inverse of its distribution function.

    Args:
        count: how many, from the 2.5 % to the 97.5 % quantile.

    Returns:
        Shape (count,), ascending.
    """
    steps = np.linspace(EDGE, 1.0 - EDGE, count).tolist()
    return torch.tensor([NormalDist().inv_cdf(step) for step in steps])


@dataclass(frozen=True)
class Codes:
    """Where images lie.

    Args:
        means: of q(z|x), shape (N, Z).
        kl_by_dimension: mean KL divergence of each dimension, nats, shape (Z,).
        labels: shape (N,), or None.
    """

    means: NDArray[np.float32]
    kl_by_dimension: NDArray[np.float64]
    labels: NDArray[np.int64] | None

    def busiest(self, count: int) -> list[int]:
        """The dimensions that carry most KL, the busiest first."""
        return [int(d) for d in np.argsort(-self.kl_by_dimension, kind="stable")[:count]]


@torch.no_grad()
def encode_all(model: VAE, images: Images, count: int, advance: Advance = silent) -> Codes:
    """Encode the first `count` images; `advance` is told how many more are."""
    means, divergences, labels = [], [], []
    for batch in images.in_order(count):
        mean, log_variance = model.encode(batch.images, batch.labels)
        means.append(mean)
        divergences.append(gaussian_kl(mean, log_variance))
        labels.append(batch.labels)
        advance(len(mean))
    known = None if images.labels is None else torch.cat([part for part in labels if part is not None]).cpu().numpy()
    return Codes(torch.cat(means).cpu().numpy(), torch.cat(divergences).double().mean(dim=0).cpu().numpy(), known)


@torch.no_grad()
def decode_pictures(model: VAE, z: Tensor, label: int | None) -> Pictures:
    """The pixels' probabilities for codes (N, Z), all with one class where the model wants one."""
    labels = None if model.classes is None else torch.full((len(z),), label or 0, device=z.device)
    pictures: Pictures = model.decode(z, labels).sigmoid().cpu().numpy()
    return pictures


def manifold(model: VAE, dimensions: tuple[int, int], size: int, label: int | None, device: torch.device) -> Pictures:
    """The plane of two dimensions at equal steps of probability, all others 0 (Kingma and Welling 2014, figure 4).

    Returns:
        Shape (size * size, Y, X), row by row from above: the first dimension grows to the right, the second upwards.
    """
    across, up = dimensions
    z = torch.zeros(size, size, model.latent_size)
    z[..., across] = quantiles(size)[None, :]
    if model.latent_size > 1:
        z[..., up] = quantiles(size).flip(0)[:, None]
    return decode_pictures(model, z.flatten(0, 1).to(device), label)


@dataclass(frozen=True)
class Overlap:
    """How far classes lie apart in a plane of codes.

    Args:
        own: share of the images that lie nearest to the middle of their own class.
        mistaken: the class that lies nearest to another one's middle most often, and that other one; None where none
            does.
    """

    own: float
    mistaken: tuple[int, int] | None


def overlap(points: NDArray[np.float32], labels: NDArray[np.int64]) -> Overlap:
    """Put each point to the class whose middle is nearest.

    Args:
        points: shape (N, 2).
        labels: shape (N,).
    """
    classes = np.unique(labels)
    middles = np.stack([points[labels == label].mean(axis=0) for label in classes])
    nearest = classes[((points[:, None] - middles) ** 2).sum(axis=-1).argmin(axis=1)]
    wrong = nearest != labels
    pairs, counts = np.unique(np.stack([labels[wrong], nearest[wrong]]), axis=1, return_counts=True)
    most = tuple(int(label) for label in pairs[:, counts.argmax()]) if counts.size else None
    return Overlap(float(1.0 - wrong.mean()), None if most is None else (most[0], most[1]))


def most_change(pictures: Pictures) -> float:
    """The most that any pixel differs between two of some pictures (N, Y, X), as a share of black to white."""
    return float(np.ptp(pictures, axis=0).max())


def turning_point(pictures: Pictures) -> int | None:
    """The first of some pictures on a way (N, Y, X) that lies nearer to the last one than to the first; None: none."""
    from_first, from_last = (((pictures - end) ** 2).sum(axis=(1, 2)) for end in (pictures[0], pictures[-1]))
    beyond = np.flatnonzero(from_last < from_first)
    return int(beyond[0]) if beyond.size else None


@torch.no_grad()
def interpolation(model: VAE, pair: Batch, steps: int) -> Pictures:
    """Images decoded along the straight line between the codes of two images.

    Args:
        model: a trained VAE.
        pair: two images.
        steps: images, both ends counted.

    Returns:
        Shape (steps, Y, X).
    """
    mean, _ = model.encode(pair.images, pair.labels)
    share = torch.linspace(0.0, 1.0, steps, device=mean.device)[:, None]
    label = None if pair.labels is None else int(pair.labels[0])
    return decode_pictures(model, mean[0] + share * (mean[1] - mean[0]), label)


def spherical_path(first: Tensor, last: Tensor, steps: int) -> Tensor:
    """Codes along the great circle between two codes (White 2016, arXiv 1609.04468).

    Codes of N(0, I) lie close to a sphere; the straight line between two of them leaves it.

    Args:
        first: shape (Z,).
        last: likewise.
        steps: codes, both ends counted.

    Returns:
        Shape (steps, Z).
    """
    angle = torch.arccos((first @ last / (first.norm() * last.norm())).clamp(-1.0, 1.0))
    share = torch.linspace(0.0, 1.0, steps, device=first.device)[:, None]
    if float(angle.sin()) < 1e-4:  # the same direction, or the opposite one: no circle is the shortest
        return torch.lerp(first, last, share)
    return (torch.sin((1.0 - share) * angle) * first + torch.sin(share * angle) * last) / torch.sin(angle)


@torch.no_grad()
def generator_walks(model: GAN, pairs: int, steps: int, seed: int) -> list[Pictures]:
    """Images along the ways between random codes of a generator.

    Args:
        model: in evaluation mode.
        pairs: of codes.
        steps: images along each way, both ends counted.
        seed: of the codes.

    Returns:
        One array (steps, Y, X) for each pair.
    """
    device = next(model.parameters()).device
    codes = draw_prior(2 * pairs, model.latent_size, seed, "walk codes").to(device)
    paths = [spherical_path(codes[2 * index], codes[2 * index + 1], steps) for index in range(pairs)]
    return [model.generate(path).cpu().numpy() for path in paths]


@torch.no_grad()
def traversal(model: VAE, image: Batch, dimensions: list[int], steps: int) -> list[Pictures]:
    """One image's code with one dimension after another moved over the prior's range.

    Args:
        model: a trained VAE.
        image: one image.
        dimensions: which to move.
        steps: images along each.

    Returns:
        One array (steps, Y, X) for each dimension.
    """
    mean, _ = model.encode(image.images, image.labels)
    label = None if image.labels is None else int(image.labels[0])
    rows = []
    for dimension in dimensions:
        z = mean.repeat(steps, 1)
        z[:, dimension] = quantiles(steps).to(z.device)
        rows.append(decode_pictures(model, z, label))
    return rows
