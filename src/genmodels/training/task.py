"""What a family of models gives to the training loop, and what the loop gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import Tensor

from genmodels.runs import Record


@dataclass(frozen=True)
class TaskState:
    """Everything a task must have back to go on bit for bit.

    Args:
        model: the weights.
        optimizer: optimiser moments, carried state and whatever else training needs.
        counters: plain numbers and strings.
    """

    model: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor]
    counters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Preview:
    """What a model writes or draws at an epoch's end.

    Args:
        text: for a terminal and for samples/epoch-0001.txt.
        picture: a PNG for samples/epoch-0001.png, or None.
    """

    text: str
    picture: bytes | None = None


class Task(Protocol):
    """One family's side of the loop: a model, its optimiser(s) and its data."""

    steps_per_epoch: int
    held_out: str
    """The split by whose score the best epoch is chosen: "validation" or "test"."""

    def planned(self, plan: "Plan") -> None:
        """Is told the plan before the first step of a session, and again when ``--minutes`` has fixed it."""

    def units(self, step: int) -> int:
        """Characters or images that the update after `step` finished ones reads; it weighs that update by them."""

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        """One update; `rate` scales every learning rate.

        Returns:
            Scalars on the device: "finite" (bool: whether the update was made) and the losses to log.
        """

    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        """Metrics of each split; calls `check` between batches, which may raise to stop. Leaves training alone."""

    def remarks(self, measures: Mapping[str, Record]) -> list[str]:
        """What the user should know about an evaluation: a sentence each."""

    def preview(self) -> Preview:
        """What the model writes or draws now."""

    def weights(self) -> Mapping[str, Tensor]:
        """The weights that an epoch's checkpoint keeps and an evaluation uses, which may be averages."""

    def state(self) -> TaskState:
        """The training state now; tensors may be views."""

    def load_state(self, state: TaskState) -> None:
        """Go back to a state that `state` gave."""

    def description(self) -> Mapping[str, Any]:
        """What a reader of an epoch's weights must know: settings, vocabulary."""


class Reporter(Protocol):
    """Is told what happens; shows it or not."""

    def started(self, plan: "Plan", step: int, best: float | None) -> None:
        """Training begins, or goes on, at a step, with the best score so far."""

    def planned(self, plan: "Plan") -> None:
        """The number of steps is fixed now (``--minutes``)."""

    def advanced(self, step: int) -> None:
        """A step was finished; called often, must be cheap."""

    def logged(self, record: Record) -> None:
        """A line was added to metrics.jsonl."""

    def previewed(self, epoch: int, text: str) -> None:
        """The model wrote or drew something at an epoch's end."""

    def notice(self, sentence: str) -> None:
        """Something the user should know."""

    def finished(self) -> None:
        """Training is over, for whatever reason; called once."""


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
    """

    steps_per_epoch: int
    total_steps: int | None
    minutes: float | None
    warmup_steps: int
    log_every: int
    schedule: str = "cosine"

    def epoch_of(self, step: int) -> int:
        """The epoch that a finished step belongs to, counted from 1; 0 before the first step."""
        return -(-step // self.steps_per_epoch)

    def ends_epoch(self, step: int) -> bool:
        """Whether an epoch, or the whole training, ends with this step."""
        return step % self.steps_per_epoch == 0 or step == self.total_steps

    @property
    def epochs(self) -> int | None:
        """Epochs in all; the last may be a part."""
        return None if self.total_steps is None else self.epoch_of(self.total_steps)


def is_due(step: int, every: int) -> bool:
    """Whether something done every `every` steps is due after step `step`."""
    return step % every == 0
