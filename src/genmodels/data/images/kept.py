"""Image sets in the cache: written whole, checked byte for byte."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from genmodels.data.cache import CACHE_HINT, cache_folder
from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.parts import Part, Parts
from genmodels.durable import disk_errors, published_directory, read_json, sweep_temporaries, to_json, write_synced
from genmodels.errors import DataError, RunError
from genmodels.ordinary import read_ordinary

FORMAT = 1


def legible(name: str) -> str:
    """A name without bytes that are no text, which a file's may hold."""
    return name.encode("utf-8", "backslashreplace").decode()


def keep(key: str, name: str, source: str, parts: Parts, held_out: bool) -> ImageSet:
    """Write a set into the cache, durably and as a whole, and open it from there.

    Args:
        key: names it in the cache.
        name: what figures call it.
        source: what --dataset said.
        parts: training and test images.
        held_out: whether the test images were held out of what was given.
    """
    assert parts.test is not None
    target = cache_folder() / "images" / key
    files = _as_files(name, parts, parts.test, held_out)

    def is_good() -> bool:
        return open_kept(key, source) is not None

    with disk_errors(target, CACHE_HINT), published_directory(target, is_good) as folder:
        sweep_temporaries(target.parent, seconds_old=86_400.0)
        for file, content in files.items():
            write_synced(folder / file, content)
    kept = open_kept(key, source)
    if kept is None:
        raise DataError(f"the cache {cache_folder()} does not keep what is written", "set GENMODELS_CACHE elsewhere.")
    return kept


def _as_files(name: str, parts: Parts, test: Part, held_out: bool) -> dict[str, bytes]:
    """File -> its content: pixels, labels, and the facts with which they are read back."""
    both = [parts.train, test]
    labelled = all(part.labels is not None for part in both)
    pixels = b"".join(part.pixels.tobytes() for part in both)
    labels = b"".join(part.labels.astype("<i8").tobytes() for part in both if part.labels is not None)
    labels = labels if labelled else b""
    facts = {
        "format": FORMAT,
        "name": name,
        "counts": [len(part.pixels) for part in both],
        "shape": list(parts.train.pixels.shape[1:]),
        "classes": _class_names(parts) if labelled else None,
        "sha256": _sum_of(pixels, labels),
        "held_out": held_out,
        "guesses": [legible(sentence) for sentence in parts.guesses],
        "unused": {legible(name): reason for name, reason in parts.unused.items()},
    }
    return {"pixels": pixels, "labels": labels, "images.json": to_json(facts)}


def _sum_of(pixels: bytes, labels: bytes) -> str:
    """SHA-256 over both."""
    digest = hashlib.sha256(pixels)
    digest.update(labels)
    return digest.hexdigest()


def _class_names(parts: Parts) -> list[str]:
    """Names for the labels 0 to the largest."""
    assert parts.classes is not None
    return list(map(legible, parts.classes))


def open_kept(key: str, source: str) -> ImageSet | None:
    """A set from the cache, checked byte for byte; None when it is not there or is damaged."""
    folder = cache_folder() / "images" / key
    try:
        facts = read_json(folder / "images.json")
        pixels, labels = read_ordinary(folder / "pixels"), read_ordinary(folder / "labels")
        if facts["format"] != FORMAT or _sum_of(pixels, labels) != facts["sha256"]:
            return None
        train, test = (int(n) for n in facts["counts"])
        rows, columns = (int(n) for n in facts["shape"])
        images = np.frombuffer(pixels, dtype=np.uint8).reshape(train + test, rows, columns)
        kinds = None if facts["classes"] is None else np.frombuffer(labels, dtype="<i8").astype(np.int64)
        classes = None if facts["classes"] is None else tuple(str(c) for c in facts["classes"])
    except (RunError, OSError, KeyError, TypeError, ValueError):
        return None
    parts = [
        Part(images[span], None if kinds is None else kinds[span]) for span in (slice(0, train), slice(train, None))
    ]
    name, told = str(facts["name"]), {key: facts[key] for key in ("held_out", "guesses", "unused") if key in facts}
    return ImageSet(name, source, parts[0], parts[1], classes, fingerprint_of(facts), told)


def fingerprint_of(facts: Mapping[str, Any]) -> str:
    """What a run remembers of a set: SHA-256 over sizes, pixels and labels."""
    return hashlib.sha256(f"{facts['counts']}{facts['shape']}{facts['sha256']}".encode()).hexdigest()


def kept_by_fingerprint(fingerprint: str, source: str) -> ImageSet | None:
    """A set from the cache that has this fingerprint, wherever its files were; None when there is none."""
    for folder in sorted((cache_folder() / "images").glob("*/images.json")):
        try:
            if fingerprint_of(read_json(folder)) == fingerprint:
                kept = open_kept(folder.parent.name, source)
                if kept is not None:
                    return kept
        except (RunError, OSError, KeyError, TypeError):
            continue
    return None
