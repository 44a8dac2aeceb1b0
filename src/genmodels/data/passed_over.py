"""What was given and is not used, with the reason: in a sentence, and as run.json and --json keep it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

_MOST_RECORDED = 100  # names for one reason, in run.json and --json


@dataclass(frozen=True)
class PassedOver:
    """A file, folder or array that was given and is not used.

    Args:
        file: as it was given, or as its folder was.
        reason: why not.
    """

    file: str
    reason: str


def by_reason(passed_over: Iterable[PassedOver]) -> dict[str, list[str]]:
    """Names of what was passed over for each reason."""
    ordered = sorted(passed_over, key=attrgetter("reason"))
    return {reason: [p.file for p in of_it] for reason, of_it in groupby(ordered, key=attrgetter("reason"))}


def told(passed_over: Iterable[PassedOver]) -> str:
    """What was passed over, for a sentence: a name for each reason, and how many others.

    >>> told([PassedOver("notes.txt", "no picture"), PassedOver("s.npz", "unknown"), PassedOver("a.md", "no picture")])
    'notes.txt and 1 other (no picture), s.npz (unknown)'
    """
    return ", ".join(f"{_some(names)} ({reason})" for reason, names in by_reason(passed_over).items())


def recorded(passed_over: Iterable[PassedOver]) -> list[dict[str, Any]]:
    """What was passed over, for run.json and ``--json``: for each reason how many, and the names of up to 100."""
    return [
        {"reason": reason, "count": len(names), "files": names[:_MOST_RECORDED]}
        for reason, names in by_reason(passed_over).items()
    ]


@dataclass(frozen=True)
class Taken:
    """What came of the files that were given.

    Args:
        what: was taken: "60 pictures in 3 classes".
        passed_over: what was not used.
        guesses: sentences about what was guessed or changed.
    """

    what: str
    passed_over: Sequence[PassedOver] = ()
    guesses: Sequence[str] = ()

    def told(self) -> str:
        """All but the guesses in a sentence."""
        return f"{self.what}; passed over: {told(self.passed_over)}" if self.passed_over else self.what


def _some(names: list[str]) -> str:
    others = len(names) - 1
    return names[0] + (f" and {others:,} other{'s' if others > 1 else ''}" if others > 0 else "")
