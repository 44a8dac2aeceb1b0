"""Who watches a Python program: a terminal, a notebook, or nobody; and what each is shown."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from genmodels.cli.console import is_terminal, note
from genmodels.cli.notebook import OverwrittenBar, in_notebook
from genmodels.cli.reporters import LineReporter, RichReporter
from genmodels.telling import Advance, Notice
from genmodels.training.reporting import QuietReporter, Several

if TYPE_CHECKING:
    from genmodels.family import Family
    from genmodels.runs import Record
    from genmodels.training.plan import Plan


SHOWN = 3  # figures beside a notebook's bar


def is_watched() -> bool:
    """Whether a person sees stderr now, on a terminal or in a notebook."""
    return is_terminal(sys.stderr) or in_notebook()


class NotebookReporter(LineReporter):
    """One line that is written over again and again, which a notebook shows as a bar."""

    def __init__(self, family: "Family", notice: Notice = note, several: Several | None = None) -> None:
        super().__init__(family, notice, several)
        self.bar = OverwrittenBar()

    def started(self, plan: "Plan", step: int, best: float | None) -> None:
        """Remember where it begins, without a word."""
        super(LineReporter, self).started(plan, step, best)

    def planned(self, plan: "Plan") -> None:
        """The bar gets its length."""
        self.plan = plan

    def logged(self, record: "Record") -> None:
        """Remember the figures."""
        self.figures.take(record)

    def advanced(self, step: int) -> None:
        """Move the bar."""
        total = self.plan.total_steps
        told = [f"step {step}/{total or '?'}", *self.figures.told()[:SHOWN], f"ETA {self.eta(step)}"]
        told = told if self.several is None else [self.of_all(step), *told]
        self.bar.show(step, total, "  ".join(told))

    @contextmanager
    def evaluating(self, checks: int) -> Iterator[Advance]:
        """The same line shows how far an evaluation is."""
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            self.bar.show(done, checks, "evaluating")

        yield advance

    def notice(self, sentence: str) -> None:
        """Take the line away first: whoever is told may write where it stands."""
        self.bar.clear()
        super().notice(sentence)

    def finished(self) -> None:
        """Take the line away."""
        self.bar.clear()


def reporter_for(
    family: "Family", progress: bool | None, notice: Notice | None, several: Several | None = None
) -> QuietReporter:
    """Who is told of a training that a Python program starts.

    Args:
        family: whose figures are shown.
        progress: True: a bar, or plain lines where nobody watches; None: only where somebody does; False: nothing.
        notice: is told what the user should know; None: stderr.
        several: how far the trainings are of which this is one, or None.
    """
    if progress is False or (progress is None and not is_watched()):
        return QuietReporter(notice or note)
    if in_notebook():  # whose stderr may call itself a terminal
        return NotebookReporter(family, notice or note, several)
    if is_terminal(sys.stderr):
        return RichReporter(family, notice, several)
    return LineReporter(family, notice or note, several)
