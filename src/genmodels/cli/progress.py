"""Progress of a computation with a known end: a bar on a terminal and in a notebook, else lines."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from genmodels.cli.console import is_terminal, rich_console, say
from genmodels.cli.notebook import OverwrittenBar, in_notebook
from genmodels.printable import one_line
from genmodels.telling import Advance, duration, silent

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

LINE_SECONDS = 10.0


@contextmanager
def counting(what: str, total: int, quiet: bool) -> Iterator[Advance]:
    """A `Counting` on stderr.

    Args:
        what: is being done.
        total: how many in all.
        quiet: show nothing.
    """
    what = one_line(what)  # it may hold the name of a run or a file
    if quiet:
        yield silent
    elif in_notebook():  # whose stderr may call itself a terminal
        with _overwritten(what, total) as advance:
            yield advance
    elif is_terminal(sys.stderr):
        with _bar(what, total) as advance:
            yield advance
    else:
        yield Lines(what, total).advance


@contextmanager
def _bar(what: str, total: int) -> Iterator[Advance]:
    from rich.progress import Progress, TextColumn

    told = TextColumn("{task.description}", markup=False)
    columns = (told, bar_itself(), time_left())
    bar = Progress(*columns, console=rich_console(sys.stderr), transient=True, expand=True)
    task = bar.add_task(what, total=total)
    with bar:
        yield lambda count: bar.update(task, advance=count)


def bar_itself() -> "ProgressColumn":
    """The bar: where all is done green on any terminal; of 16 colours Rich's own would be the grey of an empty one."""
    from rich.progress import BarColumn

    return BarColumn(bar_width=None, finished_style="green")


def time_left() -> "ProgressColumn":
    """The column that says how long the rest takes: ETA 0:07; with a question mark until something is done.

    A task with a field "left" says it by that: the seconds, or None.
    """
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class TimeLeft(ProgressColumn):
        def render(self, task: Task) -> Text:
            left = task.fields.get("left", task.time_remaining)
            return Text(f"ETA {clock(left)}", no_wrap=True)

    return TimeLeft()


def clock(seconds: float | None) -> str:
    """A span in few letters: minutes and seconds, or hours too.

    >>> clock(7.2), clock(754), clock(7800), clock(None)
    ('0:07', '12:34', '2:10:00', '?')
    """
    if seconds is None:
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


@contextmanager
def _overwritten(what: str, total: int) -> Iterator[Advance]:
    bar, share = OverwrittenBar(), _Share(what, total)

    def advance(count: int) -> None:
        share.done += count
        bar.show(share.done, total, share.told(time.monotonic()))

    try:
        yield advance
    finally:
        bar.clear()


class _Share:
    """How much of something is done."""

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total, self.done = what, total, 0
        self.began_at = time.monotonic()

    def told(self, now: float) -> str:
        """The share, and how long the rest takes."""
        left = duration((now - self.began_at) / self.done * (self.total - self.done)) if self.done > 0 else "?"
        return f"{self.what}: {self.done / self.total:.0%}  ETA {left}"


class Lines(_Share):
    """A line now and then."""

    def __init__(self, what: str, total: int) -> None:
        super().__init__(what, total)
        self.said_at = self.began_at

    def advance(self, count: int) -> None:
        """So many more are done."""
        self.done += count
        now = time.monotonic()
        if now - self.said_at >= LINE_SECONDS:
            self.said_at = now
            say(self.told(now))
