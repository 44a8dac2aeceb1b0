"""Progress of a computation with a known end: a bar on a terminal, a line every 10 s elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from genmodels.cli.console import is_terminal, rich_console, say
from genmodels.exhibit import duration
from genmodels.telling import Advance, silent

LINE_SECONDS = 10.0


@contextmanager
def counting(what: str, total: int, quiet: bool) -> Iterator[Advance]:
    """A `Counting` on stderr.

    Args:
        what: is being done.
        total: how many in all.
        quiet: show nothing.
    """
    if quiet:
        yield silent
    elif is_terminal(sys.stderr):
        with _bar(what, total) as advance:
            yield advance
    else:
        yield _Lines(what, total).advance


@contextmanager
def _bar(what: str, total: int) -> Iterator[Advance]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(bar_width=None), TextColumn("ETA"), TimeRemainingColumn())
    bar = Progress(*columns, console=rich_console(sys.stderr), transient=True, expand=True)
    task = bar.add_task("", total=total)
    with bar:
        yield lambda count: bar.update(task, advance=count)


class _Lines:
    """A line now and then: how much is done, and how long the rest takes."""

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total, self.done = what, total, 0
        self.began_at = self.said_at = time.monotonic()

    def advance(self, count: int) -> None:
        """So many more are done."""
        self.done += count
        now = time.monotonic()
        if now - self.said_at >= LINE_SECONDS:
            self.said_at = now
            left = (now - self.began_at) / self.done * (self.total - self.done)
            say(f"{self.what}: {self.done / self.total:.0%}  ETA {duration(left)}")
