"""A finished comparison is trained further: each of its runs alike, one after the other."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genmodels.families.run import Run
from genmodels.families.steps import seconds_of
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.standing import is_finished
from genmodels.training.lengthening import ENDS, LENGTHS, lengthen, lengths_of
from genmodels.training.starting import plan_of

if TYPE_CHECKING:
    from genmodels.training.task import OptimisedTask


def further_asked(folder: ComparisonDir, runs: Sequence[Run], given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given to say how much longer a finished comparison is trained; nothing where it is not finished.

    Args:
        folder: it.
        runs: those of it that are begun.
        given: settings by name: epochs that all are to come to, or minutes more for each; what may end them sooner.

    Raises:
        UsageError: one of the runs has come further than to so many epochs.
        RunError: a run is damaged.
    """
    if len(runs) < len(folder.document()["members"]):
        return {}
    return next(filter(None, [lengths_of(run, given) for run in runs]), {}) if all(map(is_finished, runs)) else {}


def ask_further(folder: ComparisonDir, runs: Sequence[Run], asked: Mapping[str, Any]) -> None:
    """Keep what was asked for, so that one that is stopped goes on with it; its result counts no more."""
    settings = folder.document()["settings"]
    values: dict[str, Any] = {"epochs": settings["epochs"]["value"], "minutes": None, **asked}
    if "minutes" in asked:
        values["minutes"] += settings["minutes"]["value"] or max(map(seconds_of, runs)) / 60.0
    changed = {name: {"value": values[name], "from": "flag" if name in asked else "default"} for name in LENGTHS}
    changed |= {"until": {"value": None, "from": "default"}}
    changed |= {name: {"value": asked[name], "from": "flag"} for name in ENDS if name in asked}
    left = [run.path.name for run in runs]
    folder.update(further={"asked": dict(asked), "left": left}, settings=settings | changed, result=None)


def is_to_go_further(folder: ComparisonDir, run: Run) -> bool:
    """Whether a run of it is not begun yet to be trained for as long as was asked for last."""
    return run.path.name in folder.further()["left"]


def go_further(folder: ComparisonDir, run: Run, task: "OptimisedTask") -> str:
    """Lengthen a run of it where that is to be done; a sentence says how.

    A run that is not finished was lengthened already by a process that was killed before it could say so.
    """
    further = folder.further()
    if not is_to_go_further(folder, run):
        return ""
    asked = lengths_of(run, further["asked"])
    told = lengthen(run, task, plan_of(run, task, task.settings), asked) if asked else ""
    folder.update(further={**further, "left": [name for name in further["left"] if name != run.path.name]})
    return told


def minutes_each(folder: ComparisonDir, minutes: float | None) -> float | None:
    """How long each run is trained from now on, where time was asked for.

    Args:
        folder: the comparison.
        minutes: of each run in all.
    """
    further = folder.further()
    return further["asked"].get("minutes") if further["left"] else minutes
