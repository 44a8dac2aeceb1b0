"""Opening image sets: by name, by path, from the cache, and over a network that works, breaks or is not there."""

import functools
import gzip
import hashlib
import http.server
import re
import shutil
import struct
import threading
from collections.abc import Iterator
from http.client import IncompleteRead
from pathlib import Path

import numpy as np
import pytest

from genmodels.data.downloads import downloads_folder
from genmodels.data.images import opening as module
from genmodels.data.images.image_set import describe_images
from genmodels.data.images.known import KNOWN, Known, upright
from genmodels.data.images.opening import images_learned, open_images, reopen_images
from genmodels.data.images.parts import Part, Parts
from genmodels.errors import DataError, RunError

PIXELS = (np.arange(40 * 6 * 6, dtype=np.uint64) * 31 % 256).reshape(40, 6, 6).astype(np.uint8)
LABELS = (np.arange(40) % 4).astype(np.uint8)
GROUND = "without a dark or light ground"


def idx(array: np.ndarray) -> bytes:
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


FILES = {
    "train-images-idx3-ubyte.gz": idx(PIXELS),
    "train-labels-idx1-ubyte.gz": idx(LABELS),
    "t10k-images-idx3-ubyte.gz": idx(PIXELS[:8]),
    "t10k-labels-idx1-ubyte.gz": idx(LABELS[:8]),
}


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def small_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handful of digits instead of 70,000."""
    real = module.render_digits
    monkeypatch.setattr(module, "render_digits", lambda: real(60, 20))


@pytest.fixture
def small_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    """A set called mnist whose files are ours, so that their sums can be right."""
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}
    monkeypatch.setitem(KNOWN, "mnist", Known("MNIST", "MNIST", sums=sums))


def place(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def test_a_path_is_read_once_and_then_comes_from_the_cache(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = place(tmp_path / "mine", FILES)
    first = open_images(str(folder), said.append)
    assert (first.name, len(first.train.pixels), len(first.test.pixels)) == ("mine", 40, 8)
    assert first.classes == ("0", "1", "2", "3")
    monkeypatch.setattr("genmodels.data.images.idx.read_idx", lambda *_: pytest.fail("it was read again"))
    second = open_images(str(folder), said.append)
    assert np.array_equal(second.train.pixels, PIXELS)
    assert second.fingerprint == first.fingerprint
    assert [s for s in said if "reading" in s] == [f"reading {folder} (once)"]


def test_a_damaged_cache_is_made_again(tmp_path: Path, said: list[str], own_cache: Path) -> None:
    folder = place(tmp_path / "mine", FILES)
    open_images(str(folder), said.append)
    (pixels,) = own_cache.rglob("pixels")
    data = bytearray(pixels.read_bytes())
    data[7] ^= 1
    pixels.write_bytes(bytes(data))
    assert np.array_equal(open_images(str(folder), said.append).train.pixels, PIXELS)


def test_without_a_test_part_every_tenth_image_is_held_out(tmp_path: Path, said: list[str]) -> None:
    np.savez(tmp_path / "set.npz", images=PIXELS)
    found = open_images(str(tmp_path / "set.npz"), said.append)
    assert (len(found.train.pixels), len(found.test.pixels)) == (36, 4)
    both = {p.tobytes() for p in np.concatenate([found.train.pixels, found.test.pixels])}
    assert both == {p.tobytes() for p in PIXELS}
    assert found.classes is None
    assert found.taken is not None
    assert found.taken.told() == "set: 40 images of 6x6, 4 of them held out to test on, without classes, " + GROUND


def test_too_few_images_and_two_sizes_are_refused(tmp_path: Path, said: list[str]) -> None:
    np.savez(tmp_path / "few.npz", images=PIXELS[:19])
    with pytest.raises(DataError, match="too few to train on: 19 images"):
        open_images(str(tmp_path / "few.npz"), said.append)
    np.savez(tmp_path / "two.npz", x_train=PIXELS, x_test=PIXELS[:, :5])
    with pytest.raises(DataError, match="training images are 6x6, test images 6x5"):
        open_images(str(tmp_path / "two.npz"), said.append)


def test_a_set_that_changed_or_went_away_is_told(tmp_path: Path, said: list[str], own_cache: Path) -> None:
    folder = place(tmp_path / "mine", FILES)
    described = describe_images(open_images(str(folder), said.append))
    assert reopen_images(described, said.append).fingerprint == described["fingerprint"]
    (folder / "t10k-images-idx3-ubyte.gz").write_bytes(idx(PIXELS[1:9]))
    with pytest.raises(DataError, match="have changed since the run began"):
        reopen_images(described, said.append)
    assert images_learned(described, said.append).fingerprint == described["fingerprint"]
    told = f"the images of {folder} have changed since the run began, or are read otherwise now"
    assert said[-1] == f"{told}: took the run's own from the cache"
    shutil.rmtree(own_cache)
    with pytest.raises(DataError, match="have changed since the run began"):
        images_learned(described, said.append)
    shutil.rmtree(folder)
    with pytest.raises(DataError, match="are gone"):
        reopen_images(described, said.append)
    with pytest.raises(RunError, match="does not describe"):
        reopen_images({}, said.append)


def test_one_of_several_sets_in_a_folder_is_found_again(tmp_path: Path, said: list[str], own_cache: Path) -> None:
    for stem in ("a-", "b-"):
        place(tmp_path / "mine", {f"{stem}{name}": data for name, data in FILES.items()})
    described = describe_images(open_images(str(tmp_path / "mine" / "b"), said.append))
    shutil.rmtree(own_cache)
    assert reopen_images(described, said.append).name == "b"


def test_a_run_whose_images_are_gone_has_them_from_the_cache(tmp_path: Path, said: list[str]) -> None:
    folder = place(tmp_path / "mine", FILES)
    described = describe_images(open_images(str(folder), said.append))
    shutil.rmtree(folder)
    assert reopen_images(described, said.append).fingerprint == described["fingerprint"]
    assert said[-1] == f"the images of the run, {folder}, are gone: took the run's own from the cache"


def test_the_rendered_digits_are_drawn_once(said: list[str], small_digits: None) -> None:
    first = open_images("digits", said.append)
    again = open_images("digits", said.append)
    assert first.name == "rendered digits"
    assert np.array_equal(first.train.pixels, again.train.pixels)
    assert len([s for s in said if "drawing" in s]) == 1


@pytest.mark.parametrize(("name", "hint"), [("mnsit", "mnist"), ("digit", "digits"), ("kmnsit", "kmnist")])
def test_a_typo_in_a_known_name_is_recognised(name: str, hint: str) -> None:
    with pytest.raises(DataError) as caught:
        open_images(name, print)
    assert f"did you mean {hint}?" in str(caught.value.hint)


# -- the network ---------------------------------------------------------------------------------------


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A mirror of MNIST on this machine, which torchvision is told to use; its folder can be changed."""
    from torchvision.datasets import MNIST

    folder = place(tmp_path / "mirror", FILES)
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{httpd.server_address[1]}/"])
        sums = [(name, hashlib.md5(data).hexdigest()) for name, data in FILES.items()]  # torchvision's own check
        monkeypatch.setattr(MNIST, "resources", sums)
        yield folder
        httpd.shutdown()


