"""What the tasks of image families share: batches, one optimiser, averaged weights, and their state."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from genmodels.data.image_batches import Images, ShuffledBatches
from genmodels.data.image_files import Part
from genmodels.data.images import ImageSet
from genmodels.device import step_generator
from genmodels.errors import UsageError
from genmodels.models.weights import load_weights
from genmodels.runs import Record
from genmodels.sampling.pictures import as_blocks, as_png, tiled
from genmodels.settings import ImageSettings
from genmodels.training.task import Plan, Preview, TaskState
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
    """

    settings: ImageSettings
    model: nn.Module
    train_images_measured = 1_000_000
    """At an epoch's end: so many training images at most, and no more than are held out."""

    def __init__(self, family: str, settings: ImageSettings, model: nn.Module, images: ImageSet) -> None:
        self.family, self.images = family, images
        self.settings, self.model = settings, model.train()
        self.device = next(model.parameters()).device
        self.held_out = "validation" if settings.val_images else "test"
        train, held_out = parts_of(settings, images)
        self.train = Images(train, settings.binarize, settings.seed, self.device, "train")
        self.evaluated = Images(held_out, settings.binarize, settings.seed, self.device, self.held_out)
        self.batches = ShuffledBatches(self.train, settings.batch_size)
        self.steps_per_epoch = self.batches.steps_per_epoch
        s, half = settings, settings.precision == "fp16"
        self.updater = Updater(model, s.learning_rate, s.weight_decay, s.gradient_clip, s.beta2, half)
        self.average = WeightAverage(model, settings.average_weights)

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


def parts_of(settings: ImageSettings, images: ImageSet) -> tuple[Part, Part]:
    """What is trained on and what is evaluated.

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
    return _take(images.train, slice(0, left)), _take(images.train, slice(left, None))


def _take(part: Part, span: slice) -> Part:
    return Part(part.pixels[span], None if part.labels is None else part.labels[span])
