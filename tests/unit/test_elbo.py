"""The lower bound against closed forms, torch.distributions and exact integration, in float64."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from genmodels.analysis.elbo import (
    bernoulli_log_likelihood,
    draw_codes,
    evaluate_elbo,
    gaussian_kl,
    importance_bound,
    log_weights,
)
from genmodels.data.images.batches import Batch
from genmodels.models.vae import VAE
from genmodels.settings.vae import VaeSettings

GRID = 401  # points along each latent dimension
EDGE = 8.0


@pytest.fixture
def tiny() -> VAE:
    """A VAE with two latent dimensions and six pixels, whose posterior is no Gaussian."""
    torch.manual_seed(5)
    settings = VaeSettings(model="mlp", latent_size=2, hidden_size=7, layers=1, activation="tanh")
    model = VAE.from_settings(settings, (2, 3), None).double().eval()
    with torch.no_grad():
        for parameter in model.decoder.parameters():
            parameter.mul_(2.5)
    return model


@pytest.fixture
def images() -> torch.Tensor:
    return torch.tensor([[[1, 0, 1], [0, 0, 1]], [[0, 0, 0], [1, 1, 1]], [[1, 1, 1], [1, 1, 1]]], dtype=torch.float64)


def generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_divergence_is_that_of_two_gaussians() -> None:
    mean, log_variance = torch.randn(5, 3, dtype=torch.float64), torch.randn(5, 3, dtype=torch.float64)
    expected = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0))
    torch.testing.assert_close(gaussian_kl(mean, log_variance), expected)
    assert gaussian_kl(torch.zeros(1, 4), torch.zeros(1, 4)).sum() == 0


def test_the_likelihood_is_summed_over_pixels_and_safe_for_large_logits() -> None:
    logits = 5 * torch.randn(4, 3, 2, dtype=torch.float64)
    x = torch.bernoulli(torch.full((4, 3, 2), 0.5, dtype=torch.float64))
    expected = Independent(Bernoulli(logits=logits), 2).log_prob(x)
    torch.testing.assert_close(bernoulli_log_likelihood(logits, x), expected)
    assert bernoulli_log_likelihood(torch.tensor([[[1e4]]]), torch.tensor([[[0.0]]])).item() == -1e4


def test_drawn_codes_have_the_mean_and_variance_asked_for_and_carry_gradients() -> None:
    mean = torch.tensor([[1.0, -2.0]], requires_grad=True)
    log_variance = torch.tensor([[0.0, math.log(4.0)]], requires_grad=True)
    z = draw_codes(mean.expand(200_000, -1), log_variance.expand(200_000, -1), generator())
    torch.testing.assert_close(z.mean(dim=0), torch.tensor([1.0, -2.0]), atol=0.02, rtol=0)
    torch.testing.assert_close(z.var(dim=0), torch.tensor([1.0, 4.0]), atol=0.04, rtol=0)
    z.sum().backward()
    assert mean.grad is not None
    assert log_variance.grad is not None


def test_log_weights_are_the_ratio_of_densities(tiny: VAE, images: torch.Tensor) -> None:
    mean, log_variance = tiny.encode(images)
    z = draw_codes(mean.expand(4, -1, -1), log_variance.expand(4, -1, -1), generator())
    likelihood = torch.randn(4, 3, dtype=torch.float64)
    prior = Independent(Normal(torch.zeros(2, dtype=torch.float64), 1.0), 1).log_prob(z)
    posterior = Independent(Normal(mean, (0.5 * log_variance).exp()), 1).log_prob(z)
    torch.testing.assert_close(log_weights(z, mean, log_variance, likelihood), likelihood + prior - posterior)


def integrated(model: VAE, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, float]:
    """Codes on a grid, log p(x|z) + log p(z) there, log q(z|x) there, and the area that a point stands for."""
    line = torch.linspace(-EDGE, EDGE, GRID, dtype=torch.float64)
    z = torch.cartesian_prod(line, line)
    logits = model.decode(z)
    joint = bernoulli_log_likelihood(logits, image.expand(len(z), -1, -1)) - 0.5 * z.square().sum(dim=1)
    mean, log_variance = model.encode(image[None])
    q = Independent(Normal(mean[0], (0.5 * log_variance[0]).exp()), 1).log_prob(z)
    return z, joint - math.log(2 * math.pi), q, (2 * EDGE / (GRID - 1)) ** 2


@torch.no_grad()
def test_the_error_of_the_bound_is_that_of_both_terms_together(tiny: VAE, images: torch.Tensor) -> None:
    found = evaluate_elbo(tiny, [Batch(images[:2], None), Batch(images[2:], None)], generator())
    random = generator()
    bounds = []
    for part in (images[:2], images[2:]):
        mean, log_variance = tiny.encode(part)
        likelihood = bernoulli_log_likelihood(tiny.decode(draw_codes(mean, log_variance, random)), part)
        bounds.append(likelihood - gaussian_kl(mean, log_variance).sum(dim=1))
    each = torch.cat(bounds).double()
    assert found.elbo == pytest.approx(float(each.mean()))
    assert found.elbo_standard_error == pytest.approx(float(each.std()) / math.sqrt(3))


@torch.no_grad()
def test_the_importance_weighted_bound_nears_the_exact_likelihood(tiny: VAE, images: torch.Tensor) -> None:
    exact = torch.stack([torch.logsumexp(integrated(tiny, image)[1], 0) for image in images])
    exact += math.log(integrated(tiny, images[0])[3])
    found = importance_bound(tiny, [Batch(images, None)], 50_000, generator())
    assert found.importance_weighted_bound == pytest.approx(float(exact.mean()), abs=0.01)
    assert found.importance_samples == 50_000


@torch.no_grad()
def test_what_the_bound_lacks_is_the_divergence_to_the_true_posterior(tiny: VAE, images: torch.Tensor) -> None:
    """log p(x) = ELBO(x) + KL(q(z|x) || p(z|x)), each side by integration over the codes."""
    for image in images:
        _, joint, q, area = integrated(tiny, image)
        log_p = torch.logsumexp(joint, 0) + math.log(area)
        weight = q.exp() * area
        assert float(weight.sum()) == pytest.approx(1.0, abs=1e-4), "the grid holds all of q"
        elbo = (weight * (joint - q)).sum()
        divergence = (weight * (q - (joint - log_p))).sum()
        assert divergence > 0.01, "an approximate posterior that is exact would prove nothing"
        assert float(log_p - elbo) == pytest.approx(float(divergence), abs=1e-4)
        mean, log_variance = tiny.encode(image[None])
        expected = (weight * (joint + math.log(2 * math.pi) + 0.5 * integrated(tiny, image)[0].square().sum(1))).sum()
        assert float(elbo) == pytest.approx(float(expected - gaussian_kl(mean, log_variance).sum()), abs=1e-3)


@torch.no_grad()
def test_bounds_are_ordered_elbo_below_importance_weighted_below_the_likelihood(
    tiny: VAE, images: torch.Tensor
) -> None:
    batches, seeds = [Batch(images, None)], range(200)
    elbo = sum(evaluate_elbo(tiny, batches, generator(s)).elbo for s in seeds) / 200
    weighted = [
        sum(importance_bound(tiny, batches, k, generator(s)).importance_weighted_bound for s in seeds) / 200
        for k in (1, 5, 50)
    ]
    exact = torch.stack([torch.logsumexp(integrated(tiny, image)[1], 0) for image in images]).mean()
    exact += math.log(integrated(tiny, images[0])[3])
    assert weighted[0] == pytest.approx(elbo, abs=0.05), "one code gives the ELBO"
    assert elbo + 0.05 < weighted[1] < weighted[2] < float(exact)


@torch.no_grad()
def test_the_bound_does_not_depend_on_the_chunks(
    tiny: VAE, images: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    whole = importance_bound(tiny, [Batch(images, None)], 700, generator())
    monkeypatch.setattr("genmodels.analysis.elbo.DECODED_BYTES", 4 * images.numel() * 7)
    pieces = importance_bound(tiny, [Batch(images, None)], 700, generator(2), told.append)
    assert sum(told) == 700 * len(images)
    assert len(told) == 100
    assert pieces.importance_weighted_bound == pytest.approx(whole.importance_weighted_bound, abs=0.1)


def test_the_standard_error_is_over_images(tiny: VAE, images: torch.Tensor) -> None:
    found = importance_bound(tiny, [Batch(images, None)], 20_000, generator())
    single = [importance_bound(tiny, [Batch(x[None], None)], 20_000, generator()) for x in images]
    values = torch.tensor([one.importance_weighted_bound for one in single])
    assert found.importance_weighted_bound_standard_error == pytest.approx(float(values.std() / math.sqrt(3)), rel=0.1)
    assert single[0].importance_weighted_bound_standard_error == 0.0


def test_grey_images_have_no_importance_weighted_bound(tiny: VAE, images: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="binary"):
        importance_bound(tiny, [Batch(images * 0.5, None)], 10, generator())


@torch.no_grad()
def test_an_evaluation_weighs_every_image_alike_and_leaves_the_mode_alone(tiny: VAE, images: torch.Tensor) -> None:
    tiny.train()
    found = evaluate_elbo(tiny, [Batch(images[:2], None), Batch(images[2:], None)], generator())
    assert tiny.training
    random = generator()
    likelihoods, divergences = [], []
    for part in (images[:2], images[2:]):
        mean, log_variance = tiny.encode(part)
        noise = torch.empty_like(mean).normal_(generator=random)
        posterior = Normal(mean, (0.5 * log_variance).exp())
        logits = tiny.decode(mean + posterior.stddev * noise)
        likelihoods.append(Independent(Bernoulli(logits=logits), 2).log_prob(part))
        divergences.append(kl_divergence(posterior, Normal(0.0, 1.0)))
    reconstruction, kl = torch.cat(likelihoods).mean(), torch.cat(divergences)
    assert found.reconstruction == pytest.approx(float(reconstruction))
    assert found.kl == pytest.approx(float(kl.sum(dim=1).mean()))
    assert found.elbo == pytest.approx(found.reconstruction - found.kl)
    assert found.kl_by_dimension == pytest.approx(kl.mean(dim=0).tolist())
    assert found.images == 3


@torch.no_grad()
def test_a_dimension_that_the_images_do_not_move_is_not_active(tiny: VAE, images: torch.Tensor) -> None:
    assert evaluate_elbo(tiny, [Batch(images, None)], generator()).active_units == 2
    last = [module for module in tiny.encoder.modules() if isinstance(module, torch.nn.Linear)][-1]
    last.weight[1] = 0.0
    assert evaluate_elbo(tiny, [Batch(images, None)], generator()).active_units == 1


def test_the_importance_weighted_bound_gives_each_image_its_own_class(images: torch.Tensor) -> None:
    """Whatever other images stand beside it, and in whatever order its codes are decoded."""
    torch.manual_seed(5)
    settings = VaeSettings(model="mlp", latent_size=2, hidden_size=7, layers=1, conditional=True)
    model = VAE.from_settings(settings, (2, 3), 3).double().eval()
    with torch.no_grad():
        for parameter in model.decoder.parameters():
            parameter.mul_(2.5)
    labels = torch.tensor([2, 0, 1])
    together = importance_bound(model, [Batch(images, labels)], 4000, generator())
    alone = [
        importance_bound(model, [Batch(images[[row]], labels[[row]])], 4000, generator()).importance_weighted_bound
        for row in range(3)
    ]
    swapped = importance_bound(model, [Batch(images, labels.roll(1))], 4000, generator())
    assert together.importance_weighted_bound == pytest.approx(sum(alone) / 3, abs=0.02)
    assert abs(swapped.importance_weighted_bound - together.importance_weighted_bound) > 0.2, "classes matter here"


def test_a_smaller_last_batch_counts_by_its_images(tiny: VAE, images: torch.Tensor) -> None:
    first, last = Batch(images, None), Batch(images[:2], None)
    together = evaluate_elbo(tiny, [first, last], generator())
    drawn = generator()  # the same codes, one batch after the other
    one, other = (evaluate_elbo(tiny, [batch], drawn) for batch in (first, last))
    for name in ("elbo", "reconstruction", "kl"):
        expected = (3 * getattr(one, name) + 2 * getattr(other, name)) / 5
        assert getattr(together, name) == pytest.approx(expected), name
        assert getattr(one, name) != pytest.approx(getattr(other, name), abs=1e-3), name
