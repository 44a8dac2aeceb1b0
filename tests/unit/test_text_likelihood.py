import math
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from genmodels.analysis import text_likelihood as module
from genmodels.analysis.blocks import standard_error
from genmodels.analysis.text_likelihood import carried_pieces, count_carried, evaluate_text, window_pieces
from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.data.text.streams import Split
from genmodels.errors import DataError
from genmodels.models.build_text import build_language_model
from genmodels.models.language_model import LanguageModel
from genmodels.processes import World
from genmodels.settings.text import TextSettings


def split_of(tmp_path: Path, length: int, before: int = 7) -> Split:
    path = tmp_path / "text.bin"
    path.write_bytes(bytes((i * i + i // 3) % 11 for i in range(length + before)))
    return Split(open_corpus([str(path)], HowRead(as_bytes=True), lambda _: None), before, before + length)


def small_model(name: str = "lstm") -> LanguageModel:
    torch.manual_seed(0)
    settings = TextSettings(model=name, hidden_size=8, embedding_size=4, context=4)
    return build_language_model(settings, 256).double()


@torch.no_grad()
def once(model: LanguageModel, ids: torch.Tensor) -> tuple[float, int]:
    """The plain way: one stream, one call."""
    logits, _ = model.eval()(ids[None, :-1], model.initial_state(1))
    nats = functional.cross_entropy(logits[0], ids[1:], reduction="sum")
    return float(nats), int((logits[0].argmax(-1) == ids[1:]).sum())


@torch.no_grad()
def losses_of(model: LanguageModel, ids: torch.Tensor) -> list[float]:
    """The nats of each character, read at once."""
    logits, _ = model.eval()(ids[None, :-1], model.initial_state(1))
    return list(functional.cross_entropy(logits[0], ids[1:], reduction="none").tolist())


@pytest.mark.parametrize("length", [2, 3, 511, 512, 513, 1500])
def test_one_stream_equals_one_plain_reading(tmp_path: Path, length: int) -> None:
    split, model = split_of(tmp_path, length), small_model()
    measures = evaluate_text(model, split)
    nats, correct = once(model, split.to_tensor(torch.device("cpu")).long())
    assert math.isclose(measures.nats, nats, rel_tol=1e-5)
    assert (measures.correct, measures.characters) == (correct, length - 1)


@pytest.mark.parametrize("length", [700, 1234, 2049, 5000])
def test_many_streams_score_each_character_once_and_nearly_equal_one_reading(
    tmp_path: Path, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STREAM", 100)
    monkeypatch.setattr(module, "WARM_UP", 96)
    monkeypatch.setattr(module, "PIECE", 64)
    split, model = split_of(tmp_path, length), small_model()
    scored = torch.cat([t[w] for _, t, w, _ in carried_pieces(split)]).sort().values
    assert torch.equal(scored, split.to_tensor(torch.device("cpu")).long()[1:].sort().values)
    measures = evaluate_text(model, split)
    nats, _ = once(model, split.to_tensor(torch.device("cpu")).long())
    assert measures.characters == length - 1
    assert math.isclose(measures.nats, nats, rel_tol=1e-4)


@pytest.mark.parametrize("length", [300, 700, 5000])
def test_what_each_character_costs_stands_in_the_order_of_the_text(
    tmp_path: Path, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"STREAM": 100, "WARM_UP": 96, "PIECE": 64, "WINDOW": 20, "STREAMS": 7}.items():
        monkeypatch.setattr(module, name, value)
    split, model = split_of(tmp_path, length), small_model()
    ids = split.to_tensor(torch.device("cpu")).long()
    carried, windows = (evaluate_text(model, split, protocol) for protocol in ("carried", "windows"))
    assert carried.losses == pytest.approx(losses_of(model, ids), abs=1e-3)
    wanted = [nats for at in range(0, length - 20, 20) for nats in losses_of(model, ids[at : at + 21])]
    assert windows.losses == pytest.approx(wanted, abs=1e-5)
    assert carried.standard_error == standard_error(carried.losses)
    assert (carried.standard_error is None) == (length < 2561)


def test_windows_start_from_an_empty_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WINDOW", 20)
    monkeypatch.setattr(module, "STREAMS", 4)
    split, model = split_of(tmp_path, 215), small_model()
    ids = split.to_tensor(torch.device("cpu")).long()
    expected = sum(once(model, ids[start : start + 21])[0] for start in range(0, 200, 20))
    measures = evaluate_text(model, split, "windows")
    assert measures.characters == 200
    assert math.isclose(measures.nats, expected, rel_tol=1e-5)


def test_every_piece_of_a_protocol_has_one_shape(tmp_path: Path) -> None:
    split = split_of(tmp_path, 40_000)
    for pieces in (carried_pieces(split), window_pieces(split)):
        assert len({inputs.shape for inputs, _, _, _ in pieces}) == 1


class Half(World):
    """One of two processes, whose other one has nothing to add."""

    def __init__(self, index: int) -> None:
        super().__init__(index, 2)

    def joined(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor

    def summed(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor


def test_two_processes_score_one_half_of_the_text_each_and_together_what_one_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STREAM", 100)
    monkeypatch.setattr(module, "WARM_UP", 96)
    split, model = split_of(tmp_path, 1500), small_model()
    whole = evaluate_text(model, split)
    halves = [evaluate_text(model, split, among=Half(index)) for index in (0, 1)]
    assert all(0 < len(half.losses) < len(whole.losses) for half in halves)
    assert [loss for half in halves for loss in half.losses] == pytest.approx(whole.losses.tolist())
    assert sum(half.correct for half in halves) == whole.correct


@pytest.mark.parametrize("length", [2, 600, 40_000])
def test_as_many_pieces_are_promised_as_there_are(tmp_path: Path, length: int) -> None:
    split = split_of(tmp_path, length)
    assert count_carried(split) == len([*carried_pieces(split)])


def test_the_record_names_agree_with_each_other(tmp_path: Path) -> None:
    record = evaluate_text(small_model(), split_of(tmp_path, 300)).to_record()
    assert math.isclose(record["bits_per_char"], record["nll"] / math.log(2))
    assert math.isclose(record["perplexity"], math.exp(record["nll"]))
    assert 0 <= record["accuracy"] <= 1


def test_a_uniform_model_costs_the_logarithm_of_the_vocabulary(tmp_path: Path) -> None:
    model = small_model()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert math.isclose(evaluate_text(model, split_of(tmp_path, 900)).nll, math.log(256), rel_tol=1e-6)


def test_one_character_cannot_be_scored(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="of 1 byte cannot"):
        evaluate_text(small_model(), split_of(tmp_path, 1))


def test_the_training_mode_is_put_back(tmp_path: Path) -> None:
    model = small_model().train()
    evaluate_text(model, split_of(tmp_path, 30))
    assert model.training


@pytest.mark.parametrize("streams", [1, 2, 3])
def test_a_text_is_cut_as_soon_as_each_stream_scores_enough_and_no_sooner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, streams: int
) -> None:
    monkeypatch.setattr(module, "WARM_UP", 30)
    monkeypatch.setattr(module, "STREAM", 100)
    enough = 1 + 30 * (streams > 1) + 100 * streams  # the first character of all is scored by none
    for length, wanted in ((enough, streams), (enough - 1, max(1, streams - 1))):
        ids, _, _, _ = next(carried_pieces(split_of(tmp_path, length)))
        assert len(ids) == wanted
