"""Recordings of words -> clips: what can't be used is passed over, and what was changed is counted."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.clips import RATE
from genmodels.data.sound.formats.opened import shown
from genmodels.data.sound.formats.recordings import read_recording
from genmodels.data.sound.sets.given import Given, Said
from genmodels.data.sound.sets.kinds import beginning, seconds_promised
from genmodels.errors import DataError
from genmodels.telling import Counting, uncounted

MOST_SECONDS = 10.0  # of a recording of one word
MOST_SECONDS_SENTENCE = 30.0  # of several
MOST_HOURS = 12
MOST_BYTES = 2 << 30  # of files
FAULTS_TOLD = 5  # different ones of recordings that can't be used
LIMITS = "give fewer recordings, such as a folder with some of the words."
SILENT = "silent"
SHORTEST_WORD = 0.04  # seconds, where several are said: two places in which a network says a word or nothing
CROWDED = "shorter than the words that it should hold take"
_CHANGED = re.compile(r": (?P<facts>\d[\d,]* Hz.*?): (?P<deeds>.+)")
_NUMBER = re.compile(r"\d[\d,.]*")


@dataclass
class Heard:
    """What was read.

    Args:
        said: the recordings that can be used.
        samples: int16 of each.
        passed_over: the others -> why.
        told: sentences about what was changed.
    """

    said: list[Said] = field(default_factory=list)
    samples: list[NDArray[np.int16]] = field(default_factory=list)
    passed_over: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


def read_all(given: Given, counting: Counting = uncounted) -> Heard:
    """The recordings of a set.

    Args:
        given: the set.
        counting: how far it is.

    Raises:
        DataError: they are too much sound, or most can't be used.
    """
    _check_amount(given)
    heard, faults, changes, samples = Heard(), dict[str, DataError](), _Changes(), 0
    with counting("reading recordings", len(given.said)) as advance:
        for said in given.said:
            advance(1)
            name, longest = given.name_of(said.file), MOST_SECONDS if len(said.words) == 1 else MOST_SECONDS_SENTENCE
            told: list[str] = []
            try:
                recording = read_recording(said.file, told.append, longest)
            except DataError as error:
                faults[name] = error
                continue
            if recording.is_silent:
                heard.passed_over[name] = SILENT
                continue
            if len(said.words) > 1 and recording.seconds < SHORTEST_WORD * len(said.words):
                heard.passed_over[name] = CROWDED
                continue
            changes.add(name, [sentence.removeprefix(shown(said.file)) for sentence in told])
            heard.said.append(said)
            heard.samples.append(recording.samples)
            samples += len(recording.samples)
            _check_hours(given, samples / RATE)
    _check_most_are_used(given, faults)
    heard.passed_over |= _reasons(given, faults)
    heard.told += changes.told()
    return heard


def _check_amount(given: Given) -> None:
    """Refuse too much before it is read, as far as sizes and headers say how much it is.

    Raises:
        DataError: it is too much.
    """
    sizes = {said.file: _size(said.file) for said in given.said}
    if sum(sizes.values()) > MOST_BYTES:
        what = f"the recordings of {shown(given.root)} are {sum(sizes.values()) / 2**30:.1f} GiB"
        raise DataError(f"{what}, more than {MOST_BYTES >> 30}", LIMITS)
    promised = (seconds_promised(beginning(file), size) for file, size in sizes.items())
    _check_hours(given, sum(seconds for seconds in promised if seconds <= MOST_SECONDS_SENTENCE))


def _size(file: Path) -> int:
    """Bytes of a file; none of one that is gone, which its reader will say."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _check_hours(given: Given, seconds: float) -> None:
    if seconds > MOST_HOURS * 3600:
        raise DataError(f"the recordings of {shown(given.root)} are more than {MOST_HOURS} hours of sound", LIMITS)


class _Changes:
    """Counts what was changed when recordings were read."""

    def __init__(self) -> None:
        self._changed: Counter[tuple[str, str]] = Counter()
        self._others: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, name: str, sentences: list[str]) -> None:
        """Count what was said of a recording; the sentences go on after its name."""
        for sentence in sentences:
            found = _CHANGED.fullmatch(sentence)
            if found is not None:
                self._changed[found["facts"], found["deeds"]] += 1
            else:
                self._others[_NUMBER.sub("", sentence)].append(name + sentence)

    def told(self) -> list[str]:
        """How many recordings were changed in each way; of other sentences, one of those that differ in numbers."""
        return [
            f"{many:,} recording{'s' * (many != 1)} of {facts}: {deeds}"
            for (facts, deeds), many in sorted(self._changed.items())
        ] + [
            found[0] + (f", and likewise of {len(found) - 1:,} more" if len(found) > 1 else "")
            for found in self._others.values()
        ]


def _check_most_are_used(given: Given, faults: dict[str, DataError]) -> None:
    """Refuse a set of which most recordings can't be used, with what the first says.

    Raises:
        DataError: it is such a one.
    """
    if len(faults) * 2 > len(given.said):
        first = next(iter(faults.values()))
        told = f"{len(faults):,} of the {len(given.said):,} recordings of {shown(given.root)} can't be used"
        raise DataError(f"{told}; the first: {first.what}", first.hint)


def _reasons(given: Given, faults: dict[str, DataError]) -> dict[str, str]:
    """Why recordings can't be used: as their reader says without their names, of few different reasons."""
    told: dict[str, str] = {}
    for name, error in faults.items():
        reason = error.what.replace(shown(given.root / name), "it").removeprefix("it ")
        few = reason in told.values() or len(set(told.values())) < FAULTS_TOLD
        told[name] = reason if few else "can't be read"
    return told
