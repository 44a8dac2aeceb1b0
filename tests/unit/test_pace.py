"""--minutes: how many steps fit, planned again and again, on a simulated clock."""

import re
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from genmodels.errors import Stopped
from genmodels.families import FAMILIES
from genmodels.family import Family
from genmodels.runs import Record, RunDir, create_run
from genmodels.settings.every import NEVER, Every
from genmodels.training.beginnings import Beginning, beginning_of
from genmodels.training.loop import fulfil
from genmodels.training.pace import Pace, missed_told
from genmodels.training.plan import Plan
from genmodels.training.previews import RARELY, Previews
from genmodels.training.reporting import QuietReporter
from genmodels.training.sharing import sharing_of
from genmodels.training.signs import Sign
from genmodels.training.starting import train
from genmodels.training.task import Preview, TaskState

STEP = 0.125  # seconds; sums of it are exact
NO_PREVIEWS = Previews(NEVER, 0.0)
TASK: Any = SimpleNamespace(beginning=Beginning("dcgan", "to draw", 100_000), quicker=(), steps_before=0)


def plan(minutes: float = 1.0, warmup: int = 1000, epoch: int = 16) -> Plan:
    return Plan(epoch, None, minutes, warmup, log_every=4)


def first_plan(asked: Plan, seconds_of: Callable[[int], float] = lambda _: STEP) -> tuple[int, int]:
    """After which step there is a plan, and of how many steps in all.

    Args:
        asked: how long.
        seconds_of: what the update after so many finished ones takes.
    """
    pace, now = Pace(asked), 0.0
    for step in range(1, 10_000):
        now += seconds_of(step - 1)
        pace.spend(seconds_of(step - 1))
        if pace.is_due(asked, step, now):
            return pace.planned(asked, step, now, NO_PREVIEWS).planned[0]
    raise AssertionError("there was never a plan")


def paced(seconds: float, steps: int = 4) -> Pace:
    """After a first step and some more, which took so long."""
    pace = Pace(plan(minutes=1))
    pace.is_due(plan(), 1, 0.0)
    pace.spend(seconds)
    pace.planned(plan(), 1 + steps, 0.0, NO_PREVIEWS)
    return pace


def test_half_a_second_of_steps_gives_the_first_plan_and_they_fill_the_time() -> None:
    assert first_plan(plan(minutes=1)) == (5, 480)
    assert first_plan(plan(minutes=3)) == (5, 3 * 480)


def test_two_slow_steps_are_enough_and_quick_ones_are_not_waited_for_long() -> None:
    assert first_plan(plan(minutes=5), lambda _: 1.0) == (3, 300)
    assert first_plan(plan(minutes=1), lambda _: 0.0078125) == (21, 60 * 128)


def test_a_slow_first_step_costs_its_time_but_does_not_count_for_the_speed() -> None:
    assert first_plan(plan(minutes=1), lambda step: 8.0 if step == 0 else STEP) == (5, 1 + int((60 - 8) / STEP))


def test_at_least_one_more_step_is_planned() -> None:
    known, total = first_plan(plan(minutes=0.01))
    assert total == known + 1


@pytest.mark.parametrize("step", [5, 15, 16])
def test_the_ends_of_epochs_are_made_room_for(step: int) -> None:
    pace = paced(4 * STEP)
    pace.ended(2.0)
    fit = pace.steps_in(20.0, step)
    ends = len([s for s in range(step, step + fit) if s % 16 == 0]) + 1
    assert fit * STEP + ends * 2.0 <= 20.0
    more = len([s for s in range(step, step + fit + 1) if s % 16 == 0]) + 1
    assert (fit + 1) * STEP + more * 2.0 > 20.0


def test_evaluations_after_the_training_are_made_room_for() -> None:
    pace = Pace(plan(epoch=10_000), measured_after=2)
    pace.is_due(plan(), 1, 0.0)
    pace.spend(4 * STEP)
    pace.planned(plan(), 5, 0.0, NO_PREVIEWS)
    pace.ended(2.0)
    assert pace.steps_in(20.0, 5) == (20 - 3 * 2) / STEP


