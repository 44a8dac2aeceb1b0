"""Commands within a shell's limits; in real processes."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

HOME = "trained text"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold to ulimit -v")
TRAINING = "train-text corpus.txt --hidden-size 8 --embedding-size 4 --batch-size 4 --window 16 --epochs 1"


def within(folder: Path, limit: str, arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", f"ulimit {limit}; exec {shlex.quote(sys.executable)} -m genmodels {arguments}"],
        cwd=folder, env=os.environ | {"GENMODELS_CACHE": str(folder / "cache")}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kilobytes", "arguments", "library"),
    [
        (90_000, "sample-text --run tiny --length 9", "NumPy"),
        (600_000, TRAINING, "PyTorch"),
        (90_000, TRAINING, "NumPy"),
    ],
)
def test_too_little_address_space_is_told_by_its_number(
    home: Path, kilobytes: int, arguments: str, library: str
) -> None:
    before = sorted((home / "runs").iterdir())
    done = within(home, f"-v {kilobytes}", arguments)
    assert done.returncode == 5, done.stderr
    first, second = done.stderr.splitlines()
    limit = f"this process may use {kilobytes:,} kB of address space (ulimit -v)"
    assert first == f"error: {limit}, too little to work with {library}"
    assert second.startswith("hint: ulimit -v unlimited")
    assert sorted((home / "runs").iterdir()) == before


@pytest.mark.parametrize("arguments", ["--help", "runs list", "sample-text --run tiny --length 9"])
def test_what_needs_little_works_within_little(home: Path, arguments: str) -> None:
    done = within(home, "-v 600000", arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.sweep
def test_within_enough_address_space_a_training_is_done(home: Path) -> None:
    assert within(home, "-v 12000000", f"{TRAINING} -q").returncode == 0


@pytest.mark.sweep
def test_memory_that_runs_out_while_training_is_told_with_the_limit(home: Path) -> None:
    done = within(home, "-v 8000000", "train-text corpus.txt --hidden-size 20000 --layers 2 --epochs 1 -q")
    assert done.returncode == 5
    assert "this process may use 8,000,000 kB of address space (ulimit -v)" in done.stderr
    assert "--hidden-size 20000" in done.stderr


def test_too_large_a_file_is_told_with_the_limit_and_the_old_one_stays(home: Path) -> None:
    (home / "out.txt").write_text("old")
    done = within(home, "-f 1", "sample-text --length 3000 --out out.txt --force")  # 512 or 1,024 bytes
    assert done.returncode == 5
    assert "cannot write out.txt: File too large" in done.stderr
    assert "ulimit -f unlimited" in done.stderr
    assert (home / "out.txt").read_text() == "old"
    assert list(home.glob(".tmp-*")) == []


def test_few_open_files_are_enough(home: Path) -> None:
    assert within(home, "-n 16", "sample-text --run tiny --length 9").returncode == 0
