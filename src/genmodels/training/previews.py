"""When a model is looked at inside an epoch, and what that costs."""

from genmodels.settings.every import Every
from genmodels.training.plan import is_due

RARELY = 16  # times as long as it takes lies at least between two previews, so that they take 1/17 of the time at most


class Previews:
    """How often a training is looked at inside an epoch: after so many steps, or so long after it was last looked at.

    Args:
        every: as was asked for.
        now: seconds on any clock, as everywhere here.
    """

    def __init__(self, every: Every, now: float) -> None:
        self.every, self.shown_at = every, now
        self.seconds = 0.0  # that the newest one took

    def shown(self, began_at: float, now: float) -> None:
        """A preview was made, inside an epoch or at its end."""
        self.seconds, self.shown_at = now - began_at, now

    @property
    def pause(self) -> float | None:
        """Seconds between the end of one and the begin of the next; None where the time does not count."""
        return None if self.every.seconds is None else max(self.every.seconds, RARELY * self.seconds)

    def are_due(self, step: int, now: float) -> bool:
        """Whether the model is to be looked at after this finished step."""
        if self.every.steps is not None:
            return is_due(step, self.every.steps)
        return self.pause is not None and now - self.shown_at >= self.pause

    def share(self, step_seconds: float, steps_per_epoch: int) -> float:
        """The share of the training's time that they take, by the newest one.

        Args:
            step_seconds: that a step takes.
            steps_per_epoch: if an epoch is over sooner than the next preview is due, there is none.
        """
        pause = self.pause if self.every.steps is None else self.every.steps * step_seconds
        if pause is None or steps_per_epoch * step_seconds <= pause:
            return 0.0
        return self.seconds / (self.seconds + pause)
