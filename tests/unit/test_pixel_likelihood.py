import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from genmodels.analysis.pixel_likelihood import evaluate_pixels, nats_of
from genmodels.data.images.batches import Batch, Images
from genmodels.data.images.opening import open_images
from genmodels.data.images.parts import Part
from genmodels.models.pixel_cnn import GatedPixelCNN
from genmodels.models.pixel_model import draw_levels, to_levels, turned
from genmodels.sampling.pixels import DRAWN_AT_ONCE, pixel_noise, sample_pixels
from genmodels.settings.pixelrnn import PixelSettings
from genmodels.training.pixels import PixelTask, _shares, prepare


def model_of(levels: int = 2, orientations: int = 1) -> GatedPixelCNN:
    torch.manual_seed(5)
    return GatedPixelCNN(levels, (4, 5), 3, 2, orientations)


@pytest.mark.parametrize("levels", [2, 4])
def test_nats_are_summed_over_pixels_and_averaged_over_images_whatever_the_batches(levels: int) -> None:
    model, images = model_of(levels), torch.rand(7, 4, 5).mul(levels - 1).round() / (levels - 1)
    whole = evaluate_pixels(model, [Batch(images, None)])
    parts = evaluate_pixels(model, [Batch(images[:5], None), Batch(images[5:], None)])
    assert parts.nll == pytest.approx(whole.nll, rel=1e-6)
    assert (whole.images, parts.images) == (7, 7)
    by_hand = 0.0
    with torch.no_grad():
        for image in images:
            logits = model(image[None] * 2 - 1)[0].double()
            chances = logits.softmax(dim=0) if levels > 2 else torch.cat([1 - logits.sigmoid(), logits.sigmoid()])
            numbers = image.mul(levels - 1).round().long()
            by_hand -= float(chances.gather(0, numbers[None]).log().sum())
    assert whole.nll == pytest.approx(by_hand / 7, rel=1e-5)
    assert whole.bits_per_dim == pytest.approx(by_hand / 7 / 20 / math.log(2), rel=1e-5)
    assert model.training, "comes back in the mode in which it was"


def test_grey_values_fall_into_levels_of_equal_share() -> None:
    values = torch.arange(256) / 255.0
    for count in (2, 4, 16, 256):
        levels = to_levels(values, count)
        assert torch.bincount(levels).tolist() == [256 // count] * count
        assert (levels.diff() >= 0).all()


@pytest.mark.parametrize("levels", [2, 4])
def test_an_untrained_model_s_bias_gives_each_pixel_its_level_s_share(levels: int) -> None:
    random = np.random.default_rng(1)
    pixels = random.integers(0, 256, (50, 4, 4), dtype=np.uint8)
    images = Images(Part(pixels, None), "none", 1, torch.device("cpu"), "train")
    shares = _shares(images, levels)
    seen = np.stack([pixels // (256 // levels) == level for level in range(levels)])  # (Q, N, Y, X)
    anywhere = seen.mean(axis=(1, 2, 3)).reshape(-1, 1, 1)
    expected = (seen.sum(axis=1) + levels * anywhere) / (50 + levels)
    np.testing.assert_allclose(shares.numpy(), expected, rtol=1e-6)
    model = GatedPixelCNN(levels, (4, 4), 3, 1, 4)
    model.start_from(shares)
    for turn in range(4):
        bias = model.bias_map(turn)
        chances = bias.softmax(dim=0) if levels > 2 else torch.cat([1 - bias.sigmoid(), bias.sigmoid()])
        torch.testing.assert_close(chances, turned(0.98 * shares + 0.02 / levels, turn))


def test_few_images_of_many_levels_begin_below_guessing(tmp_path: Path) -> None:
    """With each level's share alone, what no training image has at a pixel would cost more than guessing does."""
    rows, columns = np.mgrid[:8, :8]
    random = np.random.default_rng(0)
    x, y = random.uniform(2, 6, (2, 200, 1, 1))
    blots = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 4) + random.normal(0, 8, (200, 8, 8))
    images = blots.clip(0, 255).astype(np.uint8)
    np.savez(tmp_path / "blots.npz", x_train=images[:100], x_test=images[100:])
    settings = PixelSettings(levels="256", channels=4, layers=2, device="cpu")
    task = prepare(settings, open_images(str(tmp_path / "blots.npz"), lambda _: None))
    assert task.evaluate(lambda: None)["test"]["nll"] < 0.9 * 64 * math.log(256)


def test_samples_do_not_depend_on_how_many_are_drawn_at_once() -> None:
    model = model_of().eval()
    images = sample_pixels(model, 6, 3)
    assert images.shape == (6, 4, 5)
    assert set(np.unique(images)) == {0.0, 1.0}
    assert DRAWN_AT_ONCE > 6
    assert (sample_pixels(model, 3, 3) == images[:3]).all()
    assert not (sample_pixels(model, 6, 4) == images).all()


def test_the_rows_of_images_that_are_drawn_together_are_told_as_so_many_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.sampling.pixels.DRAWN_AT_ONCE", 4)
    model, told = model_of().eval(), list[int]()
    sample_pixels(model, 6, 3, told.append)
    rows = model.shape[0]
    assert len(told) == 2 * rows
    assert (sum(told[:rows]), sum(told)) == (4, 6)
    assert max(told) <= -(-4 // rows), "never all at once"
    assert pixel_noise(2, (4, 5), 3, "a", torch.device("cpu")).shape == (2, 4, 5)


def test_the_largest_uniform_number_still_draws_a_level() -> None:
    logits = torch.zeros(1, 4)
    assert draw_levels(logits, torch.tensor([1.0 - 2**-24])).tolist() == [3]


def square_task(folder: Path, **settings: Any) -> PixelTask:
    """Images of 6x6 pixels that are bright above: turned ones have other shares of each level at each pixel."""
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (40, 6, 6), dtype=np.uint8)
    pixels[:, 3:] //= 8
    np.savez(folder / "set.npz", x_train=pixels[:30], x_test=pixels[30:])
    tiny = PixelSettings(channels=4, layers=2, batch_size=10, device="cpu", levels="4", **settings)
    return prepare(tiny, open_images(str(folder / "set.npz"), lambda _: None))


def test_each_orientation_is_trained_on_images_turned_so_with_its_own_biases(tmp_path: Path) -> None:
    task = square_task(tmp_path, orientations=4, average_weights=0.0)
    for step in range(4):
        upright = to_levels(task.batches.at(step).images, 4)
        with torch.no_grad():
            own, others = (
                float(nats_of(task.model, turned(upright, step).contiguous(), turn).sum(dim=(1, 2)).mean())
                for turn in (step, (step + 1) % 4)
            )
        assert float(task.train_step(step, 0.0)["nll"]) == pytest.approx(own, rel=1e-5)
        assert abs(others - own) > 1.0, "each orientation begins with its own shares"


def test_averages_begin_with_the_first_biases(tmp_path: Path) -> None:
    task = square_task(tmp_path, average_weights=0.9)
    assert float(task.model.pixel_bias.detach().abs().sum()) > 0
    assert torch.equal(task.weights()["pixel_bias"], task.model.pixel_bias)
