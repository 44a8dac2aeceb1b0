"""What a run's score says beside its plain figures: mixed with counting, and going on with learning."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch

import genmodels
from genmodels.analysis.blocks import standard_error
from genmodels.analysis.dynamic import evaluate_dynamically, gathered_scales
from genmodels.analysis.mixture import count_for_mixing, fitted_weight
from genmodels.analysis.text_likelihood import evaluate_text
from genmodels.data.text.streams import Split
from genmodels.errors import DataError, UsageError
from genmodels.families.text.splits import read_in
from genmodels.settings.dynamic import DynamicSettings
from homes import NGRAM, SENTENCES, TINY_RUN

LONG = SENTENCES * 40  # enough for a standard error


@pytest.fixture(autouse=True)
def _few_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gathered over little text, so that this is quick."""
    monkeypatch.setattr("genmodels.analysis.dynamic.STRETCHES", 3)
    monkeypatch.setattr("genmodels.analysis.dynamic.STRETCH", 201)


def sums_of(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_plain_figures_say_how_sure_they_are_where_the_text_is_long_enough(run) -> None:
    short, long = run.score(), run.score(text=LONG, baselines=True)
    assert [row["nll_standard_error"] for row in short.facts["results"]] == [None, None]
    assert short.tables[0].cells()[0][4] == "-"
    carried, windows, uniform, unigram, counted = long.facts["results"]
    assert 0 < carried["nll_standard_error"] < 0.1 * carried["nll"]
    assert 0 < windows["nll_standard_error"] < 0.1
    assert uniform["nll_standard_error"] == pytest.approx(0, abs=1e-12)
    assert 0 < unigram["nll_standard_error"] < 0.1
    assert counted["nll_standard_error"] > 0
    assert long.tables[0].heads[3:5] == ["nll", "nll ±"]


def test_what_was_not_asked_for_is_neither_there_nor_computed(run, told) -> None:
    found = genmodels.TextRun(run.path, told.teller).score()
    assert (found.facts["mixed"], found.facts["dynamic"]) == (None, None)
    assert len(found.tables) == 1
    assert list(told.counted) == ["epoch 2 reads"]


def test_mixtures_stand_in_a_table_of_their_own_and_change_nothing_in_the_other(run) -> None:
    plain, found = run.score(text=LONG, epochs=[1, 2]), run.score(text=LONG, epochs=[1, 2], mix=True)
    assert found.facts["results"] == plain.facts["results"]
    beside, own = found.tables
    assert beside.rows == plain.tables[0].rows
    assert own.title.endswith("mixed with an n-gram model")
    assert "mixed nll" in own.heads
    assert "nll" not in own.heads, "no column of one table goes on in the other"
    assert [row["epoch"] for row in found.facts["mixed"]] == [1, 2]
    carried = [row["nll"] for row in plain.facts["results"] if row["protocol"] == "carried"]
    for row, alone in zip(found.facts["mixed"], carried, strict=True):
        assert row["order"] == int(NGRAM.partition("-")[0])
        assert 0 < row["weight"] < 0.2, "these sentences are known by heart to what counts"
        assert row["nll"] == pytest.approx(alone - row["gain"])
        assert row["gain"] > 10 * row["gain_standard_error"] > 0
        assert row["bits_per_char"] == pytest.approx(row["nll"] / np.log(2))
        assert row["characters"] == len(LONG) - 1


def test_a_mixture_is_measured_by_the_carried_protocol_whatever_else_is_asked_for(run) -> None:
    alone, windows = run.score(text=LONG, mix=True), run.score(text=LONG, mix=True, protocol="windows")
    assert windows.facts["mixed"] == alone.facts["mixed"]
    assert [row["protocol"] for row in windows.facts["results"]] == ["windows"]


def test_a_run_that_reads_bytes_is_mixed_too_and_unknown_characters_are_left_out_for_both(run, tmp_path: Path) -> None:
    raw = genmodels.train_text(text=SENTENCES * 40, name="raw", runs=tmp_path, **(TINY_RUN | {"bytes": True}))
    assert raw.score(text=LONG, mix=True).facts["mixed"][0]["characters"] == len(LONG) - 1
    skipped = run.score(text=LONG + "\u03a9 the cat", mix=True, unknown="skip")
    assert skipped.facts["mixed"][0]["characters"] == len(LONG) - 1 + 8
    with pytest.raises(DataError, match="not in the vocabulary"):
        run.score(text=LONG + "\u03a9", mix=True)


def test_too_small_a_training_text_is_refused_and_what_the_hint_says_works(tmp_path: Path) -> None:
    small = genmodels.train_text(text="the cat sat on the mat; " * 20, name="small", runs=tmp_path, **TINY_RUN)
    with pytest.raises(DataError, match=r"small was trained on 432 characters, too few") as caught:
        small.score(mix=True)
    assert str(caught.value.hint).startswith("it needs 1,000 or more; leave ")
    assert small.score().facts["results"]


def test_dynamic_evaluation_stands_alone_and_leaves_the_run_as_it_was(run) -> None:
    before, plain = sums_of(run.path), run.score(text=LONG, protocol="carried")
    found = run.score(text=LONG, protocol="dynamic", dynamic_rate=0.01, dynamic_decay=0.001)
    assert found.facts["results"] == []
    (own,) = found.tables
    assert own.title.endswith("dynamic evaluation")
    assert "dynamic nll" in own.heads
    assert "nll" not in own.heads
    (row,) = found.facts["dynamic"]
    assert (row["rate"], row["decay"], row["characters"]) == (0.01, 0.001, len(LONG) - 1)
    alone = plain.facts["results"][0]["nll"]
    assert row["nll"] == pytest.approx(alone - row["gain"])
    assert row["gain"] > 0.1, "a hardly trained network learns from the text"
    assert row["gain_standard_error"] > 0
    assert sums_of(run.path) == before
    assert run.score(text=LONG, protocol="carried").facts == plain.facts
    assert run.score(text=LONG, protocol="dynamic", dynamic_rate=0.01, dynamic_decay=0.001).facts == found.facts


def test_the_error_of_a_gain_is_that_of_the_differences_character_by_character(run) -> None:
    loaded, train = run.load(run.epoch_checkpoint(None), torch.device("cpu")), run.splits()[0]
    corpus = read_in(loaded.vocabulary, None, LONG)
    split = Split(corpus, 0, corpus.length)
    alone = evaluate_text(loaded.model, split).losses.astype(np.float64)
    counts = count_for_mixing(train, split)
    weight = fitted_weight(evaluate_text(loaded.model, counts.fitting).losses, counts.of_fitting)
    together = -np.log(weight * np.exp(-alone) + (1 - weight) * np.exp(-counts.of_scored))
    learned = evaluate_dynamically(loaded.model, split, gathered_scales(loaded.model, train), DynamicSettings()).losses
    facts = run.score(text=LONG, protocol="dynamic", mix=True).facts
    for losses, (row,) in ((together, facts["mixed"]), (learned, facts["dynamic"])):
        assert row["gain_standard_error"] == pytest.approx(standard_error(alone - losses), rel=1e-5)
        assert row["nll_standard_error"] == pytest.approx(standard_error(losses), rel=1e-5)
        assert row["nll"] == pytest.approx(losses.mean(), rel=1e-6)


def test_both_may_be_asked_for_at_once_beside_the_baselines(run) -> None:
    found = run.score(protocol="dynamic", mix=True, baselines=True)
    assert [row["epoch"] for row in found.facts["results"]] == ["uniform", "unigram", NGRAM]
    assert [len(table.rows) for table in found.tables] == [3, 1, 1]
    assert found.facts["dynamic"] == run.score(protocol="dynamic").facts["dynamic"]


def test_what_is_computed_is_counted_to_its_end(run, told) -> None:
    genmodels.TextRun(run.path, told.teller).score(text=LONG, protocol="dynamic", mix=True)
    counted = {what: told.counted[what] for what in list(told.counted)[-5:]}
    assert list(counted) == [
        "counting n-grams", "epoch 2 reads", "epoch 2 reads what its weight is fitted on", "epoch 2 gathers gradients",
        "epoch 2 reads and learns",
    ]  # fmt: skip
    for what, (total, done) in counted.items():
        assert total * 0.98 <= done <= total, what


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"dynamic_rate": 0.1}, "--dynamic-rate 0.1 means nothing without --protocol dynamic"),
        ({"dynamic_decay": 0.1, "protocol": "windows"}, "--dynamic-decay 0.1 means nothing without --protocol dynamic"),
        ({"dynamic_rate": -1.0, "protocol": "dynamic"}, "dynamic_rate is -1, but it must be "),
        ({"dynamic_decay": 2, "protocol": "dynamic"}, "dynamic_decay is 2, but it must be "),
        ({"dynamic_rate": "fast", "protocol": "dynamic"}, "'fast'"),
        ({"mix": "yes"}, "'yes'"),
        ({"protocol": "dynamics"}, r"protocol='dynamics' is unknown (known: carried, windows, dynamic)"),
    ],
)
def test_what_can_t_be_asked_for_is_a_sentence(run, asked: dict, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        run.score(**asked)
    assert told in caught.value.what
