from dataclasses import replace
from pathlib import Path

import pytest

from genmodels.data.corpus import Reading, open_corpus
from genmodels.settings import TextSettings
from genmodels.training.language_model import LanguageModelTask, prepare

SETTINGS = TextSettings(
    hidden_size=8, embedding_size=4, batch_size=2, window=10, dropout=0.4, dropout_epochs=2, device="cpu"
)


def task(corpus_file: Path, settings: TextSettings = SETTINGS) -> LanguageModelTask:
    return prepare(settings, open_corpus([str(corpus_file)], Reading(), lambda _: None))


def test_dropout_rises_linearly_over_its_epochs_and_stays(corpus_file: Path) -> None:
    made = task(corpus_file)
    n = made.steps_per_epoch
    scales = [made.dropout_scale_at(step) for step in (0, n // 2, n, 2 * n, 9 * n)]
    assert scales == pytest.approx([0.0, (n // 2) / (2 * n), 0.5, 1.0, 1.0])


def test_without_a_rise_dropout_is_there_at_once(corpus_file: Path) -> None:
    made = task(corpus_file, replace(SETTINGS, dropout_epochs=0))
    assert [made.dropout_scale_at(step) for step in (0, 1, 500)] == [1.0] * 3


def test_a_step_uses_the_rate_of_its_own_number(corpus_file: Path) -> None:
    made = task(corpus_file)
    for step in (7, 0, 31):
        made.train_step(step, 0.0)
        assert made.model.dropout_scale == made.dropout_scale_at(step)
