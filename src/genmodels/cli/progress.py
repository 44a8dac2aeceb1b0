"""Progress of a computation with a known end."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from genmodels.cli.console import is_terminal, rich_console, say
from genmodels.cli.reporters import LINE_SECONDS
from genmodels.exhibit import duration
from genmodels.telling import Advance

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Counter:
    """Progress of a long computation with a known end: a bar on a terminal, a line every 10 s elsewhere.

    Args:
        what: is being done.
        total: how many in all.
        quiet: show nothing.
    """

    def __init__(self, what: str, total: int, quiet: bool) -> None:
        self.what, self.total, self.quiet = what, total, quiet
        self.done = 0
        self.begin = self.said_at = time.monotonic()
        self.bar: Progress | None = None
        self.task: TaskID | None = None

    def __enter__(self) -> "Counter":
        if not self.quiet and is_terminal(sys.stderr):
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn(self.what), BarColumn(bar_width=None), TextColumn("ETA"), TimeRemainingColumn())
            self.bar = Progress(*columns, console=rich_console(sys.stderr), transient=True, expand=True)
            self.task = self.bar.add_task("", total=self.total)
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()

    def advance(self, count: int) -> None:
        """So many more are done."""
        self.done += count
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=self.done)
            return
        now = time.monotonic()
        if not self.quiet and now - self.said_at >= LINE_SECONDS:
            self.said_at = now
            left = (now - self.begin) / self.done * (self.total - self.done)
            say(f"{self.what}: {self.done / self.total:.0%}  ETA {duration(left)}")


@contextmanager
def counting(what: str, total: int, quiet: bool) -> Iterator[Advance]:
    """A `Counting` on stderr; see `Counter`."""
    with Counter(what, total, quiet) as counter:
        yield counter.advance
