"""The pixel models' commands through the real command line, on images that need no network."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genmodels.app import run as run_command

TINY = ("--channels", "3", "--layers", "2", "--batch-size", "20", "--seed", "3")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a square image set of three classes, an oblong one, pictures, and trained runs, made once."""
    folder = tmp_path_factory.mktemp("pixels")
    random = np.random.default_rng(0)
    labels = np.arange(90) % 3
    shapes = np.zeros((3, 8, 8))
    shapes[0, :, 2:4], shapes[1, 3:5], shapes[2, 2:6, 2:6] = 1, 1, 1
    pixels = (shapes[labels] * 220 + random.integers(0, 35, (90, 8, 8))).astype(np.uint8)
    np.savez(folder / "set.npz", x_train=pixels[:60], y_train=labels[:60], x_test=pixels[60:], y_test=labels[60:])
    np.savez(folder / "oblong.npz", images=pixels[:, :6])
    (folder / "own").mkdir()
    for index in range(2):
        Image.fromarray(pixels[index]).save(folder / "own" / f"{index}.png")
    Image.fromarray(pixels[0, :5]).save(folder / "small.png")
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("GENMODELS_CACHE", str(folder / "cache"))
    monkeypatch.chdir(folder)
    for name, *more in (
        ("upright", "--epochs", "2"),
        ("turned", "--model", "row-lstm", "--orientations", "4", "--epochs", "1"),
        ("grey", "--model", "diagonal-bilstm", "--levels", "4", "--epochs", "1"),
    ):
        code = run_command(["train-pixelrnn", "--dataset", "set.npz", *TINY, *more, "--name", name, "-q"])
        assert code == 0, name
    monkeypatch.undo()
    return folder


@pytest.fixture
def at_home(cli, home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GENMODELS_CACHE", str(home / "cache"))
    monkeypatch.chdir(home)
    return cli


def test_training_tells_the_story_and_leaves_a_run(at_home, home: Path) -> None:
    outcome = at_home("train-pixelrnn", "--dataset", "set.npz", *TINY, "--epochs", 2, "--name", "story")
    assert outcome.code == 0, outcome.err
    assert outcome.out == "runs/story\n"
    for expected in ("pixelcnn with", "60 images of 8x8, binarize dynamic", "epoch 2/2", "next: genmodels complete"):
        assert expected in outcome.err
    records = [json.loads(line) for line in (home / "runs/story/metrics.jsonl").read_text().splitlines()]
    evaluations = [r for r in records if "steps" not in r]
    assert [(r["epoch"], r["split"]) for r in evaluations] == [(e, s) for e in range(3) for s in ("train", "test")]
    for record in evaluations:
        assert record["bits_per_dim"] == pytest.approx(record["nll"] / np.log(2) / 64)
    with Image.open(home / "runs/story/samples/epoch-0002.png") as picture:
        assert picture.width == 8 * 8 + 7 * 2


def test_a_run_goes_on_with_its_settings(at_home) -> None:
    assert at_home("train-pixelrnn", "--resume", "upright", "--json").code == 0
    outcome = at_home("train-pixelrnn", "--resume", "upright", "--levels", "4")
    assert outcome.code == 2
    assert "contradicts the run" in outcome.err


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


@pytest.mark.parametrize(
    ("arguments", "code", "fragment"),
    [
        (["complete", "--run", "upright", "--hide", "left"], 2, "can't condition on what comes after"),
        (["complete", "--run", "upright", "--hide", "botom"], 2, "did you mean bottom?"),
        (["complete", "--run", "upright", "--keep-rows", "0"], 2, "--keep-rows 0 hides everything of 8 rows"),
        (["complete", "--run", "upright", "--keep-rows", "8"], 2, "--keep-rows 8 hides nothing of 8 rows"),
        (["complete", "--run", "upright", "--images", "99"], 2, "there are 30 test images"),
        (["complete", "--run", "upright", "--images", "1", "--input", "own"], 2, "contradict each other"),
        (["complete", "--run", "upright", "--input", "small.png"], 3, "images of 8x5 pixels, but the run was trained"),
        (["complete", "--run", "upright", "--input", "none.png"], 3, "there is no image set none.png"),
        (["complete", "--run", "upright", "--epoch", "7"], 4, "epoch 7"),
        (["complete", "--run", "upright", "--out", "half.xyz"], 2, "half.xyz"),
        (["reconstruct", "--run", "upright"], 4, "is a pixelrnn run, but this command needs a vae run"),
        (["sample-images", "--run", "upright", "--classes", "1"], 2, "knows no classes"),
        (["eval-images", "--run", "upright", "--binarize", "none"], 2, "does not go with a run of 2 levels"),
        (["train-pixelrnn", "--dataset", "oblong.npz", "--orientations", "4"], 2, "these are 8x6 pixels"),
        (["train-pixelrnn", "--dataset", "set.npz", "--orientations", "3"], 2, "--orientations is 3"),
        (["train-pixelrnn", "--dataset", "set.npz", "--levels", "8"], 2, "--levels '8' is unknown"),
        (["train-pixelrnn", "--dataset", "set.npz", "--levels", "4", "--binarize", "static"], 2, "contradict each"),
        (["train-pixelrnn", "--dataset", "set.npz", "--binarize", "none"], 2, "contradict each other"),
        (["train-pixelrnn", "--dataset", "set.npz", "--model", "pixelrnn"], 2, "is unknown"),
        (["train-pixelrnn", "--dataset", "set.npz", "--preset", "papre"], 2, "did you mean paper?"),
    ],
)  # fmt: skip
def test_every_mistake_has_its_sentence(at_home, arguments: list[str], code: int, fragment: str) -> None:
    outcome = at_home(*arguments)
    assert (outcome.code, outcome.out) == (code, ""), outcome.err
    assert fragment in outcome.err
    assert "hint: " in outcome.err
    assert "Traceback" not in outcome.err


def test_eval_images_gives_the_exact_likelihood(at_home, home: Path) -> None:
    outcome = at_home("eval-images", "--run", "upright", "--epochs", "1,2", "--json")
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out)
    assert [r["epoch"] for r in result["results"]] == [1, 2]
    recorded = [json.loads(line) for line in (home / "runs/upright/metrics.jsonl").read_text().splitlines()]
    mine = [r["nll"] for r in recorded if r["split"] == "test"][1:]
    for ours, stored in zip(result["results"], mine, strict=True):
        assert ours["nll"] == pytest.approx(stored, rel=0.1), "another seed of the binarisation, no more"
        assert ours["standard_error"] > 0
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
    assert at_home("sample-images", "--run", "upright", "--epochs", "1,2", "--count", 4).code == 0
