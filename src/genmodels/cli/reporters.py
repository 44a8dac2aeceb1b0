"""Progress of a training: plain lines, or a bar."""

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from genmodels.cli.console import is_terminal, note, rich_console, say
from genmodels.cli.progress import LINE_SECONDS
from genmodels.exhibit import duration
from genmodels.printable import printable
from genmodels.runs.run_dir import HELD_OUT
from genmodels.telling import Notice, counted
from genmodels.training.reporting import QuietReporter

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from genmodels.family import Family
    from genmodels.runs import Record
    from genmodels.training.plan import Plan


class _Figures:
    """The newest figures, collected from the records.

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


class _Display(QuietReporter):
    """What both kinds of display know: the plan since `started`, and the newest figures."""

    plan: "Plan"

    def __init__(self, family: "Family", notice: Notice = note) -> None:
        super().__init__(notice)
        self.family, self.figures = family, _Figures(family)

    def started(self, plan: "Plan", step: int, best: float | None) -> None:
        """Remember the plan, and the best score so far."""
        del step
        self.plan = plan
        self.figures.take_best(best)

    def planned(self, plan: "Plan") -> None:
        """Remember the plan."""
        self.plan = plan

    def logged(self, record: "Record") -> None:
        """Remember the figures."""
        self.figures.take(record)


class LineReporter(_Display):
    """Plain lines where nobody watches: one an epoch, and at most one every 10 s between them."""

    def __init__(self, family: "Family", notice: Notice = note) -> None:
        super().__init__(family, notice)
        self.began_at = self.said_at = time.monotonic()
        self.first_step = 0

    def started(self, plan: "Plan", step: int, best: float | None) -> None:
        """Say how long it is."""
        super().started(plan, step, best)
        self.first_step, self.began_at = step, time.monotonic()
        total = plan.total_steps
        length = counted(plan.minutes or 0.0, "minute") if total is None else counted(total, "step")
        from_there = f", from step {step}" if step else ""
        say(f"training for {length}, {counted(plan.steps_per_epoch, 'step')} an epoch{from_there}")

    def planned(self, plan: "Plan") -> None:
        """Say the number of steps."""
        super().planned(plan)
        fit = f"{counted(plan.total_steps or 0, 'step')} ({counted(plan.epochs or 0, 'epoch')})"
        say(f"measured the speed: {fit} fit into the time")

    def logged(self, record: "Record") -> None:
        """A line for each evaluation of what is held out, and now and then one in between."""
        super().logged(record)
        now = time.monotonic()
        if record["split"] in HELD_OUT or now - self.said_at >= LINE_SECONDS:
            self.said_at = now
            say(self._line(record))

    def _line(self, record: "Record") -> str:
        f = self.figures
        score = "" if self.family.score == self.family.loss else f" {self.family.score}"
        parts = [
            f"epoch {record['epoch']}/{self.plan.epochs or '?'}",
            f"step {record['step']}/{self.plan.total_steps or '?'}",
            f"loss {f.loss}",
            f"{f.split}{score} {f.validation}",
            f"best {f.best}",
            f"{f.speed} {self.family.unit}/s",
            f"ETA {self.eta(record['step'])}",
        ]
        return "  ".join(parts)

    def eta(self, step: int) -> str:
        """How long the rest takes, by what the steps of this session took."""
        done, total = step - self.first_step, self.plan.total_steps
        if total is None or done == 0:
            return "?"
        return duration((time.monotonic() - self.began_at) / done * (total - step))


class RichReporter(_Display):
    """A progress bar with the figures beside it, and each epoch's sample above it."""

    def __init__(self, family: "Family", notice: Notice | None = None) -> None:
        super().__init__(family, notice or self._note_above)
        self.console = rich_console(sys.stderr)
        self.progress: Progress | None = None
        self.moved_at = 0.0

    def started(self, plan: "Plan", step: int, best: float | None) -> None:
        """Put the bar up."""
        super().started(plan, step, best)
        self.progress = _bar(self.console, self.family.unit)
        self.progress.add_task("", total=plan.total_steps, completed=step, **self._fields(step))
        self.progress.start()

    def _fields(self, step: int) -> dict[str, Any]:
        f, epochs = self.figures, self.plan.epochs
        epoch = f"{self.plan.epoch_of(step)}/{'?' if epochs is None else epochs}"
        return {"epoch": epoch, "loss": f.loss, "val": f.validation, "best": f.best, "speed": f.speed}

    def _update(self, **changes: Any) -> None:
        assert self.progress is not None, "a training tells only once it has started"
        self.progress.update(self.progress.task_ids[0], **changes)

    def planned(self, plan: "Plan") -> None:
        """The bar gets its length."""
        super().planned(plan)
        self._update(total=plan.total_steps)

    def advanced(self, step: int) -> None:
        """Move the bar, at most ten times a second."""
        now = time.monotonic()
        if now - self.moved_at > 0.1:
            self.moved_at = now
            self._update(completed=step, **self._fields(step))

    def logged(self, record: "Record") -> None:
        """Remember the figures; an evaluation leaves a line."""
        super().logged(record)
        if "steps" not in record:
            line = f"epoch {record['epoch']} {record['split']}: {_numbers(record)}"
            self.console.print(printable(line), style="bold")

    def previewed(self, epoch: int, text: str) -> None:
        """Show what the model wrote."""
        from rich.padding import Padding
        from rich.text import Text

        self.console.print(Padding(Text(printable(f"sample after epoch {epoch}\n{text}")), (0, 0, 1, 2)))

    def _note_above(self, sentence: str) -> None:
        """A note above the bar."""
        self.console.print(printable(f"note: {sentence}"), style="yellow")

    def finished(self) -> None:
        """Take the bar down."""
        if self.progress is not None:
            self.progress.stop()


def _bar(console: "Console", unit: str) -> "Progress":
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("epoch {task.fields[epoch]}"),
        BarColumn(bar_width=None),
        TextColumn("step {task.completed:.0f}"),
        TextColumn("loss {task.fields[loss]}  val {task.fields[val]}  best {task.fields[best]}"),
        TextColumn(f"{{task.fields[speed]}} {unit}/s"),
        TimeElapsedColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True, expand=True)


def _numbers(record: "Record") -> str:
    """An evaluation's measures; share/0 and the like are details."""
    shown = (k for k in record if k != "seconds" and "/" not in k and isinstance(record[k], float))
    return "  ".join(f"{k} {record[k]:.4f}" for k in shown)


def make_reporter(family: "Family", quiet: bool) -> "QuietReporter":
    """Rich on a terminal, plain lines elsewhere, almost nothing with -q."""
    if quiet:
        return QuietReporter(note)
    return RichReporter(family) if is_terminal(sys.stderr) else LineReporter(family)
