"""The best score of a run in words."""

from collections.abc import Callable

from genmodels.exhibit import Row, short
from genmodels.family import FAMILIES

OF_A_PART = "(of a part)"  # what is said of a score that is not of all that is held out
NONE = "-"
MARK = "*"  # in its place in a list, where names need the room, and a line below says what it means


def best_told(summary: Row) -> str:
    """The best score of a run with its name and unit: nll 1.4851 nats/char; of a part says so."""
    told = _told(summary, short)
    return f"{told} {OF_A_PART}" if "measured_share" in summary and told != NONE else told


def best_listed(summary: Row, number: Callable[[float], str] = short) -> str:
    """The same in a list: nll 1.4851* nats/char, where it is of a part; a number may be written otherwise."""
    mark = MARK if "measured_share" in summary else ""
    return _told(summary, lambda best: f"{number(best)}{mark}")


def _told(summary: Row, number: Callable[[float], str]) -> str:
    best = summary.get("best")
    return NONE if best is None else f"{score_told(summary)} {number(best)} {summary['unit']}".rstrip()


def score_told(summary: Row) -> str:
    """What a run's score is called: nll, kernel distance."""
    return FAMILIES[summary["family"]].measure_told(summary["score"])
