"""An evaluation while a model trains: how far it is, and whether it takes more of the time than it should."""

import math
import time
from collections.abc import Mapping

from genmodels.processes import ALONE, World
from genmodels.runs import Record
from genmodels.telling import duration
from genmodels.training.reporting import Reporter
from genmodels.training.signals import StopSignals
from genmodels.training.task import Task

SHARE_OF_MINUTES = 0.05  # of the time that --minutes asks for goes into an evaluation at most
SEEN = 0.2  # of that time passes before it is foretold how long the whole takes
TOO_LONG = 1.25  # times as long as it may: less is not worth to begin again


class TooLongError(Exception):
    """An evaluation would take too long.

    Args:
        whole: seconds that it would take.
        share: of it that takes as long as it may.
    """

    def __init__(self, whole: float, share: float) -> None:
        super().__init__(whole, share)
        self.whole, self.share = whole, share

    def told(self, part: str) -> str:
        """In a sentence; `part` is what is held out."""
        return (
            f"to measure on all of {part} would take {duration(self.whole)} after each epoch: while training about "
            f"{max(self.share, 0.01):.0%} of it is used, the same each time"
        )


class Watch:
    """Foretells from its first batches how long an evaluation takes.

    Args:
        checks: batches of it.
        seconds: that it may take; None: any.
        world: the processes that evaluate together, by the clock of the first.
    """

    def __init__(self, checks: int, seconds: float | None, world: World = ALONE) -> None:
        self.checks, self.seconds, self.done, self.world = checks, seconds, -1, world
        self.made, self.begun, self.before = time.perf_counter(), 0.0, 0.0

    def look(self) -> None:
        """Before each batch.

        Raises:
            TooLongError: it would take longer than it may.
        """
        now = time.perf_counter()
        if self.done < 0:
            self.before = now - self.made  # went into what is computed before the first batch
        if self.done <= 0:  # the first batch is slower than the others
            self.begun = now
        elif self.seconds is not None:
            passed, before = self.world.of_first(now - self.begun, self.before)
            batches = passed / self.done * self.checks
            if passed + before > SEEN * self.seconds and before + batches > TOO_LONG * self.seconds:
                share = max(0.0, self.seconds - before) / batches
                raise TooLongError(before + batches, max(0.001, round(share, 3)))
        self.done += 1


def evaluate(task: Task, reporter: Reporter, signals: StopSignals, seconds: float | None) -> Mapping[str, Record]:
    """What a task measures of itself.

    Args:
        task: that is trained.
        reporter: is told how far it is.
        signals: are looked at between batches.
        seconds: that it may take; None: any.

    Raises:
        StopRequested: a signal came.
        TooLongError: it would take longer.
    """
    with reporter.evaluating(task.checks) as advance:
        watch = Watch(task.checks, seconds, signals.world)

        def check() -> None:
            signals.check()
            watch.look()
            advance(1)

        return task.evaluate(check)


def all_finite(measures: Mapping[str, Record]) -> bool:
    """Whether every number is one."""
    return all(math.isfinite(value) for record in measures.values() for value in record.values())
