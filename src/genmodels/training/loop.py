"""fulfil(): the only training loop.

It owns steps, schedule, evaluation, signals, the guard against divergence, and going back. What is written and read
back is the ledger's; how many steps fit into --minutes is the pace's, which is asked again and again.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from torch import Tensor

from genmodels.processes import world
from genmodels.runs import Record, RunDir
from genmodels.runs.checkpoint import Checkpoint
from genmodels.runs.epochs import part_of
from genmodels.settings.every import NEVER, Every
from genmodels.training.clock import Clock
from genmodels.training.enough import enough_told, missed_told
from genmodels.training.evaluation import SHARE_OF_MINUTES, TooLongError, all_finite, evaluate
from genmodels.training.ledger import Ledger, kept
from genmodels.training.pace import Pace
from genmodels.training.plan import Plan, is_due, learning_rate_scale
from genmodels.training.previews import Previews
from genmodels.training.progress import Progress
from genmodels.training.reporting import Reporter, ended
from genmodels.training.signals import StopRequested, StopSignals
from genmodels.training.signs import news_of
from genmodels.training.stopping import stops_told
from genmodels.training.sums import BROKEN, added, means_of
from genmodels.training.task import Task

if TYPE_CHECKING:
    from genmodels.family import Family


def fulfil(
    task: Task,
    family: "Family",
    plan: Plan,
    run: RunDir,
    reporter: Reporter,
    keep_epochs: int | None,
    checkpoint_minutes: float,
    preview_every: Every = NEVER,
    seconds_before: float = 0.0,
) -> Progress:
    """Train a run that is as it was left until its plan is fulfilled, from its newest training state if it has one.

    Args:
        task: what is trained; its state is overwritten by the run's newest one.
        family: its row in the registry.
        plan: how long.
        run: where everything is written.
        reporter: is told what happens.
        keep_epochs: keep the weights of so many newest epochs, and the best; None for all.
        checkpoint_minutes: save the training state at least this often.
        preview_every: keep weights and what the model makes of them inside an epoch this often.
        seconds_before: that went by since somebody asked for it, which count for --minutes.

    Raises:
        Stopped: a signal came; everything is saved, or after a second one what was saved before.
        DivergedError: the loss was not finite after three rollbacks.
        RunError, ResourceError: all training states are damaged, another process trains it; disk or memory is full.
    """
    with ExitStack() as lock, StopSignals(world()) as signals:
        ledger = lock.enter_context(kept(run, task, family, reporter, keep_epochs))
        loop = _Loop(task, plan, ledger, reporter, signals, 60.0 * checkpoint_minutes, preview_every, seconds_before)
        with stops_told(run, family, signals, lambda: loop.progress.step), ended(reporter):
            loop.run()
            lock.close()  # from here on the run is finished, for whoever reads it
            reporter.saved(signals.is_asked, is_last=True)
        return loop.progress


class _Loop:
    """Steps, epochs and going back.

    Args:
        task: what is trained.
        plan: how long; with --minutes the number of steps is planned by the clock.
        ledger, reporter, signals: keep what happens, are told of it, and are looked at between steps.
        checkpoint_seconds: the training state is saved at least this often.
        preview_every, seconds_before: see `fulfil`.
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
        seconds_before: float,
    ) -> None:
        self.task, self.plan, self.ledger, self.reporter, self.signals = task, plan, ledger, reporter, signals
        self.checkpoint_seconds, self.seconds_before, self.among = checkpoint_seconds, seconds_before, signals.world
        self.pace = None if plan.minutes is None else Pace(plan, task.settling_steps, task.measured_after)
        self.sums: dict[str, Tensor] = {}  # since the last train record, on the device
        self.progress, self.clock = Progress(), Clock()
        self.counted_at = self.saved_at = self.clock.now()
        self.previews = Previews(preview_every, self.counted_at)

    def run(self) -> Progress:
        """Train to the end.

        Raises:
            StopRequested: a signal came; everything is saved.
            DivergedError: see `fulfil`.
        """
        self._start()
        try:
            while not self._is_complete():
                self._advance()
        except StopRequested:
            self._save()
            raise
        before, name = self.ledger.seconds_before_steps(self.progress), self.ledger.run.name
        if self.pace and (missed := self.pace.missed(name, self.plan, self.progress.spent, before)):
            self.reporter.notice(missed)
        return self.progress

    def _start(self) -> None:
        """From the newest training state, or from nothing."""
        checkpoint = self.ledger.newest()
        if checkpoint is None:
            self.ledger.begin()
        else:
            self._restore(checkpoint)
            self.progress.go_on(self.plan.again)
        self.progress.seconds_before += self.seconds_before
        self.task.planned(self.plan.as_of(self.progress.step))
        if self.plan.measured_share < 1.0:
            self.task.measure_part(self.plan.measured_share)
        self.reporter.started(self.plan, self.progress.step, self.progress.best_score)
        self._end_if_enough()
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
        step = self._step()
        if (is_due(step, self.plan.log_every) or self.plan.ends_epoch(step)) and not self._settle():
            return
        self._look_at_the_clock()
        self._look_at_the_model(step)
        if self.among.as_first(self.clock.now() - self.saved_at > self.checkpoint_seconds):
            self._save()

    def _step(self) -> int:
        """One update, whose result is added to the sums without waiting for the device; how many there are now."""
        begin, units = self.clock.now(), self.task.units(self.progress.step)
        rate = learning_rate_scale(self.progress.step, self.plan) * self.progress.rate_scale
        self.sums = added(self.sums, self.task.train_step(self.progress.step, rate), units)
        self.progress.step += 1
        self.progress.logged_steps += 1
        self.progress.logged_units += units
        self._count_step_seconds(begin)
        self.reporter.advanced(self.progress.step)
        return self.progress.step

    def _count_step_seconds(self, begin: float) -> None:
        """The time since `begin` went into steps."""
        seconds = self.clock.now() - begin
        self.progress.logged_seconds += seconds
        if self.pace is not None:
            self.pace.spend(seconds)

    def _tick(self) -> None:
        """Bring the seconds of the whole training up to now."""
        before, self.counted_at = self.counted_at, self.clock.now()
        self.progress.seconds += self.counted_at - before

    def _settle(self) -> bool:
        """Turn the sums into one train record; go back if anything was not finite. False means it went back."""
        if self.progress.logged_steps == 0:
            return True
        begin = self.clock.now()
        means, broken = means_of(self.sums, self.progress.logged_units)
        self._count_step_seconds(begin)
        if self.among.any(broken):
            self._go_back()
            return False
        self._tick()
        self.ledger.record_steps(self._epoch, self.progress, self.task.logged(means))
        self.sums = {}
        self.progress.log_anew()
        return True

    @property
    def _epoch(self) -> int:
        return self.plan.epoch_of(self.progress.step)

    def _epoch_is_due(self) -> bool:
        step = self.progress.step
        return self.progress.evaluated < self._epoch and (step == 0 or self.plan.ends_epoch(step))

    def _end_epoch(self) -> None:
        """Evaluate, record, keep the weights, show a preview, save."""
        epoch, (begin, measures) = self._epoch, self._evaluate()
        if self.among.any(not all_finite(measures)):
            self._go_back()
            return
        looked_at, preview = self.clock.now(), self.task.preview()
        preview = replace(preview, text=preview.text + self.task.in_words(measures))
        self.previews.shown(looked_at, self.clock.now())
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
        self._end_if_enough()
        if self.pace is not None:
            self.pace.ended(self.clock.now() - begin)
        if epoch > 0 and not self._is_complete():
            with self.clock.standing():
                self.reporter.saved(self.signals.is_asked, is_last=False)

    def _end_if_enough(self) -> None:
        """After an evaluation: the plan ends here, where its score or its patience says so."""
        ledger, first = self.ledger, self.among.is_first
        enough = enough_told(self.plan, self.progress, ledger.evaluations, ledger.family) if first else None
        if first and (missed := missed_told(self.plan, self.progress, ledger.evaluations, ledger.family)):
            self.reporter.notice(missed)
        if told := self.among.text_of_first(enough or ""):
            self.reporter.notice(told)
            self._go_on_by(self.plan.planned_again(self.progress.step, self.progress.step))

    def _news(self, measures: Mapping[str, Record]) -> list[str]:
        """What is to be told after an evaluation; what was told is part of the training state."""
        signs, progress = self.task.signs(measures), self.progress
        return self.task.changes() + news_of(
            signs, progress.signs, self.plan, progress.step, self.task.beginning,
            lambda n: self.pace.ways_to(n, self.plan, progress.step, progress.spent, self.task) if self.pace else (),
            self.task.steps_before,
        )  # fmt: skip

    def _evaluate(self) -> tuple[float, Mapping[str, Record]]:
        """When it began, and the measures; with --minutes of a part of what is held out, where all takes too long."""
        first = self.progress.step == 0 and self.plan.measured_share == 1.0
        seconds = SHARE_OF_MINUTES * self.pace.seconds_asked if first and self.pace else None
        try:
            return self.clock.now(), evaluate(self.task, self.reporter, self.signals, seconds)
        except TooLongError as too_long:
            self.reporter.notice(too_long.told(self.task.held_out))
            self.plan = replace(self.plan, measured_share=too_long.share)
            self.ledger.keep_plan(self.plan)
            self.task.measure_part(too_long.share)
            return self.clock.now(), evaluate(self.task, self.reporter, self.signals, None)

    def _look_at_the_model(self, step: int) -> None:
        """Inside an epoch, when it is due; nothing that is trained or recorded changes by it."""
        inside = self.plan.total_steps and self.plan.is_inside(step)
        due = inside and self.among.as_first(self.previews.are_due(step, self.clock.now()))
        if not due or self._is_broken:  # then training goes back as soon as the record is due
            return
        begin, number = self.clock.now(), part_of(self.progress.step, self.plan.steps_per_epoch)
        preview = self.task.preview()
        path = self.ledger.keep_preview(number, preview)
        self.ledger.keep_part(number, self.progress)
        self.reporter.previewed(number, preview.line or str(path), wraps=preview.wraps or not preview.line)
        self.previews.shown(begin, self.clock.now())

    def _look_at_the_clock(self) -> None:
        """With --minutes: plan how many steps fit, again and again; a plan that was recorded comes into force."""
        step, plan = self.progress.step, self.plan
        if step in dict(plan.planned):  # recorded, in a run that goes on from a state before it
            self.task.planned(plan.as_of(step))
        self._tick()
        if self.pace is None or not self.among.as_first(self.pace.is_due(plan, step, self.progress.spent)):
            return
        self._wait_for_device()
        self._tick()
        if self.among.is_first:
            plan = self.pace.planned(plan, step, self.progress.spent, self.previews)
        plan = plan.of_first(self.among)
        if plan != self.plan:
            self._go_on_by(plan)
        if self.among.is_first and (short := self.pace.too_short(plan, step, self.progress.spent, self.task)):
            self.reporter.notice(short)

    def _go_on_by(self, plan: Plan) -> None:
        """From here on by another plan, which is recorded before the first step of it."""
        self.plan = plan
        self.ledger.keep_plan(plan)
        self.task.planned(plan)
        self.reporter.planned(plan)

    @property
    def _is_broken(self) -> bool:
        return self.among.any(float(self.sums.get(BROKEN, 0.0)) > 0)

    def _wait_for_device(self) -> None:
        """Until all steps are computed."""
        begin, _ = self.clock.now(), list(map(float, self.sums.values()))
        self._count_step_seconds(begin)

    def _save(self) -> None:
        """Publish the training state as it is now; broken sums are settled first, so never a bad state."""
        if self._is_broken:
            self._go_back()
            return
        self._tick()
        self.ledger.save(self.progress, self.sums)
        self.saved_at = self.clock.now()

    def _restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a training state."""
        self.progress, self.sums = self.ledger.restore(checkpoint, self.plan)
        self.counted_at = self.saved_at = self.clock.now()

    def _go_back(self) -> None:
        """Restore the newest saved state and halve the learning rate.

        Raises:
            DivergedError: it was done too often already.
        """
        self._tick()
        before = self.progress
        self._restore(self.ledger.to_try_again(before))
        self.progress.try_again(before)
        if self.pace is not None:  # the time is gone, whatever came of it
            self.pace.restart()
            self._go_on_by(self.plan.as_of(self.progress.step))
        self.reporter.notice(self.progress.went_back_told(before))
        self._save()
