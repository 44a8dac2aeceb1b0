"""fit() as programs call it: the training loop, for a run that is as genmodels left it."""

from typing import TYPE_CHECKING

from genmodels.runs import RunDir
from genmodels.settings.every import NEVER, Every
from genmodels.training import loop
from genmodels.training.plan import Plan
from genmodels.training.progress import Progress
from genmodels.training.reporting import Reporter
from genmodels.training.starting import as_left
from genmodels.training.task import Task

if TYPE_CHECKING:
    from genmodels.family import Family


def fit(
    task: Task,
    family: "Family",
    plan: Plan,
    run: RunDir,
    reporter: Reporter,
    keep_epochs: int | None,
    checkpoint_minutes: float,
    preview_every: Every = NEVER,
    seconds_before: float = 0.0,
    *,
    accept_changes: bool = False,
) -> Progress:
    """Train until the plan is fulfilled, from the run's newest training state if it has one.

    Args:
        task: what is trained; its state is overwritten by the run's newest one.
        family: its row in the registry.
        plan: how long.
        run: where everything is written.
        reporter: is told what happens.
        keep_epochs: keep the weights of so many newest epochs, and the best; None for all.
        checkpoint_minutes: save the training state at least this often.
        preview_every: keep weights and what the model makes of them inside an epoch this often.
        seconds_before: that went by since somebody asked for it, which count for --minutes.
        accept_changes: go on though the run was changed by another hand; it records that.

    Raises:
        Stopped: a signal came; everything is saved, or after a second one what was saved before.
        DivergedError: the loss was not finite after three rollbacks.
        RunError, ResourceError: it was changed by another hand, all training states are damaged, another process trains
            it; disk or memory is full.

    Example:
        >>> from genmodels.training import reporting, starting
        >>> run, row = genmodels.open_run("story", genmodels.TextRun), genmodels.family_of("text")
        >>> task = run.restore(print)
        >>> plan = starting.plan_of(run, task, task.settings)
        >>> genmodels.fit(task, row, plan, run, reporting.QuietReporter(), None, 5.0).step == plan.total_steps
        True
    """
    as_left(run, reporter.notice, accept=accept_changes)
    kept = keep_epochs, checkpoint_minutes
    return loop.fit(task, family, plan, run, reporter, *kept, preview_every, seconds_before)
