import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.nn import functional

from contract.cases.text import CASES
from contract.helpers import Case
from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.data.text.files import BUILT_IN, BUILT_IN_PROMPT
from genmodels.data.text.streams import Split
from genmodels.data.text.vocabulary import Vocabulary
from genmodels.errors import RunError
from genmodels.models.build_text import build_language_model
from genmodels.models.language_model import LanguageModel
from genmodels.settings.text import TEXT_MODELS, TextSettings
from genmodels.training.language_model import (
    LanguageModelTask,
    extended_weights,
    fit_to_corpus,
    prepare,
    seed_phrase,
)
from genmodels.training.plan import Plan

SETTINGS = TextSettings(
    hidden_size=8, embedding_size=4, batch_size=2, window=10, dropout=0.4, dropout_epochs=4, device="cpu"
)


def task(corpus_file: Path, settings: TextSettings = SETTINGS) -> LanguageModelTask:
    return prepare(settings, open_corpus([str(corpus_file)], HowRead(), lambda _: None))


@pytest.mark.parametrize(("epochs", "scale"), [(None, 1.0), (1, 0.25), (3, 0.75), (4, 1.0), (50, 1.0)])
def test_dropout_is_in_proportion_to_the_epochs_planned(corpus_file: Path, epochs: int | None, scale: float) -> None:
    made = task(corpus_file)
    total = None if epochs is None else epochs * made.steps_per_epoch
    made.planned(Plan(made.steps_per_epoch, total, None, 5, 5))
    assert made.model.dropout_scale == pytest.approx(scale)


def test_dropout_epochs_of_zero_is_always_full(corpus_file: Path) -> None:
    made = task(corpus_file, replace(SETTINGS, dropout_epochs=0))
    made.planned(Plan(made.steps_per_epoch, 1, None, 5, 5))
    assert made.model.dropout_scale == 1.0


@pytest.mark.parametrize("case", CASES, ids=str)
def test_previews_are_labelled_texts_of_the_right_length(case: Case, tmp_path: Path) -> None:
    made = case.make(tmp_path, 1)
    blocks = made.preview().text.split("--- temperature ")[1:]
    assert [b.split("\n")[0] for b in blocks] == ["0.25", "0.75", "1.5"]
    for block in blocks:
        text = block.partition("\n")[2].rstrip("\n")
        assert text.startswith(made.prompt)
        assert len(block.partition("\n")[2]) in range(len(made.prompt) + 12, len(made.prompt) + 15)


def test_the_state_is_carried_from_window_to_window_and_not_over_the_end_of_an_epoch(corpus_file: Path) -> None:
    made = task(corpus_file, replace(SETTINGS, dropout=0.0, embedding_dropout=0.0, hidden_size=32))
    n = made.steps_per_epoch
    torch.nn.init.normal_(made.model.get_parameter("embedding.weight"))  # so that the state tells

    def loss_of(step: int, state: tuple[torch.Tensor, ...]) -> tuple[float, tuple[torch.Tensor, ...]]:
        inputs, targets = made.streams.at(step)
        with torch.no_grad():
            logits, state = made.model(inputs, state, torch.Generator())
        return float(functional.cross_entropy(logits.flatten(0, 1), targets.flatten())), state

    expected, afresh, state = [], [], made.model.initial_state(2)
    for step in (0, 1, 2):
        loss, state = loss_of(step, state)
        expected.append(loss)
        afresh.append(loss_of(step, made.model.initial_state(2))[0])
    found = [float(made.train_step(step, 0.0)["nll"]) for step in (0, 1, 2)]
    assert found == pytest.approx(expected, rel=1e-5)
    assert found[1:] != pytest.approx(afresh[1:], rel=1e-4), "else nothing is tried here"
    for step in range(3, n):
        made.train_step(step, 0.0)
    assert float(made.train_step(n, 0.0)["nll"]) == pytest.approx(loss_of(n, made.model.initial_state(2))[0], rel=1e-5)


def test_a_text_worse_than_guessing_is_a_sign_with_a_way_out(corpus_file: Path) -> None:
    made = task(corpus_file, replace(SETTINGS, learning_rate=0.03))
    guessing = math.log(len(made.vocabulary))
    beside = f"guessing every character alike ({guessing:.3g})"
    (good,) = made.signs({"validation": {"nll": guessing - 0.5}})
    assert (good.name, good.present) == ("guessing", False)
    assert good.told == f"validation is {guessing - 0.5:.3g} nats/char, better than {beside}"
    (bad,) = made.signs({"validation": {"nll": guessing + 0.5}})
    assert (bad.name, bad.present) == ("guessing", True)
    assert bad.found == f"validation is {guessing + 0.5:.3g} nats/char, worse than {beside}"
    assert bad.told == f"{bad.found}; --learning-rate 0.01 may help"


def test_a_text_too_small_for_batch_and_window_says_what_became_of_them(corpus_file: Path) -> None:
    corpus, told = open_corpus([str(corpus_file)], HowRead(), lambda _: None), []
    fitted = fit_to_corpus(replace(SETTINGS, batch_size=50, window=400), Split(corpus, 0, 100), told.append)
    begins = "the corpus is small (100 characters to train on): "
    assert told == [
        f"{begins}--window 400 became {fitted.window}", f"{begins}--batch-size 50 became {fitted.batch_size}",
    ]  # fmt: skip
    assert fit_to_corpus(fitted, Split(corpus, 0, 100), told.append) == fitted
    assert len(told) == 2


