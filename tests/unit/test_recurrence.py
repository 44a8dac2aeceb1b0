"""The steps of a tanh RNN and a GRU, beside PyTorch's own."""

import pytest
import torch
from torch import Tensor, nn

from genmodels.models.recurrence import UNROLLED, GatedCells, TanhCells, run_cells

T, B, E, H = 7, 3, 4, 5
CELLS = list(UNROLLED)


def given(cell: type[nn.RNNBase]) -> tuple[nn.RNNBase, Tensor, Tensor]:
    """A layer in float64, a sequence and a state to begin with."""
    torch.manual_seed(1)
    layer = cell(E, H).double()
    return layer, torch.randn(T, B, E).double().requires_grad_(), torch.randn(1, B, H).double().requires_grad_()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("steps", [1, 2, T])
def test_states_and_all_gradients_are_those_of_the_layer(cell: type[nn.RNNBase], steps: int) -> None:
    layer, x, before = given(cell)
    expected, of_layer = layer(x[:steps], before)
    states, last = run_cells(layer, x[:steps], before)
    assert type(states.grad_fn).__name__ in ("TanhCellsBackward", "GatedCellsBackward")
    torch.testing.assert_close((states, last), (expected, of_layer), rtol=1e-12, atol=1e-12)
    weight, of_last = torch.randn_like(states), torch.randn_like(last)
    wanted = [x, before, *layer.parameters()]
    ours, theirs = (
        torch.autograd.grad((weight * every).sum() + (of_last * end).sum(), wanted)
        for every, end in [(states, last), (expected, of_layer)]
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=1e-12)


def test_gradients_are_those_of_finite_differences() -> None:
    torch.manual_seed(1)
    a, first, u, b = (torch.randn(*shape).double().requires_grad_() for shape in [(T, B, H), (B, H), (H, H), (H,)])
    assert torch.autograd.gradcheck(TanhCells.apply, (a, first, u))
    three_a, three_u = (
        torch.cat([one, 0.5 * one, -one], dim).detach().requires_grad_() for one, dim in [(a, 2), (u, 0)]
    )
    assert torch.autograd.gradcheck(GatedCells.apply, (three_a, first, three_u, b))


@pytest.mark.parametrize("cell", CELLS)
def test_a_sequence_begins_at_zeros_where_no_state_is_given(cell: type[nn.RNNBase]) -> None:
    layer, x, _ = given(cell)
    torch.testing.assert_close(run_cells(layer, x)[0], layer(x)[0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_a_gradient_that_reaches_the_last_state_alone_goes_all_the_way_back(cell: type[nn.RNNBase]) -> None:
    layer, x, before = given(cell)
    (ours,) = torch.autograd.grad(run_cells(layer, x, before)[1].sum(), x)
    (theirs,) = torch.autograd.grad(layer(x, before)[1].sum(), x)
    assert ours.abs().sum(dim=(1, 2)).min() > 0
    torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_a_second_derivative_is_refused_rather_than_wrong(cell: type[nn.RNNBase]) -> None:
    layer, x, before = given(cell)
    with pytest.raises(RuntimeError, match="first derivatives alone"):
        torch.autograd.grad(run_cells(layer, x, before)[0].sum(), x, create_graph=True)


def test_an_lstm_and_what_needs_no_gradient_stay_with_pytorch() -> None:
    lstm, (gru, x, before) = nn.LSTM(E, H).double(), given(nn.GRU)
    torch.testing.assert_close(run_cells(lstm, x, (before, before)), lstm(x, (before, before)), rtol=0, atol=0)
    with torch.no_grad():
        torch.testing.assert_close(run_cells(gru, x, before), gru(x, before), rtol=0, atol=0)
