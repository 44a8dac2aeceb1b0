"""The pixel models' commands through the real command line, on images that need no network."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from contract.helpers import records_of

HOME = "pixelrnn"


def test_the_recorded_bits_are_the_nats_by_dimension(home: Path) -> None:
    evaluations = [record for record in records_of(home / "runs/upright") if "steps" not in record]
    assert len(evaluations) == 2 * 3
    for record in evaluations:
        assert record["bits_per_dim"] == pytest.approx(record["nll"] / np.log(2) / 64)


def test_eight_images_a_row_are_drawn_after_an_epoch(home: Path) -> None:
    with Image.open(home / "runs/upright/samples/epoch-0002.png") as picture:
        assert picture.width == 8 * 8 + 7 * 2


def test_the_paper_s_preset_starts(at_home, home: Path) -> None:
    outcome = at_home("train-pixelrnn", "--dataset", "set.npz", "--preset", "paper", "--epochs", 1, "--name", "paper")
    assert outcome.code == 0, outcome.err
    settings = json.loads((home / "runs/paper/run.json").read_text())["settings"]
    assert (settings["model"]["value"], settings["layers"]["value"]) == ("diagonal-bilstm", 7)


def test_complete_draws_originals_what_is_left_and_completions(at_home, home: Path, tmp_path: Path) -> None:
    target = tmp_path / "figures" / "half.pdf"
    outcome = at_home("complete", "--run", "upright", "--count", 3, "--out", target)
    assert outcome.code == 0, outcome.err
    assert outcome.out == f"{target}\n"
    assert target.read_bytes().startswith(b"%PDF")
    assert "nats per image for the true hidden part" in outcome.err
    result = json.loads(at_home("complete", "--run", "upright", "--images", "3,17", "--keep-rows", 2, "--json").out)
    assert (result["images"], result["kept"], result["hide"]) == ([3, 17], 2, "bottom")
    assert all(nats > 0 for nats in result["nats"])
    assert (home / result["figure"]).exists()


@pytest.mark.parametrize("side", ["bottom", "top", "left", "right"])
def test_a_run_of_four_orientations_completes_any_half(at_home, side: str) -> None:
    outcome = at_home("complete", "--run", "turned", "--hide", side, "--json")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["kept"] == 4


def test_complete_takes_pictures_of_the_users_own(at_home) -> None:
    for path, count in (("own", 2), ("own/1.png", 1), ("set.npz", 30)):
        outcome = at_home("complete", "--run", "upright", "--input", path, "--count", 1, "--json")
        assert outcome.code == 0, outcome.err
        assert len(json.loads(outcome.out)["nats"]) == count


def test_complete_takes_a_picture_in_colour_as_grey_and_says_so(at_home, home: Path, tmp_path: Path) -> None:
    grey = np.asarray(Image.open(home / "own" / "1.png"))
    for name, colours in (("grey", [grey, grey, grey]), ("colour", [grey, grey // 2, grey])):
        Image.fromarray(np.stack(colours, axis=2)).save(tmp_path / f"{name}.png")
    outcome = at_home("complete", "--run", "upright", "--input", tmp_path / "colour.png", "--count", 1, "--json")
    assert outcome.code == 0, outcome.err
    assert "took the colours of colour.png as grey" in outcome.err
    plain = at_home("complete", "--run", "upright", "--input", tmp_path / "grey.png", "--count", 1, "--json")
    assert "took the colours" not in plain.err


def test_a_strip_is_not_to_be_scaled_but_cut(at_home, home: Path, tmp_path: Path) -> None:
    grey = np.asarray(Image.open(home / "own" / "1.png"))
    for name, pixels, hint in (
        ("strip", np.concatenate([grey] * 4, axis=1), "cut out squares, each with one thing in it, and scale them"),
        ("large", grey.repeat(2, axis=0).repeat(2, axis=1), "hint: scale them to that size first."),
    ):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
        outcome = at_home("complete", "--run", "upright", "--input", tmp_path / f"{name}.png", "--count", 1)
        assert (outcome.code, hint in outcome.err) == (3, True), outcome.err


def test_one_epoch_of_a_pixel_model_is_animated_pixel_by_pixel(at_home, tmp_path: Path) -> None:
    film = tmp_path / "drawing.gif"
    outcome = at_home("sample-images", "--run", "upright", "--count", 2, "--animate", film)
    assert outcome.code == 0, outcome.err
    assert outcome.out == f"{film}\n"
    with Image.open(film) as picture:
        assert picture.n_frames == 40
    assert film.stat().st_size < 300_000


@pytest.mark.sweep
def test_a_completion_is_animated_too(at_home, tmp_path: Path) -> None:
    film, figure = tmp_path / "half.gif", tmp_path / "half.png"
    given = ("complete", "--run", "upright", "--images", "3", "--count", 1)
    outcome = at_home(*given, "--animate", film, "--json")
    assert outcome.code == 0, outcome.err
    facts = json.loads(outcome.out)
    assert facts["animation"] == str(film)
    assert "figure" not in facts, "where only a film was asked for"
    with Image.open(film) as picture:
        assert picture.n_frames == 33
    both = at_home(*given, "--animate", film, "--out", figure)
    assert both.out == f"{figure}\n{film}\n"


def test_eval_images_gives_the_exact_likelihood(at_home, home: Path) -> None:
    outcome = at_home("eval-images", "--run", "upright", "--epochs", "1,2", "--json")
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out)
    assert [r["epoch"] for r in result["results"]] == [1, 2]
    recorded = [json.loads(line) for line in (home / "runs/upright/metrics.jsonl").read_text().splitlines()]
    mine = [r["nll"] for r in recorded if r["split"] == "test"][1:]
    for ours, stored in zip(result["results"], mine, strict=True):
        assert ours["nll"] == pytest.approx(stored, rel=0.1), "another seed of the binarisation, no more"
        assert ours["nll_standard_error"] > 0
    table = at_home("eval-images", "--run", "grey")
    assert table.code == 0
    assert "bits_per_dim" in table.out


def test_sample_images_draws_levels(at_home, home: Path, tmp_path: Path) -> None:
    for run, levels in (("upright", {0.0, 1.0}), ("grey", {0.0, 1 / 3, 2 / 3, 1.0})):
        target = tmp_path / f"{run}.npz"
        outcome = at_home("sample-images", "--run", run, "--count", 6, "--out", target)
        assert outcome.code == 0, outcome.err
        images = np.load(target)["images"]
        assert images.shape == (1, 6, 8, 8)
        assert {round(float(v), 4) for v in np.unique(images)} <= {round(v, 4) for v in levels}
    both = tmp_path / "both.npz"
    assert at_home("sample-images", "--run", "upright", "--epochs", "1,2", "--count", 4, "--out", both).code == 0
    assert np.load(both)["images"].shape == (2, 4, 8, 8)
