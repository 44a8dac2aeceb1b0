"""A sweep of the learning rate: some steps of a training, each with a higher rate than the last."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from genmodels.analysis.rate_sweep import KEPT, smoothed_of
from genmodels.processes import refuse_several
from genmodels.telling import Advance
from genmodels.training.plan import make_plan
from genmodels.training.task import OptimisedTask

GROWN = 4.0  # times its least: a loss so high has nothing more to say


@dataclass
class Swept:
    """What came of a sweep.

    Args:
        losses: name -> the loss of each step.
        to_fall: whether they are losses that a training lowers; those of a game are not.
        rates: of the steps.
        ended: why it ended before its last step; "" where it did not.
    """

    losses: dict[str, list[float]]
    to_fall: bool = True
    rates: list[float] = field(default_factory=list)
    ended: str = ""

    def add(self, rate: float, losses: Mapping[str, float]) -> None:
        """One step more."""
        self.rates.append(rate)
        for name, loss in losses.items():
            self.losses[name].append(loss)

    @property
    def smoothed(self) -> dict[str, list[float]]:
        """Name -> its losses as they are read; see `smoothed_of`."""
        return {name: smoothed_of(losses, to_fall=self.to_fall) for name, losses in self.losses.items()}


def sweep(
    task: OptimisedTask, rates: Sequence[float], signs: Mapping[str, float], advance: Advance, *, to_fall: bool = True
) -> Swept:
    """Train with each rate for one step, on the batches of a training; the task is of no use afterwards.

    It ends before its last step where a loss or gradient is not finite, or a loss that is to fall has grown to `GROWN`
    times its least. No schedule is followed: its rates are the schedule.

    Args:
        task: with fresh weights, or those of another run.
        rates: ascending.
        signs: name of a measure that steps log -> 1.0 where lower is better, or -1.0.
        advance: is told of each step.
        to_fall: whether the measures are losses that a training lowers; those of a game are not.
    """
    refuse_several("a sweep of learning rates")
    task.planned(make_plan(task.settings, task.steps_per_epoch))
    swept, growths = Swept({name: [] for name in signs}, to_fall), {name: _Growth() for name in signs}
    for step, rate in enumerate(rates):
        found = _step(task, step, rate)
        if found is None:
            swept.ended = f"the loss or its gradient is not finite at {rate:.2g}"
            break
        losses = _losses(task.logged(found), signs)
        swept.add(rate, losses)
        advance(1)
        if to_fall and any(growths[name].add(loss) for name, loss in losses.items()):
            swept.ended = f"the loss has grown to {GROWN:g} times its least at {rate:.2g}"
            break
    return swept


def _step(task: OptimisedTask, step: int, rate: float) -> dict[str, float] | None:
    """What a step at a rate logs; None where that or its gradient is not finite."""
    found = {name: float(value) for name, value in task.train_step(step, rate / task.settings.learning_rate).items()}
    return found if found.pop("finite") and all(map(math.isfinite, found.values())) else None


def _losses(logged: Mapping[str, float], signs: Mapping[str, float]) -> dict[str, float]:
    """The measures that are swept, each as a loss."""
    return {name: sign * logged[name] for name, sign in signs.items()}


class _Growth:
    """Whether the running mean of a loss lies above its least as far as if that were multiplied; it may be negative."""

    def __init__(self) -> None:
        self.mean = self.least = math.nan

    def add(self, loss: float) -> bool:
        """Whether it does with one step more."""
        self.mean = loss if math.isnan(self.mean) else KEPT * self.mean + (1.0 - KEPT) * loss
        self.least = self.mean if math.isnan(self.least) else min(self.least, self.mean)
        return self.mean > self.least + (GROWN - 1.0) * abs(self.least)
