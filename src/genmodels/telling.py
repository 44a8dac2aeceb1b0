"""How the library tells its caller what happens: it never prints by itself.

A sentence goes to a `Notice`; a long computation says by an `Advance` that so many more are done.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

Notice = Callable[[str], None]
"""Is handed a sentence that the user should know."""

Advance = Callable[[int], None]
"""Is handed how many more are done."""

Counting = Callable[[str, int], AbstractContextManager[Advance]]
"""Is handed what is being done and how many there are in all; within the block its `Advance` counts them."""


def silent(_: object) -> None:
    """Tells nobody: a `Notice` and an `Advance` for a caller that doesn't want to know."""


def counted(count: float, one: str) -> str:
    """So many of something, as a sentence says it.

    >>> counted(1, "epoch"), counted(1200, "run"), counted(0.5, "minute")
    ('1 epoch', '1,200 runs', '0.5 minutes')
    """
    number = f"{int(count):,}" if count == int(count) else f"{count:g}"
    return f"{number} {one}{'' if count == 1 else 's'}"


def duration(seconds: float) -> str:
    """A span as people say it: 45 s, 3 min 05 s, 2 h 10 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def once(notice: Notice) -> Notice:
    """The same, but no sentence is told twice."""
    told: set[str] = set()

    def tell(sentence: str) -> None:
        if sentence not in told:
            told.add(sentence)
            notice(sentence)

    return tell


@contextmanager
def uncounted(what: str, total: int) -> Iterator[Advance]:
    """A `Counting` that shows nothing."""
    del what, total
    yield silent


@dataclass(frozen=True)
class Teller:
    """Who is told what while something is computed.

    Args:
        notice: sentences that the user should know.
        counting: how far a long computation is.
    """

    notice: Notice = silent
    counting: Counting = uncounted


UNTOLD = Teller()
"""Tells nobody anything."""
