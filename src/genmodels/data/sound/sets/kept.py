"""Sets of words in the cache: written whole, checked byte for byte."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.data.cache import CACHE_HINT, cache_folder
from genmodels.data.sound.clips import Clips, WordSet
from genmodels.durable import disk_errors, published_directory, read_json, sweep_temporaries, to_json, write_synced
from genmodels.errors import DataError, RunError

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


def keep(key: str, words: WordSet) -> WordSet:
    """Write a set into the cache, durably and as a whole, and open it from there.

    Args:
        key: names it in the cache.
        words: the set.
    """
    target = cache_folder() / "words" / key

    def is_good() -> bool:
        return open_kept(key, words.source) is not None

    with disk_errors(target, CACHE_HINT), published_directory(target, is_good) as folder:
        sweep_temporaries(target.parent, seconds_old=86_400.0)
        for file, content in _as_files(words).items():
            write_synced(folder / file, content)
    kept = open_kept(key, words.source)
    if kept is None:
        raise DataError(f"the cache {cache_folder()} does not keep what is written", "set GENMODELS_CACHE elsewhere.")
    return kept


def _as_files(words: WordSet) -> dict[str, bytes]:
    """File -> its content: the arrays of both parts, and the facts with which they are read back."""
    parts = dict(zip(_PARTS, (words.train, words.test), strict=True))
    arrays = {f"{part}-{name}": a.tobytes() for part, clips in parts.items() for name, a in _arrays(clips).items()}
    facts = {
        "format": FORMAT,
        "name": words.name,
        "fingerprint": words.fingerprint,
        "words": list(words.words),
        "speakers": None if words.speakers is None else list(words.speakers),
        "files": {part: list(clips.files) for part, clips in parts.items()},
        "reading": dict(words.reading),
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in arrays.items()},
    }
    return {**arrays, "words.json": to_json(facts)}


def open_kept(key: str, source: str) -> WordSet | None:
    """A set from the cache, checked byte for byte; None when it is not there or is damaged."""
    folder = cache_folder() / "words" / key
    try:
        facts = read_json(folder / "words.json")
        if facts["format"] != FORMAT:
            return None
        arrays = {name: np.fromfile(folder / name, dtype=_dtype_of(name)) for name in facts["sha256"]}
        if any(hashlib.sha256(a.data).hexdigest() != facts["sha256"][name] for name, a in arrays.items()):
            return None
        train, test = (_part(part, arrays, facts) for part in _PARTS)
        speakers = None if facts["speakers"] is None else tuple(map(str, facts["speakers"]))
        name, fingerprint, reading = str(facts["name"]), str(facts["fingerprint"]), dict(facts["reading"])
        return WordSet(name, source, train, test, tuple(map(str, facts["words"])), speakers, fingerprint, reading)
    except (RunError, OSError, KeyError, TypeError, ValueError, AttributeError):
        return None


def _dtype_of(name: str) -> str:
    return "<i2" if name.endswith("-samples") else "<i8"


def _part(part: str, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> Clips:
    """One part out of the arrays of both."""
    speakers = arrays[f"{part}-speakers"] if facts["speakers"] is not None else None
    starts, words, word_starts = (arrays[f"{part}-{name}"] for name in ("starts", "words", "word_starts"))
    return Clips(arrays[f"{part}-samples"], starts, words, word_starts, speakers, list(facts["files"][part]))


def kept_by_fingerprint(fingerprint: str, source: str) -> WordSet | None:
    """A set from the cache that has this fingerprint, wherever its files were; None when there is none."""
    for facts in sorted((cache_folder() / "words").glob("*/words.json")):
        try:
            if read_json(facts)["fingerprint"] == fingerprint:
                kept = open_kept(facts.parent.name, source)
                if kept is not None:
                    return kept
        except (RunError, OSError, KeyError, TypeError):
            continue
    return None
