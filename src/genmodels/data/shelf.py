"""A shelf of the cache: sets of one kind, each under its key and said to be from somewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from genmodels.data.entries import Entry, look
from genmodels.telling import Notice, silent

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Shelf(Generic[Kept]):
    """Sets of one kind in the cache.

    Args:
        kind: of its entries: "images".
        opened: makes a set of an entry, said to be from a source.
    """

    kind: str
    opened: Callable[[Entry, str], Kept]

    def open(self, key: str, source: str, notice: Notice = silent, *, gone: bool = False) -> Kept | None:
        """A set from the cache, checked byte for byte; None when it is not there or is damaged.

        Args:
            key: names it in the cache.
            source: what it is then said to be from.
            notice: is told of a damaged one.
            gone: its files are gone: then one that an earlier version kept is taken, too.
        """
        return look(self.kind, key, lambda entry: self.opened(entry, source), notice, gone=gone)
