"""How far a pixel model sees: which of the pixels before it a pixel's prediction depends on."""

from dataclasses import dataclass

import torch
from torch import Tensor

ALL = "all those above it and to its left"


@dataclass(frozen=True)
class Reach:
    """The pixels that a prediction sees, exactly, as far as the image has them.

    Args:
        rows: above its own that it sees; None: all of them.
        left: columns to its left, in its own row and above.
        right: columns to its right, above alone.
        widens: columns that each row higher shows more to either side.
    """

    rows: int | None
    left: int
    right: int
    widens: int = 0

    def seen(self, row: int, column: int, shape: tuple[int, int]) -> Tensor:
        """Which pixels of an image the prediction of one sees, bool of shape (Y, X)."""
        up = row - torch.arange(shape[0])[:, None]  # rows higher, (Y, 1)
        beside = torch.arange(shape[1]) - column  # (X,)
        near = (beside >= -self.left - self.widens * up) & (beside <= self.right + self.widens * up)
        above = (up > 0) & (up <= (shape[0] if self.rows is None else self.rows))
        return near & (above | ((up == 0) & (beside < 0)))

    def told(self, shape: tuple[int, int]) -> str:
        """Given which pixels each one is drawn, in images of shape (Y, X).

        >>> Reach(6, 6, 6).told((28, 28))
        'those of the 6 rows above it, at most 6 columns to either side, and the 6 to its left'
        >>> Reach(30, 30, 30).told((28, 28))
        'all those above it and to its left'
        >>> Reach(None, 6, 2, widens=1).told((28, 28))
        'those above it in a triangle, wider by a column to either side with each row, and the 6 to its left'
        """
        high, wide = shape
        every_row = self.rows is None or self.rows >= high - 1
        beside = f"and the {self.left} to its left" if self.left < wide - 1 else "and to its left"
        if self.widens:
            return f"those above it in a triangle, wider by a column to either side with each row, {beside}"
        if min(self.left, self.right) >= wide - 1:
            return ALL if every_row else f"those of the {self.rows} rows above it and to its left"
        rows = "rows" if every_row else f"{self.rows} rows"
        return f"those of the {rows} above it, at most {self.left} columns to either side, {beside}"
