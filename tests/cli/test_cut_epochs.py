"""A last epoch that a training's time cut short is called by what was trained, and goes by its number too."""

import json
from pathlib import Path

import numpy as np
import pytest

from doors import Cli, family_of
from genmodels.cli.reporters import LineReporter
from genmodels.durable import read_json
from genmodels.errors import RunError
from genmodels.families import run_at
from genmodels.families.gan import GanRun
from genmodels.families.images import ImageRun
from genmodels.families.vae import VaeRun
from genmodels.runs import RunDir
from genmodels.runs.epochs import trained
from genmodels.runs.parts import save_part
from genmodels.telling import Teller, counted
from genmodels.training.plan import Plan
from made_runs import made_run

HOME = "trained text"


@pytest.fixture
def cut(at_home: Cli, home: Path) -> Cli:
    """The command line where the run tiny, of two epochs, would have gone on with its second one."""
    run = RunDir(home / "runs" / "tiny")
    total = run.plan()["total_steps"]
    run.update(plan=run.plan() | {"steps_per_epoch": total // 2 + 1})
    assert 1 < trained(total, total // 2 + 1) < 2
    return at_home


def test_lists_say_how_much_of_an_epoch_was_trained(cli: Cli, tmp_path: Path) -> None:
    made_run(tmp_path / "runs", "short", scores=(3.0,), planned=1, cut=9)
    made_run(tmp_path / "runs", "whole", scores=(2.0,), planned=1)
    made_run(tmp_path / "runs", "stopped", scores=(2.0,), planned=3, cut=4)
    rows = {row["run"]: row for row in json.loads(cli("runs", "list", "--json").out)["runs"]}
    assert [(row["epochs"], row["planned_epochs"], row["best_epoch"]) for row in rows.values()] == [
        (0.1, 0.1, 0.1), (1, 1, 1), (1, 2.6, 1),
    ]  # fmt: skip
    assert "stopped, 1 of 2.6" in cli("runs", "list").out
    lines = dict(line.split("\t")[:2] for line in cli("runs", "show", "short").out.splitlines())
    assert [lines[name] for name in ("epochs", "epochs planned", "best epoch", "weights kept")] == [
        "0.1", "0.1", "0.1", "epochs 0.1",
    ]  # fmt: skip
    assert "\n0.1\t3.0000\n" in cli("runs", "show", "short").out, "its evaluation"
    told = cli("runs", "compare", "short", "whole").out.splitlines()
    assert "epochs\t0.1\t1" in told
    assert "best epoch\t0.1\t1" in told
    assert any(line.startswith("held-out nll") and "3.0" in line for line in told), "of that epoch"


def test_it_goes_by_its_number_and_by_what_was_trained(tmp_path: Path) -> None:
    run = made_run(tmp_path, "short", scores=(3.0, 2.0), planned=2, cut=3)
    for asked in (2, 1.7, 1.72, "latest", None):
        assert run.epoch_checkpoint(asked).name == "epoch-0002"
    assert run.epoch_checkpoint(1).name == "epoch-0001"


def test_what_was_not_trained_of_it_is_not_reached(cli: Cli, tmp_path: Path) -> None:
    made_run(tmp_path / "runs", "short", scores=(3.0, 2.0), planned=2, cut=3)
    for asked in ("3", "1.9"):
        told = cli("eval-text", "--run", "short", "--epochs", asked).err
        assert f"epoch {asked} of runs/short is not reached yet: it ended after 1.7" in told
        assert "kept are: 1, 1.7" in told


@pytest.mark.parametrize("asked", ["2", "1.97"])
def test_results_name_it_alike(cut: Cli, asked: str) -> None:
    outcome = cut("eval-text", "--epochs", asked, "--protocol", "windows")
    epoch = outcome.out.splitlines()[1].split("\t")[0]
    assert epoch.startswith("1.9")
    assert f"run tiny, epoch {epoch} of {epoch}" in outcome.err
    assert (outcome.err.count(f"epoch 2 of tiny was cut short: it is epoch {epoch}") == 1) == (asked == "2")
    assert f"=== epoch {epoch}, temperature" in cut("sample-text", "--epochs", asked, "--length", 5, "--count", 2).out
    assert json.loads(cut("sample-text", "--epochs", asked, "--length", 5, "--json").out)["samples"][0]["epoch"] == (
        float(epoch)
    )


def test_a_run_that_begins_with_its_weights_says_so_and_keeps_where_they_lie_and_how_far_they_were_trained(
    cut: Cli, home: Path
) -> None:
    begun = cut("train-text", "--init-from", "tiny", "--epochs", 1, "corpus.txt", "--name", "second")
    epoch = cut("eval-text", "--run", "tiny", "--protocol", "windows").out.splitlines()[1].split("\t")[0]
    assert f"starts from the weights of runs/tiny, epoch {epoch}" in begun.err
    assert f"first weights of\ttiny, epoch {epoch}" in cut("runs", "show", "second").out
    first = RunDir(home / "runs" / "second").document()["init_weights"]
    assert first["epoch"] == 2
    assert 1.9 < first["trained"] < 2
    assert first["steps"] == RunDir(home / "runs" / "tiny").plan()["total_steps"]
    own = RunDir(home / "runs" / "second").plan()["total_steps"]
    assert (
        f"after {counted(own, 'step')} (1 epoch) and {first['steps']} before, of the run that it began from,"
        in begun.err
    )
    third = cut("train-text", "--init-from", "second", "--epochs", 1, "corpus.txt", "--name", "third")
    assert f"and {first['steps'] + own} before, of the run that it began from," in third.err
    assert f"so few steps (second {first['steps'] + own}, third " in cut("runs", "compare", "second", "third").err


@pytest.mark.parametrize("same", [True, False])
def test_who_began_with_its_weights_is_known_by_their_sums(cli: Cli, tmp_path: Path, same: bool) -> None:
    elder = made_run(tmp_path / "runs", "elder", scores=(3.0, 2.0), planned=2, cut=7)
    manifest = read_json(elder.checkpoints / "epoch-0002" / "manifest.json")
    sum_of = manifest["files"]["model.safetensors"]["sha256"] if same else "0" * 64
    first = {"epoch": 2, "trained": 1.3, "sha256": sum_of}
    child = made_run(tmp_path / "runs", "child", init_from="elder", init_weights=first)
    assert cli("runs", "rename", "elder", "third").code == 0
    assert child.document()["init_from"] == ("third" if same else "elder")
    assert f"first weights of\t{'third' if same else 'elder'}, epoch 1.3" in cli("runs", "show", "child").out


def test_records_of_evaluations_call_it_so_wherever_they_go(cli: Cli, tmp_path: Path) -> None:
    run = run_at(made_run(tmp_path / "runs", "short", scores=(3.0, 2.0), planned=2, cut=3).path, Teller())
    assert [record["epoch"] for record in run.evaluations()] == [1, 1.7]
    assert (run.best_evaluation()["epoch"], run.best_evaluation()["validation"]["nll"]) == (1.7, 2.0)
    shown = json.loads(cli("runs", "show", "short", "--json").out)
    assert shown["evaluations"][-1]["epoch"] == shown["kept_epochs"][-1] == shown["best_epoch"] == 1.7
    curve = json.loads(cli("plot-curve", "--run", "short", "--out", "a.png", "--json").out)
    assert list(curve["best_epochs"].values()) == [1.7]
    assert curve["points"][-1]["epochs"] == 1.7


@pytest.mark.parametrize("asked", [2, 1.3, 1.32, "latest"])
def test_the_game_after_it_can_be_asked_for(tmp_path: Path, asked: float | str) -> None:
    run = run_at(made_run(tmp_path, "game", "gan", scores=(9.0, 8.0), planned=2, cut=7).path, Teller())
    assert isinstance(run, GanRun)
    evaluations = run.evaluated("kernel_distance")
    assert run._shown(evaluations, asked)["kernel_distance"] == 8.0
    assert run._shown(evaluations, 1)["kernel_distance"] == 9.0
    with pytest.raises(RunError, match="no evaluation of epoch 9"):
        run._shown(evaluations, 9)


def test_no_weights_are_kept_inside_it_under_its_own_number() -> None:
    plan = Plan(5000, 6171, 0.1, 0, 5)
    assert plan.trained(6170) == plan.trained(6171) == 1.234
    assert not plan.is_inside(6170)
    assert plan.is_inside(6160)
    assert not plan.is_inside(5000)
    assert Plan(5000, None, 0.1, 0, 5).is_inside(6171)


def test_a_table_of_evaluations_names_it_as_all_do(tmp_path: Path) -> None:
    run = run_at(made_run(tmp_path, "game", "gan", scores=(9.0, 8.0), planned=2, cut=7).path, Teller())
    assert isinstance(run, ImageRun)
    about = {"data": "mnist", "split": "test", "binarize": "none"}
    for_programs, shown = run._evaluation(about, [{"epoch": 1.3, "images": 20, "precision": 0.5, "recall": 0.5}]).tables
    assert [table.cells()[0][:3] for table in (for_programs, shown)] == [["1.3", "20", "0.500"]] * 2


def test_a_training_of_a_part_of_an_epoch_says_so_while_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = LineReporter(family_of("text"))
    reporter.started(Plan(400, None, 0.1, 0, 5), 0, None)
    reporter.planned(Plan(400, 30, 0.1, 0, 5))
    reporter.logged({"epoch": 1, "step": 30, "split": "validation", "nll": 2.0, "seconds": 5.0})
    told = capsys.readouterr().err
    assert "measured the speed: 30 steps (0.075 epochs) fit into the time" in told
    assert "\nepoch 0.075/0.075  step 30/30" in told
    reporter.planned(Plan(400, 800, 0.1, 0, 5))
    reporter.logged({"epoch": 2, "step": 800, "split": "validation", "nll": 2.0, "seconds": 5.0})
    assert "epoch 2/2  step 800/800" in capsys.readouterr().err


def test_a_run_whose_lists_are_made_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from genmodels.families.summary import shown_run, summary_of

    run = made_run(tmp_path, "story")
    reads: list[str] = []
    for name in ("document", "metrics"):
        real = getattr(RunDir, name)
        monkeypatch.setattr(RunDir, name, lambda self, name=name, real=real: (reads.append(name), real(self))[1])
    for read in (summary_of, shown_run):
        reads.clear()
        read(run)
        assert sorted(reads) == ["document", "metrics"], read.__name__


def test_epochs_that_nobody_named_are_not_said_to_be_cut_short(tmp_path: Path) -> None:
    told: list[str] = []
    run = run_at(made_run(tmp_path, "faces", "vae", scores=(-9.0, -8.0), planned=2, cut=7).path, Teller(told.append))
    assert isinstance(run, VaeRun)
    assert run._usual_epochs() == [1, 1.3]
    assert [path.name for path in run.epoch_checkpoints(run._usual_epochs())] == ["epoch-0001", "epoch-0002"]
    assert told == []


def test_of_few_epochs_parts_are_shown_too_where_nobody_named_any(tmp_path: Path) -> None:
    def usual(name: str, scores: tuple[float, ...], cut: int, parts: tuple[float, ...]) -> list[float]:
        run = made_run(tmp_path, name, "vae", scores=scores, planned=len(scores), cut=cut)
        for part in parts:
            save_part(run, part, {"model": {"weight": np.zeros(1, dtype=np.float32)}}, {"step": round(10 * part)})
        opened = run_at(run.path, Teller())
        assert isinstance(opened, VaeRun)
        return opened._usual_epochs()

    assert usual("short", (-9.0, -8.0), 8, (0.388, 0.624)) == [0.388, 0.624, 1.2]
    assert usual("first", (), 0, (0.1, 0.2, 0.3)) == [0.1, 0.2, 0.3], "while the first epoch is trained"
    assert usual("long", (-9.0, -8.0, -7.0), 0, (0.388, 0.624)) == [1, 2, 3]
    assert usual("nothing", (), 0, ()) == [1]


def test_lists_tell_what_is_trained_of_an_epoch_that_is_not_finished(cli: Cli, tmp_path: Path) -> None:
    def shown(name: str) -> tuple[float, int, float]:
        (row,) = [row for row in json.loads(cli("runs", "list", "--json").out)["runs"] if row["run"] == name]
        return row["epochs"], row["step"], row["seconds"]

    run = made_run(tmp_path / "runs", "first", scores=(), planned=4)
    assert shown("first") == (0, 0, 0)
    run.append_metrics({"epoch": 1, "step": 3, "split": "train", "steps": 3, "nll": 2.0, "seconds": 60.0})
    assert shown("first") == (0.3, 3, 60.0)
    lines = dict(line.split("\t")[:2] for line in cli("runs", "show", "first").out.splitlines())
    assert (lines["epochs"], lines["steps"], lines["time"]) == (
        "0.3",
        "3",
        "1 min 00 s of training and evaluating",
    )
    assert "stopped, 0.3 of 4" in cli("runs", "list").out
    save_part(run, 0.5, {"model": {"weight": np.zeros(1, dtype=np.float32)}}, {"epoch": 0.5, "step": 5})
    assert shown("first") == (0.5, 5, 60.0), "its weights are kept"


@pytest.mark.parametrize(
    ("settings", "given", "has"),
    [
        ({"minutes": 1.0}, "--epochs 1", "planned by --minutes 1 (0.3 epochs)"),
        ({"minutes": 1.0}, "--epochs 20", "planned by --minutes 1 (0.3 epochs)"),  # which it has, but never came to
        ({"minutes": 1.0}, "--minutes 2", "planned by --minutes 1 (0.3 epochs)"),
        ({"epochs": 7}, "--minutes 2", "planned by --epochs 7"),
    ],
)
def test_another_length_contradicts_what_a_run_was_planned_by(
    cli: Cli, tmp_path: Path, settings: dict[str, float], given: str, has: str
) -> None:
    made_run(tmp_path / "runs", "short", settings=settings, scores=(), planned=1, cut=7)
    outcome = cli("train-text", "--resume", "short", *given.split())
    assert outcome.code == 2
    assert f"{given.split(maxsplit=1)[0]} " in outcome.err
    assert f" contradicts the run, which was {has}\n" in outcome.err
