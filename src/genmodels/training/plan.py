"""How long to train and at which rate."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, Self

from genmodels.processes import World
from genmodels.runs.epochs import trained
from genmodels.settings import TrainingSettings


@dataclass(frozen=True)
class Plan:
    """How long to train and at which rate.

    Args:
        steps_per_epoch: updates in one pass over the data.
        total_steps: updates in all, as planned last; None until ``--minutes`` has measured the speed.
        minutes: the time asked for, or None.
        warmup_steps: of the schedule.
        log_every: updates between two train records.
        schedule: "cosine" or "constant", after the warm-up.
        planned: by ``--minutes``: after how many updates it was planned how many there are in all, oldest first.
        measured_share: of what is held out, on which an epoch is measured; all of it unless ``--minutes`` is too short.
        patience: training ends where so many epochs brought nothing better; None: it does not.
        until: it ends where a score is reached: its name and the value.
        again: after how many updates a finished training was lengthened, and the schedule begins anew.
    """

    steps_per_epoch: int
    total_steps: int | None
    minutes: float | None
    warmup_steps: int
    log_every: int
    schedule: str = "cosine"
    planned: tuple[tuple[int, int], ...] = ()
    measured_share: float = 1.0
    patience: int | None = None
    until: tuple[str, float] | None = None
    again: tuple[int, ...] = ()

    @classmethod
    def from_mapping(cls, recorded: Mapping[str, Any]) -> Self:
        """What run.json keeps of a plan; `asdict` makes it.

        Raises:
            TypeError, ValueError: it is none.
        """
        known = dict(recorded)
        measured, total = known.pop("measured_steps", 0), known["total_steps"]  # older runs were planned once
        once = known["minutes"] is not None and total is not None
        planned = known.pop("planned", [[measured, total]] if once else [])
        until = known.pop("until", None)
        goal = None if until is None else (str(until[0]), float(until[1]))
        again = tuple(int(step) for step in known.pop("again", ()))
        steps = tuple((int(step), int(total)) for step, total in planned)
        return cls(**known, planned=steps, until=goal, again=again)

    def planned_again(self, step: int, total_steps: int) -> Self:
        """The plan after so many updates, from where on there are to be so many in all."""
        first = () if self.planned or self.total_steps is None else ((0, self.total_steps),)
        return replace(self, total_steps=total_steps, planned=(*first, *self.planned, (step, total_steps)))

    def lengthened(self, step: int, total_steps: int) -> Self:
        """The plan of a training that was finished after so many updates, and goes on to so many in all.

        A score that was to be reached is no end any more.
        """
        before = replace(self, planned=tuple(entry for entry in self.planned if entry[0] < step))
        return replace(before.planned_again(step, total_steps), again=(*self.again, step), until=None)

    def as_of(self, step: int) -> Self:
        """The plan as it was known after so many updates, which a run that goes on from there must know no better."""
        known = tuple(entry for entry in self.planned if entry[0] <= step)
        if known == self.planned:
            return self
        again = tuple(begun for begun in self.again if begun <= step)
        return replace(self, total_steps=known[-1][1] if known else None, planned=known, again=again)

    def of_first(self, world: World) -> Self:
        """The plan of the first of several processes, whose clock counts."""
        if world.is_alone:
            return self
        return type(self).from_mapping(json.loads(world.text_of_first(json.dumps(asdict(self)))))

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
    s = settings
    assert s.schedule is not None, "chosen when settings are made"
    plan = Plan(steps_per_epoch, total, s.minutes, s.warmup_steps, log_every, s.schedule)
    return replace(plan, patience=s.patience, until=s.goal)


@dataclass(frozen=True)
class _Leg:
    """The schedule from one plan to the next.

    Args:
        begin: updates that were done when it was planned.
        total: updates in all by this plan; None where they are not known yet.
        rate: that the warm-up had reached.
        phase: that the cosine had reached, from 0 to 1.
        origin: updates that were done when the schedule began: 0, or where a finished training was lengthened.
    """

    begin: int
    total: int | None
    rate: float = 0.0
    phase: float = 0.0
    origin: int = 0

    def at(self, step: int, warmup_steps: int) -> tuple[float, float]:
        """The rate of the warm-up and the phase of the cosine after so many updates."""
        begin, total = self.begin, self.total
        whole = warmup_steps if total is None else min(warmup_steps, (total - self.origin) // 10)
        warm = begin + math.ceil((1.0 - self.rate) * whole)  # what is left of it
        if step < warm:
            return self.rate + (1.0 - self.rate) * (step + 1 - begin) / (warm - begin), self.phase
        if total is None:
            return 1.0, self.phase
        begin = max(warm, begin)
        return 1.0, self.phase + (1.0 - self.phase) * (step - begin) / max(1, total - begin)


@lru_cache(maxsize=8)
def _legs(
    planned: tuple[tuple[int, int], ...], again: tuple[int, ...], first_total: int | None, warmup_steps: int
) -> tuple[_Leg, ...]:
    """A leg for each plan, the first one before any by the clock."""
    legs = [_Leg(0, first_total)]
    for begin, total in planned:
        if begin in again:
            legs.append(_Leg(begin, total, origin=begin))
            continue
        reached = legs[-1].at(begin - 1, warmup_steps)[0] if begin else 0.0
        legs.append(_Leg(begin, total, reached, legs[-1].at(begin, warmup_steps)[1], legs[-1].origin))
    return tuple(legs)


def learning_rate_scale(step: int, plan: Plan) -> float:
    """Linear warm-up, then constant, or half a cosine down to zero (Loshchilov and Hutter 2017, arXiv 1608.03983).

    A warm-up takes a tenth of the training at most. Each plan by the clock goes on from the rate that was reached: the
    way that is left is walked in as many steps as there are now.

    Args:
        step: updates finished before this one.
        plan: the planned steps; while `--minutes` still measures there is only the warm-up.
    """
    legs = _legs(plan.planned, plan.again, None if plan.planned else plan.total_steps, plan.warmup_steps)
    leg = next(leg for leg in reversed(legs) if leg.begin <= step)
    rate, phase = leg.at(step, plan.warmup_steps)
    return rate if plan.schedule == "constant" else rate * 0.5 * (1.0 + math.cos(math.pi * phase))
