"""Image files -> uint8 arrays: IDX, npz, and folders of pictures.

Nothing is unpacked before its declared size was checked, and never more of it than was declared, so that a small
file that unpacks to a huge one (a compressed bomb) is refused before the memory is taken.
"""

import zipfile
from pathlib import Path

from genmodels.data.images.idx import idx_files, read_idx_folder, read_idx_pair
from genmodels.data.images.npz import read_npz
from genmodels.data.images.parts import Parts, Pixels, damage
from genmodels.data.images.pictures import PICTURES, pictures_in, read_picture, read_pictures
from genmodels.errors import DataError


def read_parts(path: Path) -> Parts:
    """Read an image set: a folder of pictures or of IDX files, an .npz, or an IDX file.

    Raises:
        DataError: missing, not an image set, damaged, of mixed sizes, in colour, or too large.
    """
    if path.is_dir():
        return read_idx_folder(path) if idx_files(path) else read_pictures(path)
    if not path.exists():
        raise DataError(f"there is no image set {path}", "give a folder of pictures, an .npz or IDX files.")
    return _read_file(path)


def _read_file(path: Path) -> Parts:
    """An .npz or an IDX file, told apart by how it begins."""
    with damage(path):
        with path.open("rb") as file:
            head = file.read(4)
        if zipfile.is_zipfile(path):
            return read_npz(path)
        if head[:2] in {b"\x1f\x8b", b"\0\0"}:
            return Parts(read_idx_pair(path), None)
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
        return read_picture(path, 1)[None]
    parts = read_parts(path)
    return (parts.test or parts.train).pixels


def image_files(folder: Path) -> list[Path]:
    """The files in a folder that `read_parts` would read."""
    return sorted(idx_files(folder).values()) or pictures_in(folder)
