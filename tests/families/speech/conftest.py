"""A home with trained networks that listen, what was told, and their runs."""

from pathlib import Path

import pytest

from genmodels.families import open_run
from genmodels.families.speech.run import SpeechRun
from genmodels.telling import Teller


@pytest.fixture(scope="module")
def home(home_of) -> Path:
    return home_of("speech")


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def run(home: Path, told: list[str], monkeypatch: pytest.MonkeyPatch):
    """Opens a run that tells `told`."""
    monkeypatch.setenv("GENMODELS_CACHE", str(home / "cache"))
    return lambda name: open_run(home / "runs", name, SpeechRun, Teller(told.append))


@pytest.fixture
def kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache of the home."""
    monkeypatch.setenv("GENMODELS_CACHE", str(home / "cache"))
