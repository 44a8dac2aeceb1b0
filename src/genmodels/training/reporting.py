"""Who is told what happens: a reporter, and a quiet one."""

from typing import Protocol

from genmodels.runs import Record
from genmodels.telling import Notice, silent
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

    def previewed(self, epoch: int, text: str) -> None:
        """The model wrote or drew something at an epoch's end."""

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

    def previewed(self, epoch: int, text: str) -> None:
        """A sample was written."""

    def notice(self, sentence: str) -> None:
        """Something the user should know."""
        self._notice(sentence)

    def finished(self) -> None:
        """Training is over."""
