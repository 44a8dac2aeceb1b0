"""What needs the shared data: real text."""

import pytest
import torch

from genmodels.analysis.text_likelihood import evaluate_text
from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.data.text.streams import split_corpus
from genmodels.settings.text import TextSettings
from genmodels.training.language_model import prepare

pytestmark = pytest.mark.real_data


def test_tiny_shakespeare_splits_as_everywhere_and_its_streams_score_like_one_reading(
    tmp_path, tiny_shakespeare
) -> None:
    path = tmp_path / "tinyshakespeare.txt"
    path.write_text(tiny_shakespeare, encoding="utf-8")
    corpus = open_corpus([str(path)], HowRead(), lambda _: None)
    assert (corpus.length, len(corpus.vocabulary)) == (1_115_394, 65)
    train, validation = split_corpus(corpus, 0.1, 10**6)
    assert (len(train), len(validation)) == (1_003_854, 111_540)
    task = prepare(TextSettings(hidden_size=32, embedding_size=16, device="cpu", learning_rate=0.01), corpus)
    before = evaluate_text(task.model, validation).nll
    for step in range(60):
        task.train_step(step, 1.0)
    measures = evaluate_text(task.model, validation)
    assert measures.characters == 111_539
    assert measures.nll < before - 0.8
    with torch.no_grad():
        ids = validation.to_tensor(torch.device("cpu")).long()[None]
        logits, _ = task.model.eval()(ids[:, :-1], task.model.initial_state(1))
        once = torch.nn.functional.cross_entropy(logits[0], ids[0, 1:]).item()
    assert abs(measures.nll - once) < 1e-4
