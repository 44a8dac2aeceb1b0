"""Finished runs that are trained further: --resume RUN --epochs N, or --minutes M more."""

import json
import shutil
from pathlib import Path

import pytest

import genmodels
from genmodels.families.further import ask_further, several_of
from genmodels.families.repeating import commands_of
from genmodels.families.run import Run
from genmodels.families.steps import time_told
from genmodels.runs import ComparisonDir
from genmodels.telling import Teller
from homes import TINY_TEXT
from made_runs import made_comparison

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
    assert cli("train-text", "--resume", "tiny", "--epochs", 5, "--patience", 3).code == 0
    curves = genmodels.open_run("tiny").follow("nll").curves()
    assert [list(curve.again) for curve in curves] == [[2.0, 4.0]] * len(curves), "which figures mark"
    document = {**json.loads((trained / "run.json").read_text()), "argv": ["train-text"]}
    begun, further, once_more = commands_of("tiny", document)
    assert begun == "genmodels train-text"
    assert further == "genmodels train-text --resume tiny --epochs 4"
    assert once_more.endswith("--resume tiny --epochs 5 --patience 3")


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
    (("--minutes", -5), "minutes is -5, but it must be above 0"),
    (("--minutes", 0), "minutes is 0, but it must be above 0"),
    (("--minutes", "nan"), "minutes is nan, which is not a finite number"),
    (("--minutes", "inf"), "minutes is inf, which is not a finite number"),
    (("--minutes", 100_000), "--minutes 100000 more make more than the 100,000 that a run may take in all"),
    (("--epochs", 4, "--minutes", 1), "--epochs and --minutes contradict each other"),
    (("--epochs", 4, "--until", "foo=1"), "there is no score 'foo'"),
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


def test_what_ends_it_sooner_may_be_asked_for_anew_and_what_counts_no_more_is_told(cli, trained: Path) -> None:
    first = cli("train-text", "--resume", "tiny", "--epochs", 6, "--until", "nll=9", "--patience", 4)
    assert first.code == 0, first.err
    assert "ends after epoch 2: nll is " in first.err, "as good as that already"
    settings = json.loads((trained / "run.json").read_text())["settings"]
    assert (settings["until"]["value"], settings["patience"]["value"]) == ("nll=9", 4)
    again = cli("train-text", "--resume", "tiny", "--epochs", 5)
    assert "it goes on to epoch 5, and --until nll=9 ends it no more, with a rate that" in again.err
    assert plan_of(trained)["until"] is None
    assert plan_of(trained)["patience"] == 4
    missed = cli("train-text", "--resume", "tiny", "--epochs", 6, "--until", "nll=0.001")
    assert "--until nll=0.001 was not reached: nll is " in missed.err


@pytest.fixture
def compared(cli, corpus_file: Path, tmp_path: Path) -> Path:
    """A finished comparison of two tiny models, two epochs each."""
    flags = [flag for flag in TINY_TEXT if flag not in {"--model", "lstm"}]
    outcome = cli("train-text", corpus_file, "--compare", "rnn,feedforward", *flags, "--name", "cells")
    assert outcome.code == 0, outcome.err
    return tmp_path / "runs" / "cells"


def test_a_finished_comparison_goes_on_with_each_of_its_runs(cli, compared: Path) -> None:
    before = json.loads((compared / "comparison.json").read_text())["result"]["facts"]
    outcome = cli("train-text", "--resume", "cells", "--epochs", 4)
    assert outcome.code == 0, outcome.err
    for name in ("rnn", "feedforward"):
        assert f"cells/{name} was finished after 2 epochs; it goes on to epoch 4" in outcome.err
        assert len(plan_of(compared / name)["again"]) == 1
        assert (compared / name / "checkpoints" / "epoch-0004").is_dir()
    document = json.loads((compared / "comparison.json").read_text())
    assert document["result"]["facts"] != before
    assert document["settings"]["epochs"] == {"value": 4, "from": "flag"}
    assert document["further"] == {"asked": {"epochs": 4}, "left": []}
    again = cli("train-text", "--resume", "cells")
    assert "the comparison was finished already" in again.err
    assert [len(plan_of(compared / name)["again"]) for name in ("rnn", "feedforward")] == [1, 1]


