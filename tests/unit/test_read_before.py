"""Who names a known set that is not here is told of the path from which it was read before."""

import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from genmodels.data.images import opening
from genmodels.data.images.opening import open_images
from genmodels.data.sound.sets.opening import open_words
from genmodels.errors import DataError
from genmodels.runs.run_dir import typed
from genmodels.telling import silent
from unit.wavs import tone, wav_of

PIXELS = np.arange(40 * 6 * 6, dtype=np.uint64).reshape(40, 6, 6).astype(np.uint8)


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")


def placed(path: Path, start: int = 0) -> Path:
    """Some images in a file, which are read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, images=PIXELS + np.uint8(start))
    open_images(str(path), silent)
    return path


def hint_of(name: str) -> str:
    with pytest.raises(DataError, match="not in the cache") as caught:
        open_images(name, silent)
    return str(caught.value.hint)


@pytest.mark.parametrize("where", ["mnist.npz", "MNIST/raw/all.npz", "mnist_28x28/all.npz"])
def test_a_path_that_was_read_is_named_where_the_known_set_is_not_here(tmp_path: Path, where: str) -> None:
    assert "was read before" not in hint_of("mnist")
    path = placed(tmp_path / "data" / where)
    assert hint_of("mnist").startswith(f"--dataset {path} was read before; or put its IDX files into")
    assert "was read before" not in hint_of("fashion-mnist"), "another set"
    shutil.rmtree(tmp_path / "data")
    assert "was read before" not in hint_of("mnist"), "it is gone"


@pytest.mark.parametrize(
    "where",
    [
        "mnist/kmnist/raw/all.npz",
        "mnist/letters.npz",
        "mnist_failures/all.npz",
        "mnist_failures.npz",
        "mnist/mnist2/all.npz",
    ],
)
def test_a_path_that_only_reminds_of_the_name_is_not_taken_for_it(tmp_path: Path, where: str) -> None:
    placed(tmp_path / where)
    assert "was read before" not in hint_of("mnist")


def test_of_several_paths_the_one_that_was_read_last_is_named(tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "mnist.npz", tmp_path / "b" / "mnist.npz"
    for path, start in ((first, 0), (second, 7), (first, 0), (second, 7)):  # the third and fourth time nothing is new
        time.sleep(0.05)  # a file system's clock may be slow
        placed(path, start)
        assert hint_of("mnist").startswith(f"--dataset {path} was")


def test_a_path_is_named_as_a_shell_takes_it(tmp_path: Path) -> None:
    path = placed(tmp_path / "my data" / "mnist.npz")
    assert hint_of("mnist").startswith(f"--dataset {typed(path)} was")
    assert typed(path) != str(path)


def test_that_digits_stand_in_for_mnist_names_the_path_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, told = opening.render_digits, []
    monkeypatch.setattr(opening, "render_digits", lambda: real(60, 20))
    path = placed(tmp_path / "data" / "mnist.npz")
    open_images(None, told.append)
    assert told[0].endswith(f"; --dataset {path} was read before")


def test_recordings_that_were_read_are_named_likewise(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "free-spoken-digit-dataset" / "recordings"
    folder.mkdir(parents=True)
    for word in ("zero", "one"):
        for take in range(10):
            (folder / f"{word}_ann_{take}.wav").write_bytes(wav_of(tone(0.3, pitch=300.0 + 20 * take)))
    open_words(str(folder), silent)
    with pytest.raises(DataError, match="not in the cache") as caught:
        open_words("fsdd", silent)
    assert str(caught.value.hint).startswith(f"--dataset {folder} was read before; or put ")


def test_a_cache_that_can_not_be_written_forgets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("genmodels.data.read_before.replace_file", full)
    placed(tmp_path / "data" / "mnist.npz")
    assert "was read before" not in hint_of("mnist")
