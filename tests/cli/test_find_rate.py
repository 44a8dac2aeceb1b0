"""find-rate: the loss against the learning rate, a figure, and the line to type next."""

import csv
import json
import shlex
from pathlib import Path

import pytest

import genmodels
from doors import Cli

TINY = ("--hidden-size", 12, "--embedding-size", 6, "--batch-size", 4, "--window", 16)
WIDE = ("--lowest", 0.001, "--highest", 10, "--steps", 60)


def test_a_sweep_tells_its_suggestion_and_the_training_to_type(cli: Cli, corpus_file: Path, tmp_path: Path) -> None:
    outcome = cli("find-rate", "text", corpus_file, *TINY, "--model", "gru", *WIDE)
    assert outcome.code == 0, outcome.err
    (heads, cells) = (line.split("\t") for line in outcome.out.splitlines())
    row = dict(zip(heads, cells, strict=True))
    assert float(row["least"]) < float(row["began"])
    assert row["usual"] == "0.004"
    assert f"suggested: {row['suggestion']}, a tenth of " in outcome.err
    (line,) = [line for line in outcome.err.splitlines() if line.startswith("next: ")]
    words = shlex.split(line)
    assert words[1:4] == ["genmodels", "train-text", str(corpus_file)]
    assert words[-2:] == ["--learning-rate", row["suggestion"]]
    assert not (tmp_path / "runs").exists()
    again = cli(*words[2:], "--epochs", 1, "--sample-length", 20, "--name", "next")
    assert again.code == 0, again.err
    settings = json.loads((tmp_path / "runs" / "next" / "run.json").read_text())["settings"]
    assert settings["model"] == {"value": "gru", "from": "flag"}
    assert settings["learning_rate"] == {"value": float(row["suggestion"]), "from": "flag"}


def test_the_line_to_type_has_all_that_was_given_in_quotes_where_it_needs_them(cli: Cli, corpus_file: Path) -> None:
    moved = corpus_file.rename(corpus_file.with_name("my text.txt"))
    flags = ("--sample-temp", "0.5,1", "--sample-prompt", "the cat", "--epochs", 3, "--precision", "fp32")
    outcome = cli("find-rate", "text", moved, *TINY, *flags, *WIDE)
    (line,) = [line for line in outcome.err.splitlines() if line.startswith("next: ")]
    words = shlex.split(line)
    assert words[3] == str(moved)
    for flag, value in zip(flags[::2], flags[1::2], strict=True):
        assert words[words.index(flag) + 1] == str(value)


def test_the_figure_and_the_numbers_are_written_where_asked(cli: Cli, corpus_file: Path, tmp_path: Path) -> None:
    outcome = cli("find-rate", "text", corpus_file, *TINY, *WIDE, "--out", "rates.png", "--csv", "rates.csv", "--json")
    assert outcome.code == 0, outcome.err
    found = json.loads(outcome.out)
    assert found["figure"] == "rates.png"
    assert (tmp_path / "rates.png").read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader((tmp_path / "rates.csv").read_text(encoding="utf-8").splitlines()))
    assert [float(row["rate"]) for row in rows] == found["rates"]
    assert "next:" not in outcome.err


def test_a_sweep_may_begin_with_the_weights_of_a_run(cli: Cli, trained: Path, corpus_file: Path) -> None:
    fresh, tuned = (
        json.loads(cli("find-rate", "text", corpus_file, *TINY, *flags, *WIDE, "--json").out)["losses"]["nll"]
        for flags in ((), ("--init-from", "tiny"))
    )
    assert tuned[0] < fresh[0]
    told = cli("find-rate", "text", corpus_file, "--init-from", "tiny", "--window", 16, *WIDE).err
    assert "--init-from tiny" in told.partition("next: ")[2] or "next: " not in told


def test_the_python_function_gives_the_same_numbers(cli: Cli, corpus_file: Path) -> None:
    told = json.loads(cli("find-rate", "text", corpus_file, *TINY, *WIDE, "--json").out)
    settings = {"hidden_size": 12, "embedding_size": 6, "batch_size": 4, "window": 16}
    found = genmodels.find_rate(
        "text", corpus_file, lowest=0.001, highest=10.0, steps=60, progress=False, notice=lambda _: None, **settings
    )
    assert json.loads(json.dumps(found.facts)) == told


@pytest.mark.parametrize(("flags", "told", "hint"), [
    (("--lowest", 1, "--highest", 0.1), "--lowest 1 is not below --highest 0.1", "such as from 1e-05 to 1"),
    (("--lowest", 0.1, "--highest", 0.1), "--lowest 0.1 is not below", "a sweep goes upwards"),
    (("--steps", 1), "--steps is 1", "from 20 to 10,000"),
    (("--lowest", -1), "--lowest is -1", "above 0"),
    (("--highest", "nan"), "--highest is nan", "hint: try --highest 1."),
    (("--out", "rates.txt"), "rates.txt", ".png"),
    (("--title", "mine"), "--title", "--out figure.png"),
    (("--learning-rate", 0.1), "--learning-rate", ""),
])  # fmt: skip
def test_what_makes_no_sweep_is_refused_at_once(
    cli: Cli, corpus_file: Path, flags: tuple, told: str, hint: str
) -> None:
    outcome = cli("find-rate", "text", corpus_file, *TINY, *flags)
    assert outcome.code == 2
    assert told in outcome.err
    assert hint in outcome.err
    assert "parameters on" not in outcome.err, "before the model is made"


def test_a_figure_into_a_folder_is_refused(cli: Cli, corpus_file: Path, tmp_path: Path) -> None:
    (tmp_path / "rates.png").mkdir()
    outcome = cli("find-rate", "text", corpus_file, *TINY, *WIDE, "--out", "rates.png")
    assert outcome.code in {2, 5}
    assert "rates.png" in outcome.err


def test_a_setting_that_a_sweep_goes_through_is_refused_in_python(corpus_file: Path) -> None:
    with pytest.raises(genmodels.GenmodelsError, match="learning_rate is what a sweep looks for"):
        genmodels.find_rate("text", corpus_file, learning_rate=0.1)
