"""What was taken of what was given, what was passed over and why, in one sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NAMED = 1  # files of each reason that are named; the others are counted


@dataclass(frozen=True)
class Taken:
    """What came of a path.

    Args:
        what: was taken: "60 pictures in 3 classes".
        passed_over: name -> why it was not used.
        guesses: sentences about what was guessed or changed.
    """

    what: str
    passed_over: Mapping[str, str] = field(default_factory=dict)
    guesses: Sequence[str] = ()

    def told(self) -> str:
        """All but the guesses in a sentence.

        >>> Taken("60 pictures", {"notes.txt": "no picture", "a.md": "no picture", "s.npz": "beside them"}).told()
        '60 pictures; passed over: notes.txt and 1 other (no picture), s.npz (beside them)'
        """
        by_reason: dict[str, list[str]] = {}
        for name, reason in self.passed_over.items():
            by_reason.setdefault(reason, []).append(name)
        told = ", ".join(f"{_some(names)} ({reason})" for reason, names in by_reason.items())
        return f"{self.what}; passed over: {told}" if told else self.what


def _some(names: Sequence[str]) -> str:
    """The first of some names, and how many others there are."""
    others = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {others} other{'s' if others > 1 else ''}" if others > 0 else "")
