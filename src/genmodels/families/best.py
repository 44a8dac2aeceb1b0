"""The best score of a run in words."""

from collections.abc import Callable, Sequence
from typing import Any

from genmodels.exhibit import Row, short
from genmodels.family import FAMILIES, first_best
from genmodels.runs import Record
from genmodels.runs.records import GONE_ON, HELD_OUT

OF_A_PART = "(of a part)"  # what is said of a score that is not of all that is held out
BETTER_BEFORE = "better_before"  # in a summary: the score before the first step, where none since is as good
NONE = "-"
MARK = "*"  # in its place in a list, where names need the room, and a line below says what it means


def best_of(name: str, evaluated: Sequence[Record]) -> dict[str, Any]:
    """The best score of an epoch that was trained, what it is called, its unit, and the epoch.

    Where the weights before the first step were better, that score too.

    Args:
        name: of the family.
        evaluated: its run's evaluations.
    """
    family = FAMILIES.get(name)
    if family is None:
        return dict.fromkeys(("best", "score", "unit", "best_epoch"))
    scored = scores_in(evaluated, family.score)
    since, first = [one for one in scored if one[0] > 0], [score for epoch, score in scored if epoch == 0][:1]
    best_epoch, best = first_best(since, family.best) or (None, None)
    found = {"best": best, "score": family.score, "unit": family.score_unit, "best_epoch": best_epoch}
    if best is None or not first or family.best((*first, best)) == best:
        return found
    return {**found, BETTER_BEFORE: first[0]}


def scores_in(evaluated: Sequence[Record], score: str) -> list[tuple[float, float]]:
    """Epochs and their scores on what is held out, among which the best one is chosen."""
    ends = (record for record in evaluated if record["split"] in HELD_OUT and not record.get(GONE_ON))
    return [(record["epoch"], record[score]) for record in ends if score in record]


def best_told(summary: Row, number: Callable[[float], str] = short) -> str:
    """The best score of a run with its name and unit: nll 1.4851 nats/char, and what to know of it.

    Args:
        summary: of the run.
        number: how a score is written.
    """
    told = _told(summary, number)
    part = f" {OF_A_PART}" if "measured_share" in summary and told != NONE else ""
    worse = f", {worse_told(summary)} ({number(summary[BETTER_BEFORE])})" if BETTER_BEFORE in summary else ""
    return f"{told}{part}{worse}"


def worse_told(summary: Row) -> str:
    """What the best epoch of a run is, where that before the first step was better."""
    return f"worse than {'what it began with' if summary.get('init_from') else 'untrained'}"


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