LINE = "a line that is much longer than the forty characters of a seed phrase"


@pytest.mark.parametrize(
    ("text", "phrase"),
    [("half a line\nthe next one\nand another", "the next one"),
     (f"half\n{LINE}\n", "a line that is much longer than the"),
     (f"half\n{LINE.replace(' ', '-')}\n", LINE.replace(" ", "-")[:40]),
     ("half\n\n  \n  after blank lines", "after blank lines"),
     ("one line alone", "one line alone"),
     ("\n\n\n", "\n")],
    ids=["the first whole line", "cut at a word", "one long word", "blank lines", "no other line", "nothing else"],
)  # fmt: skip
def test_a_seed_phrase_is_the_first_words_of_the_first_whole_line(tmp_path: Path, text: str, phrase: str) -> None:
    (tmp_path / "t.txt").write_text("before it. " + text)
    corpus = open_corpus([str(tmp_path / "t.txt")], HowRead(), lambda _: None)
    assert seed_phrase(SETTINGS, Split(corpus, 11, corpus.length)) == phrase
    assert seed_phrase(replace(SETTINGS, sample_prompt="so"), Split(corpus, 11, corpus.length)) == "so"


def test_the_built_in_text_has_a_seed_phrase_of_its_own() -> None:
    corpus: Any = SimpleNamespace(sources=(BUILT_IN,), vocabulary=Vocabulary.of_bytes())
    assert seed_phrase(SETTINGS, Split(corpus, 0, 9)) == BUILT_IN_PROMPT
    assert seed_phrase(replace(SETTINGS, sample_prompt="so"), Split(corpus, 0, 9)) == "so"


def test_bytes_that_are_no_text_are_blanks_in_a_seed_phrase(tmp_path: Path) -> None:
    (tmp_path / "t.bin").write_bytes(b"half\nXX a\xff\xfeb\n")
    corpus = open_corpus([str(tmp_path / "t.bin")], HowRead(as_bytes=True), lambda _: None)
    assert seed_phrase(SETTINGS, Split(corpus, 0, corpus.length)) == "XX a  b"


def small(vocabulary_size: int, name: str = "lstm", hidden_size: int = 6) -> LanguageModel:
    torch.manual_seed(vocabulary_size)
    settings = TextSettings(model=name, hidden_size=hidden_size, embedding_size=4, context=3)
    return build_language_model(settings, vocabulary_size)


@pytest.mark.parametrize("name", ["lstm", "feedforward"])
def test_a_longer_vocabulary_keeps_its_fresh_rows_behind_the_old_ones(name: str) -> None:
    old, new = small(5, name).state_dict(), small(7, name)
    fresh = {key: tensor.clone() for key, tensor in new.state_dict().items()}
    whole = extended_weights(new, old)
    assert whole.keys() == old.keys()
    longer = {key for key in old if len(whole[key]) > len(old[key])}
    assert longer
    for key, tensor in whole.items():
        assert torch.equal(tensor[: len(old[key])], old[key])
        assert torch.equal(tensor[len(old[key]) :], fresh[key][len(old[key]) :])
        assert torch.equal(new.state_dict()[key], fresh[key]), "the model itself is left as it is"


@pytest.mark.parametrize(
    ("other", "told"),
    [((5, "gru"), "does not fit"), ((5, "lstm", 8), "does not fit"), ((9,), "does not fit"),
     ((5, "feedforward"), "the weights of the run to start from have other names")],
    ids=["another cell", "a wider one", "more characters", "another kind"],
)  # fmt: skip
def test_weights_of_another_network_are_refused(other: tuple[Any, ...], told: str) -> None:
    with pytest.raises(RunError, match=told) as caught:
        extended_weights(small(7), small(*other).state_dict())
    assert caught.value.hint == "its settings must be the same."


@pytest.mark.parametrize("name", TEXT_MODELS)
def test_a_state_is_carried_as_what_it_is_numbers_in_fp32_and_ids_as_ids(corpus_file: Path, name: str) -> None:
    made = task(corpus_file, replace(SETTINGS, model=name, context=4))
    before = [tensor.dtype for tensor in made.carried]
    made.train_step(0, 1.0)
    assert [tensor.dtype for tensor in made.carried] == before
    assert not any(tensor.requires_grad for tensor in made.carried)


def test_label_smoothing_changes_the_loss_that_falls_and_not_the_measure(corpus_file: Path) -> None:
    plain, smooth = (task(corpus_file, replace(SETTINGS, label_smoothing=share, seed=1)) for share in (0.0, 0.3))
    inputs, targets = plain.streams.at(0)
    read = {"inputs": inputs, "targets": targets, "carried/0": plain.carried[0], "carried/1": plain.carried[1]}
    loss, found = plain._loss(read, torch.Generator().manual_seed(1))
    smoothed, measured = smooth._loss(read, torch.Generator().manual_seed(1))
    with torch.no_grad():
        logits, _ = plain.model(inputs, plain.carried, torch.Generator().manual_seed(1))
    wide = logits.double().flatten(0, 1)
    assert loss.item() == float(found["nll"]) == float(measured["nll"])
    assert loss.item() == pytest.approx(float(functional.cross_entropy(wide, targets.flatten())), rel=1e-6)
    expected = functional.cross_entropy(wide, targets.flatten(), label_smoothing=0.3)
    assert smoothed.item() == pytest.approx(float(expected), rel=1e-6)
    assert smoothed.item() != pytest.approx(loss.item(), rel=1e-3), "else nothing is tried here"
