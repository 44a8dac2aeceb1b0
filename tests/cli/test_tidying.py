"""Pruning, removing and renaming at their edges: parts of epochs, full disks, links, what a killed training left."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from doors import Cli
from genmodels.errors import ResourceError
from genmodels.families import keeping
from genmodels.runs import RunDir
from genmodels.runs.epochs import name_of
from genmodels.runs.parts import save_part
from genmodels.runs.pruning import Spare, prune_run
from made_runs import made_run

WEIGHTS = {"model": {"weight": np.zeros(1000, dtype=np.float32)}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The runs folder of the command line."""
    return tmp_path / "runs"


# -- pruning ------------------------------------------------------------------------------------------


def test_weights_inside_epochs_go_with_their_samples_and_every_run_is_pruned(cli: Cli, root: Path) -> None:
    for name in ("first", "second"):
        run = made_run(root, name)
        for number in (0.25, 0.5, 1, 4):
            run.write_sample(f"{name_of(number)}.txt", b"text")
        for number in (0.25, 0.5):
            save_part(run, number, WEIGHTS, {"epoch": number, "step": round(10 * number)})
    outcome = cli("runs", "prune", "--yes")
    assert (outcome.code, outcome.out[-7:]) == (0, " freed\n"), outcome.err
    for run in (RunDir(root / "first"), RunDir(root / "second")):
        assert (run.kept(), run.steps()) == ([4], [])
        assert sorted(path.name for path in (run.path / "samples").iterdir()) == ["epoch-0001.txt", "epoch-0004.txt"]


def test_what_is_freed_is_what_was_deleted_also_where_one_run_could_not_be(
    cli: Cli, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_run(root, "first")
    made_run(root, "second", scores=(3.0, 2.0), planned=2)

    def pruned(run: RunDir, *more: object) -> Spare:
        if run.name == "first":
            raise ResourceError("cannot write runs/first/checkpoints: Permission denied")
        return prune_run(run, *more)

    monkeypatch.setattr(keeping, "prune_run", pruned)
    outcome = cli("runs", "prune", "--yes", "--json")
    assert outcome.code == 0, outcome.err
    assert "note: first could not be pruned: cannot write runs/first/checkpoints: Permission denied" in outcome.err
    facts = json.loads(outcome.out)
    assert [row["run"] for row in facts["runs"]] == ["second"]
    assert facts["bytes"] == facts["runs"][0]["bytes"] > 0
    assert "Permission denied" in facts["passed_over"]["first"]
    assert RunDir(root / "second").epochs() == [2]


def test_a_run_whose_last_epoch_was_never_saved_is_stopped_and_keeps_what_it_goes_on_from(cli: Cli, root: Path) -> None:
    """As a full disk or a kill leaves it between the record of the last evaluation and the weights."""
    run = made_run(root, "story")
    shutil.rmtree(run.checkpoints / "epoch-0004")
    run.point("best", "epoch-0003")
    assert json.loads(cli("runs", "show", "story", "--json").out)["state"] == "stopped"
    assert cli("runs", "prune", "--yes").code == 0
    assert (run.epochs(), run.steps()) == ([3], [30, 40])
    shutil.rmtree(run.checkpoints / "step-00000030")
    shutil.rmtree(run.checkpoints / "step-00000040")
    (run.checkpoints / "last").unlink()
    assert "training state" in cli("runs", "verify", "story").out, "without one, what is missing can't be trained"
