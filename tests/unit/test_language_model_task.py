from dataclasses import replace
from pathlib import Path

import pytest

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
