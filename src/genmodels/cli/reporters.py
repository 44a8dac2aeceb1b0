"""Progress of a training: plain lines, or a bar."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from genmodels.analysis.doubts import has_doubtful_precision
from genmodels.bytewise import words_of
from genmodels.cli.console import is_terminal, note, rich_console, say
from genmodels.cli.progress import LINE_SECONDS, Lines, bar_itself, time_left
from genmodels.exhibit import give_or_take, written
from genmodels.printable import one_line, printable
from genmodels.runs.records import HELD_OUT
from genmodels.telling import Advance, Notice, counted, duration
from genmodels.training.reporting import QuietReporter, Several

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress

    from genmodels.family import Family
    from genmodels.runs import Record, RunDir
    from genmodels.training.plan import Plan


class _Figures:
    """The newest figures, collected from the records, each under the name that the family gives it.

    Args:
        family: whose figures are shown.
    """

    def __init__(self, family: "Family") -> None:
        self.family = family
        self.steps: dict[str, str] = {}
        self.validation = self.best = self.speed = ""
        self.split = "validation"
        self.words: Callable[[str], str] = str
        self._best: float | None = None

    def take(self, record: Mapping[str, Any]) -> None:
        if "steps" in record:
            self.steps = {name: f"{record[name]:.3f}" for name in self.family.steps}
            self.speed = f"{record.get(f'{self.family.unit}_per_second', 0.0):,.0f}"
            if self._best is None:  # what is known of the untrained network says nothing beside this one's steps
                self.validation = ""
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

    def told(self) -> list[str]:
        """What is known of the steps, of what is held out, of the best, and of the speed: the first say most."""
        called = f" {self.family.called}" if self.family.called else ""
        known = [f"{self.family.steps[name]} {value}" for name, value in self.steps.items()]
        known += [f"{self.split}{called} {self.validation}"] if self.validation else []
        known += [f"best {self.best}"] if self.best else []
        return [*known, *([self.words(f"{self.speed} {self.family.unit}/s")] if self.speed else [])]


class _Display(QuietReporter):
    """What all kinds of display know: the plan since `started`, how fast it goes, and the newest figures.

    Args:
        family: whose figures are shown.
        notice: is told what the user should know.
        several: how far the trainings are of which this is one, or None.
    """

    plan: "Plan"

    def __init__(self, family: "Family", notice: Notice = note, several: Several | None = None) -> None:
        super().__init__(notice)
        self.family, self.figures, self.several = family, _Figures(family), several
        self.began_at, self.first_step = time.monotonic(), 0

    def about(self, run: "RunDir") -> None:
        """Remember what its measures are per."""
        self.figures.words = words_of(run.document())

    def started(self, plan: "Plan", step: int, best: float | None) -> None:
        """Remember the plan, and the best score so far."""
        self.plan, self.first_step, self.began_at = plan, step, time.monotonic()
        self.figures.take_best(best)

    def place(self, step: int) -> str:
        """Where training is: epoch 3/20; where the last epoch is to be cut short, as a number: epoch 0.05/0.07."""
        total, each = self.plan.total_steps, self.plan.steps_per_epoch
        if total is None or total % each == 0:
            return f"epoch {self.plan.epoch_of(step)}/{self.plan.epochs or '?'}"
        return f"epoch {self.plan.trained(step)}/{self.plan.trained(total)}"

    def left(self, step: int) -> float | None:
        """Seconds that the rest takes, by what the steps of this session took; None where that can't be told yet."""
        done, total, spent = step - self.first_step, self.plan.total_steps, time.monotonic() - self.began_at
        if total is None:  # the time is known instead
            return None if self.plan.minutes is None else max(0.0, 60.0 * self.plan.minutes - spent)
        return None if done == 0 else spent / done * (total - step)

    def of_all(self, step: int) -> str:
        """Which of several trainings this is, and how long all take from now; "" where it is the only one."""
        return "" if self.several is None else self.several.told(time.monotonic() - self.began_at, self.left(step))

    def planned(self, plan: "Plan") -> None:
        """Remember the plan."""
        self.plan = plan

    def logged(self, record: "Record") -> None:
        """Remember the figures."""
        self.figures.take(record)


