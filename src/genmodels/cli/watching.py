"""Who watches a Python program: a terminal, a notebook, or nobody; and what each is shown."""

import sys
from typing import TYPE_CHECKING

from genmodels.cli.console import is_terminal, note
from genmodels.cli.reporters import LineReporter, RichReporter
from genmodels.printable import one_line
from genmodels.telling import Notice
from genmodels.training.reporting import QuietReporter

if TYPE_CHECKING:
    from genmodels.family import Family
    from genmodels.training.plan import Plan

BAR = 30  # characters


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


def is_watched() -> bool:
    """Whether a person sees stderr now, on a terminal or in a notebook."""
    return is_terminal(sys.stderr) or in_notebook()


class NotebookReporter(LineReporter):
    """One line that is written over again and again, which a notebook shows as a bar."""

    def _show(self, text: str, end: str = "") -> None:
        sys.stderr.write(f"\r{one_line(text):<100}{end}")
        sys.stderr.flush()

    def started(self, plan: "Plan", step: int, best: float | None) -> None:
        """Remember the plan, without a word."""
        self.plan, self.first_step = plan, step
        self.figures.take_best(best)

    def planned(self, plan: "Plan") -> None:
        """The bar gets its length."""
        self.plan = plan

    def advanced(self, step: int) -> None:
        """Move the bar, at most twice a second."""
        if not self.due(0.5):
            return
        assert self.plan is not None
        total = self.plan.total_steps
        filled = 0 if total is None else BAR * step // total
        f = self.figures
        bar = "█" * filled + "░" * (BAR - filled)
        self._show(f"{bar} step {step}/{total or '?'}  loss {f.loss}  {f.split} {f.validation}  ETA {self.eta(step)}")

    def finished(self) -> None:
        """End the line."""
        self._show("", end="\r")


def reporter_for(family: "Family", progress: bool | None, notice: Notice | None) -> QuietReporter:
    """Who is told of a training that a Python program starts.

    Args:
        family: whose figures are shown.
        progress: True: a bar, or plain lines where nobody watches; None: only where somebody does; False: nothing.
        notice: is told what the user should know; None: stderr.
    """
    if progress is False or (progress is None and not is_watched()):
        return QuietReporter(notice or note)
    if is_terminal(sys.stderr):
        return RichReporter(family, notice)
    return (NotebookReporter if in_notebook() else LineReporter)(family, notice or note)
