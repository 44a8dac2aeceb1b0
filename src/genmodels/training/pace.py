"""--minutes: how many steps fit, planned again and again while the clock goes."""

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from genmodels.errors import in_turn
from genmodels.telling import counted, duration
from genmodels.training.beginnings import Beginning
from genmodels.training.evaluation import SHARE_OF_MINUTES
from genmodels.training.plan import Plan
from genmodels.training.previews import Previews
from genmodels.training.signs import IN_RESERVE, advised_steps

if TYPE_CHECKING:
    from genmodels.training.task import Task

MEASURED_STEPS = 2  # before the first plan, after those that settle
MEASURED_SECONDS = 0.5  # which they take at least, unless there are
ENOUGH_STEPS = 20
LOOKED_BACK = 0.1  # of the time asked for: the speed is that of the newest steps, as machines become busy and free,
OF_THEM = 0.5  # at most of so much of the time in steps until now, as the first ones may stall
APART = 0.02  # of the time asked for lies at most between two looks at the clock,
APART_AT_THE_END = 0.1  # and of the time that is left;
STEPS_APART = 0.03  # and of the steps that were still planned, as a plan that is far too small spends the learning rate
LEAST_APART = 0.2  # seconds
WORTH_A_PLAN = 0.01  # of the steps that are left: a plan that differs by less is kept
MISSED_BY = 0.05  # of the time asked for: what is nearer was met
MOST_STEPS = 2**53


def missed_told(name: str, seconds: float, minutes: float | None, before: float = 0.0) -> str | None:
    """That a training missed the time asked for; None where it did not, or none was.

    Args:
        name: of the run.
        seconds: that it took, with what came before its first step.
        minutes: that --minutes asked for, or None.
        before: seconds of them that came before its first step.

    >>> missed_told("pix", 74, 1.0), missed_told("pix", 62, 1.0), missed_told("pix", 74, None)
    ('pix took 1 min 14 s in all, where --minutes 1 was asked for', None, None)
    >>> missed_told("pix", 74, 1.0, 20.0)
    'pix took 1 min 14 s in all (20 s before its first step), where --minutes 1 was asked for'
    >>> missed_told("pix", 1, 0.0001, 0.4)
    'pix took 1 s in all, where --minutes 0.0001 was asked for'
    """
    if minutes is None or abs(seconds - 60.0 * minutes) <= MISSED_BY * 60.0 * minutes:
        return None
    long = round(before) > 0 and before > MISSED_BY * 60.0 * minutes
    waited = f" ({duration(before)} before its first step)" if long else ""
    return f"{name} took {duration(seconds)} in all{waited}, where --minutes {minutes:g} was asked for"


def short_told(minutes: float, steps: int, beginning: Beginning, needed: Sequence[str], before: int = 0) -> str:
    """That there is too little time for a network to begin.

    Args:
        minutes: that --minutes asked for.
        steps: as many as fit.
        beginning: of the network.
        needed: options with which as many steps as it needs fit.
        before: steps that its first weights had had.

    >>> short_told(1.0, 40, Beginning("dcgan", "to draw", 400), ["--minutes 9"])
    'in 1 minute there is time for about 40 steps; dcgan begins to draw after about 400: ask for --minutes 9'
    """
    time = f"in {counted(minutes, 'minute')} there is time for about {counted(steps, 'step')}"
    begins = f"{beginning.model} begins {beginning.does} after about {beginning.steps:,}"
    begins += f", of which the run that it began from had {before:,}" if before else ""
    return f"{time}; {begins}: ask for {in_turn(needed)}"


