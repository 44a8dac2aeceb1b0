"""What a VAE's training step minimises, against one image and one code at a time in float64."""

import copy
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal

from genmodels.data.images.batches import Batch
from genmodels.data.images.opening import open_images
from genmodels.rows import RowsGenerator
from genmodels.settings.vae import VaeSettings
from genmodels.training.vae import VaeTask, prepare


@pytest.fixture
def make(tmp_path: Path):
    """A task with some settings."""
    pixels = np.random.default_rng(0).integers(0, 256, (40, 3, 4), dtype=np.uint8)

    def make(classes: int = 0, **settings: Any) -> VaeTask:
        labels = {"y_train": np.arange(30) % classes, "y_test": np.arange(10) % classes} if classes else {}
        np.savez(tmp_path / "set.npz", x_train=pixels[:30], x_test=pixels[30:], **labels)
        chosen = VaeSettings(
            model="mlp", latent_size=2, hidden_size=5, layers=1, batch_size=6, device="cpu", **settings
        )
        return prepare(chosen, open_images(str(tmp_path / "set.npz"), lambda _: None))

    return make


def test_what_is_evaluated_is_binarised_by_the_run_s_seed(make) -> None:
    tasks = [make(seed=seed, binarize="static") for seed in (1, 1, 2)]
    seen = [task.evaluated.pixels for task in tasks]
    assert [task.evaluated.seed for task in tasks] == [1, 1, 2]
    assert torch.equal(seen[0], seen[1])
    assert not torch.equal(seen[0], seen[2])


def test_the_loss_is_scaled_for_fp16_alone(make) -> None:
    assert not make().updater.scaler.is_enabled()


def generator() -> RowsGenerator:
    made = RowsGenerator()
    made.manual_seed(3)
    return made


def loss_of(task: VaeTask, batch: Batch, step: int) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """What the task minimises of a batch, and what it logs."""
    labels = {} if batch.labels is None else {"labels": batch.labels}
    return task._loss({"images": batch.images, "beta": task.beta_at(step), **labels}, generator())


def by_hand(task: VaeTask, images: torch.Tensor, beta: float) -> dict[str, torch.Tensor]:
    """The terms of each image, one code at a time: log p(x|z), KL by dimension, log w with a weight on the ratio."""
    k, model, images = task.settings.importance_samples, copy.deepcopy(task.model).double(), images.double()
    mean, log_variance = model.encode(images)
    noise = torch.empty(k, *mean.shape).normal_(generator=generator()).double()
    likelihood, weight = torch.empty(k, len(images)).double(), torch.empty(k, len(images)).double()
    for row in range(len(images)):
        posterior = Independent(Normal(mean[row], (0.5 * log_variance[row]).exp()), 1)
        prior = Independent(Normal(torch.zeros(2).double(), 1.0), 1)
        for code in range(k):
            z = mean[row] + (0.5 * log_variance[row]).exp() * noise[code, row]
            likelihood[code, row] = Independent(Bernoulli(logits=model.decode(z[None])[0]), 2).log_prob(images[row])
            weight[code, row] = likelihood[code, row] + beta * (prior.log_prob(z) - posterior.log_prob(z))
    divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)
    return {"likelihood": likelihood, "divergence": divergence, "weight": weight}


def batch_of(task: VaeTask) -> Batch:
    images = torch.bernoulli(torch.full((6, 3, 4), 0.5), generator=generator())
    return Batch(images, None)


@pytest.mark.parametrize(("beta", "warmup", "step", "weight"), [(1.0, 0, 0, 1.0), (0.5, 0, 9, 0.5), (2.0, 8, 1, 0.5)])
@pytest.mark.parametrize("free", [0.0, 0.3])
@torch.no_grad()
def test_one_code_is_the_elbo_with_the_kl_term_s_weight_and_its_free_part(
    make: Any, beta: float, warmup: int, step: int, weight: float, free: float
) -> None:
    task = make(beta=beta, kl_warmup_steps=warmup, free_bits=free)
    batch = batch_of(task)
    loss, terms = loss_of(task, batch, step)
    hand = by_hand(task, batch.images, 1.0)
    by_dimension = hand["divergence"].mean(dim=0)
    assert (by_dimension < 0.3).any(), "else free bits would change nothing"
    paid = sum(max(free, float(value)) for value in by_dimension)
    assert float(loss) == pytest.approx(weight * paid - float(hand["likelihood"].mean()), rel=1e-5)
    elbo = float(hand["likelihood"].mean() - hand["divergence"].sum(dim=1).mean())
    assert float(terms["elbo"]) == pytest.approx(elbo, rel=1e-5), "reported as it is, whatever is minimised"


