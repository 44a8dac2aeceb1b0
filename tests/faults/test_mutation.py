"""Readers of mutated files: nothing but documented errors, in a gigabyte of address space and ten seconds each."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the address space is told by Linux"),
]
TESTS = Path(__file__).parents[1]


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is such a file system: every file is written and synced."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


def begin(seed: int, count: int, folder: Path) -> subprocess.Popen[str]:
    (folder / "files").mkdir(parents=True)
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    environment = os.environ | {"GENMODELS_CACHE": str(folder / "cache"), "PYTHONPATH": paths}
    command = [sys.executable, "-m", "faults.mutation", str(seed), str(count), str(folder / "files")]
    return subprocess.Popen(
        command, env=environment, cwd=TESTS, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def check(process: subprocess.Popen[str], count: int) -> None:
    told, _ = process.communicate()
    assert process.returncode == 0, f"it ended with {process.returncode}"
    found = json.loads(told.splitlines()[-1])
    assert found["wrong"] == []
    assert found["tried"] == sum(found["raised"].values()) == count
    assert found["raised"]["read"] > count / 5, "most files that are hardly changed can be read"
    assert found["raised"]["DataError"] > count / 5
    assert found["grown"] < 600 << 20, found["large"]


def test_mutated_files_raise_documented_errors(in_memory: Path) -> None:
    check(begin(1, 200, in_memory), 200)


@pytest.mark.sweep
def test_some_thousand_mutated_files_raise_documented_errors(in_memory: Path) -> None:
    check(begin(2, 5_000, in_memory), 5_000)


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
def test_mutated_files_in_their_hundred_thousands_raise_documented_errors(in_memory: Path) -> None:
    both = [begin(seed, 100_000, in_memory / str(seed)) for seed in (3, 4)]
    for process in both:
        check(process, 100_000)
