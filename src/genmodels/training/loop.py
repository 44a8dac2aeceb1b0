"""fit(): the only training loop.

It owns steps, schedule, evaluation, signals, the guard against divergence, and going back. What is written and read
back is the ledger's; how many steps fit into --minutes is the pace's.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from torch import Tensor

from genmodels.errors import DivergedError
from genmodels.runs import Record, RunDir
from genmodels.runs.checkpoint import Checkpoint
from genmodels.runs.epochs import part_of
from genmodels.settings.every import NEVER, Every
from genmodels.training.ledger import Ledger, Progress
from genmodels.training.pace import Pace, missed_told
from genmodels.training.plan import Plan, is_due, learning_rate_scale
from genmodels.training.previews import Previews
from genmodels.training.reporting import Reporter
from genmodels.training.signals import StopRequested, StopSignals
from genmodels.training.signs import news_of
from genmodels.training.stopping import stops_told
from genmodels.training.task import Task

if TYPE_CHECKING:
    from genmodels.family import Family

ROLLBACKS = 3


def fit(
    task: Task,
    family: "Family",
    plan: Plan,
    run: RunDir,
    reporter: Reporter,
    keep_epochs: int | None,
    checkpoint_minutes: float,
    preview_every: Every = NEVER,
) -> Progress:
    """Train until the plan is fulfilled, from the run's newest training state if it has one.

    Args:
        task: what is trained; its state is overwritten by the run's newest one.
        family: its row in the registry: what is counted, by which score the best epoch is chosen.
        plan: how long.
        run: where everything is written.
        reporter: is told what happens.
        keep_epochs: keep the weights of so many newest epochs, and the best; None for all.
        checkpoint_minutes: save the training state at least this often.
        preview_every: inside an epoch, keep the weights and what the model makes of them this often.

    Raises:
        Stopped: a signal came; everything is saved, or after a second one what was saved before.
        DivergedError: the loss was not finite after three rollbacks.
        RunError: the run's training states are all damaged, or another process trains this run.
        ResourceError: disk or memory is full.

    Example:
        >>> from genmodels.training import reporting, starting
        >>> run = genmodels.open_run("story", genmodels.TextRun)
        >>> task = run.restore(print)
        >>> plan, row = starting.plan_of(run, task, task.settings), genmodels.family_of(run.family)
        >>> genmodels.fit(task, row, plan, run, reporting.QuietReporter(), None, 5.0).step == plan.total_steps
        True
    """
    with run.locked(reporter.notice), StopSignals() as signals:
        ledger = Ledger(run, task, family, reporter, keep_epochs)
        loop = _Loop(task, plan, ledger, reporter, signals, 60.0 * checkpoint_minutes, preview_every)
        with stops_told(run, family, signals, lambda: loop.progress.step):
            try:
                return loop.run()
            finally:
                reporter.finished()


class _Loop:
    """Steps, epochs and going back.

    Args:
        task: what is trained.
        plan: how long; without a number of steps it is given one once the speed is known.
        ledger: keeps what happens.
        reporter: is told of it.
        signals: are looked at between steps.
        checkpoint_seconds: the training state is saved at least this often.
        preview_every: the model is looked at this often inside an epoch.
    """

    def __init__(
        self,
        task: Task,
        plan: Plan,
        ledger: Ledger,
        reporter: Reporter,
        signals: StopSignals,
        checkpoint_seconds: float,
        preview_every: Every,
    ) -> None:
        self.task, self.plan, self.ledger, self.reporter, self.signals = task, plan, ledger, reporter, signals
        self.checkpoint_seconds = checkpoint_seconds
        self.pace = Pace(plan) if plan.total_steps is None else None
        self.progress = Progress()
        self.sums: dict[str, Tensor] = {}  # since the last train record, on the device
        self.clock = self.saved_at = time.perf_counter()
        self.previews = Previews(preview_every, self.clock)

    def run(self) -> Progress:
        """Train to the end.

        Raises:
            StopRequested: a signal came; everything is saved.
            DivergedError: see `fit`.
        """
        self._start()
        try:
            while not self._is_complete():
                self._advance()
        except StopRequested:
            self._save()
            raise
        missed = missed_told(self.ledger.run.name, self.progress.seconds, self.plan.minutes)
        if missed is not None:
            self.reporter.notice(missed)
        return self.progress

    def _start(self) -> None:
        """From the newest training state, or from nothing."""
        checkpoint = self.ledger.newest()
        if checkpoint is None:
            self.ledger.begin()
        else:
            self._restore(checkpoint)
        self.task.planned(self.plan)
        self.reporter.started(self.plan, self.progress.step, self.progress.best_score)
        if self._is_complete():
            self.reporter.notice("the run was finished already: nothing is left to train")

    def _is_complete(self) -> bool:
        return self.progress.step == self.plan.total_steps and not self._epoch_is_due()

    def _advance(self) -> None:
        """One step, or the end of an epoch; between them everything is in order and can be saved."""
        self.signals.check()
        if self._epoch_is_due():
            self._end_epoch()
            return
        self._step()
        step = self.progress.step
        if (is_due(step, self.plan.log_every) or self.plan.ends_epoch(step)) and not self._settle():
            return
        if self.pace is not None:
            self._measure(self.pace)
        elif self.plan.is_inside(step) and self.previews.are_due(step, time.perf_counter()):
            self._preview()
        if time.perf_counter() - self.saved_at > self.checkpoint_seconds:
            self._save()

    def _step(self) -> None:
        """One update, whose result is added to the sums without waiting for the device."""
        begin = time.perf_counter()
        rate = learning_rate_scale(self.progress.step, self.plan) * self.progress.rate_scale
        units = self.task.units(self.progress.step)
        result = self.task.train_step(self.progress.step, rate)
        broken = {"broken": (~result.pop("finite")).float()}
        for name, value in (result | broken).items():
            weighted = value.detach() * units
            self.sums[name] = self.sums[name] + weighted if name in self.sums else weighted
        self.progress.step += 1
        self.progress.logged_steps += 1
        self.progress.logged_units += units
        self._count_step_seconds(begin)
        self.reporter.advanced(self.progress.step)

    def _count_step_seconds(self, begin: float) -> None:
        """The time since `begin` went into steps."""
        seconds = time.perf_counter() - begin
        self.progress.logged_seconds += seconds
        if self.pace is not None:
            self.pace.spend(seconds)

    def _tick(self) -> None:
        """Bring the seconds of the whole training up to now."""
        now = time.perf_counter()
        self.progress.seconds += now - self.clock
        self.clock = now

    def _settle(self) -> bool:
        """Turn the sums into one train record; go back if anything was not finite. False means it went back."""
        if self.progress.logged_steps == 0:
            return True
        begin = time.perf_counter()
        means = {name: float(value) / self.progress.logged_units for name, value in self.sums.items()}
        self._count_step_seconds(begin)
        if means.pop("broken") > 0 or not all(math.isfinite(mean) for mean in means.values()):
            self._go_back()
            return False
        self._tick()
        self.ledger.record_steps(self._epoch, self.progress, self.task.logged(means))
        self.sums = {}
        self.progress.logged_steps, self.progress.logged_units, self.progress.logged_seconds = 0, 0, 0.0
        return True

    @property
    def _epoch(self) -> int:
        return self.plan.epoch_of(self.progress.step)

    def _epoch_is_due(self) -> bool:
        step = self.progress.step
        return self.progress.evaluated < self._epoch and (step == 0 or self.plan.ends_epoch(step))

    def _end_epoch(self) -> None:
        """Evaluate, record, keep the weights, show a preview, save."""
        begin, epoch = time.perf_counter(), self._epoch
        measures = self._evaluate()
        if not _all_finite(measures):
            self._go_back()
            return
        looked_at = time.perf_counter()
        preview = self.task.preview()
        preview = replace(preview, text=preview.text + self.task.in_words(measures))
        self.previews.shown(looked_at, time.perf_counter())
        self._tick()
        self.ledger.record_evaluation(epoch, self.progress, measures)
        if epoch > 0:
            self.ledger.keep_weights(epoch, self.progress, measures)
        self.progress.evaluated = epoch
        news = self._news(measures) if epoch > 0 else []
        self.ledger.keep_preview(epoch, preview)
        self._save()
        self.ledger.prune_epochs()
        self.reporter.previewed(self.plan.trained(self.progress.step), preview.text, wraps=preview.wraps)
        for sentence in news:
            self.reporter.notice(sentence)
        self.progress.epoch_seconds = time.perf_counter() - begin

    def _news(self, measures: Mapping[str, Record]) -> list[str]:
        """What is to be told after an evaluation; what was told is part of the training state."""
        signs, progress = self.task.signs(measures), self.progress
        return self.task.changes() + news_of(signs, progress.signs, self.plan, progress.step)

    def _evaluate(self) -> dict[str, Record]:
        """Measure, and tell how far that is."""
        with self.reporter.evaluating(self.task.checks) as advance:

            def check() -> None:
                self.signals.check()
                advance(1)

            return self.task.evaluate(check)

    def _preview(self) -> None:
        """Look at the model inside an epoch; nothing that is trained or recorded changes by it."""
        if float(self.sums.get("broken", 0.0)) > 0:
            return  # training goes back as soon as the record is due
        begin, number = time.perf_counter(), part_of(self.progress.step, self.plan.steps_per_epoch)
        preview = self.task.preview()
        path = self.ledger.keep_preview(number, preview)
        self.ledger.keep_part(number, self.progress)
        self.reporter.previewed(number, preview.line or str(path), wraps=preview.wraps or not preview.line)
        self.previews.shown(begin, time.perf_counter())

    def _measure(self, pace: Pace) -> None:
        """With --minutes: measure the speed, and once it is known fix the number of steps."""
        step = self.progress.step
        if pace.can_begin(step):
            self._wait_for_device()
            pace.begin(step)
        elif pace.is_known(step):
            self._wait_for_device()
            self._tick()
            share = self.previews.share(pace.seconds_of_one(step), self.plan.steps_per_epoch)
            total = pace.total_steps(step, self.progress.seconds, self.progress.epoch_seconds, share)
            self._fix(replace(self.plan, total_steps=total, measured_steps=step))

    def _fix(self, plan: Plan) -> None:
        """Go on by a plan whose number of steps is known, and record it."""
        self.plan, self.pace = plan, None
        self._save()
        self.ledger.keep_plan(plan)
        self.task.planned(plan)
        self.reporter.planned(plan)

    def _wait_for_device(self) -> None:
        """Until all steps are computed."""
        begin = time.perf_counter()
        for value in self.sums.values():
            float(value)
        self._count_step_seconds(begin)

    def _save(self) -> None:
        """Publish the training state as it is now; broken sums are settled first, so never a bad state."""
        if float(self.sums.get("broken", 0.0)) > 0:
            self._go_back()
            return
        self._tick()
        self.ledger.save(self.progress, self.sums)
        self.saved_at = time.perf_counter()

    def _restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a training state."""
        self.progress, self.sums = self.ledger.restore(checkpoint)
        self.clock = self.saved_at = time.perf_counter()

    def _go_back(self) -> None:
        """Restore the newest saved state and halve the learning rate.

        Raises:
            DivergedError: it was done too often already.
        """
        step, rollbacks = self.progress.step, self.progress.rollbacks + 1
        checkpoint = self._state_to_try_again()
        scale = self.progress.rate_scale * 0.5
        self._restore(checkpoint)
        self.progress.rollbacks, self.progress.rate_scale = rollbacks, scale
        if self.pace is not None:
            self.pace.restart()
        self.reporter.notice(
            f"step {step}: the loss or gradient was not finite; went back to step {self.progress.step} "
            f"with the learning rate times {scale:g}"
        )
        self._save()

    def _state_to_try_again(self) -> Checkpoint:
        """The newest saved state, while attempts are left."""
        rollbacks, checkpoint = self.progress.rollbacks, self.ledger.newest()
        if rollbacks >= ROLLBACKS or checkpoint is None:
            raise DivergedError(
                f"the loss or gradient was not finite near step {self.progress.step}, after {rollbacks} new attempts",
                f"lower --learning-rate; the last good state is in {self.ledger.run.path}.",
            )
        return checkpoint


def _all_finite(measures: Mapping[str, Record]) -> bool:
    return all(math.isfinite(value) for record in measures.values() for value in record.values())
