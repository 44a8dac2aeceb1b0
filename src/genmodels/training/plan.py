"""How long to train and at which rate."""

import math
from dataclasses import dataclass

from genmodels.runs.epochs import trained
from genmodels.settings import TrainingSettings


@dataclass(frozen=True)
class Plan:
    """How long to train and at which rate.

    Args:
        steps_per_epoch: updates in one pass over the data.
        total_steps: updates in all; None until ``--minutes`` has measured the speed.
        minutes: the time asked for, or None.
        warmup_steps: of the schedule.
        log_every: updates between two train records.
        schedule: "cosine" or "constant", after the warm-up.
        measured_steps: updates that were done when ``--minutes`` fixed their number; 0 where it was known before.
    """

    steps_per_epoch: int
    total_steps: int | None
    minutes: float | None
    warmup_steps: int
    log_every: int
    schedule: str = "cosine"
    measured_steps: int = 0

    def epoch_of(self, step: int) -> int:
        """The epoch that a finished step belongs to, counted from 1; 0 before the first step."""
        return -(-step // self.steps_per_epoch)

    def ends_epoch(self, step: int) -> bool:
        """Whether an epoch, or the whole training, ends with this step."""
        return step % self.steps_per_epoch == 0 or step == self.total_steps

    def trained(self, step: int) -> float:
        """Epochs that a finished step has come to."""
        return trained(step, self.steps_per_epoch)

    def is_inside(self, step: int) -> bool:
        """Whether a finished step is called by a number of its own inside an epoch.

        An epoch's end is not, nor a step so near to the training's end that both are called alike.
        """
        last = None if self.total_steps is None else self.trained(self.total_steps)
        return not self.ends_epoch(step) and self.trained(step) != last

    @property
    def epochs(self) -> int | None:
        """Epochs in all; the last may be a part."""
        return None if self.total_steps is None else self.epoch_of(self.total_steps)


def is_due(step: int, every: int) -> bool:
    """Whether something done every `every` steps is due after step `step`."""
    return step % every == 0


LOGS_PER_EPOCH = 20
MOST_STEPS_PER_LOG = 100


def make_plan(settings: TrainingSettings, steps_per_epoch: int) -> Plan:
    """The steps of `--epochs`, or none yet for `--minutes`."""
    total = None if settings.minutes is not None else settings.epochs * steps_per_epoch
    log_every = max(1, min(MOST_STEPS_PER_LOG, steps_per_epoch // LOGS_PER_EPOCH))
    return Plan(steps_per_epoch, total, settings.minutes, settings.warmup_steps, log_every, settings.schedule)


def learning_rate_scale(step: int, plan: Plan) -> float:
    """Linear warm-up, then constant, or half a cosine down to zero (Loshchilov and Hutter 2017, arXiv 1608.03983).

    A warm-up takes a tenth of the training at most: of all of it, or of what is left when `--minutes` has fixed its
    length; from there it goes on steeper, from the rate that was reached.

    Args:
        step: updates finished before this one.
        plan: the planned steps; while `--minutes` still measures there is only the warm-up.
    """
    done = plan.measured_steps
    if plan.total_steps is None or step < done:  # also where a training goes back to before its length was fixed
        return min(1.0, (step + 1) / max(1, plan.warmup_steps))
    warmup = min(plan.warmup_steps, done + (plan.total_steps - done) // 10)
    if step < warmup:
        reached = done / plan.warmup_steps
        return reached + (1.0 - reached) * (step + 1 - done) / (warmup - done)
    if plan.schedule == "constant":
        return 1.0
    return 0.5 * (1.0 + math.cos(math.pi * (step - warmup) / max(1, plan.total_steps - warmup)))
