from itertools import product
from pathlib import Path

import pytest
import torch

from genmodels.data.images.opening import open_images
from genmodels.errors import UsageError
from genmodels.models.pixel_cnn import GatedPixelCNN
from genmodels.models.pixel_model import PixelModel, draw_levels, log_likelihood, to_values
from genmodels.models.pixel_rnn import DiagonalBiLSTM, PixelRNN, RowLSTM, skewed, unskewed
from genmodels.settings.pixelrnn import PixelSettings
from genmodels.training.pixels import prepare
from homes import shapes, write_set

MODELS = ("pixelcnn", "row-lstm", "diagonal-bilstm")


def model_of(name: str, shape: tuple[int, int] = (4, 5), levels: int = 2) -> PixelModel:
    torch.manual_seed(2)
    make = {
        "pixelcnn": lambda: GatedPixelCNN(levels, shape, 3, 3),
        "row-lstm": lambda: PixelRNN(levels, shape, 3, 2, RowLSTM),
        "diagonal-bilstm": lambda: PixelRNN(levels, shape, 3, 2, DiagonalBiLSTM),
    }
    model = make[name]().double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.15)  # so that nothing is hidden by a zero
        model.first_bias.add_(1.0)  # nor by a rectifier that is shut
        model.readout.narrow.bias.add_(1.0)
    return model


@pytest.mark.parametrize("layer", [RowLSTM, DiagonalBiLSTM])
def test_forget_gates_of_fresh_layers_are_open(layer: type[RowLSTM | DiagonalBiLSTM]) -> None:
    fresh = layer(5)
    inputs = [fresh.from_input] if isinstance(fresh, RowLSTM) else list(fresh.from_input)
    for one in inputs:
        assert one.bias[5:10].tolist() == [1.0] * 5
        assert (one.bias[:5].abs() < 1).all()


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("levels", [2, 4])
def test_a_pixel_depends_on_all_pixels_before_it_and_on_nothing_else(name: str, levels: int) -> None:
    rows, columns = 4, 5
    model = model_of(name, (rows, columns), levels)
    influence = torch.zeros(rows * columns, rows * columns, dtype=torch.float64)
    for values in torch.rand(4, 1, rows, columns, dtype=torch.float64):  # a rectifier may hide a way in one image
        jacobian = torch.autograd.functional.jacobian(model, values)  # (1, K, Y, X, 1, Y, X)
        influence += jacobian.abs().sum(dim=(0, 1, 4)).reshape(rows * columns, rows * columns)
    assert (influence.triu() == 0).all()
    seen = influence.tril(-1) > 0
    if name == "row-lstm":  # sees through a triangle: what lies above to the side is lost, more so in few layers
        beside = torch.tensor([[i // columns == j // columns and j < i for j in range(20)] for i in range(20)])
        assert seen[beside].all()
    else:
        assert (seen == torch.ones(20, 20).tril(-1).bool()).all(), "no blind spot"


@pytest.mark.parametrize("name", MODELS)
def test_a_pixel_sees_exactly_what_its_model_s_reach_says(name: str) -> None:
    shape = (13, 17)
    model = model_of(name, shape)
    for row, column in [(12, 8), (9, 2), (9, 14), (0, 9), (3, 0)]:
        influence = torch.zeros(shape, dtype=torch.float64)
        for values in torch.rand(4, 1, *shape, dtype=torch.float64, requires_grad=True):
            (slope,) = torch.autograd.grad(model(values)[0, 0, row, column], values)
            influence += slope[0].abs()
        before = torch.arange(shape[0] * shape[1]).view(shape) < row * shape[1] + column
        expected = before if model.reach is None else model.reach.seen(row, column, shape)
        assert ((influence > 0) == expected).all(), (row, column)


@pytest.mark.parametrize("name", MODELS)
def test_the_probabilities_of_all_small_images_sum_to_one(name: str) -> None:
    model = model_of(name, (3, 3))
    images = torch.tensor(list(product((0, 1), repeat=9))).view(-1, 3, 3)
    with torch.no_grad():
        total = log_likelihood(model(to_values(images, 2).double()), images).sum(dim=(1, 2)).exp().sum()
    assert total.item() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("levels", [2, 4])
@torch.no_grad()
def test_a_cached_sample_is_the_naive_one_under_the_same_noise(name: str, levels: int) -> None:
    rows, columns, count = 5, 4, 3
    model = model_of(name, (rows, columns), levels)
    noise = torch.rand(rows, columns, count, dtype=torch.float64)
    naive, cached = (torch.zeros(count, rows, columns, dtype=torch.int64) for _ in range(2))
    steps = model.steps(count)
    for row in range(rows):
        steps.begin_row(row)
        for column in range(columns):
            full = model(to_values(naive, levels).double())[:, :, row, column]
            quick = steps.logits(column)
            torch.testing.assert_close(quick, full, rtol=1e-9, atol=1e-9)
            naive[:, row, column] = draw_levels(full, noise[row, column])
            cached[:, row, column] = draw_levels(quick, noise[row, column])
            steps.put(column, to_values(cached[:, row, column], levels).double())
    assert torch.equal(naive, cached)
    assert len(cached.unique()) == levels


def test_skewing_moves_each_row_by_its_number_and_back() -> None:
    x = torch.arange(24.0).view(1, 3, 4, 2)
    moved = skewed(x)
    assert moved.shape == (1, 3, 6, 2)
    for row in range(3):
        assert torch.equal(moved[0, row, row : row + 4], x[0, row])
        assert (moved[0, row, :row] == 0).all()
        assert (moved[0, row, row + 4 :] == 0).all()
    assert torch.equal(unskewed(moved, 4), x)


def test_levels_are_drawn_by_their_probabilities() -> None:
    logits = torch.log(torch.tensor([[0.1, 0.2, 0.7]])).repeat(3, 1)
    assert draw_levels(logits, torch.tensor([0.05, 0.25, 0.95])).tolist() == [0, 1, 2]
    assert draw_levels(torch.zeros(2, 1), torch.tensor([0.4, 0.6])).tolist() == [1, 0]


def test_images_that_cannot_be_turned_by_quarters_are_refused(tmp_path: Path) -> None:
    write_set(tmp_path / "set.npz", *shapes(6, 7, 40), trained_on=30)
    images = open_images(str(tmp_path / "set.npz"), lambda _: None)
    settings = PixelSettings(model="pixelcnn", orientations=4, device="cpu")
    with pytest.raises(UsageError) as caught:
        prepare(settings, images)
    assert str(caught.value) == "--orientations 4 turns images by quarters, but these are 7x6 pixels"
    assert caught.value.hint == "leave it out, or bring square images."