def test_a_known_set_is_fetched_checked_and_kept(server: Path, said: list[str], small_mnist: None) -> None:
    first = open_images("mnist", said.append)
    assert (first.name, first.source) == ("MNIST", "mnist")
    assert np.array_equal(first.train.pixels, PIXELS)
    assert first.train.labels is not None
    assert first.train.labels.tolist() == LABELS.tolist()
    shutil.rmtree(server)
    assert open_images("mnist", said.append).fingerprint == first.fingerprint, "from the cache"


@pytest.mark.parametrize("whose", ["torchvision's", "ours"])
def test_a_broken_download_is_never_kept(
    server: Path, said: list[str], small_mnist: None, own_cache: Path, whose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.datasets import MNIST

    other = idx(PIXELS[::-1].copy())
    (server / "train-images-idx3-ubyte.gz").write_bytes(other)
    if whose == "ours":  # a file that passes torchvision's weak sum
        sums = [(n, hashlib.md5((server / n).read_bytes()).hexdigest()) for n in FILES]
        monkeypatch.setattr(MNIST, "resources", sums)
    with pytest.raises(DataError, match="SHA-256" if whose == "ours" else "could not be fetched") as caught:
        open_images("mnist", said.append)
    assert caught.value.hint
    assert not [p for p in own_cache.rglob("*") if p.is_file()]
    place(server, FILES)
    monkeypatch.undo()


def test_no_network_says_where_the_files_may_be_put(
    server: Path, said: list[str], small_mnist: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.datasets import MNIST

    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(DataError, match="MNIST could not be fetched") as caught:
        open_images("mnist", said.append)
    assert str(downloads_folder("mnist")) in str(caught.value.hint)
    assert re.search(r"could not be fetched: Error downloading \S+: .*[Rr]efused", caught.value.what), "the reason too"
    place(downloads_folder("mnist"), FILES)
    assert np.array_equal(open_images("mnist", said.append).train.pixels, PIXELS)


def test_placed_files_with_a_wrong_sum_are_refused_by_name(said: list[str], small_mnist: None) -> None:
    place(downloads_folder("mnist"), FILES | {"t10k-labels-idx1-ubyte.gz": idx(LABELS[1:9])})
    with pytest.raises(DataError, match=r"t10k-labels.*SHA-256"):
        open_images("mnist", said.append)
    (downloads_folder("mnist") / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match="lacks t10k-labels"):
        open_images("mnist", said.append)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")


def test_offline_never_tries(said: list[str], offline: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("it tried"))
    with pytest.raises(DataError, match="GENMODELS_OFFLINE is set"):
        open_images("kmnist", said.append)


def test_without_a_name_the_digits_stand_in_for_mnist_and_that_is_said(
    said: list[str], offline: None, small_digits: None
) -> None:
    assert open_images(None, said.append).name == "rendered digits"
    assert "took the built-in rendered digits, as MNIST is not in the cache" in said[0]


def test_without_a_name_mnist_is_taken_where_it_is_kept(server: Path, said: list[str], small_mnist: None) -> None:
    open_images("mnist", said.append)
    shutil.rmtree(server)
    assert open_images(None, said.append).name == "MNIST"


def test_files_that_hold_images_turned_are_turned_back() -> None:
    parts = Parts(Part(PIXELS, None), None)
    assert np.array_equal(upright(parts).train.pixels[3], PIXELS[3].T)
    assert KNOWN["emnist"].transposed


@pytest.mark.parametrize("name", KNOWN)
def test_torchvision_has_a_loader_for_every_known_set(name: str) -> None:
    from torchvision import datasets

    assert hasattr(datasets, KNOWN[name].loader)


def test_a_known_set_placed_without_its_test_files_keeps_no_image_in_both_parts(
    said: list[str], small_mnist: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(downloads_folder("kmnist"), {name: data for name, data in FILES.items() if name.startswith("train")})
    images = open_images("kmnist", said.append)
    assert (len(images.train.pixels), len(images.test.pixels)) == (36, 4)
    seen = {image.tobytes() for image in images.train.pixels}
    assert not any(image.tobytes() in seen for image in images.test.pixels)


def test_an_answer_that_breaks_off_is_a_fetch_that_failed(
    said: list[str], small_digits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise IncompleteRead(b"half")

    monkeypatch.setattr("torchvision.datasets.MNIST", broken)
    assert open_images(None, said.append).name == "rendered digits"


def test_images_without_pixels_and_a_test_part_of_one_are_refused(tmp_path: Path, said: list[str]) -> None:
    np.savez(tmp_path / "flat.npz", images=np.zeros((30, 0, 5), dtype=np.uint8))
    with pytest.raises(DataError, match="5x0 pixels"):
        open_images(str(tmp_path / "flat.npz"), said.append)
    np.savez(tmp_path / "one.npz", x_train=PIXELS, x_test=PIXELS[:1])
    with pytest.raises(DataError, match="test part has 1 image"):
        open_images(str(tmp_path / "one.npz"), said.append)


def test_only_files_that_are_images_decide_the_cache_entry(tmp_path: Path, said: list[str]) -> None:
    folder = place(tmp_path / "mine", FILES)
    first = open_images(str(folder), said.append)
    (folder / "notes.txt").write_text("later")
    open_images(str(folder), said.append)
    assert len([s for s in said if "reading" in s]) == 1
    assert first.source == str(folder)
