"""Runs that end and go on, with as many processes as before or with others."""

import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from contract.cases.text import TEXT
from genmodels.families.text.starting import new_run
from genmodels.runs import RunDir
from genmodels.training.starting import plan_of
from several.compared import assert_alike, assert_kept_alike
from several.conftest import Pair
from several.trained import go_on

TINY = {"hidden_size": 8, "embedding_size": 4, "batch_size": 3, "window": 12, "sample_length": 5, "threads": 1}


def begun(folder: Path, **given: object) -> RunDir:
    """A run as a command line makes it, which is not trained yet; with minutes their plan is known already.

    Then the clock has nothing more to say: two epochs and a half, as from a state before the last plan.
    """
    (folder / "corpus.txt").write_text(TEXT, encoding="utf-8")
    run, task = new_run(
        {**TINY, **given}, corpus=[str(folder / "corpus.txt")], name="two", runs=folder / "runs", notice=lambda _: None
    )
    if "minutes" in given:
        steps = task.steps_per_epoch * 5 // 2
        known, planned = plan_of(run, task, task.settings), ((2, steps), (steps - 1, steps))
        run.update(plan=asdict(replace(known, total_steps=steps, planned=planned)))
    return run


def copied(run: RunDir, name: str) -> RunDir:
    shutil.copytree(run.path, run.path.with_name(name))
    return RunDir(run.path.with_name(name))


def both_went_on(pair: Pair, run: RunDir, fault: str | None = None, **given: object) -> dict[str, object]:
    ours, theirs = pair.do("go_on", run=str(run.path), given=given, fault=fault)
    assert ours == theirs
    return ours


@pytest.mark.parametrize(("first", "inside"), [({"epochs": 2}, False), ({"minutes": 1.0}, True)], ids=str)
def test_a_finished_run_is_lengthened_by_two_as_by_one(
    first: dict[str, object], inside: bool, pair: Pair, tmp_path: Path
) -> None:
    two = begun(tmp_path, **first)
    one = copied(two, "one")
    both_went_on(pair, two)
    go_on(str(one.path), {})
    mixed = copied(two, "mixed")
    found = both_went_on(pair, two, epochs=4)
    for alone in (one, mixed):
        go_on(str(alone.path), {"epochs": 4})
        assert_alike(alone, two)
        assert_kept_alike(alone, two)
        assert two.document()["plan"] == alone.document()["plan"]
    plan = two.plan()
    assert plan["again"] == [plan["steps_per_epoch"] * (5 if inside else 4) // 2]
    assert (two.parts() == [2.5]) == inside
    assert (two.epochs(), found["evaluated"]) == ([1, 2, 3, 4], 4)


def test_minutes_more_are_those_of_the_first(pair: Pair, tmp_path: Path) -> None:
    """By their plans one process does the same, without the clock, by which it would plan again after the last."""
    two = begun(tmp_path, epochs=1)
    both_went_on(pair, two, "clocks_apart")
    one = copied(two, "one")
    found = both_went_on(pair, two, "clocks_apart", minutes=0.05)
    plan = two.plan()
    assert found["step"] == plan["total_steps"] > plan["again"][0]
    assert len(plan["planned"]) > 2, "the clock of the first has spoken"
    one.update(plan={**plan, "minutes": None}, settings=two.document()["settings"])
    go_on(str(one.path), {})
    assert one.plan()["planned"] == plan["planned"]
    assert_alike(one, two)
    assert_kept_alike(one, two)
