"""How many steps trainings had, and whether that is enough to put them side by side."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genmodels.errors import in_turn, listed
from genmodels.families.finetuning import first_weights_told
from genmodels.families.whole import whole_summary_of
from genmodels.runs import ComparisonDir, RunDir
from genmodels.runs.finding import whole_of
from genmodels.runs.naming import run_names
from genmodels.runs.standing import FINISHED, standing_of
from genmodels.telling import counted, duration
from genmodels.training.beginnings import Beginning, beginning_of, steps_before
from genmodels.training.busy import quicker
from genmodels.training.reporting import Several
from genmodels.training.signs import ENOUGH_STEPS, IN_RESERVE, advised_steps, enough_steps
from genmodels.training.starting import part_facts

if TYPE_CHECKING:
    from genmodels.families.run import Run

MOST_PARTS = 2  # runs whose measured part is told of each by itself
UNEQUAL = 1.3  # times as long: trainings that were given one time and differ by more


def steps_of(run: RunDir) -> int:
    """How often the weights of a run were updated, until now."""
    return int(whole_summary_of(run)["step"])


def hardly_trained(run: RunDir) -> str:
    """That a run's network is hardly trained, by the rule of all trainings, as a sentence; else "".

    Steps of the run from whose weights it began count too.
    """
    document = run.document()
    beginning = beginning_of(document["family"], document["settings"].get("model", {}).get("value"))
    steps, enough = steps_of(run) + steps_before(document), enough_steps(beginning)
    if steps >= enough:
        return ""
    known = beginning is not None and beginning.steps == enough
    what = _begins_told(beginning) if beginning is not None and known else f"{enough:,} are a beginning"
    return f"It is hardly trained: {counted(steps, 'step')}, where {what}."


def _begins_told(beginning: Beginning) -> str:
    return f"its kind ({beginning.model}) begins {beginning.does} after about {beginning.steps:,}"


def seconds_of(run: RunDir) -> float:
    """How long a run was trained and evaluated, until now."""
    return float(whole_summary_of(run)["seconds"])


def unequal_told(seconds: Mapping[str, float]) -> str | None:
    """What to know of trainings that were to take one time and did not; None where, as it is told, they nearly did.

    Args:
        seconds: that each took, by the name of the run.

    >>> unequal_told({"rnn": 60, "lstm": 130, "gru": 62})
    'they took unequal times, from 1 min 00 s (rnn) to 2 min 10 s (lstm), so by time they are not alike'
    """
    shortest, longest = (pick(seconds, key=lambda name: seconds[name]) for pick in (min, max))
    if round(seconds[longest]) <= UNEQUAL * round(seconds[shortest]):
        return None
    ends = f"from {duration(seconds[shortest])} ({shortest}) to {duration(seconds[longest])} ({longest})"
    return f"they took unequal times, {ends}, so by time they are not alike"


def unequal_steps_told(steps: Mapping[str, int]) -> str | None:
    """The same of trainings that were given no time, by their finished steps.

    >>> unequal_steps_told({"window 1": 65, "tdnn": 1400, "lstm": 163})
    'they were not trained alike, from 65 steps (window 1) to 1,400 (tdnn)'
    """
    fewest, most = (pick(steps, key=lambda name: steps[name]) for pick in (min, max))
    if steps[most] <= UNEQUAL * steps[fewest]:
        return None
    return f"they were not trained alike, from {counted(steps[fewest], 'step')} ({fewest}) to {steps[most]:,} ({most})"


def time_told(several: Several, done: int) -> str | None:
    """How long several trainings take that are not done yet; None where no time was asked for.

    Args:
        several: they, of which one may have spent some of its time already.
        done: how many of them are.
    """
    minutes, left = several.minutes, len(several.names) - done
    if minutes is None or left <= 0:
        return None
    whole = duration(max(0.0, 60 * left * minutes - sum(several.spent.values())))
    each = " each" if left > 1 else ""
    return (
        f"{counted(left, 'training')} of --minutes {minutes:g}{each}, evaluations included: about {whole} in all, and "
        "what it takes to measure them at the end"
    )


def trainings_told(
    steps: Mapping[str, int], seconds: Mapping[str, float], by_time: bool, longer: Sequence[str] = ()
) -> list[str]:
    """What to know before networks are held against each other: which were trained too shortly, or unequally long.

    Args:
        steps: finished ones, by the name of each.
        seconds: that each took.
        by_time: whether each was given a time, so that it is this which should be equal.
        longer: options to ask for where they were too short; none: nobody is about to train.
    """
    unequal = unequal_told(seconds) if by_time else unequal_steps_told(steps)
    few = too_few_told(steps)
    advised = f"; ask for {in_turn(longer)}" if longer else ""
    return [*([f"{few}{advised}"] if few else []), *([unequal] if unequal else [])]


def lengths_told(runs: "Sequence[Run]", longer: "Callable[[Sequence[Run]], Sequence[str]] | None" = None) -> list[str]:
    """The same of the runs of a comparison, with what to ask for where each was given a time.

    Args:
        runs: its members.
        longer: gives the options with which the slowest has steps enough; None: nobody asks how to do it better.
    """
    steps = {run.path.name: steps_of(run) for run in runs}
    seconds = {run.path.name: seconds_of(run) for run in runs}
    by_time = runs[0].setting("minutes") is not None
    return trainings_told(steps, seconds, by_time, longer(runs) if by_time and longer is not None else ())


def to_train_anew(runs: "Sequence[Run]", device: str) -> list[str]:
    """Options with which trainings on a device are long enough: the minutes of each, and how they take less time."""
    from genmodels.device import choose_device

    also = quicker(runs[0].setting("threads") or 1, choose_device(device).device.type)
    return [_in_minutes([_seconds_for_enough(run)[0] for run in runs]), *also]


def to_go_on(runs: "Sequence[Run]") -> list[str]:
    """The option that makes them long enough beside --resume, which takes none but that: the minutes more of each."""
    return [f"{_in_minutes([_seconds_for_enough(run)[1] for run in runs])} beside --resume"]


def _in_minutes(seconds: Sequence[float]) -> str:
    return f"--minutes {math.ceil(max(seconds) * IN_RESERVE / 60.0)}"


def _seconds_for_enough(run: RunDir) -> tuple[float, float]:
    """What a training takes of steps enough, and what it takes to go on with this one until it has as many.

    What came before the first step and after the last one stays as it is, and comes again where it goes on.
    """
    document, records = run.document(), run.metrics()
    enough = advised_steps(beginning_of(document["family"], document["settings"].get("model", {}).get("value")))
    clock = [(record["step"], record["seconds"]) for record in records if record["step"] == 0 or "steps" in record]
    spent = seconds_of(run)
    if not clock:  # its records are gone, and its owner went on with that
        return spent, spent
    (first, before), (last, then) = clock[0], clock[-1]
    missing = (then - before) / max(1, last - first) * max(0, enough - last)
    return float(spent + missing), float(spent - (then - before) + missing)


def too_few_told(steps: Mapping[str, int], begins: Mapping[str, Beginning | None] | None = None) -> str | None:
    """What to know of trainings that were too short to be compared; None where all were long enough.

    Args:
        steps: finished ones by the name of the run; the short ones are named, of many the first.
        begins: when the network of each begins to do what it is for, where that is known: by the same rule one is
            called hardly trained by itself.

    >>> too_few_told({"rnn": 39, "lstm": 16, "gru": 5000})
    'so few steps (rnn 39, lstm 16) hardly tell which is better: each should have 400 or more'
    """
    late = {name: one for name, one in (begins or {}).items() if one is not None and one.steps > ENOUGH_STEPS}
    few = {name: n for name, n in steps.items() if n < (late[name].steps if name in late else ENOUGH_STEPS)}
    if not few:
        return None
    named = [f"{name} {count:,}{_late_told(late.get(name))}" for name, count in few.items()]
    return f"so few steps ({listed(named)}) hardly tell which is better: each should have {ENOUGH_STEPS} or more"


def _late_told(beginning: Beginning | None) -> str:
    return "" if beginning is None else f", where {_begins_told(beginning)}"


def few_legend(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What a table says of its steps where a row has too few; one that was kept before they were counted has none."""
    if all(row.get("steps", ENOUGH_STEPS) >= ENOUGH_STEPS for row in rows):
        return {}
    return {"steps": f"updates of the weights; fewer than {ENOUGH_STEPS} hardly tell which model is better"}


