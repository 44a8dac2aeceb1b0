"""What tasks with averaged weights share, whatever they learn: their state, opening and training a run."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from torch import Tensor, nn

from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.opening import reopen_images
from genmodels.device import memory_errors
from genmodels.models.weights import load_weights
from genmodels.runs import Record, RunDir
from genmodels.settings import AveragedSettings
from genmodels.training.average import WeightAverage
from genmodels.training.loop import Progress, fit
from genmodels.training.plan import Plan
from genmodels.training.reporting import Reporter
from genmodels.training.setup import on_device, recorded_settings
from genmodels.training.task import Preview, TaskState
from genmodels.training.update import Updater

_AVERAGE = "average/"


class AveragedTask:
    """A model, its optimiser and its averaged weights.

    Args:
        family: its name in the registry.
        settings: resolved settings.
        model: on its device.
        images: the image set.
        kept: the part of the model that `updater` updates and whose averaged weights an epoch keeps; else all of it.
        times: of the settings' learning rate.
    """

    settings: AveragedSettings
    model: nn.Module
    steps_per_epoch: int

    def __init__(
        self,
        family: str,
        settings: AveragedSettings,
        model: nn.Module,
        images: ImageSet,
        kept: nn.Module | None = None,
        times: float = 1.0,
    ) -> None:
        self.family, self.images = family, images
        self.settings, self.model = settings, model.train()
        self.device = next(model.parameters()).device
        self.held_out = "validation" if settings.val_images else "test"
        kept = kept or model
        self.updater = updater_of(kept, settings, times)
        self.average = WeightAverage(kept, settings.average_weights)

    @property
    def sizes(self) -> str:
        """What decides the memory, as a message names it."""
        raise NotImplementedError

    @property
    def data_told(self) -> str:
        """What is trained on, for the first line."""
        raise NotImplementedError

    def facts(self) -> dict[str, str]:
        """What a result's title and its JSON say of the data."""
        return {"data": self.images.name}

    def planned(self, plan: Plan) -> None:
        """Nothing here depends on the plan."""

    def units(self, step: int) -> int:
        """What is counted in the batch of a step."""
        raise NotImplementedError

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        """One update; see `Task.train_step`."""
        raise NotImplementedError

    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        """See `Task.evaluate`."""
        raise NotImplementedError

    def preview(self) -> Preview:
        """See `Task.preview`."""
        raise NotImplementedError

    def remarks(self, measures: Mapping[str, Record]) -> list[str]:
        """What the user should know about an evaluation: nothing, unless a family has something to say."""
        del measures
        return []

    def description(self) -> Mapping[str, Any]:
        """Settings and what the images were: all that is needed beside the weights."""
        return {
            "family": self.family,
            "settings": self.settings.to_mapping(),
            "data": self.images.name,
            "shape": list(self.images.shape),
            "classes": None if self.images.classes is None else list(self.images.classes),
        }

    def weights(self) -> Mapping[str, Tensor]:
        """The averaged weights."""
        return self.average.weights

    def state(self) -> TaskState:
        """Weights, their averages, moments."""
        averages = {f"{_AVERAGE}{name}": tensor for name, tensor in self.average.state().items()}
        counters = {"scaler": self.updater.scaler.state_dict()}
        return TaskState(self.model.state_dict(), {**self.updater.state(), **averages}, counters)

    def load_state(self, state: TaskState) -> None:
        """Go back to what `state` gave.

        Raises:
            RunError: the tensors are not those of this model.
        """
        load_weights(self.model, state.model)
        averages = {name: tensor for name, tensor in state.optimizer.items() if name.startswith(_AVERAGE)}
        self.average.load_state({name.removeprefix(_AVERAGE): tensor for name, tensor in averages.items()})
        self.updater.load_state({n: t for n, t in state.optimizer.items() if n not in averages})
        if state.counters.get("scaler"):
            self.updater.scaler.load_state_dict(state.counters["scaler"])


def updater_of(model: nn.Module, settings: AveragedSettings, times: float = 1.0) -> Updater:
    """The optimiser that the settings describe, of a model or a part of one, at so many times their learning rate."""
    s = settings
    betas, half = (s.beta1, s.beta2), s.precision == "fp16"
    return Updater(model, times * s.learning_rate, s.weight_decay, s.gradient_clip, betas, half)


Settings = TypeVar("Settings", bound=AveragedSettings)
Made = TypeVar("Made", bound=AveragedTask)


def restored(
    kind: type[Settings],
    prepare: Callable[[Settings, ImageSet], Made],
    run: RunDir,
    notice: Callable[[str], None],
    device: str | None,
) -> Made:
    """The task of an existing run, with its own settings and images.

    Args:
        kind: the family's settings class.
        prepare: makes a task with a fresh model.
        run: any run of the family.
        notice: is told what the user should know.
        device: go on there instead of on the recorded one; then not bit for bit.

    Raises:
        RunError: run.json is damaged.
        DataError: the images have changed or are gone.
    """
    document = run.document()
    settings = recorded_settings(kind, document)
    if device is not None and device != settings.device:
        settings = on_device(settings, device, notice)
    return prepare(settings, reopen_images(document["data"], notice))


def train_averaged(task: AveragedTask, plan: Plan, run: RunDir, reporter: Reporter) -> Progress:
    """Train a model into a run directory; goes on where the run stopped.

    Raises:
        Stopped, DivergedError, RunError, ResourceError: see `fit`.
    """
    settings = task.settings
    with memory_errors(task.device, task.sizes):
        return fit(task, plan, run, reporter, settings.keep_epochs, settings.checkpoint_minutes)
