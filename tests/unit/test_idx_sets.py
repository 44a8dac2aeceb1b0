"""IDX files: which belong together, which lie on their side, and where they are."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from genmodels.data.downloads import downloads_folder
from genmodels.data.images.files import find_images
from genmodels.data.images.opening import open_images
from genmodels.errors import DataError

PIXELS = (np.arange(40 * 6 * 7, dtype=np.uint64) * 31 % 256).reshape(40, 6, 7).astype(np.uint8)
LABELS = (np.arange(40) % 4).astype(np.uint8)


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def put(
    folder: Path, stem: str, pixels: np.ndarray = PIXELS, labels: np.ndarray | None = LABELS, test: str = "t10k"
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for part, span in (("train", slice(0, 30)), (test, slice(30, 40))):
        (folder / f"{stem}{part}-images-idx3-ubyte").write_bytes(idx(pixels[span]))
        if labels is not None:
            (folder / f"{stem}{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels[span])))


def test_images_never_get_the_labels_of_another_set(tmp_path: Path) -> None:
    put(tmp_path, "a-", PIXELS[::-1].copy(), None)
    put(tmp_path, "b-")
    with pytest.raises(DataError, match="holds 2 image sets: ") as caught:
        find_images(tmp_path)
    assert f"{tmp_path / 'a'}, {tmp_path / 'b'}" in caught.value.what
    first, second = (find_images(tmp_path / stem).read(None, False) for stem in "ab")
    assert first.train.labels is None
    assert np.array_equal(second.train.pixels, PIXELS[:30])
    assert second.train.labels is not None
    assert second.train.labels.tolist() == LABELS[:30].tolist()


def test_the_set_without_a_stem_is_chosen_by_its_file(tmp_path: Path) -> None:
    put(tmp_path, "")
    put(tmp_path, "b-", PIXELS[::-1].copy())
    with pytest.raises(DataError) as caught:
        find_images(tmp_path)
    named = tmp_path / "train-images-idx3-ubyte"
    assert str(named) in caught.value.what
    found = find_images(named).read(None, False)
    assert np.array_equal(found.train.pixels, PIXELS[:30])
    assert found.train.labels is not None


def test_files_of_another_set_that_contradict_each_other_do_not_stand_in_the_way(tmp_path: Path) -> None:
    put(tmp_path, "a-")
    put(tmp_path, "b-")
    (tmp_path / "a-test-images-idx3-ubyte").write_bytes(idx(PIXELS[:9]))
    assert np.array_equal(find_images(tmp_path / "b").read(None, False).train.pixels, PIXELS[:30])
    with pytest.raises(DataError, match="there is no image set"):
        open_images(str(tmp_path / "nowhere"), print)


def test_a_stem_that_is_not_there_is_told(tmp_path: Path) -> None:
    put(tmp_path, "a-")
    with pytest.raises(DataError, match=f"there is no image set {tmp_path / 'c'}"):
        open_images(str(tmp_path / "c"), print)


def test_the_same_file_packed_and_unpacked_counts_once_and_is_told(tmp_path: Path) -> None:
    put(tmp_path, "")
    name = "train-images-idx3-ubyte"
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress((tmp_path / name).read_bytes()))
    found = find_images(tmp_path)
    assert found.passed_over == {f"{name}.gz": f"the same as {name}"}
    assert np.array_equal(found.read(None, False).train.pixels, PIXELS[:30])
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(idx(PIXELS[10:40])))
    with pytest.raises(DataError, match=f"{name} and .*{name}.gz differ"):
        find_images(tmp_path).read(None, False)


def test_two_files_for_one_part_are_refused(tmp_path: Path) -> None:
    put(tmp_path, "")
    (tmp_path / "test-images-idx3-ubyte").write_bytes(idx(PIXELS[:9]))
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte and test-images-idx3-ubyte, which both name"):
        find_images(tmp_path)


LETTERS = (1 + np.arange(40) % 26).astype(np.uint8)


@pytest.mark.parametrize("name", ["emnist_letters-", "my-emnist-letters-", "EMNIST.letters."])
def test_emnist_s_files_are_known_by_what_is_in_their_names(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, np.ascontiguousarray(PIXELS.transpose(0, 2, 1)), LETTERS)
    assert np.array_equal(find_images(tmp_path).read(None, False).train.pixels, PIXELS[:30])


def test_a_browser_s_second_download_is_known(tmp_path: Path) -> None:
    put(tmp_path, "")
    for file in list(tmp_path.iterdir()):
        name, _, packed = file.name.partition(".gz")
        file.rename(tmp_path / f"{name} (1){'.gz' if file.name.endswith('.gz') else packed}")
    parts = find_images(tmp_path).read(None, False)
    assert parts.test is not None
    assert parts.train.labels is not None


def test_letters_that_are_numbered_from_0_are_refused_with_what_was_expected(tmp_path: Path) -> None:
    put(tmp_path, "emnist-letters-", labels=LABELS)
    with pytest.raises(DataError, match="has labels from 0 on, but those of emnist-letters go from 1 to 26"):
        find_images(tmp_path).read(None, False)


@pytest.mark.parametrize("door", ["the folder", "the stem", "the file", "a data folder"])
def test_emnist_s_own_files_are_turned_by_any_door(tmp_path: Path, door: str) -> None:
    folder = tmp_path / "data" / "EMNIST" / "raw"
    put(folder, "emnist-letters-", np.ascontiguousarray(PIXELS.transpose(0, 2, 1)), LETTERS, test="test")
    path = {
        "the folder": folder, "the stem": folder / "emnist-letters", "a data folder": tmp_path / "data",
        "the file": folder / "emnist-letters-train-images-idx3-ubyte",
    }[door]  # fmt: skip
    parts = find_images(path).read(None, False)
    assert np.array_equal(parts.train.pixels, PIXELS[:30])
    assert parts.classes == tuple("abcdefghijklmnopqrstuvwxyz")
    assert parts.train.labels is not None
    assert parts.train.labels.tolist() == (LETTERS[:30] - 1).tolist()
    assert "these are files of emnist-letters: turned upright" in parts.guesses


def test_other_files_of_emnist_are_not_taken_for_the_balanced_ones() -> None:
    put(downloads_folder("emnist"), "emnist-letters-", PIXELS, LETTERS)
    with pytest.raises(DataError, match="holds emnist-letters, but these should be the files of EMNIST balanced"):
        open_images("emnist", print)


@pytest.mark.parametrize("stem", ["emnist-balanced-", ""])
def test_placed_files_of_emnist_are_turned_once_whatever_they_are_called(stem: str) -> None:
    put(downloads_folder("emnist"), stem, np.ascontiguousarray(PIXELS.transpose(0, 2, 1)), LABELS, test="test")
    images = open_images("emnist", lambda _: None)
    assert np.array_equal(images.train.pixels, PIXELS[:30])
    assert images.classes is not None
    assert images.classes[10] == "A"


def test_placed_files_keep_the_numbers_of_their_labels(tmp_path: Path) -> None:
    put(downloads_folder("fashion-mnist"), "", labels=(2 + LABELS).astype(np.uint8))
    images = open_images("fashion-mnist", lambda _: None)
    assert images.train.labels is not None
    assert images.train.labels.tolist() == (2 + LABELS[:30]).tolist()
    assert images.classes is not None
    assert images.classes[2] == "pullover"


def test_a_data_folder_of_torchvision_is_searched_and_several_sets_are_named(tmp_path: Path) -> None:
    put(tmp_path / "MNIST" / "raw", "")
    (tmp_path / "README").write_text("hello")
    found = find_images(tmp_path)
    parts = found.read(None, False)
    assert np.array_equal(parts.train.pixels, PIXELS[:30])
    assert found.guesses == [f"took {tmp_path / 'MNIST' / 'raw'}, the one image set in {tmp_path}"]
    assert found.passed_over == {"README": "beside t10k-images-idx3-ubyte"}
    put(tmp_path / "FashionMNIST" / "raw", "")
    with pytest.raises(DataError, match=r"several image sets: .*FashionMNIST/raw, .*MNIST/raw"):
        find_images(tmp_path)


def test_labels_without_images_are_named(tmp_path: Path) -> None:
    put(tmp_path, "")
    (tmp_path / "t10k-images-idx3-ubyte").unlink()
    assert find_images(tmp_path).read(None, False).unused == {"t10k-labels-idx1-ubyte.gz": "labels without images"}


def test_labels_on_one_part_only_make_the_classes_go_and_name_the_file(tmp_path: Path) -> None:
    put(tmp_path, "")
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    parts = find_images(tmp_path).read(None, False)
    assert parts.classes is None
    why = "t10k-images-idx3-ubyte has no file of labels beside it"
    assert parts.guesses == (f"{why}: images are taken without their classes",)