def test_a_comparison_whose_training_states_were_pruned_is_refused_and_keeps_its_result(cli, compared: Path) -> None:
    assert cli("runs", "prune", "cells", "--yes").code == 0
    before = {path.name: path.read_bytes() for path in compared.iterdir() if path.is_file()}
    for asked in (("--epochs", "4"), ("--minutes", "0.1")):
        outcome = cli("train-text", "--resume", "cells", *asked)
        assert outcome.code == 4
        assert (
            "cells can't be trained further: the training states of cells/rnn and cells/feedforward are" in outcome.err
        )
        assert "not trained yet" not in outcome.err
        assert {path.name: path.read_bytes() for path in compared.iterdir() if path.is_file()} == before


def test_one_that_is_stopped_before_all_went_on_goes_on_with_the_others(cli, compared: Path) -> None:
    folder = ComparisonDir(compared)
    ask_further(folder, [Run(compared / name, Teller()) for name in ("rnn", "feedforward")], {"epochs": 3})
    genmodels.open_run("cells/rnn", genmodels.TextRun).go_on({"epochs": 3}, {}, lambda _: None)  # and the process dies
    outcome = cli("train-text", "--resume", "cells")
    assert outcome.code == 0, outcome.err
    assert [plan_of(compared / name)["total_steps"] for name in ("rnn", "feedforward")] == [
        3 * int(str(plan_of(compared / name)["steps_per_epoch"])) for name in ("rnn", "feedforward")
    ]
    assert [len(plan_of(compared / name)["again"]) for name in ("rnn", "feedforward")] == [1, 1]


def test_a_finished_comparison_goes_on_for_some_minutes_each(cli, compared: Path) -> None:
    outcome = cli("train-text", "--resume", "cells", "--minutes", 0.02)
    assert outcome.code == 0, outcome.err
    assert "2 trainings of --minutes 0.02 each" in outcome.err
    for name in ("rnn", "feedforward"):
        plan = plan_of(compared / name)
        assert plan["total_steps"] > plan["again"][0] == 2 * int(str(plan["steps_per_epoch"]))


def test_one_that_was_killed_in_its_second_model_knows_the_time_that_is_left(tmp_path: Path) -> None:
    """Of so many minutes in all, and of so many more."""
    folder = made_comparison(tmp_path, "c", ["rnn", "lstm"], [(3.0, 2.0, 1.5, 1.25), (3.0, 2.0, 1.5, 1.0)])
    run = folder.member("lstm")
    run.update(plan={"steps_per_epoch": 10, "total_steps": 60, "minutes": 5.0})
    several = several_of(folder, 5.0)
    assert (several.minutes, several.spent) == (5.0, {"lstm": 240.0})
    assert (time_told(several, 1) or "").startswith("1 training of --minutes 5, evaluations included: about 1 min 00 s")
    several.taken.append(300.0)
    assert several.left(20.0, None) == 40.0
    folder.update(further={"asked": {"minutes": 2.0}, "left": []})
    run.update(plan={"steps_per_epoch": 10, "total_steps": 60, "minutes": 5.0, "again": [40]})
    several = several_of(folder, 5.0)
    assert (several.minutes, several.spent) == (2.0, {"lstm": 60.0}), "a minute of two is left"
    folder.update(further={"asked": {"minutes": 2.0}, "left": ["lstm"]})
    folder.member("rnn").update(plan={"steps_per_epoch": 10, "total_steps": 60, "minutes": 6.0, "again": [40]})
    run.update(plan={"steps_per_epoch": 10, "total_steps": 40, "minutes": 4.0})
    assert (several_of(folder, 6.0).minutes, several_of(folder, 6.0).spent) == (2.0, {"rnn": 0.0})


def test_the_weights_that_a_run_began_with_are_named_where_they_were_better(cli, trained: Path) -> None:
    flags = ("--init-from", "tiny", "--epochs", 1, "--name")
    worse = cli("train-text", trained.parent.parent / "corpus.txt", *flags, "worse", "--learning-rate", 1)
    assert worse.code == 0, worse.err
    assert "the weights that it began with were better (tiny, epoch 2): nll " in worse.err
    records = [json.loads(line) for line in (trained.parent / "worse" / "metrics.jsonl").read_text().splitlines()]
    first, last = (record["nll"] for record in records if record["split"] == "validation")
    assert f"nll {first:.4f} before the first step, {last:.4f} at best since" in worse.err
    better = cli("train-text", trained.parent.parent / "corpus.txt", *flags, "better", "--learning-rate", 0.0001)
    assert "were better" not in better.err
