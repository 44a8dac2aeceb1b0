"""Where sound meets the limits of its numbers: clipping that was recorded, and what goes beyond 16 bits."""

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.formats.opened import Frames
from genmodels.telling import Notice, counted

RUN = 3  # samples in a row at the limit: fewer may be a peak that just reaches it
CLIPPED = 0.001  # share of samples; below it nobody hears it
_LOWEST, _HIGHEST = -(2**15), 2**15 - 1


class Limits:
    """Counts samples at the limit of their numbers, and makes int16 of sound.

    Args:
        bits: of a sample in the file; None where it isn't kept in whole numbers.
    """

    def __init__(self, bits: int | None) -> None:
        steps = 2 ** (min(16 if bits is None else bits, 16) - 1)
        self.limit = np.float32((steps - 1) / steps)
        self.samples = self.clipped = self.cut = 0

    def look_at(self, frames: Frames) -> None:
        """Count the samples of a block, of shape (T, C), and those in runs at the limit."""
        self.samples += frames.size
        at_limit = np.abs(frames) >= self.limit
        if np.count_nonzero(at_limit) < RUN:
            return
        runs = at_limit[2:] & at_limit[1:-1] & at_limit[:-2]
        within = np.zeros_like(at_limit)
        for shift in range(RUN):
            within[shift : shift + len(runs)] |= runs
        self.clipped += int(np.count_nonzero(within))

    def whole_numbers(self, sound: NDArray[np.float64]) -> NDArray[np.int16]:
        """Sound between -1 and 1 as int16; what goes further is cut, and counted."""
        steps = np.rint(sound * 2**15)
        self.cut += int(np.count_nonzero((steps < _LOWEST) | (steps > _HIGHEST + 1)))  # 1.0 itself is no excess
        return steps.clip(_LOWEST, _HIGHEST).astype(np.int16)

    def tell(self, name: str, notice: Notice) -> None:
        """Say in one line what was clipped."""
        share = self.clipped / max(self.samples, 1)
        if share >= CLIPPED:
            percent = f"{100 * share:.0f}" if share >= 0.01 else f"{100 * share:.1f}"
            notice(f"{name} is clipped: {percent} % of its samples are at the limit")
        elif self.cut:
            notice(f"{name}: cut {counted(self.cut, 'sample')} that went beyond the limit")
