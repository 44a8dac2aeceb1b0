"""What the runs of image models can be asked without the command line."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from genmodels.errors import DataError, GenmodelsError, RunError, UsageError
from genmodels.exhibit import Exhibit
from genmodels.families import family_of, open_run, starting
from genmodels.families.comparison import compare, newest_of_each
from genmodels.families.gan import GanRun
from genmodels.families.images import ImageRun, Nats
from genmodels.families.pixelrnn import PixelRun
from genmodels.families.vae import VaeRun, courses
from genmodels.telling import Teller, silent
from genmodels.training.reporting import QuietReporter
from genmodels.training.starting import plan_of, train

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
ONE_OF_EACH = ("plain", "classes", "pixels", "game")


def make(folder: Path, name: str, trained: bool = True) -> None:
    family, images, settings = RUNS[name]
    row, name = family_of(family), name if trained else f"new-{name}"
    run, task = starting.new_run(
        row, settings, dataset=str(folder / images), preset=None, config=None, name=name, runs=folder / "runs",
        notice=silent,
    )  # fmt: skip
    if trained:
        train(task, row, plan_of(run, task, task.settings), run, QuietReporter())


@pytest.fixture(scope="module")
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
def opened(home: Path, told: Told, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Opens a run of `RUNS` by name."""
    monkeypatch.setenv("GENMODELS_CACHE", str(home / "cache"))
    return lambda name: open_run(home / "runs", name, ImageRun, told.teller)


def rows_are_dictionaries(exhibit: Exhibit) -> bool:
    return all(isinstance(row, dict) and table.columns for table in exhibit.tables for row in table.rows)


def test_a_run_is_opened_as_what_its_family_can_be_asked(opened, home: Path) -> None:
    kinds = {name: type(opened(name)) for name in ONE_OF_EACH}
    assert kinds == {"plain": VaeRun, "classes": VaeRun, "pixels": PixelRun, "game": GanRun}
    with pytest.raises(RunError, match="is a vae run, but this command needs a gan run"):
        open_run(home / "runs", "plain", GanRun, Teller())


@pytest.mark.parametrize("module", ["families.pixelrnn", "families.gan", "families.comparison", "app"])
def test_what_holds_families_together_imports_nothing_heavy(module: str) -> None:
    code = f"import sys, genmodels.{module}; sys.exit(bool({{'torch', 'numpy', 'matplotlib'}} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_draw_gives_images_and_the_same_seed_the_same_ones(opened, name: str) -> None:
    run = opened(name)
    images = run.draw(5, seed=3)
    assert (images.shape, images.dtype) == ((5, 8, 8), np.float32)
    assert 0.0 <= images.min() <= images.max() <= 1.0
    assert (images == run.draw(5, seed=3)).all()
    assert (images != run.draw(5, seed=4)).any()
    assert set(np.unique(run.draw(5, binary=True))) <= {0.0, 1.0}


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_samples_of_several_epochs_are_of_the_same_random_numbers(opened, told: Told, name: str) -> None:
    run = opened(name)
    sheet = run.samples([1, 2], 4)
    assert (sheet.images[0] == run.draw(4, epoch=1)).all()
    assert (sheet.images[1] == run.draw(4, epoch=2)).all()
    assert {key: sheet.facts[key] for key in ("run", "epochs", "count")} == {
        "run": str(run.path), "epochs": [1, 2], "count": 4,
    }  # fmt: skip
    assert told.counted["images"] == [4, 4], "of the last call, and all of them"


def test_a_pixel_model_draws_the_levels_that_it_knows(opened) -> None:
    assert {round(float(value) * 3, 5) for value in np.unique(opened("levels").draw(6))} <= {0.0, 1.0, 2.0, 3.0}


