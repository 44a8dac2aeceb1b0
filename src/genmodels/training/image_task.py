"""What the tasks of image families share: batches, one optimiser, averaged weights, and their state."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genmodels.data.image_batches import Images, ShuffledBatches
from genmodels.data.image_files import Part
from genmodels.data.images import ImageSet, reopen_images
from genmodels.device import memory_errors, step_generator
from genmodels.errors import DataError, UsageError
from genmodels.models.weights import load_weights
from genmodels.runs import Record, RunDir
from genmodels.sampling.pictures import as_blocks, as_png, tiled
from genmodels.settings import ImageSettings
from genmodels.training.loop import Progress, fit
from genmodels.training.setup import on_device, recorded_settings
from genmodels.training.task import Plan, Preview, Reporter, TaskState
from genmodels.training.update import Updater, WeightAverage

PREVIEWED = 8  # rows and columns of the epoch's picture
SHOWN = 5  # of them on the terminal
_AVERAGE = "average/"


class ImageTask:
    """A model of images, its optimiser and its data; a family adds its step, its evaluation and its pictures.

    Args:
        family: its name in the registry.
        settings: resolved settings.
        model: on its device.
        images: the image set; its test part is evaluated, or a part held out of train (`--val-images`).
        kept: the part of the model that `updater` updates and whose averaged weights an epoch keeps; else all of it.
    """

    settings: ImageSettings
    model: nn.Module
    train_images_measured = 1_000_000
    """At an epoch's end: so many training images at most, and no more than are held out."""

    def __init__(
        self, family: str, settings: ImageSettings, model: nn.Module, images: ImageSet, kept: nn.Module | None = None
    ) -> None:
        self.family, self.images = family, images
        self.settings, self.model = settings, model.train()
        self.device = next(model.parameters()).device
        self.held_out = "validation" if settings.val_images else "test"
        train, held_out = parts_of(settings, images)
        self.train = Images(train, settings.binarize, settings.seed, self.device, "train")
        self.evaluated = Images(held_out, settings.binarize, settings.seed, self.device, self.held_out)
        self.batches = ShuffledBatches(self.train, settings.batch_size)
        self.steps_per_epoch = self.batches.steps_per_epoch
        kept = kept or model
        self.updater = updater_of(kept, settings)
        self.average = WeightAverage(kept, settings.average_weights)

    @property
    def sizes(self) -> str:
        """What decides the memory, as a message names it."""
        raise NotImplementedError

    def planned(self, plan: Plan) -> None:
        """Nothing here depends on the plan."""

    def units(self, step: int) -> int:
        """Images in the batch of a step; the last of an epoch may be smaller."""
        return self.batches.size(step)

    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        """Some training images, and all that are held out, each time with the same random numbers."""
        counts = (min(len(self.train), len(self.evaluated), self.train_images_measured), len(self.evaluated))
        with self.average.in_force():
            return {
                part: self.measure(images, count, check)
                for part, images, count in zip(
                    ("train", self.held_out), (self.train, self.evaluated), counts, strict=True
                )
            }

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        """One update; see `Task.train_step`."""
        raise NotImplementedError

    def remarks(self, measures: Mapping[str, Record]) -> list[str]:
        """What the user should know about an evaluation: nothing, unless a family has something to say."""
        del measures
        return []

    def measure(self, images: Images, count: int, check: Callable[[], None]) -> Record:
        """The family's figures on the first `count` images."""
        raise NotImplementedError

    @torch.no_grad()
    def preview(self) -> Preview:
        """Images from fixed random numbers: a PNG, and the first few as blocks for the terminal."""
        generator = step_generator(self.device, self.settings.seed, "preview", 0)
        was_training = self.model.training
        with self.average.in_force():
            self.model.eval()
            pixels = self.draw(PREVIEWED * PREVIEWED, generator).to(torch.uint8).cpu().numpy()
            self.model.train(was_training)
        return Preview(as_blocks(pixels[:SHOWN]), as_png(tiled(pixels, PREVIEWED)))

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """So many images, from 0 to 255, shape (count, Y, X)."""
        raise NotImplementedError

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

    def description(self) -> Mapping[str, Any]:
        """Settings and what the images were: all that drawing needs beside the weights."""
        return {
            "family": self.family,
            "settings": self.settings.to_mapping(),
            "data": self.images.name,
            "shape": list(self.images.shape),
            "classes": None if self.images.classes is None else list(self.images.classes),
        }


def updater_of(model: nn.Module, settings: ImageSettings, times: float = 1.0) -> Updater:
    """The optimiser that the settings describe, of a model or a part of one, at so many times their learning rate."""
    s = settings
    betas, half = (s.beta1, s.beta2), s.precision == "fp16"
    return Updater(model, times * s.learning_rate, s.weight_decay, s.gradient_clip, betas, half)


Settings = TypeVar("Settings", bound=ImageSettings)
Kind = TypeVar("Kind", bound=ImageTask)


def restored(
    kind: type[Settings],
    prepare: Callable[[Settings, ImageSet], Kind],
    run: RunDir,
    notice: Callable[[str], None],
    device: str | None,
) -> Kind:
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


def train_images(task: ImageTask, plan: Plan, run: RunDir, reporter: Reporter) -> Progress:
    """Train an image model into a run directory; goes on where the run stopped.

    Raises:
        Stopped, DivergedError, RunError, ResourceError: see `fit`.
    """
    settings = task.settings
    with memory_errors(task.device, task.sizes):
        return fit(task, plan, run, reporter, settings.keep_epochs, settings.checkpoint_minutes)


SMALLEST_FOR_CONVOLUTIONS = 4


def check_can_be_halved(shape: tuple[int, int]) -> None:
    """Convolutional models halve an image twice.

    Raises:
        DataError: it is too small for that.
    """
    rows, columns = shape
    if min(rows, columns) < SMALLEST_FOR_CONVOLUTIONS:
        raise DataError(f"images of {columns}x{rows} pixels are too small to halve twice", "use --model mlp.")


def parts_of(settings: ImageSettings, images: ImageSet) -> tuple[Part, Part]:
    """What is trained on and what is evaluated; images held out of train are picked by the seed.

    Raises:
        UsageError: --val-images leaves nothing to train on.
    """
    count = settings.val_images
    if count == 0:
        return images.train, images.test
    left = len(images.train.pixels) - count
    if left < 1:
        raise UsageError(
            f"--val-images {count} leaves nothing of {len(images.train.pixels):,} images", "hold fewer out."
        )
    order = np.random.Generator(np.random.PCG64(settings.seed)).permutation(len(images.train.pixels))
    return _take(images.train, np.sort(order[:left])), _take(images.train, np.sort(order[left:]))


def _take(part: Part, rows: NDArray[np.int64]) -> Part:
    return Part(part.pixels[rows], None if part.labels is None else part.labels[rows])
