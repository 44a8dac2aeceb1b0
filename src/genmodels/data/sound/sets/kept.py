"""Sets of words in the cache: written whole, checked byte for byte."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.data import entries
from genmodels.data.entries import DamagedError, Entry, Making, pieces_of
from genmodels.data.shelf import Shelf
from genmodels.data.sound.clips import Clips, WordSet
from genmodels.durable import to_json
from genmodels.telling import Notice, silent

KIND, FACTS = "words", "words.json"
FORMAT = 1
_PARTS = ("train", "test")


def fingerprint_of(train: Clips, test: Clips, words: tuple[str, ...], speakers: tuple[str, ...] | None) -> str:
    """What a run remembers of a set that was read: SHA-256 over samples, words and speakers of both parts."""
    digest = hashlib.sha256(repr((words, speakers, len(train), len(test))).encode("utf-8", "surrogateescape"))
    for clips in (train, test):
        for array in _arrays(clips).values():
            digest.update(array.data)
    return digest.hexdigest()


def _arrays(clips: Clips) -> dict[str, NDArray[Any]]:
    """The arrays of a part as they are stored; nothing for speakers that are not known."""
    numbers = {"starts": clips.starts, "words": clips.words, "word_starts": clips.word_starts}
    numbers |= {} if clips.speakers is None else {"speakers": clips.speakers}
    stored = {name: np.ascontiguousarray(array, dtype="<i8") for name, array in numbers.items()}
    return {"samples": np.ascontiguousarray(clips.samples, dtype="<i2"), **stored}


def keep(key: str, words: WordSet, notice: Notice = silent) -> WordSet:
    """Write a set into the cache, durably and as a whole, and open it from there.

    Args:
        key: names it in the cache.
        words: the set.
        notice: is told where it is kept elsewhere.

    Raises:
        ResourceError: no cache can be written.
    """
    return entries.keep(KIND, key, lambda making: _fill(making, words), lambda: open_kept(key, words.source), notice)


def _fill(making: Making, words: WordSet) -> None:
    """The arrays of both parts, and the facts with which they are read back."""
    parts = dict(zip(_PARTS, (words.train, words.test), strict=True))
    for part, clips in parts.items():
        for name, array in _arrays(clips).items():
            making.write(f"{part}-{name}", pieces_of(array))
    facts = {
        "format": FORMAT,
        "name": words.name,
        "fingerprint": words.fingerprint,
        "words": list(words.words),
        "speakers": None if words.speakers is None else list(words.speakers),
        "files": {part: list(clips.files) for part, clips in parts.items()},
        "reading": dict(words.reading),
        "sha256": {name: found for name, (_, found) in making.sums.items()},
    }
    making.write(FACTS, [to_json(facts)])


def _opened(entry: Entry, source: str) -> WordSet:
    """A set out of its entry.

    Raises:
        DamagedError: it is damaged.
    """
    facts = entry.json(FACTS)
    arrays = {name: entry.array(name, _dtype_of(name)) for name in facts["sha256"]}
    sums = facts["sha256"] if entry.sums is None else {}  # of an entry with a manifest they are looked at as it is read
    right = all(hashlib.sha256(arrays[name].data).hexdigest() == known for name, known in sums.items())
    if facts["format"] != FORMAT or not right:
        raise DamagedError("it is not as it was written")
    train, test = (_part(part, arrays, facts) for part in _PARTS)
    speakers = None if facts["speakers"] is None else tuple(map(str, facts["speakers"]))
    name, fingerprint, reading = str(facts["name"]), str(facts["fingerprint"]), dict(facts["reading"])
    return WordSet(name, source, train, test, tuple(map(str, facts["words"])), speakers, fingerprint, reading)


open_kept = Shelf(KIND, _opened).open


def _dtype_of(name: str) -> str:
    return "<i2" if name.endswith("-samples") else "<i8"


def _part(part: str, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> Clips:
    """One part out of the arrays of both."""
    speakers = arrays[f"{part}-speakers"] if facts["speakers"] is not None else None
    starts, words, word_starts = (arrays[f"{part}-{name}"] for name in ("starts", "words", "word_starts"))
    return Clips(arrays[f"{part}-samples"], starts, words, word_starts, speakers, list(facts["files"][part]))


def kept_by_fingerprint(fingerprint: str, source: str, notice: Notice = silent) -> WordSet | None:
    """A set from the cache that has this fingerprint, wherever its files were; None when there is none."""

    def opened(entry: Entry) -> WordSet | None:
        return _opened(entry, source) if entry.json(FACTS)["fingerprint"] == fingerprint else None

    found = (entries.look(KIND, key, opened, notice, gone=True) for key in entries.keys_of(KIND))
    return next((one for one in found if one is not None), None)
