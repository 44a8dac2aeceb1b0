"""A notebook: whether this is one, and the line that it shows as a bar."""

import sys
import time

from genmodels.cli.console import write_aside
from genmodels.printable import one_line

BAR = 30  # characters
SECONDS_BETWEEN = 0.5


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this: IPython's own, or one made from it, such as Colab's."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return any(kind.__name__ == "ZMQInteractiveShell" for kind in type(shell).__mro__)


class OverwrittenBar:
    """One line on stderr that is written over again and again."""

    def __init__(self) -> None:
        self.width = 0  # of what stands there now
        self.shown_at: float | None = None

    def show(self, done: int, total: int | None, told: str) -> None:
        """Draw the bar and what is told beside it, at most twice a second.

        Args:
            done: how many are done.
            total: how many in all, or None where that isn't known yet.
            told: one line.
        """
        now = time.monotonic()
        if self.shown_at is not None and now - self.shown_at < SECONDS_BETWEEN:
            return
        self.shown_at = now
        filled = 0 if total is None else BAR * done // total
        text = "█" * filled + "░" * (BAR - filled) + " " + one_line(told)
        write_aside(f"\r{text:<{self.width}}")
        self.width = len(text)

    def clear(self) -> None:
        """Take the line away, so that others may write there; the next `show` puts it up again at once."""
        if self.width > 0:
            write_aside(f"\r{'':<{self.width}}\r")
        self.width, self.shown_at = 0, None
