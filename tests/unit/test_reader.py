"""The two readers, their losses, and how accuracy is counted."""

import io
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from genmodels.analysis.reading_accuracy import Accuracy, accuracy_by_length, total
from genmodels.data.images.opening import open_images
from genmodels.data.images.parts import Part
from genmodels.data.images.strips import COLUMN, HEIGHT, SPARE, StripMaker, canvas_width
from genmodels.errors import DataError
from genmodels.families import FAMILIES
from genmodels.models.reader import CRNN, FixedReader, build_reader
from genmodels.settings.reader import ReaderSettings
from genmodels.training.plan import Plan
from genmodels.training.reader import ReaderTask, prepare
from genmodels.training.signs import news_of
from homes import shapes, write_set

SMALL = ReaderSettings(channels=2, hidden_size=6, longest=3)


def test_the_crnn_gives_an_output_for_every_four_pixels_of_any_strip() -> None:
    model = CRNN(SMALL, 10)
    for width in (32, 44, 400):
        assert model(torch.rand(2, HEIGHT, width)).shape == (width // COLUMN, 2, 11)


def test_its_loss_is_the_probability_of_all_paths() -> None:
    torch.manual_seed(0)
    model = CRNN(SMALL, 4).double()
    images, labels = torch.rand(2, HEIGHT, 44, dtype=torch.float64), torch.tensor([[1, 1], [3, 0]])
    from genmodels.analysis.reading import log_probability

    log_p = model(images).log_softmax(dim=2).detach().numpy()
    wanted = [-log_probability(log_p[:, row], labels[row].tolist()) for row in range(2)]
    np.testing.assert_allclose(model.loss(model(images), labels).detach().numpy(), wanted, rtol=1e-5)


def test_the_loss_of_an_empty_strip_is_that_of_blanks_alone() -> None:
    model = CRNN(SMALL, 4)
    images = torch.rand(3, HEIGHT, 44)
    blanks = -model(images).log_softmax(dim=2)[:, :, 0].sum(dim=0)
    torch.testing.assert_close(model.loss(model(images), torch.zeros(3, 0, dtype=torch.int64)), blanks)


def test_the_fixed_reader_has_so_many_outputs_and_sees_the_widest_training_canvas() -> None:
    torch.manual_seed(0)
    model = FixedReader(SMALL, 10)
    long = torch.rand(2, HEIGHT, 400)
    assert model(long).shape == (3, 2, 11)
    torch.testing.assert_close(model(long), model(long[:, :, : canvas_width(3 + SPARE)]))
    last = long.clone()
    last[:, :, canvas_width(3 + SPARE) - 1] += 1.0
    assert not torch.equal(model(long), model(last))
    assert model(torch.rand(2, HEIGHT, 32)).shape == (3, 2, 11)


def test_it_reads_a_strip_alike_in_training_and_evaluation_and_in_any_company() -> None:
    """Statistics of a batch would tell it how many digits all of them have."""
    torch.manual_seed(0)
    model, images = FixedReader(SMALL, 10), torch.rand(5, HEIGHT, 48)
    images[1:] *= 0.1
    torch.testing.assert_close(model.train()(images)[:, :1], model.eval()(images[:1]))


def test_its_loss_asks_for_the_digits_and_then_for_nothing() -> None:
    model = FixedReader(SMALL, 5)
    images, labels = torch.rand(2, HEIGHT, 64), torch.tensor([[4], [2]])
    log_p = model(images).log_softmax(dim=2)
    wanted = -(torch.stack([log_p[0, 0, 5], log_p[0, 1, 3]]) + log_p[1, :, 0] + log_p[2, :, 0])
    torch.testing.assert_close(model.loss(model(images), labels), wanted)


def test_the_table_builds_both() -> None:
    assert isinstance(build_reader(SMALL, 3), CRNN)
    assert isinstance(build_reader(ReaderSettings(model="cnn"), 3), FixedReader)


class Oracle(CRNN):
    """Reads class 0 whatever it sees, so that what is right can be counted by hand."""

    def __init__(self) -> None:
        super().__init__(SMALL, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits = torch.zeros(images.shape[2] // COLUMN, len(images), 3)
        logits[:, :, 0] = 9.0
        logits[1, :, 0], logits[1, :, 1] = 0.0, 9.0
        return logits


def test_accuracy_counts_strips_and_characters_by_length() -> None:
    pixels = np.zeros((10, 28, 28), dtype=np.uint8)
    pixels[:, 4:24, 8:16] = 255
    maker = StripMaker(Part(pixels, np.zeros(10, dtype=np.int64)), 1, torch.device("cpu"), "test")
    found = accuracy_by_length(Oracle(), maker, [1, 3], 7)
    one, three = found[1], found[3]
    assert (one.strips, one.right, one.errors, one.characters) == (7, 7, 0, 7)
    assert (three.right, three.errors, three.characters) == (0, 14, 21)
    both = total(found, [1, 3])
    assert both.sequence_accuracy == 0.5
    assert both.character_error_rate == pytest.approx(14 / 28)
    again = accuracy_by_length(Oracle(), maker, [3], 7)
    assert again[3] == three
    assert len(both.each) == 14, "strip by strip"
    assert (both.each.errors.sum(), both.each.symbols.sum(), both.each.right.sum()) == (14, 28, 7)
    assert both.each.nats.sum() == pytest.approx(both.nats)
    digits = (both.each.made_of >= 0).sum(axis=1).tolist()
    assert digits == [1] * 7 + [3] * 7, "each strip knows the images that it is made of"
    assert 0 <= both.each.made_of.max() < 10
    assert np.unique(both.each.groups, return_counts=True)[1].tolist() == [7, 7], "a group for each length"
    assert both.to_record()["degrees_of_freedom"] == len(set(both.each.made_of[both.each.made_of >= 0])) - 1 < 10


@pytest.mark.parametrize("strips", [3, 7, 400])
def test_strips_that_measure_have_as_much_room_beside_the_digits_as_those_of_training(strips: int) -> None:
    pixels = np.full((10, 28, 28), 255, dtype=np.uint8)
    maker = StripMaker(Part(pixels, np.zeros(10, dtype=np.int64)), 1, torch.device("cpu"), "test")
    seen: Counter[int] = Counter()

    class Watched(Oracle):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            seen[images.shape[2]] += len(images)
            return super().forward(images)

    accuracy_by_length(Watched(), maker, [2], strips)
    assert set(seen) == {canvas_width(2 + spare) for spare in range(SPARE + 1)}
    assert max(seen.values()) - min(seen.values()) <= 1
    assert seen.total() == strips


def test_no_characters_make_no_error_rate_of_nothing() -> None:
    assert Accuracy(strips=2, right=2).character_error_rate == 0.0


def test_readers_say_how_they_are_read() -> None:
    columns, places = CRNN(SMALL, 2), FixedReader(SMALL, 2)
    assert (columns.by_column, columns.most_digits) == (True, None)
    assert (places.by_column, places.most_digits) == (False, 3)


def test_a_reading_that_a_network_cannot_give_has_no_probability() -> None:
    pixels = np.zeros((10, 28, 28), dtype=np.uint8)
    pixels[:, 4:24, 8:16] = 255
    maker = StripMaker(Part(pixels, np.zeros(10, dtype=np.int64)), 1, torch.device("cpu"), "test")
    found = accuracy_by_length(FixedReader(SMALL, 2).eval(), maker, [3, 4], 2)
    assert found[3].to_record().keys() - found[4].to_record().keys() == {"nll", "nll_standard_error"}


@pytest.mark.parametrize("model", ["crnn", "cnn"])
def test_an_evaluation_uses_the_averaged_weights(tmp_path: Path, model: str) -> None:
    write_set(tmp_path / "set.npz", *shapes(6, 7, 60), trained_on=40)
    settings = ReaderSettings(
        model=model, channels=2, hidden_size=4, longest=2, strips=80, tested_strips=8, batch_size=8, device="cpu",
        average_weights=0.9, learning_rate=0.05, warmup_steps=0,
    )  # fmt: skip
    task = prepare(settings, open_images(str(tmp_path / "set.npz"), lambda _: None))
    for step in range(10):
        task.train_step(step, 1.0)
    found = task.evaluate(lambda: None)["test"]["nll"]
    raw = _nll_of(task)
    with torch.no_grad():
        for name, tensor in task.model.state_dict().items():
            tensor.copy_(task.weights().get(name, tensor))
    assert found == pytest.approx(_nll_of(task), rel=1e-6)
    assert found != pytest.approx(raw, rel=1e-3), "else either would do"


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_what_is_kept_has_statistics_of_strips_of_every_length(tmp_path: Path, average: float) -> None:
    write_set(tmp_path / "set.npz", *shapes(6, 7, 60), trained_on=40)
    settings = ReaderSettings(
        channels=2, hidden_size=4, longest=4, strips=80, batch_size=8, device="cpu", average_weights=average
    )
    task = prepare(settings, open_images(str(tmp_path / "set.npz"), lambda _: None))
    for step in range(5):
        task.train_step(step, 1.0)
    running = {name: tensor.clone() for name, tensor in task.model.state_dict().items()}
    kept = task.weights()
    seen = []
    for digits in range(5):
        for spare in range(SPARE + 1):
            images = task.train.make(8, digits, digits + spare, 900 + 3 * digits + spare).images[:, None]
            maps = nn.functional.pixel_unshuffle(images, 2)
            seen.append(nn.functional.conv2d(maps, kept["convolutions.1.weight"], padding=1).transpose(0, 1).flatten(1))
    other_draw = torch.cat(seen, dim=1).var(dim=1)
    torch.testing.assert_close(kept["convolutions.2.running_var"], other_draw, rtol=0.1, atol=0)
    for name, tensor in task.model.state_dict().items():
        torch.testing.assert_close(tensor, running[name], rtol=0, atol=0)
    task.train_step(5, 1.0)
    assert not torch.equal(task.weights()["convolutions.2.running_var"], kept["convolutions.2.running_var"])


def test_training_logs_all_nats_by_all_digits_as_evaluations_do(tmp_path: Path, monkeypatch) -> None:
    write_set(tmp_path / "set.npz", *shapes(6, 7, 60), trained_on=40)
    settings = ReaderSettings(channels=2, hidden_size=4, longest=3, strips=80, batch_size=2, device="cpu", warp=0.0)
    task = prepare(settings, open_images(str(tmp_path / "set.npz"), lambda _: None))
    monkeypatch.setattr(task.model, "loss", lambda logits, labels: 0 * logits.sum() + 2.5 * labels.shape[1])
    steps = [task.train_step(step, 0.0) for step in range(20)]
    digits = [int(step["symbols"]) for step in steps]
    assert {0, 1, 2, 3} == set(digits)
    means = {name: float(np.mean([float(step[name]) for step in steps])) for name in ("nats", "symbols")}
    assert task.logged(means)["nll"] == pytest.approx(2.5), "no digits weigh nothing"
    assert task.logged({"nats": 0.7, "symbols": 0.0}) == {"nll": 0.7}


def _nll_of(task: ReaderTask) -> float:
    """With the weights in the model as they are."""
    task.model.eval()
    found = task._measure(task.test, range(1, 3), 4, lambda: None)["nll"]
    task.model.train()
    return float(found)


def test_images_without_classes_are_nothing_to_read(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (90, 28, 28), dtype=np.uint8)
    np.savez(tmp_path / "plain.npz", x_train=pixels[:70], x_test=pixels[70:])
    with pytest.raises(DataError, match=r"has no labels, so there is nothing to read") as caught:
        prepare(SMALL, open_images(str(tmp_path / "plain.npz"), lambda _: None))
    assert caught.value.hint == "give a set with classes."


@pytest.fixture
def task(tmp_path: Path) -> ReaderTask:
    write_set(tmp_path / "set.npz", *shapes(10, 9, 90), trained_on=60)
    settings = ReaderSettings(channels=2, hidden_size=6, longest=3, tested_strips=6, batch_size=4, device="cpu")
    return prepare(settings, open_images(str(tmp_path / "set.npz"), lambda _: None))


def test_a_reader_that_reads_nothing_is_a_sign_that_waits_for_as_many_steps_as_its_model_needs(
    task: ReaderTask,
) -> None:
    needed = FAMILIES["reader"].begins[task.settings.model]
    for steps, told in ((needed - 1, "which may be because it is hardly trained"), (needed, "may help")):
        (sign,) = task.signs({"test": {"character_error_rate": 1.0, "sequence_accuracy": 0.0}})
        (news,) = news_of([sign], {}, Plan(steps, steps, None, 0, 1), steps, task.beginning)
        assert told in news
        assert sign.present
        assert "errors for all digits" in sign.told
    assert not task.signs({"test": {"character_error_rate": 0.2, "sequence_accuracy": 0.7}})[0].present
    assert task.facts() == {"data": task.images.name}


def test_a_preview_shows_a_held_out_strip_of_each_length_and_what_is_read(task: ReaderTask) -> None:
    found, strips = task.preview(), [task.test.make(1, length, 3, -length) for length in (1, 2, 3)]
    told = found.text.splitlines()
    assert [line.partition(" read as ")[0] for line in told] == [task.named(s.labels[0].tolist()) for s in strips]
    assert all(line.partition(" read as ")[2] for line in told)
    assert found.line == told[-1]
    drawn = torch.from_numpy(np.array(Image.open(io.BytesIO(found.picture or b""))))
    shown = [(strip.images[0] * 255).byte() for strip in strips]
    rows = drawn.view(3, -1, drawn.shape[1])[:, :HEIGHT]
    assert torch.equal(rows, torch.stack(shown))
