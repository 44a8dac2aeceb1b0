"""Bounds on log p(x) = log sum_y p(y) p(x|y) for a variational autoencoder that is given the class y.

The class is taken for a second code, drawn before z, whose prior p(y) are the shares of the training images. With any
q(y|x), log p(x) >= E_q(y|x) [ELBO(x|y) + log p(y) - log q(y|x)], which is highest where q(y|x) is in proportion to
p(y) exp ELBO(x|y) and then is the log of the sum of those over all classes. Here the bound in that proportion is the
one at z = mean(x, y), not at a drawn z: a q chosen by the same draws that are then averaged would give no bound.

These are bounds on the same quantity as those of a model that knows no classes. Nats per image, higher is better.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.analysis.elbo import (
    Drawn,
    Proposal,
    bernoulli_log_likelihood,
    bound_of_batch,
    draw_codes,
    gaussian_kl,
    log_weights,
    mean_and_error,
)
from genmodels.data.images.batches import Batch
from genmodels.models.mode import evaluating
from genmodels.models.vae import VAE

# Log q(y|x) of a class that is left out of q, which saves most of the work and gives a bound all the same.
LEAST = -16.0


@dataclass(frozen=True)
class AnyClass:
    """Images encoded under every class that the prior knows.

    Args:
        labels: those classes, shape (C,).
        mean: of q(z|x, y), shape (C, B, Z).
        log_variance: likewise.
        log_prior: log p(y), shape (C, 1).
        log_posterior: log q(y|x), shape (C, B); minus infinity where it is next to nothing.
    """

    labels: Tensor
    mean: Tensor
    log_variance: Tensor
    log_prior: Tensor
    log_posterior: Tensor


def encode_any_class(model: VAE, images: Tensor, shares: Tensor) -> AnyClass:
    """Images under every class, and how much each class has of them.

    Args:
        model: in evaluation mode, given classes.
        images: shape (B, Y, X).
        shares: p(y), shape (C,); classes that have none are left out.
    """
    labels = shares.nonzero().flatten()
    pairs = [model.encode(images, label.expand(len(images))) for label in labels]
    mean, log_variance = (torch.stack(side) for side in zip(*pairs, strict=True))
    log_prior = shares[labels].log().unsqueeze(1)
    at_mean = [
        bernoulli_log_likelihood(model.decode(center, label.expand(len(images))), images)
        for center, label in zip(mean, labels, strict=True)
    ]
    scores = torch.stack(at_mean) - gaussian_kl(mean, log_variance).sum(dim=-1) + log_prior
    log_posterior = torch.log_softmax(scores, dim=0)
    kept = log_posterior.masked_fill(log_posterior < LEAST, -torch.inf)
    return AnyClass(labels, mean, log_variance, log_prior, torch.log_softmax(kept, dim=0))


@torch.no_grad()
def elbo_of_any_class(
    model: VAE,
    batches: Iterable[Batch],
    shares: Tensor,
    generator: torch.Generator,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[float, float]:
    """The bound above with one code for each image and class, and its standard error over the images.

    Args: as of `importance_bound`, without the labels of batches, and with the shares p(y), shape (C,).
    """
    bounds = []
    with evaluating(model):
        for batch in batches:
            bounds.append(_bounds(model, batch.images, shares, generator))
            advance(len(batch.images))
    return mean_and_error(torch.cat(bounds))


def _bounds(model: VAE, images: Tensor, shares: Tensor, generator: torch.Generator) -> Tensor:
    """The bound of each image, shape (B,): the mean of ELBO(x|y) + log p(y) - log q(y|x) over q(y|x)."""
    under, total = encode_any_class(model, images, shares), images.new_zeros(len(images))
    pairs = under.log_posterior.isfinite().nonzero()  # a class and an image each
    for kinds, places in (piece.unbind(dim=1) for piece in torch.split(pairs, len(images))):
        mean, log_variance = under.mean[kinds, places], under.log_variance[kinds, places]
        logits = model.decode(draw_codes(mean, log_variance, generator), under.labels[kinds])
        elbo = bernoulli_log_likelihood(logits, images[places]) - gaussian_kl(mean, log_variance).sum(dim=-1)
        log_q = under.log_posterior[kinds, places]
        total.index_add_(0, places, log_q.exp() * (elbo + under.log_prior[kinds, 0] - log_q))
    return total


@torch.no_grad()
def importance_bound_of_any_class(
    model: VAE,
    batches: Iterable[Batch],
    shares: Tensor,
    samples: int,
    generator: torch.Generator,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[float, float]:
    """Log (1/K sum_k w_k) with classes from q(y|x) and codes from q(z|x, y), and its standard error over the images.

    w = p(y) p(z) p(x|z, y) / (q(y|x) q(z|x, y)), of which the mean is p(x), or less where classes are left out of q.

    Args: as of `elbo_of_any_class`.

    Raises:
        ValueError: an image is grey.
    """
    bounds = []
    with evaluating(model):
        for batch in batches:
            proposal = _proposal(model, batch.images, shares, generator)
            bounds.append(bound_of_batch(model, batch.images, proposal, samples, advance))
    return mean_and_error(torch.cat(bounds))


def _proposal(model: VAE, images: Tensor, shares: Tensor, generator: torch.Generator) -> Proposal:
    under = encode_any_class(model, images, shares)
    places = torch.arange(len(images), device=images.device)
    chances, log_ratio = under.log_posterior.exp().T, under.log_prior - under.log_posterior  # (B, C), (C, B)

    def draw(count: int) -> Drawn:
        chosen = torch.multinomial(chances, count, replacement=True, generator=generator).T  # (K, B)
        mean, log_variance = under.mean[chosen, places], under.log_variance[chosen, places]
        z = draw_codes(mean, log_variance, generator)
        return Drawn(z, under.labels[chosen], log_weights(z, mean, log_variance, log_ratio[chosen, places]))

    return draw
