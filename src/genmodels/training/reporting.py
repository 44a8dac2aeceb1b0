"""Who is told what happens: a reporter, and a quiet one."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from genmodels.runs import Record
from genmodels.telling import Advance, Notice, silent
from genmodels.training.plan import Plan


class Reporter(Protocol):
    """Is told what happens; shows it or not."""

    def started(self, plan: Plan, step: int, best: float | None) -> None:
        """Training begins, or goes on, at a step, with the best score so far."""

    def planned(self, plan: Plan) -> None:
        """The number of steps is fixed now (``--minutes``)."""

    def advanced(self, step: int) -> None:
        """A step was finished; called often, must be cheap."""

    def logged(self, record: Record) -> None:
        """A line was added to metrics.jsonl."""

    def evaluating(self, checks: int | None) -> AbstractContextManager[Advance]:
        """An evaluation begins, and ends with the block.

        Args:
            checks: how far its `Advance` counts; None where that is not known yet.
        """

    def previewed(self, epoch: float, text: str) -> None:
        """The model wrote or drew something, at an epoch's end or, where `epoch` is no whole number, inside one.

        Args:
            epoch: how many epochs training has come to.
            text: what it was; inside an epoch a line of it, or the path of its picture.
        """

    def notice(self, sentence: str) -> None:
        """Something the user should know."""

    def finished(self) -> None:
        """Training is over, for whatever reason; called once."""


class QuietReporter:
    """Says only what must be known; the base of the others.

    Args:
        notice: is told what the user should know.
    """

    def __init__(self, notice: Notice = silent) -> None:
        self._notice = notice

    def started(self, plan: Plan, step: int, best: float | None) -> None:
        """Training begins."""

    def planned(self, plan: Plan) -> None:
        """The number of steps is fixed."""

    def advanced(self, step: int) -> None:
        """A step was finished."""

    def logged(self, record: Record) -> None:
        """A metrics line was written."""

    def evaluating(self, checks: int | None) -> AbstractContextManager[Advance]:
        """An evaluation begins."""
        del checks
        return nullcontext(silent)

    def previewed(self, epoch: float, text: str) -> None:
        """A sample was written."""

    def notice(self, sentence: str) -> None:
        """Something the user should know."""
        self._notice(sentence)

    def finished(self) -> None:
        """Training is over."""
