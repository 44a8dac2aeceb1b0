"""A run that is looked at while another process stops, prunes or trains it: whole is told whole, damage is told."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from doors import Cli
from genmodels.runs import RunDir, create_run
from genmodels.runs.checkpoint import (
    load_training_state,
    save_training_state,
)
from genmodels.runs.pruning import prune_run
from genmodels.runs.verifying import problems_of
from made_runs import made_run

pytestmark = pytest.mark.faults
WEIGHTS = {"model": {"weight": np.arange(50, dtype=np.float32)}}
DOCUMENT: dict[str, Any] = {"settings": {"seed": {"value": 1, "from": "flag"}}, "data": {}, "plan": None}


def quiet(_: str) -> None:
    """Nobody is told."""


def test_a_run_that_was_stopped_before_its_first_evaluation_is_whole(tmp_path: Path, cli: Cli) -> None:
    run = create_run(tmp_path, "text", DOCUMENT, "r")
    save_training_state(run, 0, WEIGHTS, {"progress": {"step": 0, "evaluated": -1}, "metrics_bytes": 0})
    assert problems_of(run) == {}
    assert cli("runs", "verify", "r", "--runs", tmp_path).code == 0


@pytest.mark.parametrize("at", ["checkpoints", "pointers"])
def test_a_run_that_is_pruned_while_it_is_looked_at_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    from genmodels.runs import verifying

    run = made_run(tmp_path, "r")
    name = f"_of_{at}"
    look = getattr(verifying, name)

    def pruned_first(found: RunDir) -> dict[str, str]:
        monkeypatch.setattr(verifying, name, look)
        before = verifying.checkpoints_of(run)
        prune_run(run, [], quiet)
        monkeypatch.setattr(verifying, "checkpoints_of", lambda _: before)
        found_then: dict[str, str] = look(found)
        monkeypatch.setattr(verifying, "checkpoints_of", lambda one: [one.checkpoints / f"epoch-{4:04d}"])
        return found_then

    monkeypatch.setattr(verifying, name, pruned_first)
    assert problems_of(run) == {}


def test_damage_of_a_run_that_is_being_trained_is_told_all_the_same(tmp_path: Path) -> None:
    run = made_run(tmp_path, "r")
    (run.checkpoints / "epoch-0002" / "model.safetensors").write_bytes(b"")
    with run.locked(quiet):
        assert "epoch-0002" in problems_of(run)


def test_the_pointer_to_the_last_state_is_mended_by_what_goes_on_and_told_before(tmp_path: Path, cli: Cli) -> None:
    run = made_run(tmp_path, "r")
    for change in (lambda: run.point("last", "step-00000030"), (run.checkpoints / "last").unlink):
        change()
        outcome = cli("runs", "verify", "r", "--runs", tmp_path)
        assert outcome.code == 0
        assert "there is a newer training state, to which --resume points it" in outcome.err
        assert load_training_state(run, pytest.fail) is not None
        assert run.pointer("last") == "step-00000040"
        assert "newer" not in cli("runs", "verify", "r", "--runs", tmp_path).err
