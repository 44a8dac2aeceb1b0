"""What a family of models gives to the training loop: a task, and the base of all of them."""

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor, nn

from genmodels.device import Choice
from genmodels.models.weights import load_weights
from genmodels.rows import RowsGenerator
from genmodels.runs import Record
from genmodels.settings import TrainingSettings
from genmodels.telling import Notice
from genmodels.training.beginnings import Beginning, beginning_of
from genmodels.training.busy import quicker
from genmodels.training.plan import Plan
from genmodels.training.sharing import Compute, Inputs, check_pieces, sharing_of
from genmodels.training.signs import Sign
from genmodels.training.update import Updater


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
    """What a model writes or draws at an epoch's end, or inside one.

    Args:
        text: for a terminal and for samples/epoch-0001.txt.
        picture: a PNG for samples/epoch-0001.png, or None.
        line: of the text, for a terminal inside an epoch; none where the picture alone says something.
        wraps: whether a line that is too long for a terminal goes on below; else its end is left out there.
    """

    text: str
    picture: bytes | None = None
    line: str = ""
    wraps: bool = True


class Task(Protocol):
    """One family's side of the loop: a model, its optimiser(s) and its data."""

    steps_per_epoch: int
    measured_after: int
    """Evaluations that follow the training, for its result: --minutes has room for them. Who makes them says so."""
    settling_steps: int
    """The first steps of a session, which say nothing of the speed of the others."""
    beginning: Beginning | None
    """When what is trained begins to do what it is for; None where nobody has measured it."""
    steps_before: int
    """Updates that the weights it began with had had in another run."""
    held_out: str
    """The split by whose score the best epoch is chosen: "validation" or "test"."""

    @property
    @abstractmethod
    def quicker(self) -> Sequence[str]:
        """Options by which it takes less time, where the machine has other things to do."""

    @abstractmethod
    def planned(self, plan: Plan) -> None:
        """Is told the plan before the first step of a session, and again whenever ``--minutes`` makes another one."""

    @abstractmethod
    def units(self, step: int) -> int:
        """Characters or images that the update after `step` finished ones reads; it weighs that update by them."""

    @abstractmethod
    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        """One update; `rate` scales every learning rate.

        Returns:
            Scalars on the device: "finite" (bool: whether the update was made) and the losses to log.
        """

    def logged(self, means: Mapping[str, float]) -> Mapping[str, float]:
        """What a train record has of the means, over some updates, of what `train_step` gave."""
        return means

    @abstractmethod
    def measure_part(self, share: float) -> None:
        """From here on `evaluate` uses such a part of what it measures on, the same each time."""

    @property
    @abstractmethod
    def checks(self) -> int:
        """How often `evaluate` calls its `check`."""

    @abstractmethod
    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        """Metrics of each split; calls `check` between batches, which may raise to stop. Leaves training alone."""

    @abstractmethod
    def signs(self, measures: Mapping[str, Record]) -> list[Sign]:
        """What an evaluation shows of what may go wrong; always the same signs, present or not."""

    @abstractmethod
    def changes(self) -> list[str]:
        """What is to be told once, whatever an evaluation shows: a sentence each, forgotten when it was asked for."""

    @abstractmethod
    def in_words(self, measures: Mapping[str, Record]) -> str:
        """What an evaluation found, for below an epoch's preview: a few lines, or nothing."""

    @abstractmethod
    def preview(self) -> Preview:
        """What the model writes or draws now. Leaves training alone, and depends on nothing that a state lacks."""

    @abstractmethod
    def weights(self) -> Mapping[str, Tensor]:
        """The weights that an epoch's checkpoint keeps and an evaluation uses, which may be averages."""

    @abstractmethod
    def state(self) -> TaskState:
        """The training state now; tensors may be views."""

    @abstractmethod
    def load_state(self, state: TaskState) -> None:
        """Go back to a state that `state` gave."""

    @abstractmethod
    def description(self) -> Mapping[str, Any]:
        """What a reader of an epoch's weights must know: settings, vocabulary."""


FEWEST_MEASURED = 64  # with fewer a standard error says nothing


