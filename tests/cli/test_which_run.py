"""Every command that reads a run says in one line which run and epoch it took, where nobody named one."""

import json
import re
from pathlib import Path

import pytest
import typer

from cli.mistakes import check
from conftest import HomeOf
from doors import Cli, build_app
from genmodels.runs import RunDir
from made_runs import made_comparison, made_run

LINES = {  # home -> what is typed there, and what is said of the run that is taken
    "trained text": {
        "sample-text --length 5": "run tiny, epoch 2 of 2 (best)",
        "sample-text --length 5 --epochs 1,2 --json": "run tiny, epochs 1-2 of 2",
        "sample-text --length 5 --epochs 1": "run tiny, epoch 1 of 2",
        "eval-text --protocol windows": "run tiny, epoch 2 of 2 (best)",
        "judge-text --temp 1 --length 100 --json": "run tiny, epoch 2 of 2 (best)",
        "plot-gradients --windows 64 --window 20 --epoch 1": "run tiny, epoch 1 of 2",
        "plot-gates --length 8 --units 0": "run tiny, epoch 2 of 2 (best)",
        "report": "run tiny, 2 epochs",
        "runs show": "run tiny, 2 epochs",
        "runs verify": "run tiny, 2 epochs",
    },
    "vae": {
        "reconstruct --epochs 1": "run grey, epoch 1 of 1",
        "reconstruct": "run grey, epoch 1 of 1",
        "plot-elbo": "run grey, 1 epoch",
        "plot-curve": "run grey, 1 epoch",
        "plot-latent": "run grey, epoch 1 of 1 (best)",
        "sample-images --count 4": "run grey, epoch 1 of 1 (best)",
        "eval-images --importance-samples 0": "run grey, epoch 1 of 1 (best)",
    },
    "pixelrnn": {"complete --images 0 --count 1": "run grey, epoch 1 of 1 (best)"},
    "gan": {"plot-gan": "run plain, 1 epoch"},
    "reader": {
        "read-image --strips 1": "run fixed, epoch 1 of 1 (best, but worse than untrained)",
        "eval-reader --strips 1 --lengths 1": "run fixed, epoch 1 of 1 (best, but worse than untrained)",
    },
    "speech": {
        "transcribe --utterances 1 --lengths 1": "run bobless, epoch 1 of 1 (best)",
        "eval-speech --utterances 1 --lengths 1": "run bobless, epoch 1 of 1 (best)",
        "plot-context --utterances 1 --looked-at 2": "run bobless, epoch 1 of 1 (best)",
    },
}


@pytest.mark.parametrize(
    ("name", "line", "said"), [(home, *pair) for home, lines in LINES.items() for pair in lines.items()]
)
def test_the_run_and_epoch_that_were_taken_are_said_once(
    cli: Cli, home_of: HomeOf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, line: str, said: str
) -> None:
    home = home_of(name)
    monkeypatch.setenv("GENMODELS_CACHE", str(home / "cache"))
    monkeypatch.chdir(home)
    outcome = cli(*line.split())
    assert outcome.code == 0, outcome.err
    assert re.findall(r"^note: (run .*)$", outcome.err, flags=re.MULTILINE) == [said]
    assert "note: run" not in outcome.out
    if "--json" in line:
        json.loads(outcome.out)


def test_no_command_that_takes_a_run_is_left_out() -> None:
    group = typer.main.get_command(build_app())
    taking = {
        name
        for name, command in group.commands.items()
        if any("--run" in parameter.opts for parameter in command.params)
    }
    typed = {line.split()[0] for lines in LINES.values() for line in lines}
    assert len(taking) > 10
    assert taking - typed == set()


def test_a_finished_run_is_preferred_and_the_newer_one_that_is_trained_is_named(cli: Cli, tmp_path: Path) -> None:
    made_run(tmp_path / "runs", "old", "vae", settings={"binarize": "none"})
    made_run(tmp_path / "runs", "new", "vae", settings={"binarize": "none"}, scores=(-9.0,), planned=20)
    assert "note: run new, 1 of 20 epochs\n" in cli("runs", "verify").err
    with RunDir(tmp_path / "runs" / "new").locked(print):
        assert "note: run old, 4 epochs; new is newer, but is being trained now\n" in cli("runs", "verify").err
    made_run(tmp_path / "runs", "empty", "vae", scores=())
    assert "note: run new, 1 of 20 epochs; empty is newer, but has no finished epoch yet\n" in cli("runs", "verify").err


