"""Every reader of data, with small whole files to begin from: what mutation starts with."""

import gzip
import io
import tarfile
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from faults.readers_of_ours import cached, documents
from faults.reading import DIGIT, LABELS, SOUND, STACK, TEXT, Reader
from genmodels.data import entries
from genmodels.data.images.files import find_images
from genmodels.data.images.pictures import read_any_picture
from genmodels.data.sound.formats.recordings import blocks_of, read_recording
from genmodels.data.sound.sets import fsdd
from genmodels.data.sound.sets.files import find_words
from genmodels.data.sound.sets.reading import read_all
from genmodels.data.text import corpus as texts
from genmodels.data.text.corpus import HowRead
from genmodels.telling import silent


def _picture(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    options |= {"append_images": [one.copy() for one in options["append_images"]]} if "append_images" in options else {}
    image.copy().save(out, kind, **options)  # saving leaves settings behind
    return out.getvalue()


def _pictures() -> dict[str, Reader]:
    grey = Image.fromarray(DIGIT)
    more = [Image.fromarray(page) for page in STACK[1:3]]
    several = {"save_all": True, "append_images": more}
    alpha = Image.fromarray(np.dstack([DIGIT] * 4))
    exif = Image.Exif()
    exif[0x0112] = 6
    made = {
        "png": _picture(grey, "PNG"),
        "png-rgb": _picture(grey.convert("RGB"), "PNG"),
        "png-alpha": _picture(alpha, "PNG"),
        "png-palette": _picture(grey.convert("P"), "PNG", transparency=0),
        "png-bits": _picture(grey.convert("1"), "PNG"),
        "png-animated": _picture(grey, "PNG", **several),
        "png-16": _picture(grey.convert("I;16"), "PNG"),
        "jpeg": _picture(grey, "JPEG"),
        "jpeg-turned": _picture(grey.convert("RGB"), "JPEG", exif=exif, progressive=True),
        "jpeg-cmyk": _picture(grey.convert("CMYK"), "JPEG"),
        "mpo": _picture(grey, "MPO", **several),
        "bmp": _picture(grey, "BMP"),
        "bmp-rgb": _picture(grey.convert("RGB"), "BMP"),
        "gif": _picture(grey, "GIF", **several),
        "webp": _picture(grey.convert("RGB"), "WEBP"),
        "webp-frames": _picture(grey.convert("RGB"), "WEBP", lossless=True),
        "tiff": _picture(grey, "TIFF"),
        "tiff-lzw": _picture(grey, "TIFF", compression="tiff_lzw", **several),
        "tiff-deflate": _picture(grey.convert("RGB"), "TIFF", compression="tiff_deflate"),
        "tiff-fax": _picture(grey.convert("1"), "TIFF", compression="group4"),
        "ppm": _picture(grey, "PPM"),
        "ppm-rgb": _picture(grey.convert("RGB"), "PPM"),
        "ppm-plain": b"P2\n3 2\n255\n0 9 200 255 3 4\n",
        "jpeg2000": _picture(grey, "JPEG2000"),
        "tga": _picture(grey, "TGA"),
        "tga-packed": _picture(grey, "TGA", compression="tga_rle"),
    }
    others = {
        f"set/{number}/{row}.png": _picture(Image.fromarray(STACK[row]), "PNG")
        for row in range(21)
        for number in [row % 2]
    }
    return {
        name: Reader(
            content, lambda path: read_any_picture(path, silent), "a.tga" if name.startswith("tga") else "a.png"
        )
        for name, content in made.items()
    } | {"folder of pictures": Reader(made["png"], lambda path: _set(path.parent.parent), "set/0/z.png", others)}


def _set(path: Path) -> None:
    find_images(path).read(None, True)


def _npz(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays) if "packed" in arrays else np.savez(out, **arrays)
    return out.getvalue()


def _zip(kind: int) -> bytes:
    out, array = io.BytesIO(), io.BytesIO()
    np.save(array, STACK)
    with zipfile.ZipFile(out, "w", kind) as archive:
        archive.writestr("images.npy", array.getvalue())
    return out.getvalue()


def _idx(*sizes: int, data: bytes) -> bytes:
    return b"\0\0\x08" + bytes([len(sizes)]) + np.array(sizes, ">u4").tobytes() + data


def _image_sets() -> dict[str, Reader]:
    images, labels = _idx(*STACK.shape, data=STACK.tobytes()), _idx(24, data=LABELS.astype(np.uint8).tobytes())
    one_hot = np.eye(3)[LABELS]
    npy = io.BytesIO()
    np.save(npy, STACK)
    name, beside = "train-images-idx3-ubyte", {"train-labels-idx1-ubyte": labels}
    made = {
        "npz": _npz(x_train=STACK, y_train=LABELS, x_test=STACK[:4], y_test=LABELS[:4]),
        "npz-floats": _npz(images=STACK / 255, labels=one_hot),
        "npz-bits": _npz(images=STACK > 0, labels=np.array(list("abc"))[LABELS]),
        "npz-packed": _npz(images=np.repeat(STACK[..., None], 3, axis=3), packed=LABELS),
        "npz-bzip2": _zip(zipfile.ZIP_BZIP2),
        "npz-lzma": _zip(zipfile.ZIP_LZMA),
        "npy": npy.getvalue(),
    }
    return {key: Reader(content, _set, "set.npz") for key, content in made.items()} | {
        "idx": Reader(images, _set, name, beside),
        "idx.gz": Reader(gzip.compress(images), _set, f"{name}.gz", beside),
        "idx labels": Reader(labels, lambda path: _set(path.parent), "train-labels-idx1-ubyte", {name: images}),
        "emnist": Reader(images, _set, f"emnist-letters-{name}", {"emnist-letters-train-labels-idx1-ubyte": labels}),
    }


def _texts() -> dict[str, Reader]:
    encodings = (
        "utf-8",
        "cp1252",
        "utf-16",
        "utf-32",
        "utf-7",
        "shift_jis",
        "gb18030",
        "euc_kr",
        "iso2022_jp",
        "punycode",
        "idna",
    )

    def read(how: HowRead) -> Callable[[Path], Any]:
        return lambda path: texts.open_corpus([str(path)], how, silent).text(0, 20)

    made = {
        f"text {name}": Reader(
            TEXT.encode(name, "replace") if name != "idna" else TEXT.encode(), read(HowRead(encoding=name))
        )
        for name in encodings
    }
    return made | {
        "text bytes": Reader(TEXT.encode(), read(HowRead(as_bytes=True))),
        "text.gz": Reader(gzip.compress(TEXT.encode()), read(HowRead())),
        "text folder": Reader(
            TEXT.encode("utf-8-sig"), lambda path: read(HowRead())(path.parent), "t/a.txt", {"t/b.txt": b"more\r\n"}
        ),
        "text zip": Reader(_zip(zipfile.ZIP_DEFLATED), read(HowRead()), "a.txt"),
    }


def _wav(bits: int = 16, rate: int = 8_000, channels: int = 1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((channels, bits // 8, rate, 0, "NONE", ""))
        file.writeframes(SOUND.tobytes())
    return out.getvalue()


def _sounds() -> dict[str, Reader]:
    made = {f"wav {bits}": _wav(bits) for bits in (8, 16, 24, 32)} | {"wav two": _wav(rate=11_025, channels=2)}
    try:
        import soundfile
    except ImportError:
        soundfile = None
    if soundfile is not None:
        for kind in ("FLAC", "OGG", "AIFF", "AU", "CAF", "W64", "MP3"):
            out = io.BytesIO()
            soundfile.write(out, SOUND, 8_000, format=kind)
            made[kind.lower()] = out.getvalue()
    readers = {
        name: Reader(content, lambda path: read_recording(path, silent), "a.wav") for name, content in made.items()
    }
    beside = {f"set/{word}/{number}.wav": _wav() for word in ("yes", "no") for number in range(6)}
    rows = "".join(f"set/{word}/{number}.wav,{word},ann\n" for word in ("yes", "no") for number in range(6))
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as archive:
        for name in sorted(fsdd.FILES)[:3]:
            member = tarfile.TarInfo(f"free/recordings/{name}")
            member.size, member.pax_headers = len(_wav()), {"comment": "x" * 40}
            archive.addfile(member, io.BytesIO(_wav()))
    return readers | {
        "wav in blocks": Reader(made["wav 16"], lambda path: list(blocks_of(path, silent)), "a.wav"),
        "folder of words": Reader(
            made["wav 16"], lambda path: read_all(find_words(path.parent.parent)), "set/no/9.wav", beside
        ),
        "list of words": Reader(
            f"path,words,speaker\n{rows}".encode(), lambda path: read_all(find_words(path)), "list.csv", beside
        ),
        "tar.gz": Reader(tar.getvalue(), lambda path: fsdd.placed(path.parent), "d/a.tar.gz"),
        "tar": Reader(gzip.decompress(tar.getvalue()), _packed_and_placed, "d/a.tar"),
    }


def _packed_and_placed(path: Path) -> None:
    """Damage within an archive, which its packing does not find."""
    path.with_suffix(".tar.gz").write_bytes(gzip.compress(path.read_bytes(), 1))
    fsdd.placed(path.parent)


def all_readers(folder: Path, cache: Path) -> dict[str, Reader]:
    """Every reader by a name; `folder` is for files that are made, `cache` is the cache folder."""
    assert entries.MANIFEST
    return _pictures() | _image_sets() | _texts() | _sounds() | documents(folder) | cached(cache)
