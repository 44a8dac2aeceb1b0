"""What seldom happens to image sets: each branch of their readers, by a real case."""

import os
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genmodels.data.images.files import Found
from genmodels.data.images.image_set import HowRead, choose_test_images, class_names, has_grey
from genmodels.data.images.kept import keep
from genmodels.data.images.kinds import head_of
from genmodels.data.images.known import KNOWN, Known, _named
from genmodels.data.images.labels import numbered
from genmodels.data.images.opening import _content_key, open_images
from genmodels.data.images.parts import Part, Parts, damage
from genmodels.data.images.pictures import read_any_picture
from genmodels.data.images.walking import pictures_in
from genmodels.errors import DataError, UsageError
from genmodels.ordinary import open_ordinary
from genmodels.telling import silent, uncounted

PIXELS = np.arange(40 * 6 * 5, dtype=np.uint64).reshape(40, 6, 5).astype(np.uint8)
CLASSES = np.arange(40) % 2
pipes = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def refusal(dataset: str) -> tuple[str, str]:
    with pytest.raises(DataError) as told:
        open_images(dataset, silent)
    return told.value.what, str(told.value.hint)


def test_a_name_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    what, hint = refusal("")
    assert what == "--dataset is empty"
    assert "give a path" in hint
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")
    assert refusal("fashion-mnst")[1].startswith("give the path of its folder, or ")
    assert not refusal("digts")[1].startswith("give the path")  # which needs no network
    assert refusal("mnist" + "x" * 300)[0].startswith("there is no image set mnistx")
    assert refusal("not/there")[0] == "there is no image set not/there"


def test_a_picture_is_no_image_set(tmp_path: Path) -> None:
    Image.fromarray(PIXELS[0]).save(tmp_path / "one.png")
    assert refusal(str(tmp_path / "one.png"))[0] == f"{tmp_path / 'one.png'} is not an image set: it is a picture"


def test_test_images_alone_are_no_image_set(tmp_path: Path) -> None:
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(PIXELS))
    what, hint = refusal(str(tmp_path))
    assert what == f"{tmp_path} holds t10k-images-idx3-ubyte but no train-images-idx3-ubyte"
    assert hint == "put the training images there."


@pytest.mark.parametrize("labelled", [True, False])
def test_labels_are_found_beside_images_of_any_name(tmp_path: Path, labelled: bool) -> None:
    (tmp_path / "my-images.idx3").write_bytes(idx(PIXELS))
    if labelled:
        (tmp_path / "my-labels.idx1").write_bytes(idx(CLASSES))
    found = open_images(str(tmp_path / "my-images.idx3"), silent)
    assert found.classes == (("0", "1") if labelled else None)


def test_labels_without_their_images_are_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", x_train=PIXELS, y_test=CLASSES)
    found = open_images(str(tmp_path / "set.npz"), silent)
    assert found.reading["unused"]["y_test"] == "labels without images"


def test_labels_beyond_the_names_or_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ([0, 2], [-1, 1]):
        with pytest.raises(DataError, match=rf"labels go from {wrong[0]} to {wrong[1]}, but there are 2 classes"):
            numbered([np.array(wrong), np.array([], dtype=np.int64)], ("no", "yes"))
    with pytest.raises(DataError, match="labels go from -1 to 1, 2 different ones"):
        numbered([np.array([-1, 1])], None)
    with pytest.raises(DataError, match="labels go from 0 to 10000, 10,001 different ones"):
        numbered([np.arange(10_001)], None)


def test_labels_that_a_known_set_has_not_are_told() -> None:
    part = Part(PIXELS, CLASSES)
    with pytest.raises(DataError, match="a label of Ours is 12, but it has 10 classes"):
        _named(Parts(part, None, ("0", "12")), Known("Ours", "Ours"))
    assert _named(Parts(part, None, ("0", "1")), Known("Ours", "Ours", ("no", "yes"))).classes == ("no", "yes")