def test_a_curve_is_that_of_the_run_in_training_or_of_the_newest_with_an_epoch(cli: Cli, tmp_path: Path) -> None:
    made_run(tmp_path / "runs", "old")
    new = made_run(tmp_path / "runs", "new", scores=(3.0, 2.0), planned=20)
    with new.locked(print):
        assert "note: run new, 2 of 20 epochs (it is being trained now)\n" in cli("plot-curve").err
    begun = made_run(tmp_path / "runs", "begun", scores=())
    with begun.locked(print):
        outcome = cli("plot-curve")
    assert outcome.code == 0, outcome.err
    assert "note: run new, 2 of 20 epochs; begun is newer, but has no finished epoch yet\n" in outcome.err


def test_a_figure_of_several_runs_never_takes_the_place_of_a_run_s_own(cli: Cli, root: Path) -> None:
    scores = [(3.0, 2.0), (3.0, 2.5), (3.0, 2.8)]
    made_comparison(root, "cells", ("rnn", "gru", "lstm"), scores)
    made_run(root, "story")
    written = {
        ("cells",): "runs/cells/figures/curve.png",
        ("cells/rnn",): "runs/cells/rnn/figures/curve.png",
        ("cells/rnn", "cells/lstm"): "runs/cells/figures/curve-rnn-lstm.png",
        ("story", "cells/rnn"): "runs/story/figures/curve-with-cells-rnn.png",
        ("story",): "runs/story/figures/curve.png",
    }
    for names, figure in written.items():
        outcome = cli("plot-curve", *(word for name in names for word in ("--run", name)))
        assert (outcome.code, outcome.out) == (0, f"{figure}\n"), outcome.err
    assert cli("runs", "rename", "cells", "grown").code == 0
    assert cli("runs", "remove", "grown", "--yes").code == 0
    assert not (root / "grown").exists()


def test_a_comparison_of_another_family_is_refused_as_a_run_of_it_is(cli: Cli, root: Path) -> None:
    """Whoever named one of its runs, as the hint said before, was refused again."""
    made_comparison(root, "cells", ("rnn", "lstm"), [(3.0, 2.0, 1.5, 1.25), (2.0,)])
    made_run(root, "faces", "vae")
    outcome = cli("reconstruct", "--run", "cells")
    check(outcome, 4, "runs/cells is a comparison of text runs, but this command needs a vae run")
    assert outcome.err.endswith("hint: name another run, such as runs/faces.\n")
    check(cli("sample-text", "--run", "cells"), 4, "is a comparison of several runs (cells/rnn, cells/lstm)")


def test_a_run_of_a_comparison_that_has_not_begun_is_told_with_what_begins_it(cli: Cli, root: Path) -> None:
    cells = made_comparison(root, "cells", ("rnn", "gru", "lstm"), [(3.0, 2.0, 1.5, 1.25), (2.0, 1.5)])
    for command in ("plot-gradients", "sample-text", "plot-curve"):
        outcome = cli(command, "--run", "cells/lstm")
        check(outcome, 4, "runs/cells/lstm has not begun yet")
        assert outcome.err.endswith("hint: genmodels train-text --resume runs/cells goes on with it.\n")
    with cells.locked(print):
        told = cli("runs", "show", "cells/lstm").err
    assert told.endswith("hint: cells is being trained now: ask again when it has got further.\n")
    assert "did you mean cells/rnn?" in cli("runs", "show", "cells/rnnn").err


def test_a_run_that_fits_and_is_being_trained_is_named_for_one_that_does_not(cli: Cli, root: Path) -> None:
    """To ask again for the one that was named could only fail again."""
    made_run(root, "story")
    faces = made_run(root, "faces", "vae", scores=())
    with faces.locked(print):
        told = cli("reconstruct", "--run", "story").err
    assert "runs/story is a text run, but this command needs a vae run" in told
    assert "hint: name another run, such as runs/faces when it has a finished epoch: it is being trained now." in told
    assert "hint: genmodels train-vae --resume runs/faces goes on" in cli("reconstruct", "--run", "story").err
