"""`~` in every option, argument and variable that holds a path, where no shell has expanded it."""

import json
import shutil
from pathlib import Path

import pytest


@pytest.fixture
def away(cli, home_of, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Stand in an empty folder, with data and trained runs in the home folder."""

    def go(name: str) -> Path:
        home = home_of(name)
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("USERPROFILE", str(home))
        monkeypatch.setenv("GENMODELS_CACHE", "~/cache")
        (tmp_path / "empty").mkdir()
        monkeypatch.chdir(tmp_path / "empty")
        return home

    return go


def check(cli, *lines: str) -> None:
    """Each line does what it says, and nothing is left in the folder where it is typed."""
    for line in lines:
        outcome = cli(*line.split())
        assert outcome.code == 0, (line, outcome.err)
    assert list(Path.cwd().iterdir()) == []


def test_texts_runs_settings_and_prompts(cli, away) -> None:
    home = away("trained text")
    (home / "prompt.txt").write_text("the ")
    small = "--hidden-size 8 --embedding-size 4 --batch-size 4 --window 16 -q"
    check(
        cli,
        f"train-text ~/corpus.txt --runs=~/more --name a --epochs 1 {small}",
        f"train-text ~/corpus.txt --config=~/deeper.toml --runs ~/more --name b --epochs 1 {small}",
        "train-text ~/corpus.txt --runs ~/more --init-from=~/runs/tiny --name c --epochs 1 -q",
        "train-text --runs ~/more --resume=~/runs/tiny ~/corpus.txt -q",
        "sample-text --run=~/runs/tiny --prompt-file ~/prompt.txt --length 5 --out=~/out.txt",
        "eval-text ~/corpus.txt --run ~/runs/tiny",
        "judge-text ~/corpus.txt --run ~/runs/tiny --length 100",
        "plot-gates --runs ~/runs --units 1 --out=~/gates.png --csv=~/gates.csv",
        "runs show ~/runs/tiny",
    )
    assert {run.name for run in (home / "more").iterdir()} == {"a", "b", "c"}
    assert (home / "out.txt").read_text().startswith("the ")
    assert (home / "gates.png").exists()
    assert (home / "gates.csv").exists()


def test_image_sets_sheets_and_animations(cli, away) -> None:
    home = away("vae")
    check(
        cli,
        "train-vae --dataset=~/set.npz --runs ~/more --model mlp --hidden-size 8 --epochs 1 -q",
        "sample-images --run ~/runs/plain --epochs 1-2 --out=~/sheet.npz --animate=~/learning.gif",
    )
    assert (home / "sheet.npz").exists()
    assert (home / "learning.gif").exists()


def test_pictures_to_complete(cli, away) -> None:
    home = away("pixelrnn")
    check(cli, "complete --run ~/runs/upright --input=~/own --count 1 --out=~/done.png")
    assert (home / "done.png").exists()


def test_pictures_to_read(cli, away) -> None:
    home = away("reader")
    check(cli, "read-image ~/tall.png --run ~/runs/crnn --out=~/read.png")
    assert (home / "read.png").exists()


def test_the_variable_of_the_runs_folder(cli, away, monkeypatch: pytest.MonkeyPatch) -> None:
    home = away("trained text")
    monkeypatch.setenv("GENMODELS_RUNS", "~/runs")
    outcome = cli("runs", "list", "--json")
    assert json.loads(outcome.out)["runs"][0]["run"] in {"tiny", str(home / "runs" / "tiny")}


def test_a_folder_called_tilde_is_reached_by_its_path_from_here(cli, away) -> None:
    home = away("trained text")
    shutil.copytree(home / "runs", "./~")
    (home / "runs").rename(home / "moved")
    assert "tiny" in cli("runs", "list", "--runs", "./~").out
    assert cli("sample-text", "--run", "./~/tiny", "--length", "5").code == 0
    shutil.copy(home / "corpus.txt", "./~name")
    assert cli("eval-text", "./~name", "--run", "./~/tiny").code == 0
    assert cli("eval-text", "~name", "--run", "./~/tiny").code == 0, "as there is no such user"


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ("train-text ~nobody-here/x.txt", 3, "there is no file ~nobody-here/x.txt"),
        ("train-vae --dataset ~nobody-here/x.npz", 3, "there is no image set ~nobody-here/x.npz"),
        ("runs show ~nobody-here/x", 4, "there is no run ~nobody-here/x"),
        ("train-text ~/corpus.txt --runs ~nobody-here/runs --epochs 1", 5, "there is no user nobody-here"),
        (
            "plot-gates --runs ~/runs --units 1 --csv ~nobody-here/x.csv --out ~/g.png",
            5,
            "there is no user nobody-here",
        ),
    ],
)
def test_the_home_of_an_unknown_user_is_a_path_that_is_missing(cli, away, line: str, code: int, sentence: str) -> None:
    away("trained text")
    outcome = cli(*line.split())
    assert (outcome.code, sentence in outcome.err) == (code, True), outcome.err
    assert list(Path.cwd().iterdir()) == []
