"""Training a network that reads strips of digits, composed anew for every step."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from genmodels.analysis.reading import reading_text
from genmodels.analysis.reading_accuracy import READ_AT_ONCE, accuracy_by_length, read_strips, total
from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.strips import SPARE, StripMaker, light_on_dark
from genmodels.device import Choice, autocast, memory_errors, step_generator
from genmodels.errors import DataError
from genmodels.figures.pictures import as_png
from genmodels.models.mode import evaluating
from genmodels.models.reader import Reader, build_reader
from genmodels.runs import Record
from genmodels.settings.reader import ReaderSettings
from genmodels.telling import UNTOLD, Teller
from genmodels.training.by_length import Parts, batches_of, parts_by_length
from genmodels.training.image_task import ImageSetTask, parts_of
from genmodels.training.setup import fresh_network, ready
from genmodels.training.signs import Sign, reads_little
from genmodels.training.task import SYMBOLS, Preview, by_symbol

RATES = {"crnn": 1.0, "cnn": 0.25}  # times --learning-rate
ENOUGH = {"crnn": 600, "cnn": 2000}  # steps of a training that gets a network to read, measured on MNIST
GAP = 4  # rows between two strips of the epoch's picture


class ReaderTask(ImageSetTask):
    """A reader, its optimiser and the digits that strips are made of.

    Args:
        settings: resolved settings.
        model: on its device.
        choice: of that device.
        images: the image set, with labels; strips that measure are made of its test images, or of the training images
            that `--val-images` holds out.
    """

    family_name = "reader"
    settings: ReaderSettings
    model: Reader

    def __init__(self, settings: ReaderSettings, model: Reader, choice: Choice, images: ImageSet) -> None:
        super().__init__(settings, model, choice, images, times=RATES[settings.model])
        s = settings
        train, held_out = parts_of(s, images)
        self.train = StripMaker(train, s.seed, self.device, "train strips", s.warp)
        self.seen = StripMaker(train, s.seed, self.device, "train strips read")
        self.test = StripMaker(held_out, s.seed, self.device, f"{self.held_out} strips")
        self.steps_per_epoch = -(-s.strips // s.batch_size)

    @property
    def data_told(self) -> str:
        """What is trained on, for the first line."""
        return f"strips of up to {self.settings.longest} from {len(self.train.pixels):,} images of {self.images.name}"

    @property
    def names_known(self) -> str:
        """Each output stands for a class."""
        return "classes"

    def units(self, step: int) -> int:
        """Strips in a batch."""
        del step
        return self.settings.batch_size

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        """Raise the probability of the true readings of one batch, all with equally many digits: none to `longest`."""
        s = self.settings
        lengths = step_generator(torch.device("cpu"), s.seed, "lengths", step)
        digits = int(torch.randint(s.longest + 1, (), generator=lengths))
        room = digits + int(torch.randint(SPARE + 1, (), generator=lengths))
        strips = self.train.make(s.batch_size, digits, room, step)
        with autocast(s.precision, self.device):
            nats = self.model.loss(self.model(strips.images), strips.labels).mean()
        finite, norm = self.updater.update(nats / max(1, digits), rate)
        self.average.update(step)
        return {"finite": finite, "nats": nats.detach(), SYMBOLS: torch.tensor(float(digits)), "gradient_norm": norm}

    def logged(self, means: Mapping[str, float]) -> dict[str, float]:
        """See `Task.logged`: nats per digit."""
        return by_symbol(means)

    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        """Strips of training digits, of held-out digits, and of those but longer than any trained on."""
        with self.average.in_force(), evaluating(self.model):
            return {
                name: self._measure(maker, lengths, count, check)
                for name, (maker, lengths, count) in self._measured().items()
            }

    @property
    def checks(self) -> int:
        """See `Task.checks`: one before each batch of strips."""
        return batches_of(self._measured(), READ_AT_ONCE)

    def _measured(self) -> Parts[StripMaker]:
        s = self.settings
        return parts_by_length((self.seen, self.test), self.held_out, s.longest, s.tested_strips, longer_share=2)

    def signs(self, measures: Mapping[str, Record]) -> list[Sign]:
        """A network that reads next to nothing, as it is before it has learned when to say a digit at all."""
        unusual = self.settings.far_above_usual("learning_rate")
        read = measures[self.held_out]
        enough = ENOUGH[self.settings.model]
        return [reads_little(read["character_error_rate"], read["sequence_accuracy"], "digits", unusual, enough)]

    def _measure(self, maker: StripMaker, lengths: range, count: int, check: Callable[[], None]) -> Record:
        found = accuracy_by_length(self.model, maker, lengths, count, check)
        record = total(found, lengths).to_record()
        return record | {f"sequence_accuracy/{length}": found[length].sequence_accuracy for length in lengths}

    def preview(self) -> Preview:
        """A held-out strip of each length, above each other, and what is read in them."""
        s = self.settings
        strips = [self.test.make(1, length, s.longest, -length) for length in range(1, s.longest + 1)]
        with self.average.in_force(), evaluating(self.model):
            readings = [read_strips(self.model, strip.images, 1)[0] for strip in strips]
        lines = [
            f"{self.named(strip.labels[0].tolist())} read as {self.named(reading.classes) or 'nothing'}"
            for strip, reading in zip(strips, readings, strict=True)
        ]
        pixels = [np.pad((strip.images[0] * 255).byte().cpu().numpy(), ((0, GAP), (0, 0))) for strip in strips]
        return Preview("\n".join(lines) + "\n", as_png(np.concatenate(pixels)), line=lines[-1], wraps=False)

    def named(self, classes: list[int]) -> str:
        """A reading as text."""
        return reading_text(classes, self.images.classes)


def prepare(settings: ReaderSettings, images: ImageSet, teller: Teller = UNTOLD) -> ReaderTask:
    """A task with a fresh model.

    Raises:
        DataError: the images have no labels, or no ink.
        ResourceError: the device is missing.
    """
    choice = ready(settings)
    if images.classes is None:
        raise DataError(f"{images.name} has no labels, so there is nothing to read", "give a set with classes.")
    classes = len(images.classes)
    with memory_errors(choice.device, settings.sizes):
        model = fresh_network(lambda: build_reader(settings, classes), settings.seed, choice.device)
        return ReaderTask(settings, model, choice, light_on_dark(images, teller.notice))
