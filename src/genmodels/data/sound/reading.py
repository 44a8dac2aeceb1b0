"""Recordings of words -> clips: what can't be used is passed over, and what was changed is counted."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.clips import RATE
from genmodels.data.sound.given import Given, Said
from genmodels.data.sound.kinds import beginning, seconds_promised
from genmodels.data.sound.recordings import Recording, read_recording
from genmodels.errors import DataError

MOST_SECONDS = 10.0  # of a recording of one word
MOST_SECONDS_SENTENCE = 30.0  # of several
MOST_HOURS = 12
MOST_BYTES = 2 << 30  # of files
SILENT = 8  # of 32,768: with no sample beyond it nothing can be heard
FAULTS_TOLD = 5  # different ones of recordings that can't be read
LIMITS = "give fewer recordings, such as a folder with some of the words."
_RESAMPLED = re.compile(r"\b(mixed|resampled)\b")
_NUMBERS = re.compile(r"\d[\d,.]*")


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


def read_all(given: Given) -> Heard:
    """The recordings of a set.

    Raises:
        DataError: they are too much sound, or most can't be read.
    """
    promised = _promised(given)
    heard, faults, changes, samples = Heard(), dict[str, DataError](), _Changes(), 0
    for said in given.said:
        name = given.name_of(said.file)
        reason = _too_long(said, promised[said])
        if reason is None:
            try:
                recording = read_recording(said.file, changes.sentences.append)
            except DataError as error:
                faults[name] = error
                continue
            reason = _too_long(said, len(recording.samples) / RATE) or _silent(recording)
        if reason is not None:
            heard.passed_over[name] = reason
            continue
        changes.add(recording)
        heard.said.append(said)
        heard.samples.append(recording.samples)
        samples += len(recording.samples)
        _check_hours(given, samples / RATE)
    _check_most_are_read(given, faults)
    heard.passed_over |= _told(given, faults)
    heard.told += changes.told()
    return heard


def _promised(given: Given) -> dict[Said, float]:
    """How many seconds each recording promises to have.

    Raises:
        DataError: all together they are too many, or the files are too large.
    """
    sizes = {said: said.file.stat().st_size for said in given.said}
    if sum(sizes.values()) > MOST_BYTES:
        what = f"the recordings of {given.root} are {sum(sizes.values()) / 2**30:.1f} GiB"
        raise DataError(f"{what}, more than {MOST_BYTES >> 30}", LIMITS)
    promised = {said: seconds_promised(beginning(said.file), size) for said, size in sizes.items()}
    _check_hours(given, sum(seconds for said, seconds in promised.items() if _too_long(said, seconds) is None))
    return promised


def _check_hours(given: Given, seconds: float) -> None:
    if seconds > MOST_HOURS * 3600:
        raise DataError(f"the recordings of {given.root} are more than {MOST_HOURS} hours of sound", LIMITS)


def _too_long(said: Said, seconds: float) -> str | None:
    most = MOST_SECONDS if len(said.words) == 1 else MOST_SECONDS_SENTENCE
    return f"longer than {most:.0f} seconds" if seconds > most else None


def _silent(recording: Recording) -> str | None:
    """Why a recording holds no word, by its samples."""
    samples = recording.samples
    if not len(samples) or max(int(samples.max()), -int(samples.min())) < SILENT:
        return "silent"
    return "silent: all its samples are one" if samples.min() == samples.max() else None


class _Changes:
    """Counts what was changed when recordings were read."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self._counts = Counter[tuple[str, str]]()

    def add(self, recording: Recording) -> None:
        """Count what a recording's rate and channels say."""
        if recording.rate != RATE:
            self._counts[f"of {recording.rate:,} Hz", f"resampled to {RATE:,} Hz"] += 1
        if recording.channels != 1:
            self._counts[f"of {recording.channels} channels", "mixed to one channel"] += 1

    def told(self) -> list[str]:
        """A sentence for each way, with the number of recordings; of others that differ in names and numbers one."""
        alike: defaultdict[str, list[str]] = defaultdict(list)
        for sentence in self.sentences:
            if not _RESAMPLED.search(sentence):  # which is counted
                alike[_NUMBERS.sub("", sentence.partition(" ")[2])].append(sentence)
        counted = [
            f"{many:,} recordings {of} were {made}" if many > 1 else f"1 recording {of} was {made}"
            for (of, made), many in sorted(self._counts.items())
        ]
        return counted + [
            found[0] + (f", and likewise of {len(found) - 1:,} more" if len(found) > 1 else "")
            for found in alike.values()
        ]


def _check_most_are_read(given: Given, faults: dict[str, DataError]) -> None:
    """Refuse a set of which most recordings can't be read, with what the first says.

    Raises:
        DataError: it is such a one.
    """
    if len(faults) * 2 > len(given.said):
        first = next(iter(faults.values()))
        told = (
            f"{len(faults):,} of {len(given.said):,} recordings of {given.root} can't be read; the first: {first.what}"
        )
        raise DataError(told, first.hint)


def _told(given: Given, faults: dict[str, DataError]) -> dict[str, str]:
    """Why recordings can't be read: as their reader says without their names, of few different reasons."""
    told: dict[str, str] = {}
    for name, error in faults.items():
        path = str(given.root / name)
        reason = " ".join(error.what.replace(path, "").replace(name.rpartition("/")[2], "").split()).lstrip(":, ")
        told[name] = reason if reason in told.values() or len(set(told.values())) < FAULTS_TOLD else "can't be read"
    return told