def test_a_sheet_saves_numbers_pictures_and_animations(opened, tmp_path: Path) -> None:
    sheet = opened("classes").samples([1, 2], 6, classes=["2", "0"])
    with np.load(sheet.save(tmp_path / "new" / "s.npz")) as arrays:
        assert arrays["images"].shape == (2, 6, 8, 8)
        assert arrays["labels"].tolist() == [2, 0, 2, 0, 2, 0]
        assert arrays["epochs"].tolist() == [1, 2]
    with Image.open(sheet.save(tmp_path / "s.gif")) as film:
        assert film.n_frames == 2
    with Image.open(sheet.save(tmp_path / "s.png")) as picture:
        assert picture.width > 100
    assert json.loads(sheet.save(tmp_path / "s.json").read_text())["labels"] == [2, 0, 2, 0, 2, 0]


def test_a_sheet_refuses_what_it_can_not_be(opened, tmp_path: Path) -> None:
    sheet = opened("game").samples(None, 2)
    for name, fragment in (("s.gif", "does not move"), ("s.bmp", "s.bmp"), ("s.csv", "has no table")):
        with pytest.raises(UsageError, match=fragment):
            sheet.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_classes_are_for_models_that_know_some(opened) -> None:
    for name in ("plain", "pixels", "game"):
        with pytest.raises(UsageError, match="--classes 1, but"):
            opened(name).draw(2, classes=["1"])
    with pytest.raises(DataError, match="there is no class 'nine'") as caught:
        opened("classes").draw(2, classes=["nine"])
    assert caught.value.hint == "the classes are: 0, 1, 2."


@pytest.mark.parametrize("name", ["plain", "pixels", "game"])
def test_epochs_that_were_not_kept_are_refused(opened, name: str) -> None:
    run = opened(name)
    for ask in (lambda: run.draw(epoch=9), lambda: run.evaluate([9]), lambda: run.samples([1, 9])):
        with pytest.raises(RunError, match=r"epoch 9 of .* was not kept"):
            ask()


def test_a_vae_is_measured_by_its_bounds(opened, told: Told) -> None:
    exhibit = opened("plain").evaluate([1, 2], importance_samples=4, images=30)
    first, second = exhibit.facts["results"]
    assert (first["epoch"], second["epoch"], first["images"]) == (1, 2, 30)
    assert first["elbo"] == pytest.approx(first["reconstruction"] - first["kl"])
    assert first["elbo"] < first["importance_weighted_bound"] < 0
    assert exhibit.tables[0].heads[:3] == ["epoch", "images", "elbo"]
    assert rows_are_dictionaries(exhibit)
    assert "4 importance samples" in exhibit.title
    assert told.counted["epoch 2, importance samples"] == [120, 120]


def test_a_pixel_model_is_measured_exactly(opened, told: Told) -> None:
    exhibit = opened("pixels").evaluate(importance_samples=3, images=30)
    (result,) = exhibit.facts["results"]
    assert result["bits_per_dim"] == pytest.approx(result["nll"] / np.log(2) / 64)
    assert exhibit.tables[0].heads == ["epoch", "images", "nll", "standard_error", "bits_per_dim"]
    assert rows_are_dictionaries(exhibit)
    assert told.notices == ["this likelihood is exact and needs no importance samples"]
    assert told.counted[f"epoch {result['epoch']}, images"] == [30, 30]


def test_a_gan_is_measured_beside_real_images(opened, told: Told) -> None:
    exhibit = opened("game").evaluate([1, 2], importance_samples=3)
    for result in exhibit.facts["results"]:
        assert sum(result["class_shares"]) == pytest.approx(1.0)
        assert result["frechet_distance"] > result["frechet_floor"] > 0
        assert len(result["classifier"]) == 12
        assert not any(name.startswith("share/") for name in result)
    assert exhibit.title.endswith("binarize none"), "nothing of it is in nats"
    assert told.notices == ["a GAN has no likelihood, so importance samples mean nothing here"]
    assert opened("game").evaluate([1, 2]).facts == exhibit.facts


def test_a_gan_on_images_without_classes_is_measured_by_distances_alone(opened) -> None:
    (result,) = opened("bare").evaluate().facts["results"]
    assert result["class_shares"] == []
    assert "classifier" not in result
    assert "class_kl" not in result


