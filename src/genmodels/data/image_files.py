"""Image files -> uint8 arrays: IDX, npz, and folders of pictures.

Nothing is unpacked before its declared size was checked, and never more of it than was declared, so that a small
file that unpacks to a huge one (a compressed bomb) is refused before the memory is taken.
"""

import gzip
import lzma
import math
import re
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from genmodels.errors import DataError

Pixels = NDArray[np.uint8]
Labels = NDArray[np.int64]

MOST_BYTES = 2 << 30  # of unpacked pixels
PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm"}


@dataclass(frozen=True)
class Part:
    """Some images of one size.

    Args:
        pixels: uint8 of shape (N, Y, X); 0 is background.
        labels: int64 of shape (N,), or None.
    """

    pixels: Pixels
    labels: Labels | None

    def take(self, rows: NDArray[np.int64]) -> "Part":
        """The images of these numbers, with their labels."""
        return Part(self.pixels[rows], None if self.labels is None else self.labels[rows])


@dataclass(frozen=True)
class Parts:
    """What a path held.

    Args:
        train: the images to train on, or all there are.
        test: the images to test on, or None where the files hold no such part.
        classes: names of the labels, or None: their numbers.
    """

    train: Part
    test: Part | None
    classes: tuple[str, ...] | None = None


def read_parts(path: Path) -> Parts:
    """Read an image set: a folder of pictures or of IDX files, an .npz, or an IDX file.

    Raises:
        DataError: missing, not an image set, damaged, of mixed sizes, in colour, or too large.
    """
    if path.is_dir():
        return _read_idx_folder(path) if _idx_files(path) else _read_pictures(path)
    if not path.exists():
        raise DataError(f"there is no image set {path}", "give a folder of pictures, an .npz or IDX files.")
    with _damage(path):
        with path.open("rb") as file:
            head = file.read(4)
        if zipfile.is_zipfile(path):
            return _read_npz(path)
        if head[:2] in {b"\x1f\x8b", b"\0\0"}:
            return Parts(_read_idx_pair(path), None)
    raise DataError(
        f"{path} is not an image set: it begins with the bytes {head.hex(' ')}",
        "give a folder of pictures, an .npz file, or IDX files (gzipped or not).",
    )