def test_the_end_of_an_epoch_takes_longer_too_where_the_steps_do() -> None:
    pace = paced(4 * STEP)
    pace.steps_per_epoch = 10_000
    pace.ended(2.0)
    pace.spend(100 * 4 * STEP)
    pace.planned(plan(), 105, 50.0, NO_PREVIEWS)
    each = pace.seconds_of_one
    assert each > 3.8 * STEP
    assert pace.steps_in(10.0 * each / STEP, 105) == pytest.approx((10.0 - 2.0) / STEP, abs=1)


def test_the_speed_is_that_of_the_newest_steps() -> None:
    pace, now, asked = paced(4 * STEP), 0.5, plan(minutes=1)
    for step in range(15, 205, 10):
        pace.spend(10 * (STEP if step < 100 else 2 * STEP))
        now += 10 * (STEP if step < 100 else 2 * STEP)
        asked = pace.planned(asked, step, now, NO_PREVIEWS)
    assert pace.seconds_of_one == 2 * STEP


def test_a_plan_that_differs_by_little_is_kept() -> None:
    pace = paced(4 * STEP)
    asked = plan().planned_again(5, 480)
    pace.spend(100 * STEP)
    assert pace.planned(asked, 105, 105 * STEP + 0.25, NO_PREVIEWS) is asked
    pace.spend(100 * STEP)
    assert pace.planned(asked, 205, 205 * STEP + 10.0, NO_PREVIEWS).planned == ((5, 480), (205, 400))


def test_nothing_is_planned_before_the_newest_plan_or_at_the_end() -> None:
    pace, asked = paced(4 * STEP), plan().planned_again(100, 480)
    assert not pace.is_due(asked, 99, 50.0)
    assert not pace.is_due(asked, 100, 50.0)
    assert pace.is_due(asked, 101, 50.0)
    assert not pace.is_due(asked, 480, 50.0)


def test_a_training_that_went_back_is_measured_anew() -> None:
    pace, asked = paced(100.0), plan().planned_again(5, 480)
    pace.restart()
    assert not pace.is_due(asked, 10, 50.0)
    pace.spend(4 * STEP)
    assert pace.is_due(asked, 14, 50.0)
    pace.planned(asked, 14, 50.0, NO_PREVIEWS)
    assert pace.seconds_of_one == STEP


class Clock:
    """Time that passes only where a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def perf_counter(self) -> float:
        return self.now


class Slow:
    """A task without a model, whose steps and evaluations take their time on a clock."""

    held_out, steps_per_epoch, checks, measured_after, settling_steps = "validation", 16, 0, 0, 1
    beginning: Beginning | None = None
    quicker: Sequence[str] = ()
    steps_before = 0

    def __init__(self, clock: Clock, seconds_of: Callable[[int], float], evaluation_seconds: float) -> None:
        self.clock, self.seconds_of, self.evaluation_seconds = clock, seconds_of, evaluation_seconds
        self.plans: list[int | None] = []
        self.share = 1.0

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

    def measure_part(self, share: float) -> None:
        self.share = share

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


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The loop's."""
    clock = Clock()
    for module in ("clock", "evaluation"):
        watch = SimpleNamespace(perf_counter=clock.perf_counter)
        monkeypatch.setattr(f"genmodels.training.{module}.time", watch)
    return clock


def new_run(folder: Path) -> RunDir:
    return create_run(folder, "text", {"settings": {}, "data": {}}, "r")


def halves(step: int) -> float:
    return STEP if step < 100 else 2 * STEP


def doubles(step: int) -> float:
    return STEP if step < 100 else STEP / 2


def is_busy_for_a_while(step: int) -> float:
    return STEP if step < 100 or step > 140 else 5 * STEP


def wavers(step: int) -> float:
    return STEP * (1.0 + 0.5 * (step % 7 - 3) / 3)


def has_a_slow_first_step(step: int) -> float:
    return 4.0 if step == 0 else STEP


