"""The promises that every family keeps."""

import shutil
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import torch

from contract.cases import CASES, TRAINED
from contract.helpers import (
    At,
    Case,
    Crash,
    all_finite,
    assert_same,
    contents,
    fit,
    forget_training_states,
    interrupt,
    new_run,
    poison,
    train,
)
from doors import FAMILIES
from genmodels.errors import DivergedError, RunError, Stopped
from genmodels.families.finetuning import take_weights, take_weights_again
from genmodels.models.weights import to_arrays
from genmodels.runs import RunDir
from genmodels.runs.checkpoint import read_checkpoint
from genmodels.runs.epochs import name_of, part_of
from genmodels.settings.every import Every
from genmodels.training.task import Task


def rarely(value: object) -> object:
    """A value that only the long sweep tries."""
    return pytest.param(value, marks=pytest.mark.sweep)


every_case = pytest.mark.parametrize("case", [rarely(case) if case.rare else case for case in CASES], ids=str)


def test_every_registered_family_has_cases_and_promises_of_its_training() -> None:
    assert {case.family for case in CASES} == set(FAMILIES)
    assert sorted(trained.family for trained in TRAINED) == sorted(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_model_that_a_family_can_be_asked_for_has_a_case(family: str) -> None:
    (model,) = [spec for spec in fields(FAMILIES[family].settings) if spec.name == "model"]
    assert {case.model for case in CASES if case.family == family} == set(model.metadata["choices"])


@pytest.mark.parametrize("trained", TRAINED, ids=str)
def test_the_row_of_a_family_says_how_it_is_rebuilt_and_which_epoch_is_best(trained: Any) -> None:
    row = FAMILIES[trained.family]
    assert callable(row.prepare)
    assert (row.score, row.best) == trained.best_by


@every_case
def test_a_gradient_reaches_every_parameter(case: Case, tmp_path: Path) -> None:
    task = case.make(tmp_path, 1)
    task.train_step(0, 0.0)
    for name, parameter in task.model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0 or name == case.unmoved, name


@every_case
def test_it_overfits_one_batch(case: Case, tmp_path: Path) -> None:
    task = case.make(tmp_path, 1)
    first = float(case.repeat(task)[case.objective])
    for _ in range(150):
        last = float(case.repeat(task)[case.objective])
    assert abs(last) < case.overfitted * abs(first)


@every_case
def test_training_lowers_the_validation_score_and_keeps_every_epoch(case: Case, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    train(case, tmp_path, run)
    family, held_out = FAMILIES[case.family], case.make(tmp_path, 1).held_out
    scores = [r[family.score] for r in run.evaluations() if r["split"] == held_out]
    assert len(scores) == 4
    assert family.best([scores[-1], scores[0]]) == scores[-1] != scores[0]
    assert run.epochs() == [1, 2, 3]
    assert run.pointer("best") == f"epoch-{scores.index(family.best(scores[1:])):04d}"


@every_case
def test_train_records_cover_every_step_once(case: Case, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    task = train(case, tmp_path, run)
    records = [r for r in run.metrics() if "steps" in r]
    assert sum(r["steps"] for r in records) == 3 * task.steps_per_epoch
    assert all(abs(r["epoch"] - r["step"] / task.steps_per_epoch) < 1 for r in records)


@every_case
def test_a_saved_state_comes_back_equal(case: Case, tmp_path: Path) -> None:
    task, other = case.make(tmp_path, 1), case.make(tmp_path, 2)
    for step in range(5):
        task.train_step(step, 1.0)
    other.load_state(task.state())
    ours, theirs = task.state(), other.state()
    for mine, its in ((ours.model, theirs.model), (ours.optimizer, theirs.optimizer)):
        assert mine.keys() == its.keys()
        assert all(torch.equal(mine[name], its[name]) for name in mine)


@every_case
def test_same_seed_same_bits_and_another_seed_other_ones(case: Case, tmp_path: Path) -> None:
    runs = [new_run(tmp_path, name, case.family) for name in ("a", "b", "c")]
    for run, seed in zip(runs, (1, 1, 2), strict=True):
        train(case, tmp_path, run, seed=seed, epochs=1)
    assert_same(runs[0], runs[1])
    assert contents(runs[0])["metrics"] != contents(runs[2])["metrics"]


@every_case
@pytest.mark.parametrize("where", [rarely("first step"), "mid-epoch", rarely("log line"), "epoch's end"])
def test_a_run_stopped_at_a_step_and_resumed_equals_one_never_stopped(case: Case, tmp_path: Path, where: str) -> None:
    whole, stopped = (new_run(tmp_path, name, case.family) for name in ("whole", "stopped"))
    n = train(case, tmp_path, whole).steps_per_epoch
    step = {"first step": 1, "mid-epoch": n + n // 2, "log line": n + 7 - n % 7, "epoch's end": 2 * n}[where]
    with pytest.raises(Stopped) as caught:
        train(case, tmp_path, stopped, At(step, interrupt))
    assert caught.value.exit_code == 130
    assert stopped.pointer("last") == f"step-{step:08d}"
    train(case, tmp_path, stopped)
    assert_same(whole, stopped)


@every_case
@pytest.mark.parametrize("epoch", [rarely(0), 2])
def test_a_run_stopped_during_an_evaluation_and_resumed_equals_one_never_stopped(
    case: Case, tmp_path: Path, epoch: int
) -> None:
    whole, stopped = (new_run(tmp_path, name, case.family) for name in ("whole", "stopped"))
    train(case, tmp_path, whole)
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
    assert_same(whole, stopped)


@every_case
def test_a_run_that_crashed_resumes_from_its_last_state_to_the_same_end(case: Case, tmp_path: Path) -> None:
    whole, crashed = (new_run(tmp_path, name, case.family) for name in ("whole", "crashed"))
    n = train(case, tmp_path, whole).steps_per_epoch

    def crash() -> None:
        raise Crash

    for step in (3, n + 9, 2 * n + 1, 3 * n):
        with pytest.raises(Crash):
            train(case, tmp_path, crashed, At(step, crash))
    train(case, tmp_path, crashed)
    assert_same(whole, crashed)


@every_case
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


@every_case
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


@every_case
def test_a_finished_run_that_is_resumed_stays_as_it_is(case: Case, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    train(case, tmp_path, run)
    before = contents(run)
    train(case, tmp_path, run)
    assert contents(run) == before


@every_case
def test_evaluation_and_preview_leave_training_alone(case: Case, tmp_path: Path) -> None:
    quiet, watched = case.make(tmp_path, 1), case.make(tmp_path, 1)
    for step in range(4):
        quiet.train_step(step, 1.0)
        watched.evaluate(lambda: None)
        watched.preview()
        torch.rand(7)  # whoever draws from the global generator changes nothing
        watched.train_step(step, 1.0)
    a, b = quiet.state(), watched.state()
    assert all(torch.equal(a.model[n], b.model[n]) for n in a.model)
    assert all(torch.equal(a.optimizer[n], b.optimizer[n]) for n in a.optimizer)


@every_case
def test_a_loss_that_is_not_finite_goes_back_halves_the_rate_and_goes_on(case: Case, tmp_path: Path) -> None:
    run, reporter, times = new_run(tmp_path, "r", case.family), At(), []
    task = case.make(tmp_path, 1)
    n = task.steps_per_epoch
    bad = {n + 3}
    poison(task, bad, times)
    real_notice = reporter.notice

    def heal(sentence: str) -> None:
        real_notice(sentence)
        if "went back" in sentence:
            bad.clear()

    reporter.notice = heal
    progress = fit(task, run, reporter)
    assert times == [n + 3]
    assert progress.step == 3 * n
    assert (progress.rollbacks, progress.rate_scale) == (1, 0.5)
    assert any(f"went back to step {n} " in sentence for sentence in reporter.notices)
    assert all_finite(run)


@every_case
def test_training_that_keeps_diverging_ends_with_code_6_and_its_last_good_state(case: Case, tmp_path: Path) -> None:
    run, times = new_run(tmp_path, "r", case.family), []
    task = case.make(tmp_path, 1)
    poison(task, {5}, times)
    with pytest.raises(DivergedError) as caught:
        fit(task, run)
    assert caught.value.exit_code == 6
    assert len(times) == 4, "the first time and three attempts"
    assert run.pointer("last") == "step-00000000"
    assert all_finite(run)


@every_case
def test_an_evaluation_that_is_not_finite_goes_back_too(case: Case, tmp_path: Path) -> None:
    run, reporter = new_run(tmp_path, "r", case.family), At()
    task = case.make(tmp_path, 1)
    evaluate, calls = task.evaluate, []

    def broken_once(check: Callable[[], None]) -> Any:
        calls.append(1)
        measures = evaluate(check)
        if len(calls) == 3:
            measures[task.held_out] |= {FAMILIES[case.family].score: float("nan")}
        return measures

    task.evaluate = broken_once
    progress = fit(task, run, reporter)
    assert progress.rollbacks == 1
    assert run.epochs() == [1, 2, 3]


@every_case
def test_a_run_killed_before_its_first_state_writes_each_record_once(case: Case, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    run.append_metrics({"epoch": 0, "step": 0, "split": "validation"})
    task = train(case, tmp_path, run, epochs=1)
    assert [r["epoch"] for r in run.evaluations() if r["split"] == task.held_out] == [0, 1]


@every_case
def test_only_the_newest_epochs_and_the_best_are_kept_when_asked_for(case: Case, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    task = case.make(tmp_path, 1)
    fit(task, run, epochs=4, keep=1)
    best = int(str(run.pointer("best")).partition("-")[2])
    assert run.epochs() == sorted({best, 4})


@every_case
def test_weights_reach_the_disk_as_they_are(case: Case, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    task = train(case, tmp_path, run, epochs=1)
    stored = read_checkpoint(run.epoch_checkpoint(1)).tensors["model"]
    ours = to_arrays(task.weights())
    assert stored.keys() == ours.keys()
    assert all((stored[name] == array).all() for name, array in ours.items())


@every_case
def test_a_run_whose_training_state_was_deleted_is_not_begun_again(case: Case, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    train(case, tmp_path, run, epochs=1)
    before = run.metrics_path.read_bytes()
    forget_training_states(run)
    with pytest.raises(RunError, match="no whole training state"):
        train(case, tmp_path, run, epochs=2)
    assert run.metrics_path.read_bytes() == before


@every_case
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


@every_case
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


@pytest.mark.parametrize("case", [case for case in CASES if case.dependence is not None], ids=str)
def test_each_output_depends_on_what_comes_before_it_and_on_nothing_else(case: Case, tmp_path: Path) -> None:
    assert case.dependence is not None
    found = case.dependence(case.make(tmp_path, 1))
    assert (found.strength[~found.may] == 0).all()
    assert (found.strength[found.must] > 0).all()
    assert found.must.any()