@pytest.mark.parametrize(
    ("name", "asked", "fragment"),
    [
        ("plain", {"split": "tset"}, "--split 'tset' is unknown"),
        ("plain", {"binarize": "dinamic"}, "--binarize 'dinamic' is unknown"),
        ("plain", {"device": "abacus"}, "abacus"),
        ("pixels", {"binarize": "none"}, "does not go with a run of 2 levels"),
        ("levels", {"binarize": "static"}, "does not go with a run of 4 levels"),
        ("game", {"split": "train"}, "compared with test images"),
    ],
)
def test_what_can_not_be_measured_is_refused(opened, name: str, asked: dict[str, Any], fragment: str) -> None:
    with pytest.raises(UsageError) as caught:
        opened(name).evaluate(**asked)
    assert fragment in caught.value.what
    assert caught.value.hint


def test_nats_are_a_bound_exact_or_none(opened) -> None:
    state = {"test": {"elbo": -20.5, "nll": 19.25}}
    assert opened("plain").nats(state) == Nats(20.5, "<=", "test")
    assert opened("pixels").nats(state) == Nats(19.25, "=", "test")
    assert opened("pixels").nats({"validation": {"nll": 1.5}}) == Nats(1.5, "=", "validation")
    assert opened("game").nats(state) is None