def standing_apart(runs: Sequence[RunDir]) -> list[str]:
    """What to know of runs before they are held against each other, measured anew: first weights, those not finished.

    Raises:
        RunError: a run is damaged.
    """
    return [*first_weights_told(runs), *unfinished_told(runs)]


def records_apart(runs: Sequence[RunDir]) -> list[str]:
    """The same of runs whose records of their training are shown: also of how much of what is held out these are.

    Raises:
        RunError: a run is damaged.
    """
    return [*parts_told(runs), *standing_apart(runs)]


def parts_told(runs: Sequence[RunDir], these: str = "") -> list[str]:
    """That scores recorded while training are of a part of what is held out, where `--minutes` left no time for more.

    It is said beside these alone: a command that measures runs by itself has its own share, which it tells.

    Args:
        runs: whose records are shown.
        these: what of the result they are, where it has more, such as "the curves are"; "" where they are all of it.

    Raises:
        RunError: a run is damaged.
    """
    shares = {
        name: share
        for name, run in zip(run_names(runs), runs, strict=True)
        for share in part_facts(run.document()).values()
    }
    if not shares:
        return []
    told = in_turn([f"{name} on {share:.1%} of it" for name, share in shares.items()])
    if len(shares) > MOST_PARTS:
        told = f"{len(shares)} of {len(runs)} runs on {min(shares.values()):.1%} to {max(shares.values()):.1%} of it"
    return [f"{these} not measured on all that is held out: {told}".lstrip()]


def unfinished_told(runs: Sequence[RunDir]) -> list[str]:
    """That some runs are not trained to the end, if they aren't: each as it stands now.

    Those of a comparison that are not begun are told too, where all of it is meant that is begun.

    Raises:
        RunError: a run is damaged.
    """
    told = [_standing_told(run) for run in runs if standing_of(run).state != FINISHED]
    wholes = {whole.path: whole for whole in map(whole_of, runs) if isinstance(whole, ComparisonDir)}
    meant = {run.path for run in runs}
    for whole in wholes.values():
        begun = {run.path for run in whole.members()}
        every = map(whole.member, whole.document()["members"]) if begun <= meant else []
        told += [f"{run.name} (not begun)" for run in every if run.path not in begun]
    return [f"not trained to the end: {listed(told)}"] if told else []


def _standing_told(run: RunDir) -> str:
    standing = standing_of(run)
    of = "" if standing.planned is None else f" of {standing.planned:,}"
    return f"{run.name} ({standing.state}, epoch {standing.epochs:,}{of})"
