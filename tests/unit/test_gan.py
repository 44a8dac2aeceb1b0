"""The two players, their losses and penalties."""

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from genmodels.analysis.classifying import (
    BATCH_SIZE,
    EPOCHS,
    LEARNING_RATE,
    MOST_LEARNED,
    WARMUP_STEPS,
    Foretold,
    learned_rows,
    open_referee,
    train_classifier,
    training_steps,
)
from genmodels.analysis.sides import halves_of_test
from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.opening import open_images
from genmodels.data.images.parts import Part
from genmodels.errors import DataError, UsageError
from genmodels.models.gan import GAN
from genmodels.sampling.images import CHOOSING_CODES, MEASURED_CODES, as_targets, draw_gan
from genmodels.settings.gan import GanSettings
from genmodels.telling import Teller, uncounted
from genmodels.training.gan import GanTask, prepare
from genmodels.training.gan_losses import LOSSES, penalty_on_steepness, squared_slope
from homes import shapes, write_set

REAL, DRAWN = torch.tensor([2.0, -1.0], dtype=torch.float64), torch.tensor([0.5, -3.0], dtype=torch.float64)


def probability(logits: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-logits))


def test_the_non_saturating_loss_is_that_of_the_first_paper() -> None:
    of_discriminator, of_generator = LOSSES["non-saturating"]
    wanted = -(probability(REAL).log().mean() + (1 - probability(DRAWN)).log().mean())
    assert float(of_discriminator(REAL, DRAWN)) == pytest.approx(float(wanted), rel=1e-12)
    assert float(of_generator(DRAWN)) == pytest.approx(float(-probability(DRAWN).log().mean()), rel=1e-12)


def test_the_hinge_loss_asks_for_a_margin_of_1() -> None:
    of_discriminator, of_generator = LOSSES["hinge"]
    assert float(of_discriminator(REAL, DRAWN)) == pytest.approx((0 + 2) / 2 + (1.5 + 0) / 2)
    assert float(of_generator(DRAWN)) == pytest.approx(1.25)


def test_the_wasserstein_loss_is_the_difference_of_the_scores() -> None:
    of_discriminator, of_generator = LOSSES["wasserstein-gp"]
    assert float(of_discriminator(REAL, DRAWN)) == pytest.approx(-1.25 - 0.5)
    assert float(of_generator(DRAWN)) == pytest.approx(1.25)


@pytest.mark.parametrize("model", ["dcgan", "mlp"])
@pytest.mark.parametrize("shape", [(4, 4), (5, 9), (28, 28), (33, 64)])
def test_any_size_of_image_is_drawn_and_scored(model: str, shape: tuple[int, int]) -> None:
    gan = GAN(GanSettings(model=model, latent_size=5, channels=2, hidden_size=8), shape)
    images = gan.generate(torch.randn(3, 5))
    assert images.shape == (3, *shape)
    assert ((images > 0) & (images < 1)).all()
    assert gan.score(images).shape == (3,)


