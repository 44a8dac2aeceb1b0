"""What the runs of image models can be asked without the command line."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from families.refusals import refused
from genmodels.data.images.parts import Part
from genmodels.errors import DataError, GenmodelsError, RunError, UsageError
from genmodels.exhibit import Exhibit
from genmodels.families import open_run, vae
from genmodels.families.comparison import compare
from genmodels.families.drawn import Form, drawn_to_measure
from genmodels.families.gan import GanRun
from genmodels.families.images import ImageRun
from genmodels.families.nats import Nats
from genmodels.families.pixelrnn import PixelRun
from genmodels.families.vae import VaeRun
from genmodels.look import Look
from genmodels.telling import Teller
from unit.figure_texts import said

ONE_OF_EACH = ("plain", "classes", "pixels", "game")


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


def test_what_a_gan_draws_is_counted_as_it_is_drawn(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: dict[str, list[int]] = {}

    @contextmanager
    def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
        yield counted.setdefault(what, []).append

    monkeypatch.setenv("GENMODELS_CACHE", str(home / "cache"))
    monkeypatch.setattr("genmodels.sampling.images.DECODED_AT_ONCE", 10)
    game = open_run(home / "runs", "game", ImageRun, Teller(counting=counting))
    game.draw(25)
    game.evaluate([2], images=25)
    assert counted["images"] == counted["drawing from epoch 2"] == [10, 10, 5]


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_samples_of_several_epochs_are_of_the_same_random_numbers(opened, told, name: str) -> None:
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
        with pytest.raises(UsageError, match="can be asked of"):
            opened(name).draw(2, classes=["1"])
    with pytest.raises(DataError, match="there is no class 'nine'") as caught:
        opened("classes").draw(2, classes=["nine"])
    assert caught.value.hint == "the classes are: 0, 1, 2."


@pytest.mark.parametrize("name", ["plain", "pixels", "game"])
def test_epochs_that_were_not_kept_are_refused(opened, name: str) -> None:
    run = opened(name)
    for ask in (lambda: run.draw(epoch=9), lambda: run.evaluate([9]), lambda: run.samples([1, 9])):
        with pytest.raises(RunError, match=r"epoch 9 of .* is not reached yet"):
            ask()


def test_a_vae_is_measured_by_its_bounds(opened, told) -> None:
    exhibit = opened("plain").evaluate([1, 2], importance_samples=4, images=30)
    first, second = exhibit.facts["results"]
    assert (first["epoch"], second["epoch"], first["images"]) == (1, 2, 30)
    assert first["elbo"] == pytest.approx(first["reconstruction"] - first["kl"])
    assert first["elbo"] < first["importance_weighted_bound"] < 0
    assert exhibit.tables[0].heads[:3] == ["epoch", "images", "elbo"]
    assert rows_are_dictionaries(exhibit)
    assert "4 importance samples" in exhibit.title
    assert told.counted["epoch 2, importance samples"] == [120, 120]


def test_a_pixel_model_is_measured_exactly(opened, told) -> None:
    exhibit = opened("pixels").evaluate(importance_samples=3, images=30)
    (result,) = exhibit.facts["results"]
    assert result["bits_per_dim"] == pytest.approx(result["nll"] / np.log(2) / 64)
    assert exhibit.tables[0].heads == ["epoch", "images", "nll", "nll_standard_error", "bits_per_dim"]
    assert rows_are_dictionaries(exhibit)
    assert told.notices == ["this likelihood is exact and needs no importance samples"]
    assert told.counted[f"epoch {result['epoch']}, images"] == [30, 30]


def test_a_gan_is_measured_beside_real_images(opened, told) -> None:
    exhibit = opened("game").evaluate([1, 2], importance_samples=3)
    for result in exhibit.facts["results"]:
        assert sum(result["class_shares"]) == pytest.approx(1.0)
        assert result["kernel_distance"] > abs(result["real/kernel_distance"])
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
        ("plain", {"split": "tset"}, "split='tset' is unknown"),
        ("plain", {"binarize": "dinamic"}, "binarize='dinamic' is unknown"),
        ("plain", {"device": "abacus"}, "abacus"),
        ("pixels", {"binarize": "none"}, "does not go with a run of 2 levels"),
        ("levels", {"binarize": "static"}, "does not go with a run of 4 levels"),
        ("game", {"split": "train"}, "compared with test images"),
    ],
)
def test_what_can_not_be_measured_is_refused(opened, name: str, asked: dict[str, Any], fragment: str) -> None:
    with refused(UsageError, fragment):
        opened(name).evaluate(**asked)


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


def test_complete_takes_pictures_of_the_user_s_own(opened, home: Path, told) -> None:
    exhibit = opened("pixels").complete(own=home / "own.png", count=1)
    assert (exhibit.facts["images"], exhibit.facts["classes"], exhibit.facts["data"]) == ([0], None, "own.png")
    many = opened("pixels").complete(own=str(home / "set.npz"), count=1)
    assert len(many.facts["nats"]) == 100
    assert told.notices == [f"took the first 100 of 110 images in {home / 'set.npz'}"]
    assert exhibit.title.startswith("own.png, in black and white, completed by pixels")
    assert many.title.startswith("100 images of set.npz, in black and white")


@pytest.mark.parametrize(
    ("asked", "kind", "fragment"),
    [
        ({"hide": "botom"}, UsageError, "hide='botom' is unknown"),
        ({"hide": "left"}, UsageError, "can't condition on what comes after"),
        ({"keep_rows": 8}, UsageError, "hides nothing of 8 rows"),
        ({"images": [1], "own": "own.png"}, UsageError, "contradict each other"),
        ({"images": [999]}, UsageError, "there are 110 test images"),
        ({"own": "small.png"}, DataError, "images of 8x5 pixels, but the run was trained on 8x8"),
        ({"own": "none.png"}, DataError, "there is no file"),
        ({"epoch": 0}, RunError, "epoch 0"),
    ],
)
def test_what_can_not_be_completed_is_refused(
    opened, home: Path, asked: dict[str, Any], kind: type[GenmodelsError], fragment: str
) -> None:
    given = asked | ({"own": home / asked["own"]} if "own" in asked else {})
    with refused(kind, fragment):
        opened("pixels").complete(**given)


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
        ("plain", {"kind": "scater"}, "kind='scater' is unknown"),
        ("plain", {"kind": "scatter", "steps": 3}, "--steps means nothing for --kind scatter"),
        ("plain", {"kind": "interpolate", "images": [1]}, ": --kind interpolate takes 2"),
        ("plain", {"dimensions": [99]}, "dimensions=99: there are 3"),
        ("plain", {"kind": "manifold", "classes": "1"}, "not conditional"),
        ("game", {"kind": "scatter"}, "a GAN has no encoder"),
        ("game", {"images": [3]}, "means nothing for a GAN's interpolation"),
    ],
)
def test_a_walk_that_the_run_can_not_give_is_refused(opened, name: str, asked: dict[str, Any], fragment: str) -> None:
    with pytest.raises(UsageError, match=fragment):
        opened(name).latent(**asked)


def test_an_option_of_another_walk_is_answered_with_the_walk_that_takes_it(opened) -> None:
    for asked, hint in (
        ({"classes": 2}, "; --classes is for --kind manifold."),
        ({"kind": "scatter", "steps": 3}, "; --steps is for --kind manifold, interpolate or traverse."),
        ({"kind": "manifold", "classes": ["2", "1"]}, "name 1, such as 2."),
    ):
        with pytest.raises(UsageError) as caught:
            opened("classes").latent(**asked)
        assert str(caught.value.hint).endswith(hint)


def test_a_walk_is_computed_when_asked_for_and_its_figure_needs_no_network(
    opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks = [opened("plain").latent(kind) for kind in ("manifold", "interpolate", "traverse", "scatter")]
    walks.append(opened("game").latent())
    for network in ("vae.VAE", "gan.GAN"):
        monkeypatch.delattr(f"genmodels.models.{network}.{'decode' if network == 'vae.VAE' else 'generate'}")
    assert all(isinstance(walk.figure(), Figure) for walk in walks)


def test_what_is_said_of_a_single_image_is_said_of_one(opened) -> None:
    sheet = opened("plain").samples(count=1)
    assert sheet.title.startswith("Image drawn by plain")
    assert "The image has a code z" in sheet.figure().texts[-1].get_text()
    game = opened("game").samples(count=1).figure().texts[-1].get_text()
    assert game.startswith("The image is what")
    assert "again and again" not in game


def test_images_of_a_conditional_model_are_measured_by_the_shares_of_the_classes(
    opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = opened("classes")
    data, asked = run.images(), []
    labels = np.where(np.arange(len(data.train.pixels)) % 10 == 0, 2, 0)
    skewed = replace(data, train=Part(data.train.pixels, labels))
    draw = VaeRun.draw_from
    monkeypatch.setattr(VaeRun, "draw_from", lambda *given, **more: asked.append(given[4:]) or draw(*given, **more))
    loaded = run.load(run.epoch_checkpoint(None), torch.device("cpu"))
    drawn = drawn_to_measure(run, loaded, "it", 500, Form("dynamic"), 3, skewed)
    assert np.bincount(asked[0][0], minlength=3) / 500 == pytest.approx([0.9, 0.0, 0.1], abs=0.05)
    assert drawn.shape == (500, 8, 8)
    assert (drawn == drawn_to_measure(run, loaded, "it", 500, Form("dynamic"), 3, skewed)).all()
    assert (drawn != drawn_to_measure(run, loaded, "it", 500, Form("dynamic"), 4, skewed)).any()
    compare([run, opened("game")], 100)
    (labels,), timed = asked[3:5]
    assert (len(labels), timed) == (55, ())
    assert labels != [index % 3 for index in range(55)]


def test_a_question_of_another_family_is_answered_by_whom_to_ask(opened) -> None:
    run = opened("game")
    assert not hasattr(run, "reconstruct")
    with pytest.raises(AttributeError, match=r"^game is a GAN, which has no \.reconstruct: ask a run of a VAE$"):
        run.reconstruct()
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = run.nothing


def test_one_may_stand_alone_and_a_class_may_be_a_whole_number(opened) -> None:
    plain, classes = opened("plain"), opened("classes")
    alone, listed = plain.reconstruct(1, 3).facts, plain.reconstruct([1], [3]).facts
    assert alone == listed
    assert plain.samples("latest", 2).facts["epochs"] == [2]
    assert plain.samples("all", 2).facts["epochs"][-1] == 2
    drawn = classes.draw(3, classes=["1"])
    for asked in (1, [1], "1", np.int64(1)):
        assert (classes.draw(3, classes=asked) == drawn).all()
    for asked in (99, [99], "99"):
        with pytest.raises(DataError, match=r"^there is no class '99' in ") as caught:
            classes.draw(3, classes=asked)
        assert caught.value.hint == "the classes are: 0, 1, 2."
    with pytest.raises(UsageError, match=r"^'x' is not an epoch$"):
        plain.reconstruct(epochs="x")


def test_an_image_that_is_named_twice_is_shown_once_and_that_is_told(opened) -> None:
    told: list[str] = []
    run = replace(opened("plain"), teller=Teller(told.append))
    assert run.reconstruct(1, [3, 5, 3]).facts["images"] == [3, 5]
    assert "image 3 named more than once: taken once" in told


@pytest.mark.parametrize(("name", "asked"), [("plain", "reconstruct"), ("pixels", "complete")])
def test_images_that_nobody_asked_for_can_be_had_again(opened, name: str, asked: str) -> None:
    shown = partial(getattr(opened(name), asked), device="cpu")
    found = shown()
    numbers = ",".join(map(str, found.facts["images"]))
    assert f"--images {numbers} takes the same ones" in found.remarks
    named = shown(images=[3, 1])
    assert not any("takes the same" in sentence for sentence in [*named.remarks, said(named.figure())])


def test_a_caption_of_finished_images_says_which_they_are(opened) -> None:
    run = opened("pixels")
    assert "the first test image of its class" in said(run.complete(count=1, device="cpu").figure())
    assert "they are test images 3 and 1" in said(run.complete(count=1, images=[3, 1], device="cpu").figure())


def test_a_caption_of_reconstructions_is_short_and_says_what_is_so(opened) -> None:
    run = opened("classes")
    for images in ([3], [1, 2, 3], list(range(30))):
        for sample in (False, True):
            figure = run.reconstruct([1, 2], images, sample=sample, device="cpu").figure()
            (told,) = [text.get_text() for text in figure.texts if "log p(x|z, class)" in text.get_text()]
            assert told.count("\n") < 2, told
            assert told.replace("\n", " ").endswith("Originals: one draw of grey ones, in black and white.")
    assert figure.texts[0].get_text() == "Test images of set and their reconstructions by classes (VAE mlp)"
    assert "Originals" not in said(opened("grey").reconstruct(device="cpu").figure())


def test_nothing_is_said_of_grey_where_pictures_are_black_and_white(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    data = vae.tested_images([opened("plain")])
    black = replace(data, test=replace(data.test, pixels=np.where(data.test.pixels > 127, 255, 0).astype(np.uint8)))
    monkeypatch.setattr(vae, "tested_images", lambda _: black)
    assert "Originals" not in said(opened("plain").reconstruct(device="cpu").figure())


def test_the_mean_of_what_stands_below_the_pictures_is_by_their_epoch(opened) -> None:
    found = opened("plain").reconstruct([1, 2], [0, 1], device="cpu")
    labels = [text.get_text() for axes in found.figure().axes for text in axes.texts if "\n" in text.get_text()]
    means = [
        f"epoch {n}\nmean {sum(of) / 2:.1f}".replace("-", "−") for n, of in enumerate(found.facts["reconstruction"], 1)
    ]
    assert labels == means
    alone = opened("plain").reconstruct([1], [0], device="cpu").figure()
    assert [text.get_text() for text in alone.axes[0].texts][::2] == ["original", "epoch 1"]


def test_a_title_of_one_s_own_leaves_run_and_data_below(opened, tmp_path: Path) -> None:
    for found in (
        opened("plain").reconstruct(device="cpu"),
        opened("game").course(),
        opened("pixels").samples(count=1),
    ):
        figure = found.figure("Slide 3")
        assert figure.texts[0].get_text() == "Slide 3"
        assert f" {found.title}. " in said(figure)
        assert found.title not in said(found.figure()).removeprefix(figure_title(found))
        found.save(tmp_path / "a.svg", look=Look(title="Slide 3"))
        assert b"Slide 3</text>" in (tmp_path / "a.svg").read_bytes()
        assert said(found.figure(found.title)) == said(found.figure())
    with refused(UsageError, "title=' ' is empty"):
        found.figure(" ")


def figure_title(found: Exhibit) -> str:
    """As it stands above, in one line."""
    return found.figure().texts[0].get_text().replace("\n", " ")


def test_what_a_pixel_sees_is_said_as_its_model_is_made(opened) -> None:
    told = said(opened("pixels").samples(count=1, device="cpu").figure())
    assert "given those of the 4 rows above it, at most 4 columns to either side, and the 4 to its left" in told
