"""The brightness of a picture's pixels as numbers, of one piece of it at a time.

In four bytes a pixel a large page would take several times what it holds.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

AT_ONCE = 1 << 20  # pixels
ALL = slice(None)


@dataclass(frozen=True)
class Brightness:
    """A grey picture, and what each of its greys is worth.

    Args:
        pixels: uint8, shape (Y, X).
        levels: brightness by grey, shape (256,).
    """

    pixels: NDArray[np.uint8]
    levels: Tensor

    @classmethod
    def of(cls, pixels: NDArray[np.uint8]) -> Self:
        """From 0, black, to 1, white."""
        return cls(pixels, torch.arange(256).float().div(255.0))

    def worth(self, levels: Tensor) -> Self:
        """The same picture with other brightness by grey."""
        return replace(self, levels=levels)

    @property
    def rows(self) -> int:
        """Pixels from above to below."""
        return len(self.pixels)

    @property
    def columns(self) -> int:
        """Pixels across."""
        return int(self.pixels.shape[1])

    def part(self, rows: slice = ALL, columns: slice = ALL) -> Tensor:
        """Some of it as numbers."""
        return self.levels[torch.from_numpy(self.pixels[rows, columns].astype(np.int64))]

    @cached_property
    def counts(self) -> Tensor:
        """How many pixels have each grey, shape (256,)."""
        step, counts = max(1, AT_ONCE // self.columns), np.zeros(256, np.int64)
        for top in range(0, self.rows, step):
            counts += np.bincount(self.pixels[top : top + step].reshape(-1), minlength=256)
        return torch.from_numpy(counts)

    @property
    def lowest(self) -> Tensor:
        """Of all pixels."""
        return self.levels[self.counts > 0].min()

    @property
    def highest(self) -> Tensor:
        """Of all pixels."""
        return self.levels[self.counts > 0].max()

    @property
    def median(self) -> Tensor:
        """Of all pixels; the lower one of two, as PyTorch's."""
        ascending, order = self.levels.sort()
        place = (int(self.counts.sum()) - 1) // 2
        return ascending[int((self.counts[order].cumsum(0) <= place).sum())]

    def reduced(self, factor: int) -> Tensor:
        """Means of squares of pixels, of so many on a side; 1: each pixel's own."""
        if factor == 1:
            return self.part()
        step = factor * max(1, AT_ONCE // (factor * self.columns))
        pieces = (self.part(slice(top, top + step)) for top in range(0, self.rows, step))
        return torch.cat([functional.avg_pool2d(piece[None], factor, ceil_mode=True)[0] for piece in pieces])
