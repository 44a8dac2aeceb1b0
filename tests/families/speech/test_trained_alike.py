"""Networks that listen trained alike: models of equal size, and one for each speaker left out."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from contract.helpers import interrupt
from families.listening import TINY, asked, rows_are_mappings
from families.refusals import refused
from genmodels.errors import RunError, Stopped, UsageError
from genmodels.exhibit import Exhibit
from genmodels.families import open_runs
from genmodels.families.speech import comparing
from genmodels.families.speech.comparing import LeaveOneOut, SpeechComparison, left_out_table, members_of
from genmodels.families.speech.ears import load_listener
from genmodels.families.speech.run import SpeechRun
from genmodels.runs import RunDir, create_run
from genmodels.telling import Teller


def headed(exhibit: Exhibit) -> tuple[object, ...]:
    """What a result is called, what is said of it, and what leads."""
    return exhibit.name, exhibit.title, list(exhibit.remarks), exhibit.leads


@pytest.mark.usefixtures("kept")
def test_every_speaker_in_turn_is_read_by_a_network_that_never_heard_it(home: Path) -> None:
    begun: list[str] = []
    real = RunDir.append_metrics

    def stop_in_the_second(self: RunDir, record: Any) -> None:
        real(self, record)
        if self.path.name not in begun:
            begun.append(self.path.name)
            if len(begun) == 2:
                interrupt()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunDir, "append_metrics", stop_in_the_second)
        with pytest.raises(Stopped):
            LeaveOneOut(**asked(home, name="each")).train()
    assert sorted(path.name for path in (home / "runs" / "each").iterdir()) == [
        ".lock",
        "ann",
        "bob",
        "comparison.json",
    ]
    exhibit = LeaveOneOut(**asked(home, resume="each")).train()
    assert "time" in exhibit.tables[0].heads
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparing, "left_out_table", None)
        stands = LeaveOneOut(**asked(home, resume="each")).train()
    assert stands.tables[0].cells() == exhibit.tables[0].cells()
    assert headed(stands) == headed(exhibit)
    *rows, mean = exhibit.facts["speakers"]
    assert [(row["speaker"], row["recordings"]) for row in rows] == [("ann", 24), ("bob", 24), ("cyd", 24)]
    rates = [row["word_error_rate"] for row in rows]
    assert mean["word_error_rate"] == pytest.approx(np.mean(rates))
    over_speakers = np.std(rates, ddof=1) / np.sqrt(3)
    assert mean["word_error_rate_standard_error"] == pytest.approx(over_speakers), "the speakers differ, not utterances"
    assert all("alone_standard_error" in row for row in rows)
    assert exhibit.facts["differences"] == [], "each reads another speaker"
    assert exhibit.tables[0].title.endswith("of the mean over the speakers")
    assert [run["leave_out"] for run in exhibit.facts["networks"]] == ["ann", "bob", "cyd"]
    rows_are_mappings(exhibit)
    with pytest.raises(UsageError, match="each exists already"):
        LeaveOneOut(**asked(home, name="each")).train()
    with pytest.raises(UsageError, match="is a comparison of speakers, trained by train-speech"):
        SpeechComparison(models=["rnn", "gru"], **asked(home, resume="each")).train()


@pytest.mark.parametrize(("given", "device"), [({"device": "cpu"}, "cpu"), ({}, "cuda:3")])
@pytest.mark.parametrize("kind", [SpeechComparison, LeaveOneOut])
def test_a_comparison_is_measured_where_asked_or_where_it_was_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type, given: dict, device: str
) -> None:
    settings = {"device": "cuda:3", "leave_out": "ann", "longest": 1}
    document = {"settings": {name: {"value": value, "from": "flag"} for name, value in settings.items()}, "data": {}}
    run = SpeechRun(create_run(tmp_path, "speech", document, "one").path)

    def measured(*_: Any, device: str = "auto") -> None:
        raise RunError(f"measured on {device}", "")

    monkeypatch.setattr(comparing, "word_errors", measured)
    models = {"models": ["rnn", "gru"]} if kind is SpeechComparison else {}
    with pytest.raises(RunError, match=f"^measured on {device}$"):
        kind(given=given, runs=tmp_path, **models).result([run], None)


@pytest.mark.usefixtures("kept")
def test_models_of_equal_size_are_trained_alike_and_put_side_by_side(home: Path) -> None:
    models = ["window:1", "window:5", "rnn"]
    exhibit = SpeechComparison(models=models, **asked(home, name="sizes")).train()
    runs = [SpeechRun(home / "runs" / "sizes" / name) for name in ("window-1", "window-5", "rnn")]
    sizes = []
    for one in runs:
        model, _ = load_listener(one.epoch_checkpoint(None), torch.device("cpu"))
        sizes.append(sum(parameter.numel() for parameter in model.parameters()))
    assert all(0.9 * TINY["parameters"] < size <= TINY["parameters"] for size in sizes)
    assert [group["network"] for group in exhibit.facts["groups"]] == [
        "window of 1 frame", "window of 5 frames", "rnn",
    ]  # fmt: skip
    assert all(group["seconds"] > 0 for group in exhibit.facts["groups"])
    again = SpeechComparison(**asked(home, resume="sizes"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparing, "word_errors", None)
        stands = again.train()
    assert stands.facts == exhibit.facts, "nothing is measured again"
    assert headed(stands) == headed(exhibit)
    assert "next to nothing is read by sizes/window-1" in stands.remarks[0]
    assert stands.draw is not None
    assert again.table(stands).cells() == again.table(exhibit).cells()
    assert "time" in again.table(exhibit).heads
    assert [row["network"] for row in again.table(exhibit).rows] == ["window of 1 frame", "window of 5 frames", "rnn"]
    every = open_runs(home / "runs", ["sizes"], SpeechRun, Teller())
    assert [run.name for run in every] == ["sizes/window-1", "sizes/window-5", "sizes/rnn"]
    by_pattern = open_runs(home / "runs", ["sizes/w*"], SpeechRun, Teller())
    assert [run.name for run in by_pattern] == ["sizes/window-1", "sizes/window-5"]


@pytest.mark.parametrize(
    ("models", "fragment"),
    [
        (["lstm"], "does not name two or more different models"),
        (["lstm", "lstm"], "does not name two or more different models"),
        (["window:5", "window:5"], "does not name two or more different models"),
        (["lstm", "lsmt"], "there is no model 'lsmt'"),
        (["lstm", ""], "there is no model ''"),
        (["lstm", "window:x"], "'window:x' is no model"),
        (["lstm", "window:"], "'window:' is no model"),
        (["lstm:5", "gru"], "'lstm:5' is no model"),
        ([], "models names none"),
    ],
)
def test_models_that_cannot_be_compared_are_refused(models: list[str], fragment: str) -> None:
    with refused(UsageError, fragment):
        members_of(models)


@pytest.mark.parametrize(
    ("window", "told"),
    [
        ("window:4", "models='rnn,window:4': window:4 has no middle frame"),
        ("window:0", "models='rnn,window:0': window is 0, but it must be from 1 to 1,023"),
        ("window:5000", "models='rnn,window:5000': window is 5000, but it must be from 1 to 1,023"),
        ("window:51", "parameters=2500 are too few for the model window"),
    ],
)
@pytest.mark.usefixtures("kept")
def test_a_window_that_cannot_be_is_refused_before_anything_is_trained(home: Path, window: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        SpeechComparison(models=["rnn", window], **asked(home, name="never")).train()
    assert not list((home / "runs").glob("never*"))


def test_a_table_of_speakers_is_of_runs_that_left_one_out(opened) -> None:
    with pytest.raises(UsageError, match="was trained with every speaker"):
        left_out_table([opened("bobless"), opened("hears")])
