"""What a command does where its streams are closed, full, or where nobody reads them any more; in real processes."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

HOME = "trained text"
FULL = Path("/dev/full")
pytestmark = pytest.mark.skipif(not FULL.exists(), reason="/dev/full is Linux's")
SMALL = "--hidden-size 8 --embedding-size 4 --batch-size 4 --window 16 --epochs 1 --sample-length 20"
TRAINING = f"train-text corpus.txt {SMALL} --val-limit 200"
CANNOT = "error: the result cannot be written to stdout: No space left on device\nhint: "


def shell(folder: Path, arguments: str, redirections: str = "", before: str = "") -> subprocess.CompletedProcess[str]:
    """What a shell gives for a command line with redirections; Python buffers as it does for a user."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    environment["GENMODELS_CACHE"] = str(folder / "cache")
    return subprocess.run(
        ["sh", "-c", f"{before}{shlex.quote(sys.executable)} -m genmodels {arguments} {redirections}"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_full_stderr_never_costs_a_training(home: Path) -> None:
    done = shell(home, TRAINING, "2>/dev/full")
    assert (done.returncode, done.stderr) == (0, "")
    assert (home / done.stdout.strip() / "checkpoints" / "best").exists()


def test_a_full_stderr_never_costs_a_result(home: Path) -> None:
    for arguments in ("--version", "sample-text --length 9"):
        usual, done = shell(home, arguments), shell(home, arguments, "2>/dev/full")
        assert (done.returncode, done.stdout) == (0, usual.stdout), arguments


@pytest.mark.parametrize(
    ("arguments", "unbuffered"),
    [
        ("--version", ""),
        ("--version", "PYTHONUNBUFFERED=1 "),
        ("--help", ""),
        ("runs list", ""),
        ("sample-text --length 9", ""),
    ],
)
def test_a_full_stdout_is_told_once_and_is_no_success(home: Path, arguments: str, unbuffered: str) -> None:
    done = shell(home, arguments, ">/dev/full", unbuffered)
    assert done.returncode == 5
    assert done.stderr.count(CANNOT) == 1
    assert done.stderr.count("\n", done.stderr.index("error: ")) == 2, "it is the last that is said"
    assert "Traceback" not in done.stderr


@pytest.mark.sweep  # a training each
def test_with_every_stream_closed_a_training_is_done(home: Path) -> None:
    assert shell(home, f"{TRAINING} --name silent", "<&- >&- 2>&-").returncode == 0
    assert (home / "runs" / "silent" / "checkpoints" / "best").exists()


def test_an_error_keeps_its_exit_code_whatever_the_streams_are(home: Path) -> None:
    for redirection in (">/dev/full", "2>/dev/full", "<&- >&- 2>&-"):
        assert shell(home, "runs show nothing", redirection).returncode == 4, redirection


@pytest.mark.sweep
def test_where_stdin_is_closed_it_is_empty(home: Path) -> None:
    for arguments, sentence in (("train-text -", "the corpus - is empty"), ("sample-text --prompt -", "is empty")):
        done = shell(home, arguments, "<&-")
        assert (done.returncode, sentence in done.stderr) == (3, True), done.stderr


@pytest.mark.parametrize("arguments", ["--version", "runs list"])
def test_a_stdout_whose_reader_has_left_ends_quietly(home: Path, arguments: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "genmodels", *arguments.split()],
        cwd=home,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.sweep  # a training each
def test_a_stderr_whose_reader_has_left_does_not_stop_a_training(home: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "genmodels", *TRAINING.split()],
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=writer,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 0
    assert (home / done.stdout.decode().strip() / "checkpoints" / "best").exists()


@pytest.mark.sweep
def test_a_progress_bar_whose_terminal_goes_away_does_not_stop_a_training(home: Path) -> None:
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "genmodels", *TRAINING.split(), "--epochs", "9"], cwd=home, stdout=subprocess.PIPE,
        stderr=slave, env=os.environ | {"TERM": "xterm-256color"},
    )  # fmt: skip
    os.close(slave)
    seen = b""
    while b"epoch" not in seen:  # the bar is up
        seen += os.read(master, 4096)
    os.close(master)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert (home / out.decode().strip() / "checkpoints" / "epoch-0009").exists()
