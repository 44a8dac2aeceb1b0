import math

import pytest
import torch
from torch import Tensor

from genmodels.models.build_text import build_language_model
from genmodels.models.language_model import LanguageModel, drop_units
from genmodels.rows import Rows, RowsGenerator
from genmodels.settings.text import TEXT_MODELS, TextSettings

V = 7


def model_of(name: str, layers: int = 2, dropout: float = 0.0) -> LanguageModel:
    torch.manual_seed(0)
    sizes = {"layers": layers, "hidden_size": 5, "embedding_size": 4, "context": 3}
    settings = TextSettings(model=name, dropout=dropout, embedding_dropout=dropout, **sizes)
    model = build_language_model(settings, V).double()
    with torch.no_grad():  # a fresh norm is the identity: move it, so that nothing can hide
        model.readout.norm.weight.uniform_(0.5, 2.0)
        model.readout.norm.bias.uniform_(-1.0, 1.0)
    return model


def read_out(p: dict[str, Tensor], h: Tensor) -> Tensor:
    spread = ((h - h.mean()) ** 2).mean() + 1e-5
    normalised = (h - h.mean()) / spread.sqrt() * p["readout.norm.weight"] + p["readout.norm.bias"]
    return p["readout.linear.weight"] @ normalised + p["readout.linear.bias"]


def tanh_by_hand(model: LanguageModel, ids: list[int]) -> Tensor:
    p = dict(model.named_parameters())
    h = [torch.zeros(5, dtype=torch.float64) for _ in range(2)]
    rows = []
    for i in ids:
        x = p["embedding.weight"][i]
        for k in range(2):
            w, u = p[f"layers.{k}.weight_ih_l0"], p[f"layers.{k}.weight_hh_l0"]
            h[k] = x = torch.tanh(w @ x + u @ h[k] + p[f"layers.{k}.bias_ih_l0"] + p[f"layers.{k}.bias_hh_l0"])
        rows.append(read_out(p, x))
    return torch.stack(rows)


def lstm_by_hand(model: LanguageModel, ids: list[int]) -> Tensor:
    p = dict(model.named_parameters())
    h = [torch.zeros(5, dtype=torch.float64) for _ in range(2)]
    c = [torch.zeros(5, dtype=torch.float64) for _ in range(2)]
    rows = []
    for number in ids:
        x = p["embedding.weight"][number]
        for k in range(2):
            w, u = p[f"layers.{k}.weight_ih_l0"], p[f"layers.{k}.weight_hh_l0"]
            z = w @ x + u @ h[k] + p[f"layers.{k}.bias_ih_l0"] + p[f"layers.{k}.bias_hh_l0"]
            i, f, g, o = z.chunk(4)
            c[k] = f.sigmoid() * c[k] + i.sigmoid() * g.tanh()
            h[k] = x = o.sigmoid() * c[k].tanh()
        rows.append(read_out(p, x))
    return torch.stack(rows)


def gru_by_hand(model: LanguageModel, ids: list[int]) -> Tensor:
    p = dict(model.named_parameters())
    h = [torch.zeros(5, dtype=torch.float64) for _ in range(2)]
    rows = []
    for i in ids:
        x = p["embedding.weight"][i]
        for k in range(2):
            a = p[f"layers.{k}.weight_ih_l0"] @ x + p[f"layers.{k}.bias_ih_l0"]
            b = p[f"layers.{k}.weight_hh_l0"] @ h[k] + p[f"layers.{k}.bias_hh_l0"]
            r, z = (a[:5] + b[:5]).sigmoid(), (a[5:10] + b[5:10]).sigmoid()
            n = torch.tanh(a[10:] + r * b[10:])
            h[k] = x = (1 - z) * n + z * h[k]
        rows.append(read_out(p, x))
    return torch.stack(rows)


def feedforward_by_hand(model: LanguageModel, ids: list[int]) -> Tensor:
    p = dict(model.named_parameters())
    seen, rows = [0, 0], []
    for i in ids:
        seen.append(i + 1)
        x = torch.cat([p["embedding.weight"][j] for j in seen[-3:]])
        for k in range(2):
            x = torch.tanh(p[f"layers.{k}.weight"] @ x + p[f"layers.{k}.bias"])
        rows.append(read_out(p, x))
    return torch.stack(rows)


