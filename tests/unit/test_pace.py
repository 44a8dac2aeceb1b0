"""--minutes: how many steps fit, on a simulated clock."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from genmodels.families import FAMILIES
from genmodels.runs import Record, create_run
from genmodels.settings.every import Every
from genmodels.training.loop import fit
from genmodels.training.pace import MEASURED_STEPS, SETTLING_STEPS, Pace
from genmodels.training.plan import Plan
from genmodels.training.previews import RARELY
from genmodels.training.reporting import QuietReporter
from genmodels.training.signs import Sign
from genmodels.training.task import Preview, TaskState

STEP = 0.125  # seconds; sums of it are exact
MEASURED = 24  # such steps in the 3 seconds that are measured at least


def plan(minutes: float = 1.0, warmup: int = 1000, epoch: int = 16) -> Plan:
    return Plan(epoch, None, minutes, warmup, log_every=4)


def measured(asked: Plan, seconds_of: Callable[[int], float] = lambda _: STEP) -> tuple[int, int]:
    """After which step the speed is known, and how many steps are then planned in all.

    Args:
        asked: how long.
        seconds_of: what the update after so many finished ones takes.
    """
    pace, now = Pace(asked), 0.0
    for step in range(1, 10_000):
        now += seconds_of(step - 1)
        pace.spend(seconds_of(step - 1))
        if pace.can_begin(step):
            pace.begin(step)
        elif pace.is_known(step):
            return step, pace.total_steps(step, now, 0.0)
    raise AssertionError("the speed was never known")


def test_steps_that_all_take_as_long_fill_the_time() -> None:
    assert measured(plan(minutes=1)) == (SETTLING_STEPS + MEASURED, 480)
    assert measured(plan(minutes=3))[1] == 3 * 480


def test_slow_first_steps_cost_their_time_but_do_not_count_for_the_speed() -> None:
    known, total = measured(plan(minutes=1), lambda step: 8.0 if step < SETTLING_STEPS else STEP)
    assert known == SETTLING_STEPS + MEASURED
    assert total == SETTLING_STEPS + (60 - 40) / STEP


def test_a_step_that_is_slow_later_counts() -> None:
    _, total = measured(plan(minutes=1), lambda step: 1.0 if step == SETTLING_STEPS else STEP)
    steps = 1 + (3 - 1) / STEP  # measured, in 3 seconds
    assert total == SETTLING_STEPS + steps + int((60 - SETTLING_STEPS * STEP - 3) / (3 / steps))


def test_the_longer_the_training_the_longer_its_speed_is_measured() -> None:
    assert measured(plan(minutes=100))[0] == SETTLING_STEPS + 60 / STEP


def test_the_end_of_the_warm_up_ends_the_measure_but_ten_steps_there_are() -> None:
    assert measured(plan(warmup=20)) == (20, 480)
    assert measured(plan(warmup=0)) == (SETTLING_STEPS + MEASURED_STEPS, 480)


def test_slow_steps_are_measured_ten_times_too() -> None:
    assert measured(plan(minutes=5), lambda _: 1.0) == (SETTLING_STEPS + MEASURED_STEPS, 300)


def test_at_least_one_more_step_is_planned() -> None:
    known, total = measured(plan(minutes=0.01))
    assert total == known + 1


def test_time_that_was_spent_before_is_not_there_any_more() -> None:
    pace = Pace(plan(minutes=1))
    pace.begin(5)
    pace.spend(24 * STEP)
    assert pace.total_steps(29, seconds=40.0, epoch_seconds=0.0) == 29 + 20 / STEP


def test_every_step_bears_its_share_of_an_epochs_end_and_there_is_room_for_one_more() -> None:
    pace = Pace(plan(minutes=1, epoch=16))
    pace.begin(5)
    pace.spend(24 * STEP)
    assert pace.total_steps(29, seconds=10.0, epoch_seconds=2.0) == 29 + (60 - 10 - 2) / (STEP + 2 / 16)


def test_the_time_in_which_the_device_catches_up_belongs_to_the_steps() -> None:
    pace = Pace(plan(minutes=1))
    pace.begin(5)
    pace.spend(3.0)
    assert pace.is_known(15)
    pace.spend(2.0)  # waited for
    assert pace.total_steps(15, seconds=10.0, epoch_seconds=0.0) == 15 + 50 / 0.5


def test_a_training_that_went_back_is_measured_anew() -> None:
    pace = Pace(plan(minutes=1))
    pace.spend(5.0)
    pace.begin(5)
    pace.spend(100.0)
    pace.restart()
    assert not pace.is_known(100)
    assert pace.can_begin(SETTLING_STEPS)
    pace.begin(6)
    pace.spend(24 * STEP)
    assert pace.total_steps(30, seconds=30.0, epoch_seconds=0.0) == 30 + 30 / STEP


class Clock:
    """Time that passes only where a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def perf_counter(self) -> float:
        return self.now


