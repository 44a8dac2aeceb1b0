"""What a network hears of single recordings, each alone as it was recorded, and what it takes for what."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmodels.analysis.reading import LogP
from genmodels.analysis.word_errors import WordErrors, counted, decoded
from genmodels.data.sound.clips import Clips
from genmodels.data.sound.features import heard
from genmodels.data.sound.pieces import pieces_of
from genmodels.telling import Advance

Listen = Callable[[NDArray[np.float32]], LogP]


@dataclass(frozen=True)
class HeardClips:
    """What was heard in some clips.

    Args:
        readings: the words heard in each.
        said: the words said in each.
        speakers: who said each; None where nobody knows.
    """

    readings: list[list[int]]
    said: list[list[int]]
    speakers: NDArray[np.int64] | None

    @property
    def errors(self) -> WordErrors:
        """Of all together."""
        return counted(self.readings, self.said)

    def by_speaker(self) -> dict[int, WordErrors]:
        """Of each speaker."""
        if self.speakers is None:
            return {}
        rows = {int(who): np.flatnonzero(self.speakers == who) for who in np.unique(self.speakers)}
        return {
            who: counted([self.readings[row] for row in of_it], [self.said[row] for row in of_it])
            for who, of_it in rows.items()
        }

    def confusion(self, words: int) -> NDArray[np.int64]:
        """How often each word alone was heard as each: rows said, columns heard, then as nothing, then as several.

        Returns:
            Shape (V, V + 2); clips of several words are left out.
        """
        counts = np.zeros((words, words + 2), dtype=np.int64)
        for reading, said in zip(self.readings, self.said, strict=True):
            if len(said) == 1:
                column = words if not reading else words + 1 if len(reading) > 1 else reading[0]
                counts[said[0], column] += 1
        return counts


def hear_clips(listen: Listen, features: str, clips: Clips, width: int, advance: Advance) -> HeardClips:
    """Read every clip alone.

    Args:
        listen: rows of features to log-probabilities.
        features: what the network hears: "mel" or "mfcc".
        clips: recordings.
        width: of the beam; 1 takes the best path.
        advance: is told how many more clips were read.
    """
    readings = []
    for index in range(len(clips)):
        read: list[int] = []
        for piece in pieces_of([clips.clip(index)]):
            if not piece.is_silent:
                read += decoded(listen(heard(piece.samples, features)), width)
        readings.append(read)
        advance(1)
    return HeardClips(readings, [clips.said(index) for index in range(len(clips))], clips.speakers)
