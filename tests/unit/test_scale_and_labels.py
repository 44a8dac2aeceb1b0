"""Which number is white, and what labels mean, whatever type they are stored in."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genmodels.data.images.files import find_images
from genmodels.data.images.labels import as_labels, numbered
from genmodels.data.images.opening import open_images
from genmodels.data.images.scale import as_bytes
from genmodels.errors import DataError

BITS = np.arange(20 * 4 * 4).reshape(20, 4, 4) % 2


def bytes_of(array: np.ndarray, white: int | None = None) -> tuple[np.ndarray, list[str]]:
    (found,), told = as_bytes([array], "set.npz", white)
    return found, told


@pytest.mark.parametrize("kind", ["u1", "i1", "u2", "i4", "i8", "u8", "?", "f2", "f4", "f8"])
def test_zeros_and_ones_of_any_type_are_black_and_white(kind: str) -> None:
    found, told = bytes_of(BITS.astype(kind))
    assert found.dtype == np.uint8
    assert np.array_equal(found, 255 * BITS)
    assert bool(told) == (np.dtype(kind).kind in "iu"), "floats and bits say what they mean"


@pytest.mark.parametrize("kind", ["u1", "i2", "i8", "f4", "f8"])
def test_bytes_stay_bytes_whatever_their_type(kind: str) -> None:
    array = np.array([[[0, 64, 255], [1, 200, 17]]]).astype(kind)
    found, told = bytes_of(array)
    assert found.tolist() == [[[0, 64, 255], [1, 200, 17]]]
    assert bool(told) == (np.dtype(kind).kind == "f")


def test_floats_a_rounding_past_the_ends_are_fine() -> None:
    found, told = bytes_of(np.array([[[-1e-7, 0.5, 1.0000001]]], np.float32))
    assert found.tolist() == [[[0, 128, 255]]]
    assert told == []


def test_one_scale_holds_for_both_parts() -> None:
    whole, halves = np.array([[[0, 255]]], np.uint8), np.array([[[0.0, 0.5, 1.0]]])
    (train, test), told = as_bytes([whole, np.zeros((1, 1, 2), np.uint8)], "x")
    assert (train.tolist(), test.tolist(), told) == ([[[0, 255]]], [[[0, 0]]], []), "black images tell no scale"
    (train, test), _ = as_bytes([whole, np.array([[[0, 39]]], np.uint8)], "x")
    assert test.tolist() == [[[0, 39]]], "a dark part is no part of levels"
    (train, test), _ = as_bytes([whole, halves], "x")
    assert (train.tolist(), test.tolist()) == ([[[0, 255]]], [[[0, 128, 255]]]), "each by the scale of its kind"


@pytest.mark.parametrize("part", [0, 1])
def test_what_is_no_number_is_refused_in_either_part(part: int) -> None:
    parts = [np.array([[[0.0, 1.0]]]), np.array([[[0.0, 1.0]]])]
    parts[part] = parts[part] * np.nan
    with pytest.raises(DataError, match="pixels from nan to nan"):
        as_bytes(parts, "x")


@pytest.mark.parametrize("small", [np.array([[[0, 1]]], np.uint8), np.array([[[False, True]]])])
def test_parts_of_two_scales_are_refused(small: np.ndarray) -> None:
    for parts in ([np.array([[[0, 255]]]), small], [np.array([[[0.0, 0.7]]]), np.array([[[0.0, 200.0]]])]):
        with pytest.raises(DataError, match="the parts of x differ in scale: one goes up to"):
            as_bytes(parts, "x")


@pytest.mark.parametrize("highest", [2, 15, 16, 63])
@pytest.mark.parametrize("kind", ["u1", "i8"])
def test_a_scale_that_cannot_be_known_is_refused_with_a_way_out_that_works(highest: int, kind: str) -> None:
    array = np.array([[[0, highest]]]).astype(kind)
    with pytest.raises(DataError, match=f"is {highest}: which value is white can't be told") as caught:
        bytes_of(array)
    assert f"pixels * (255 / {highest})" in str(caught.value.hint)
    assert bytes_of(array * (255 / highest))[0].tolist() == [[[0, 255]]]


def test_levels_that_were_asked_for_are_a_scale() -> None:
    found, told = bytes_of(np.array([[[0, 3, 15]]]), white=15)
    assert found.tolist() == [[[0, 51, 255]]]
    assert told == ["pixels are levels from 0 to 15"]
    with pytest.raises(DataError, match="--levels 16 knows values from 0 to 15"):
        bytes_of(np.array([[[0, 16]]]), white=15)
    (_, dark), _ = as_bytes([np.array([[[0, 15]]]), np.array([[[0, 1]]])], "x", 15)
    assert dark.tolist() == [[[0, 17]]]
    assert bytes_of(np.array([[[0, 200]]], np.uint8), white=15)[0].tolist() == [[[0, 200]]], "these are bytes"


REFUSED = [
    ("minus one to one", np.array([[[-1.0, 1.0]]]), r"\(pixels \+ 1\) / 2"),
    ("divided twice", np.array([[[0.0, 1 / 255]]]), "scale them to 0 to 1"),
    ("beyond bytes", np.array([[[0.0, 300.0]]]), "scale them to 0 to 1"),
    ("negative", np.array([[[-3, 9]]]), "scale them to 0 to 255"),
    ("not a number", np.array([[[0.0, np.nan]]]), "nan_to_num"),
    ("infinite", np.array([[[0.0, np.inf]]]), "nan_to_num"),
]


@pytest.mark.parametrize(("array", "hint"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_values_that_no_pixel_has_are_refused(array: np.ndarray, hint: str) -> None:
    with pytest.raises(DataError, match="holds") as caught:
        bytes_of(array)
    import re

    assert re.search(hint, str(caught.value.hint))


LABELS = np.array([2, 0, 1, 2])
STORED: dict[str, Any] = {
    "a column": LABELS[:, None],
    "a row": LABELS[None],
    "floats": LABELS.astype(np.float32),
    "a column of floats": LABELS[:, None].astype(np.float64),
    "bytes": LABELS.astype(np.uint8),
    "one-hot": np.eye(3, dtype=np.uint8)[LABELS],
    "one-hot floats": np.eye(3)[LABELS],
    "one-hot bits": np.eye(3, dtype=bool)[LABELS],
}


@pytest.mark.parametrize("how", STORED)
def test_labels_are_understood_however_they_are_stored(how: str) -> None:
    assert as_labels(STORED[how], 4, "y").tolist() == LABELS.tolist()


@pytest.mark.parametrize(
    "stored",
    [np.array([0.5, 1, 2, 3]), np.array([1, 2, 3]), np.ones((4, 3)), np.zeros((4, 2, 2)), np.array(3), LABELS * np.nan],
    ids=["halves", "too few", "several classes each", "three dimensions", "a number", "not a number"],
)
def test_labels_that_name_no_class_are_refused(stored: np.ndarray) -> None:
    with pytest.raises(DataError):
        as_labels(stored, 4, "y")


def test_numbers_that_occur_name_the_classes_and_gaps_make_no_empty_ones() -> None:
    (train, test), names = numbered([np.array([1, 26, 3]), np.array([3, 26])], None)
    assert (train.tolist(), test.tolist(), names) == ([0, 2, 1], [1, 2], ("1", "3", "26"))


def test_folders_that_are_numbers_are_in_their_order() -> None:
    names = np.array([str(number) for number in (10, 2, 0, 11, 1)])
    (train,), kinds = numbered([names], None)
    assert (train.tolist(), kinds) == ([3, 2, 0, 4, 1], ("0", "1", "2", "10", "11"))


def test_numbers_too_large_for_a_label_are_told_as_they_are() -> None:
    with pytest.raises(DataError, match="up to 18446744073709551615"):
        as_labels(np.array([0, 2**64 - 1], dtype=np.uint64), 2, "y")


def test_images_of_one_colour_are_refused_and_a_dim_test_part_is_told(tmp_path: Path) -> None:
    for value in (0, 255):
        np.savez(tmp_path / "set.npz", images=np.full((30, 4, 4), value, np.uint8))
        with pytest.raises(DataError, match=f"all pixels of the images in .* are {value}"):
            find_images(tmp_path / "set.npz").read(None, False)
    np.savez(tmp_path / "set.npz", x_train=BITS * 255, x_test=BITS * 31)
    parts = find_images(tmp_path / "set.npz").read(None, False)
    assert parts.guesses == ("training images go up to 255 of 255, test images up to 31",)


def test_images_on_two_grounds_are_told(tmp_path: Path) -> None:
    images = np.zeros((30, 6, 6), np.uint8)
    images[:, 2:4, 2:4] = 255
    images[::3] = 255 - images[::3]
    np.savez(tmp_path / "set.npz", images=images)
    parts = find_images(tmp_path / "set.npz").read(None, False)
    told = "10 of 30 images are dark on light and 20 light on dark: all are taken as they are"
    assert parts.guesses == (told,)


def test_an_axis_that_may_not_count_the_images_is_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", images=(BITS * 255).transpose(1, 2, 0))
    assert (
        "the first axis of 4 x 4 x 20 counts the images"
        in find_images(tmp_path / "set.npz").read(None, False).guesses[0]
    )


def test_an_npz_that_breaks_off_is_damaged(tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", images=BITS)
    whole = (tmp_path / "set.npz").read_bytes()
    (tmp_path / "set.npz").write_bytes(whole[:-50])
    with pytest.raises(DataError, match="is damaged: its end is missing"):
        find_images(tmp_path / "set.npz")
    (tmp_path / "set.npz").write_bytes(b"")
    with pytest.raises(DataError, match="is not an image set: it is empty"):
        find_images(tmp_path / "set.npz")


def test_texts_name_the_classes() -> None:
    (train,), names = numbered([np.array(["dog", "cat", "dog"])], None)
    assert (train.tolist(), names) == ([1, 0, 1], ("cat", "dog"))


OTHERS = {
    "Keras": ("x_train", "y_train", "x_test", "y_test"),
    "MedMNIST": ("train_images", "train_labels", "test_images", "test_labels"),
    "scikit-learn": ("data", "target", None, None),
    "torchvision": ("data", "targets", None, None),
    "scikit-learn's arguments": ("X", "y", None, None),
    "splits of scikit-learn": ("X_train", "y_train", "X_test", "y_test"),
    "images and labels": ("images", "labels", None, None),
    "unnamed": ("arr_0", "arr_1", None, None),
}


@pytest.mark.parametrize("library", OTHERS)
def test_the_names_of_other_libraries_are_known(tmp_path: Path, library: str) -> None:
    names = OTHERS[library]
    arrays = (BITS * 255, np.arange(20) % 4, BITS[:6] * 255, np.arange(6) % 4)
    np.savez(tmp_path / "set.npz", **{name: array for name, array in zip(names, arrays, strict=True) if name})
    parts = find_images(tmp_path / "set.npz").read(None, False)
    assert (len(parts.train.pixels), parts.classes) == (20, ("0", "1", "2", "3"))
    assert (parts.test is not None) == (names[2] is not None)
    assert parts.unused == {}


def test_arrays_that_were_not_used_are_named(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "set.npz", x_train=BITS * 255, y_train=np.arange(20), x_val=BITS * 255, y_val=np.arange(20),
        x_test=BITS * 255, y_test=np.arange(20), weights=np.ones(3), X_TRAIN=BITS, data=BITS, labels=np.ones(3),
    )  # fmt: skip
    why = "not needed: --val-images holds images out of the training part"
    parts = find_images(tmp_path / "set.npz").read(None, False)
    assert parts.unused == {
        "weights": "no name that is known", "x_val": why, "y_val": why, "X_TRAIN": "x_train is taken",
        "data": "x_train is taken", "labels": "y_train is taken",
    }  # fmt: skip


def test_a_validation_part_is_the_test_part_where_there_is_no_other(tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", x_train=BITS * 255, x_val=BITS[:5] * 255)
    parts = find_images(tmp_path / "set.npz").read(None, False)
    assert parts.test is not None
    assert len(parts.test.pixels) == 5
    assert parts.guesses == ("tests on x_val, as there is no test part",)


def test_labels_on_one_part_only_make_the_classes_go_and_say_which_part(tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", x_train=BITS * 255, y_train=np.arange(20), x_test=BITS * 255)
    parts = find_images(tmp_path / "set.npz").read(None, False)
    assert parts.classes is None
    assert parts.guesses == ("x_test has no labels: images are taken without their classes",)


def test_a_class_that_only_the_test_part_has_is_told(tmp_path: Path) -> None:
    few, more = np.arange(20) % 3, np.arange(20) % 4
    np.savez(tmp_path / "set.npz", x_train=BITS * 255, y_train=few, x_test=BITS * 255, y_test=more)
    parts = find_images(tmp_path / "set.npz").read(None, False)
    assert parts.guesses == ("no training image is of class '3', but test images are",)


def test_no_images_and_no_labels_are_no_classes(tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", x_train=BITS[:0] * 255, y_train=np.arange(0))
    with pytest.raises(DataError, match="too few to train on: 0 images"):
        open_images(str(tmp_path / "set.npz"), print)


def test_colour_images_that_are_grey_are_grey_images(tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", images=np.repeat(BITS[..., None] * 255, 3, axis=3))
    assert np.array_equal(find_images(tmp_path / "set.npz").read(None, False).train.pixels, BITS * 255)
