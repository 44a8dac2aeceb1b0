"""What commands say of their figures, and how often."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from doors import ENTRY
from homes import TINY_VAE

HOME = "vae"
LACKING = "no font here has \u65e5 \u672c \u8a9e"


@pytest.fixture
def named_in_japanese(at_home, home: Path) -> str:
    """A run on a set whose name no font that matplotlib brings along can show."""
    (home / "\u65e5\u672c\u8a9e.npz").write_bytes((home / "set.npz").read_bytes())
    command = ("train-vae", "--dataset", "\u65e5\u672c\u8a9e.npz", *TINY_VAE, "--epochs", 2, "--name", "named", "-q")
    if not (home / "runs" / "named").exists():
        assert at_home(*command).code == 0
    return "named"


@pytest.fixture(autouse=True)
def only_shipped_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.font_manager import fontManager

    from genmodels.figures import fonts

    monkeypatch.setattr(fontManager, "ttflist", [e for e in fontManager.ttflist if "mpl-data" in e.fname])
    fonts._found.cache_clear()


def test_a_command_says_once_that_no_font_has_a_character(at_home, named_in_japanese, tmp_path) -> None:
    files = ("--out", tmp_path / "a.png", "--animate", tmp_path / "a.gif")
    outcome = at_home("sample-images", "--run", named_in_japanese, "--epochs", "1,2", *files)
    assert outcome.code == 0, outcome.err
    assert outcome.err.count(LACKING) == 1
    assert outcome.err.count("note: ") == 1
    assert outcome.out.splitlines() == [str(tmp_path / "a.png"), str(tmp_path / "a.gif")]


@pytest.mark.parametrize("command", ["plot-elbo", "reconstruct", "plot-latent"])
def test_every_figure_s_command_says_so(at_home, named_in_japanese, tmp_path, command: str) -> None:
    outcome = at_home(command, "--run", named_in_japanese, "--out", tmp_path / "a.svg")
    assert outcome.code == 0, outcome.err
    assert outcome.err.count(LACKING) == 1


def test_nothing_is_said_of_a_figure_whose_characters_are_all_there(at_home, tmp_path) -> None:
    outcome = at_home("plot-elbo", "--run", "plain", "--out", tmp_path / "a.png")
    assert "font" not in outcome.err


def test_a_program_hears_of_it_where_it_listens(named_in_japanese, home: Path, tmp_path, monkeypatch) -> None:
    import genmodels

    monkeypatch.setenv("GENMODELS_CACHE", str(home / "cache"))
    told: list[str] = []
    run = genmodels.open_run("named", runs=home / "runs", notice=told.append)
    run.save(tmp_path / "a.png")
    run.course().save(tmp_path / "b.png", told.append)
    assert [LACKING in sentence for sentence in told] == [True, True]


def test_a_curve_of_any_family_is_drawn_from_its_records_alone(home: Path) -> None:
    code = (
        f"import sys; {ENTRY}; code = run(['plot-curve', '--run', 'plain', '--score', 'kl', '--out', 'x.svg']);"
        "sys.exit(code or ('torch' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=home, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "KL(q(z|x) || p(z)) by epoch and time of plain (VAE conv) on set" in (home / "x.svg").read_text()


def test_curves_of_several_runs_give_the_points_that_are_drawn(at_home, home: Path, tmp_path: Path) -> None:
    table = tmp_path / "curves.csv"
    shutil.copytree(home / "runs" / "plain", home / "runs" / "second")
    outcome = at_home("plot-curve", "--run", "plain", "--run", "second", "--csv", table, "--json")
    assert outcome.code == 0, outcome.err
    told = json.loads(outcome.out)
    assert (told["score"], told["axis"]) == ("elbo", "lower bound, ELBO (nats per image)")
    assert told["figure"] == str(Path("runs/plain/figures/curve-with-second.png"))
    assert (home / told["figure"]).stat().st_size > 10_000
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["elbo"]) for row in rows] == [point["elbo"] for point in told["points"]]
    records = [json.loads(line) for line in (home / "runs/plain/metrics.jsonl").read_text().splitlines()]
    tested = {record["epoch"]: record["elbo"] for record in records if record["split"] == "test"}
    best = max((epoch for epoch in tested if epoch > 0), key=lambda epoch: tested[epoch])
    assert told["best_epochs"]["plain (conv)"] == best
    drawn = {point["epochs"]: point["elbo"] for point in told["points"]
             if (point["run"], point["part"]) == ("plain (conv)", "test")}  # fmt: skip
    assert drawn == tested


def test_a_training_that_has_finished_no_epoch_has_a_curve(at_home, home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "runs" / "plain", home / "runs" / "begun")
    path = home / "runs" / "begun" / "metrics.jsonl"
    lines = [line for line in path.read_text().splitlines() if json.loads(line)["epoch"] <= 1 and '"steps"' in line]
    path.write_text("".join(f"{line}\n" for line in lines))
    outcome = at_home("plot-curve", "--run", "begun", "--out", tmp_path / "begun.png", "--json")
    assert outcome.code == 0, outcome.err
    assert {point["part"] for point in json.loads(outcome.out)["points"]} == {"while training"}
    path.write_text("")
    outcome = at_home("plot-curve", "--run", "begun", "--out", tmp_path / "begun.png")
    assert (outcome.code, outcome.err.partition("\n")[0]) == (4, "error: runs/begun has no finished epoch yet")
