"""What a network hears of single recordings, each alone as it was recorded, and what it takes for what."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmodels.analysis.reading import LogP, likeliest_single
from genmodels.analysis.word_errors import WordErrors, are_many, counted, decoded
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
        words_alone: the one word heard in each of one word, where that it is one is known; None in others.
        said: the words said in each.
        speakers: who said each; None where nobody knows.
    """

    readings: list[list[int]]
    words_alone: list[int | None]
    said: list[list[int]]
    speakers: NDArray[np.int64] | None

    @property
    def errors(self) -> WordErrors:
        """Of all together."""
        return counted(self.readings, self.said, made_of=self._spoken_by)

    @property
    def known_to_be_one(self) -> WordErrors:
        """Of all recordings of one word, where the network is told that it is one: a choice between the words."""
        rows = [row for row, word in enumerate(self.words_alone) if word is not None]
        by = None if self._spoken_by is None else self._spoken_by[rows]
        chosen = [[int(self.words_alone[row] or 0)] for row in rows]
        return counted(chosen, [self.said[row] for row in rows], made_of=by)

    @property
    def _spoken_by(self) -> NDArray[np.int64] | None:
        """Of each recording, shape (N, 1); None where speakers are unknown or too few."""
        return None if self.speakers is None or not are_many(self.speakers) else self.speakers[:, None]

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
    readings: list[list[int]] = []
    alone: list[int | None] = []
    said = [clips.said(index) for index in range(len(clips))]
    for index, words in enumerate(said):
        pieces = [piece for piece in pieces_of([clips.clip(index)]) if not piece.is_silent]
        heard_in = [listen(heard(piece.samples, features)) for piece in pieces]
        readings.append([word for log_p in heard_in for word in decoded(log_p, width)])
        alone.append(likeliest_single(heard_in[0]) if len(words) == 1 and len(heard_in) == 1 else None)
        advance(1)
    return HeardClips(readings, alone, said, clips.speakers)
