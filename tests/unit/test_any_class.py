"""Bounds on log p(x) of a model that is given the class, against integration over codes and classes, in float64."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from genmodels.analysis.any_class import elbo_of_any_class, encode_any_class, importance_bound_of_any_class
from genmodels.analysis.elbo import bernoulli_log_likelihood, evaluate_elbo, importance_bound
from genmodels.data.images.batches import Batch
from genmodels.models.vae import VAE
from genmodels.settings.vae import VaeSettings

GRID, EDGE = 201, 8.0  # points along each latent dimension
SHARES = torch.tensor([0.6, 0.0, 0.3, 0.1], dtype=torch.float64)


@pytest.fixture
def conditional() -> VAE:
    """A VAE of four classes, two latent dimensions and six pixels, to which classes matter."""
    torch.manual_seed(5)
    settings = VaeSettings(model="mlp", latent_size=2, hidden_size=7, layers=1, conditional=True)
    model = VAE.from_settings(settings, (2, 3), 4).double().eval()
    with torch.no_grad():
        for parameter in model.decoder.parameters():
            parameter.mul_(3.0)
    return model


@pytest.fixture
def images() -> torch.Tensor:
    return torch.tensor([[[1, 0, 1], [0, 0, 1]], [[0, 0, 0], [1, 1, 1]], [[1, 1, 1], [1, 1, 1]]], dtype=torch.float64)


def generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@torch.no_grad()
def exact(model: VAE, images: torch.Tensor) -> float:
    """log sum_y p(y) p(x|y), mean over the images, by integration."""
    line = torch.linspace(-EDGE, EDGE, GRID, dtype=torch.float64)
    z = torch.cartesian_prod(line, line)
    prior = -0.5 * z.square().sum(dim=1) - math.log(2 * math.pi) + 2 * math.log(2 * EDGE / (GRID - 1))
    found = []
    for image in images:
        of_class = [
            torch.logsumexp(
                prior
                + bernoulli_log_likelihood(model.decode(z, torch.full((len(z),), y)), image.expand(len(z), -1, -1)),
                0,
            )
            for y in range(4)
        ]
        found.append(torch.logsumexp(torch.stack(of_class) + SHARES.log(), 0))
    return float(torch.stack(found).mean())


def test_the_importance_weighted_bound_of_any_class_nears_log_p(conditional: VAE, images: torch.Tensor) -> None:
    told: list[int] = []
    batches = [Batch(images, None)]
    found, error = importance_bound_of_any_class(conditional, batches, SHARES, 40_000, generator(), told.append)
    assert found == pytest.approx(exact(conditional, images), abs=0.01)
    assert sum(told) == 120_000
    assert error > 0


def test_the_elbo_of_any_class_is_below_it_and_below_the_bound_of_more_codes(
    conditional: VAE, images: torch.Tensor
) -> None:
    batches, seeds = [Batch(images, None)], range(300)
    elbo = sum(elbo_of_any_class(conditional, batches, SHARES, generator(s))[0] for s in seeds) / 300
    more = sum(importance_bound_of_any_class(conditional, batches, SHARES, 20, generator(s))[0] for s in seeds) / 300
    assert elbo < more < exact(conditional, images)
    of_one = importance_bound_of_any_class(conditional, batches * 2000, SHARES, 1, generator())[0]
    assert of_one == pytest.approx(elbo, abs=0.05), "one class and one code give the same on average"


@pytest.mark.parametrize("sure", [True, False])
def test_with_all_images_of_one_class_it_is_the_bound_given_that_class(
    conditional: VAE, images: torch.Tensor, sure: bool
) -> None:
    """And likewise where the model makes no difference between two classes, as nothing is lost by not knowing which."""
    shares = torch.tensor([0, 0, 1, 0] if sure else [0, 0, 0.5, 0.5], dtype=torch.float64)
    given = [Batch(images, torch.full((3,), 2))]
    if not sure:
        with torch.no_grad():
            conditional.decoder.layers[-1].weight.zero_()
            conditional.encoder.layers[-1].weight.zero_()
    found, _ = elbo_of_any_class(conditional, given, shares, generator())
    assert found == pytest.approx(evaluate_elbo(conditional, given, generator()).elbo, abs=1e-9)
    weighted, _ = importance_bound_of_any_class(conditional, given, shares, 4000, generator())
    assert weighted == pytest.approx(
        importance_bound(conditional, given, 4000, generator()).importance_weighted_bound, abs=0.02
    )


def test_a_class_that_no_image_can_be_of_does_no_harm(conditional: VAE, images: torch.Tensor) -> None:
    with torch.no_grad():
        conditional.decoder.layers[0].weight[:, 4] = 1e5  # under class 2 every pixel is sure of what is not there
        conditional.decoder.layers[0].bias.zero_()
    found, _ = elbo_of_any_class(conditional, [Batch(images, None)], SHARES, generator())
    assert math.isfinite(found)


def test_grey_images_have_an_elbo_of_any_class_and_no_importance_weighted_one(
    conditional: VAE, images: torch.Tensor
) -> None:
    grey = [Batch(0.3 + 0.5 * images, None)]
    assert math.isfinite(elbo_of_any_class(conditional, grey, SHARES, generator())[0])
    with pytest.raises(ValueError, match="needs binary images"):
        importance_bound_of_any_class(conditional, grey, SHARES, 2, generator())


@torch.no_grad()
def test_a_class_is_as_likely_as_its_share_times_exp_of_its_elbo_at_the_mean(
    conditional: VAE, images: torch.Tensor
) -> None:
    under = encode_any_class(conditional, images, SHARES)
    assert under.labels.tolist() == [0, 2, 3], "a class without images is left out"
    for column, image in enumerate(images):
        scores = []
        for label in under.labels:
            mean, log_variance = conditional.encode(image[None], label[None])
            posterior, prior = Normal(mean, (0.5 * log_variance).exp()), Normal(torch.zeros_like(mean), 1.0)
            likelihood = Bernoulli(logits=conditional.decode(mean, label[None])[0]).log_prob(image).sum()
            scores.append(likelihood - kl_divergence(posterior, prior).sum() + SHARES[label].log())
        torch.testing.assert_close(under.log_posterior[:, column], torch.stack(scores).log_softmax(dim=0))


def test_the_bounds_of_any_class_draw_from_their_generator_alone(conditional: VAE, images: torch.Tensor) -> None:
    batches, found = [Batch(images, None)], []
    for seed in (1, 2):
        torch.manual_seed(seed)  # whatever others draw
        elbo = elbo_of_any_class(conditional, batches, SHARES, generator())
        found.append((elbo, importance_bound_of_any_class(conditional, batches, SHARES, 20, generator())))
    assert found[0] == found[1]
