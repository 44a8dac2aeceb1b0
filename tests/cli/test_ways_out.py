"""Hints that lead on where nothing is left to try of what was typed: other commands, other data, other runs."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from doors import Cli
from genmodels.data.text.kinds import training_for
from genmodels.runs import RunDir
from genmodels.runs.finding import alike
from genmodels.runs.parts import save_part
from made_runs import made_comparison, made_run


def hint_of(cli: Cli, *arguments: object) -> str:
    outcome = cli(*arguments)
    assert outcome.code != 0
    return outcome.err.splitlines()[-1].removeprefix("hint: ")


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A folder as MNIST comes in."""
    folder = tmp_path / "digits"
    folder.mkdir()
    for name in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"):
        (folder / name).write_bytes(gzip.compress(b"\0\0\x08\x03"))
    return folder


@pytest.mark.parametrize("given", ["digits", "digits/train-images-idx3-ubyte.gz", "digits --glob *.gz"])
def test_packed_pictures_are_sent_to_what_learns_from_pictures(cli: Cli, packed: Path, given: str) -> None:
    told = hint_of(cli, "train-text", *given.split())
    assert "train-vae" in told
    assert "--dataset digits" in told
    assert "gunzip" not in told


@pytest.mark.parametrize(("line", "option"), [
    ("sample-images", "--epochs"), ("eval-images", "--epochs"), ("plot-latent", "--epoch"),
    ("compare-images first other", None),
])  # fmt: skip
def test_how_weights_inside_an_epoch_are_read_is_told_by_the_option_of_the_command(
    cli: Cli, tmp_path: Path, line: str, option: str | None
) -> None:
    for name in ("other", "first"):
        run = made_run(tmp_path / "runs", name, "vae", scores=())
        save_part(run, 0.4, {"model": {"weight": np.zeros(1, dtype=np.float32)}}, {"epoch": 0.4, "step": 4})
    latest = f"{option} latest reads the newest weights inside it, of epoch 0.4."
    on = "genmodels train-vae --resume runs/first goes on with it."
    assert hint_of(cli, *line.split()) == (on if option is None else latest)


@pytest.mark.parametrize(("command", "option"), [("sample-images", "--epochs"), ("plot-latent", "--epoch")])
def test_how_another_epoch_than_a_damaged_one_is_read_likewise(
    cli: Cli, tmp_path: Path, command: str, option: str
) -> None:
    folders = list(made_run(tmp_path / "runs", "first", "vae").checkpoints.glob("epoch-*"))
    for folder in folders:
        (folder / "model.safetensors").write_bytes(b"")
    another = f"{option} reads another" if len(folders) > 1 else "the run keeps no other epoch"
    assert hint_of(cli, command).startswith(f"{another}; what of it is whole is told by: genmodels runs verify")


@pytest.mark.parametrize(("names", "kind"), [
    (["a.PNG", "b.jpg", "notes.md"], "pictures"), (["a.wav", "b.flac", "speakers.csv"], "recordings"),
    (["a.md", "b.rst", "logo.png"], None), ([], None),
])  # fmt: skip
def test_what_a_folder_holds_is_told_by_most_of_its_files(names: list[str], kind: str | None) -> None:
    found = training_for(names)
    assert (found is None) if kind is None else (found is not None and found[0] == kind)


def test_an_option_of_other_trainings_is_answered_with_what_there_is_instead(cli: Cli) -> None:
    told = hint_of(cli, "train-vae", "--compare", "mlp,conv")
    assert told.startswith("train-text and train-speech have it")
    assert "genmodels runs compare NAME NAME" in told
    others = hint_of(cli, "runs", "compare", "--compare", "a,b")
    assert others == "leave it out; train-text and train-speech have it."


def test_a_number_alone_is_asked_whether_it_is_of_steps_or_seconds(cli: Cli) -> None:
    told = hint_of(cli, "train-text", "--preview-every", "10")
    assert told == "write --preview-every 10steps or --preview-every 10s."


def test_settings_in_a_file_may_be_written_as_the_options_are(cli: Cli, corpus_file: Path, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text("hidden-size = 12\nembedding_size = 6\nepochs = 1\n")
    assert cli("train-text", corpus_file, "--config", "small.toml", "--name", "small", "-q").code == 0
    run = RunDir(tmp_path / "runs" / "small").document()["settings"]
    assert run["hidden_size"] == {"value": 12, "from": "config"}
    shown = cli("runs", "show", "small", "--all").out
    assert "threads\t1\tthe machine" in shown
    assert "adjusted" not in shown
    (tmp_path / "both.toml").write_text("hidden-size = 12\nhidden_size = 6\n")
    outcome = cli("train-text", corpus_file, "--config", "both.toml")
    assert "has both hidden-size and hidden_size" in outcome.err


def test_a_film_of_a_run_with_one_epoch_says_how_to_get_more(cli: Cli, tmp_path: Path) -> None:
    made_run(tmp_path / "runs", "game", "gan", scores=(9.0,), planned=1)
    told = hint_of(cli, "sample-images", "--run", "game", "--epochs", "all", "--animate", "film.gif")
    assert told.startswith("runs/game has kept one alone: a new run of genmodels train-gan --epochs 10")
    made_run(tmp_path / "runs", "longer", "gan", scores=(9.0, 8.0), planned=2, cut=5)
    told = hint_of(cli, "sample-images", "--run", "longer", "--epochs", "1", "--animate", "film.gif")
    assert told == "give --epochs all; kept are: 1, 1.5."


def test_no_run_is_named_that_cannot_be_read_yet(cli: Cli, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    made_run(runs, "words")
    made_run(runs, "faces", "vae", scores=(), planned=2)
    told = hint_of(cli, "reconstruct", "--run", "words")
    assert told == "genmodels train-vae --resume runs/faces goes on with it."
    made_run(runs, "whole", "vae", scores=(-9.0,), planned=1)
    made_run(runs, "begun", "vae", scores=(), planned=2)
    assert hint_of(cli, "reconstruct", "--run", "words") == "name another run, such as runs/whole."
    made_comparison(runs, "cells", ("rnn", "gru", "lstm"), [(), (3.0,), ()])
    assert hint_of(cli, "eval-text", "--run", "cells") == "name one of them, such as runs/cells/gru."


def test_no_run_that_is_being_trained_is_proposed_to_be_compared(cli: Cli, tmp_path: Path) -> None:
    old, new = (made_run(tmp_path / "runs", name) for name in ("old", "new"))
    assert "next: genmodels runs compare runs/old runs/new" in cli("runs", "list").err
    assert alike(tmp_path / "runs", new) == old
    with old.locked(print):
        assert "runs compare" not in cli("runs", "list").err
        assert alike(tmp_path / "runs", new) is None
