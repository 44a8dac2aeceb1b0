"""What tasks share that learn from an image set, and those of image models: parts, evaluation, pictures."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genmodels.data.images.batches import Images, ShuffledBatches
from genmodels.data.images.dividing import BY_CLASS, rows_held_out
from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.ink import LIGHT
from genmodels.data.images.opening import FEWEST_TESTED
from genmodels.data.images.parts import Part
from genmodels.device import Choice, step_generator
from genmodels.errors import DataError, UsageError
from genmodels.figures.pictures import as_blocks, as_png, tiled
from genmodels.models.mode import evaluating
from genmodels.runs import Record
from genmodels.settings.images import ImageSetSettings, ImageSettings
from genmodels.training.averaged import AveragedTask
from genmodels.training.recorded import RecordedUpdate
from genmodels.training.sharing import Inputs
from genmodels.training.task import FEWEST_MEASURED, Preview, TaskState


def rows_of(settings: ImageSetSettings, images: ImageSet) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the training images that are trained on, and of those that are held out to be evaluated on.

    They are picked by the seed, of each class alike; none are held out without `--val-images`.

    Raises:
        UsageError: --val-images leaves nothing to train on, or is too few to measure anything.
    """
    count, there = settings.val_images, len(images.train.pixels)
    if count == 0:
        return np.arange(there), np.zeros(0, np.int64)
    _check_held_out(count, there)
    if images.how.division == BY_CLASS:
        held = rows_held_out(images.train, count, settings.seed)
        return np.setdiff1d(np.arange(there), held), held
    order = np.random.Generator(np.random.PCG64(settings.seed)).permutation(there)
    return np.sort(order[:-count]), np.sort(order[-count:])


