"""Finished runs that are trained further: --resume RUN --epochs N, or --minutes M more."""

import json
import shutil
from pathlib import Path

import pytest

import genmodels
from homes import TINY_TEXT

TINY = [flag for flag in TINY_TEXT if flag not in {"--epochs", "2"}]


def plan_of(run: Path) -> dict[str, object]:
    return json.loads((run / "run.json").read_text(encoding="utf-8"))["plan"]


def weights_of(run: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(run.glob("checkpoints/*/*.safetensors"))]


def test_a_finished_run_goes_on_to_more_epochs(cli, trained: Path) -> None:
    before = (trained / "metrics.jsonl").read_text()
    outcome = cli("train-text", "--resume", "tiny", "--epochs", 4)
    assert outcome.code == 0, outcome.err
    assert (
        "runs/tiny was finished after 2 epochs; it goes on to epoch 4, with a rate that warms up again" in outcome.err
    )
    assert (trained / "metrics.jsonl").read_text().startswith(before)
    assert sorted(path.name for path in trained.glob("checkpoints/epoch-*")) == [f"epoch-000{n}" for n in range(1, 5)]
    shown = json.loads(cli("runs", "show", "tiny", "--json").out)
    assert (shown["state"], shown["epochs"], shown["planned_epochs"]) == ("finished", 4, 4)
    settings = json.loads((trained / "run.json").read_text())["settings"]
    assert settings["epochs"] == {"value": 4, "from": "flag"}
    assert "it goes on" in cli("train-text", "--resume", "tiny").err
    curves = genmodels.open_run("tiny").follow("nll").curves()
    assert [list(curve.again) for curve in curves] == [[2.0]] * len(curves), "which figures mark"


def test_one_that_is_stopped_before_it_goes_on_ends_with_the_same_bits(cli, trained: Path) -> None:
    whole = trained.with_name("whole")
    shutil.copytree(trained, whole)
    assert cli("train-text", "--resume", "whole", "--epochs", 3).code == 0
    genmodels.open_run("tiny", genmodels.TextRun).go_on({"epochs": 3}, {}, lambda _: None)  # and the process dies
    assert json.loads(cli("runs", "show", "tiny", "--json").out)["state"] == "stopped"
    assert cli("train-text", "--resume", "tiny").code == 0
    assert len(weights_of(whole)) > 3
    assert weights_of(whole) == weights_of(trained)
    steps = plan_of(trained)["steps_per_epoch"]
    assert plan_of(trained)["again"] == [2 * int(str(steps))]


def test_a_finished_run_goes_on_for_some_minutes(cli, trained: Path) -> None:
    outcome = cli("train-text", "--resume", "tiny", "--minutes", 0.02)
    assert outcome.code == 0, outcome.err
    assert "it goes on for 0.02 minutes more" in outcome.err
    plan = plan_of(trained)
    settings = json.loads((trained / "run.json").read_text())["settings"]
    assert (settings["epochs"]["from"], settings["minutes"]["from"]) == ("default", "flag")
    assert len(plan["again"]) == 1
    assert plan["total_steps"] > plan["again"][0]
    assert json.loads(cli("runs", "show", "tiny", "--json").out)["state"] == "finished"


@pytest.mark.parametrize(("flags", "told"), [
    (("--epochs", 1), "--epochs 1, but runs/tiny has come to 2 epochs"),
    (("--epochs", 4, "--hidden-size", 9), "--hidden-size 9 contradicts the run, which has 12"),
])  # fmt: skip
def test_what_can_not_be_is_refused_and_leaves_the_run_alone(cli, trained: Path, flags: tuple, told: str) -> None:
    before = (trained / "run.json").read_bytes()
    outcome = cli("train-text", "--resume", "tiny", *flags)
    assert outcome.code == 2
    assert told in outcome.err
    assert (trained / "run.json").read_bytes() == before


def test_a_run_without_training_states_says_so(cli, trained: Path) -> None:
    assert cli("runs", "prune", "tiny", "--yes").code == 0
    outcome = cli("train-text", "--resume", "tiny", "--epochs", 4)
    assert outcome.code == 4
    assert "its training states are removed" in outcome.err
    assert plan_of(trained)["total_steps"] == 2 * int(str(plan_of(trained)["steps_per_epoch"]))


def test_patience_counts_anew(cli, corpus_file, tmp_path: Path) -> None:
    flags = ("--epochs", 9, "--patience", 1, "--learning-rate", 1, "--name", "p")
    assert cli("train-text", corpus_file, *TINY, *flags).code == 0
    ended = plan_of(tmp_path / "runs" / "p")
    if ended["total_steps"] == 9 * ended["steps_per_epoch"]:
        pytest.skip("every epoch brought something")
    before = ended["total_steps"]
    assert cli("train-text", "--resume", "p", "--epochs", 9).code == 0
    assert plan_of(tmp_path / "runs" / "p")["total_steps"] > before
