"""Image sets in the cache: written whole, checked byte for byte."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.data import entries
from genmodels.data.entries import DamagedError, Entry, Making, pieces_of
from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.parts import Part, Parts
from genmodels.data.shelf import Shelf
from genmodels.durable import to_json
from genmodels.telling import Notice, silent

KIND, FACTS = "images", "images.json"
FORMAT = 1


def legible(name: str) -> str:
    """A name without bytes that are no text, which a file's may hold."""
    return name.encode("utf-8", "backslashreplace").decode()


def keep(key: str, name: str, source: str, parts: Parts, held_out: bool, notice: Notice = silent) -> ImageSet:
    """Write a set into the cache, durably and as a whole, and open it from there.

    Args:
        key: names it in the cache.
        name: what figures call it.
        source: what --dataset said.
        parts: training and test images.
        held_out: whether the test images were held out of what was given.
        notice: is told where it is kept elsewhere.

    Raises:
        ResourceError: no cache can be written.
    """

    def fill(making: Making) -> None:
        _fill(making, name, parts, held_out)

    return entries.keep(KIND, key, fill, lambda: open_kept(key, source), notice)


def _fill(making: Making, name: str, parts: Parts, held_out: bool) -> None:
    """Pixels, labels, and the facts with which they are read back."""
    assert parts.test is not None
    both = [parts.train, parts.test]
    labels = [part.labels.astype("<i8") for part in both if part.labels is not None]
    labels = labels if len(labels) == len(both) else []
    pixels = [part.pixels for part in both]
    making.write("pixels", pieces_of(*pixels))
    making.write("labels", pieces_of(*labels))
    facts = {
        "format": FORMAT,
        "name": name,
        "counts": [len(part.pixels) for part in both],
        "shape": list(parts.train.pixels.shape[1:]),
        "classes": list(map(legible, parts.classes or ())) if labels else None,
        "sha256": _sum_of(*pixels, *labels),
        "held_out": held_out,
        "guesses": [legible(sentence) for sentence in parts.guesses],
        "unused": {legible(name): reason for name, reason in parts.unused.items()},
    }
    making.write(FACTS, [to_json(facts)])


def _sum_of(*arrays: NDArray[Any]) -> str:
    """SHA-256 over all."""
    digest = hashlib.sha256()
    for piece in pieces_of(*arrays):
        digest.update(piece)
    return digest.hexdigest()


def _opened(entry: Entry, source: str) -> ImageSet:
    """A set out of its entry.

    Raises:
        DamagedError: it is damaged.
    """
    facts = entry.json(FACTS)
    pixels, labels = entry.array("pixels"), entry.array("labels", "<i8")
    if facts["format"] != FORMAT or (entry.sums is None and _sum_of(pixels, labels) != facts["sha256"]):
        raise DamagedError("it is not as it was written")
    train, test = (int(n) for n in facts["counts"])
    images = pixels.reshape(train + test, *map(int, facts["shape"]))
    classes = None if facts["classes"] is None else tuple(str(c) for c in facts["classes"])
    parts = [
        Part(images[span], None if classes is None else labels[span].astype(np.int64))
        for span in (slice(0, train), slice(train, None))
    ]
    name, told = str(facts["name"]), {key: facts[key] for key in ("held_out", "guesses", "unused") if key in facts}
    return ImageSet(name, source, parts[0], parts[1], classes, fingerprint_of(facts), told)


open_kept = Shelf(KIND, _opened).open


def fingerprint_of(facts: Mapping[str, Any]) -> str:
    """What a run remembers of a set: SHA-256 over sizes, pixels and labels."""
    return hashlib.sha256(f"{facts['counts']}{facts['shape']}{facts['sha256']}".encode()).hexdigest()


def kept_by_fingerprint(fingerprint: str, source: str, notice: Notice = silent) -> ImageSet | None:
    """A set from the cache that has this fingerprint, wherever its files were; None when there is none."""

    def opened(entry: Entry) -> ImageSet | None:
        same = fingerprint_of(entry.json(FACTS)) == fingerprint
        return _opened(entry, source) if same else None

    found = (entries.look(KIND, key, opened, notice, gone=True) for key in entries.keys_of(KIND))
    return next((one for one in found if one is not None), None)
