"""The best score of a run in words."""

from genmodels.exhibit import Row, short
from genmodels.family import FAMILIES

OF_A_PART = "(of a part)"  # what is said of a score that is not of all that is held out


def best_told(summary: Row, number: str | None = None) -> str:
    """The best score of a run with its name and unit: nll 1.4851 nats/char; the number may be given.

    One that is not of all that is held out says so.
    """
    if summary.get("best") is None:
        return "-"
    told = f"{score_told(summary)} {short(summary['best']) if number is None else number} {summary['unit']}".rstrip()
    return f"{told} {OF_A_PART}" if "measured_share" in summary else told


def score_told(summary: Row) -> str:
    """What a run's score is called: nll, kernel distance."""
    return FAMILIES[summary["family"]].measure_told(summary["score"])
