from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from contract.cases.text import CASES
from contract.helpers import Case
from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.settings.text import TextSettings
from genmodels.training.language_model import LanguageModelTask, prepare
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
