"""What a family of models gives to the training loop, and what the loop gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import Tensor

from genmodels.runs import Record
from genmodels.training.plan import Plan


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
