"""Fixtures that every test may use: a cache of its own, the real data, the command line."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Tiny models gain nothing from a second thread, and threads that wait for each other slow a busy machine down.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

SHARED = Path(os.environ.get("GENMODELS_TEST_DATA", Path(__file__).parents[1] / ".." / "shared" / "data"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a cache folder of its own, and the runs folder of nobody else."""
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GENMODELS_RUNS", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path / "cache"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not SHARED.is_dir():
        missing = pytest.mark.skip(reason=f"the shared data folder {SHARED} is missing (GENMODELS_TEST_DATA)")
        for item in items:
            if item.get_closest_marker("real_data"):
                item.add_marker(missing)


@pytest.fixture
def tiny_shakespeare() -> str:
    """The corpus of char-rnn and nanoGPT."""
    return (SHARED / "text" / "tinyshakespeare.txt").read_text(encoding="utf-8")


@dataclass
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Run a command line in this process, in a folder of its own, as the entry point would."""
    from genmodels.app import run

    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = run([str(a) for a in arguments])
        captured = capfd.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


SENTENCES = "the cat sat on the mat; a dog ran to the cat.\nwhere is my hat? it lies on the mat!\n"


@pytest.fixture
def corpus_file(tmp_path: Path) -> Path:
    """A small text that a small model can learn."""
    path = tmp_path / "corpus.txt"
    path.write_text(SENTENCES * 24, encoding="utf-8")
    return path


TINY = (
    "--hidden-size", "12", "--embedding-size", "6", "--batch-size", "4", "--window", "16",
    "--epochs", "2", "--sample-length", "20", "--quiet",
)  # fmt: skip


@pytest.fixture
def trained(cli: Cli, corpus_file: Path, tmp_path: Path) -> Path:
    """A tiny finished run, runs/tiny."""
    outcome = cli("train-text", corpus_file, *TINY, "--name", "tiny")
    assert outcome.code == 0, outcome.err
    return tmp_path / "runs" / "tiny"