def test_spectral_normalisation_brings_every_layer_to_a_largest_singular_value_of_1() -> None:
    torch.manual_seed(0)
    gan = GAN(GanSettings(model="dcgan", channels=3), (8, 8))
    for _ in range(200):
        gan.score(torch.rand(2, 8, 8))
    layers = [layer for layer in gan.discriminator.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    assert len(layers) == 4
    for layer in layers:
        largest = torch.linalg.svdvals(layer.weight.detach().flatten(1))[0]
        assert float(largest) == pytest.approx(1.0, abs=1e-3)
    assert not any("parametrizations" in name for name, _ in gan.generator.named_parameters())


def test_spectral_normalisation_and_r1_are_on_but_not_beside_the_gradient_penalty() -> None:
    usual, penalised = GanSettings(), GanSettings(loss="wasserstein-gp")
    assert (usual.spectral_norm, usual.r1) == (True, 0.1)
    assert (penalised.spectral_norm, penalised.r1) == (False, 0.0)
    assert GanSettings(loss="wasserstein-gp", spectral_norm=True).spectral_norm
    assert not GanSettings(spectral_norm=False).spectral_norm


class Linear(nn.Module):
    """s(x) = <w, x>, so that its slope is |w| everywhere; GAN.score hands on 2 x - 1, which doubles it."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor([[0.3, -0.1], [0.2, 0.7]], dtype=torch.float64))

    def forward(self, images: Tensor) -> Tensor:
        return (self.w * images).sum(dim=(1, 2))


def linear_task(tmp_path: Path, **settings: Any) -> GanTask:
    path = tmp_path / "images.npz"
    np.savez(path, np.random.default_rng(0).integers(0, 256, (40, 2, 2), dtype=np.uint8))
    plain = {"model": "mlp", "hidden_size": 4, "batch_size": 8, "device": "cpu", "average_weights": 0.5}
    task = prepare(GanSettings(**(plain | settings)), open_images(str(path), lambda _: None))
    task.model.discriminator = Linear()
    return task


def test_the_slope_of_a_linear_discriminator_is_its_weight() -> None:
    gan = GAN(GanSettings(model="mlp"), (2, 2))
    gan.discriminator = Linear()
    found = squared_slope(gan, torch.rand(3, 2, 2, dtype=torch.float64))
    wanted = 4 * gan.discriminator.w.square().sum()
    torch.testing.assert_close(found, wanted.expand(3))
    (again,) = torch.autograd.grad(found.mean(), gan.discriminator.w)  # differentiated twice
    torch.testing.assert_close(again, 8 * gan.discriminator.w.detach())


def test_r1_is_half_the_squared_slope_at_real_images_now_and_then_and_so_much_stronger(tmp_path: Path) -> None:
    task = linear_task(tmp_path, r1=0.5, r1_every=4)
    real, drawn = torch.rand(2, 3, 2, 2, dtype=torch.float64)
    slope = 4 * float(task.model.discriminator.w.detach().square().sum())
    found = [float(penalty_on_steepness(task.model, task.settings, real, drawn, step).detach()) for step in range(6)]
    assert found == pytest.approx([0.5 * 0.5 * 4 * slope, 0, 0, 0, 0.5 * 0.5 * 4 * slope, 0])


def test_the_wasserstein_penalty_asks_for_a_slope_of_1(tmp_path: Path) -> None:
    task = linear_task(tmp_path, loss="wasserstein-gp", gradient_penalty=3.0)
    real, drawn = torch.rand(2, 3, 2, 2)
    steepness = 2 * float(task.model.discriminator.w.detach().norm())
    penalty = penalty_on_steepness(task.model, task.settings, real, drawn, 5)
    assert float(penalty.detach()) == pytest.approx(3.0 * (steepness - 1) ** 2, rel=1e-5)


class Quadratic(nn.Module):
    """s(x) = <w, x^2> / 2, whose slope at x is w x: another one at each image."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.tensor([[0.3, -0.1], [0.2, 0.7]]))

    def forward(self, images: Tensor) -> Tensor:
        return (self.w * images.square()).sum(dim=(1, 2)) / 2

    def slope(self, images: Tensor) -> Tensor:
        """|grad s| at images from 0 to 1, shape (B,)."""
        return 2 * (self.w.detach() * (2 * images - 1)).flatten(1).norm(dim=1)


def test_r1_is_taken_at_real_images_alone(tmp_path: Path) -> None:
    task = linear_task(tmp_path, r1=0.5, r1_every=4)
    task.model.discriminator = Quadratic()
    real, drawn = torch.rand(2, 3, 2, 2)
    penalty = penalty_on_steepness(task.model, task.settings, real, drawn, 0)
    wanted = 0.5 * 0.5 * 4 * task.model.discriminator.slope(real).square().mean()
    torch.testing.assert_close(penalty.detach(), wanted)


def test_the_wasserstein_penalty_is_taken_between_each_real_image_and_a_drawn_one(tmp_path: Path) -> None:
    """At places of their own: the mean over many is that over the line from one to the other."""
    task = linear_task(tmp_path, loss="wasserstein-gp", gradient_penalty=3.0)
    task.model.discriminator = Quadratic()
    one, other = torch.rand(2, 1, 2, 2)
    found = penalty_on_steepness(task.model, task.settings, one.expand(20_000, 2, 2), other.expand(20_000, 2, 2), 5)
    line = torch.lerp(one, other, torch.linspace(0, 1, 1001).view(-1, 1, 1))
    along = 3.0 * (task.model.discriminator.slope(line) - 1).square()
    assert float(found.detach()) == pytest.approx(float(along.mean()), rel=0.02)
    assert float(along.std() / along.mean()) > 0.1, "else any place would do"


@pytest.fixture
def task(tmp_path: Path) -> GanTask:
    random = np.random.default_rng(0)
    labels = np.arange(80) % 2
    pixels = (random.random((80, 8, 8)) * 80 + labels[:, None, None] * 150).astype(np.uint8)
    path = tmp_path / "images.npz"
    np.savez(path, x_train=pixels[:60], y_train=labels[:60], x_test=pixels[60:], y_test=labels[60:])
    settings = GanSettings(
        latent_size=4, channels=2, batch_size=16, device="cpu", learning_rate=0.01, discriminator_rate=0.5
    )
    return prepare(settings, open_images(str(path), lambda _: None))


def test_what_the_classifier_took_is_not_counted_for_the_minutes_and_said(tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    write_set(path, *shapes(8, 8, 400), trained_on=300)
    images = open_images(str(path), lambda _: None)
    settings = GanSettings(latent_size=4, channels=2, device="cpu", minutes=1.0)
    told: list[list[str]] = [[], []]
    first, second = (prepare(settings, images, Teller(said.append, uncounted)) for said in told)
    assert first.seconds_once > 0.0 == second.seconds_once
    assert [("which --minutes does not count" in " ".join(said)) for said in told] == [True, False]


def copies(module: nn.Module) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in module.parameters()]


def test_each_players_update_leaves_the_other_alone(task: GanTask) -> None:
    generator, discriminator = task.model.generator, task.model.discriminator
    drawn = task.model.generate(torch.randn(16, 4))
    before = copies(generator), copies(discriminator)
    task.update_discriminator(task.batches.at(0).images, drawn.detach(), 1, 1.0)
    assert all(torch.equal(a, b) for a, b in zip(before[0], copies(generator), strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(before[1], copies(discriminator), strict=True))
    between = copies(discriminator)
    task.update_generator(drawn, 1.0)
    assert all(torch.equal(a, b) for a, b in zip(between, copies(discriminator), strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(before[0], copies(generator), strict=True))


def test_the_generator_learns_to_deceive_a_discriminator_that_stays_as_it_is(task: GanTask) -> None:
    z = torch.randn(16, 4)
    losses = [float(task.update_generator(task.model.generate(z), 1.0)[1]["generator_loss"]) for _ in range(60)]
    assert losses[-1] < losses[0] - 0.1


def test_the_discriminators_rate_is_a_multiple_of_the_generators(task: GanTask) -> None:
    assert (task.updater.learning_rate, task.opponent.learning_rate) == (0.01, 0.005)


def test_an_epoch_keeps_the_averaged_generator_alone(task: GanTask) -> None:
    for step in range(3):
        task.train_step(step, 1.0)
    assert set(task.weights()) == {name for name, _ in task.model.generator.named_parameters()}
    assert not torch.equal(task.weights()["start.weight"], task.model.generator.start.weight)


def test_an_evaluation_says_what_both_players_do_and_what_is_drawn(task: GanTask) -> None:
    measures = task.evaluate(lambda: None)
    assert set(measures["train"]) == {"score_real"}
    record = measures["test"]
    assert 0 <= record["separation"] <= 1
    assert record["share/0"] + record["share/1"] == pytest.approx(1.0)
    text = task.in_words(measures)
    assert "the discriminator gives" in text
    assert f"classes drawn, {record['classes_present']} of 2" in text


def record_of(**changes: float) -> dict[str, dict[str, float]]:
    return {"test": {"classes_present": 2, "separation": 0.8, "variety": 0.9, "recall": 0.5} | changes}


def test_lost_modes_and_a_player_who_wins_are_signs(task: GanTask) -> None:
    def present(**changes: float) -> list[str]:
        return [sign.name for sign in task.signs(record_of(**changes)) if sign.present]

    assert present() == []
    assert present(classes_present=1) == ["modes"]
    assert present(variety=0.001) == ["variety"]
    assert present(separation=0.995) == ["discriminator"]
    assert present(separation=0.3) == ["generator"]


def test_a_run_that_goes_on_with_another_classifier_says_so_once(task: GanTask) -> None:
    state = task.state()
    task.load_state(state)
    assert task.changes() == [], "it is the same one"
    task.load_state(replace(state, counters={**state.counters, "classifier": "0123456789ab"}))
    (said,) = task.changes()
    assert task.referee_name in said
    assert "0123456789ab" in said
    assert task.changes() == []


def test_the_discriminator_sees_grey_images_whatever_is_measured(
    task: GanTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, measured = [], []
    monkeypatch.setattr(task, "settings", replace(task.settings, binarize="threshold"))
    score, measure = task.model.score, task.yardstick.measure
    monkeypatch.setattr(task.model, "score", lambda images: seen.append(images) or score(images))
    monkeypatch.setattr(task.yardstick, "measure", lambda *given: measured.append(given[0]) or measure(*given))
    task.measure(task.evaluated, 20, lambda: None)
    assert not torch.equal(seen[-1], seen[-1].round())
    assert torch.equal(measured[0], measured[0].round())


def test_another_trainings_players_are_both_taken_and_a_lost_discriminator_is_told(task: GanTask) -> None:
    told: list[str] = []
    fresh = {name: tensor.clone() for name, tensor in task.model.discriminator.state_dict().items()}
    other = {name: torch.full_like(tensor, 0.5) for name, tensor in task.model.state_dict().items()}
    generator = {name: torch.full_like(tensor, 0.25) for name, tensor in task.average.weights.items()}
    task.begin_from(generator, lambda: None, told.append)
    assert all(
        (tensor == 0.25).all() for tensor in (*task.average.weights.values(), *task.model.generator.parameters())
    )
    assert all(torch.equal(tensor, fresh[name]) for name, tensor in task.model.discriminator.state_dict().items())
    assert told == ["no training state of the run to start from is kept, so the discriminator begins anew"]
    task.begin_from(generator, lambda: other, told.append)
    assert all((tensor == 0.5).all() for tensor in task.model.discriminator.state_dict().values())
    assert len(told) == 1


def test_features_have_one_scale_which_changes_no_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_set(tmp_path / "set.npz", *shapes(8, 8, 90), trained_on=60)
    images = open_images(str(tmp_path / "set.npz"), lambda _: None)
    pixels = torch.tensor(images.train.pixels[learned_rows(images)]) / 255.0
    scaled = train_classifier(images)
    monkeypatch.setattr("genmodels.analysis.classifying._scale", lambda *_: None)
    raw = train_classifier(images)
    with torch.no_grad():
        assert float(scaled.features(pixels).square().mean()) == pytest.approx(1.0, rel=1e-4)
        assert float(raw.features(pixels).square().mean()) != pytest.approx(1.0, rel=0.05)
        torch.testing.assert_close(scaled(pixels), raw(pixels), rtol=1e-4, atol=1e-4)


def test_the_classifier_tells_how_far_its_training_is_and_the_cache_has_nothing_to_tell(tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    write_set(path, *shapes(8, 8, 400), trained_on=300)
    images, said, counted = open_images(str(path), lambda _: None), [], []

    @contextmanager
    def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
        counted.append((what, total))
        yield said.append

    notices: list[str] = []
    taken = []
    for _ in range(2):
        referee = open_referee(images, torch.device("cpu"), Teller(notices.append, counting))
        assert referee is not None
        taken.append(referee.seconds)
    assert taken[0] > 0.0 == taken[1], "what was trained now, as --minutes does not count it"
    assert counted == [("classifier", training_steps(images))]
    assert len(said) == sum(said) == training_steps(images) == 200, "so many at least"
    (told,) = notices
    assert re.fullmatch(r"training the classifier that judges images of set: about \d+ s, only this once", told)


def test_the_time_of_a_classifier_is_told_by_its_first_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, told, onward = iter([100.0 + 0.5 * step for step in range(300)]), [], []
    monkeypatch.setattr("genmodels.analysis.classifying.time.perf_counter", lambda: next(clock))
    foretold = Foretold("training", 300, onward.append, told.append)
    for _ in range(300):
        foretold.advance(1)
    assert len(onward) == 300
    assert told == ["training: about 2 min 30 s, only this once"], "0.5 s a step"


def test_what_would_make_it_faster_is_told_before_it_is_trained_and_only_then(tmp_path: Path) -> None:
    write_set(tmp_path / "set.npz", *shapes(8, 8, 400), trained_on=300)
    images, notices = open_images(str(tmp_path / "set.npz"), lambda _: None), []
    for _ in range(2):
        open_referee(images, torch.device("cpu"), Teller(notices.append), lambda: "--threads 1 would be faster")
    assert [note.startswith("--threads 1") for note in notices] == [True, False]


def test_what_tells_one_player_is_recorded_under_its_names(task: GanTask) -> None:
    drawn = task.model.generate(torch.randn(16, 4)).detach()
    _, told = task.update_discriminator(task.batches.at(0).images, drawn, 1, 1.0)
    assert told.keys() == {"discriminator_loss", "score_real", "score_drawn", "discriminator_gradient_norm"}


def test_a_training_state_names_the_classifier_that_measured(task: GanTask) -> None:
    assert task.extra_counters()["classifier"] == task.referee_name is not None


def test_a_flat_discriminator_is_penalised_with_a_gradient_that_is_finite(tmp_path: Path) -> None:
    task = linear_task(tmp_path, loss="wasserstein-gp", gradient_penalty=3.0)
    with torch.no_grad():
        task.model.discriminator.w.zero_()
    penalty = penalty_on_steepness(task.model, task.settings, *torch.rand(2, 3, 2, 2), 5)
    assert float(penalty.detach()) == pytest.approx(3.0, rel=1e-4)
    assert bool(torch.autograd.grad(penalty, task.model.discriminator.w)[0].isfinite().all())


def test_signs_that_a_game_goes_well_are_told_as_gone(task: GanTask) -> None:
    signs = task.signs(record_of())
    assert {sign.name: sign.present for sign in signs} == dict.fromkeys(
        ("variety", "modes", "discriminator", "generator"), False
    )
    assert {sign.name: sign.told for sign in signs}["modes"] == "all 2 classes are drawn again"


def test_images_too_small_to_halve_and_too_few_to_compare_are_refused(tmp_path: Path) -> None:
    random, labels = np.random.default_rng(0), np.arange(40) % 2
    for name, side in (("small", 3), ("few", 8)):
        pixels = random.integers(0, 256, (40, side, side), dtype=np.uint8)
        np.savez(
            tmp_path / f"{name}.npz", x_train=pixels[:30], y_train=labels[:30], x_test=pixels[30:], y_test=labels[30:]
        )
    small, few = (open_images(str(tmp_path / f"{name}.npz"), lambda _: None) for name in ("small", "few"))
    with pytest.raises(DataError, match="images of 3x3 pixels are too small to halve twice") as caught:
        prepare(GanSettings(model="dcgan", device="cpu"), small)
    assert caught.value.hint == "use --model mlp."
    with pytest.raises(UsageError) as refused:
        prepare(GanSettings(model="mlp", device="cpu", val_images=28), few)
    assert str(refused.value) == (
        "--val-images 28 leaves too few images that the classifier, which judges drawn ones, did not learn from"
    )
    assert refused.value.hint == "hold another number out, or none."


def test_too_few_images_are_refused_before_a_classifier_learns_from_them(tmp_path: Path, monkeypatch) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (43, 8, 8), dtype=np.uint8)
    labels = np.arange(43) % 2
    np.savez(tmp_path / "few.npz", x_train=pixels[:40], y_train=labels[:40], x_test=pixels[40:], y_test=labels[40:])
    monkeypatch.setattr("genmodels.training.gan.open_referee", lambda *_: pytest.fail("it was trained"))
    with pytest.raises(DataError, match="has 3 test images, too few"):
        prepare(GanSettings(model="mlp", device="cpu"), open_images(str(tmp_path / "few.npz"), lambda _: None))


@pytest.mark.parametrize(("count", "told", "hint"), [
    (1, "--val-images 1 is too few to test on", "hold more out, such as --val-images 3."),
    (29, "--val-images 29 leaves 1 of 30 images to train on", "hold at most 28 out."),
    (99, "--val-images 99 leaves 0 of 30 images to train on", "hold at most 28 out."),
])  # fmt: skip
def test_as_many_images_are_held_out_as_leave_some_on_both_sides(
    tmp_path: Path, count: int, told: str, hint: str
) -> None:
    np.savez(tmp_path / "set.npz", x_train=np.random.default_rng(0).integers(0, 256, (30, 4, 4), dtype=np.uint8),
             x_test=np.zeros((5, 4, 4), np.uint8))  # fmt: skip
    images = open_images(str(tmp_path / "set.npz"), lambda _: None)
    with pytest.raises(UsageError) as caught:
        prepare(GanSettings(model="mlp", device="cpu", val_images=count), images)
    assert (str(caught.value), caught.value.hint) == (told, hint)


def test_the_classifier_learns_at_a_rate_that_rises_and_then_falls_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_set(tmp_path / "set.npz", *shapes(8, 8, 90), trained_on=60)
    images, rates = open_images(str(tmp_path / "set.npz"), lambda _: None), []
    step = torch.optim.AdamW.step
    monkeypatch.setattr(
        torch.optim.AdamW, "step", lambda own, *given: rates.append(own.param_groups[0]["lr"]) or step(own, *given)
    )
    train_classifier(images)
    assert len(rates) == training_steps(images)
    assert rates[0] == pytest.approx(LEARNING_RATE / WARMUP_STEPS)
    highest = rates.index(max(rates))
    assert rates == sorted(rates[: highest + 1]) + sorted(rates[highest + 1 :], reverse=True)
    assert rates[-1] < 0.01 * LEARNING_RATE


@pytest.mark.parametrize("there", [150, 2 * MOST_LEARNED])
def test_the_last_batch_of_the_classifier_s_pass_counts_though_it_is_not_full(there: int) -> None:
    part = Part(np.zeros((there, 1, 1), np.uint8), np.arange(there) % 2)
    batches = math.ceil(len(learned_rows(images := ImageSet("s", "s", part, part, ("0", "1"), "x"))) / BATCH_SIZE)
    assert MOST_LEARNED % BATCH_SIZE, "else nothing is tried here"
    assert training_steps(images) == max(200, EPOCHS * batches)


def test_the_best_epoch_is_chosen_by_other_images_than_are_reported_real_and_drawn(
    task: GanTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured, measure = [], task.yardstick.measure
    monkeypatch.setattr(task.yardstick, "measure", lambda *given: measured.append(given[0]) or measure(*given))
    task.measure(task.evaluated, 20, lambda: None)
    for stream, same in ((CHOOSING_CODES, True), (MEASURED_CODES, False)):
        drawn = draw_gan(task.model, task.yardstick.count, task.settings.seed, stream)
        assert torch.equal(measured[0], as_targets(drawn, task.settings.binarize, task.settings.seed)) == same
    chooses, reported = halves_of_test(task.images)
    assert task.yardstick.count <= len(chooses) < len(task.images.test.pixels) == len(chooses) + len(reported)
    assert task.description()["chosen_by"] == "half of test"


def test_a_run_whose_epochs_were_chosen_by_all_test_images_says_so_once_when_it_goes_on(task: GanTask) -> None:
    state = task.state()
    of_before = {name: value for name, value in state.counters.items() if name != "chosen_by"}
    task.load_state(replace(state, counters=of_before))
    assert task.state().counters["chosen_by"] == "test", "until it was told"
    (told,) = task.changes()
    assert told.startswith(
        "kernel distances from here on are to one half of the test images, those of before to all test images"
    )
    assert task.changes() == []
    task.load_state(state)
    assert task.changes() == []
