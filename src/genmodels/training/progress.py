"""Where a training stands; what of it is saved in every training state."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self


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
        seconds_before: that went by before, in each session, since somebody asked for the training.
        logged_steps: updates since the last train record.
        logged_units: characters or images that they read.
        logged_seconds: spent in them.
        signs: what was seen and told of those that it goes wrong; see `genmodels.training.signs`.
        resumed: after how many updates it was gone on with, each time that it had been stopped or its process had died.
    """

    step: int = 0
    evaluated: int = -1
    best_epoch: int | None = None
    best_score: float | None = None
    rate_scale: float = 1.0
    rollbacks: int = 0
    seconds: float = 0.0
    seconds_before: float = 0.0
    logged_steps: int = 0
    logged_units: int = 0
    logged_seconds: float = 0.0
    signs: dict[str, dict[str, Any]] = field(default_factory=dict)
    resumed: list[int] = field(default_factory=list)

    def log_anew(self) -> None:
        """A train record was made: the next one begins."""
        self.logged_steps, self.logged_units, self.logged_seconds = 0, 0, 0.0

    def go_on(self, again: Sequence[int]) -> None:
        """Another session begins from here; one that lengthens a finished training is in its plan.

        Args:
            again: see `Plan.again`.
        """
        if self.step not in again and self.resumed[-1:] != [self.step]:
            self.resumed = [*self.resumed, self.step]

    def try_again(self, before: Self) -> None:
        """This is a saved state to which training went back, more carefully; the time since is gone."""
        self.rollbacks, self.rate_scale = before.rollbacks + 1, before.rate_scale * 0.5
        self.seconds, self.seconds_before = before.seconds, before.seconds_before
        self.resumed = before.resumed

    def went_back_told(self, before: Self) -> str:
        """From where training went back to this state, and how much more carefully it goes on."""
        return (
            f"step {before.step}: the loss or gradient was not finite; went back to step {self.step} "
            f"with the learning rate times {self.rate_scale:g}"
        )

    @property
    def spent(self) -> float:
        """Seconds in all, which --minutes asks for."""
        return self.seconds_before + self.seconds