def read_images(path: Path) -> Pixels:
    """Images to look at: one picture, or those of an image set (of its test part where it has one).

    Raises:
        DataError: see `read_parts`.
    """
    if path.is_file() and path.suffix.lower() in PICTURES:
        return _read_picture(path, 1)[None]
    parts = read_parts(path)
    return (parts.test or parts.train).pixels


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Tell a file that cannot be read or unpacked in one sentence."""
    try:
        yield
    except (gzip.BadGzipFile, zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, RuntimeError) as error:
        # zipfile tells an encrypted file and an unknown compression by RuntimeError and its NotImplementedError
        raise DataError(f"{path} is damaged: {error or type(error).__name__}", "fetch or make it again.") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}", "check its permissions.") from error


def check_size(what: object, shape: tuple[int, ...]) -> int:
    """Bytes of uint8 pixels of that shape.

    Raises:
        DataError: more than the limit, or negative.
    """
    size = math.prod(shape)
    if min(shape, default=0) < 0:
        raise DataError(f"{what} declares a negative size: {shape}", "it is damaged; make it again.")
    if size > MOST_BYTES:
        dims = " x ".join(f"{n:,}" for n in shape)
        raise DataError(
            f"{what} declares {dims} pixels, more than {MOST_BYTES >> 30} GiB",
            "use fewer or smaller images; the file may also be damaged.",
        )
    return size


# -- IDX ------------------------------------------------------------------------------------------------

_IDX_ROLE = re.compile(r"(?P<stem>.*?)(train|t10k|test)-(?P<kind>images|labels)[-.]idx[13]-ubyte(\.gz)?")


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """An IDX file of unsigned bytes, gzipped or not (LeCun's format: 0, 0, type, dimensions, sizes, data).

    Args:
        path: the file.
        dimensions: 3 for images, 1 for labels.

    Raises:
        DataError: wrong magic number or dimensions, too large, or longer or shorter than it declares.
    """
    with _damage(path), _unpacked(path) as file:
        head = file.read(4)
        if len(head) < 4 or head[:3] != b"\0\0\x08":
            raise DataError(
                f"{path} is not an IDX file of bytes: its magic number is 0x{head.hex()}",
                "it should begin with 0x00000803 (images) or 0x00000801 (labels).",
            )
        if head[3] != dimensions:
            raise DataError(
                f"{path} has {head[3]} dimensions where {dimensions} are needed",
                "images have 3 (count, rows, columns), labels have 1; are the two mixed up?",
            )
        sizes = file.read(4 * dimensions)
        if len(sizes) < 4 * dimensions:
            raise DataError(f"{path} ends within its header", "fetch or make it again.")
        shape = tuple(int(n) for n in np.frombuffer(sizes, dtype=">u4"))
        size = check_size(path, shape)
        data = file.read(size)
        if len(data) < size or file.read(1):
            found = f"{len(data):,}" if len(data) < size else "more"
            raise DataError(f"{path} declares {size:,} bytes of data but holds {found}", "fetch or make it again.")
    return np.frombuffer(data, dtype=np.uint8).reshape(shape)


def _unpacked(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if zipped else path.open("rb")


def image_files(folder: Path) -> list[Path]:
    """The files in a folder that `read_parts` would read."""
    return sorted(_idx_files(folder).values()) or _pictures_in(folder)


def _idx_files(folder: Path) -> dict[tuple[str, str], Path]:
    """(part, kind) -> file, for the names that the MNIST family uses."""
    found: dict[tuple[str, str], Path] = {}
    for path in sorted(folder.iterdir()):
        match = _IDX_ROLE.fullmatch(path.name)
        if match is not None and path.is_file():
            part = "train" if match.group(2) == "train" else "test"
            found.setdefault((part, match.group("kind")), path)
    return found


def _read_idx_folder(folder: Path) -> Parts:
    files = _idx_files(folder)
    if ("train", "images") not in files:
        names = ", ".join(sorted(path.name for path in files.values()))
        raise DataError(f"{folder} holds {names} but no train-images-idx3-ubyte", "put the training images there.")
    train, test = (_idx_part(files.get((p, "images")), files.get((p, "labels"))) for p in ("train", "test"))
    assert train is not None
    return Parts(train, test)


def _idx_part(images: Path | None, labels: Path | None) -> Part | None:
    if images is None:
        return None
    pixels = read_idx(images, 3)
    found = None if labels is None else read_idx(labels, 1).astype(np.int64)
    if found is not None and len(found) != len(pixels):
        raise DataError(f"{images} holds {len(pixels):,} images but {labels} holds {len(found):,} labels", _MATCH)
    return Part(pixels, found)


_MATCH = "images and labels must belong together."


def _read_idx_pair(path: Path) -> Part:
    """One IDX file of images, with the labels that lie beside it under the usual name."""
    beside = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    part = _idx_part(path, beside if beside != path and beside.is_file() else None)
    assert part is not None
    return part


# -- npz ------------------------------------------------------------------------------------------------

_NPZ_NAMES = {
    ("train", "images"): ("x_train", "train_images", "train", "images", "x", "X", "data", "arr_0"),
    ("train", "labels"): ("y_train", "train_labels", "labels", "y", "targets", "arr_1"),
    ("test", "images"): ("x_test", "test_images", "test"),
    ("test", "labels"): ("y_test", "test_labels"),
}


def _read_npz(path: Path) -> Parts:
    with zipfile.ZipFile(path) as archive:
        held = {name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")}
        keys = {role: next((n for n in names if n in held), None) for role, names in _NPZ_NAMES.items()}
        if keys["train", "images"] is None:
            has = ", ".join(sorted(held)[:8]) or "no arrays"
            raise DataError(f"{path} names no images (it holds: {has})", "call them x_train and x_test, or images.")
        arrays = {role: _read_npy(archive, key, path) for role, key in keys.items() if key is not None}
    train, test = (_npz_part(path, arrays, part) for part in ("train", "test"))
    assert train is not None
    return Parts(train, test)


def _read_npy(archive: zipfile.ZipFile, name: str, path: Path) -> NDArray[Any]:
    """One array out of a zip, never more than its header declares; pickled objects are refused."""
    where = f"{name} in {path}"
    with archive.open(f"{name}.npy") as file:
        try:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = read(file)
        except (ValueError, SyntaxError, tokenize.TokenError) as error:
            raise DataError(f"{where} is damaged: {error}", "make it again with numpy.savez.") from error
        if dtype.kind not in "buif":
            raise DataError(f"{where} is of type {dtype}, which is no number", "store images as uint8.")
        size = check_size(where, (*shape, dtype.itemsize))
        data = file.read(size)
        if len(data) < size or file.read(1):
            found = f"{len(data):,}" if len(data) < size else "more"
            raise DataError(f"{where} declares {size:,} bytes but holds {found}", "make it again with numpy.savez.")
    return np.frombuffer(data, dtype=dtype).reshape(shape, order="F" if fortran else "C")


def _npz_part(path: Path, arrays: dict[tuple[str, str], NDArray[Any]], part: str) -> Part | None:
    images, labels = arrays.get((part, "images")), arrays.get((part, "labels"))
    if images is None:
        return None
    pixels = _as_grey_bytes(images, path)
    if labels is None:
        return Part(pixels, None)
    if labels.shape != (len(pixels),) or labels.dtype.kind not in "bui":
        what = f"{labels.dtype} of shape {labels.shape}"
        raise DataError(f"the {part} labels of {path} are {what} for {len(pixels):,} images", _MATCH)
    return Part(pixels, labels.astype(np.int64))


def _as_grey_bytes(images: NDArray[Any], path: Path) -> Pixels:
    """(N, Y, X), (N, Y, X, 1), (N, 1, Y, X) or flat squares (N, D) -> uint8 (N, Y, X)."""
    if images.ndim == 4 and 1 in {images.shape[1], images.shape[3]}:
        images = images[:, 0] if images.shape[1] == 1 else images[..., 0]
    side = math.isqrt(images.shape[1]) if images.ndim == 2 else 0
    if images.ndim == 2 and side * side == images.shape[1]:
        images = images.reshape(-1, side, side)
    if images.ndim != 3:
        colour = images.ndim == 4 and 3 in {images.shape[1], images.shape[3]}
        what = "holds colour images" if colour else f"holds an array of shape {images.shape}"
        raise DataError(
            f"{path} {what}, but the models here are for grey ones", "store them as (count, rows, columns)."
        )
    if images.dtype == np.uint8:
        return images
    low, high = (float(images.min()), float(images.max())) if images.size else (0.0, 0.0)
    scale = 255.0 if images.dtype.kind in "bf" else 1.0
    if not (low >= 0.0 and high * scale <= 255.0):
        wanted = "0 to 1" if scale > 1 else "0 to 255"
        raise DataError(f"{path} holds {images.dtype} pixels from {low:g} to {high:g}", f"scale them to {wanted}.")
    return np.rint(images.astype(np.float64) * scale).astype(np.uint8)


# -- folders of pictures -----------------------------------------------------------------------------------


def _read_pictures(folder: Path) -> Parts:
    """Pictures in a folder, in class subfolders, or in train/ and test/ with either."""
    if (folder / "train").is_dir():
        train, classes = _read_class_folders(folder / "train", None)
        test = next((folder / name for name in ("test", "val", "valid") if (folder / name).is_dir()), None)
        return Parts(train, None if test is None else _read_class_folders(test, classes)[0], classes)
    part, classes = _read_class_folders(folder, None)
    return Parts(part, None, classes)


def _read_class_folders(folder: Path, classes: tuple[str, ...] | None) -> tuple[Part, tuple[str, ...] | None]:
    """Pictures and their classes: the subfolders that hold pictures; without such, no labels."""
    named = {p.name: _pictures_in(p) for p in sorted(folder.iterdir()) if p.is_dir()}
    named = {name: files for name, files in named.items() if files}
    loose = _pictures_in(folder, deep=False)
    if not named and not loose:
        raise DataError(f"{folder} holds no pictures", f"known endings: {', '.join(sorted(PICTURES))}.")
    if not named or loose:
        return Part(_stack([*loose, *(file for files in named.values() for file in files)]), None), None
    classes = classes or tuple(named)
    strange = named.keys() - set(classes)
    if strange:
        raise DataError(f"{folder} has a class {min(strange)!r} that the training part lacks", "use the same names.")
    labels = [classes.index(name) for name, files in named.items() for _ in files]
    return Part(_stack([f for files in named.values() for f in files]), np.array(labels, dtype=np.int64)), classes


def _pictures_in(folder: Path, deep: bool = True) -> list[Path]:
    files = folder.rglob("*") if deep else folder.iterdir()
    return sorted(p for p in files if p.suffix.lower() in PICTURES and p.is_file() and not p.name.startswith("."))


def _stack(files: list[Path]) -> Pixels:
    first = _read_picture(files[0], len(files))
    pixels = np.empty((len(files), *first.shape), dtype=np.uint8)
    for index, file in enumerate(files):
        picture = first if index == 0 else _read_picture(file, 1)
        if picture.shape != first.shape:
            sizes = [f"{s[1]}x{s[0]}" for s in (first.shape, picture.shape)]
            raise DataError(
                f"the pictures differ in size: {files[0]} is {sizes[0]}, {file} is {sizes[1]}",
                "scale them to one size first.",
            )
        pixels[index] = picture
    return pixels


def read_any_picture(file: Path) -> Pixels:
    """One picture in grey, whatever its colours, of shape (Y, X); where it is transparent it is white.

    Raises:
        DataError: missing, damaged, no picture, or too large.
    """
    if not file.is_file():
        what = f"{file} is a folder, not a picture" if file.is_dir() else f"there is no picture {file}"
        raise DataError(what, "check the path.")
    colours = _unpacked_picture(file, 1).astype(np.float32)
    opaque = colours[..., 3] / 255.0
    grey = colours[..., :3] @ np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601
    return (opaque * grey + (1.0 - opaque) * 255.0).round().astype(np.uint8)


def _read_picture(file: Path, count: int) -> Pixels:
    """One grey picture of shape (Y, X), of `count` such ones."""
    colours = _unpacked_picture(file, count)
    if (colours[..., 3] != 255).any():
        raise DataError(f"{file} is transparent in parts", "flatten the pictures first: 0 is background.")
    if (colours[..., :1] != colours[..., 1:3]).any():
        raise DataError(f"{file} is in colour, but the models here are for grey images", "convert them to grey first.")
    return np.ascontiguousarray(colours[..., 0])


def _unpacked_picture(file: Path, count: int) -> Pixels:
    """Red, green, blue and opacity, shape (Y, X, 4); the declared size, times `count`, is checked before.

    Pillow has its own limit for one picture; here its warning is as good as its error.
    """
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - needed for folders of pictures only

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file) as image:
                check_size(file, (count, image.height, image.width))
                _check_depth(file, image.mode)
                return np.asarray(image.convert("RGBA"))
    except UnidentifiedImageError as error:
        raise DataError(f"{file} is not a picture", "remove it, or save it again as PNG.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, OSError, SyntaxError, ValueError) as error:
        raise DataError(f"{file} cannot be read: {error}", "remove it, or save it again as PNG.") from error


def _check_depth(file: Path, mode: str) -> None:
    if mode.startswith(("I", "F")):
        raise DataError(f"{file} has more than 8 bits a pixel (mode {mode})", "save the pictures with 8 bits.")
