"""fit() as programs call it: a training whose run is looked at first, as the commands look at it."""

from typing import TYPE_CHECKING

from genmodels.runs import RunDir
from genmodels.training.plan import Plan
from genmodels.training.progress import Progress
from genmodels.training.reporting import Reporter
from genmodels.training.starting import as_left, train
from genmodels.training.task import OptimisedTask

if TYPE_CHECKING:
    from genmodels.family import Family


def fit(
    task: OptimisedTask,
    family: "Family",
    plan: Plan,
    run: RunDir,
    reporter: Reporter,
    *,
    accept_changes: bool = False,
) -> Progress:
    """Train until the plan is fulfilled, from the run's newest training state if it has one.

    Args:
        task: what is trained; its state is overwritten by the run's newest one. Its settings say how many epochs are
            kept, how often the training state is saved and the model is looked at, and with how many threads.
        family: its row in the registry.
        plan: how long.
        run: where everything is written.
        reporter: is told what happens.
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
        >>> genmodels.fit(task, row, plan, run, reporting.QuietReporter()).step == plan.total_steps
        True
    """
    as_left(run, reporter.notice, accept=accept_changes)
    return train(task, family, plan, run, reporter)