class Pace:
    """How fast steps are now, and how many more fit into the time asked for.

    Whoever trains hands on each stretch of time that goes into steps, and waits for the device before `planned`, as
    steps that are still being computed cost time that was not counted yet.

    Args:
        plan: with the minutes asked for.
        settling: the first steps of a session, which are slower: kernels are chosen, memory is found, updates recorded.
        measured_after: evaluations that follow the training.
    """

    def __init__(self, plan: Plan, settling: int = 1, measured_after: int = 0) -> None:
        assert plan.minutes is not None
        self.seconds_asked, self.steps_per_epoch = 60.0 * plan.minutes, plan.steps_per_epoch
        self.settling, self.step_seconds = settling, 0.0
        self.looks = 0  # since the first plan, which is one; none in a session that began with a plan
        self.looked_at: tuple[int, float] | None = None  # finished steps, and seconds spent then
        self.marks: deque[tuple[int, float]] = deque()  # finished steps, and seconds in steps then
        self.measured_after = measured_after
        self.previews_share = 0.0  # of the time, at the newest look
        self.end_seconds = 0.0  # that an epoch's end takes
        self.end_speed: float | None = None  # what a step took then,
        self.ended_first = False  # which of one before any step is what the first steps took
        self.least_end = math.inf  # of those after steps: the first ones have loaded what the later ones need, too
        self.waits = False  # with what is to be said, for such an end

    def spend(self, seconds: float) -> None:
        """So many more seconds went into steps."""
        self.step_seconds += seconds

    def ended(self, seconds: float) -> None:
        """The end of an epoch took so long: evaluation, samples, saving."""
        self.end_seconds, self.ended_first = seconds, len(self.marks) < 2
        self.end_speed = None if self.ended_first else self.seconds_of_one
        self.least_end = self.least_end if self.ended_first else min(self.least_end, seconds)

    @property
    def seconds_after(self) -> float:
        """What follows the training."""
        return self.measured_after * self.end_seconds

    def restart(self) -> None:
        """Forget the measure: training goes on from another step."""
        self.marks.clear()

    def is_due(self, plan: Plan, step: int, seconds: float) -> bool:
        """Whether to plan after so many finished steps.

        Args:
            plan: in force.
            step: finished ones.
            seconds: spent until now, all in all.
        """
        if step == plan.total_steps or (plan.planned and step <= plan.planned[-1][0]):
            return False  # nothing is left, or a run goes on from before the newest plan
        self.settling -= 1
        if not self.marks:
            if self.settling <= 0:
                self.marks.append((step, self.step_seconds))
            return False
        steps, spent = step - self.marks[-1][0], self.step_seconds - self.marks[-1][1]
        if not plan.planned:
            return steps >= MEASURED_STEPS and (spent >= MEASURED_SECONDS or steps >= ENOUGH_STEPS)
        if steps == 0 or self.looked_at is None or plan.total_steps is None:
            return steps > 0
        before, then = self.looked_at
        left = self.seconds_asked - seconds
        apart = max(LEAST_APART, min(APART * self.seconds_asked, APART_AT_THE_END * left))
        return seconds - then >= apart or step - before >= STEPS_APART * (plan.total_steps - before)

    def planned(self, plan: Plan, step: int, seconds: float, previews: Previews) -> Plan:
        """Another plan, or the same where so many steps as fit now differ little from it; arguments as above.

        Args:
            plan: in force.
            step: finished ones.
            seconds: spent until now.
            previews: inside the epochs, which take a share of the time that is left.
        """
        self._mark(step)
        if self.ended_first and self.step_seconds <= LOOKED_BACK * self.seconds_asked:
            self.end_speed = self.seconds_of_one  # again and again, as the very first ones may stall
        self.looked_at = step, seconds
        self.looks = 1 if not plan.planned else self.looks + min(self.looks, 1)
        self.previews_share = previews.share(self.seconds_of_one, self.steps_per_epoch)
        left = (self.seconds_asked - seconds) * (1.0 - self.previews_share)
        total = step + max(1, self.steps_in(left, step))
        before = plan.total_steps
        is_like_it = before is not None and abs(total - before) <= WORTH_A_PLAN * (before - step)
        return plan if is_like_it else plan.planned_again(step, total)

    @property
    def seconds_of_one(self) -> float:
        """What a step took, of the newest ones that were measured."""
        (begin, before), (end, after) = self.marks[0], self.marks[-1]
        return (after - before) / (end - begin)

    def _mark(self, step: int) -> None:
        """Measure the speed, by the steps since a mark so long ago, or since the one before."""
        self.marks.append((step, self.step_seconds))
        back = min(LOOKED_BACK * self.seconds_asked, OF_THEM * self.step_seconds)
        while len(self.marks) > 2 and self.step_seconds - self.marks[1][1] >= back:
            self.marks.popleft()

    def steps_in(self, seconds: float, step: int) -> int:
        """How many more steps fit into some seconds, with the ends of the epochs in between and of the training.

        Args:
            seconds: that are left.
            step: finished steps.
        """
        return bisect_right(range(1, MOST_STEPS), seconds, key=lambda more: self.seconds_of(more, step))

    def seconds_of(self, more: int, step: int, least_end: float = math.inf) -> float:
        """What so many more steps take after `step` finished ones, with the ends of epochs and of the training.

        An end takes as long as the newest did; or `least_end`, if that is less.
        """
        each = self.seconds_of_one
        end = min(self.end_seconds, least_end) * (1.0 if self.end_speed is None else each / self.end_speed)
        ends = (step + more - 1) // self.steps_per_epoch - (step - 1) // self.steps_per_epoch + 1
        return more * each + (ends + self.measured_after) * end

    def too_short(self, plan: Plan, step: int, seconds: float, task: "Task") -> str | None:
        """What to say at the second look, where the network will not have begun at the end; else None.

        The first may be of steps that stalled; but where hardly any are planned, there may be no second. Where an
        epoch's end will come, it waits for that: the one before any step has loaded what is needed once.

        Args:
            plan: in force.
            step: finished ones.
            seconds: spent until now.
            task: knows when its network begins, or that nobody knows.
        """
        beginning, minutes, total = task.beginning, plan.minutes, plan.total_steps
        if beginning is None or minutes is None or total is None or total + task.steps_before >= beginning.steps:
            return None
        if not self.waits and self.looks != 2 and not (self.looks == 1 and total <= ENOUGH_STEPS):
            return None
        self.waits = self.ended_first and self.steps_per_epoch * max(1, plan.epoch_of(step)) < total
        if self.waits:
            return None
        self.looks = 3  # said once
        needed = self.ways_to(advised_steps(beginning, task.steps_before), plan, step, seconds, task)
        assert needed, "who has looked at the clock knows the speed"
        return short_told(minutes, total, beginning, needed, task.steps_before)

    def ways_to(self, steps: int, plan: Plan, step: int, seconds: float, task: "Task") -> list[str]:
        """Options to train so many steps: `minutes_for` them, and how they take less; none where nobody knows."""
        minutes = self.minutes_for(steps, plan, step, seconds)
        return [] if minutes is None else [f"--minutes {minutes}", *task.quicker]

    def minutes_for(self, steps: int, plan: Plan, step: int, seconds: float) -> int | None:
        """The whole minutes to ask for so that so many steps fit, and previews; None where the speed is not known.

        Where a part of what is held out is measured, more of it is in a longer training: each evaluation takes its
        share of the time that is asked for, until all is measured.

        Args:
            steps: in all.
            plan: in force.
            step: finished ones.
            seconds: spent until now, what came before the first step among them.
        """
        if len(self.marks) < 2:
            return None
        needed = seconds + self.seconds_of(max(1, steps - step), step, self.least_end) / (1.0 - self.previews_share)
        if plan.measured_share < 1.0:
            ends = 2 + (steps - 1) // self.steps_per_epoch + self.measured_after  # with that before the first step
            needed = self._with_larger_parts(needed, plan.measured_share, ends)
        return math.ceil(IN_RESERVE * needed / 60.0)

    def _with_larger_parts(self, seconds: float, share: float, evaluations: int) -> float:
        """What a training takes whose time has room for it and for its evaluations, each of a larger part then.

        Args:
            seconds: that it takes with parts as large as now.
            share: of all, which a part is now.
            evaluations: of them.
        """
        part = evaluations * min(self.end_seconds, SHARE_OF_MINUTES * self.seconds_asked)
        others, grows = seconds - part, part / self.seconds_asked
        whole = others + part / share  # all is measured, and it takes no more than that
        return min(whole, others / (1.0 - grows)) if grows < 1.0 else whole

    def missed(self, name: str, plan: Plan, seconds: float, before: float) -> str | None:
        """See `missed_told`; nothing is said where no step was made, and what follows the training counts."""
        if self.step_seconds == 0.0:
            return None
        return missed_told(name, seconds + self.seconds_after, plan.minutes, before)
