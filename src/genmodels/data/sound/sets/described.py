"""A set of words in words: what the first line of a training says, and what run.json keeps of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.data.passed_over import PassedOver, Taken, recorded
from genmodels.data.sound.clips import Clips, WordSet
from genmodels.errors import listed

SHOWN = 12  # words that a line names


def taken_of(words: WordSet, passed_over: Mapping[str, str], guesses: Sequence[str]) -> Taken:
    """What was taken of the files of a set, for the first lines of a training.

    Args:
        words: the set.
        passed_over: what was given but not read -> why.
        guesses: what was guessed before anything was read.
    """
    train, test = len(words.train), len(words.test)
    if words.reading.get("held_out"):
        count = f"{train + test:,} recordings, {test:,} of them held out to test on"
    else:
        count = f"{train:,} recordings to train on and {test:,} to test on"
    many = f"{len(words.words):,} word{'s' * (len(words.words) != 1)} ({listed(words.words, SHOWN)})"
    unused = {**passed_over, **words.reading.get("unused", {})}
    told = [*guesses, *words.reading.get("guesses", ())]
    what = f"{words.name}: {count}, of {many} by {_speakers_told(words.speakers)}"
    return Taken(what, [PassedOver(name, why) for name, why in unused.items()], told)


def _speakers_told(speakers: Sequence[str] | None) -> str:
    if speakers is None:
        return "unknown speakers"
    return f"{len(speakers):,} speaker{'s' * (len(speakers) != 1)}"


def describe_words(words: WordSet) -> dict[str, Any]:
    """What run.json keeps of a set of words: enough to find it again and to notice a change.

    Counts by word (how often each is said) and by speaker (recordings of each) are in the order of their names, for
    both parts.
    """
    taken = words.taken
    given = {} if taken is None else {"taken": taken.what, "passed_over": recorded(taken.passed_over)}
    parts = {"train": words.train, "test": words.test}
    return {
        "name": words.name,
        "sources": [words.source],
        "fingerprint": words.fingerprint,
        "clips": [len(clips) for clips in parts.values()],
        "seconds": [round(clips.seconds, 3) for clips in parts.values()],
        "words": list(words.words),
        "word_counts": {part: _counted(clips.words, words.words) for part, clips in parts.items()},
        "speakers": None if words.speakers is None else list(words.speakers),
        "speaker_counts": None if words.speakers is None else _by_speaker(parts, words.speakers),
        **given,
    }


def _by_speaker(parts: Mapping[str, Clips], speakers: Sequence[str]) -> dict[str, list[int]]:
    return {part: _counted(clips.speakers, speakers) for part, clips in parts.items() if clips.speakers is not None}


def _counted(numbers: NDArray[np.int64], names: Sequence[str]) -> list[int]:
    """How often each number occurs."""
    counts: list[int] = np.bincount(numbers, minlength=len(names)).tolist()
    return counts