@pytest.mark.usefixtures("own_cache")
def test_a_known_set_that_an_earlier_version_kept_serves_where_nothing_else_does(
    monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")
    monkeypatch.setitem(KNOWN, "mnist", Known("MNIST", "MNIST"))
    keep("mnist", "MNIST", "mnist", Parts(Part(PIXELS, CLASSES), Part(PIXELS[:9], CLASSES[:9]), ("0", "1")), False)
    (own_cache / "images" / "mnist" / "entry.json").unlink()
    assert np.array_equal(open_images("mnist", silent).train.pixels, PIXELS)
    (own_cache / "images" / "mnist" / "pixels").unlink()
    assert "not in the cache" in refusal("mnist")[0]


@pipes
def test_a_pipe_among_what_is_read_is_told_and_not_waited_for(pipe: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="pipe cannot be read: it is a pipe"):
        head_of(pipe)
    with pytest.raises(DataError, match="pipe cannot be read: it is a pipe"):
        _content_key(Found("x", [pipe], read=None), tmp_path, HowRead(), uncounted)  # put there since it was found
    with pytest.raises(DataError, match="pipe cannot be read: it is a pipe"), damage(pipe):
        open_ordinary(pipe)


# -- pictures that are given one by one -------------------------------------------------------------------------------


def test_the_pictures_of_a_folder_are_taken_and_what_else_lies_there_is_told(tmp_path: Path) -> None:
    folder, said = tmp_path / "given", list[str]()
    (folder / "inner").mkdir(parents=True)
    (folder / "readme.txt").write_text("hello")
    assert pictures_in(folder / "readme.txt", said.append) == [folder / "readme.txt"]
    with pytest.raises(DataError) as told:
        pictures_in(folder, said.append)
    assert (told.value.what, str(told.value.hint)) == (
        f"no picture lies in {folder}", "give pictures, or a folder in which some lie."
    )  # fmt: skip
    Image.fromarray(PIXELS[0]).save(folder / "inner" / "a.png")
    with pytest.raises(DataError) as told:
        pictures_in(folder, said.append)
    assert str(told.value.hint).endswith(f"such as {folder / 'inner'}.")
    assert said == []
    assert pictures_in(folder / "inner", said.append) == [folder / "inner" / "a.png"]
    assert said == []
    Image.fromarray(PIXELS[1]).save(folder / "b.png")
    assert pictures_in(folder, said.append) == [folder / "b.png"]
    assert said == [f"took the 1 picture in {folder}, and nothing else that lies there"]
    (folder / "broken.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"broken\.png"):
        pictures_in(folder, said.append)


def test_a_picture_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no picture .*gone\.png"):
        read_any_picture(tmp_path / "gone.png", silent)


# -- which images are shown -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("own_cache")
def test_the_first_of_each_class_are_shown_or_the_first_of_all(tmp_path: Path) -> None:
    said: list[str] = []
    np.savez(tmp_path / "set.npz", x_train=PIXELS, y_train=CLASSES, x_test=PIXELS[::-1], y_test=1 - CLASSES)
    images = open_images(str(tmp_path / "set.npz"), silent)
    assert choose_test_images(images, None, said.append) == [1, 0]
    assert choose_test_images(images, [3, 3, 2], silent) == [3, 2]
    assert class_names(images, [1, 0]) == ["0", "1"]
    with pytest.raises(UsageError, match="40"):
        choose_test_images(images, [40], silent)
    np.savez(tmp_path / "plain.npz", x_train=PIXELS, x_test=PIXELS[:4])
    plain = open_images(str(tmp_path / "plain.npz"), silent)
    assert said == []
    assert choose_test_images(plain, None, said.append) == [0, 1, 2, 3]
    assert said == ["plain has no classes: took the first 10 test images"]
    assert class_names(plain, [0]) is None
    assert has_grey(PIXELS)
    assert not has_grey(np.array([0, 255], np.uint8))
