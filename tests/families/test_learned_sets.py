"""Images and recordings that a run is measured on and that its first weights learned from are told as that."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import genmodels
from genmodels.families import Run, open_run
from genmodels.families.comparison import compare
from genmodels.telling import Teller, silent

SMALL = {"channels": 2, "batch_size": 20, "epochs": 1, "threads": 1, "hidden_size": 8, "latent_size": 3}
FROM = "from which the first weights"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, one from its weights on the same set, and one on a set whose test images are some that it learned from."""
    folder = tmp_path_factory.mktemp("learned")
    random = np.random.default_rng(0)
    pixels, labels = random.integers(0, 255, (240, 8, 8), dtype=np.uint8), np.arange(240) % 3
    sets = {"set.npz": (slice(160), slice(160, 240)), "turned.npz": (slice(80, 240), slice(80))}
    for name, (train, test) in sets.items():
        arrays = {"x_train": pixels[train], "y_train": labels[train], "x_test": pixels[test], "y_test": labels[test]}
        np.savez(folder / name, **arrays)
    vae(folder, "first", "set.npz", silent, **SMALL)
    vae(folder, "same", "set.npz", silent, init_from="first", epochs=1)
    vae(folder, "other", "turned.npz", silent, init_from="first", epochs=1)
    vae(folder, "further", "turned.npz", silent, init_from="other", epochs=1)
    return folder


def vae(folder: Path, name: str, images: str, notice: Any, **how: Any) -> None:
    genmodels.train("vae", folder / images, name=name, runs=folder / "runs", notice=notice, **how)


def said(folder: Path, name: str) -> tuple[Any, list[str]]:
    told: list[str] = []
    return open_run(folder / "runs", name, Run, Teller(told.append)), told


@pytest.mark.parametrize(
    ("images", "how", "told"),
    [
        ("set.npz", {}, None),
        ("set.npz", {"val_images": 40}, "was trained on 40 of the 40 validation images"),
        ("turned.npz", {}, "was trained on 80 of the 80 test images"),
    ],
    ids=["test images were never seen", "held out of what was learned", "another set with the same images"],
)
def test_a_new_run_hears_what_its_first_weights_learned(
    folder: Path, tmp_path: Path, images: str, how: dict[str, Any], told: str | None
) -> None:
    notices: list[str] = []
    genmodels.train(
        "vae", folder / images, name=f"new-{tmp_path.name}", runs=folder / "runs", notice=notices.append,
        init_from="first", epochs=1, **how,
    )  # fmt: skip
    found = [one for one in notices if FROM in one]
    assert [told in one for one in found] == ([] if told is None else [True]), notices


@pytest.mark.parametrize(("name", "parents"), [("first", 0), ("same", 0), ("other", 1), ("further", 1)])
def test_so_it_is_wherever_test_images_are_shown_or_measured(folder: Path, name: str, parents: int) -> None:
    run, told = said(folder, name)
    run.evaluate(images=20)
    assert sum(FROM in one for one in told) == parents, told
    told.clear()
    run.reconstruct(images=[0, 1])
    assert sum(FROM in one for one in told) == parents, told


def test_a_comparison_tells_it_of_each_run(folder: Path) -> None:
    told: list[str] = []
    runs: list[Any] = [open_run(folder / "runs", name, Run, Teller(told.append)) for name in ("further", "other")]
    compare(runs, 100)
    assert sum(FROM in one for one in told) == 2


def test_a_parent_whose_images_are_gone_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run, told = said(folder, "other")
    images = run.images()
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "empty"))
    (folder / "set.npz").rename(folder / "away.npz")
    try:
        run.at(folder / "turned.npz").evaluate(images=20)
    finally:
        (folder / "away.npz").rename(folder / "set.npz")
    assert len(images.test.pixels) == 80
    assert any("so whether" in one and "learned from the test images can't be told" in one for one in told), told
