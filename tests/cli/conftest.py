"""Runs that nobody trained."""

from pathlib import Path

import pytest

from made_runs import made_run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The runs folder of the command line."""
    return tmp_path / "runs"


@pytest.fixture
def three(root: Path) -> Path:
    """A finished, a stopped and a damaged run."""
    made_run(root, "story", settings={"seed": 2})
    made_run(root, "faces", "vae", scores=(-100.0, -90.0, -95.0), planned=20, data="mnist", settings={"model": "conv"})
    (made_run(root, "broken").path / "run.json").write_text("{")
    return root
