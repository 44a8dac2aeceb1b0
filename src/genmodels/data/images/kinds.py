"""What a file is, told by how it begins and not by its name, but for Targa pictures, which begin with nothing."""

import re
from pathlib import Path

from genmodels.errors import DataError

HEAD = 2048  # bytes that are looked at: beyond a GIF's palette

# Still pictures, by the names that Pillow gives their decoders; none of these starts another program.
PICTURES: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("PNG", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("JPEG", re.compile(rb"\xff\xd8\xff")),
    ("GIF", re.compile(rb"GIF8[79]a")),
    ("WEBP", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
    ("TIFF", re.compile(rb"II[*+]\0|MM\0[*+]")),
    ("BMP", re.compile(rb"BM.{4}\0{4}", re.DOTALL)),
    ("PPM", re.compile(rb"P[1-6](\s|#[^\n]*\n)+\d")),
    ("AVIF", re.compile(rb".{4}ftyp(avif|avis|mif1.{8,40}avif)", re.DOTALL)),
    ("JPEG2000", re.compile(rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51")),
)
ENDINGS = {
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pbm", ".pgm", ".pnm",
    ".tga", ".avif",
}  # fmt: skip
"""Names that promise a picture; nothing is read by them."""
TARGA_ENDING = ".tga"  # such files begin with nothing of their own

OTHERS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("an EPS or PostScript file", re.compile(rb"\xef?\xbb?\xbf?%!PS|\xc5\xd0\xd3\xc6")),
    ("a PDF", re.compile(rb"%PDF-")),
    ("a HEIC picture", re.compile(rb".{4}ftyp(hei|hev|mif1|msf1)", re.DOTALL)),
    ("an SVG drawing", re.compile(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg", re.DOTALL)),
    ("a Photoshop file", re.compile(rb"8BPS")),
    ("an icon", re.compile(rb"\0\0[\x01\x02]\0[^\0]\0")),
    ("a web page", re.compile(rb"\s*<(!doctype html|html)", re.IGNORECASE)),
    ("a gzip archive", re.compile(rb"\x1f\x8b")),
    ("a zip archive", re.compile(rb"PK\x03\x04|PK\x05\x06")),
    ("a 7z archive", re.compile(rb"7z\xbc\xaf\x27\x1c")),
    ("a RAR archive", re.compile(rb"Rar!\x1a\x07")),
    ("an xz archive", re.compile(rb"\xfd7zXZ\0")),
    ("a bzip2 archive", re.compile(rb"BZh[1-9]1AY&SY")),
    ("a tar archive", re.compile(rb".{257}ustar", re.DOTALL)),
    ("an HDF5 file", re.compile(rb"\x89HDF\r\n\x1a\n")),
    ("a MATLAB file", re.compile(rb"MATLAB 5\.0 MAT-file")),
    ("a single NumPy array (.npy)", re.compile(rb"\x93NUMPY")),
    ("a Parquet table", re.compile(rb"PAR1")),
    ("an SQLite database", re.compile(rb"SQLite format 3\0")),
    ("a pickle, which is never opened", re.compile(rb"\x80[\x02-\x05][\]}ch\x8a\x8c\x95(]")),
)
_WAYS_OUT = {
    "a single NumPy array (.npy)": "numpy.savez('set.npz', images=numpy.load('FILE')) makes an .npz of it.",
    "an HDF5 file": "read it with h5py and store the arrays with numpy.savez(path, x_train=..., y_train=...).",
    "a MATLAB file": "read it with scipy.io.loadmat and store it with numpy.savez(path, images=..., labels=...).",
    "a pickle, which is never opened": "store its arrays with numpy.savez(path, images=..., labels=...).",
    "a PDF": "save its pages as PNG.",
    "a HEIC picture": "save it as PNG or JPEG.",
    "an EPS or PostScript file": "save it as PNG: reading it would start another program.",
    "an SVG drawing": "save it as PNG.",
}


def head_of(path: Path) -> bytes:
    """How a file begins.

    Raises:
        DataError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}", "check its permissions.") from error


def picture_format(path: Path, head: bytes) -> str | None:
    """Which of Pillow's decoders reads a file; None for what is no picture that is read here."""
    found = next((name for name, begins in PICTURES if begins.match(head)), None)
    if found is None and path.suffix.lower() == TARGA_ENDING and head:
        return "TGA"
    return found


def other_kind(head: bytes) -> str | None:
    """What a file is that is no picture and no image set, as a sentence names it; None where that is not known."""
    return next((told for told, begins in OTHERS if begins.match(head)), None)


def way_out(kind: str | None, otherwise: str) -> str:
    """What to do with a file of some kind."""
    if kind is not None and "archive" in kind:
        return "unpack it and give the folder."
    return _WAYS_OUT.get(kind or "", otherwise)


def no_picture(path: Path, head: bytes) -> DataError:
    """What to say of a file that should be a picture."""
    kind = other_kind(head)
    told = f"{path} is not a picture" + ("" if kind is None else f": it is {kind}")
    return DataError(told, way_out(kind, "remove it, or save it again as PNG."))
