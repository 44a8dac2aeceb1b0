"""Every kind of file that holds images, and every way in which one can be wrong."""

import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from genmodels.data.images import parts
from genmodels.data.images.files import find_images
from genmodels.data.images.idx import read_idx
from genmodels.errors import DataError

PIXELS = np.arange(30 * 5 * 4, dtype=np.uint64).reshape(30, 5, 4).astype(np.uint8)
LABELS = (np.arange(30) % 3).astype(np.uint8)


def read_parts(path: Path) -> parts.Parts:
    return find_images(path).read(None, False)


def idx(array: np.ndarray, magic: bytes | None = None, shape: tuple[int, ...] | None = None) -> bytes:
    sizes = shape or array.shape
    head = magic if magic is not None else bytes([0, 0, 8, array.ndim])
    return head + struct.pack(f">{len(sizes)}I", *sizes) + array.tobytes()


def png(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, format="PNG")
    return file.getvalue()


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress])
def test_idx_files_are_read_gzipped_or_not_whatever_their_name(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    for name, array in (("train-images-idx3-ubyte", PIXELS), ("train-labels-idx1-ubyte", LABELS)):
        (tmp_path / name).write_bytes(pack(idx(array)))
    for source in (tmp_path, tmp_path / "train-images-idx3-ubyte"):
        parts = read_parts(source)
        assert np.array_equal(parts.train.pixels, PIXELS)
        assert parts.train.labels is not None
        assert parts.train.labels.tolist() == LABELS.tolist()
        assert parts.test is None


def test_a_folder_of_idx_files_may_have_a_test_part_without_labels(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(PIXELS))
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(PIXELS[:7])))
    parts = read_parts(tmp_path)
    assert parts.test is not None
    assert np.array_equal(parts.test.pixels, PIXELS[:7])
    assert parts.test.labels is None


IDX_FAULTS = [
    ("wrong magic", idx(PIXELS, b"\0\0\x0d\x03"), "magic number is 0x00000d03"),
    ("labels for images", idx(LABELS), "has 1 dimensions where 3"),
    ("too short", idx(PIXELS)[:-1], "declares 600 bytes of data but holds 599"),
    ("too long", idx(PIXELS) + b"\0", "declares 600 bytes of data but holds more"),
    ("ends in the header", idx(PIXELS)[:9], "ends within its header"),
    ("a bomb by its header", idx(PIXELS, shape=(4_000_000, 1000, 1000)), "more than 2 GiB"),
    ("cut gzip", gzip.compress(idx(PIXELS))[:-9], "is damaged"),
    ("not gzip inside", b"\x1f\x8b" + b"junk" * 9, "is damaged"),
]


@pytest.mark.parametrize(("data", "fragment"), [f[1:] for f in IDX_FAULTS], ids=[f[0] for f in IDX_FAULTS])
def test_a_faulty_idx_file_is_refused_by_name(tmp_path: Path, data: bytes, fragment: str) -> None:
    path = tmp_path / "images"
    path.write_bytes(data)
    with pytest.raises(DataError, match=fragment) as caught:
        read_idx(path, 3)
    assert str(path) in caught.value.what


def test_a_gzip_that_unpacks_to_more_than_it_declares_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write(idx(PIXELS))
        for _ in range(400):
            file.write(b"\0" * (1 << 20))
    assert path.stat().st_size < 1 << 20
    import tracemalloc

    tracemalloc.start()
    with pytest.raises(DataError, match="holds more"):
        read_idx(path, 3)
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


def test_images_and_labels_must_be_as_many(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(PIXELS))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(LABELS[:-1]))
    with pytest.raises(DataError, match=r"30 images but .* 29 labels"):
        read_parts(tmp_path)


NPZ = [
    ("keras names", {"x_train": PIXELS, "y_train": LABELS, "x_test": PIXELS[:6], "y_test": LABELS[:6]}, PIXELS),
    ("images alone", {"images": PIXELS}, PIXELS),
    ("a channel last", {"images": PIXELS[..., None]}, PIXELS),
    ("a channel first", {"images": PIXELS[:, None]}, PIXELS),
    ("flat squares", {"images": PIXELS[:, :4].reshape(30, 16)}, PIXELS[:, :4]),
    ("from 0 to 1", {"images": PIXELS / 255.0}, PIXELS),
    ("wide integers", {"images": PIXELS.astype(np.int64)}, PIXELS),
    ("in Fortran's order", {"images": np.asfortranarray(PIXELS)}, PIXELS),
    ("booleans", {"images": PIXELS > 100}, (PIXELS > 100) * np.uint8(255)),
]


