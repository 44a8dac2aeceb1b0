"""Trainings that end where a score is reached, or where some epochs brought nothing."""

import signal
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest

from genmodels.errors import Stopped, UsageError
from genmodels.families import FAMILIES
from genmodels.runs import Record, RunDir, create_run
from genmodels.settings.text import TextSettings
from genmodels.training.enough import check_goal, enough_told
from genmodels.training.loop import fulfil
from genmodels.training.plan import Plan, learning_rate_scale, make_plan
from genmodels.training.progress import Progress
from genmodels.training.reporting import QuietReporter
from unit.test_pace import Clock, Slow

TEXT = FAMILIES["text"]


class Scored(Slow):
    """Whose evaluations give the scores that a test names."""

    def __init__(self, scores: Sequence[float]) -> None:
        super().__init__(Clock(), lambda _: 0.0, 0.0)
        self.scores, self.rates = scores, dict[int, float]()
        self.steps_per_epoch = 4
        self.seen = 0

    def train_step(self, step, rate):
        self.rates[step] = rate
        self.seen = step + 1
        return super().train_step(step, rate)

    def evaluate(self, check) -> dict[str, Record]:
        return {"validation": {"nll": self.scores[self.seen // 4], "accuracy": 1.0 - self.scores[self.seen // 4] / 10}}


def plan(epochs: int = 10, patience: int | None = None, until: tuple[str, float] | None = None) -> Plan:
    return Plan(4, 4 * epochs, None, 0, log_every=2, patience=patience, until=until)


def trained(folder: Path, scores: Sequence[float], asked: Plan) -> tuple[Progress, list[str], RunDir, Scored]:
    told: list[str] = []
    run, task = create_run(folder, "text", {"settings": {}, "data": {}, "plan": asdict(asked)}, "r"), Scored(scores)
    return fulfil(task, TEXT, asked, run, QuietReporter(told.append), None, 1e9), told, run, task


FALLING = [4.0, 3.0, 2.5, 2.0, 1.9, 1.8, 1.7, 1.6, 1.5, 1.4, 1.3]
STUCK = [4.0, 3.0, 2.0, 2.1, 2.0, 2.2, 1.0, 1.0, 1.0, 1.0, 1.0]


def test_epochs_that_bring_nothing_end_it(tmp_path: Path) -> None:
    progress, told, run, _ = trained(tmp_path, STUCK, plan(patience=3))
    assert progress.step == 4 * 5
    assert told[-1] == (
        "ends after epoch 5: 3 epochs brought no better nll than 2, of epoch 2, as --patience 3 asks; "
        "the learning rate was at 50% of its peak"
    )
    assert Plan.from_mapping(run.document()["plan"]).total_steps == 20


def test_a_score_that_is_reached_ends_it_from_either_side(tmp_path: Path) -> None:
    for number, (until, after) in enumerate(((("nll", 2.0), 3), (("accuracy", 0.83), 6))):
        progress, told, _, _ = trained(tmp_path / str(number), FALLING, plan(until=until))
        assert progress.step == 4 * after
        assert f"as --until {until[0]}={until[1]:g} asks" in told[-1]


def test_what_is_never_reached_changes_nothing(tmp_path: Path) -> None:
    progress, told, run, task = trained(tmp_path, FALLING, plan(patience=3, until=("nll", 0.1)))
    assert progress.step == 40
    assert not any("ends after" in sentence for sentence in told)
    assert run.document()["plan"] == {**asdict(plan(patience=3)), "until": ["nll", 0.1], "planned": [], "again": []}
    assert task.rates == {step: learning_rate_scale(step, plan()) for step in range(40)}


@pytest.mark.parametrize("stopped_at", [3, 18, 19])
def test_a_run_that_was_stopped_ends_where_it_would_have(tmp_path: Path, stopped_at: int) -> None:
    class Stops(QuietReporter):
        def advanced(self, step: int) -> None:
            if step == stopped_at:
                signal.raise_signal(signal.SIGINT)

    whole, _, _, task = trained(tmp_path / "whole", STUCK, plan(patience=3))
    run = create_run(tmp_path, "text", {"settings": {}, "data": {}, "plan": asdict(plan(patience=3))}, "r")
    first = Scored(STUCK)
    with pytest.raises(Stopped):
        fulfil(first, TEXT, plan(patience=3), run, Stops(), None, 1e9)
    again = Scored(STUCK)
    again.seen = first.seen
    progress = fulfil(again, TEXT, Plan.from_mapping(run.document()["plan"]), run, QuietReporter(), None, 1e9)
    assert progress.step == whole.step == 20
    assert first.rates | again.rates == task.rates


def test_a_process_that_died_before_the_plan_was_kept_ends_there_too(tmp_path: Path) -> None:
    _, _, run, _ = trained(tmp_path, STUCK, plan(patience=3))
    run.update(plan=asdict(plan(patience=3)))
    again = Scored(STUCK)
    assert fulfil(again, TEXT, plan(patience=3), run, QuietReporter(), None, 1e9).step == 20
    assert again.rates == {}


def test_a_run_that_ended_keeps_the_rates_that_it_had() -> None:
    ended = plan().planned_again(20, 20)
    assert [learning_rate_scale(step, ended) for step in range(20)] == [
        learning_rate_scale(step, plan()) for step in range(20)
    ]


def test_nothing_ends_before_the_first_epoch_or_after_the_last() -> None:
    asked, measured = plan(patience=1, until=("nll", 9.0)), [{"nll": 4.0}]
    assert enough_told(asked, Progress(step=0, evaluated=0), lambda: measured, TEXT) is None
    assert enough_told(asked, Progress(step=40, evaluated=10, best_epoch=1), lambda: measured, TEXT) is None


@pytest.mark.parametrize("typed", ["nll", "nll=", "=1.4", "nll=much", "nll=nan", "1.45"])
def test_what_is_no_score_with_a_value_is_refused(typed: str) -> None:
    with pytest.raises(UsageError) as told:
        TextSettings(until=typed)
    assert told.value.what == f"--until {typed!r} is no score with its value"
    assert told.value.hint == "write --until nll=1.45."


def test_a_score_that_the_family_lacks_is_refused() -> None:
    check_goal(("accuracy", 0.5), TEXT)
    check_goal(None, TEXT)
    with pytest.raises(UsageError) as told:
        check_goal(("elbo", -90.0), TEXT)
    assert told.value.what == "until elbo=-90: there is no score 'elbo'"


def test_the_settings_reach_the_plan() -> None:
    assert make_plan(TextSettings(minutes=2.0), 7).total_steps is None, "the clock decides"
    made = make_plan(TextSettings(patience=2, until="nll=1.5", epochs=3), 7)
    assert (made.patience, made.until, made.total_steps) == (2, ("nll", 1.5), 21)
    assert Plan.from_mapping({**asdict(made), "until": ["nll", 1.5]}) == made
