import numpy as np
import pytest
import torch
from torch.nn import functional

from genmodels.analysis.gradients import AT_ONCE, Fading, fading
from genmodels.analysis.unrolled import unroll
from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.data.text.streams import Split
from genmodels.errors import DataError
from genmodels.models.build_text import build_language_model, count_parameters, matching_hidden_size
from genmodels.models.recurrent_lm import RecurrentLM
from genmodels.settings.text import TEXT_MODELS, TextSettings

V, H = 7, 5
CELLS = ("rnn", "gru", "lstm")


def model_of(cell: str, layers: int = 1, hidden_size: int = H, vocabulary_size: int = V) -> RecurrentLM:
    torch.manual_seed(3)
    settings = TextSettings(model=cell, layers=layers, hidden_size=hidden_size, embedding_size=4)
    model = build_language_model(settings, vocabulary_size).double().eval()
    assert isinstance(model, RecurrentLM)
    return model


@pytest.fixture
def split(tmp_path) -> Split:
    path = tmp_path / "text.txt"
    path.write_text("abcdefg" * 20 + "gfedcba" * 30)
    corpus = open_corpus([str(path)], HowRead(), lambda _: None)
    return Split(corpus, 0, corpus.length)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 3])
def test_the_twin_computes_the_logits_of_the_fused_layers(cell: str, layers: int) -> None:
    model = model_of(cell, layers)
    ids = torch.randint(0, V, (4, 11))
    fused, _ = model(ids, model.initial_state(4))
    hidden = torch.stack([moment.hidden for moment in unroll(model, ids)[-1]])
    torch.testing.assert_close(model.readout(hidden).transpose(0, 1), fused, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_gates_lie_between_0_and_1_and_carry_their_names(cell: str) -> None:
    gates = unroll(model_of(cell), torch.randint(0, V, (2, 3)))[0][-1].gates
    assert set(gates) == {"rnn": set(), "gru": {"keep", "reset"}, "lstm": {"keep", "write", "read"}}[cell]
    assert all(((values > 0) & (values < 1)).all() for values in gates.values())


def gradient_through_states(model: RecurrentLM, ids: torch.Tensor, t: int) -> list[torch.Tensor]:
    """dL_T/d(state after t) by feeding that state to the fused layers as a leaf: one window (T + 1,)."""
    with torch.no_grad():
        _, state = model(ids[None, :t], model.initial_state(1))
    leaves = tuple(tensor.clone().requires_grad_() for tensor in state)
    logits, _ = model(ids[None, t:-1], leaves)
    loss = functional.cross_entropy(logits[:, -1], ids[-1:])
    return list(torch.autograd.grad(loss, leaves))


@pytest.mark.parametrize("cell", CELLS)
def test_norms_are_those_of_automatic_differentiation_through_the_fused_layers(cell: str, split: Split) -> None:
    model, window, lags = model_of(cell), 12, 6
    found = fading(model.float(), split, 3, window, lags, lambda _: None)
    model = model.double()
    starts = np.linspace(0, len(split) - window - 1, 3).astype(int)
    windows = [torch.from_numpy(split.corpus.read(s, s + window + 1)).long() for s in starts]
    for lag in range(1, lags + 1):
        norms = np.array(
            [[g.norm().item() for g in gradient_through_states(model, ids, window - lag)] for ids in windows]
        )
        # The state after t is (h_t, c_t); handed over apart, c_t no longer acts through h_t, so only h is the same.
        np.testing.assert_allclose(found[0].quartiles[:, lag], np.quantile(norms[:, 0], (0.25, 0.5, 0.75)), rtol=1e-6)


def test_the_cells_gradient_adds_the_way_through_h_to_the_way_along_the_cell(split: Split) -> None:
    model, window, lag = model_of("lstm"), 12, 4
    cell = fading(model, split, 1, window, lag, lambda _: None)[1]
    ids = torch.from_numpy(split.corpus.read(0, window + 1)).long()
    of_hidden, of_cell = (g.flatten() for g in gradient_through_states(model, ids, window - lag))
    moment = unroll(model, ids[None, :-1])[0][window - lag - 1]
    assert moment.cell is not None
    through = moment.gates["read"] * (1 - torch.tanh(moment.cell) ** 2)  # dh/dc
    total = of_cell + of_hidden * through.flatten()
    assert cell.median[lag] == pytest.approx(total.norm().item(), rel=1e-9)


def test_in_the_tanh_network_it_is_the_product_of_jacobians(split: Split) -> None:
    model, window, lags = model_of("rnn"), 10, 7
    found = fading(model, split, 1, window, lags, lambda _: None)[0]
    ids = torch.from_numpy(split.corpus.read(0, window + 1)).long()
    hidden = [moment.hidden.detach() for moment in unroll(model, ids[None, :-1])[0]]
    last = hidden[-1].clone().requires_grad_()
    (row,) = torch.autograd.grad(functional.cross_entropy(model.readout(last), ids[-1:]), last)
    recurrent = dict(model.named_parameters())["layers.0.weight_hh_l0"].detach()
    for lag in range(lags + 1):
        assert found.median[lag] == pytest.approx(row.norm().item(), rel=1e-9)
        row = row @ (torch.diag(1 - hidden[-1 - lag].flatten() ** 2) @ recurrent)


def test_many_windows_are_taken_in_batches_and_counted(split: Split) -> None:
    counted: list[int] = []
    fading(model_of("gru"), split, 2 * AT_ONCE + 5, 8, 4, counted.append)
    assert sum(counted) == 2 * AT_ONCE + 5
    assert max(counted) <= AT_ONCE


def test_a_text_too_short_for_the_windows_is_told(split: Split) -> None:
    with pytest.raises(DataError, match="350 characters, too few for 64 windows of 300") as caught:
        fading(model_of("rnn"), split, 64, 300, 10, lambda _: None)
    assert caught.value.hint == "at least 364 are needed; a smaller --window needs fewer."


def test_looking_leaves_the_model_and_the_random_stream_alone(split: Split) -> None:
    model = model_of("lstm").float()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    state = torch.get_rng_state()
    fading(model, split, 2, 8, 4, lambda _: None)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert all(p.requires_grad and p.grad is None for p in model.parameters())


def fading_with(median: list[float]) -> Fading:
    return Fading("rnn", "hidden", np.stack([np.array(median)] * 3))


def test_the_ratios_of_an_exponential_are_exact() -> None:
    one = fading_with([9.0] + [3.0 * 0.9**k for k in range(120)])
    assert one.ratio(10) == pytest.approx(0.9**9)
    assert one.to_record()["ratio_at_100"] == pytest.approx(0.9**99)


def test_there_is_no_ratio_beyond_the_lags() -> None:
    assert fading_with([1.0, 1.0, 0.9, 0.8]).ratio(10) is None


@pytest.mark.parametrize("name", TEXT_MODELS)
def test_models_of_equal_size_lie_within_5_percent(name: str) -> None:
    wanted = count_parameters(TextSettings(), 65)
    settings = TextSettings(model=name)
    hidden_size = matching_hidden_size(settings, 65, wanted)
    built = build_language_model(TextSettings(model=name, hidden_size=hidden_size), 65)
    assert sum(p.numel() for p in built.parameters()) == pytest.approx(wanted, rel=0.05)


def test_there_is_no_ratio_to_a_gradient_that_has_vanished_at_once() -> None:
    assert fading_with([1.0, 0.0, 0.0]).ratio(2) is None
