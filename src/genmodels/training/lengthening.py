"""A finished run is trained further: its plan goes on, with a learning rate that warms up again."""

import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from genmodels.durable import read_json
from genmodels.errors import RunError, UsageError
from genmodels.family import family_of
from genmodels.processes import by_first
from genmodels.runs import RunDir
from genmodels.runs.sealing import LENGTHENED
from genmodels.runs.standing import is_finished, way_beyond
from genmodels.settings.resolving import resolve
from genmodels.settings.training import MOST_MINUTES, goal_of
from genmodels.telling import counted

if TYPE_CHECKING:
    from genmodels.training.plan import Plan
    from genmodels.training.task import Task

LENGTHS = ("epochs", "minutes")  # settings of which one says how long a run trains
ENDS = ("patience", "until")  # those that may end it sooner


def lengths_of(run: RunDir, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given to say how much longer a finished run is trained; nothing where it is not finished, or as long.

    With it goes what may end it sooner.

    Raises:
        UsageError: it has come further than to so many epochs; or a value is out of its range, or contradicts another.
        RunError: run.json is damaged.
    """
    asked = {name: given[name] for name in LENGTHS if given.get(name) is not None}
    epochs, come = asked.get("epochs"), run.length().epochs
    if not asked or come is None or not is_finished(run) or asked == {"epochs": come}:
        return {}
    from genmodels.training.enough import check_goal  # noqa: PLC0415 - it brings torch

    family = family_of(run.document()["family"])
    ends = {name: given[name] for name in ENDS if given.get(name) is not None}
    checked: Any = resolve(family.settings, asked | ends, None, {}).settings
    check_goal(checked.goal, family)
    if isinstance(epochs, int) and epochs < come:
        what = f"--epochs {epochs}, but {run.path} has come to {counted(come, 'epoch')}"
        raise UsageError(what, f"with --epochs {math.ceil(come) + epochs} beside --resume it goes on.")
    return {name: getattr(checked, name) for name in (asked | ends)}


def lengthen(run: RunDir, task: "Task", plan: "Plan", asked: Mapping[str, Any]) -> str:
    """Record the plan of a finished run that is trained further; a sentence says how. Of several processes one does.

    Args:
        run: it.
        task: its task.
        plan: by which it was trained.
        asked: epochs in all, or minutes more; and what may end it sooner.

    Raises:
        RunError: its training states are removed.
        UsageError: it would take more minutes in all than any may.
    """
    return by_first(lambda: _lengthened(run, task, plan, asked))


def _lengthened(run: RunDir, task: "Task", plan: "Plan", asked: Mapping[str, Any]) -> str:
    come = run.length().epochs
    assert come is not None
    if not run.steps():
        raise RunError(f"{run.path} is finished, and its training states are removed", f"{way_beyond(run)}.")
    by = _to_epochs if "epochs" in asked else _by_minutes
    longer, told, values = by(run, task, plan, asked)
    longer = replace(
        longer, patience=asked.get("patience", plan.patience), until=goal_of("--until", asked.get("until"))
    )
    before = run.document()["settings"]
    changed = {name: {**before[name], "from": "default"} for name in LENGTHS}  # what is not asked for any more
    changed |= {"until": {"value": None, "from": "default"}}
    changed |= {name: {"value": value, "from": "flag"} for name, value in values.items()}
    changed |= {name: {"value": asked[name], "from": "flag"} for name in ENDS if name in asked}
    further = [*run.document().get(LENGTHENED, ()), dict(asked)]
    run.update(plan=asdict(longer), settings=before | changed, **{LENGTHENED: further})
    told += _no_more_told(plan, longer)
    return f"{run.path} was finished after {counted(come, 'epoch')}; it goes on {told}, with a rate that warms up again"


def _no_more_told(plan: "Plan", longer: "Plan") -> str:
    if plan.until is None or longer.until is not None:
        return ""
    return f", and --until {plan.until[0]}={plan.until[1]:g} ends it no more"


Longer = tuple["Plan", str, dict[str, Any]]
"""The plan, how long that is in words, and the settings that say so."""


def _to_epochs(_: RunDir, task: "Task", plan: "Plan", asked: Mapping[str, Any]) -> Longer:
    epochs = asked["epochs"]
    longer = replace(plan.lengthened(plan.total_steps or 0, epochs * task.steps_per_epoch), minutes=None)
    return longer, f"to epoch {epochs}", {"epochs": epochs, "minutes": None}


def _by_minutes(run: RunDir, _: "Task", plan: "Plan", asked: Mapping[str, Any]) -> Longer:
    spent, step = seconds_spent(run), plan.total_steps or 0
    if spent / 60.0 + asked["minutes"] > MOST_MINUTES:
        what = f"--minutes {asked['minutes']:g} more make more than the {MOST_MINUTES:,} that a run may take in all"
        raise UsageError(what, "give fewer, such as --minutes 60.")
    more = max(1, round(60.0 * asked["minutes"] * step / spent))  # until the clock knows better
    longer = replace(plan.lengthened(step, step + more), minutes=spent / 60.0 + asked["minutes"])
    return longer, f"for {counted(asked['minutes'], 'minute')} more", {"minutes": longer.minutes}


def seconds_spent(run: RunDir) -> float:
    """That all sessions of a run took, by its newest training state.

    Raises:
        RunError, KeyError, TypeError: there is none, or it is damaged.
    """
    progress = read_json(run.checkpoints / str(run.pointer("last")) / "state.json")["progress"]
    return max(1.0, float(progress["seconds"]) + float(progress.get("seconds_before", 0.0)))
