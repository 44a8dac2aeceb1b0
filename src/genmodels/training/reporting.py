"""Who is told what happens: a reporter, and a quiet one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from statistics import mean
from typing import Protocol

from genmodels.runs import Record, RunDir
from genmodels.telling import Advance, Notice, duration, silent
from genmodels.training.plan import Plan


class Reporter(Protocol):
    """Is told what happens; shows it or not."""

    def about(self, run: RunDir) -> None:
        """Which run is trained; called first."""

    def started(self, plan: Plan, step: int, best: float | None) -> None:
        """Training begins, or goes on, at a step, with the best score so far."""

    def planned(self, plan: Plan) -> None:
        """There is another plan (``--minutes``): the number of steps is known, or has changed."""

    def advanced(self, step: int) -> None:
        """A step was finished; called often, must be cheap."""

    def logged(self, record: Record) -> None:
        """A line was added to metrics.jsonl."""

    def evaluating(self, checks: int) -> AbstractContextManager[Advance]:
        """An evaluation begins, and ends with the block.

        Args:
            checks: how far its `Advance` counts.
        """

    def previewed(self, epoch: float, text: str, *, wraps: bool = True) -> None:
        """The model wrote or drew something, at an epoch's end or, where `epoch` is no whole number, inside one.

        Args:
            epoch: how many epochs training has come to.
            text: what it was; inside an epoch a line of it, or the path of its picture.
            wraps: whether a line of it that is too long goes on below; else its end is left out.
        """

    def notice(self, sentence: str) -> None:
        """Something the user should know."""

    def saved(self, is_asked: Callable[[], bool], *, is_last: bool) -> None:
        """An epoch after the first update is over, and all of it saved; what is done now counts as no time of training.

        Args:
            is_asked: says whether training is to stop meanwhile; then this should return at once.
            is_last: training is over, and the run is free for others; also where there was nothing left to train.
        """

    def finished(self) -> None:
        """Training is over, for whatever reason; called once."""


@contextmanager
def ended(reporter: Reporter) -> Iterator[None]:
    """With the block training is over, for whatever reason."""
    try:
        yield
    finally:
        reporter.finished()


@dataclass
class Several:
    """How far several trainings are, which come one after the other.

    Args:
        names: of all, in order.
        minutes: that each is given, or None.
        taken: the seconds that each took which is done.
        spent: seconds of its minutes that one which is not done took before, by its name.
    """

    names: Sequence[str]
    minutes: float | None
    taken: list[float] = field(default_factory=list)
    spent: Mapping[str, float] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Which one is under way: "rnn, 1 of 4"."""
        done = len(self.taken)
        return f"{self.names[done]}, {done + 1} of {len(self.names)}"

    def left(self, seconds: float, left: float | None) -> float | None:
        """Seconds until all are trained; None where that can't be told yet.

        Args:
            seconds: spent on the one that is under way.
            left: until that one is trained, or None.
        """
        if self.minutes is not None:  # the end is known, whatever the speed of the newest steps foretells
            each = 60.0 * self.minutes
            this = max(0.0, each - seconds - self.spent.get(self.names[len(self.taken)], 0.0))
        elif left is None:
            return None
        else:
            each, this = mean([*self.taken, seconds + left]), left
        return this + each * (len(self.names) - len(self.taken) - 1)

    def told(self, seconds: float, left: float | None) -> str:
        """Which one is under way, and the time of all: "rnn, 1 of 4, 6 min 10 s left to train, then all are measured".

        How long the measuring takes is not known before its own bar says it.
        """
        whole = self.left(seconds, left)
        return self.place if whole is None else f"{self.place}, {duration(whole)} left to train, then all are measured"


class QuietReporter:
    """Says only what must be known; the base of the others.

    Args:
        notice: is told what the user should know.
    """

    def __init__(self, notice: Notice = silent) -> None:
        self._notice = notice

    def about(self, run: RunDir) -> None:
        """A run is trained."""

    def started(self, plan: Plan, step: int, best: float | None) -> None:
        """Training begins."""

    def planned(self, plan: Plan) -> None:
        """There is another plan."""

    def advanced(self, step: int) -> None:
        """A step was finished."""

    def logged(self, record: Record) -> None:
        """A metrics line was written."""

    def evaluating(self, checks: int) -> AbstractContextManager[Advance]:
        """An evaluation begins."""
        del checks
        return nullcontext(silent)

    def previewed(self, epoch: float, text: str, *, wraps: bool = True) -> None:
        """A sample was written."""

    def notice(self, sentence: str) -> None:
        """Something the user should know."""
        self._notice(sentence)

    def saved(self, is_asked: Callable[[], bool], *, is_last: bool) -> None:
        """An epoch is over and saved."""

    def finished(self) -> None:
        """Training is over."""
