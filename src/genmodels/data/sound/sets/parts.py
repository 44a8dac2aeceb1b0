"""Which recordings are held out to test on or to validate with: whole speakers, or some of each word."""

import numpy as np
from numpy.typing import NDArray

from genmodels.data.dividing import FEWEST_HELD_OUT, held_out_rows
from genmodels.data.sound.clips import Clips
from genmodels.errors import DataError

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


def speakers_held_out(speakers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of the clips of every tenth speaker, in shuffled order; none where there are fewer than ten speakers."""
    names = np.unique(speakers)
    if len(names) < MANY_SPEAKERS:
        return np.zeros(0, np.int64)
    order = np.random.Generator(np.random.PCG64(1)).permutation(names)
    return np.flatnonzero(np.isin(speakers, order[::MANY_SPEAKERS]))
