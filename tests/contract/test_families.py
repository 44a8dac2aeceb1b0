"""The promises that every family keeps."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import torch

from contract.cases import CASES, TRAINED, every_case, every_family
from contract.helpers import (
    At,
    Case,
    all_finite,
    assert_same,
    contents,
    fit,
    new_run,
    poison,
    train,
)
from doors import FAMILIES
from genmodels.errors import DivergedError
from genmodels.models.weights import to_arrays
from genmodels.runs import RunDir
from genmodels.runs.checkpoint import read_checkpoint


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
def test_training_lowers_the_validation_score_and_keeps_every_epoch(
    case: Case, whole: tuple[RunDir, int], tmp_path: Path
) -> None:
    run, _ = whole
    family, held_out = FAMILIES[case.family], case.make(tmp_path, 1).held_out
    scores = [r[family.score] for r in run.evaluations() if r["split"] == held_out]
    assert len(scores) == 4
    assert family.best([scores[-1], scores[0]]) == scores[-1] != scores[0]
    assert run.epochs() == [1, 2, 3]
    assert run.pointer("best") == f"epoch-{scores.index(family.best(scores[1:])):04d}"


@every_case
def test_train_records_cover_every_step_once(case: Case, whole: tuple[RunDir, int]) -> None:
    run, steps_per_epoch = whole
    records = [r for r in run.metrics() if "steps" in r]
    assert sum(r["steps"] for r in records) == 3 * steps_per_epoch
    assert all(abs(r["epoch"] - r["step"] / steps_per_epoch) < 1 for r in records)


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
def test_an_evaluation_is_as_long_as_its_task_says_before_the_first_one(case: Case, tmp_path: Path) -> None:
    task = case.make(tmp_path, 1)
    said, checks = task.checks, []
    task.evaluate(lambda: checks.append(1))
    assert said == len(checks) >= 1


@every_family
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


@every_family
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


@every_family
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


@every_family
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


@pytest.mark.parametrize("case", [case for case in CASES if case.dependence is not None], ids=str)
def test_each_output_depends_on_what_comes_before_it_and_on_nothing_else(case: Case, tmp_path: Path) -> None:
    assert case.dependence is not None
    found = case.dependence(case.make(tmp_path, 1))
    assert (found.strength[~found.may] == 0).all()
    assert (found.strength[found.must] > 0).all()
    assert found.must.any()


@every_case
def test_a_part_of_what_is_held_out_is_measured_the_same_each_time(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = case.make(tmp_path, 1)
    whole, checks = task.evaluate(lambda: None), task.checks
    monkeypatch.setattr("genmodels.training.task.FEWEST_MEASURED", 1)
    monkeypatch.setattr("genmodels.training.language_model.FEWEST_CHARACTERS", 20)
    task.measure_part(0.5)
    part = task.evaluate(lambda: None)
    assert part.keys() == whole.keys()
    assert part != whole
    assert part == task.evaluate(lambda: None)
    assert task.checks <= checks
    task.measure_part(1.0)
    assert task.evaluate(lambda: None) == whole
