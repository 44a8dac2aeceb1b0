"""What a gradient is multiplied with on its way back, against automatic differentiation in float64."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from genmodels.analysis.gradients import fading
from genmodels.analysis.unrolled import STEPS, Moment, unroll
from genmodels.analysis.vanishing import BINS, NEAR_ZERO, factor_of, recurrent_matrix, steps_back
from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.data.text.streams import Split
from genmodels.models.build_text import build_language_model
from genmodels.models.recurrent_lm import RecurrentLM
from genmodels.settings.text import TextSettings

V, H = 7, 5
CELLS = ("rnn", "gru", "lstm")


def model_of(cell: str) -> RecurrentLM:
    torch.manual_seed(3)
    model = build_language_model(TextSettings(model=cell, layers=2, hidden_size=H, embedding_size=4), V).double().eval()
    assert isinstance(model, RecurrentLM)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.0)
    return model


@pytest.fixture
def split(tmp_path: Path) -> Split:
    path = tmp_path / "text.txt"
    path.write_text("abcdefg" * 20 + "gfedcba" * 30)
    corpus = open_corpus([str(path)], HowRead(), lambda _: None)
    return Split(corpus, 0, corpus.length)


@pytest.mark.parametrize("cell", CELLS)
def test_the_factors_are_the_derivatives_along_the_state_alone(cell: str) -> None:
    """By autograd: of the cell, of the GRU's state with its gates held, of tanh by what goes into it."""
    gates = {"rnn": 1, "gru": 3, "lstm": 4}[cell]
    state = torch.randn(1, H, dtype=torch.float64, requires_grad=True)
    of_input, of_hidden = torch.randn(2, 1, gates * H, dtype=torch.float64)  # gates and candidate don't depend on it
    before = Moment(state, state, {})
    if cell == "rnn":
        into = (of_input + of_hidden).requires_grad_()
        after = STEPS[cell](into, torch.zeros_like(into), before)
        (slope,) = torch.autograd.grad(after.hidden.sum(), into)
    else:
        after = STEPS[cell](of_input, of_hidden, before)
        kept = after.hidden if after.cell is None else after.cell
        (slope,) = torch.autograd.grad(kept.sum(), state)
    torch.testing.assert_close(factor_of(cell, after).detach(), slope, rtol=1e-12, atol=1e-12)


def test_in_a_tanh_network_the_factors_and_the_matrix_are_all_there_is(split: Split) -> None:
    model, window, lags = model_of("rnn"), 12, 9
    found = steps_back(model, split, 1, window, lags, lambda _: None)
    ids = torch.from_numpy(split.corpus.read(split.start, split.start + window + 1)).long()[None]
    moments = unroll(model, ids[:, :-1])[-1]
    last = moments[-1].hidden.detach().requires_grad_()
    loss = functional.cross_entropy(model.readout(last), ids[:, -1], reduction="sum")
    (gradient,) = torch.autograd.grad(loss, last)
    u, shares, bounds = recurrent_matrix(model), [1.0], [1.0]
    whole = gradient.norm()
    for lag in range(lags):
        slope = 1.0 - moments[-1 - lag].hidden.detach().square()
        gradient = (slope * gradient) @ u  # U' diag(tanh'(a)) g, as rows
        shares.append(float(gradient.norm() / whole))
        bounds.append(bounds[-1] * float(slope.max() * torch.linalg.svdvals(u)[0]))
    np.testing.assert_allclose(found.real[1], shares, rtol=1e-10)
    assert found.bound is not None
    np.testing.assert_allclose(found.bound[1], bounds, rtol=1e-10)
    assert (found.bound[1] >= found.real[1] - 1e-12).all()
    assert found.direct is None
    np.testing.assert_allclose(found.singular_values, torch.linalg.svdvals(u).numpy())


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_where_nothing_goes_through_the_gates_the_state_s_own_way_is_the_whole(cell: str, split: Split) -> None:
    model = model_of(cell)
    with torch.no_grad():
        model.layers[-1].get_parameter("weight_hh_l0").zero_()
    alone = steps_back(model, split, 3, 14, 10, lambda _: None)
    assert alone.direct is not None
    assert alone.through is not None
    np.testing.assert_allclose(alone.direct, alone.real, rtol=1e-10)
    assert alone.through.max() < 1e-12
    both = steps_back(model_of(cell), split, 3, 14, 10, lambda _: None)
    assert both.through is not None
    assert both.through[1, 1:].min() > 1e-4, "else nothing is tried here"


@pytest.mark.parametrize("cell", CELLS)
def test_the_whole_is_the_gradient_that_plot_gradients_shows(cell: str, split: Split) -> None:
    """One window, so that a median of shares is a share of medians."""
    found = steps_back(model_of(cell), split, 1, 20, 15, lambda _: None)
    shown = {one.quantity: one for one in fading(model_of(cell), split, 1, 20, 15, lambda _: None)}[found.state]
    np.testing.assert_allclose(found.real[1], shown.median / shown.median[0], rtol=1e-9)


def test_the_factors_are_told_by_their_shares(split: Split) -> None:
    found = steps_back(model_of("lstm"), split, 20, 14, 10, lambda _: None)
    assert found.histogram.shape == (BINS,)
    assert found.histogram.sum() == pytest.approx(1.0)
    middles = (np.arange(BINS) + 0.5) / BINS
    assert found.mean == pytest.approx(float(found.histogram @ middles), abs=0.5 / BINS)
    assert found.near_zero == pytest.approx(float(found.histogram[middles < NEAR_ZERO].sum()))