class Slow:
    """A task without a model, whose steps and evaluations take their time on a clock."""

    held_out, steps_per_epoch, checks = "validation", 16, 0

    def __init__(self, clock: Clock, seconds_of: Callable[[int], float], evaluation_seconds: float) -> None:
        self.clock, self.seconds_of, self.evaluation_seconds = clock, seconds_of, evaluation_seconds
        self.plans: list[int | None] = []

    def planned(self, plan: Plan) -> None:
        self.plans.append(plan.total_steps)

    def units(self, step: int) -> int:
        return 8

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        self.clock.now += self.seconds_of(step)
        return {"finite": torch.tensor(True), "nll": torch.tensor(1.0)}

    def logged(self, means: Mapping[str, float]) -> Mapping[str, float]:
        return means

    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        self.clock.now += self.evaluation_seconds
        return {"validation": {"nll": 1.0}}

    def signs(self, measures: Mapping[str, Record]) -> list[Sign]:
        return []

    def changes(self) -> list[str]:
        return []

    def in_words(self, measures: Mapping[str, Record]) -> str:
        return ""

    def preview(self) -> Preview:
        return Preview("")

    def weights(self) -> Mapping[str, Tensor]:
        return {"weight": torch.zeros(1)}

    def state(self) -> TaskState:
        return TaskState(self.weights(), {})

    def load_state(self, state: TaskState) -> None:
        pass

    def description(self) -> Mapping[str, Any]:
        return {}


@pytest.mark.parametrize(
    ("minutes", "first", "usual", "evaluation"),
    [(0.5, STEP, STEP, 0.0), (0.5, 1.0, STEP, 0.0), (0.5, STEP, STEP, 1.0), (1.0, 3.0, 0.0625, 1.5)],
)
def test_a_training_takes_as_long_as_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: float, first: float, usual: float, evaluation: float
) -> None:
    clock = Clock()
    monkeypatch.setattr("genmodels.training.loop.time", SimpleNamespace(perf_counter=clock.perf_counter))
    task = Slow(clock, lambda step: first if step < SETTLING_STEPS else usual, evaluation)
    run = create_run(tmp_path, "text", {"settings": {}, "data": {}}, "r")
    begin = clock.now
    progress = fit(task, FAMILIES["text"], plan(minutes), run, QuietReporter(), None, 1e9)
    asked, took = 60 * minutes, clock.now - begin
    assert progress.seconds == pytest.approx(took)
    assert asked - evaluation - 2 * usual <= took <= asked + evaluation
    assert task.plans == [None, progress.step]
    assert run.document()["plan"]["total_steps"] == progress.step


def test_a_plan_that_was_fixed_is_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("genmodels.training.loop.time", SimpleNamespace(perf_counter=clock.perf_counter))
    task = Slow(clock, lambda _: STEP, 0.0)
    run = create_run(tmp_path, "text", {"settings": {}, "data": {}}, "r")
    fixed = Plan(16, 40, 5.0, 1000, log_every=4)
    assert fit(task, FAMILIES["text"], fixed, run, QuietReporter(), None, 1e9).step == 40
    assert task.plans == [40]


def test_a_training_that_goes_back_while_its_speed_is_measured_takes_as_long_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, steps = Clock(), [0]
    monkeypatch.setattr("genmodels.training.loop.time", SimpleNamespace(perf_counter=clock.perf_counter))

    def broken_once(step: int) -> dict[str, Tensor]:
        steps[0] += 1
        clock.now += 1.0 if steps[0] <= 12 else STEP
        return {"finite": torch.tensor(steps[0] != 10), "nll": torch.tensor(1.0)}

    task = Slow(clock, lambda _: 0.0, 0.0)
    monkeypatch.setattr(task, "train_step", lambda step, _: broken_once(step))
    run = create_run(tmp_path, "text", {"settings": {}, "data": {}}, "r")
    begin = clock.now
    progress = fit(task, FAMILIES["text"], plan(minutes=1), run, QuietReporter(), None, 1e9)
    assert progress.rollbacks == 1
    assert progress.step == steps[0] - 12, "it went back to the beginning when the record was due"
    assert clock.now - begin == pytest.approx(60 + 12, abs=1), (
        "going back gives the time back, as the seconds go back too"
    )


@pytest.mark.parametrize("preview_seconds", [0.0, 0.5, 4.0])
def test_previews_by_the_clock_are_kept_and_their_time_belongs_to_the_time_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preview_seconds: float
) -> None:
    clock = Clock()
    monkeypatch.setattr("genmodels.training.loop.time", SimpleNamespace(perf_counter=clock.perf_counter))
    task = Slow(clock, lambda _: STEP, 0.0)
    task.steps_per_epoch = 100_000

    def look() -> Preview:
        clock.now += preview_seconds
        return Preview("seen")

    monkeypatch.setattr(task, "preview", look)
    run = create_run(tmp_path, "text", {"settings": {}, "data": {}}, "r")
    asked = Plan(task.steps_per_epoch, None, 5.0, 1000, log_every=4)
    begin = clock.now
    progress = fit(task, FAMILIES["text"], asked, run, QuietReporter(), None, 1e9, Every(seconds=20.0))
    pause = max(20.0, RARELY * preview_seconds) + preview_seconds
    assert clock.now - begin == pytest.approx(300, abs=pause * 0.5 + 2)
    assert len(run.parts()) == pytest.approx(300 / pause, abs=1.5)
    assert run.epochs() == [1]
    assert progress.step == run.document()["plan"]["total_steps"]