@pytest.mark.parametrize(("arrays", "expected"), [n[1:] for n in NPZ], ids=[n[0] for n in NPZ])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_files_are_read(tmp_path: Path, save: Any, arrays: dict[str, Any], expected: np.ndarray) -> None:
    save(tmp_path / "set.npz", **arrays)
    parts = read_parts(tmp_path / "set.npz")
    assert np.array_equal(parts.train.pixels, expected)
    assert (parts.test is not None) == ("x_test" in arrays)
    assert (parts.train.labels is not None) == ("y_train" in arrays)


NPZ_FAULTS = [
    ("no images", {"weights": PIXELS}, "names no images .it holds: weights"),
    ("colour", {"images": np.zeros((9, 5, 4, 3), np.uint8) + np.arange(3, dtype=np.uint8)}, "holds colour images"),
    ("two dimensions", {"images": np.zeros((9, 15), np.uint8)}, r"shape \(9, 15\)"),
    ("too bright", {"images": 2.0 * PIXELS}, "float64 pixels from 0 to 510"),
    ("from -1 to 1", {"images": PIXELS / 127.5 - 1.0}, "float64 pixels from -1 to 1"),
    ("levels", {"images": PIXELS % 17}, "the largest of the uint8 pixels in .* is 16"),
    ("divided twice", {"images": PIXELS / 255.0**2}, "float64 pixels from 0 to 0.00392"),
    ("negative", {"images": -PIXELS.astype(np.int64)}, "pixels from -255"),
    ("not a number", {"images": np.full((9, 5, 4), np.nan)}, "pixels from nan"),
    ("text", {"images": np.array(["a"] * 9)}, "which is no number"),
    ("labels of another length", {"images": PIXELS, "labels": LABELS[:5]}, r"labels .* shape \(5,\)"),
]


@pytest.mark.parametrize(("arrays", "fragment"), [n[1:] for n in NPZ_FAULTS], ids=[n[0] for n in NPZ_FAULTS])
def test_a_faulty_npz_is_refused(tmp_path: Path, arrays: dict[str, Any], fragment: str) -> None:
    np.savez(tmp_path / "set.npz", **arrays)
    with pytest.raises(DataError, match=fragment):
        read_parts(tmp_path / "set.npz")


def test_an_npz_that_holds_pickled_objects_is_refused_unopened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (pytest.fail, ("it was unpickled",))

    np.savez(tmp_path / "set.npz", images=np.array([Trap()], dtype=object))
    with pytest.raises(DataError, match="which is no number"):
        read_parts(tmp_path / "set.npz")


def header(shape: tuple[int, ...]) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return file.getvalue()


@pytest.mark.parametrize(
    ("shape", "more", "fragment"),
    [
        ((10**6, 10**3, 10**3), 0, "more than 2 GiB"),
        ((-1, 1024, 1024), 9, "negative size"),
        ((30, 5, 4), 300 << 20, "holds more"),
        ((30, 5, 4), 5, "holds 5"),
    ],
)
def test_an_npz_bomb_is_refused(tmp_path: Path, shape: tuple[int, ...], more: int, fragment: str) -> None:
    with zipfile.ZipFile(tmp_path / "set.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", header(shape) + b"\0" * more)
    with pytest.raises(DataError, match=fragment):
        read_parts(tmp_path / "set.npz")


def fill(folder: Path, arrays: np.ndarray, kind: str = "png") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, array in enumerate(arrays):
        Image.fromarray(array).save(folder / f"{number:03d}.{kind}")


def test_class_subfolders_name_the_classes(tmp_path: Path) -> None:
    fill(tmp_path / "cats", PIXELS[:3])
    fill(tmp_path / "dogs", PIXELS[3:5])
    (tmp_path / "cats" / "notes.txt").write_text("not a picture")
    parts = read_parts(tmp_path)
    assert parts.classes == ("cats", "dogs")
    assert np.array_equal(parts.train.pixels, PIXELS[:5])
    assert parts.train.labels is not None
    assert parts.train.labels.tolist() == [0, 0, 0, 1, 1]


