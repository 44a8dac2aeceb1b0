from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from genmodels.analysis import dynamic as module
from genmodels.analysis.dynamic import evaluate_dynamically, gathered_scales
from genmodels.analysis.text_likelihood import evaluate_text
from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.data.text.streams import Split
from genmodels.errors import UsageError
from genmodels.models.build_text import build_language_model
from genmodels.models.language_model import LanguageModel
from genmodels.settings.dynamic import DynamicSettings
from genmodels.settings.text import TextSettings

MODELS = ("lstm", "feedforward")
STILL = DynamicSettings(dynamic_rate=0.0, dynamic_decay=0.0)
QUICK = DynamicSettings(dynamic_rate=0.01, dynamic_decay=0.02)
TEXT = bytes((i * i + i // 3) % 11 for i in range(700))


@pytest.fixture(autouse=True)
def _short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STRETCHES", 3)
    monkeypatch.setattr(module, "STRETCH", 101)


def split_of(folder: Path, data: bytes = TEXT, before: int = 7) -> Split:
    path = folder / "text.bin"
    path.write_bytes(b"\0" * before + data)
    return Split(open_corpus([str(path)], HowRead(as_bytes=True), lambda _: None), before, before + len(data))


def small_model(name: str = "lstm") -> LanguageModel:
    torch.manual_seed(0)
    settings = TextSettings(model=name, hidden_size=8, embedding_size=4, context=4, dropout=0.5)
    return build_language_model(settings, 256).double().eval()


@pytest.mark.parametrize("name", MODELS)
def test_without_a_rate_it_is_the_carried_protocol(tmp_path: Path, name: str) -> None:
    split, model = split_of(tmp_path), small_model(name)
    plain = evaluate_text(model, split)
    found = evaluate_dynamically(model, split, gathered_scales(model, split), STILL)
    assert found.losses == pytest.approx(plain.losses, abs=1e-6)
    assert (found.correct, found.characters) == (plain.correct, len(split) - 1)


@pytest.mark.parametrize("name", MODELS)
def test_what_comes_later_changes_nothing_of_what_was_scored(tmp_path: Path, name: str) -> None:
    model, place = small_model(name), 260  # inside the sixth segment, which its own characters must not help either
    scales = gathered_scales(model, split_of(tmp_path))
    whole = evaluate_dynamically(model, split_of(tmp_path), scales, QUICK).losses
    other = evaluate_dynamically(model, split_of(tmp_path, TEXT[:place] + bytes([9]) * 440), scales, QUICK).losses
    assert whole[: place - 1].tobytes() == other[: place - 1].tobytes()
    assert (whole[place:300] != other[place:300]).any()
    shorter = evaluate_dynamically(model, split_of(tmp_path, TEXT[:place]), scales, QUICK).losses
    assert whole[:200].tobytes() == shorter[:200].tobytes()


@pytest.mark.parametrize("name", MODELS)
def test_it_learns_what_comes_again_and_leaves_the_model_alone(tmp_path: Path, name: str) -> None:
    split, model = split_of(tmp_path, b"abcabdabe" * 80), small_model(name)
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    found = evaluate_dynamically(model, split, gathered_scales(model, split), QUICK)
    assert found.losses[-100:].mean() < found.losses[:50].mean() - 1.0
    assert all(torch.equal(tensor, before[key]) for key, tensor in model.state_dict().items())
    assert not model.training
    assert model.dropout_scale == 1.0


def test_the_same_text_gives_the_same_bits_twice(tmp_path: Path) -> None:
    split, model = split_of(tmp_path), small_model()
    first, second = (evaluate_dynamically(model, split, gathered_scales(model, split), QUICK) for _ in range(2))
    assert first.losses.tobytes() == second.losses.tobytes()


def test_two_updates_are_those_of_the_equation(tmp_path: Path) -> None:
    split, model = split_of(tmp_path, TEXT[:151]), small_model()
    how = DynamicSettings(dynamic_rate=0.03, dynamic_decay=0.4)
    found = evaluate_dynamically(model, split, gathered_scales(model, split), how)
    ids = split.to_tensor(torch.device("cpu")).long()
    names = [name for name, _ in model.named_parameters()]
    trained = [weight.detach().clone() for weight in model.parameters()]

    def losses_at(weights: list, rows: slice, state: tuple) -> tuple:
        logits, after = torch.func.functional_call(
            model, dict(zip(names, weights, strict=True)), (ids[None, :-1][:, rows], state)
        )
        return functional.cross_entropy(logits[0], ids[1:][rows], reduction="none"), after

    def read(weights: list, text: slice, state: tuple) -> tuple:
        weights = [weight.clone().requires_grad_() for weight in weights]
        losses, after = losses_at(weights, text, state)
        gradients = torch.autograd.grad(losses.mean(), weights)
        return losses.detach().numpy(), gradients, tuple(tensor.detach() for tensor in after)

    # the root mean square over two segments of each stretch, whose starts are 0, 25 and 50
    squares = [torch.zeros_like(weight) for weight in trained]
    for start in (0, 25, 50):
        state = model.initial_state(1)
        for begin in (start, start + 50):
            _, gradients, state = read(trained, slice(begin, begin + 50), state)
            squares = [square + gradient**2 / 6 for square, gradient in zip(squares, gradients, strict=True)]
    roots = [square**0.5 for square in squares]
    mean = float(np.concatenate([root.flatten().numpy() for root in roots]).mean())

    weights, state, expected = trained, model.initial_state(1), []
    for begin in (0, 50, 100):
        losses, gradients, state = read(weights, slice(begin, begin + 50), state)
        expected.append(losses)
        weights = [
            now - 0.03 * gradient / (root + module.FLOOR * mean) + (0.4 * root / mean).clamp(max=1) * (first - now)
            for now, gradient, root, first in zip(weights, gradients, roots, trained, strict=True)
        ]
    assert found.losses == pytest.approx(np.concatenate(expected), abs=1e-6)
    still = evaluate_dynamically(model, split, gathered_scales(model, split), STILL).losses
    assert abs(found.losses[50:] - still[50:]).max() > 1e-3, "so that the equation is tested at all"


def test_a_rate_at_which_the_weights_explode_is_refused_with_the_usual_one(tmp_path: Path) -> None:
    split, model = split_of(tmp_path), small_model()
    scales = gathered_scales(model, split)
    scales.divisors[0].fill_(1e-320)
    with pytest.raises(UsageError, match=r"dynamic_rate=1000 is too large: .* after 50 bytes") as caught:
        evaluate_dynamically(model, split, scales, DynamicSettings(dynamic_rate=1000.0))
    assert f"usual: {DynamicSettings.dynamic_rate:g}" in str(caught.value.hint)