def test_reconstruct_gives_originals_and_what_epochs_make_of_them(opened, tmp_path: Path) -> None:
    exhibit = opened("plain").reconstruct([1, 2], [3, 17])
    assert (exhibit.facts["epochs"], exhibit.facts["images"]) == ([1, 2], [3, 17])
    assert np.array(exhibit.facts["reconstruction"]).shape == (2, 2)
    assert exhibit.save(tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")
    assert opened("plain").reconstruct([1, 2], [3, 17]).facts == exhibit.facts
    with pytest.raises(UsageError, match="there are 110 test images"):
        opened("plain").reconstruct(images=[999])


def test_complete_finishes_test_images(opened, tmp_path: Path) -> None:
    exhibit = opened("pixels").complete(images=[3, 17], count=2, keep_rows=5)
    facts = exhibit.facts
    assert (facts["images"], facts["hide"], facts["kept"], facts["classes"]) == ([3, 17], "bottom", 5, ["1", "0"])
    assert facts["mean_nats"] == pytest.approx(np.mean(facts["nats"]), abs=1e-3)
    assert exhibit.name == "complete-bottom"
    (remark,) = exhibit.remarks
    assert remark == f"{np.mean(facts['nats']):.2f} nats per image for the true hidden part, given the rest"
    assert exhibit.save(tmp_path / "c.svg").read_text().startswith("<?xml")
    assert opened("pixels").complete(images=[3, 17], count=2, keep_rows=5).facts == facts


@pytest.mark.parametrize("side", ["bottom", "top", "left", "right"])
def test_a_run_of_four_orientations_completes_any_half(opened, side: str) -> None:
    exhibit = opened("turned").complete(hide=side, count=1)
    assert (exhibit.name, exhibit.facts["kept"]) == (f"complete-{side}", 4)
    assert isinstance(exhibit.figure(), Figure)


def test_complete_takes_pictures_of_the_user_s_own(opened, home: Path, told: Told) -> None:
    exhibit = opened("pixels").complete(own=home / "own.png", count=1)
    assert (exhibit.facts["images"], exhibit.facts["classes"], exhibit.facts["data"]) == ([0], None, "own.png")
    many = opened("pixels").complete(own=str(home / "set.npz"), count=1)
    assert len(many.facts["nats"]) == 100
    assert told.notices == [f"took the first 100 of 110 images in {home / 'set.npz'}"]


@pytest.mark.parametrize(
    ("asked", "kind", "fragment"),
    [
        ({"hide": "botom"}, UsageError, "--hide 'botom' is unknown"),
        ({"hide": "left"}, UsageError, "can't condition on what comes after"),
        ({"keep_rows": 8}, UsageError, "hides nothing of 8 rows"),
        ({"images": [1], "own": "own.png"}, UsageError, "contradict each other"),
        ({"images": [999]}, UsageError, "there are 110 test images"),
        ({"own": "small.png"}, DataError, "images of 8x5 pixels, but the run was trained on 8x8"),
        ({"own": "none.png"}, DataError, "there is no image set"),
        ({"epoch": 0}, RunError, "epoch 0"),
    ],
)
def test_what_can_not_be_completed_is_refused(
    opened, home: Path, asked: dict[str, Any], kind: type[GenmodelsError], fragment: str
) -> None:
    given = asked | ({"own": home / asked["own"]} if "own" in asked else {})
    with pytest.raises(kind) as caught:
        opened("pixels").complete(**given)
    assert fragment in caught.value.what
    assert caught.value.hint


@pytest.mark.parametrize("kind", ["manifold", "interpolate", "traverse", "scatter"])
def test_the_codes_of_a_vae_are_walked_through(opened, kind: str) -> None:
    exhibit = opened("classes").latent(kind)
    assert (exhibit.name, exhibit.facts["kind"]) == (f"latent-{kind}", kind)
    assert len(exhibit.facts["kl_by_dimension"]) == 3
    assert isinstance(exhibit.figure(), Figure)


def test_what_suits_the_run_is_walked_through_when_nothing_is_said(opened) -> None:
    assert opened("plain").latent().facts["kind"] == "traverse"
    assert opened("grey").latent().facts["kind"] == "manifold"
    exhibit = opened("game").latent(steps=4)
    assert {key: exhibit.facts[key] for key in ("kind", "seed", "steps")} == {
        "kind": "interpolate", "seed": 1, "steps": 4,
    }  # fmt: skip
    assert isinstance(exhibit.figure(), Figure)


@pytest.mark.parametrize(
    ("name", "asked", "fragment"),
    [
        ("plain", {"kind": "scater"}, "--kind 'scater' is unknown"),
        ("plain", {"kind": "scatter", "steps": 3}, "--steps means nothing for a scatter"),
        ("plain", {"kind": "interpolate", "images": [1]}, "interpolate takes 2"),
        ("plain", {"dimensions": [99]}, "--dimensions 99: there are 3"),
        ("plain", {"kind": "manifold", "class_name": "1"}, "not conditional"),
        ("game", {"kind": "scatter"}, "a GAN has no encoder"),
        ("game", {"images": [3]}, "means nothing for a GAN's interpolation"),
    ],
)
def test_a_walk_that_the_run_can_not_give_is_refused(opened, name: str, asked: dict[str, Any], fragment: str) -> None:
    with pytest.raises(UsageError, match=fragment):
        opened(name).latent(**asked)


A_SEED = "--seed is -1, but it must be >= 0"


@pytest.mark.parametrize(
    ("name", "ask", "fragment"),
    [
        ("plain", lambda run: run.draw(0), "--count is 0, but it must be >= 1 and <= 10000"),
        ("game", lambda run: run.draw(0), "--count is 0, but it must be >= 1 and <= 10000"),
        ("pixels", lambda run: run.draw(-1), "--count is -1, but it must be >= 1"),
        ("pixels", lambda run: run.draw(10_001), "--count is 10001, but it must be >= 1 and <= 10000"),
        ("plain", lambda run: run.draw(True), "--count is True, but it must be an int"),
        ("plain", lambda run: run.draw(2.5), "--count is 2.5, but it must be an int"),
        ("plain", lambda run: run.draw("5"), "--count is '5', but it must be an int"),
        ("plain", lambda run: run.draw(None), "--count is None, but it must be an int"),
        ("plain", lambda run: run.draw(2, seed=-1), A_SEED),
        ("game", lambda run: run.samples(count=0), "--count is 0"),
        ("plain", lambda run: run.samples([]), "--epochs names none"),
        ("classes", lambda run: run.draw(2, classes=[]), "--classes names none"),
        ("classes", lambda run: run.draw(2, classes=[0]), "--classes is 0, but it must be a str"),
        ("classes", lambda run: run.draw(2, classes="01"), "--classes is '01', but it must be a list"),
        ("plain", lambda run: run.evaluate(importance_samples=-1), "--importance-samples is -1, but it must be >= 0"),
        ("plain", lambda run: run.evaluate(images=-1), "--images is -1, but it must be >= 2"),
        ("plain", lambda run: run.evaluate(images=0), "--images is 0, but it must be >= 2"),
        ("pixels", lambda run: run.evaluate(images=1), "--images is 1, but it must be >= 2"),
        ("plain", lambda run: run.evaluate(seed=-1), A_SEED),
        ("plain", lambda run: run.evaluate(binarize=""), "--binarize '' is unknown"),
        ("plain", lambda run: run.reconstruct(images=[-1]), "--images -1: there are 110 test images"),
        ("plain", lambda run: run.reconstruct(images=[]), "--images names none"),
        ("plain", lambda run: run.reconstruct(images=3), "--images is 3, but it must be a list"),
        ("plain", lambda run: run.reconstruct(images=["3"]), "--images is '3', but it must be an int"),
        ("plain", lambda run: run.reconstruct(seed=-1), A_SEED),
        ("plain", lambda run: run.latent("interpolate", steps=1), "--steps is 1, but it must be >= 2 and <= 100"),
        ("game", lambda run: run.latent(steps=0), "--steps is 0, but it must be >= 2 and <= 100"),
        ("plain", lambda run: run.latent(steps=101), "--steps is 101, but it must be >= 2 and <= 100"),
        ("plain", lambda run: run.latent("interpolate", images=[-1, -2]), "--images -1: there are 110"),
        ("plain", lambda run: run.latent("traverse", images=[]), "--images names none"),
        ("plain", lambda run: run.latent(dimensions=[-1]), "--dimensions -1: there are 3"),
        ("plain", lambda run: run.latent(dimensions=[]), "--dimensions names none"),
        ("plain", lambda run: run.latent(""), "--kind '' is unknown"),
        ("game", lambda run: run.latent(seed=-1), A_SEED),
        ("pixels", lambda run: run.complete(count=-1), "--count is -1, but it must be >= 1 and <= 100"),
        ("pixels", lambda run: run.complete(count=0), "--count is 0, but it must be >= 1 and <= 100"),
        ("pixels", lambda run: run.complete(images=[]), "--images names none"),
        ("pixels", lambda run: run.complete(images=[-1]), "--images -1: there are 110 test images"),
        ("pixels", lambda run: run.complete(keep_rows=2.5), "--keep-rows is 2.5, but it must be an int"),
        ("pixels", lambda run: run.complete(keep_rows=-1), "--keep-rows -1 hides everything of 8 rows"),
        ("pixels", lambda run: run.complete(seed=-1), A_SEED),
        ("plain", lambda run: compare([run, run], 1), "--count is 1, but it must be >= 100 and <= 100000"),
        ("plain", lambda run: compare([run, run], 5), "--count is 5, but it must be >= 100 and <= 100000"),
        ("plain", lambda run: compare([run, run], seed=-1), A_SEED),
        ("plain", lambda _: compare([]), "one run has nothing to be compared with"),
        ("plain", lambda _: courses([]), "no run was named"),
    ],
)  # fmt: skip
def test_a_value_out_of_its_range_is_refused_with_the_option_s_name(opened, name: str, ask, fragment: str) -> None:
    with pytest.raises(UsageError) as caught:
        ask(opened(name))
    assert fragment in caught.value.what
    assert caught.value.hint


def test_numbers_may_be_numpy_s_and_results_are_json_all_the_same(opened) -> None:
    five, one = np.int64(5), np.arange(1, 2)
    assert (opened("classes").draw(five, seed=np.uint8(3)) == opened("classes").draw(5, seed=3)).all()
    for exhibit in (
        opened("plain").reconstruct(images=one), opened("plain").latent("traverse", images=one, dimensions=one),
        opened("game").latent(steps=five, seed=five), opened("pixels").complete(images=one, count=np.int32(1)),
        opened("plain").evaluate(images=np.int64(9), importance_samples=np.int64(2)),
    ):  # fmt: skip
        assert json.dumps(exhibit.facts)


@pytest.mark.parametrize(
    ("words", "ask"),
    [
        (["reconstruct", "--run", "plain", "--images", 999], lambda run: run("plain").reconstruct(images=[999])),
        (["complete", "--run", "pixels", "--images", 999], lambda run: run("pixels").complete(images=[999])),
        (["complete", "--run", "pixels", "--keep-rows", 0], lambda run: run("pixels").complete(keep_rows=0)),
        (["complete", "--run", "pixels", "--hide", "botom"], lambda run: run("pixels").complete("botom")),
        (["plot-latent", "--run", "plain", "--dimensions", 3], lambda run: run("plain").latent(dimensions=[3])),
        (["plot-latent", "--run", "plain", "--kind", "plan"], lambda run: run("plain").latent("plan")),
        (["eval-images", "--run", "plain", "--split", "tset"], lambda run: run("plain").evaluate(split="tset")),
        (["sample-images", "--run", "classes", "--classes", ""], lambda run: run("classes").draw(classes=[""])),
        (["compare-images", "plain"], lambda run: compare([run("plain")])),
    ],
    ids=lambda words: " ".join(map(str, words)) if isinstance(words, list) else "",
)
def test_the_library_s_sentence_is_the_command_s(opened, cli, home: Path, words, ask) -> None:
    with pytest.raises(GenmodelsError) as caught:
        ask(opened)
    answered = cli(*words, "--runs", home / "runs").err
    assert answered == f"error: {caught.value.what}\nhint: {caught.value.hint}\n"


def test_a_walk_is_computed_when_asked_for_and_its_figure_needs_no_network(
    opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks = [opened("plain").latent(kind) for kind in ("manifold", "interpolate", "traverse", "scatter")]
    walks.append(opened("game").latent())
    for network in ("vae.VAE", "gan.GAN"):
        monkeypatch.delattr(f"genmodels.models.{network}.{'decode' if network == 'vae.VAE' else 'generate'}")
    assert all(isinstance(walk.figure(), Figure) for walk in walks)


@pytest.mark.parametrize(
    ("name", "called", "measure"),
    [("plain", "elbo", "elbo"), ("pixels", "nll", "nll"), ("game", "gan", "frechet_distance")],
)
def test_the_course_is_what_the_evaluations_found(opened, tmp_path: Path, name: str, called: str, measure: str) -> None:
    run = opened(name)
    exhibit = run.course()
    assert exhibit.name == called
    assert rows_are_dictionaries(exhibit)
    assert [row["epoch"] for row in exhibit.tables[0].rows if row["split"] == "test"] == [0, 1, 2]
    with exhibit.save(tmp_path / "c.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    recorded = [record[measure] for record in run.evaluations() if measure in record]
    assert [float(row[measure]) for row in rows] == recorded
    assert isinstance(run.figure(), Figure)


def test_the_course_of_a_game_shows_the_classes_of_a_chosen_epoch(opened) -> None:
    titles = [axes.get_legend_handles_labels()[1] for axes in opened("game").course(1).figure().axes]
    assert "drawn after epoch 1" in titles[-1]
    assert "Precision and recall" in {axes.get_title() for axes in opened("bare").course().figure().axes}
    with pytest.raises(RunError, match="no evaluation of epoch 7") as caught:
        opened("game").course(7)
    assert caught.value.hint == "it has those of 0 to 2."


@pytest.mark.parametrize("name", ["plain", "pixels", "game"])
def test_a_run_without_a_finished_epoch_says_so(opened, name: str) -> None:
    run = opened(f"new-{name}")
    for ask in (run.course, run.draw, run.evaluate, run.figure):
        with pytest.raises(RunError, match="has no finished epoch yet") as caught:
            ask()
        assert "--resume" in str(caught.value.hint)
    assert "<table>" in run._repr_html_(), "it can be shown all the same"


def test_runs_on_other_images_or_targets_have_no_course_in_common(opened) -> None:
    assert courses([opened("plain"), opened("classes")]).facts["evaluations"][-1]["run"] == "classes"
    for other in ("grey", "elsewhere"):
        with pytest.raises(UsageError, match="can't share a figure"):
            courses([opened("plain"), opened(other)])


def test_families_stand_side_by_side(opened, told: Told, tmp_path: Path) -> None:
    runs = [opened(name) for name in ("plain", "pixels", "game")]
    exhibit = compare(runs, 100)
    facts = exhibit.facts
    assert (facts["targets"], facts["images"], len(facts["classifier"])) == ("dynamic", 100, 12)
    assert [row["relation"] for row in facts["runs"]] == ["<=", "=", ""]
    assert [row["model"] for row in facts["runs"]] == ["VAE, conv", "pixel model, pixelcnn", "GAN, dcgan"]
    bound = min(-r["elbo"] for r in runs[0].evaluations() if r["split"] == "test" and "elbo" in r)
    assert facts["runs"][0]["nats"] == pytest.approx(bound)
    assert facts["runs"][2]["nats"] is None
    assert rows_are_dictionaries(exhibit)
    assert told.counted["drawing from pixels"] == [100, 100]
    assert isinstance(exhibit.figure(), Figure)
    with exhibit.save(tmp_path / "c.csv").open(encoding="utf-8", newline="") as file:
        assert [row["relation"] for row in csv.DictReader(file)] == ["<=", "=", "", ""]
    hidden, shown = exhibit.tables
    assert (hidden.shown, shown.shown, "relation" in shown.heads) == (False, True, False)
    assert shown.cells()[0][shown.heads.index("nats")] == f"<= {bound:.2f}"
    assert shown.cells()[3][0] == "(real images)"
    assert set(shown.cells()[3][1:]) >= {"-", f"{facts['real']['frechet_distance']:.2f}"}


def test_grey_images_are_compared_where_all_runs_are_grey(opened) -> None:
    exhibit = compare([opened("grey"), opened("game")], 100)
    assert exhibit.facts["targets"] == "none"
    assert exhibit.title == "set, 100 images of each, grey"


@pytest.mark.parametrize(
    ("names", "fragment"),
    [
        (["plain"], "one run (plain) has nothing to be compared with"),
        (["plain", "elsewhere"], "these runs are on different images (plain: set; elsewhere: other)"),
        (["plain", "grey"], "nats of different targets can't be compared"),
        (["grey", "levels"], "levels: binarize none, levels 4, test images"),
    ],
)
def test_runs_that_can_not_be_compared_are_refused(opened, names: list[str], fragment: str) -> None:
    with pytest.raises(UsageError) as caught:
        compare([opened(name) for name in names], 100)
    assert fragment in caught.value.what
    assert caught.value.hint


def test_a_run_without_a_finished_epoch_is_not_compared(opened) -> None:
    with pytest.raises(RunError, match="no finished epoch"):
        compare([opened("plain"), opened("new-game")], 100)


def test_the_newest_of_each_family_are_found(home: Path, tmp_path: Path) -> None:
    for name in ("plain", "classes", "game"):
        shutil.copytree(home / "runs" / name, tmp_path / name)
    assert [run.name for run in newest_of_each(tmp_path, Teller())] == ["classes", "game"]
    shutil.rmtree(tmp_path / "game")
    with pytest.raises(RunError, match="runs of 1 of the families vae, pixelrnn, gan"):
        newest_of_each(tmp_path, Teller())


HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("name", ["plain", "pixels", "game"])
def test_a_run_shows_itself_and_its_name_does_no_harm(opened, home: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(home / "runs" / name, tmp_path / HOSTILE)
    run = open_run(tmp_path, HOSTILE, ImageRun, Teller())
    for shown in (run._repr_html_(), run.evaluate()._repr_html_(), run.samples(None, 4)._repr_html_()):
        assert "onerror" not in shown.replace("&lt;img src=x onerror=alert(1)&gt;", "")
    assert "data:image/png;base64," in run._repr_html_()
    assert "&lt;img" in run._repr_html_()
    assert run.facts["run"] == HOSTILE
    assert [table.title for table in run.tables] == ["settings", "evaluations"]


def test_a_comparison_shows_its_table_and_its_picture(opened, home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "runs" / "grey", tmp_path / HOSTILE)
    shown = compare([open_run(tmp_path, HOSTILE, ImageRun, Teller()), opened("game")], 100)._repr_html_()
    assert "data:image/png;base64," in shown
    assert shown.count("<table>") == 1, "what is for a spreadsheet alone is not shown"
    assert "<img src=x" not in shown
