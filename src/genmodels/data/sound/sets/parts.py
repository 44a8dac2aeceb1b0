"""Which recordings are held out to test on or to validate with: whole speakers, or some of each word."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.clips import Clips
from genmodels.errors import DataError

FEWEST_HELD_OUT = 2
MANY_SPEAKERS = 10  # from so many on, some of them are held out whole


def held_out(clips: Clips, share: float, seed: int) -> tuple[Clips, Clips]:
    """A share of each word's clips held out, of utterances by their first word.

    Args:
        clips: what is to be divided.
        share: from 0 to 1.
        seed: of the choice.

    Returns:
        The clips to train on, in their order, of each word at least one; and those held out, at least two.

    Raises:
        DataError: there are too few.
    """
    rows = held_out_rows([clips.said(index) for index in range(len(clips))], share, seed)
    if len(rows) < FEWEST_HELD_OUT:
        what = f"of {len(clips):,} recordings none can be held out, so that one of each word is left to train on"
        raise DataError(what, "give more recordings of each word.")
    rest = np.setdiff1d(np.arange(len(clips)), rows)
    return clips.take(rest), clips.take(rows)


def held_out_rows(said: Sequence[Sequence[int]], share: float, seed: int) -> NDArray[np.int64]:
    """Numbers of clips, in order, that hold a share of each word; fewer than two where there are too few.

    The clips of a word come in shuffled order, one word after another, and of that row those are taken at which the
    share has grown by a whole clip, so that each word gives its share to within one clip.

    Args:
        said: the words of each clip.
        share: from 0 to 1.
        seed: of the shuffling.
    """
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(said))
    by_word = sorted(order.tolist(), key=lambda row: said[row][0])
    grown = np.floor(np.arange(1, len(said) + 1) * share + 1e-9)
    due = [row for row, now, before in zip(by_word, grown, [0.0, *grown], strict=False) if now > before]
    wanted, left = max(len(due), FEWEST_HELD_OUT), Counter(word for words in said for word in set(words))
    rows: set[int] = set()
    for row in [*due, *order.tolist()]:
        words = set(said[row])
        if len(rows) < wanted and row not in rows and all(left[word] > 1 for word in words):
            rows.add(row)
            left.subtract(words)
    return np.array(sorted(rows), dtype=np.int64)


def speakers_held_out(speakers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of the clips of every tenth speaker, in shuffled order; none where there are fewer than ten speakers."""
    names = np.unique(speakers)
    if len(names) < MANY_SPEAKERS:
        return np.zeros(0, np.int64)
    order = np.random.Generator(np.random.PCG64(1)).permutation(names)
    return np.flatnonzero(np.isin(speakers, order[::MANY_SPEAKERS]))
