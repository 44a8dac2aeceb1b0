"""A recording in pieces that a network can read: cut where it is quiet, with some room around. Needs no torch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.clips import RATE
from genmodels.data.sound.features import HOP
from genmodels.data.sound.rooms import room_level

LONGEST = 20 * RATE  # samples of a piece
SEARCHED = 8 * RATE  # its last samples, in which the quietest place is looked for
PAUSE = 20  # windows of 10 ms that are quiet together there
BEFORE, AFTER = RATE // 10, 3 * RATE // 10  # samples of room: a network that looks back speaks late
FAINTEST = 8  # of 32768: where no sample is farther from their mean, nothing is said


@dataclass(frozen=True)
class Piece:
    """A part of a recording.

    Args:
        samples: int16, with room before and after.
        start: seconds from the recording's beginning to the piece's first sample, which is room.
    """

    samples: NDArray[np.int16]
    start: float

    @property
    def own(self) -> NDArray[np.int16]:
        """The recording's own samples, without the room."""
        return self.samples[BEFORE : len(self.samples) - AFTER]

    @property
    def begins(self) -> float:
        """Where they begin in the recording, in seconds."""
        return self.start + BEFORE / RATE

    def within(self, seconds: float) -> float:
        """A time in the recording, brought into the piece's own: a word may be said late, in the room after it."""
        return min(max(seconds, self.begins), self.begins + len(self.own) / RATE)

    @property
    def is_silent(self) -> bool:
        """Whether nothing can be heard in it; a recording that rests off zero is silent too."""
        own = self.own.astype(np.int32)
        return not len(own) or int(np.abs(own - round(float(own.mean()))).max()) < FAINTEST


def pieces_of(blocks: Iterable[NDArray[np.int16]]) -> Iterator[Piece]:
    """Cut a recording into pieces of at most 20 s, however long it is: only the next 20 s are held.

    Args:
        blocks: the recording's samples, one block after the other.
    """
    held, before = np.zeros(0, np.int16), 0
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) > LONGEST:
            cut = _quietest(held[:LONGEST])
            yield _with_room(held[:cut], before)
            held, before = held[cut:], before + cut
    yield _with_room(held, before)


def _quietest(samples: NDArray[np.int16]) -> int:
    """The middle of the quietest fifth of a second near the end."""
    searched = samples[len(samples) - SEARCHED :].astype(np.float64)
    energy = (searched.reshape(-1, HOP) ** 2).sum(axis=1)
    together = np.convolve(energy, np.ones(PAUSE), mode="valid")
    return len(samples) - SEARCHED + (int(together.argmin()) + PAUSE // 2) * HOP


def _with_room(samples: NDArray[np.int16], before: int) -> Piece:
    """The same with noise as loud as its quietest windows on both sides, always the same numbers."""
    level = room_level(samples)
    noise = np.random.Generator(np.random.PCG64(0)).normal(0.0, 1.0, BEFORE + AFTER) * level
    room = np.clip(np.rint(noise), -32768, 32767).astype(np.int16)
    padded = np.concatenate([room[:BEFORE], samples, room[BEFORE:]])
    return Piece(padded, (before - BEFORE) / RATE)