SCORE = ".4f"  # how a score is written that no table has
WORTH_SAYING = 0.25  # of the steps that fit into the time: a change of less is not told


class LineReporter(_Display):
    """Plain lines where nobody watches: one an epoch, and at most one every 10 s between them."""

    def __init__(self, family: "Family", notice: Notice = note, several: Several | None = None) -> None:
        super().__init__(family, notice, several)
        self.said_at = self.said_steps_at = self.began_at
        self.said_steps: int | None = None

    def started(self, plan: "Plan", step: int, best: float | None) -> None:
        """Say how long it is."""
        super().started(plan, step, best)
        if self.several is not None:
            say(self.of_all(step))
        total = self.said_steps = plan.total_steps
        length = counted(plan.minutes or 0.0, "minute") if total is None else counted(total, "step")
        from_there = f", from step {step}" if step else ""
        say(f"training for {length}, {counted(plan.steps_per_epoch, 'step')} an epoch{from_there}")

    def planned(self, plan: "Plan") -> None:
        """Say the number of steps, again only where it has become another one."""
        super().planned(plan)
        total, said = plan.total_steps, self.said_steps
        ends = bool(plan.planned) and plan.planned[-1][0] == total
        if total is None or ends or (said is not None and abs(total - said) <= WORTH_SAYING * said):
            return
        now = time.monotonic()
        if said is not None and now - self.said_steps_at < LINE_SECONDS:
            return
        self.said_steps, self.said_steps_at = total, now
        again = "measured the speed" if said is None else "the speed has changed"
        say(f"{again}: {counted(total, 'step')} ({counted(plan.trained(total), 'epoch')}) fit into the time")

    def logged(self, record: "Record") -> None:
        """A line for each evaluation of what is held out, and now and then one in between."""
        super().logged(record)
        now = time.monotonic()
        if record["split"] in HELD_OUT or now - self.said_at >= LINE_SECONDS:
            self.said_at = now
            say(self._line(record))

    def _line(self, record: "Record") -> str:
        parts = [
            self.place(record["step"]),
            f"step {record['step']}/{self.plan.total_steps or '?'}",
            *self.figures.told(),
            f"ETA {self.eta(record['step'])}",
            self.of_all(record["step"]),
        ]
        return "  ".join(filter(None, parts))

    def evaluating(self, checks: int) -> AbstractContextManager[Advance]:
        """Lines too, where an evaluation takes long."""
        return nullcontext(Lines("evaluation", checks).advance)

    def eta(self, step: int) -> str:
        """How long the rest takes."""
        left = self.left(step)
        return "?" if left is None else duration(left)