@pytest.mark.parametrize(("beta", "step", "warmup", "weight"), [(1.0, 0, 0, 1.0), (1.0, 1, 8, 0.25)])
@torch.no_grad()
def test_more_codes_are_the_importance_weighted_bound(
    make: Any, beta: float, step: int, warmup: int, weight: float
) -> None:
    task = make(importance_samples=4, beta=beta, kl_warmup_steps=warmup)
    batch = batch_of(task)
    loss, terms = loss_of(task, batch, step)
    objective = torch.logsumexp(by_hand(task, batch.images, weight)["weight"], dim=0) - math.log(4)
    bound = torch.logsumexp(by_hand(task, batch.images, 1.0)["weight"], dim=0) - math.log(4)
    assert float(loss) == pytest.approx(-float(objective.mean()), rel=1e-5)
    assert float(terms["importance_weighted_bound"]) == pytest.approx(float(bound.mean()), rel=1e-5)


@torch.no_grad()
def test_grey_targets_are_given_no_importance_weighted_bound(make: Any) -> None:
    task = make(importance_samples=4, binarize="none")
    assert "importance_weighted_bound" not in loss_of(task, task.batches.at(0), 0)[1]


def test_an_evaluation_uses_the_averaged_weights(make: Any) -> None:
    task = make(average_weights=0.9)
    for step in range(12):
        task.train_step(step, 1.0)
    found = task.evaluate(lambda: None)
    with torch.no_grad():
        for name, parameter in task.model.named_parameters():
            assert not torch.equal(parameter, task.weights()[name])
            parameter.copy_(task.weights()[name])
    alone = task.measure(task.evaluated, len(task.evaluated), lambda: None)
    assert found["test"] == alone


def test_averages_begin_with_the_first_biases(make: Any) -> None:
    """They are set after the network was made, and an average that lagged behind would be measured without them."""
    task = make(average_weights=0.9)
    for name, parameter in task.model.named_parameters():
        assert torch.equal(task.weights()[name], parameter), name


@torch.no_grad()
def test_a_class_that_is_given_reaches_both_sides_of_the_loss(make: Any) -> None:
    task = make(conditional=True, classes=3)
    images, labels = batch_of(task).images, torch.tensor([0, 1, 2, 2, 1, 0])
    loss, _ = loss_of(task, Batch(images, labels), 0)
    mean, log_variance = task.model.encode(images, labels)
    z = mean + (0.5 * log_variance).exp() * torch.empty(1, 6, 2).normal_(generator=generator())[0]
    likelihood = Independent(Bernoulli(logits=task.model.decode(z, labels)), 2).log_prob(images)
    divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)
    assert float(loss) == pytest.approx(float(divergence.sum(dim=1).mean() - likelihood.mean()), rel=1e-5)


@torch.no_grad()
def test_a_preview_of_a_model_that_knows_classes_shows_them_in_turn(make: Any) -> None:
    task = make(conditional=True, classes=3)
    found = task.draw(7, generator())
    z = torch.empty(7, 2).normal_(generator=generator())
    wanted = task.model.decode(z, torch.tensor([0, 1, 2, 0, 1, 2, 0])).sigmoid()
    assert torch.equal(found, (wanted * 255.0).round())


@pytest.mark.parametrize(
    ("settings", "ways"),
    [({}, "--kl-warmup-steps 1000, --free-bits 0.1 or --beta 0.5"),
     ({"beta": 4.0, "kl_warmup_steps": 900}, "--beta 1, --kl-warmup-steps 1800 or --free-bits 0.1"),
     ({"free_bits": 0.2, "importance_samples": 1}, "--kl-warmup-steps 1000, --free-bits 0.4 or --beta 0.5"),
     ({"importance_samples": 5}, "--kl-warmup-steps 1000 or --beta 0.5")],
    ids=["usual", "a large beta", "free bits", "several codes"],
)  # fmt: skip
def test_a_collapsed_code_is_a_sign_with_ways_out(make: Any, settings: dict[str, Any], ways: str) -> None:
    task = make(**settings)
    (sign,) = task.signs({"test": {"kl": 0.25}, "train": {"kl": 9.0}})
    assert (sign.name, sign.present, sign.found) == ("collapse", True, "the KL of the code is 0.25 nats")
    assert sign.told == f"the code has collapsed: {sign.found}, so the decoder ignores it; try {ways}"
    (none,) = task.signs({"test": {"kl": 3.0}})
    assert (none.name, none.present) == ("collapse", False)
    assert none.told == "the code is used again: its KL is 3.00 nats"


def test_a_collapse_names_the_settings_that_are_far_above_the_usual(make: Any) -> None:
    def unusual(**settings: float) -> list[str]:
        return [one.given for one in make(**settings).signs({"test": {"kl": 0.1}})[0].unusual]

    assert unusual() == []
    assert unusual(beta=100.0, learning_rate=0.5) == ["--beta 100", "--learning-rate 0.5"]


def test_of_few_images_held_out_more_training_images_are_measured(make: Any) -> None:
    task = make()
    assert {part: count for part, (_, count) in task._measured().items()} == {"train": 30, "test": 10}
