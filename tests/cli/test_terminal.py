"""On a real (pseudo) terminal: what a hostile corpus writes arrives as visible text."""

import itertools
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from screen import Reader

pty = pytest.importorskip("pty", reason="pseudo-terminals are POSIX")

HOSTILE = "\x1b]52;c;aGk=\x07\x9b31m\u202egnp.exe \x1b[2Jab\r"
SMALL = ("--hidden-size", "8", "--embedding-size", "4", "--batch-size", "2", "--window", "16", "--epochs", "1")


def on_terminal(folder: Path, *arguments: str, term: str = "xterm-256color", columns: str = "120") -> str:
    """Run a command whose stdout and stderr are one terminal; returns all that arrived there."""
    master, slave = pty.openpty()
    environment = os.environ | {"TERM": term, "NO_COLOR": "1", "COLUMNS": columns, "LINES": "40"}
    process = subprocess.Popen(
        [sys.executable, "-m", "genmodels", *arguments], cwd=folder, stdout=slave, stderr=slave, env=environment
    )
    reader = Reader(master, slave)
    code = process.wait(timeout=60)
    shown = reader.text()
    assert code == 0, shown
    return shown


def test_nothing_of_a_hostile_corpus_steers_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "evil.txt").write_text(HOSTILE * 40, encoding="utf-8", newline="")
    training = on_terminal(tmp_path, "train-text", "evil.txt", *SMALL)
    assert "epoch 1 validation: nll" in training
    assert "\\u202e" in training, "the sample was shown, with its controls made visible"
    for dangerous in ("\x1b]", "\x07", "\x9b", "\u202e", "\x1b[2Ja"):
        assert dangerous not in training
    single = on_terminal(tmp_path, "sample-text", "--length", "300")
    sheet = on_terminal(tmp_path, "sample-text", "--temp", "0.5,1", "--length", "60")
    assert "\\x1b" in single
    assert "\x1b" not in single
    assert "temperature 0.5" in sheet
    for text in (single, sheet):
        assert not set("\x07\x9b\u202e") & set(text)


def test_a_dumb_terminal_gets_plain_and_filtered_lines(tmp_path: Path) -> None:
    (tmp_path / "evil\x1b[31m.txt").write_text("plain text " * 60, encoding="utf-8")
    training = on_terminal(tmp_path, "train-text", "evil\x1b[31m.txt", *SMALL, term="dumb")
    shown = on_terminal(tmp_path, "runs", "show", term="dumb")
    assert "\\x1b[31m" in shown
    assert "\x1b" not in training + shown


def test_a_switch_is_not_shown_to_take_a_value(tmp_path: Path) -> None:
    for command in ("--help", "runs --help", "runs list --help", "train-speech --help-all"):
        drawn = on_terminal(tmp_path, *command.split())
        assert "\u256d" in drawn, "by Rich"
        assert "bool" not in drawn


def test_help_on_a_terminal_is_drawn_with_panels_and_shows_defaults(tmp_path: Path) -> None:
    drawn = [on_terminal(tmp_path, "train-text", flag) for flag in ("--help", "--help-all")]
    usual, every = (re.sub(r"\x1b\[[\d;]*m", "", text) for text in drawn)
    for text in (usual, every):
        assert "(default: 320)" in text
        assert "genmodels train-text corpus.txt --minutes 3" in text
    assert "╭─ Model " in every
    assert "--dropout-epochs" in every
    assert "╭─ Model " not in usual
    assert "--dropout-epochs" not in usual
    assert "--help-all shows" in usual


def test_a_paragraph_of_a_help_fills_the_terminal_s_lines(tmp_path: Path) -> None:
    """Rich would break it where the source does, and then again where the terminal ends."""
    shown = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal(tmp_path, "judge-text", "--help", columns="80"))
    told = shown.partition("They stand beside")[2].partition("Examples:")[0]
    lines = ["They stand beside" + told.splitlines()[0], *told.splitlines()[1:]]
    lines = [line.strip() for line in lines if line.strip()]
    assert len(lines) > 3
    for line, following in itertools.pairwise(lines):
        assert len(line) + 1 + len(following.split()[0]) > 77, f"there was room: {line}"


@pytest.mark.sweep
def test_no_columns_are_80_and_one_is_enough_for_a_training(tmp_path: Path) -> None:
    assert on_terminal(tmp_path, "runs", "--help", columns="0") == on_terminal(tmp_path, "runs", "--help", columns="80")
    (tmp_path / "corpus.txt").write_text("plain text " * 60, encoding="utf-8")
    on_terminal(tmp_path, "train-text", "corpus.txt", *SMALL, "--name", "narrow", columns="1")
    assert "narrow" in on_terminal(tmp_path, "runs", "list", columns="x")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
@pytest.mark.parametrize("arguments", ["--version", "runs list", "--help"])
def test_closed_streams_are_no_crash(tmp_path: Path, arguments: str, closed: str) -> None:
    line = f"{shlex.quote(sys.executable)} -m genmodels {arguments} {closed}"
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
