"""A finished comparison is trained further: each of its runs alike, one after the other."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genmodels.errors import RunError, in_turn
from genmodels.families.run import Run
from genmodels.families.steps import seconds_of
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.run_dir import RunDir
from genmodels.runs.standing import is_finished, way_beyond
from genmodels.training.lengthening import ENDS, LENGTHS, lengthen, lengths_of, seconds_spent
from genmodels.training.reporting import Several
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
        RunError: a run is damaged, or has no training state any more; nothing was changed then.
    """
    if len(runs) < len(folder.document()["members"]) or not all(map(is_finished, runs)):
        return {}
    asked = next(filter(None, [lengths_of(run, given) for run in runs]), {})
    gone = [run for run in runs if asked and not run.steps()]
    if gone:
        whose = in_turn([run.name for run in gone])
        what = f"{folder.path} can't be trained further: the training states of {whose} are removed"
        raise RunError(what, f"its result stands, and nothing was changed; of each run {way_beyond(gone[0])}")
    return asked


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


def several_of(folder: ComparisonDir, minutes: float | None) -> Several:
    """How far the trainings of a comparison are, and how long each takes from now on, where time was asked for.

    One that was stopped or killed has spent some of its time already, be it the time that it was to go further.

    Args:
        folder: the comparison.
        minutes: of each run in all.
    """
    further = folder.further()
    under_way = [run for run in folder.members() if not is_finished(run)]
    goes_further = further["asked"] and (further["left"] or any(run.plan().get("again") for run in under_way))
    each = further["asked"].get("minutes") if goes_further else minutes
    spent = {} if each is None else {run.path.name: _spent(run, each) for run in under_way}
    return Several(list(folder.document()["members"]), each, spent=spent)


def _spent(run: RunDir, each: float) -> float:
    """Seconds of so many minutes that a run has spent by its newest training state."""
    with contextlib.suppress(RunError, KeyError, TypeError):  # where there is none yet
        return max(0.0, 60.0 * (each - (run.plan().get("minutes") or each)) + seconds_spent(run))
    return 0.0
