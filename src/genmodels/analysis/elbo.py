"""Lower bounds on log p(x) for a variational autoencoder: the ELBO with its two terms, and the importance-weighted one.

Everything is summed over pixels and latent dimensions and averaged over images: nats per image, higher is better. Of a
model that is given the class these are bounds on log p(x|y), which may lie above log p(x) by up to the entropy of the
classes; `analysis/any_class.py` has those on log p(x).
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from genmodels.analysis.standard_errors import error_of_mean
from genmodels.data.images.batches import Batch
from genmodels.models.mode import evaluating
from genmodels.models.vae import VAE
from genmodels.processes import ALONE, World
from genmodels.rows import RowsGenerator, drawn
from genmodels.runs import Record

ACTIVE_VARIANCE = 0.01
DECODED_BYTES = 4 << 20  # of logits held at a time while codes are drawn: what fits the cache is 1.6 times as fast
Check = Callable[[], None]


def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL divergence from N(mean, exp(log_variance)) to N(0, I), in nats, for each dimension.

    Args:
        mean: shape (B, Z).
        log_variance: shape (B, Z).

    Returns:
        Shape (B, Z); the divergence is its sum over the last dimension.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance)


def draw_codes(mean: Tensor, log_variance: Tensor, generator: torch.Generator) -> Tensor:
    """Z = mean + exp(log_variance / 2) * noise, through which gradients flow (the reparameterisation): (..., B, Z)."""
    noise = drawn(
        mean.shape, lambda shape: mean.new_empty(shape).normal_(generator=generator), generator, mean.dim() - 2
    )
    return mean + (0.5 * log_variance).exp() * noise


def bernoulli_log_likelihood(logits: Tensor, images: Tensor) -> Tensor:
    """Log p(x|z) = sum_i x_i log s(l_i) + (1 - x_i) log s(-l_i), with s the sigmoid.

    Of a grey image it is the expectation over the binary images that it stands for, as it is linear in x.

    Args:
        logits: shape (B, Y, X).
        images: shape (B, Y, X), from 0 to 1.

    Returns:
        Nats, shape (B,).
    """
    return -functional.binary_cross_entropy_with_logits(logits, images, reduction="none").flatten(1).sum(dim=1)


def log_weights(
    z: Tensor, mean: Tensor, log_variance: Tensor, log_likelihood: Tensor, beta: float | Tensor = 1.0
) -> Tensor:
    """Log w = log p(x|z) + beta (log p(z) - log q(z|x)).

    Args:
        z: shape (K, B, Z).
        mean: of q(z|x), shape (B, Z).
        log_variance: of q(z|x), shape (B, Z).
        log_likelihood: log p(x|z), shape (K, B).
        beta: 1 for a bound on log p(x).

    Returns:
        Shape (K, B). The logarithm of the mean of w over K codes is the importance-weighted bound
        (Burda, Grosse, Salakhutdinov 2016, arXiv 1509.00519).
    """
    standardised = (z - mean) * (-0.5 * log_variance).exp()
    log_ratio = 0.5 * (standardised.square() + log_variance - z.square()).sum(dim=-1)  # the constants cancel
    return log_likelihood + beta * log_ratio


def importance_weighted(weights: Tensor) -> Tensor:
    """The logarithm of the mean of w, shape (B,), from log w of shape (K, B)."""
    return torch.logsumexp(weights, dim=0) - math.log(len(weights))


@dataclass(frozen=True)
class ElboMeasures:
    """What an evaluation found.

    Args:
        elbo: reconstruction - kl, nats per image.
        reconstruction: mean of log p(x|z).
        kl: mean KL divergence of q(z|x) to the prior.
        active_units: dimensions whose posterior mean varies over the images by more than 0.01 (Burda et al. 2016).
        elbo_standard_error: over images.
        images: how many were evaluated.
        kl_by_dimension: `kl` split by dimension.
    """

    elbo: float
    reconstruction: float
    kl: float
    active_units: int
    elbo_standard_error: float
    images: int
    kl_by_dimension: tuple[float, ...]

    def to_record(self) -> Record:
        """For metrics.jsonl, which leaves the dimensions out."""
        return {name: value for name, value in asdict(self).items() if name != "kl_by_dimension"}


def evaluated_codes(part: str) -> str:
    """The random stream of the codes that a part of the images is evaluated with, in a training and after it."""
    return f"{part} evaluation"


@torch.no_grad()
def evaluate_elbo(
    model: VAE,
    batches: Iterable[Batch],
    generator: torch.Generator,
    check: Check = lambda: None,
    among: World = ALONE,
) -> ElboMeasures:
    """The ELBO with one code for each image, averaged over all images.

    Args:
        model: left in the mode it was in.
        batches: the images.
        generator: of the codes.
        check: called between batches, may raise to stop.
        among: the processes that share it out, by the images of each batch; all of them get the whole.
    """
    pieces = []
    with evaluating(model):
        for batch in batches:
            check()
            rows = among.rows(len(batch.images)).or_weightless()
            if not among.is_alone:
                assert isinstance(generator, RowsGenerator)
                generator.rows = rows
            images, labels = rows.of(batch.images), None if batch.labels is None else rows.of(batch.labels)
            mean, log_variance = model.encode(images, labels)
            logits = model.decode(draw_codes(mean, log_variance, generator), labels)
            found = bernoulli_log_likelihood(logits, images), mean, gaussian_kl(mean, log_variance)
            pieces.append([among.gathered(rows.counted(one), rows.count) for one in found])
    return _measures(*(torch.cat(found).double() for found in zip(*pieces, strict=True)))


def _measures(likelihood: Tensor, mean: Tensor, divergence: Tensor) -> ElboMeasures:
    """The ELBO of N images from log p(x|z) (N,), means of q(z|x) (N, Z) and its divergence to the prior (N, Z)."""
    reconstruction, by_dimension = likelihood.mean().item(), divergence.mean(dim=0)
    kl = by_dimension.sum().item()
    active = int((mean.var(dim=0) > ACTIVE_VARIANCE).sum())
    _, error = mean_and_error(likelihood - divergence.sum(dim=1))
    return ElboMeasures(reconstruction - kl, reconstruction, kl, active, error, len(mean), tuple(by_dimension.tolist()))


@dataclass(frozen=True)
class ImportanceBound:
    """The importance-weighted bound.

    Args:
        importance_weighted_bound: mean over images, nats.
        importance_weighted_bound_standard_error: of that mean, over images.
        importance_samples: codes drawn for each image.
    """

    importance_weighted_bound: float
    importance_weighted_bound_standard_error: float
    importance_samples: int

    def to_record(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@torch.no_grad()
def importance_bound(
    model: VAE,
    batches: Iterable[Batch],
    samples: int,
    generator: torch.Generator,
    advance: Callable[[int], None] = lambda _: None,
) -> ImportanceBound:
    """Log (1/K sum_k w_k) with codes from q(z|x), a bound that nears log p(x) as K grows.

    Each image is encoded once; codes are drawn and decoded a chunk at a time, so the memory does not grow with K.

    Args:
        model: left in the mode it was in.
        batches: binary images.
        samples: K.
        generator: of the codes.
        advance: is told how many codes were decoded since it was last called.

    Raises:
        ValueError: an image is grey: exp(log p(x|z)) is then no probability, and the bound would be none.
    """
    with evaluating(model):
        bounds = torch.cat([
            bound_of_batch(model, batch.images, proposal_of(model, batch, generator), samples, advance)
            for batch in batches
        ])  # fmt: skip
    return ImportanceBound(*mean_and_error(bounds), samples)


def mean_and_error(values: Tensor) -> tuple[float, float]:
    """Mean over images, and its standard error, of values (N,)."""
    return values.double().mean().item(), error_of_mean(values.double().cpu().numpy())


@dataclass(frozen=True)
class Drawn:
    """Codes drawn from a proposal.

    Args:
        z: shape (K, B, Z).
        labels: class of each, shape (K, B), or None.
        log_ratio: of their prior to the proposal, shape (K, B).
    """

    z: Tensor
    labels: Tensor | None
    log_ratio: Tensor


Proposal = Callable[[int], Drawn]


def proposal_of(model: VAE, batch: Batch, generator: torch.Generator) -> Proposal:
    """Draws K codes for each image from q(z|x), given its class where the model is."""
    mean, log_variance = model.encode(batch.images, batch.labels)

    def draw(count: int) -> Drawn:
        z = draw_codes(mean.expand(count, -1, -1), log_variance.expand(count, -1, -1), generator)
        labels = None if batch.labels is None else batch.labels.expand(count, -1)
        return Drawn(z, labels, log_weights(z, mean, log_variance, torch.zeros_like(z[..., 0])))

    return draw


def bound_of_batch(
    model: VAE, images: Tensor, proposal: Proposal, samples: int, advance: Callable[[int], None]
) -> Tensor:
    """The importance-weighted bound of each image, shape (B,), with codes from a proposal; see `importance_bound`."""
    if not ((images == 0) | (images == 1)).all():
        raise ValueError("the importance-weighted bound needs binary images")
    chunk = max(1, min(samples, DECODED_BYTES // (4 * images.numel())))
    total = torch.full((len(images),), -math.inf, dtype=torch.float64, device=images.device)
    for start in range(0, samples, chunk):
        k = min(chunk, samples - start)
        drawn = proposal(k)
        labels = None if drawn.labels is None else drawn.labels.flatten()
        logits = model.decode(drawn.z.flatten(0, 1), labels).view(k, len(images), -1)  # (K, B, Y X)
        weights = (_binary_log_likelihood(logits, images.flatten(1)) + drawn.log_ratio).double()
        total = torch.logaddexp(total, torch.logsumexp(weights, dim=0))
        advance(k * len(images))
    return total - math.log(samples)


def _binary_log_likelihood(logits: Tensor, images: Tensor) -> Tensor:
    """sum_i x_i l_i - softplus(l_i), shape (K, B): one product and one pass over the logits (K, B, Y X)."""
    linear = torch.einsum("kbp,bp->kb", logits, images)
    return linear - functional.softplus(logits).sum(dim=-1)
