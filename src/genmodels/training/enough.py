"""When a training has had enough: some epochs brought nothing, or a score is reached."""

from collections.abc import Callable, Sequence

from genmodels.errors import UsageError, did_you_mean
from genmodels.family import Family
from genmodels.runs import Record
from genmodels.telling import counted
from genmodels.training.plan import Plan, learning_rate_scale
from genmodels.training.progress import Progress


def check_goal(goal: tuple[str, float] | None, family: Family) -> None:
    """Refuse a score to reach that the family does not measure.

    Raises:
        UsageError: there is none of that name.
    """
    known = sorted({family.score, *family.measures})
    if goal is not None and goal[0] not in known:
        hint = did_you_mean(goal[0], known) or f"{family.train_command} measures {', '.join(known)}."
        raise UsageError(f"--until {goal[0]}={goal[1]:g}: there is no score {goal[0]!r}", hint, "--until")


def enough_told(
    plan: Plan, progress: Progress, evaluations: Callable[[], Sequence[Record]], family: Family
) -> str | None:
    """Why a training ends after the epoch that was evaluated last, in a sentence; None where it goes on.

    It depends on what is saved and recorded alone, so that a run which is resumed there ends, too.

    Args:
        plan: what was asked for.
        progress: where training stands.
        evaluations: reads those of what is held out, from epoch 0 on; asked only where a score is to be reached.
        family: knows the score.
    """
    epoch, best = progress.evaluated, progress.best_epoch
    if epoch < 1 or progress.step == plan.total_steps:
        return None
    rate = f"the learning rate was at {learning_rate_scale(progress.step, plan):.0%} of its peak"
    if plan.until is not None and is_reached(plan.until, measured := evaluations(), family):
        name, goal = plan.until
        return f"ends after epoch {epoch}: {name} is {measured[-1][name]:.4g}, as --until {name}={goal:g} asks; {rate}"
    since = max(best or 0, *(plan.epoch_of(step) for step in plan.again), 0)
    if plan.patience is not None and best is not None and epoch - since >= plan.patience:
        what = f"{counted(epoch - since, 'epoch')} brought no better {family.score} than {progress.best_score:.4g}"
        return f"ends after epoch {epoch}: {what}, of epoch {best}, as --patience {plan.patience} asks; {rate}"
    return None


def missed_told(
    plan: Plan, progress: Progress, evaluations: Callable[[], Sequence[Record]], family: Family
) -> str | None:
    """That a training came to its end without the score that was to be reached; None otherwise; arguments as above."""
    if plan.until is None or progress.step != plan.total_steps:
        return None
    measured = evaluations()
    if measured[-1]["step"] != progress.step or is_reached(plan.until, measured, family):
        return None  # the end is not measured yet, or is good enough
    name, goal = plan.until
    return f"--until {name}={goal:g} was not reached: {name} is {measured[-1][name]:.4g} after the last epoch"


def is_reached(goal: tuple[str, float], measured: Sequence[Record], family: Family) -> bool:
    """Whether a score is as good as a goal, or better.

    Which way a family's own score becomes better is known; any other has to come from where it was before training to
    the goal, from either side.

    Args:
        goal: the score's name, and its value.
        measured: evaluations of what is held out, from epoch 0 on.
        family: whose score is known.
    """
    name, wanted = goal
    first, last = (float(measured[place][name]) for place in (0, -1))
    if name == family.score:
        return family.best((last, wanted)) == last
    return last <= wanted if first > wanted else last >= wanted