class RichReporter(_Display):
    """A progress bar with the figures beside it, each epoch's sample above it, and a bar below for an evaluation.

    Of several trainings it says which one it is, above.
    """

    def __init__(self, family: "Family", notice: Notice | None = None, several: Several | None = None) -> None:
        super().__init__(family, notice or self._note_above, several)
        self.console = rich_console(sys.stderr)
        self.progress: Progress | None = None
        self.moved_at, self.step = 0.0, 0
        self.evaluation_seconds = LONG_ENOUGH  # of the newest one; that of the first is not known

    def started(self, plan: "Plan", step: int, best: float | None) -> None:
        """Put the bar up."""
        super().started(plan, step, best)
        self.step = step
        self.progress = _bar(self.console, lambda: self.of_all(self.step))
        self.progress.add_task("", total=plan.total_steps, completed=step, **self._fields(step))
        self.progress.start()

    def _fields(self, step: int) -> dict[str, Any]:
        what = self.place(step)
        parts = [*self.figures.told(), f"step {step}"]
        told = fitting(parts, self.console.width - len(what) - _BAR_AND_TIME)
        return {"what": what, "told": told, "left": self.left(step)}

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
            self._move(step)

    def _move(self, step: int) -> None:
        self.step = step
        self._update(completed=step, **self._fields(step))

    @contextmanager
    def evaluating(self, checks: int) -> Iterator[Advance]:
        """A second bar, unless the evaluation before was over at once."""
        assert self.progress is not None, "a training tells only once it has started"
        began_at, progress = time.monotonic(), self.progress
        shown = self.evaluation_seconds >= LONG_ENOUGH
        bar = progress.add_task("", total=checks, visible=shown, what="evaluating", told="")
        try:
            yield lambda count: progress.update(bar, advance=count)
        finally:
            progress.remove_task(bar)
        self.evaluation_seconds = time.monotonic() - began_at

    def logged(self, record: "Record") -> None:
        """Show the figures beside the bar; an evaluation leaves a line too."""
        super().logged(record)
        self._move(record["step"])
        if "steps" not in record and (told := measures_told(record, self.family)):
            line = f"epoch {self.plan.trained(record['step'])} {record['split']}: {self.figures.words(told)}"
            self.console.print(one_line(line), style="bold")

    def previewed(self, epoch: float, text: str, *, wraps: bool = True) -> None:
        """Show what the model wrote: all at an epoch's end, a line inside one; of several untrained ones nothing."""
        if epoch == 0 and self.several is not None:
            return  # noise, as often as there are models
        from rich.padding import Padding
        from rich.text import Text

        inside = epoch % 1 != 0 and epoch != self.plan.trained(self.plan.total_steps or 0)
        shown = f"at epoch {epoch}: {one_line(text)}" if inside else f"sample after epoch {epoch}\n{text}"
        told = Text(printable(shown), no_wrap=not wraps, overflow=None if wraps else "ellipsis")
        self.console.print(Padding(told, (0, 0, 0 if inside else 1, 2)))

    def _note_above(self, sentence: str) -> None:
        """A note above the bar."""
        self.console.print(one_line(f"note: {sentence}"), style="yellow")

    def finished(self) -> None:
        """Take the bar down."""
        if self.progress is not None:
            self.progress.stop()


LONG_ENOUGH = 1.0  # seconds that an evaluation takes to have a bar
_BAR_AND_TIME = 28  # columns of the bar at its shortest, of the time that is left, and between all


def fitting(parts: Sequence[str], room: int) -> str:
    """As many of the parts as fit into so many columns, the first ones.

    >>> fitting(["loss 1.234", "best 1.200", "step 9"], 24)
    'loss 1.234  best 1.200'
    """
    told = ""
    for part in parts:
        longer = f"{told}  {part}" if told else part
        if len(longer) > room:
            break
        told = longer
    return told


def _bar(console: "Console", above: Callable[[], str]) -> "Progress":
    """The bar, under a line that says which of several trainings it is."""
    from rich.progress import Progress, TextColumn
    from rich.text import Text

    class Titled(Progress):
        def get_renderables(self) -> "Iterable[RenderableType]":
            told = above()
            return [*([Text(one_line(told))] if told else []), *super().get_renderables()]

    columns = (
        TextColumn("{task.fields[what]}", markup=False),
        bar_itself(),
        TextColumn("{task.fields[told]}", markup=False),
        time_left(),
    )
    return Titled(*columns, console=console, transient=True, expand=True)


def measures_told(record: "Record", family: "Family") -> str:
    """An evaluation's score with its unit and how sure it is, then what else its family shows; "" without that score.

    Args:
        record: of the evaluation, of which metrics.jsonl keeps all measures.
        family: whose score it is.
    """
    if family.score not in record:
        return ""
    shown = {family.score: family.measures.get(family.score, SCORE)} | dict(family.measures)
    error = f"{family.score}_standard_error"
    told = {name: written(record[name], form) for name, form in shown.items() if name in record and name != error}
    if has_doubtful_precision(record):
        told["precision"] = f"({told['precision']})"
    sure = written(record.get(error), shown[family.score])
    told[family.score] = " ".join(filter(None, [give_or_take(told[family.score], sure), family.score_unit]))
    return ", ".join(f"{family.measure_told(name)} {value}" for name, value in told.items())


def make_reporter(
    family: "Family", quiet: bool, several: Several | None = None, notice: Notice | None = None
) -> "QuietReporter":
    """Rich on a terminal, plain lines elsewhere, almost nothing with -q; `notice`, where given, is told the notes."""
    if quiet:
        return QuietReporter(notice or note)
    if is_terminal(sys.stderr):
        return RichReporter(family, notice, several)
    return LineReporter(family, notice or note, several)
