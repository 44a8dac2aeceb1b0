"""Trainings that were stopped, or crashed, go on to the same end; those that start from other weights too."""

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

from contract.cases import CASES, every_family, rarely
from contract.helpers import (
    At,
    Case,
    Crash,
    assert_same,
    contents,
    fit,
    forget_training_states,
    interrupt,
    new_run,
    train,
)
from doors import FAMILIES
from genmodels.errors import RunError, Stopped
from genmodels.families.finetuning import take_weights, take_weights_again
from genmodels.models.weights import to_arrays
from genmodels.runs import RunDir
from genmodels.runs.checkpoint import read_checkpoint
from genmodels.runs.epochs import name_of, part_of
from genmodels.settings.every import Every
from genmodels.training import loop
from genmodels.training.plan import Plan
from genmodels.training.task import Task


@every_family
@pytest.mark.parametrize("where", [rarely("first step"), "mid-epoch", rarely("log line"), "epoch's end"])
def test_a_run_stopped_at_a_step_and_resumed_equals_one_never_stopped(
    case: Case, whole: tuple[RunDir, int], tmp_path: Path, where: str
) -> None:
    unbroken, n = whole
    stopped = new_run(tmp_path, "stopped", case.family)
    step = {"first step": 1, "mid-epoch": n + n // 2, "log line": n + 7 - n % 7, "epoch's end": 2 * n}[where]
    with pytest.raises(Stopped) as caught:
        train(case, tmp_path, stopped, At(step, interrupt))
    assert caught.value.exit_code == 130
    assert stopped.pointer("last") == f"step-{step:08d}"
    train(case, tmp_path, stopped)
    assert_same(unbroken, stopped)


@every_family
@pytest.mark.parametrize("epoch", [rarely(0), 2])
def test_a_run_stopped_during_an_evaluation_and_resumed_equals_one_never_stopped(
    case: Case, whole: tuple[RunDir, int], tmp_path: Path, epoch: int
) -> None:
    stopped = new_run(tmp_path, "stopped", case.family)
    task = case.make(tmp_path, 1)
    evaluate, calls = task.evaluate, []

    def interrupted(check: Callable[[], None]) -> Any:
        calls.append(1)
        if len(calls) == epoch + 1:
            interrupt()
        return evaluate(check)

    task.evaluate = interrupted
    with pytest.raises(Stopped):
        fit(task, stopped)
    assert stopped.epochs() == list(range(1, epoch))
    train(case, tmp_path, stopped)
    assert_same(whole[0], stopped)


@every_family
def test_a_run_that_crashed_resumes_from_its_last_state_to_the_same_end(
    case: Case, whole: tuple[RunDir, int], tmp_path: Path
) -> None:
    unbroken, n = whole
    crashed = new_run(tmp_path, "crashed", case.family)

    def crash() -> None:
        raise Crash

    for step in (3, n + 9, 2 * n + 1, 3 * n):
        with pytest.raises(Crash):
            train(case, tmp_path, crashed, At(step, crash))
    train(case, tmp_path, crashed)
    assert_same(unbroken, crashed)


@every_family
def test_a_run_with_previews_equals_one_without_but_for_what_they_keep(case: Case, tmp_path: Path) -> None:
    plain, watched = (new_run(tmp_path, name, case.family) for name in ("plain", "watched"))
    n = train(case, tmp_path, plain, epochs=1).steps_per_epoch
    train(case, tmp_path, watched, epochs=1, previews=Every(steps=n // 3))
    ours, theirs = contents(plain), contents(watched)
    added = theirs.keys() - ours.keys()
    assert {name: theirs[name] for name in theirs.keys() - added} == ours
    parts = [part_of(step, n) for step in range(n // 3, n, n // 3)]
    assert len(parts) > 1
    assert watched.parts() == parts
    kept = {f"checkpoints/{name_of(part)}/model.safetensors" for part in parts}
    assert kept < added
    assert {Path(name).stem for name in added - kept} == {name_of(part) for part in parts}, "its samples"


@every_family
def test_a_run_stopped_between_previews_and_one_that_crashed_after_one_resume_to_the_same(
    case: Case, tmp_path: Path
) -> None:
    whole, stopped, crashed = (new_run(tmp_path, name, case.family) for name in ("whole", "stopped", "crashed"))
    n = case.make(tmp_path, 1).steps_per_epoch
    every = Every(steps=n // 3)
    train(case, tmp_path, whole, epochs=1, previews=every)

    def crash() -> None:
        raise Crash

    with pytest.raises(Stopped):
        train(case, tmp_path, stopped, At(n // 3 + 1, interrupt), epochs=1, previews=every)
    assert stopped.parts() == [part_of(n // 3, n)]
    with pytest.raises(Crash):
        train(case, tmp_path, crashed, At(n - 1, crash), epochs=1, previews=every)
    assert crashed.parts() == whole.parts()[: len(crashed.parts())] != []
    for run in (stopped, crashed):
        train(case, tmp_path, run, epochs=1, previews=every)
        assert_same(whole, run)


@every_family
def test_a_finished_run_that_is_resumed_stays_as_it_is(case: Case, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    train(case, tmp_path, run)
    before = contents(run)
    train(case, tmp_path, run)
    assert contents(run) == before


@every_family
def test_a_run_killed_before_its_first_state_writes_each_record_once(case: Case, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    run.append_metrics({"epoch": 0, "step": 0, "split": "validation"})
    task = train(case, tmp_path, run, epochs=1)
    assert [r["epoch"] for r in run.evaluations() if r["split"] == task.held_out] == [0, 1]


@every_family
def test_a_run_whose_training_state_was_deleted_is_not_begun_again(case: Case, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    train(case, tmp_path, run, epochs=1)
    before = run.metrics_path.read_bytes()
    forget_training_states(run)
    with pytest.raises(RunError, match="no whole training state"):
        train(case, tmp_path, run, epochs=2)
    assert run.metrics_path.read_bytes() == before


@every_family
def test_throughput_after_a_resume_counts_the_time_before_it(case: Case, tmp_path: Path) -> None:
    run, slow = new_run(tmp_path, "r", case.family), 0.02
    task = case.make(tmp_path, 1)
    real = task.train_step

    def slowed(step: int, rate: float) -> Any:
        time.sleep(slow)
        return real(step, rate)

    task.train_step = slowed
    with pytest.raises(Stopped):
        fit(task, run, At(6, interrupt))
    train(case, tmp_path, run, epochs=1)
    first = next(r for r in run.metrics() if r.get("steps") == 7)
    units = sum(task.units(step) for step in range(7))
    assert first[f"{FAMILIES[case.family].unit}_per_second"] < units / (6 * slow)


def child_of(case: Case, folder: Path, parent: RunDir) -> tuple[Task, list[str]]:
    """A fresh task of another seed, with the parent's best weights; and what was told."""
    task, told = case.make(folder, 2), []
    take_weights(task, parent, told.append)
    return task, told


@every_family
def test_a_training_starts_from_the_best_weights_of_another_and_resumes_to_the_same_end(
    case: Case, tmp_path: Path
) -> None:
    parent = new_run(tmp_path, "parent", case.family)
    fit(case.make(tmp_path, 1), parent, epochs=2)
    best = read_checkpoint(parent.epoch_checkpoint(None)).tensors["model"]
    task, told = child_of(case, tmp_path, parent)
    ours = to_arrays(task.weights())
    assert ours.keys() == best.keys()
    assert all((ours[name] == array).all() for name, array in best.items())
    assert any(f"starts from the weights of {parent.path}, epoch" in sentence for sentence in told)

    whole, stopped = (new_run(tmp_path, name, case.family) for name in ("whole", "stopped"))
    fit(task, whole, epochs=1)
    with pytest.raises(Stopped):
        fit(child_of(case, tmp_path, parent)[0], stopped, At(3, interrupt), epochs=1)
    fit(case.make(tmp_path, 2), stopped, epochs=1)
    assert_same(whole, stopped)


def test_a_player_whom_no_epoch_keeps_is_the_same_one_again_or_told_to_be_gone(tmp_path: Path) -> None:
    """A run that was ended before its first training state begins again with both players of its parent."""
    case = next(case for case in CASES if case.family == "gan")
    parent, child = (new_run(tmp_path, name, case.family) for name in ("parent", "child"))
    fit(case.make(tmp_path, 1), parent, epochs=2)
    first, again = case.make(tmp_path, 2), case.make(tmp_path, 2)
    child.update(**take_weights(first, parent, lambda _: None))
    take_weights_again(again, child, lambda _: None)
    states = (task.state().model for task in (first, again))
    assert all(torch.equal(one, other) for one, other in zip(*(state.values() for state in states), strict=True))
    shutil.rmtree(parent.checkpoints / f"step-{parent.steps()[-1]:08d}")
    with pytest.raises(RunError, match="the weights of parent that it began with are gone"):
        take_weights_again(case.make(tmp_path, 2), child, lambda _: None)


@every_family
def test_a_run_that_ended_inside_an_epoch_and_goes_on_in_it_is_measured_at_its_new_end(
    case: Case, tmp_path: Path
) -> None:
    task, run = case.make(tmp_path, 1), new_run(tmp_path, "longer", case.family)
    n = task.steps_per_epoch
    short = Plan(n, n // 3, None, warmup_steps=5, log_every=7)
    loop.fulfil(task, FAMILIES[case.family], short, run, At(), None, 1e9)
    first = read_checkpoint(run.checkpoints / "epoch-0001")
    longer = short.lengthened(n // 3, 2 * n // 3)
    loop.fulfil(case.make(tmp_path, 1), FAMILIES[case.family], longer, run, At(), None, 1e9)
    again = read_checkpoint(run.checkpoints / "epoch-0001")
    assert (first.state["step"], again.state["step"]) == (n // 3, 2 * n // 3)
    assert run.steps()[-1] == 2 * n // 3
    kept = read_checkpoint(run.checkpoints / name_of(short.trained(n // 3)))
    assert all((kept.tensors["model"][name] == array).all() for name, array in first.tensors["model"].items())
    run.update(plan=asdict(longer))
    measured = [record for record in run.evaluations() if record["split"] == task.held_out]
    assert [record["step"] for record in measured] == [0, n // 3, 2 * n // 3]
    assert [record["epoch"] for record in measured[1:]] == [one.trained(one.total_steps) for one in (short, longer)]
    assert [record.get("gone_on") for record in measured] == [None, True, None]
    whole = longer.lengthened(2 * n // 3, n + 1)
    loop.fulfil(case.make(tmp_path, 1), FAMILIES[case.family], whole, run, At(), None, 1e9)
    run.update(plan=asdict(whole))
    measured = [record["step"] for record in run.evaluations() if record["split"] == task.held_out]
    assert measured == [0, n // 3, 2 * n // 3, n, n + 1], "the whole epoch is measured, too"
