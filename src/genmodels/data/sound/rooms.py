"""How loud the room is behind a recording. Needs no torch."""

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.clips import Clips
from genmodels.data.sound.features import HOP

QUIET = 0.1  # share of a recording's windows of 20 ms that count as room noise: the quietest


def room_level(samples: NDArray[np.int16]) -> float:
    """Deviation in the quietest windows of 20 ms, as samples are."""
    size = 2 * HOP
    whole = samples[: len(samples) // size * size]
    if not len(whole):
        return 0.0
    energy = np.sort(whole.astype(np.float64).reshape(-1, size).var(axis=1))  # about its own mean: some rest off zero
    return float(np.sqrt(energy[: max(1, int(QUIET * len(energy)))].mean()))


def room_levels(clips: Clips) -> NDArray[np.float64]:
    """The level behind each clip."""
    return np.array([room_level(clips.clip(index)) for index in range(len(clips))])
