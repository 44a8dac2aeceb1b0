"""Rows of a batch: what one process computes of it, or what is computed of it at one time.

Whoever computes some rows draws the random numbers of all and takes its own, so that a row gets the same ones whichever
others are computed beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Rows:
    """Some rows of a batch.

    Args:
        begin, end: the first of them, and the one after the last.
        count: rows in the whole batch.
        share: of the batch, which their mean weighs.

    >>> [Rows.part(5, index, 2) for index in range(2)]
    [Rows(begin=0, end=2, count=5, share=0.4), Rows(begin=2, end=5, count=5, share=0.6)]
    """

    begin: int
    end: int
    count: int
    share: float

    @classmethod
    def part(cls, count: int, index: int, parts: int) -> "Rows":
        """One of so many parts of about one size; where there are fewer rows than parts, some are empty."""
        begin, end = count * index // parts, count * (index + 1) // parts
        return cls(begin, end, count, (end - begin) / max(1, count))

    def or_weightless(self) -> "Rows":
        """The same, or in place of none the first row with no weight: something to compute with all others."""
        return self if self.end > self.begin else Rows(0, 1, self.count, 0.0)

    def counted(self, tensor: Tensor) -> Tensor:
        """What was computed of these rows, without a row that has no weight."""
        return tensor[: len(tensor) if self.share else 0]

    @property
    def is_all(self) -> bool:
        """Whether these are all rows."""
        return (self.begin, self.end) == (0, self.count)

    def of(self, tensor: Tensor, dim: int = 0) -> Tensor:
        """Their part of a tensor of the whole batch, which is dimension `dim`."""
        return tensor if self.is_all else tensor.narrow(dim, self.begin, self.end - self.begin)


class RowsGenerator(torch.Generator):
    """A generator for a batch of which some rows are computed.

    Args:
        device: where its numbers are needed.
    """

    rows: Rows | None = None
    """Which rows; None: all."""


def rows_drawn(generator: torch.Generator | None) -> Rows | None:
    """Which rows of the batch a generator's numbers are for; None: all."""
    return generator.rows if isinstance(generator, RowsGenerator) else None


def drawn(
    shape: Sequence[int],
    draw: Callable[[tuple[int, ...]], Tensor],
    generator: torch.Generator | None,
    dim: int = 0,
) -> Tensor:
    """Random numbers for some rows, as they are when those of the whole batch are drawn.

    Args:
        shape: that is wanted, of those rows.
        draw: gives numbers of a shape.
        generator: that it draws from; it knows which rows these are.
        dim: of the batch.
    """
    rows = rows_drawn(generator)
    if rows is None or rows.is_all:
        return draw(tuple(shape))
    return rows.of(draw((*shape[:dim], rows.count, *shape[dim + 1 :])), dim)
