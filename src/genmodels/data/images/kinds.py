"""Which files are pictures, by how they begin, and what to do with those that are none."""

from pathlib import Path

from genmodels.data.signatures import BINARY, MARKUP, PICTURES, first_of
from genmodels.errors import DataError
from genmodels.ordinary import open_ordinary

HEAD = 2048  # bytes that are looked at: beyond a GIF's palette

ENDINGS = {
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pbm", ".pgm", ".pnm",
    ".tga", ".avif",
}  # fmt: skip
"""Names that promise a picture; nothing is read by them."""
TARGA_ENDING = ".tga"  # such files begin with nothing of their own

_PACKED = {"gzip", "bzip2", "xz", "zstd", "lz4", "a 7z", "a RAR", "a tar", "a zip"}
_WAYS_OUT = {
    "a NumPy array (.npy)": "numpy.savez('set.npz', images=numpy.load('FILE')) makes an .npz of it.",
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
        with open_ordinary(path) as file:
            return file.read(HEAD)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}", "check its permissions.") from error


def picture_format(path: Path, head: bytes) -> str | None:
    """Which of Pillow's decoders reads a file; None for what is no picture that is read here."""
    found = first_of(head, PICTURES)
    if found is None and path.suffix.lower() == TARGA_ENDING and head:
        return "TGA"
    return found


def other_kind(head: bytes) -> str | None:
    """What a file is that is no picture and no image set, as a sentence names it; None where that is not known."""
    return first_of(head, BINARY, MARKUP)


def way_out(kind: str | None, otherwise: str) -> str:
    """What to do with a file of some kind."""
    if kind is not None and kind.split(" archive")[0] in _PACKED:
        return "unpack it and give the folder."
    return _WAYS_OUT.get(kind or "", otherwise)


def no_picture(path: Path, head: bytes) -> DataError:
    """What to say of a file that should be a picture."""
    kind = other_kind(head)
    told = f"{path} is not a picture" + ("" if kind is None else f": it is {kind}")
    return DataError(told, way_out(kind, "remove it, or save it again as PNG."))
