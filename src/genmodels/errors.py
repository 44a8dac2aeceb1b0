"""Errors that a user can act on: what is wrong, what to do, and the exit code.

Exit codes: 0 done, 1 failed, 2 usage, 3 data, 4 run or checkpoint, 5 resources (memory, disk, device),
6 diverged, 130 interrupted, 143 terminated.
"""

import difflib
from collections.abc import Iterable, Sequence

BROKEN_PIPE = 141  # the exit code where the reader of a pipe went away


class GenmodelsError(Exception):
    """Base of every error that is meant for the user.

    Args:
        what: one sentence that says what is wrong, with the value seen.
        hint: what to do about it.

    Example:
        >>> try:
        ...     genmodels.train_vae("digits", epoch=3)
        ... except genmodels.GenmodelsError as error:
        ...     print(error.what, "-", error.hint)
        there is no setting 'epoch' - did you mean epochs?
    """

    exit_code = 1

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


class UsageError(GenmodelsError):
    """A flag or setting that cannot be used as given."""

    exit_code = 2


class DataError(GenmodelsError):
    """A corpus, prompt or picture that cannot be used."""

    exit_code = 3


class RunError(GenmodelsError):
    """A run directory or checkpoint that is missing, damaged or of another kind."""

    exit_code = 4


class ResourceError(GenmodelsError):
    """Memory, disk or a device is missing."""

    exit_code = 5


class DivergedError(GenmodelsError):
    """Training met a loss or gradient that is not finite too often."""

    exit_code = 6


class Stopped(GenmodelsError):
    """Training was asked to stop by a signal; everything is saved.

    Args:
        what: one sentence that says where it stopped.
        hint: how to go on.
        exit_code: 130 for an interrupt, 143 for a termination.

    Example:
        >>> stopped = genmodels.Stopped("stopped after step 7", "genmodels.resume('story') goes on.")
        >>> stopped.hint, stopped.exit_code
        ("genmodels.resume('story') goes on.", 130)
    """

    def __init__(self, what: str, hint: str | None = None, exit_code: int = 130) -> None:
        super().__init__(what, hint)
        self.exit_code = exit_code


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names as a message shows them: the first few, and how many more."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def in_turn(names: Sequence[str], word: str = "and") -> str:
    """All names as people say them.

    >>> in_turn(["a"]), in_turn(["a", "b"]), in_turn(["a", "b", "c"], "or")
    ('a', 'a and b', 'a, b or c')
    """
    *others, last = names
    return f"{', '.join(others)} {word} {last}" if others else last


def did_you_mean(wrong: str, known: Iterable[str]) -> str | None:
    """A hint naming the nearest known name, or None when nothing is near."""
    names = {name.lower(): name for name in known}
    matches = difflib.get_close_matches(wrong.lower(), names, n=1)
    return f"did you mean {names[matches[0]]}?" if matches else None