class OptimisedTask(Task):
    """A network and its optimiser; a family adds its data, its step, its evaluation and its previews.

    Args:
        settings: resolved settings.
        model: on its device.
        choice: of that device.
        updater: of the model, or of the part of it that an epoch keeps.
    """

    family_name: ClassVar[str]
    """Of the row in the registry."""
    measured_after = steps_before = 0
    goes_on = False
    """Whether its command line has --resume, beside which a run keeps its settings."""
    settling_steps = 1
    seconds_once = 0.0
    """Went into what was made for this training and is kept for all later ones: --minutes does not count them."""

    settings: TrainingSettings
    model: nn.Module

    def __init__(self, settings: TrainingSettings, model: nn.Module, choice: Choice, updater: Updater) -> None:
        self.settings, self.model, self.choice, self.updater = settings, model.train(), choice, updater
        self.device = next(model.parameters()).device
        self.measured_share = 1.0
        self.beginning: Beginning | None = beginning_of(self.family_name, settings.to_mapping().get("model"))
        self.sharing = sharing_of(settings.accumulate)
        check_pieces(model, settings.accumulate)

    @property
    def quicker(self) -> Sequence[str]:
        """See `genmodels.training.busy.quicker`; none beside --resume, which takes none of them."""
        return [] if self.goes_on else quicker(self.settings.threads or 1, self.device.type)

    def learned(
        self, updater: Updater, read: Inputs, count: int, generator: torch.Generator, compute: Compute
    ) -> dict[str, Tensor]:
        """One update by the loss that `compute` says of a batch; arguments and result as of `Sharing.learned`."""
        if not self.sharing.is_whole:
            assert isinstance(generator, RowsGenerator)
            return self.sharing.learned(updater, read, count, generator, compute)
        loss, terms = compute(read, generator)
        finite, norm = updater.update(loss)
        return {"finite": finite, **terms, "gradient_norm": norm}

    def planned(self, plan: Plan) -> None:
        """Nothing here depends on the plan, unless a family says so."""

    def measure_part(self, share: float) -> None:
        """See `Task.measure_part`; a family measures as much as `measured_share` says."""
        self.measured_share = share

    def as_many_as_are_measured(self, count: int) -> int:
        """Of so many things as many as `measured_share` says, but FEWEST_MEASURED if there are so many."""
        return max(min(count, FEWEST_MEASURED), math.ceil(self.measured_share * count))

    def signs(self, measures: Mapping[str, Record]) -> list[Sign]:
        """None, unless a family knows some."""
        del measures
        return []

    def changes(self) -> list[str]:
        """Nothing, unless a family has something to say."""
        return []

    def in_words(self, measures: Mapping[str, Record]) -> str:
        """Nothing, unless a family has something to say."""
        del measures
        return ""

    def description(self) -> Mapping[str, Any]:
        """The family and its settings; a family adds what its data were."""
        return {"family": self.family_name, "settings": self.settings.to_mapping()}

    def state(self) -> TaskState:
        """Weights, the optimiser's moments, and what a family adds to them."""
        tensors = {**self.updater.state(), **self.extra_state()}
        counters = {"scaler": self.updater.scaler.state_dict(), **self.extra_counters()}
        return TaskState(self.model.state_dict(), tensors, counters)

    def load_state(self, state: TaskState) -> None:
        """Go back to what `state` gave.

        Raises:
            RunError: the tensors are not those of this model.
        """
        load_weights(self.model, state.model)
        self.load_extra(state)
        self.updater.load_state(state.optimizer)
        if state.counters.get("scaler"):
            self.updater.scaler.load_state_dict(state.counters["scaler"])

    @property
    def names_known(self) -> str | None:
        """What of `description` the network has weights for one by one, such as "classes"; None where nothing is."""
        return None

    def begin_from(
        self, weights: Mapping[str, Tensor], newest: Callable[[], Mapping[str, Tensor] | None], notice: Notice
    ) -> None:
        """Take another training's weights in place of fresh ones, before the first step.

        Args:
            weights: of an epoch, as `weights` gave them.
            newest: reads the whole network as that training left it; gives None where it is not kept.
            notice: is told what can't be taken.

        Raises:
            RunError: they don't fit.
        """
        del newest, notice
        load_weights(self.model, weights)

    def extra_state(self) -> dict[str, Tensor]:
        """What training needs beside weights and moments, under names that no parameter has."""
        return {}

    def extra_counters(self) -> dict[str, Any]:
        """Plain numbers and strings that training needs, beside the scaler's."""
        return {}

    def load_extra(self, state: TaskState) -> None:
        """Take back what `extra_state` and `extra_counters` gave, out of all that was saved."""


SYMBOLS = "symbols"


def by_symbol(means: Mapping[str, float]) -> dict[str, float]:
    """Of networks that read: all nats by all digits or words, as evaluations have it, and no mean of ratios.

    >>> by_symbol({"nats": 6.0, "symbols": 4.0, "gradient_norm": 1.0})
    {'nll': 1.5, 'gradient_norm': 1.0}

    Args:
        means: over some updates, of "nats" and SYMBOLS a strip or utterance; without any symbol it is all nats.
    """
    others = {name: mean for name, mean in means.items() if name not in {"nats", SYMBOLS}}
    return {"nll": means["nats"] / (means[SYMBOLS] or 1.0), **others}


def with_prefix(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors, with a prefix before their names."""
    return {f"{prefix}{name}": tensor for name, tensor in tensors.items()}


def without_prefix(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Those tensors whose names begin with a prefix, named without it."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
