"""--minutes: how many steps fit, once the speed is known."""

from genmodels.telling import duration
from genmodels.training.plan import Plan

SETTLING_STEPS = 5  # the first steps are slower: kernels are chosen and memory is found
MEASURED_STEPS = 10
MEASURED_SECONDS = 3.0
MEASURED_SHARE = 0.01  # of the time asked for: the longer the training, the better its speed is worth knowing
MISSED_BY = 0.1  # of that time: what is nearer was met


def missed_told(name: str, seconds: float, minutes: float | None) -> str | None:
    """That a training missed the time asked for; None where it did not, or none was.

    Args:
        name: of the run.
        seconds: of training and evaluating.
        minutes: that --minutes asked for, or None.

    >>> missed_told("pix", 74, 1.5), missed_told("pix", 65, 1.0), missed_told("pix", 65, None)
    ('pix took 1 min 14 s of training and evaluating, where --minutes 1.5 was asked for', None, None)
    """
    if minutes is None or abs(seconds - 60.0 * minutes) <= MISSED_BY * 60.0 * minutes:
        return None
    return f"{name} took {duration(seconds)} of training and evaluating, where --minutes {minutes:g} was asked for"


class Pace:
    """How fast the first steps of a session are, and how many then fit into the time asked for.

    The first ones are left out. Then MEASURED_STEPS are measured, and more until they took MEASURED_SECONDS, or
    MEASURED_SHARE of the time asked for if that is longer, unless the warm-up ends sooner: from there on the learning
    rate depends on the number of steps.

    Whoever trains hands on each stretch of time that goes into steps, and waits for the device before `begin` and
    before `total_steps`, as steps that are still being computed cost time that was not counted yet.

    Args:
        plan: with the minutes asked for, and no number of steps yet.
    """

    def __init__(self, plan: Plan) -> None:
        assert plan.minutes is not None
        self.seconds_asked = 60.0 * plan.minutes
        self.warmup_steps, self.steps_per_epoch = plan.warmup_steps, plan.steps_per_epoch
        self.step_seconds = 0.0
        self._begun: tuple[int, float] | None = None  # finished steps and seconds in steps then

    def spend(self, seconds: float) -> None:
        """So many more seconds went into steps."""
        self.step_seconds += seconds

    def can_begin(self, step: int) -> bool:
        """Whether the measure has not begun, and could after so many finished steps."""
        return self._begun is None and step >= SETTLING_STEPS

    def begin(self, step: int) -> None:
        """Measure the steps after this one."""
        self._begun = step, self.step_seconds

    def restart(self) -> None:
        """Forget the measure: training went back to an earlier step."""
        self._begun = None

    def is_known(self, step: int) -> bool:
        """Whether enough is measured after so many finished steps."""
        if self._begun is None:
            return False
        steps, seconds = step - self._begun[0], self.step_seconds - self._begun[1]
        wanted = max(MEASURED_SECONDS, MEASURED_SHARE * self.seconds_asked)
        return steps >= MEASURED_STEPS and (seconds >= wanted or step >= self.warmup_steps)

    def seconds_of_one(self, step: int) -> float:
        """What a step takes, as measured after so many finished ones."""
        assert self._begun is not None
        return (self.step_seconds - self._begun[1]) / (step - self._begun[0])

    def total_steps(self, step: int, seconds: float, epoch_seconds: float, preview_share: float = 0.0) -> int:
        """How many steps the training has in all: those that are done, and as many as fit, at least one.

        Args:
            step: finished ones.
            seconds: spent in training and evaluating until now, over all sessions.
            epoch_seconds: what an epoch's end costs; there is room for one more, and each step bears a share of it.
            preview_share: of the time that is left, which goes into previews inside the epochs.
        """
        left = (self.seconds_asked - seconds - epoch_seconds) * (1.0 - preview_share)
        return step + max(1, int(left / (self.seconds_of_one(step) + epoch_seconds / self.steps_per_epoch)))