@pytest.mark.parametrize("speed", [halves, doubles, is_busy_for_a_while, wavers, has_a_slow_first_step])
@pytest.mark.parametrize(("minutes", "evaluation", "before"), [(1.0, 0.0, 0.0), (1.0, 1.0, 3.0), (5.0, 8.0, 10.0)])
def test_a_training_takes_as_long_as_was_asked_for(
    tmp_path: Path, clock: Clock, speed: Callable[[int], float], minutes: float, evaluation: float, before: float
) -> None:
    task = Slow(clock, speed, evaluation)
    task.steps_per_epoch = 160
    run, begin = new_run(tmp_path), clock.now
    asked = plan(minutes, epoch=160)
    progress = fulfil(task, FAMILIES["text"], asked, run, QuietReporter(), None, 1e9, seconds_before=before)
    took = before + clock.now - begin
    assert progress.spent == pytest.approx(took)
    assert took == pytest.approx(60 * minutes, rel=0.05)
    assert task.plans[0] is None
    assert task.plans[-1] == progress.step == run.document()["plan"]["total_steps"]
    assert len(task.plans) <= 120


def stalls_early(step: int) -> float:
    return 0.6 if step == 1 else 0.002


def is_recorded_late(step: int) -> float:
    return 0.5 if step < 4 else 0.001


