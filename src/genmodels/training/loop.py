"""fit(): the only training loop.

It owns steps, schedule, evaluation, checkpoints, signals, the guard against divergence, and resuming.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from torch import Tensor

from genmodels.errors import DivergedError, RunError, Stopped
from genmodels.family import family_of
from genmodels.models.weights import to_arrays, to_tensors
from genmodels.runs import Record, RunDir
from genmodels.runs.checkpoint import Checkpoint, load_training_state, prune_epochs, save_epoch, save_training_state
from genmodels.training.plan import Plan, is_due, learning_rate_scale
from genmodels.training.reporting import Reporter
from genmodels.training.signals import StopRequested, StopSignals
from genmodels.training.task import Preview, Task, TaskState

ROLLBACKS = 3
SETTLING_STEPS = 5  # the first steps are slower: kernels are chosen and memory is found
MEASURED_STEPS = 10
MEASURED_SECONDS = 3.0
MEASURED_SHARE = 0.01  # of the time asked for: the longer the training, the better its speed is worth knowing
_LOG = "log/"


@dataclass
class Progress:
    """Where training stands; saved in every checkpoint.

    Args:
        step: finished updates.
        evaluated: the last epoch evaluated; -1 before the first evaluation (epoch 0, the untrained model).
        best_epoch: the best epoch so far.
        best_score: its score on the held-out split.
        rate_scale: halved at each rollback.
        rollbacks: how often training went back to the last good state.
        seconds: spent training and evaluating, over all sessions.
        logged_steps: updates since the last train record.
        logged_units: characters or images that they read.
        logged_seconds: spent in them.
        epoch_seconds: what the last epoch's end cost.
    """

    step: int = 0
    evaluated: int = -1
    best_epoch: int | None = None
    best_score: float | None = None
    rate_scale: float = 1.0
    rollbacks: int = 0
    seconds: float = 0.0
    logged_steps: int = 0
    logged_units: int = 0
    logged_seconds: float = 0.0
    epoch_seconds: float = 0.0


def fit(
    task: Task,
    plan: Plan,
    run: RunDir,
    reporter: Reporter,
    keep_epochs: int | None,
    checkpoint_minutes: float,
) -> Progress:
    """Train until the plan is fulfilled, from the run's newest training state if it has one.

    Raises:
        Stopped: a signal came; everything is saved.
        DivergedError: the loss was not finite after three rollbacks.
        RunError: the run's training states are all damaged, or another process trains this run.
        ResourceError: disk or memory is full.
    """
    with run.locked(reporter.notice), StopSignals() as signals:
        loop = _Loop(task, plan, run, reporter, signals, keep_epochs, checkpoint_minutes * 60.0)
        try:
            return loop.run()
        finally:
            reporter.finished()


class _Loop:
    def __init__(
        self,
        task: Task,
        plan: Plan,
        run: RunDir,
        reporter: Reporter,
        signals: StopSignals,
        keep_epochs: int | None,
        checkpoint_seconds: float,
    ) -> None:
        self.task, self.plan, self.run_dir, self.reporter, self.signals = task, plan, run, reporter, signals
        self.keep_epochs, self.checkpoint_seconds = keep_epochs, checkpoint_seconds
        self.family = family_of(run.document()["family"])
        self.progress = Progress()
        self.sums: dict[str, Tensor] = {}  # since the last train record, on the device
        self.clock = self.saved_at = time.perf_counter()
        self.step_seconds = 0.0  # spent in steps in all, for --minutes
        self.measuring_since: tuple[int, float] | None = None

    # -- the loop -----------------------------------------------------------------------------------

    def run(self) -> Progress:
        checkpoint = load_training_state(self.run_dir, self.reporter.notice)
        if checkpoint is None:
            self.run_dir.truncate_metrics(0)
        else:
            self._restore(checkpoint)
        self.task.planned(self.plan)
        self.reporter.started(self.plan, self.progress.step, self.progress.best_score)
        if self._is_complete():
            self.reporter.notice("the run was finished already: nothing is left to train")
        try:
            while not self._is_complete():
                self._advance()
        except StopRequested:
            self._stop()
        return self.progress

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
        if self.plan.total_steps is None:
            self._measure_speed()
        if time.perf_counter() - self.saved_at > self.checkpoint_seconds:
            self._save()

    def _step(self) -> None:
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
        seconds = time.perf_counter() - begin
        self.progress.logged_seconds += seconds
        self.step_seconds += seconds

    def _stop(self) -> None:
        self._save()
        hint = f"genmodels {self.family.train_command} --resume {self.run_dir.quoted} goes on."
        where = f"stopped after step {self.progress.step}; everything is saved in {self.run_dir.path}"
        raise Stopped(where, hint, self.signals.exit_code)

    # -- records ------------------------------------------------------------------------------------

    def _tick(self) -> None:
        now = time.perf_counter()
        self.progress.seconds += now - self.clock
        self.clock = now

    def _settle(self) -> bool:
        """Turn the sums into one train record; go back if anything was not finite. False means it went back."""
        count, units, begin = self.progress.logged_steps, self.progress.logged_units, time.perf_counter()
        if count == 0:
            return True
        means = {name: float(value) / units for name, value in self.sums.items()}
        self._count_step_seconds(begin)
        if means.pop("broken") > 0 or not all(math.isfinite(mean) for mean in means.values()):
            self._go_back()
            return False
        self._tick()
        speed = {f"{self.family.unit}_per_second": round(units / max(self.progress.logged_seconds, 1e-9), 1)}
        self._record("train", means | {"steps": count} | speed)
        self.sums = {}
        self.progress.logged_steps, self.progress.logged_units, self.progress.logged_seconds = 0, 0, 0.0
        return True

    def _record(self, split: str, values: Mapping[str, float]) -> None:
        step = self.progress.step
        record: Record = {"epoch": self.plan.epoch_of(step), "step": step, "split": split, **values}
        record["seconds"] = round(self.progress.seconds, 3)
        self.run_dir.append_metrics(record)
        self.reporter.logged(record)

    # -- epochs -------------------------------------------------------------------------------------

    def _epoch_is_due(self) -> bool:
        step = self.progress.step
        return self.progress.evaluated < self.plan.epoch_of(step) and (step == 0 or self.plan.ends_epoch(step))

    def _end_epoch(self) -> None:
        """Evaluate, record, keep the weights, show a preview, save."""
        begin = time.perf_counter()
        epoch = self.plan.epoch_of(self.progress.step)
        measures = self.task.evaluate(self.signals.check)
        if not all(math.isfinite(value) for record in measures.values() for value in record.values()):
            self._go_back()
            return
        preview = self.task.preview()
        self._tick()
        for split, record in measures.items():
            self._record(split, record)
        if epoch > 0:
            self._keep_weights(epoch, measures)
        self.progress.evaluated = epoch
        self._keep_preview(epoch, preview)
        self._save()
        prune_epochs(self.run_dir, self.keep_epochs)
        self.reporter.previewed(epoch, preview.text)
        for sentence in self.task.remarks(measures) if epoch > 0 else ():
            self.reporter.notice(sentence)
        self.progress.epoch_seconds = time.perf_counter() - begin

    def _keep_weights(self, epoch: int, measures: Mapping[str, Record]) -> None:
        facts = {"epoch": epoch, "step": self.progress.step, **measures, **self.task.description()}
        save_epoch(self.run_dir, epoch, {"model": to_arrays(self.task.weights())}, facts)
        score, before = measures[self.task.held_out][self.family.score], self.progress.best_score
        if before is None or (score != before and self.family.best([score, before]) == score):
            self.progress.best_epoch, self.progress.best_score = epoch, score
            self.run_dir.point("best", f"epoch-{epoch:04d}")

    def _keep_preview(self, epoch: int, preview: Preview) -> None:
        self.run_dir.write_sample(f"epoch-{epoch:04d}.txt", preview.text.encode("utf-8", errors="replace"))
        if preview.picture is not None:
            self.run_dir.write_sample(f"epoch-{epoch:04d}.png", preview.picture)

    # -- --minutes ----------------------------------------------------------------------------------

    def _measure_speed(self) -> None:
        """After some steps, fix how many fit into the time that is left, and record it."""
        assert self.plan.minutes is not None
        step, epoch_seconds = self.progress.step, self.progress.epoch_seconds
        if self.measuring_since is None:
            if step >= SETTLING_STEPS:
                self._wait_for_device()
                self.measuring_since = (step, self.step_seconds)
            return
        steps, seconds = step - self.measuring_since[0], self.step_seconds - self.measuring_since[1]
        wanted = max(MEASURED_SECONDS, MEASURED_SHARE * 60.0 * self.plan.minutes)
        if steps < MEASURED_STEPS or (seconds < wanted and step < self.plan.warmup_steps):
            return
        self._wait_for_device()
        self._tick()
        per_step = (self.step_seconds - self.measuring_since[1]) / steps
        left = self.plan.minutes * 60.0 - self.progress.seconds - epoch_seconds
        more = left / (per_step + epoch_seconds / self.plan.steps_per_epoch)
        self.plan = replace(self.plan, total_steps=step + max(1, int(more)))
        self._save()
        self.run_dir.update(plan=asdict(self.plan))
        self.task.planned(self.plan)
        self.reporter.planned(self.plan)

    def _wait_for_device(self) -> None:
        begin = time.perf_counter()
        for value in self.sums.values():
            float(value)
        self._count_step_seconds(begin)

    # -- saving, resuming, going back -----------------------------------------------------------------

    def _save(self) -> None:
        """Publish the training state as it is now; broken sums are settled first, so never a bad state."""
        if float(self.sums.get("broken", 0.0)) > 0:
            self._go_back()
            return
        self._tick()
        state = self.task.state()
        sums = {f"{_LOG}{name}": value for name, value in self.sums.items()}
        tensors = {"model": to_arrays(state.model), "optimizer": to_arrays({**state.optimizer, **sums})}
        facts = {
            "progress": asdict(self.progress),
            "task": dict(state.counters),
            "metrics_bytes": self.run_dir.metrics_size(),
            **self.task.description(),
        }
        save_training_state(self.run_dir, self.progress.step, tensors, facts)
        self.saved_at = time.perf_counter()

    def _restore(self, checkpoint: Checkpoint) -> None:
        try:
            progress = Progress(**checkpoint.state["progress"])
            tensors = to_tensors(checkpoint.tensors["optimizer"])
            size, counters = int(checkpoint.state["metrics_bytes"]), checkpoint.state["task"]
        except (KeyError, TypeError) as error:
            raise RunError(f"{checkpoint.path} lacks what resuming needs: {error}", "start a new run.") from error
        device = next(iter(self.task.state().model.values())).device
        self.sums = {n.removeprefix(_LOG): t.to(device) for n, t in tensors.items() if n.startswith(_LOG)}
        optimizer = {name: tensor for name, tensor in tensors.items() if not name.startswith(_LOG)}
        self.task.load_state(TaskState(to_tensors(checkpoint.tensors["model"]), optimizer, counters))
        self.run_dir.truncate_metrics(size)
        self.progress = progress
        self.clock = self.saved_at = time.perf_counter()

    def _go_back(self) -> None:
        """Restore the newest saved state and halve the learning rate.

        Raises:
            DivergedError: it was done too often already.
        """
        step, rollbacks = self.progress.step, self.progress.rollbacks + 1
        checkpoint = load_training_state(self.run_dir, self.reporter.notice)
        if rollbacks > ROLLBACKS or checkpoint is None:
            raise DivergedError(
                f"the loss or gradient was not finite near step {step}, after {rollbacks - 1} new attempts",
                f"lower --learning-rate; the last good state is in {self.run_dir.path}.",
            )
        scale = self.progress.rate_scale * 0.5
        self._restore(checkpoint)
        self.progress.rollbacks, self.progress.rate_scale = rollbacks, scale
        self.measuring_since = None
        self.reporter.notice(
            f"step {step}: the loss or gradient was not finite; went back to step {self.progress.step} "
            f"with the learning rate times {scale:g}"
        )
        self._save()
