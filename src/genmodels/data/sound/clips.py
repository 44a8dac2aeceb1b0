"""Clips: recordings of spoken words as one array, and sets of them to train on and to test on."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.data.passed_over import Taken

RATE = 8_000  # samples in a second, of every clip
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Clips:
    """Recordings of words, one after another.

    Args:
        samples: int16, all clips in a row, 8,000 in a second.
        starts: int64 of shape (M + 1,): where each clip begins; the last is the end of all.
        words: int64 of shape (W,): the words said, clip by clip, as numbers of the set's words.
        word_starts: int64 of shape (M + 1,): where each clip's words begin in `words`.
        speakers: int64 of shape (M,): who says each clip, as numbers of the set's speakers; None where nobody knows.
        files: where each clip came from, for messages; may be empty.
    """

    samples: NDArray[np.int16]
    starts: NDArray[np.int64]
    words: NDArray[np.int64]
    word_starts: NDArray[np.int64]
    speakers: NDArray[np.int64] | None
    files: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.starts) - 1

    def clip(self, index: int) -> NDArray[np.int16]:
        """The samples of one clip."""
        return self.samples[self.starts[index] : self.starts[index + 1]]

    def said(self, index: int) -> list[int]:
        """The words of one clip."""
        return [int(word) for word in self.words[self.word_starts[index] : self.word_starts[index + 1]]]

    @property
    def unit(self) -> str:
        """What an utterance of theirs counts: "word" where each clip is one, else "clip"."""
        return "word" if len(self.words) == len(self) else "clip"

    @property
    def seconds(self) -> float:
        """Of all clips together."""
        return len(self.samples) / RATE

    @property
    def digest(self) -> str:
        """A sum over the samples and where each clip begins, not over words: of the same clips alike."""
        return hashlib.sha256(self.samples.tobytes() + self.starts.tobytes() + self.word_starts.tobytes()).hexdigest()

    def take(self, rows: NDArray[np.int64]) -> "Clips":
        """Some of the clips, in this order."""
        return clips_of(
            [self.clip(int(row)) for row in rows],
            [self.said(int(row)) for row in rows],
            None if self.speakers is None else self.speakers[rows],
            [self.files[int(row)] for row in rows] if self.files else (),
        )


def clips_of(
    samples: Sequence[NDArray[np.int16]],
    said: Sequence[Sequence[int]],
    speakers: Sequence[int] | NDArray[np.int64] | None,
    files: Sequence[str] = (),
) -> Clips:
    """Clips out of one array for each, what is said in it, and by whom."""
    return Clips(
        np.concatenate([np.zeros(0, np.int16), *samples]),
        np.cumsum([0, *map(len, samples)]),
        np.array([word for words in said for word in words], dtype=np.int64),
        np.cumsum([0, *map(len, said)]),
        None if speakers is None else np.asarray(speakers, dtype=np.int64),
        files,
    )


@dataclass(frozen=True)
class WordSet:
    """Spoken words to train on and to test on.

    Args:
        name: what figures call it, e.g. "Free Spoken Digit Dataset".
        source: what --dataset said: a known name or a path.
        train: the training part.
        test: the test part.
        words: that are said, as they are written.
        speakers: their names, or None where nobody knows who speaks.
        fingerprint: SHA-256 over samples, words and speakers, or of the recipe that they were made by.
        reading: what was noted when its files were read.
        taken: what was taken of the files that were given; None for a known set.
    """

    name: str
    source: str
    train: Clips
    test: Clips
    words: tuple[str, ...]
    speakers: tuple[str, ...] | None
    fingerprint: str
    reading: Mapping[str, Any] = field(default_factory=dict)
    taken: Taken | None = None


def not_among(clips: Clips, others: Clips) -> Clips:
    """The clips whose samples are those of no other one, whatever its name."""
    known = {_digest(others.clip(row)) for row in range(len(others))}
    return clips.take(np.array([row for row in range(len(clips)) if _digest(clips.clip(row)) not in known], np.int64))


def _digest(samples: NDArray[np.int16]) -> bytes:
    return hashlib.sha256(samples.tobytes()).digest()


def renumbered(clips: Clips, names: Sequence[str], known: Sequence[str]) -> Clips:
    """The clips whose words a network knows, with its numbers for them.

    Args:
        clips: of a set.
        names: of that set's words.
        known: the network's words.
    """
    numbers = {name: number for number, name in enumerate(known)}
    said = [[names[word] for word in clips.said(index)] for index in range(len(clips))]
    rows = np.array([row for row, words in enumerate(said) if all(word in numbers for word in words)], dtype=np.int64)
    kept = clips.take(rows)
    return replace(kept, words=np.array([numbers[word] for row in rows for word in said[row]], dtype=np.int64))
