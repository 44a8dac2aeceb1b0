"""Every table that the commands can show, on a pseudo-terminal: no word and no number of it is broken."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TextIO

import pytest

from cli.test_help import COMMANDS
from contract.cases import TRAINED
from doors import run
from genmodels.cli import tables
from genmodels.exhibit import Table
from homes import CORPUS, TINY_SPEECH, TINY_TEXT
from made_runs import made_comparison, made_run
from screen import Reader

pty = pytest.importorskip("pty", reason="pseudo-terminals are POSIX")

WIDTHS = (80, 60, 40)
LONG = "compare-20261126-051225-tdnn-bilstm"  # as long as names of runs become by themselves
RUNS = ("runs list", "runs show", "runs show --all", "runs verify")
LINES: Mapping[str, Sequence[str]] = {  # home -> lines that show tables, beside the families' trainings
    "trained text": (
        *RUNS, "doctor", "eval-text", "eval-text --run tiny --epochs 1,2 corpus.txt",
        "eval-text --run tiny --mix --protocol dynamic",
        "judge-text --run tiny --length 150",
        "judge-text corpus.txt --run tiny", "plot-gradients --run tiny --windows 64 --window 16",
        "plot-gates --run long",
        f"train-text corpus.txt {' '.join(TINY_TEXT[:-1])} --compare feedforward,rnn,gru,lstm --name all",
    ),
    "vae": (*RUNS, "eval-images --run plain --importance-samples 20", "eval-images --run plain --epochs 1-3"),
    "pixelrnn": (*RUNS, "eval-images --run upright --epochs 1,2"),
    "gan": (
        *RUNS, "runs compare game mlp", "eval-images --run game --epochs 1-3",
        "compare-images game mlp", "compare-images game vae pixels",
    ),
    "reader": (
        *RUNS, "eval-reader --run crnn --run fixed --lengths 1-3 --strips 4", "read-image --run crnn",
        "read-image tall.png --run crnn",
    ),
    "speech": (
        *RUNS, "eval-speech --run hears --run both --run narrow --lengths 1,2 --utterances 2",
        "plot-context --run both --run narrow --utterances 2 --looked-at 2", "transcribe three.wav --run hears",
        "transcribe --run hears",
        f"train-speech --dataset words {' '.join(TINY_SPEECH)} --epochs 1 --compare window:5,gru --name two",
        f"train-speech --dataset words {' '.join(TINY_SPEECH)} --epochs 1 --leave-one-out --name each",
    ),
}  # fmt: skip
WITHOUT_TABLES = {  # their results are figures, texts, images and pages
    "sample-text", "sample-images", "reconstruct", "complete", "plot-curve", "plot-elbo", "plot-latent", "plot-gan",
    "runs note", "runs rename", "runs export", "report", "tour",
}  # fmt: skip
CHANGING = ("runs remove story --yes", "runs prune --yes")  # shown with runs of their own


@contextmanager
def on_terminal(width: int) -> Iterator[Callable[[], str]]:
    """stdout and stderr are a pseudo-terminal of this width; gives what says what has arrived there."""
    master, slave = pty.openpty()
    reader = Reader(master, slave)
    with pytest.MonkeyPatch.context() as patch, os.fdopen(slave, "w", encoding="utf-8", closefd=False) as stream:
        patch.setenv("COLUMNS", str(width))
        patch.setenv("TERM", "xterm")
        patch.setattr(sys, "stdout", stream)
        patch.setattr(sys, "stderr", stream)

        def text() -> str:
            stream.flush()
            return re.sub(r"\x1b\[[\d;?]*\w", "", reader.text().replace("\r\n", "\n"))

        try:
            yield text
        finally:
            text()


def tables_of(line: str) -> list[Table]:
    """What a command drew on its terminal."""
    found: list[Table] = []
    draw = tables._draw

    def kept(table: Table, stream: TextIO) -> None:
        found.append(table)
        draw(table, stream)

    with on_terminal(80) as text, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "_draw", kept)
        patch.setattr("genmodels.figures.style.DOTS_PER_INCH", 30)
        code = run(line.split())
        assert code == 0, text()
    return found


def words_of(table: Table) -> list[str]:
    rows = [table.spoken_heads, *table.spoken_cells()]
    return [word for cell in [table.title, *(cell for row in rows for cell in row)] for word in cell.split()]


def check(table: Table, width: int) -> None:
    """All words stand there, whole; no line is wider than the screen, unless a single word is."""
    with on_terminal(width) as text:
        tables.show(table, sys.stdout)
        shown = text()
    standing = shown.split()
    for word in words_of(table):
        assert word in standing, f"{word} is broken at {width} columns:\n{shown}"
        standing.remove(word)
    for line in shown.splitlines():
        assert len(line) <= width or len(line.split()) == 1, f"{line!r} is wider than {width} columns"
    assert shown.count("\u2026") == sum(word.count("\u2026") for word in words_of(table)), "nothing is cut here"


def with_long_names(table: Table) -> Table:
    rows: list[dict[str, Any]] = [{**row, **({"run": LONG} if row.get("run") else {})} for row in table.rows]
    return replace(table, rows=rows)


TRAININGS = {promised.home: (promised.family, *promised.flags) for promised in TRAINED}
CASES = [(home, line) for home, lines in LINES.items() for line in lines]
CASES += [(home, f"train-{' '.join(words)} --name more") for home, words in TRAININGS.items()]
CASES += [(home, f"find-rate {' '.join(words)} --steps 20") for home, words in TRAININGS.items()]


@pytest.fixture(scope="module")
def home_named(home_of: Callable[[str], Path]) -> Callable[[str], Path]:
    """Each home, made when it is first asked for."""
    return cache(lambda name: _with_long_text(home_of(name)) if name == "trained text" else home_of(name))


def _with_long_text(folder: Path) -> Path:
    """A home of texts has a run too whose validation text is long enough to look for units in."""
    (folder / "long.txt").write_text(CORPUS * 8, encoding="utf-8")
    runs = str(folder / "runs")
    line = ("train-text", str(folder / "long.txt"), *TINY_TEXT, "--epochs", "1", "--name", "long", "--runs", runs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        assert run(line) == 0
    return folder


def test_every_command_is_here() -> None:
    groups = {"", *(command.split()[0] for command in COMMANDS if " " in command)}
    lines = [*(line for _, line in CASES), *CHANGING]
    shown = {command for command in COMMANDS if any(f"{line} ".startswith(f"{command} ") for line in lines)}
    assert shown | WITHOUT_TABLES | groups == set(COMMANDS)
    assert not shown & WITHOUT_TABLES


# Several trainings, or a second look: their tables are of a kind with others'.
LONG_LINES = [line for _, line in CASES if "--compare" in line or "--leave-one-out" in line or "compare-images" in line]


@pytest.mark.parametrize(
    ("home", "line"),
    [pytest.param(*case, marks=[pytest.mark.sweep] * (case[1] in LONG_LINES)) for case in CASES],
    ids=[line for _, line in CASES],
)
def test_no_table_has_a_broken_word_or_number_at_any_width(
    home_named: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, home: str, line: str
) -> None:
    monkeypatch.chdir(home_named(home))
    monkeypatch.setenv("GENMODELS_CACHE", str(home_named(home) / "cache"))
    check_all(tables_of(line))


@pytest.mark.parametrize("line", [*CHANGING, "runs list", "runs show compared", "runs compare compared"])
def test_no_table_about_comparisons_or_what_is_lost_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    made_run(tmp_path / "runs", "story")
    made_comparison(tmp_path / "runs", "compared", ("feedforward", "rnn"), [(3.0, 2.0), (2.0, 1.5)])
    check_all(tables_of(line))


def check_all(found: Sequence[Table]) -> None:
    """Tables there are, and all hold at every width."""
    assert found, "the command shows a table"
    for table in found:
        assert table.title.strip() or all(head.strip() for head in table.heads[:1]), "a header stands above it"
        for width in WIDTHS:
            check(table, width)
            check(with_long_names(table), width)


def test_a_list_of_runs_has_a_line_for_each_at_80_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    runs = tmp_path / "runs"
    made_run(runs, "novel", data="tinyshakespeare.txt", scores=(1.485123,), planned=1)
    made_run(runs, "faces", "vae", scores=(-90.01514,), planned=20, settings={"model": "conv"})
    made_run(runs, "game", "gan", scores=(1921.96,), planned=1, settings={"model": "dcgan"})
    made_run(runs, "long", settings={"model": "feedforward"}, data="a-very-long-name-of-a-corpus.txt")
    made_comparison(runs, "cells", ("feedforward", "rnn"), [(3.0, 2.0), (2.0, 1.5)])
    (table,) = tables_of("runs list")
    with on_terminal(80) as text:
        tables.show(table, sys.stdout)
        title, heads, _, *rows = text().splitlines()
    assert (title, heads.split()) == ("runs", ["run", "date", "family", "data", "state", "best"])
    told = {row.split()[0]: re.split(r"  +", row)[2:] for row in rows}
    assert told == {
        "novel": ["text lstm", "tinyshakespeare", "finished", "nll 1.485 nats/char"],
        "faces": ["vae conv", "corpus", "stopped 1/20", "elbo -90.02 nats/image"],
        "game": ["gan dcgan", "corpus", "finished", "kernel distance 1,922"],
        "long": ["feedforward", "a-very-long-...", "finished", "nll 1.25 nats/char"],
        "cells": ["text 2 runs", "corpus", "finished", "nll 1.5 nats/char"],
    }


def test_on_a_terminal_a_text_ends_with_its_line_also_where_it_was_stopped(
    home_named: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home_named("trained text"))
    for stop in ([], ["--stop", " "], ["--stop", "\n"]):
        with on_terminal(80) as text:
            assert run(["sample-text", "--run", "tiny", "--length", "40", *stop]) == 0
            assert text().endswith("\n")


def test_how_many_characters_were_predicted_is_explained(
    home_named: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home_named("trained text"))
    (table,) = tables_of("eval-text --run tiny --baselines corpus.txt")
    with on_terminal(80) as text:
        tables.show(table, sys.stdout)
        told = " ".join(text().split())
    assert "predicted: characters that were predicted" in told
    size = len(Path("corpus.txt").read_text(encoding="utf-8"))
    counts = {row["protocol"]: row["characters"] for row in table.rows}
    assert counts == {"carried": size - 1, "windows": (size - 1) // 256 * 256, "-": size}, "as the legend says"