def test_a_flat_folder_has_no_labels(tmp_path: Path) -> None:
    fill(tmp_path, PIXELS[:4], "bmp")
    parts = read_parts(tmp_path)
    assert np.array_equal(parts.train.pixels, PIXELS[:4])
    assert parts.train.labels is None


def test_train_and_test_folders_are_the_two_parts(tmp_path: Path) -> None:
    for part, count in (("train", 6), ("test", 2)):
        fill(tmp_path / part / "a", PIXELS[:count])
        fill(tmp_path / part / "b", PIXELS[:count])
    parts = read_parts(tmp_path)
    assert parts.test is not None
    assert (len(parts.train.pixels), len(parts.test.pixels)) == (12, 4)
    fill(tmp_path / "test" / "c", PIXELS[:1])
    with pytest.raises(DataError, match="a test class 'c' that the training part lacks"):
        read_parts(tmp_path)


def test_a_grey_picture_may_be_stored_in_colour_mode(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(np.repeat(PIXELS[9][..., None], 3, axis=2)))
    assert np.array_equal(read_parts(tmp_path).train.pixels[0], PIXELS[9])


COLOURED = np.zeros((5, 4, 3), np.uint8) + np.array([70, 90, 110], np.uint8)
CLEAR = np.full((5, 4, 4), 128, np.uint8)
PICTURE_FAULTS = [
    ("colour", png(COLOURED), "is in colour"),
    ("transparent", png(CLEAR), "is transparent"),
    ("16 bits", png(np.zeros((5, 4), np.uint16)), "more than 8 bits"),
    ("no picture", b"hello", "is not a picture"),
    ("cut off", png(np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8))[:200], "cannot be read"),
    ("another size", png(np.zeros((6, 4), np.uint8)), "differ in size: .*4x5.*4x6"),
]


@pytest.mark.parametrize(("data", "fragment"), [f[1:] for f in PICTURE_FAULTS], ids=[f[0] for f in PICTURE_FAULTS])
def test_a_faulty_picture_is_named(tmp_path: Path, data: bytes, fragment: str) -> None:
    fill(tmp_path, PIXELS[:2])
    (tmp_path / "zzz.png").write_bytes(data)
    with pytest.raises(DataError, match=fragment) as caught:
        read_parts(tmp_path)
    assert "zzz.png" in caught.value.what


def test_a_picture_of_too_many_pixels_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_BYTES", 10 << 20)
    Image.new("L", (4000, 4000)).save(tmp_path / "bomb.png")
    assert (tmp_path / "bomb.png").stat().st_size < 1 << 20
    with pytest.raises(DataError, match="more than"):
        read_parts(tmp_path)


@pytest.mark.parametrize("name", ["missing", "notes.txt", "empty"])
def test_what_is_no_image_set_is_told_with_what_would_be(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("hello there")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError) as caught:
        read_parts(tmp_path / name)
    assert name in caught.value.what
    assert caught.value.hint


def test_archives_that_cannot_be_unpacked_are_damaged_ones(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.npz", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("images.npy", header((30, 5, 4)) + b"\0" * 600)
    whole = (tmp_path / "set.npz").read_bytes()
    at = whole.index(b"images.npy") + 20
    central = whole.index(b"PK\x01\x02")
    faults = {
        "bits turned over": whole[:at] + bytes(255 - b for b in whole[at : at + 9]) + whole[at + 9 :],
        "encrypted": whole[:6] + b"\x01" + whole[7 : central + 8] + b"\x01" + whole[central + 9 :],
        "an unknown compression": whole[:8] + b"\x63" + whole[9 : central + 10] + b"\x63" + whole[central + 11 :],
    }
    for data in faults.values():
        (tmp_path / "set.npz").write_bytes(data)
        with pytest.raises(DataError, match="is damaged"):
            read_parts(tmp_path / "set.npz")


def test_an_npy_header_that_is_no_python_is_damage(tmp_path: Path) -> None:
    text = b"{'descr': (" + b" " * 42 + b"\n"
    data = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text
    with zipfile.ZipFile(tmp_path / "set.npz", "w") as archive:
        archive.writestr("images.npy", data)
    with pytest.raises(DataError, match="is damaged"):
        read_parts(tmp_path / "set.npz")
