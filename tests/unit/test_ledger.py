"""What a training writes into its run directory, and reads back."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from genmodels.errors import RunError
from genmodels.families import FAMILIES, Family
from genmodels.runs import Record, RunDir, create_run, stock
from genmodels.runs.checkpoint import read_checkpoint
from genmodels.runs.verifying import problems_of
from genmodels.training.ledger import Ledger
from genmodels.training.plan import Plan
from genmodels.training.progress import Progress
from genmodels.training.reporting import QuietReporter
from genmodels.training.signs import Sign
from genmodels.training.task import Preview, TaskState


class Kept:
    """A task that is nothing but its state."""

    held_out, steps_per_epoch = "test", 4

    def __init__(self) -> None:
        self.weight, self.moment, self.counters = torch.tensor([1.0]), torch.tensor([2.0]), {"scaler": 3}

    def planned(self, plan: Plan) -> None:
        raise NotImplementedError

    def units(self, step: int) -> int:
        raise NotImplementedError

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        raise NotImplementedError

    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        raise NotImplementedError

    def signs(self, measures: Mapping[str, Record]) -> list[Sign]:
        raise NotImplementedError

    def changes(self) -> list[str]:
        raise NotImplementedError

    def in_words(self, measures: Mapping[str, Record]) -> str:
        raise NotImplementedError

    def preview(self) -> Preview:
        raise NotImplementedError

    def weights(self) -> Mapping[str, Tensor]:
        return {"averaged": self.weight + 10}

    def state(self) -> TaskState:
        return TaskState({"weight": self.weight}, {"weight/exp_avg": self.moment}, self.counters)

    def load_state(self, state: TaskState) -> None:
        assert state.optimizer.keys() == {"weight/exp_avg"}, "the sums are the loop's"
        self.weight, self.moment = state.model["weight"], state.optimizer["weight/exp_avg"]
        self.counters = dict(state.counters)

    def description(self) -> Mapping[str, Any]:
        return {"family": "text", "settings": {"a": 1}}


class Recorder(QuietReporter):
    def __init__(self) -> None:
        self.records: list[Record] = []
        self.notices: list[str] = []

    def logged(self, record: Record) -> None:
        self.records.append(record)

    def notice(self, sentence: str) -> None:
        self.notices.append(sentence)


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return create_run(tmp_path, "text", {"settings": {}, "data": {}}, "r")


PLAN = Plan(4, 8, None, 5, 2)


def ledger_of(run: RunDir, family: Family = FAMILIES["text"], keep_epochs: int | None = None) -> Ledger:
    return Ledger(run, Kept(), family, Recorder(), keep_epochs)


def test_where_a_training_was_gone_on_with_is_kept_and_what_lengthened_it_is_none_of_that() -> None:
    progress = Progress(step=7)
    progress.try_again(Progress(step=9, resumed=[4]))
    assert progress.resumed == [4], "it went back, and still was gone on with once"
    progress.go_on(again=[7])
    assert progress.resumed == [4]
    progress.go_on(again=[])
    assert progress.resumed == [4, 7]


def test_a_train_record_counts_its_steps_and_says_how_fast_they_were(run: RunDir) -> None:
    ledger = ledger_of(run)
    progress = Progress(step=7, seconds=1.23456, logged_steps=3, logged_units=60, logged_seconds=1.5)
    ledger.record_steps(2, progress, {"nll": 0.5})
    wanted = {
        "epoch": 2, "step": 7, "split": "train", "nll": 0.5, "steps": 3, "chars_per_second": 40.0, "seconds": 1.235
    }  # fmt: skip
    assert run.metrics() == [wanted]
    assert list(run.metrics()[0]) == list(wanted), "the order is part of the file"
    assert ledger.reporter.records == [wanted]
    ledger_of(run, FAMILIES["gan"]).record_steps(2, progress, {})
    assert run.metrics()[1]["images_per_second"] == 40.0


def test_records_are_read_once_for_the_seals_and_what_is_changed_meanwhile_is_found_out(
    run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, path = ledger_of(run), run.metrics_path
    for step in (4, 8, 12):
        ledger.record_steps(1, progress := Progress(step=step, evaluated=step // 4), {"nll": 0.5})
        ledger.keep_weights(step // 4, progress, {"test": {"nll": 1.0 / step}})
        ledger.keep_part(step / 4 + 0.5, progress)
        ledger.save(progress, {})
    assert problems_of(run) == {}
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"0.5", b"0.6", 1))
    ledger.record_steps(1, progress := Progress(step=16, evaluated=3, best_epoch=3), {"nll": 0.5})
    ledger.save(progress, {})
    assert "line 1 is not as when" in problems_of(run)["metrics.jsonl"]
    path.write_bytes(whole + path.read_bytes()[len(whole) :])
    assert problems_of(run) == {}
    ledger.restore(read_checkpoint(run.checkpoints / "step-00000012"), PLAN)
    ledger.record_steps(1, Progress(step=13), {"nll": 0.123456789123456789})
    ledger.record_steps(1, progress := Progress(step=14), {"nll": 0.5})
    ledger.save(progress, {})
    assert problems_of(run) == {}, "after going back other bytes stand where some were read"


def test_the_manifest_of_an_epoch_is_read_once_however_many_there_are(
    run: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    whole = stock.sum_of_manifest
    monkeypatch.setattr(stock, "sum_of_manifest", lambda path: whole(path) if read.append(path.name) is None else None)
    ledger = ledger_of(run)
    for epoch in range(1, 9):
        ledger.record_steps(1, progress := Progress(step=4 * epoch, evaluated=epoch), {"nll": 0.5})
        ledger.keep_weights(epoch, progress, {"test": {"nll": 1.0 / epoch}})
        ledger.save(progress, {})
    epochs = [name for name in read if name.startswith("epoch")]
    assert sorted(epochs) == [f"epoch-{number:04d}" for number in range(1, 9)]
    assert problems_of(run) == {}
    ledger.keep_weights(8, progress, {"test": {"nll": 0.01}})
    ledger.save(progress, {})
    assert problems_of(run) == {}, "one that was written anew is read anew"


def test_steps_that_took_no_time_at_all_are_no_error(run: RunDir) -> None:
    ledger_of(run).record_steps(1, Progress(step=1, logged_steps=1, logged_units=2), {})
    assert run.metrics()[0]["chars_per_second"] > 0


def test_an_evaluation_has_a_record_for_each_split(run: RunDir) -> None:
    ledger = ledger_of(run)
    ledger.record_evaluation(1, Progress(step=4, seconds=2.0), {"train": {"nll": 1.0}, "test": {"nll": 2.0}})
    assert run.evaluations() == [
        {"epoch": 1, "step": 4, "split": "train", "nll": 1.0, "seconds": 2.0},
        {"epoch": 1, "step": 4, "split": "test", "nll": 2.0, "seconds": 2.0},
    ]
    assert ledger.reporter.records == run.metrics()


@pytest.mark.parametrize(("best", "wanted"), [(min, [1, 2, 2, 2]), (max, [1, 1, 1, 4])])
def test_the_best_epoch_is_the_first_with_the_best_score(run: RunDir, best: Any, wanted: list[int]) -> None:
    ledger, progress, found = ledger_of(run, replace(FAMILIES["text"], best=best)), Progress(), []
    for epoch, score in ((1, 5.0), (2, 4.0), (3, 4.0), (4, 6.0)):
        ledger.keep_weights(epoch, progress, {"train": {"nll": 0.0}, "test": {"nll": score}})
        assert run.pointer("best") == f"epoch-{progress.best_epoch:04d}"
        found.append(progress.best_epoch)
    assert found == wanted
    assert progress.best_score == best([4.0, 5.0, 6.0])


def test_an_epoch_keeps_the_weights_that_are_evaluated_and_what_describes_them(run: RunDir) -> None:
    ledger_of(run).keep_weights(3, Progress(step=12), {"test": {"nll": 4.0}})
    kept = read_checkpoint(run.epoch_checkpoint(3))
    assert kept.tensors.keys() == {"model"}
    assert kept.tensors["model"]["averaged"].tolist() == [11.0]
    facts = {"epoch": 3, "step": 12, "test": {"nll": 4.0}, "family": "text", "settings": {"a": 1}}
    assert facts.items() <= kept.state.items()


@pytest.mark.parametrize(("keep", "left"), [(None, [1, 2, 3, 4]), (1, [2, 4]), (3, [2, 3, 4])])
def test_only_the_newest_epochs_and_the_best_stay(run: RunDir, keep: int | None, left: list[int]) -> None:
    ledger, progress = ledger_of(run, keep_epochs=keep), Progress()
    for epoch, score in ((1, 5.0), (2, 4.0), (3, 4.5), (4, 6.0)):
        ledger.keep_weights(epoch, progress, {"test": {"nll": score}})
        ledger.prune_epochs()
    assert run.epochs() == left


def test_a_preview_is_a_text_and_a_picture_if_there_is_one(run: RunDir) -> None:
    ledger = ledger_of(run)
    ledger.keep_preview(1, Preview("a \udcff b"))
    ledger.keep_preview(2, Preview("c", b"PNG"))
    samples = {path.name: path.read_bytes() for path in (run.path / "samples").iterdir()}
    assert samples == {"epoch-0001.txt": b"a ? b", "epoch-0002.txt": b"c", "epoch-0002.png": b"PNG"}


def test_a_plan_is_recorded(run: RunDir) -> None:
    planned = Plan(4, None, 1.5, 5, 2).planned_again(3, 40)
    ledger_of(run).keep_plan(planned)
    assert Plan.from_mapping(run.document()["plan"]) == planned
    assert run.document()["family"] == "text"


def test_a_run_without_a_state_begins_with_no_records(run: RunDir) -> None:
    run.append_metrics({"epoch": 0, "step": 0, "split": "test"})
    ledger = ledger_of(run)
    assert ledger.newest() is None
    ledger.begin()
    assert run.metrics() == []


def saved(run: RunDir) -> Progress:
    """A state at step 6, with one record before it and two after it."""
    ledger, progress = ledger_of(run), Progress(step=6, evaluated=1, best_epoch=1, best_score=4.0, logged_units=5)
    ledger.record_evaluation(1, progress, {"test": {"nll": 4.0}})
    ledger.keep_weights(1, replace(progress, best_score=5.0), {"test": {"nll": 4.0}})
    ledger.save(progress, {"nll": torch.tensor(7.0), "broken": torch.tensor(0.0)})
    ledger.record_steps(2, progress, {"nll": 1.0})
    ledger.record_evaluation(2, progress, {"test": {"nll": 3.0}})
    return progress


def test_everything_comes_back_as_it_was_saved_and_later_records_are_forgotten(run: RunDir) -> None:
    progress, other = saved(run), ledger_of(run)
    for number, step in ((1.25, 5), (1.5, 6), (1.75, 7)):
        other.keep_part(number, replace(progress, step=step))
        other.keep_preview(number, Preview("text"))
    other.task.weight, other.task.moment, other.task.counters = torch.zeros(1), torch.zeros(1), {}
    checkpoint = other.newest()
    assert checkpoint is not None
    found, sums = other.restore(checkpoint, PLAN)
    assert found == progress
    assert {name: float(value) for name, value in sums.items()} == {"nll": 7.0, "broken": 0.0}
    assert (float(other.task.weight), float(other.task.moment), other.task.counters) == (1.0, 2.0, {"scaler": 3})
    assert [(record["epoch"], record["split"]) for record in run.metrics()] == [(1, "test")]
    assert run.parts() == [1.25, 1.5]
    assert sorted(path.name for path in (run.path / "samples").iterdir()) == [
        "epoch-0001.250.txt",
        "epoch-0001.500.txt",
    ]


def test_the_names_of_tensors_in_a_training_state_stay(run: RunDir) -> None:
    saved(run)
    kept = read_checkpoint(run.checkpoints / "step-00000006")
    assert {name: set(tensors) for name, tensors in kept.tensors.items()} == {
        "model": {"weight"},
        "optimizer": {"weight/exp_avg", "log/nll", "log/broken"},
    }
    assert kept.state["task"] == {"scaler": 3}
    assert {"progress", "metrics_bytes", "family", "settings"} <= kept.state.keys()


@pytest.mark.parametrize("key", ["progress", "metrics_bytes", "task"])
def test_a_state_that_lacks_something_is_refused_and_changes_nothing(run: RunDir, key: str) -> None:
    saved(run)
    ledger = ledger_of(run)
    ledger.task.weight = torch.tensor([5.0])
    checkpoint = ledger.newest()
    assert checkpoint is not None
    lacking = replace(checkpoint, state={name: value for name, value in checkpoint.state.items() if name != key})
    with pytest.raises(RunError, match="lacks what resuming needs"):
        ledger.restore(lacking, PLAN)
    assert float(ledger.task.weight) == 5.0
    assert len(run.metrics()) == 3


def test_a_damaged_state_is_passed_over_and_told(run: RunDir) -> None:
    saved(run)
    ledger = ledger_of(run)
    ledger.save(Progress(step=8), {})
    (run.checkpoints / "step-00000008" / "state.json").write_text("{}")
    checkpoint = ledger.newest()
    assert checkpoint is not None
    assert checkpoint.path.name == "step-00000006"
    (sentence,) = ledger.reporter.notices
    assert "passed over a checkpoint" in sentence


def test_weights_inside_an_epoch_say_how_far_training_had_come(run: RunDir) -> None:
    ledger_of(run).keep_part(2.5, Progress(step=10))
    (kept,) = [read_checkpoint(path) for path in run.checkpoints.iterdir() if "2" in path.name]
    assert {"epoch": 2.5, "step": 10, "settings": {"a": 1}}.items() <= kept.state.items()
    assert kept.tensors["model"]["averaged"].tolist() == [11.0]


def test_a_speed_is_told_to_a_tenth(run: RunDir) -> None:
    ledger_of(run).record_steps(1, Progress(step=1, logged_steps=1, logged_units=100, logged_seconds=3.0), {})
    assert run.metrics()[0]["chars_per_second"] == 33.3


@pytest.mark.parametrize(("keep", "best", "named"), [(None, 1, "epoch-0001"), (1, None, "epoch-0002")])
def test_an_epoch_that_was_cut_short_is_the_best_no_more_where_its_training_goes_on(
    run: RunDir, keep: int | None, best: int | None, named: str
) -> None:
    ledger, progress = ledger_of(run, keep_epochs=keep), Progress()
    for epoch, step, score in ((1, 4, 2.0), (2, 6, 1.0)):
        progress.step, progress.evaluated, measures = step, epoch, {"test": {"nll": score}}
        ledger.record_evaluation(epoch, progress, measures)
        ledger.keep_weights(epoch, progress, measures)
        ledger.prune_epochs()
    ledger.save(progress, {})
    checkpoint = ledger.newest()
    assert checkpoint is not None
    found, _ = ledger.restore(checkpoint, Plan(4, 6, None, 5, 2).lengthened(6, 12))
    assert (found.evaluated, found.best_epoch, found.best_score) == (1, best, None if best is None else 2.0)
    assert run.pointer("best") == named, "of those that are kept"
    assert run.parts() == [1.5]


def test_records_that_somebody_made_shorter_are_read_anew(tmp_path: Path) -> None:
    path, known = tmp_path / "metrics.jsonl", stock.Summed()
    for content in (b"one\ntwo\n", b"one\n", b""):
        path.write_bytes(content)
        assert known.records(path) == (len(content), stock.sum_of(content))
