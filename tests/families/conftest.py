"""Runs of image models and of a text, made once, and what was told about them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import genmodels
from genmodels.families import family_of, open_run, starting
from genmodels.families.run import Run
from genmodels.families.text import TextRun
from genmodels.telling import Teller, silent
from genmodels.training.reporting import QuietReporter
from genmodels.training.starting import plan_of, train
from homes import SENTENCES, TINY_RUN

SMALL = {"channels": 2, "batch_size": 20, "epochs": 2, "threads": 1}
CODED = SMALL | {"hidden_size": 8, "latent_size": 3}
RUNS: dict[str, tuple[str, str, dict[str, Any]]] = {  # name -> family, images, settings
    "plain": ("vae", "set.npz", CODED),
    "classes": ("vae", "set.npz", CODED | {"model": "mlp", "conditional": True}),
    "grey": ("vae", "set.npz", CODED | {"model": "mlp", "binarize": "none", "epochs": 1, "latent_size": 2}),
    "elsewhere": ("vae", "other.npz", CODED | {"model": "mlp", "epochs": 1}),
    "pixels": ("pixelrnn", "set.npz", SMALL | {"layers": 1}),
    "levels": ("pixelrnn", "set.npz", SMALL | {"layers": 1, "levels": "4", "epochs": 1}),
    "turned": ("pixelrnn", "set.npz", SMALL | {"layers": 1, "orientations": 4, "epochs": 1}),
    "game": ("gan", "set.npz", CODED),
    "bare": ("gan", "other.npz", CODED | {"model": "mlp", "epochs": 1}),
}


def make(folder: Path, name: str, trained: bool = True) -> None:
    family, images, settings = RUNS[name]
    row, name = family_of(family), name if trained else f"new-{name}"
    run, task = starting.new_run(
        row, settings, dataset=str(folder / images), preset=None, config=None, name=name, runs=folder / "runs",
        notice=silent,
    )  # fmt: skip
    if trained:
        train(task, row, plan_of(run, task, task.settings), run, QuietReporter())


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two image sets, one without classes, and trained runs of each family, made once."""
    folder = tmp_path_factory.mktemp("families")
    random = np.random.default_rng(0)
    labels = np.arange(270) % 3
    shapes = np.zeros((3, 8, 8))
    shapes[0, :, 2:4], shapes[1, 3:5], shapes[2, 2:6, 2:6] = 1, 1, 1
    pixels = (shapes[labels] * 220 + random.integers(0, 35, (270, 8, 8))).astype(np.uint8)
    np.savez(folder / "set.npz", x_train=pixels[:160], y_train=labels[:160], x_test=pixels[160:], y_test=labels[160:])
    np.savez(folder / "other.npz", images=pixels[:100])
    Image.fromarray(pixels[0]).save(folder / "own.png")
    Image.fromarray(pixels[0, :5]).save(folder / "small.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        for name in RUNS:
            make(folder, name)
        for name in ("plain", "pixels", "game"):
            make(folder, name, trained=False)
    return folder


@dataclass
class Told:
    """Listens to what the library tells."""

    notices: list[str] = field(default_factory=list)
    counted: dict[str, list[int]] = field(default_factory=dict)  # what -> total, done

    @property
    def teller(self) -> Teller:
        @contextmanager
        def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
            self.counted[what] = [total, 0]

            def advance(count: int) -> None:
                self.counted[what][1] += count

            yield advance

        return Teller(self.notices.append, counting)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def notices(told: Told) -> list[str]:
    """The sentences that were told."""
    return told.notices


@pytest.fixture
def opened(home: Path, told: Told, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Opens a run of the home by name, which tells `told`."""
    monkeypatch.setenv("GENMODELS_CACHE", str(home / "cache"))
    return lambda name: open_run(home / "runs", name, Run, told.teller)


@pytest.fixture(scope="session")
def text_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a cache and runs, so that the text run is trained once."""
    return tmp_path_factory.mktemp("text")


@pytest.fixture
def run(text_home: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> TextRun:
    """A tiny run on a text that was given directly."""
    monkeypatch.setenv("GENMODELS_CACHE", str(text_home / "cache"))
    if not (text_home / "runs").exists():
        genmodels.train_text(text=SENTENCES * 60, name="tiny", runs=text_home / "runs", **TINY_RUN)
    return TextRun(text_home / "runs" / "tiny")
