"""Pictures, and folders of them."""

import warnings
from pathlib import Path

import numpy as np

from genmodels.data.images.parts import Part, Parts, Pixels, check_size
from genmodels.errors import DataError

PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm"}


def read_pictures(folder: Path) -> Parts:
    """Pictures in a folder, in class subfolders, or in train/ and test/ with either."""
    if (folder / "train").is_dir():
        train, classes = _read_class_folders(folder / "train", None)
        test = next((folder / name for name in ("test", "val", "valid") if (folder / name).is_dir()), None)
        return Parts(train, None if test is None else _read_class_folders(test, classes)[0], classes)
    part, classes = _read_class_folders(folder, None)
    return Parts(part, None, classes)


def _read_class_folders(folder: Path, classes: tuple[str, ...] | None) -> tuple[Part, tuple[str, ...] | None]:
    """Pictures and their classes: the subfolders that hold pictures; without such, no labels."""
    named = {p.name: pictures_in(p) for p in sorted(folder.iterdir()) if p.is_dir()}
    named = {name: files for name, files in named.items() if files}
    loose = pictures_in(folder, deep=False)
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


def pictures_in(folder: Path, deep: bool = True) -> list[Path]:
    """The pictures in a folder, by their endings, and those in its subfolders unless not `deep`."""
    files = folder.rglob("*") if deep else folder.iterdir()
    return sorted(p for p in files if p.suffix.lower() in PICTURES and p.is_file() and not p.name.startswith("."))


def _stack(files: list[Path]) -> Pixels:
    first = read_picture(files[0], len(files))
    pixels = np.empty((len(files), *first.shape), dtype=np.uint8)
    for index, file in enumerate(files):
        picture = first if index == 0 else read_picture(file, 1)
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


def read_picture(file: Path, count: int) -> Pixels:
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
