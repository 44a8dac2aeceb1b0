"""Every reader of data, with small whole files to begin from: what mutation starts with."""

import gzip
import io
import json
import tarfile
import wave
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from genmodels.data import entries
from genmodels.data.images import kept as kept_images
from genmodels.data.images.files import find_images
from genmodels.data.images.parts import Part, Parts
from genmodels.data.images.pictures import read_any_picture
from genmodels.data.sound.formats.recordings import blocks_of, read_recording
from genmodels.data.sound.sets import fsdd
from genmodels.data.sound.sets.files import find_words
from genmodels.data.sound.sets.reading import read_all
from genmodels.data.text import corpus as texts
from genmodels.data.text.corpus import HowRead
from genmodels.data.text.recorded import reopen_corpus
from genmodels.runs import RunDir
from genmodels.runs.checkpoint import read_checkpoint, write_checkpoint
from genmodels.settings.resolving import read_config, run_document
from genmodels.telling import silent

DIGIT = np.zeros((12, 10), np.uint8)
DIGIT[2:10, 3:7] = 255
STACK = np.stack([np.roll(DIGIT, shift, axis=1) for shift in range(24)])
LABELS = np.arange(24) % 3
TEXT = "The cat sat on the mat; the dog sat by the door.\n" * 6
SOUND = (np.sin(np.arange(4_000) / 7) * 9_000).astype("<i2")


@dataclass(frozen=True)
class Reader:
    """A way in for files.

    Args:
        whole: content of a whole file.
        read: reads the file of this path; gives nothing or raises.
        name: what the file is called.
        beside: other files in the folder: path -> content.
    """

    whole: bytes
    read: Callable[[Path], Any]
    name: str = "file"
    beside: Mapping[str, bytes] = ()  # type: ignore[assignment]


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


def _documents(folder: Path) -> dict[str, Reader]:
    """Settings, runs and their states, made in a folder."""
    weights = {"model": {"weight": np.arange(12, dtype=np.float32).reshape(3, 4)}}
    write_checkpoint(folder / "made", weights, {"step": 3, "epoch": 1})
    state = {file.name: file.read_bytes() for file in (folder / "made").iterdir()}
    run = {
        "format": 1,
        "family": "text",
        "settings": {"seed": {"value": 1, "from": "flag"}},
        "data": {"sources": ["-"], "fingerprint": "0"},
        "plan": None,
    }
    metrics = b"".join(
        json.dumps({"epoch": n, "step": n, "split": "validation", "nll": 2.0, "seconds": 1.0}).encode() + b"\n"
        for n in range(3)
    )

    def sealed(path: Path) -> None:
        """With a manifest that fits: who changes a file can change its sum, too."""
        manifest = json.loads(state["manifest.json"])
        data = path.read_bytes()
        manifest["files"][path.name] = {"bytes": len(data), "sha256": sha256(data).hexdigest()}
        (path.parent / "manifest.json").write_text(json.dumps(manifest))
        read_checkpoint(path.parent)

    def of_run(path: Path) -> None:
        one = RunDir(path.parent)
        one.document()
        one.metrics()
        one.evaluations()

    return {
        "toml": Reader(b'hidden_size = 8\nmodel = "lstm"\n[more]\nx = [1, 2.5, "a"]\n', read_config, "a.toml"),
        "config json": Reader(json.dumps({"hidden_size": 8, "x": [1, {"y": None}]}).encode(), read_config, "a.json"),
        "run as config": Reader(json.dumps(run).encode(), run_document, "run.json"),
        "run.json": Reader(json.dumps(run).encode(), of_run, "r/run.json", {"r/metrics.jsonl": metrics}),
        "metrics": Reader(metrics, of_run, "r/metrics.jsonl", {"r/run.json": json.dumps(run).encode()}),
        "state": Reader(
            state["model.safetensors"],
            lambda path: read_checkpoint(path.parent),
            "s/model.safetensors",
            {f"s/{name}": data for name, data in state.items()},
        ),
        "state, sealed": Reader(
            state["model.safetensors"],
            sealed,
            "s/model.safetensors",
            {f"s/{name}": data for name, data in state.items()},
        ),
        "state.json, sealed": Reader(
            state["state.json"], sealed, "s/state.json", {f"s/{name}": data for name, data in state.items()}
        ),
        "manifest": Reader(
            state["manifest.json"],
            lambda path: read_checkpoint(path.parent),
            "s/manifest.json",
            {f"s/{name}": data for name, data in state.items()},
        ),
        "data of a run": Reader(
            json.dumps(
                {
                    "sources": ["a"],
                    "fingerprint": "0",
                    "encoding": "utf-8",
                    "bytes": False,
                    "max_vocabulary": 9,
                    "extends": [97, 98],
                    "glob": "*",
                }
            ).encode(),
            _described,
            "a.json",
        ),
    }


def _described(path: Path) -> None:
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return
    if isinstance(described, dict):
        reopen_corpus(described, silent)


def _cached(cache: Path) -> dict[str, Reader]:
    """Entries of the cache of an earlier version, which have no manifest, and of this one."""
    parts = Parts(Part(STACK, LABELS), Part(STACK[:4], LABELS[:4]), ("a", "b", "c"))
    kept_images.keep("key", "set", "set", parts, False)
    files = {file.name: file.read_bytes() for file in (cache / "images" / "key").iterdir()}

    def look(path: Path) -> None:
        (cache / "images" / "key" / path.name).write_bytes(path.read_bytes())
        try:
            found = kept_images.open_kept("key", "set", gone=True)
            assert found is None or found.classes == ("a", "b", "c"), "it was believed"
        finally:
            (cache / "images" / "key" / path.name).write_bytes(files[path.name])

    def unsealed(path: Path) -> None:
        (cache / "images" / "old").mkdir(exist_ok=True)
        for name in ("pixels", "labels"):
            (cache / "images" / "old" / name).write_bytes(files[name])
        (cache / "images" / "old" / path.name).write_bytes(path.read_bytes())
        kept_images.open_kept("old", "set", gone=True)

    made = {f"kept {name}": Reader(content, look, name) for name, content in files.items()}
    return made | {"kept before": Reader(files["images.json"], unsealed, "images.json")}


def all_readers(folder: Path, cache: Path) -> dict[str, Reader]:
    """Every reader by a name; `folder` is for files that are made, `cache` is the cache folder."""
    assert entries.MANIFEST
    return _pictures() | _image_sets() | _texts() | _sounds() | _documents(folder) | _cached(cache)
