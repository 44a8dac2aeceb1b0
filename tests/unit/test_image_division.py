"""Images held out in equal shares, and colours taken as grey; runs of before are divided as they were."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genmodels.data.images.dividing import BY_CLASS, SHUFFLED, shares_held_out, untested_told
from genmodels.data.images.image_set import HowRead, describe_images
from genmodels.data.images.opening import images_learned, open_images, reopen_images
from genmodels.data.images.parts import Part
from genmodels.errors import DataError, RunError
from genmodels.settings.vae import VaeSettings
from genmodels.telling import silent
from genmodels.training.image_task import parts_of


def numbered(*counts: int) -> Part:
    """So many images of each class, each its own number."""
    labels = np.repeat(np.arange(len(counts)), counts)
    pixels = np.arange(len(labels), dtype=np.uint8)[:, None, None] + np.zeros((1, 4, 4), np.uint8)
    pixels[:, 3, 3] = 255
    return Part(pixels, labels)


def counts_of(part: Part, classes: int) -> list[int]:
    assert part.labels is not None
    return np.bincount(part.labels, minlength=classes).tolist()


def write_unequal(path: Path, *counts: int) -> Path:
    part = numbered(*counts)
    np.savez(path, images=part.pixels, labels=part.labels)
    return path


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("counts", "held", "shares"),
    [
        ((100, 40, 10), 15, [10, 4, 1]),
        ((60, 30, 10, 20), 60, [30, 15, 5, 10]),
        ((30, 1, 29), 6, [3, 0, 3]),
        ((2, 2, 2, 2), 4, [1, 1, 1, 1]),
    ],
)
def test_each_class_gives_its_share_whatever_the_seed(
    seed: int, counts: tuple[int, ...], held: int, shares: list[int]
) -> None:
    part = numbered(*counts)
    rest, out = shares_held_out(part, held, seed)
    assert counts_of(out, len(counts)) == shares
    both = np.concatenate([rest.pixels, out.pixels])
    assert sorted(both[:, 0, 0].tolist()) == list(range(sum(counts))), "none is lost, none is in both"
    again = shares_held_out(part, held, seed)[1]
    assert np.array_equal(out.pixels, again.pixels)


def test_another_seed_holds_others_out() -> None:
    part = numbered(40, 40)
    assert not np.array_equal(*(shares_held_out(part, 20, seed)[1].pixels for seed in (1, 2)))


@pytest.mark.parametrize("count", [2, 7, 18])
def test_as_many_are_held_out_as_are_asked_for_where_classes_have_one_image_each(count: int) -> None:
    rest, out = shares_held_out(numbered(*[1] * 20), count, 1)
    assert (len(rest.pixels), len(out.pixels)) == (20 - count, count)


def test_images_without_classes_are_drawn_by_chance() -> None:
    rest, out = shares_held_out(Part(numbered(30).pixels, None), 3, 1)
    assert (len(rest.pixels), len(out.pixels)) == (27, 3)


def test_classes_of_which_none_is_held_out_are_told(tmp_path: Path) -> None:
    assert untested_told(*shares_held_out(numbered(20, 1, 20), 4, 1), ("a", "b\x1b", "c")) == [
        "too few images to hold out any of class b\\x1b (1 image)"
    ]
    opened = open_images(str(write_unequal(tmp_path / "set.npz", 30, 1, 19)), silent)
    assert counts_of(opened.test, 3) == [3, 0, 2]
    assert opened.taken is not None
    assert "too few images to hold out any of class 1 (1 image)" in opened.taken.guesses


def test_a_known_run_is_divided_as_it_was(tmp_path: Path, own_cache: Path) -> None:
    """As run.json was before it named a way: the images of the test part are those that the older program took."""
    path = write_unequal(tmp_path / "set.npz", 90, 10)
    described = describe_images(open_images(str(path), silent, HowRead(division=SHUFFLED)))
    for newer in ("division", "grey"):
        del described[newer]
    order = np.random.Generator(np.random.PCG64(1)).permutation(100)
    held = np.sort(order[:10])
    for _ in range(2):
        opened = reopen_images(described, silent)
        assert opened.test.pixels[:, 0, 0].tolist() == held.tolist()
        assert opened.how.division == SHUFFLED
        shutil.rmtree(own_cache)
    reopen_images(described, silent)
    path.unlink()
    assert images_learned(described, silent).how.division == SHUFFLED, "from the cache"
    kept = parts_of(VaeSettings(val_images=9, seed=4), images_learned(described, silent))[1]
    left = np.setdiff1d(np.arange(100), held)
    validation = np.sort(np.random.Generator(np.random.PCG64(4)).permutation(90)[81:])
    assert kept.pixels[:, 0, 0].tolist() == left[validation].tolist()


def test_a_new_run_is_divided_by_class_and_says_so(tmp_path: Path) -> None:
    described = describe_images(open_images(str(write_unequal(tmp_path / "set.npz", 90, 10)), silent))
    assert described["division"] == BY_CLASS
    opened = reopen_images(described, silent)
    assert counts_of(opened.test, 2) == [9, 1]
    assert counts_of(parts_of(VaeSettings(val_images=10), opened)[1], 2) == [9, 1]


def test_a_division_of_a_later_version_is_refused(tmp_path: Path) -> None:
    described = describe_images(open_images(str(write_unequal(tmp_path / "set.npz", 90, 10)), silent))
    with pytest.raises(RunError, match="divides its images 'by moon', which this version does not know"):
        reopen_images(described | {"division": "by moon"}, silent)


def coloured_folder(folder: Path) -> Path:
    """Pictures of which some are in colour: red on white, whose luminance is 76."""
    folder.mkdir()
    for number in range(24):
        pixels = np.full((5, 5, 3), 255, np.uint8)
        pixels[1:3, 1 : 2 + number % 3] = (255, 0, 0) if number % 2 else (0, 0, 0)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
    return folder


def test_pictures_in_colour_are_refused_unless_they_may_be_taken_as_grey(tmp_path: Path) -> None:
    folder = coloured_folder(tmp_path / "set")
    with pytest.raises(DataError, match=r"01\.png is in colour") as caught:
        open_images(str(folder), silent)
    assert "--grey" in str(caught.value.hint)
    opened = open_images(str(folder), silent, HowRead(grey=True))
    assert set(np.unique(opened.train.pixels)) == {0, 76, 255}
    assert opened.taken is not None
    assert "took the colours of 01.png and 11 others as grey" in opened.taken.guesses
    described = describe_images(opened)
    assert described["grey"]
    assert reopen_images(described, silent).fingerprint == opened.fingerprint
    with pytest.raises(DataError, match="is in colour"):
        open_images(str(folder), silent)


@pytest.mark.parametrize("axis", [1, 3])
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_arrays_in_colour_are_refused_unless_they_may_be_taken_as_grey(tmp_path: Path, axis: int, kind: type) -> None:
    colours = np.zeros((30, 5, 4, 3), np.float32)
    colours[:, 1:3, 1:3] = (1, 0, 0)
    colours[:, 3] = 1
    path, top = tmp_path / "set.npz", 255 if kind is np.uint8 else 1
    np.savez(path, images=np.moveaxis(colours * top, 3, axis).astype(kind))
    with pytest.raises(DataError, match="holds colour images") as caught:
        open_images(str(path), silent)
    assert "--grey" in str(caught.value.hint)
    opened = open_images(str(path), silent, HowRead(grey=True))
    assert opened.shape == (5, 4)
    assert set(np.unique(opened.train.pixels)) == {0, 76, 255}
    assert opened.taken is not None
    assert "took the colours of images as grey" in opened.taken.guesses


def test_grey_pictures_are_the_same_with_and_without_it(tmp_path: Path) -> None:
    path = write_unequal(tmp_path / "set.npz", 30, 30)
    plain, asked = (open_images(str(path), silent, HowRead(grey=grey)) for grey in (False, True))
    assert plain.fingerprint == asked.fingerprint
