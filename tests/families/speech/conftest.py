"""A home with trained networks that listen."""

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def home(home_of) -> Path:
    return home_of("speech")


@pytest.fixture
def kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache of the home."""
    monkeypatch.setenv("GENMODELS_CACHE", str(home / "cache"))
