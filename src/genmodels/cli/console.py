"""What goes to the screen: stdout carries the result alone, stderr everything else.

Every text that the program did not write itself passes through `printable` before it reaches a terminal:
Rich does not remove escape sequences.
"""

import contextlib
import os
import sys
import time
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from genmodels.errors import GenmodelsError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from genmodels.registry import Family
    from genmodels.runs import Record
    from genmodels.training.task import Plan

_KEPT = {"\n", "\t"}
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
LINE_SECONDS = 10.0
TEXT_MEASURES = ("nll", "bits_per_char", "perplexity", "accuracy")


def printable(text: str) -> str:
    r"""Text that is safe on a terminal: what could move the cursor or hide becomes a visible escape.

    Kept are line feeds, tabs and every visible character; control, format (with the bidirectional ones),
    surrogate, private and unassigned ones and the two Unicode line separators become ``\x1b`` and the like.
    """
    return "".join(
        c if c in _KEPT or unicodedata.category(c) not in _HIDDEN else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


def is_terminal(stream: TextIO) -> bool:
    """Whether a person reads this stream, on a terminal that can do more than lines."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def write_result(text: str, end: str = "\n") -> None:
    """Write a result to stdout: filtered on a terminal, raw where it is piped."""
    shown = printable(text) if sys.stdout.isatty() else text
    sys.stdout.write(shown + end)
    sys.stdout.flush()


def say(text: str) -> None:
    """Write a line to stderr, always filtered; that nobody reads it any more must not stop the work."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(printable(text) + "\n")
        sys.stderr.flush()


def note(sentence: str) -> None:
    """Tell what the user should know and need not act on."""
    say(f"note: {sentence}")


def show_error(error: GenmodelsError) -> None:
    """`error: ...` and `hint: ...`, a line each."""
    say("error: " + error.what.replace("\n", " "))
    if error.hint is not None:
        say("hint: " + error.hint.replace("\n", " "))


def rich_console(stream: TextIO) -> "Console":
    """A Rich console that adds nothing of its own to our text; NO_COLOR and COLUMNS are obeyed by Rich."""
    from rich.console import Console

    return Console(file=stream, markup=False, highlight=False, emoji=False, soft_wrap=False)


def show_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], stream: TextIO) -> None:
    """A table of texts: drawn on a terminal, tab-separated lines elsewhere."""
    if not is_terminal(stream):
        for row in [headings, *rows]:
            stream.write(as_line(row) + "\n")
        stream.flush()
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(printable(title)), box=box.SIMPLE_HEAD, title_justify="left", show_lines=False)
    for heading in headings:
        table.add_column(Text(printable(heading)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    rich_console(stream).print(table)


def one_line(text: str) -> str:
    """Printable, and tabs and line feeds are shown as escapes too."""
    return printable(text).replace("\t", "\\t").replace("\n", "\\n")


def as_line(cells: Sequence[str]) -> str:
    """Cells separated by tabs."""
    return "\t".join(map(one_line, cells))


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as a table for a spreadsheet; what has no column is left out."""
    import csv
    import io

    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode("utf-8")


def short(value: float) -> str:
    """Four decimals, or powers of ten where those would take a line."""
    return f"{value:.4f}" if abs(value) < 1e6 else f"{value:.3e}"


def duration(seconds: float) -> str:
    """A span as people say it: 45 s, 3 min 05 s, 2 h 10 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


class QuietReporter:
    """Says only what must be known; the base of the others."""

    def started(self, plan: "Plan", step: int, best: float | None) -> None:
        """Training begins."""

    def planned(self, plan: "Plan") -> None:
        """The number of steps is fixed."""

    def advanced(self, step: int) -> None:
        """A step was finished."""

    def logged(self, record: "Record") -> None:
        """A metrics line was written."""

    def previewed(self, epoch: int, text: str) -> None:
        """A sample was written."""

    def notice(self, sentence: str) -> None:
        """Something the user should know."""
        say(f"note: {sentence}")

    def finished(self) -> None:
        """Training is over."""


HELD_OUT = {"validation", "test"}  # splits by which the best epoch is chosen


class _Figures:
    """The newest figures, collected from the records, for both kinds of display.

    Args:
        family: whose score is shown.
    """

    def __init__(self, family: "Family") -> None:
        self.family = family
        self.loss = self.validation = self.best = self.speed = "-"
        self.split = "validation"
        self._best: float | None = None

    def take(self, record: Mapping[str, Any]) -> None:
        if "steps" in record:
            self.loss = f"{record[self.family.loss]:.3f}"
            self.speed = f"{record.get(f'{self.family.unit}_per_second', 0.0):,.0f}"
            return
        value = record.get(self.family.score)
        if value is None or record["split"] not in HELD_OUT:
            return
        self.validation, self.split = f"{value:.3f}", record["split"]
        if record["epoch"] > 0:  # the untrained model is no candidate
            self.take_best(value)

    def take_best(self, score: float | None) -> None:
        if score is None:
            return
        self._best = score if self._best is None else self.family.best([score, self._best])
        self.best = f"{self._best:.3f}"


class LineReporter(QuietReporter):
    """Plain lines where nobody watches: one an epoch, and at most one every 10 s between them."""

    def __init__(self, family: "Family") -> None:
        self.family, self.figures = family, _Figures(family)
        self.begin = self.said_at = time.monotonic()
        self.first_step = 0
        self.plan: Plan | None = None

    def started(self, plan: "Plan", step: int, best: float | None) -> None:
        """Remember the plan; say how long it is."""
        self.plan, self.first_step, self.begin = plan, step, time.monotonic()
        self.figures.take_best(best)
        length = f"{plan.minutes:g} minutes" if plan.total_steps is None else f"{plan.total_steps} steps"
        say(f"training for {length}, {plan.steps_per_epoch} steps an epoch" + (f", from step {step}" if step else ""))

    def planned(self, plan: "Plan") -> None:
        """Say the number of steps."""
        self.plan = plan
        say(f"measured the speed: {plan.total_steps} steps ({plan.epochs} epochs) fit into the time")

    def logged(self, record: "Record") -> None:
        """A line for each evaluation of what is held out, and now and then one in between."""
        self.figures.take(record)
        now = time.monotonic()
        if record["split"] in HELD_OUT or now - self.said_at >= LINE_SECONDS:
            self.said_at = now
            say(self._line(record))

    def _line(self, record: "Record") -> str:
        assert self.plan is not None
        f, total = self.figures, self.plan.total_steps
        score = "" if self.family.score == self.family.loss else f" {self.family.score}"
        parts = [
            f"epoch {record['epoch']}/{self.plan.epochs or '?'}",
            f"step {record['step']}/{total or '?'}",
            f"loss {f.loss}",
            f"{f.split}{score} {f.validation}",
            f"best {f.best}",
            f"{f.speed} {self.family.unit}/s",
            f"ETA {self._eta(record['step'])}",
        ]
        return "  ".join(parts)

    def _eta(self, step: int) -> str:
        assert self.plan is not None
        done, total = step - self.first_step, self.plan.total_steps
        if total is None or done == 0:
            return "?"
        return duration((time.monotonic() - self.begin) / done * (total - step))


class RichReporter(QuietReporter):
    """A progress bar with the figures beside it, and each epoch's sample above it."""

    def __init__(self, family: "Family") -> None:
        self.family, self.figures = family, _Figures(family)
        self.console = rich_console(sys.stderr)
        self.progress: Progress | None = None
        self.task: TaskID | None = None
        self.plan: Plan | None = None
        self.refreshed = 0.0

    def started(self, plan: "Plan", step: int, best: float | None) -> None:
        """Put the bar up."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self.plan = plan
        self.figures.take_best(best)
        figures = "loss {task.fields[loss]}  val {task.fields[val]}  best {task.fields[best]}"
        columns = (
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(bar_width=None),
            TextColumn("step {task.completed:.0f}"),
            TextColumn(figures),
            TextColumn("{task.fields[speed]} " + f"{self.family.unit}/s"),
            TimeElapsedColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(),
        )
        self.progress = Progress(*columns, console=self.console, transient=True, expand=True)
        self.task = self.progress.add_task("", total=plan.total_steps, completed=step, **self._fields(step))
        self.progress.start()

    def _fields(self, step: int) -> dict[str, Any]:
        assert self.plan is not None
        f, epochs = self.figures, self.plan.epochs
        epoch = f"{self.plan.epoch_of(step)}/{'?' if epochs is None else epochs}"
        return {"epoch": epoch, "loss": f.loss, "val": f.validation, "best": f.best, "speed": f.speed}

    def planned(self, plan: "Plan") -> None:
        """The bar gets its length."""
        self.plan = plan
        assert self.progress is not None
        assert self.task is not None
        self.progress.update(self.task, total=plan.total_steps)

    def advanced(self, step: int) -> None:
        """Move the bar, at most ten times a second."""
        now = time.monotonic()
        if now - self.refreshed > 0.1:
            self.refreshed = now
            assert self.progress is not None
            assert self.task is not None
            self.progress.update(self.task, completed=step, **self._fields(step))

    def logged(self, record: "Record") -> None:
        """Remember the figures; an evaluation leaves a line."""
        self.figures.take(record)
        if "steps" not in record:
            numbers = "  ".join(
                f"{k} {record[k]:.4f}"
                for k in record
                if k != "seconds" and "/" not in k and isinstance(record[k], float)  # share/0 is a detail
            )
            self.console.print(printable(f"epoch {record['epoch']} {record['split']}: {numbers}"), style="bold")

    def previewed(self, epoch: int, text: str) -> None:
        """Show what the model wrote."""
        from rich.padding import Padding
        from rich.text import Text

        self.console.print(Padding(Text(printable(f"sample after epoch {epoch}\n{text}")), (0, 0, 1, 2)))

    def notice(self, sentence: str) -> None:
        """A note above the bar."""
        self.console.print(printable(f"note: {sentence}"), style="yellow")

    def finished(self) -> None:
        """Take the bar down."""
        if self.progress is not None:
            self.progress.stop()


def make_reporter(family: "Family", quiet: bool) -> "QuietReporter":
    """Rich on a terminal, plain lines elsewhere, almost nothing with -q."""
    if quiet:
        return QuietReporter()
    return RichReporter(family) if is_terminal(sys.stderr) else LineReporter(family)


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