def _check_held_out(count: int, there: int) -> None:
    if count < FEWEST_TESTED:
        usual = max(FEWEST_TESTED, there // 10)
        raise UsageError(f"--val-images {count} is too few to test on", f"hold more out, such as --val-images {usual}.")
    left = there - count
    if left < FEWEST_TESTED:  # what is trained on is measured too
        what = f"--val-images {count} leaves {max(left, 0)} of {there:,} images to train on"
        raise UsageError(what, f"hold at most {there - FEWEST_TESTED} out.")


def parts_of(settings: ImageSetSettings, images: ImageSet) -> tuple[Part, Part]:
    """What is trained on and what is evaluated: the test images, or those that `rows_of` holds out.

    Raises:
        UsageError: see `rows_of`.
    """
    if settings.val_images == 0:
        return images.train, images.test
    trained, held = rows_of(settings, images)
    return images.train.take(trained), images.train.take(held)


class ImageSetTask(AveragedTask):
    """A model that learns from an image set, whatever it learns of it.

    Args:
        settings: resolved settings.
        model: on its device.
        choice: of that device.
        images: the image set; its test part is evaluated, or a part held out of train (`--val-images`).
        kept: see `AveragedTask`.
        times: likewise.
    """

    settings: ImageSetSettings

    def __init__(
        self,
        settings: ImageSetSettings,
        model: nn.Module,
        choice: Choice,
        images: ImageSet,
        kept: nn.Module | None = None,
        times: float = 1.0,
    ) -> None:
        super().__init__(settings, model, choice, kept, times)
        self.images, self.held_out = images, "validation" if settings.val_images else "test"

    def facts(self) -> dict[str, str]:
        """What a result's title and its JSON say of the data: which set it is."""
        return {"data": self.images.name}

    def description(self) -> Mapping[str, Any]:
        """Settings and what the images were: all that is needed beside the weights."""
        return {
            **super().description(),
            "data": self.images.name,
            "shape": list(self.images.shape),
            "classes": None if self.images.classes is None else list(self.images.classes),
            "ink": self.images.ink,
        }


PREVIEWED = 8  # rows and columns of the epoch's picture
SHOWN = 5  # of them on the terminal


class ImageTask(ImageSetTask):
    """A model of images; a family adds its step, its evaluation and its pictures.

    Args:
        settings: resolved settings.
        model: on its device.
        choice: of that device.
        images: see `ImageSetTask`.
        kept: see `AveragedTask`.
    """

    settings: ImageSettings
    train_images_measured = 1_000_000
    """At an epoch's end: so many training images at most, and no more than are held out, unless those are few."""

    def __init__(
        self,
        settings: ImageSettings,
        model: nn.Module,
        choice: Choice,
        images: ImageSet,
        kept: nn.Module | None = None,
    ) -> None:
        super().__init__(settings, model, choice, images, kept)
        train, held_out = parts_of(settings, images)
        self.train = Images(train, settings.binarize, settings.seed, self.device, "train")
        self.evaluated = Images(held_out, settings.binarize, settings.seed, self.device, self.held_out)
        self.batches = ShuffledBatches(self.train, settings.batch_size)
        self.steps_per_epoch = self.batches.steps_per_epoch
        self.sharing.check(settings.batch_size)
        self.recorded = RecordedUpdate(self.device, self.update, self.sharing.is_whole)
        self.settling_steps = self.recorded.settling_steps

    @abstractmethod
    def update(self, read: Inputs, generator: torch.Generator, kind: int) -> dict[str, Tensor]:
        """What `recorded` computes of a batch: see `RecordedUpdate`."""

    def load_extra(self, state: TaskState) -> None:
        """See `AveragedTask.load_extra`; moments lie elsewhere now."""
        super().load_extra(state)
        self.recorded.forget()

    @property
    def data_told(self) -> str:
        """What is trained on, for the first line."""
        rows, columns = self.images.shape
        told = f"{len(self.train):,} images of {columns}x{rows}, binarize {self.settings.binarize}"
        return f"{self.images.name}: {told}"

    def facts(self) -> dict[str, str]:
        """What a result's title and its JSON say of the data: which set it is, and what was made of it."""
        return {**super().facts(), "binarize": self.settings.binarize}

    def units(self, step: int) -> int:
        """Images in the batch of a step; the last of an epoch may be smaller."""
        return self.batches.size(step)

    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        """Some training images, and all that are held out, each time with the same random numbers."""
        with self.average.in_force():
            return {part: self.measure(images, count, check) for part, (images, count) in self._measured().items()}

    @property
    def checks(self) -> int:
        """See `Task.checks`: one before each batch."""
        return sum(-(-count // images.at_once) for images, count in self._measured().values())

    def _measured(self) -> dict[str, tuple[Images, int]]:
        """The parts that are measured, and how many images of each."""
        train = min(len(self.train), max(len(self.evaluated), FEWEST_MEASURED), self.train_images_measured)
        parts = {"train": (self.train, train), self.held_out: (self.evaluated, len(self.evaluated))}
        return {name: (part, self.as_many_as_are_measured(count)) for name, (part, count) in parts.items()}

    @abstractmethod
    def measure(self, images: Images, count: int, check: Callable[[], None]) -> Record:
        """The family's figures on the first `count` images."""

    @torch.no_grad()
    def preview(self) -> Preview:
        """Images from fixed random numbers: a PNG, and the first few as blocks for the terminal."""
        generator = step_generator(self.device, self.settings.seed, "preview", 0)
        with self.average.in_force(), evaluating(self.model):
            pixels = self.draw(PREVIEWED * PREVIEWED, generator).to(torch.uint8).cpu().numpy()
        shown = pixels[:SHOWN] if self.images.ink == LIGHT else 255 - pixels[:SHOWN]
        return Preview(as_blocks(shown), as_png(tiled(pixels, PREVIEWED)))  # too high for a line: the picture says more

    @abstractmethod
    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """So many images, from 0 to 255, shape (count, Y, X)."""


SMALLEST_FOR_CONVOLUTIONS = 4


def check_can_be_halved(shape: tuple[int, int]) -> None:
    """Convolutional models halve an image twice.

    Raises:
        DataError: it is too small for that.
    """
    rows, columns = shape
    if min(rows, columns) < SMALLEST_FOR_CONVOLUTIONS:
        raise DataError(f"images of {columns}x{rows} pixels are too small to halve twice", "use --model mlp.")