ORACLES = {"feedforward": feedforward_by_hand, "rnn": tanh_by_hand, "gru": gru_by_hand, "lstm": lstm_by_hand}


@pytest.mark.parametrize("name", TEXT_MODELS)
def test_logits_equal_the_equations_written_out(name: str) -> None:
    model, ids = model_of(name), [3, 1, 4, 1, 5, 0, 2, 6]
    logits, _ = model(torch.tensor([ids]), model.initial_state(1))
    torch.testing.assert_close(logits[0], ORACLES[name](model, ids), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", TEXT_MODELS)
def test_reading_in_pieces_with_the_state_carried_equals_reading_at_once(name: str) -> None:
    model, ids = model_of(name), torch.randint(V, (3, 11))
    whole, _ = model(ids, model.initial_state(3))
    state, parts = model.initial_state(3), []
    for piece in ids.split([4, 1, 6], dim=1):
        logits, state = model(piece, state)
        parts.append(logits)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, rtol=1e-12, atol=1e-12)


def test_the_forget_gate_of_a_fresh_lstm_is_open() -> None:
    model = model_of("lstm")
    for layer in model.layers:  # type: ignore[union-attr]
        total = (layer.bias_ih_l0 + layer.bias_hh_l0)[5:10]
        assert torch.equal(total, torch.ones(5, dtype=torch.float64))


def test_the_feedforward_model_sees_no_further_than_its_context() -> None:
    model = model_of("feedforward")
    ids = torch.tensor([[0, 1, 2, 3, 4, 5]])
    changed = torch.tensor([[6, 1, 2, 3, 4, 5]])
    a, _ = model(ids, model.initial_state(1))
    b, _ = model(changed, model.initial_state(1))
    assert not torch.equal(a[0, 2], b[0, 2])
    assert torch.equal(a[0, 3:], b[0, 3:])


@pytest.mark.parametrize("rate", [0.001, 0.25, 0.9])
def test_dropout_drops_each_unit_by_itself_with_its_rate_and_keeps_the_mean(rate: float) -> None:
    generator = torch.Generator().manual_seed(1)
    x = torch.ones(101, 50, 401)  # a count that is no multiple of four
    dropped = drop_units(x, rate, generator, 0)
    off = (dropped == 0).double()
    assert dropped.unique().tolist() == pytest.approx([0.0, 1 / (1 - rate)], rel=1e-4)
    spread = math.sqrt(rate * (1 - rate) / x.numel())
    assert abs(float(off.mean()) - rate) < 4 * spread + 1 / 65_536
    for lag in (1, 2, 3, 4):  # neighbours come out of one draw, but are independent
        both = (off.flatten()[:-lag] * off.flatten()[lag:]).mean()
        assert abs(float(both) - rate**2) < 5 * rate * math.sqrt(1 / x.numel()) + 1e-5


@pytest.mark.parametrize("batch_dim", [0, 1])
def test_some_rows_of_a_batch_lose_the_units_that_they_lose_in_the_whole(batch_dim: int) -> None:
    x, masks = torch.ones(6, 6, 7), []
    for rows in (None, Rows.part(6, 1, 3)):
        generator = RowsGenerator()
        generator.rows = rows
        generator.manual_seed(2)
        part = x if rows is None else rows.of(x, batch_dim)
        masks.append(drop_units(part, 0.5, generator, batch_dim))
    assert torch.equal(masks[1], masks[0].narrow(batch_dim, 2, 2))


def test_a_dropout_rate_of_almost_one_still_gives_finite_numbers() -> None:
    dropped = drop_units(torch.ones(1000), 0.999_999, torch.Generator().manual_seed(1), 0)
    assert dropped.isfinite().all()


@pytest.mark.parametrize("name", TEXT_MODELS)
def test_dropout_acts_in_training_only(name: str) -> None:
    model, ids = model_of(name, dropout=0.5), torch.randint(V, (2, 6))
    generator = torch.Generator().manual_seed(1)
    noisy, _ = model.train()(ids, model.initial_state(2), generator)
    clean, _ = model.eval()(ids, model.initial_state(2))
    again, _ = model.eval()(ids, model.initial_state(2))
    assert torch.equal(clean, again)
    assert not torch.equal(noisy, clean)
