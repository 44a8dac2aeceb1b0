"""Pictures of one's own, through the commands: moved ones, dark ones, levels, and runs among them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genmodels.runs import RunDir
from homes import TINY_PIXELS, TINY_VAE, shapes

PASSED_OVER = [{"reason": "no picture", "count": 1, "files": ["notes.txt"]}]
VAE = (*TINY_VAE, "--epochs", 1, "--model", "mlp")


def pictures(folder: Path, turned: bool = False) -> Path:
    """Pictures of three classes, 20 of each, light on dark or the other way round."""
    pixels, labels = shapes(12, 12, 60)
    clean = np.where(pixels > 127, 255, 0).astype(np.uint8)
    for number, (image, label) in enumerate(zip(255 - clean if turned else clean, labels, strict=True)):
        (folder / "abc"[label]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / "abc"[label] / f"{number:02d}.png")
    return folder


def test_a_training_says_what_it_took_and_json_and_the_run_keep_it(cli, tmp_path: Path) -> None:
    pictures(tmp_path / "set")
    (tmp_path / "set" / "notes.txt").write_text("hello")
    outcome = cli("train-vae", "--dataset", "set", *VAE, "--name", "one", "--json")
    assert outcome.code == 0, outcome.err
    taken = "set: 60 pictures of 12x12, 6 of them held out to test on, in 3 classes (a, b, c), light on dark ground"
    assert f"note: {taken}; passed over: notes.txt (no picture)\n" in outcome.err
    result = json.loads(outcome.out)
    assert (result["taken"], result["passed_over"]) == (taken, PASSED_OVER)
    data = RunDir(tmp_path / "runs" / "one").document()["data"]
    assert (data["taken"], data["passed_over"], data["ink"]) == (taken, PASSED_OVER, "light")
    assert taken in cli("train-vae", "--resume", "one").err


def test_images_that_moved_are_found_in_the_cache_or_where_dataset_says(cli, tmp_path: Path, own_cache: Path) -> None:
    pictures(tmp_path / "set")
    assert cli("train-vae", "--dataset", "set", *VAE, "--name", "one").code == 0
    before = cli("eval-images", "--run", "one", "--json")
    (tmp_path / "set").rename(tmp_path / "moved")
    again = cli("eval-images", "--run", "one", "--json")
    assert (again.code, again.out) == (0, before.out)
    assert "are gone: took the run's own from the cache" in again.err
    shutil.rmtree(own_cache / "images")
    lost = cli("reconstruct", "--run", "one")
    assert lost.code == 3
    assert "are gone" in lost.err
    assert "--dataset PATH" in lost.err
    for command in ("reconstruct", "eval-images", "plot-latent"):
        found = cli(command, "--run", "one", "--dataset", "moved")
        assert found.code == 0, found.err
    assert cli("train-vae", "--resume", "one", "--dataset", "moved").code == 0


@pytest.mark.parametrize("command", [("train-vae", "--resume"), ("reconstruct", "--run"), ("eval-images", "--run")])
def test_other_images_are_refused_in_the_place_of_a_run_s_own(cli, tmp_path: Path, command: tuple[str, str]) -> None:
    pictures(tmp_path / "set")
    pictures(tmp_path / "other", turned=True)
    assert cli("train-vae", "--dataset", "set", *VAE, "--name", "one").code == 0
    outcome = cli(*command, "one", "--dataset", "other")
    assert outcome.code == 3
    assert "the images of other are not those of the run" in outcome.err


def darkness(file: Path) -> float:
    """Share of dark pixels in a figure."""
    return float((np.asarray(Image.open(file).convert("L")) < 100).mean())


@pytest.mark.parametrize("turned", [pytest.param(False, marks=pytest.mark.sweep), True])
def test_figures_show_dark_ink_on_white_paper_whichever_way_the_pictures_are(cli, tmp_path: Path, turned: bool) -> None:
    pictures(tmp_path / "set", turned)
    outcome = cli("train-vae", "--dataset", "set", *VAE, "--epochs", 30, "--name", "one", "--threads", 1)
    assert outcome.code == 0, outcome.err
    assert ("dark on light ground" if turned else "light on dark ground") in outcome.err
    ink = float((np.asarray(Image.open(tmp_path / "set" / "a" / "00.png")) == (0 if turned else 255)).mean())
    assert ink < 0.5
    for command in ("reconstruct", "sample-images", "plot-latent"):
        assert cli(command, "--run", "one", "--out", "f.png").code == 0
        assert darkness(tmp_path / "f.png") < 0.4, command
    assert cli("sample-images", "--run", "one", "--out", "s.npz").code == 0
    drawn = np.load(tmp_path / "s.npz")["images"]
    assert (np.median(drawn) > 0.5) == turned, "numbers are as in the pictures"


def test_photographs_are_shown_as_they_are(cli, tmp_path: Path) -> None:
    ramp = np.linspace(40, 230, 144).reshape(12, 12)
    images = np.stack([np.roll(ramp, shift, axis=1) for shift in range(60)]).astype(np.uint8)
    np.savez(tmp_path / "set.npz", images=images)
    outcome = cli("train-vae", "--dataset", "set.npz", *VAE, "--binarize", "none", "--name", "one")
    assert "without a dark or light ground" in outcome.err
    assert "black and white of these greys" not in outcome.err
    advised = cli("train-vae", "--dataset", "set.npz", *VAE, "--name", "two")
    assert "binarize dynamic makes black and white of these greys; --binarize none keeps them" in advised.err
    assert cli("reconstruct", "--run", "one", "--images", "0", "--out", "f.png").code == 0
    figure = np.asarray(Image.open(tmp_path / "f.png").convert("L")).astype(float)
    through = figure[:, (figure < 240).sum(axis=0).argmax()]  # a column of pixels through both pictures
    runs = np.split(through, np.flatnonzero(np.diff(through < 240)) + 1)
    first = next(run for run in runs if run[0] < 240 and len(run) > 100)
    assert first[: len(first) // 4].mean() < first[-len(first) // 4 :].mean(), "dark above, as in the picture"


@pytest.mark.sweep
def test_levels_are_taken_as_levels_where_they_were_asked_for(cli, tmp_path: Path) -> None:
    pixels, _ = shapes(12, 12, 60)
    np.savez(tmp_path / "set.npz", images=pixels // 16)
    training = ("train-pixelrnn", "--dataset", "set.npz", *TINY_PIXELS, "--epochs", 1, "--name", "one")
    refused = cli(*training)
    assert refused.code == 3
    assert "which value is white can't be told" in refused.err
    outcome = cli(
        "train-pixelrnn", "--dataset", "set.npz", *TINY_PIXELS, "--epochs", 1, "--levels", 16, "--name", "one"
    )
    assert outcome.code == 0, outcome.err
    assert "pixels are levels from 0 to 15" in outcome.err
    assert cli("complete", "--run", "one", "--count", 1).code == 0, "the run's images are read the same way again"
    assert cli("complete", "--run", "one", "--count", 1, "--input", "set.npz").code == 0


def test_a_run_made_within_its_picture_folder_stays_usable(
    cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures(tmp_path / "set")
    monkeypatch.chdir(tmp_path / "set")
    assert cli("train-vae", "--dataset", ".", *VAE, "--epochs", 2, "--name", "one").code == 0
    for out in ("figure.png", "a/figure.png"):
        assert cli("reconstruct", "--run", "one", "--out", out).code == 0
    assert cli("sample-images", "--run", "one", "--epochs", "1,2", "--animate", "move.gif").code == 0
    outcome = cli("train-vae", "--resume", "one")
    assert outcome.code == 0, outcome.err
    assert "runs/one (a run)" in outcome.err
    assert "figure.png and 2 others (a figure of this program)" in outcome.err