@pytest.mark.parametrize(("speed", "settling"), [(stalls_early, 1), (is_recorded_late, 5)])
def test_a_first_plan_that_is_far_too_small_is_not_walked_to_its_end(
    tmp_path: Path, clock: Clock, speed: Callable[[int], float], settling: int
) -> None:
    rates: list[float] = []

    class Noted(Slow):
        settling_steps = settling

        def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
            rates.append(rate)
            return super().train_step(step, rate)

    task, begin = Noted(clock, speed, 0.0), clock.now
    task.steps_per_epoch = 100_000
    asked = Plan(100_000, None, 1.0, 50, log_every=100)
    fulfil(task, FAMILIES["text"], asked, new_run(tmp_path), QuietReporter(), None, 1e9)
    assert clock.now - begin == pytest.approx(60, rel=0.05)
    assert rates[len(rates) // 2] == pytest.approx(0.5, abs=0.08), "and no rate is spent on it"


def test_a_training_that_goes_back_near_its_end_takes_no_longer(tmp_path: Path, clock: Clock) -> None:
    task = BrokenOnce(clock, 460)
    begin, run = clock.now, new_run(tmp_path)
    progress = fulfil(task, FAMILIES["text"], plan(minutes=1, epoch=1000), run, QuietReporter(), None, 1e9)
    assert progress.rollbacks == 1
    assert clock.now - begin == pytest.approx(60, rel=0.05)


def test_a_finished_run_that_is_resumed_tells_nothing_of_its_time(tmp_path: Path, clock: Clock) -> None:
    told: list[str] = []
    run, task = new_run(tmp_path), Slow(clock, lambda _: STEP, 0.0)
    task.measured_after = 2
    fulfil(task, FAMILIES["text"], plan(1.0), run, QuietReporter(told.append), None, 1e9)
    recorded = Plan.from_mapping(run.document()["plan"])
    fulfil(task, FAMILIES["text"], recorded, run, QuietReporter(told.append), None, 1e9, seconds_before=30.0)
    assert [sentence for sentence in told if "asked for" in sentence] == []


def test_the_machines_speed_decides_the_evaluations_too(tmp_path: Path, clock: Clock) -> None:
    task = Slow(clock, halves, 0.0)
    task.steps_per_epoch = 160

    def evaluate(check: Callable[[], None]) -> dict[str, Record]:
        clock.now += 3.0 if clock.now < 1100 else 6.0
        return {"validation": {"nll": 1.0}}

    task.evaluate = evaluate  # type: ignore[method-assign]
    begin = clock.now
    fulfil(task, FAMILIES["text"], plan(3.0, epoch=160), new_run(tmp_path), QuietReporter(), None, 1e9)
    assert clock.now - begin == pytest.approx(180, rel=0.05)


@pytest.mark.parametrize("factor", [2.0, 0.5])
def test_an_evaluation_before_the_first_step_changes_with_the_speed_too(
    factor: float, tmp_path: Path, clock: Clock
) -> None:
    """Inside one epoch it is the only one until the end, when three more come: of the end, and of the result."""
    changes_at, begin = clock.now + 25.0, clock.now

    def slower() -> float:
        return 1.0 if clock.now < changes_at else factor

    class Changing(Slow):
        def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
            clock.now += 2.5 * slower()
            return {"validation": {"nll": 1.0}}

    task = Changing(clock, lambda step: slower() * (STEP if step != 1 else 6 * STEP), 0.0)
    task.steps_per_epoch, task.measured_after = 10_000, 2
    asked = Plan(10_000, None, 1.0, 1000, log_every=4)
    fulfil(task, FAMILIES["text"], asked, new_run(tmp_path), QuietReporter(), None, 1e9)
    assert clock.now - begin + 2 * 2.5 * factor == pytest.approx(60, rel=0.05)


class BrokenOnce(Slow):
    """Of whose updates one, counted with those that are made again, is not finite."""

    def __init__(self, clock: Clock, broken: int) -> None:
        super().__init__(clock, lambda _: STEP, 0.0)
        self.broken, self.tried, self.steps_per_epoch = broken, 0, 1000

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        self.tried += 1
        return super().train_step(step, rate) | {"finite": torch.tensor(self.tried != self.broken)}


class MeasuresLong(Slow):
    """Whose evaluation has 100 batches, each of a second."""

    @property
    def checks(self) -> int:  # type: ignore[override]
        return round(100 * self.share)

    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        for _ in range(self.checks):
            check()
            self.clock.now += 1.0
        return {"validation": {"nll": 1.0}}


class PreparesLong(MeasuresLong):
    """Whose evaluation computes for four seconds before its first batch."""

    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        self.clock.now += 4.0
        return super().evaluate(check)


def test_what_an_evaluation_computes_before_its_first_batch_counts(tmp_path: Path, clock: Clock) -> None:
    told: list[str] = []
    task, run = PreparesLong(clock, wavers, 0.0), new_run(tmp_path)
    task.steps_per_epoch = 1000
    fulfil(task, FAMILIES["text"], plan(2.0, epoch=1000), run, QuietReporter(told.append), None, 1e9)
    assert task.share == pytest.approx(0.02), "two of six seconds are left, and a batch takes one"
    assert told[0].startswith("to measure on all of validation would take 1 min 44 s after each epoch")


def test_where_the_time_is_short_a_part_of_what_is_held_out_is_measured(tmp_path: Path, clock: Clock) -> None:
    told: list[str] = []
    task, run, begin = MeasuresLong(clock, wavers, 0.0), new_run(tmp_path), clock.now
    task.steps_per_epoch, asked = 1000, plan(2.0, epoch=1000)
    fulfil(task, FAMILIES["text"], asked, run, QuietReporter(told.append), None, 1e9)
    assert clock.now - begin == pytest.approx(120, rel=0.05)
    assert task.share == run.document()["plan"]["measured_share"] == pytest.approx(0.06, abs=0.005)
    assert told == [
        "to measure on all of validation would take 1 min 40 s after each epoch: while training about 6% of it is "
        "used, the same each time"
    ]
    again = MeasuresLong(clock, wavers, 0.0)
    fulfil(again, FAMILIES["text"], Plan.from_mapping(run.document()["plan"]), run, QuietReporter(), None, 1e9)
    assert again.share == task.share


def test_where_there_is_time_all_of_it_is_measured(tmp_path: Path, clock: Clock) -> None:
    task, run = MeasuresLong(clock, wavers, 0.0), new_run(tmp_path)
    task.steps_per_epoch = 10_000
    fulfil(task, FAMILIES["text"], plan(40.0, epoch=10_000), run, QuietReporter(), None, 1e9)
    assert run.document()["plan"]["measured_share"] == task.share == 1.0


class StopsAt(QuietReporter):
    """Asks for a stop after an update."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.step = step

    def advanced(self, step: int) -> None:
        if step == self.step:
            signal.raise_signal(signal.SIGINT)


def test_a_run_that_goes_on_from_an_older_state_walks_through_the_recorded_plans(tmp_path: Path, clock: Clock) -> None:
    rates: list[tuple[int, float]] = []

    class Noted(Slow):
        def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
            rates.append((step, rate))
            return super().train_step(step, rate)

    task = Noted(clock, halves, 0.0)
    task.steps_per_epoch, run, asked = 1000, new_run(tmp_path), plan(1.0, warmup=30, epoch=1000)
    with pytest.raises(Stopped):
        fulfil(task, FAMILIES["text"], asked, run, StopsAt(250), None, checkpoint_minutes=1e9)
    walked, recorded = list(rates), Plan.from_mapping(run.document()["plan"])
    assert len(recorded.planned) > 3
    rates.clear()
    killed = create_run(tmp_path, "text", {"settings": {}, "data": {}, "plan": asdict(recorded)}, "killed")
    again = Noted(clock, lambda _: 10 * STEP, 0.0)
    again.steps_per_epoch = 1000
    fulfil(again, FAMILIES["text"], recorded, killed, QuietReporter(), None, 1e9)
    newest = recorded.planned[-1][0]
    assert rates[: newest + 1] == walked[: newest + 1]
    assert again.plans[: len(recorded.planned) + 1] == [None, *(total for _, total in recorded.planned)]


def test_a_plan_of_epochs_is_as_it_is(tmp_path: Path, clock: Clock) -> None:
    task = Slow(clock, wavers, 0.0)
    fixed = Plan(16, 40, None, 1000, log_every=4)
    assert fulfil(task, FAMILIES["text"], fixed, new_run(tmp_path), QuietReporter(), None, 1e9).step == 40
    assert task.plans == [40]


def test_a_training_that_goes_back_takes_no_longer(tmp_path: Path, clock: Clock) -> None:
    task = BrokenOnce(clock, 100)
    begin = clock.now
    run = new_run(tmp_path)
    progress = fulfil(task, FAMILIES["text"], plan(minutes=1, epoch=1000), run, QuietReporter(), None, 1e9)
    assert progress.rollbacks == 1
    assert progress.step == task.tried - 100, "it went back to the beginning when the record was due"
    assert clock.now - begin == pytest.approx(60, rel=0.05)


@pytest.mark.parametrize("preview_seconds", [0.0, 0.5, 4.0])
def test_previews_by_the_clock_are_kept_and_their_time_belongs_to_the_time_asked_for(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, preview_seconds: float
) -> None:
    task = Slow(clock, lambda _: STEP, 0.0)
    task.steps_per_epoch = 100_000

    def look() -> Preview:
        clock.now += preview_seconds
        return Preview("seen")

    monkeypatch.setattr(task, "preview", look)
    run = create_run(tmp_path, "text", {"settings": {}, "data": {}}, "r")
    asked = Plan(task.steps_per_epoch, None, 5.0, 1000, log_every=4)
    begin = clock.now
    progress = fulfil(task, FAMILIES["text"], asked, run, QuietReporter(), None, 1e9, Every(seconds=20.0))
    pause = max(20.0, RARELY * preview_seconds) + preview_seconds
    assert clock.now - begin == pytest.approx(300, abs=pause * 0.5 + 2)
    assert len(run.parts()) == pytest.approx(300 / pause, abs=1.5)
    assert run.epochs() == [1]
    assert progress.step == run.document()["plan"]["total_steps"]


def test_what_a_reporter_does_of_a_saved_epoch_takes_no_time_of_the_training(tmp_path: Path, clock: Clock) -> None:
    class Slowly(QuietReporter):
        def __init__(self, seconds: float) -> None:
            super().__init__(told.append)
            self.seconds, self.times = seconds, 0

        def saved(self, is_asked: Callable[[], bool], *, is_last: bool) -> None:
            clock.now += self.seconds
            self.times += 1

    def trained(seconds: float) -> list[Any]:
        task, slowly, begin = Slow(clock, wavers, 0.5), Slowly(seconds), clock.now
        task.steps_per_epoch, asked = 100, Plan(100, None, 1.0, 30, log_every=4)
        run = create_run(tmp_path, "text", {"settings": {}, "data": {}}, f"r{seconds:g}")
        progress = fulfil(task, FAMILIES["text"], asked, run, slowly, None, 0.2, Every(seconds=4.0))
        assert slowly.times == run.epochs()[-1] > 3
        assert clock.now - begin - slowly.times * seconds == pytest.approx(60, rel=0.05)
        return [progress, run.document()["plan"], run.metrics(), run.parts(), run.steps(), task.plans]

    told: list[str] = []
    assert trained(0.0) == trained(7.0)
    assert not told


def told_of(
    tmp_path: Path,
    clock: Clock,
    steps: int,
    speed: Callable[[int], float],
    minutes: float = 1.0,
    quicker: Sequence[str] = (),
    about: str = "there is time for",
) -> list[str]:
    """What a training is told of its time whose network begins to draw after so many steps."""
    told: list[str] = []
    task = Slow(clock, speed, 0.0)
    task.quicker = quicker
    task.beginning, task.steps_per_epoch = Beginning("dcgan", "to draw", steps), 1000
    asked = plan(minutes, epoch=1000)
    fulfil(task, FAMILIES["text"], asked, new_run(tmp_path), QuietReporter(told.append), None, 1e9, seconds_before=10.0)
    return [sentence for sentence in told if about in sentence]


def test_too_little_time_is_told_once_with_what_fits_and_what_is_needed(tmp_path: Path, clock: Clock) -> None:
    assert told_of(tmp_path, clock, 400, lambda _: 2.0) == [
        "in 1 minute there is time for about 25 steps; dcgan begins to draw after about 400: ask for --minutes 15"
    ]


def test_advice_names_the_threads_too_where_the_cores_are_busy(tmp_path: Path, clock: Clock) -> None:
    before, after = told_of(tmp_path, clock, 400, lambda _: 2.0, quicker=["--threads 1"], about="--minutes")
    assert before.endswith("ask for --minutes 15 and --threads 1")
    assert after.endswith("try --minutes 15 and --threads 1")


def advice_of(task: Slow, folder: Path, minutes: float, before: float, every: Every = NEVER) -> list[int]:
    """The minutes that a training is told to take, before and after it."""
    told: list[str] = []
    asked = plan(minutes, epoch=task.steps_per_epoch)
    fulfil(
        task,
        FAMILIES["text"],
        asked,
        new_run(folder),
        QuietReporter(told.append),
        None,
        1e9,
        every,
        seconds_before=before,
    )
    return [int(told_here) for sentence in told for told_here in re.findall(r"--minutes (\d+)$", sentence)]


class LosesModes(Slow):
    """A sign that stays, whatever is trained."""

    def signs(self, measures: Mapping[str, Record]) -> list[Sign]:
        return [Sign("modes", True, "modes are lost", "only 3 of 10 classes are drawn")]


@pytest.mark.parametrize("begins", [100, 400, 1000])
@pytest.mark.parametrize("kind", [Slow, LosesModes])
def test_the_minutes_that_are_advised_are_the_same_before_and_after_and_lead_where_they_say(
    tmp_path: Path, clock: Clock, kind: type[Slow], begins: int
) -> None:
    def task() -> Slow:
        made = kind(clock, lambda _: 2.0, 3.0)
        made.beginning, made.steps_per_epoch = Beginning("pixelcnn", "to draw", begins), 2000
        return made

    advised = advice_of(task(), tmp_path / "short", 1.0, before=26.0)
    assert len(advised) == 2
    assert len(set(advised)) == 1
    assert advice_of(task(), tmp_path / "long", float(advised[0]), before=26.0) == []


def test_minutes_that_are_advised_have_room_for_evaluations_of_larger_parts(tmp_path: Path, clock: Clock) -> None:
    def task() -> MeasuresLong:
        made = MeasuresLong(clock, lambda _: 2.0, 0.0)
        made.beginning, made.steps_per_epoch, made.measured_after = Beginning("lstm", "to hear", 400), 40, 3
        return made

    advised = advice_of(task(), tmp_path / "short", 2.0, before=10.0)
    assert advice_of(task(), tmp_path / "long", float(advised[-1]), before=10.0) == []
    assert advised[-1] <= 1.3 * (10 + 400 * 2.0 + 14 * 100) / 60, "no more than with all of it measured"


def test_minutes_that_are_advised_have_room_for_previews(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(_: Slow) -> Preview:
        clock.now += 10.0
        return Preview("seen")

    monkeypatch.setattr(Slow, "preview", look)

    def task() -> Slow:
        made = Slow(clock, lambda _: 2.0, 0.0)
        made.beginning, made.steps_per_epoch = Beginning("lstm", "to hear", 100), 100_000
        return made

    often = Every(steps=5)
    advised = advice_of(task(), tmp_path / "short", 2.0, 0.0, often)
    without = advice_of(task(), tmp_path / "without", 2.0, 0.0)
    assert advised[-1] > 1.7 * without[-1], "as long as steps do previews take"
    assert advice_of(task(), tmp_path / "long", float(advised[-1]), 0.0, often) == []


def test_what_comes_before_the_first_step_is_told_with_the_evaluation_before_it(tmp_path: Path, clock: Clock) -> None:
    told: list[str] = []
    task, run = Slow(clock, lambda _: 2.0, 30.0), new_run(tmp_path)
    fulfil(task, FAMILIES["text"], plan(1.0), run, QuietReporter(told.append), None, 1e9, seconds_before=26.0)
    (missed,) = [sentence for sentence in told if "in all" in sentence]
    assert "(56 s before its first step)" in missed


def test_where_hardly_any_steps_fit_it_is_told_at_once_and_once(tmp_path: Path, clock: Clock) -> None:
    (told,) = told_of(tmp_path, clock, 400, lambda _: 12.0)
    assert told.startswith("in 1 minute there is time for about 4 steps; dcgan begins to draw after about 400")


@pytest.mark.parametrize(
    ("steps", "speed", "minutes"),
    [(25, lambda _: 2.0, 1.0), (400, lambda _: 2.0, 14.0), (400, stalls_early, 1.0)],
    ids=["enough", "as many as were told", "the first steps stalled alone"],
)
def test_time_that_is_enough_is_not_told(
    tmp_path: Path, clock: Clock, steps: int, speed: Callable[[int], float], minutes: float
) -> None:
    assert told_of(tmp_path, clock, steps, speed, minutes) == []


def test_what_is_made_once_and_kept_does_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before: list[float] = []
    monkeypatch.setattr("genmodels.training.loop.fulfil", lambda *given: before.append(given[-1]))
    settings = FAMILIES["vae"].settings(threads=1)
    for once in (0.0, 30.0, 90.0):
        task: Any = SimpleNamespace(
            settings=settings, device=torch.device("cpu"), seconds_once=once, sharing=sharing_of()
        )
        begun = time.perf_counter() - 60.0
        train(task, FAMILIES["vae"], plan(), new_run(tmp_path / str(once)), QuietReporter(), begun)
    assert before == pytest.approx([60.0, 30.0, 0.0], abs=1.0)


def test_before_anything_is_planned_nothing_is_too_short() -> None:
    assert paced(100.0).too_short(plan(), 5, 1.0, TASK) is None


@pytest.mark.parametrize(("seconds", "missed"), [(56.9, True), (57.1, False), (62.9, False), (63.1, True)])
def test_a_time_is_missed_by_a_twentieth_to_either_side(seconds: float, missed: bool) -> None:
    assert (missed_told("run", seconds, 1.0) is not None) == missed


def test_a_run_that_goes_on_with_its_plan_does_not_hear_it_again() -> None:
    pace, asked = paced(100.0), plan().planned_again(5, 480)
    pace.looks = 0
    for step in (105, 205):
        assert pace.too_short(pace.planned(asked, step, 1.0, NO_PREVIEWS), step, 1.0, TASK) is None


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
def test_every_model_has_a_beginning_that_the_readme_tells(family: Family) -> None:
    assert set(family.begins) == set(family.models)
    assert all(beginning_of(family.name, model) is not None for model in family.models)
    assert beginning_of(family.name, None) is beginning_of("none such", family.models[0]) is None
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (row,) = [line for line in readme.splitlines() if line.startswith(f"| `{family.train_command.split()[-1]}`: ")]
    assert row.endswith(f"| {', '.join(f'{model} {steps:,}' for model, steps in family.begins.items())} |")


def test_what_the_first_evaluation_loads_is_not_counted_for_each_epoch_of_a_tiny_set(
    tmp_path: Path, clock: Clock
) -> None:
    class LoadsOnce(Slow):
        def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
            self.clock.now += 20.0 if self.clock.now < 1001.0 else 0.1
            return {"validation": {"nll": 1.0}}

    told: list[str] = []
    task = LoadsOnce(clock, lambda _: 0.5, 0.0)
    task.beginning, task.steps_per_epoch = Beginning("dcgan", "to draw", 400), 4
    run, reporter = new_run(tmp_path), QuietReporter(told.append)
    fulfil(task, FAMILIES["text"], plan(3.0, epoch=4), run, reporter, None, 1e9)
    assert [int(n) for sentence in told for n in re.findall(r"--minutes (\d+)$", sentence)] == [5, 5], told
