"""What a user is told who stops a training: what is saved, and how to go on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from genmodels.errors import Stopped
from genmodels.runs import RunDir
from genmodels.training.signals import StopRequested, StopSignals

if TYPE_CHECKING:
    from genmodels.family import Family


@contextmanager
def preparing() -> Iterator[None]:
    """What comes before a run is made: who interrupts it is told that there is none.

    Raises:
        Stopped: in place of the interrupt.
    """
    try:
        yield
    except KeyboardInterrupt:
        what = "interrupted before the training began: no run was made"
        raise Stopped(what, "the same command begins it.") from None


@contextmanager
def stops_told(run: RunDir, family: "Family", signals: StopSignals, step: Callable[[], int]) -> Iterator[None]:
    """A stop that was asked for, once or twice, as what a user is told of it.

    Args:
        run: that is trained.
        family: its row.
        signals: that asked for it.
        step: how far training has come.

    Raises:
        Stopped: in place of what stopped it.
    """
    try:
        yield
        signals.check()  # one that came while the last page was made
    except StopRequested:
        hint = f"genmodels {family.train_command} --resume {run.quoted} goes on."
        what = f"stopped after step {step()}; everything is saved in {run.path}"
        raise Stopped(what, hint, signals.exit_code) from None
    except KeyboardInterrupt:
        raise _stopped_at_once(run, family, step()) from None


def _stopped_at_once(run: RunDir, family: "Family", step: int) -> Stopped:
    """What was saved before the second signal."""
    steps, resume = run.steps(), f"genmodels {family.train_command} --resume {run.quoted}"
    what = f"stopped at once, after step {step}"
    if not steps:
        return Stopped(f"{what}; nothing was saved yet in {run.path}", f"{resume} begins it again.")
    return Stopped(f"{what}; step {steps[-1]} is saved in {run.path}", f"{resume} goes on from there.")
