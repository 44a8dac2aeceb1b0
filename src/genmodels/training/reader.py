"""Training a network that reads strips of digits, composed anew for every step."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from genmodels.analysis.reading import reading_text
from genmodels.analysis.reading_accuracy import accuracy_by_length, batches_of, read_strips, total
from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.strips import SPARE, StripMaker, light_on_dark
from genmodels.device import Choice, autocast, memory_errors, step_generator
from genmodels.errors import DataError
from genmodels.figures.pictures import as_png
from genmodels.models.mode import evaluating
from genmodels.models.reader import Reader, build_reader
from genmodels.rows import RowsGenerator
from genmodels.runs import Record
from genmodels.settings.reader import ReaderSettings
from genmodels.telling import UNTOLD, Notice, Teller
from genmodels.training.by_length import Parts, as_recorded, batches_of_parts, parts_by_length
from genmodels.training.image_task import ImageSetTask, parts_of
from genmodels.training.setup import fresh_network, ready
from genmodels.training.sharing import Inputs
from genmodels.training.signs import Sign, reads_little
from genmodels.training.statistics import holding, pooled_statistics
from genmodels.training.task import SYMBOLS, Preview, TaskState, by_symbol

RATES = {"crnn": 1.0, "cnn": 0.25}  # times --learning-rate
ENOUGH = {"crnn": 600, "cnn": 2000}  # steps of a training that gets a network to read, measured on MNIST
POOLED = 32  # strips of each kind, at most, that give the statistics of batch normalisations
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
        self.sharing.check(s.batch_size)
        self._statistics: dict[str, Tensor] | None = None

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
        s, self._statistics = self.settings, None
        lengths = step_generator(torch.device("cpu"), s.seed, "lengths", step)
        digits = int(torch.randint(s.longest + 1, (), generator=lengths))
        room = digits + int(torch.randint(SPARE + 1, (), generator=lengths))
        strips = self.train.make(s.batch_size, digits, room, step)
        self.updater.set_rate(rate)
        read = {"images": strips.images, "labels": strips.labels}
        found = self.learned(self.updater, read, s.batch_size, RowsGenerator(), self._loss)
        self.average.update(step)
        return found

    def _loss(self, read: Inputs, _: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """Nats per digit of some strips."""
        digits = read["labels"].shape[1]
        with autocast(self.settings.precision, self.device):
            nats = self.model.loss(self.model(read["images"]), read["labels"]).mean()
        return nats / max(1, digits), {"nats": nats.detach(), SYMBOLS: nats.new_full((), digits)}

    def logged(self, means: Mapping[str, float]) -> dict[str, float]:
        """See `Task.logged`: nats per digit."""
        return by_symbol(means)

    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        """Strips of training digits, of held-out digits, and of those but longer than any trained on."""
        with self._as_kept():
            return {
                name: self._measure(maker, lengths, count, check)
                for name, (maker, lengths, count) in self._measured().items()
            }

    @property
    def checks(self) -> int:
        """See `Task.checks`: one before each batch of strips."""
        return batches_of_parts(self._measured(), lambda strips: len([*batches_of(strips)]))

    def _measured(self) -> Parts[StripMaker]:
        tested = self.as_many_as_are_measured(self.settings.tested_strips)
        return parts_by_length((self.seen, self.test), self.held_out, self.settings.longest, tested, longer_share=2)

    def weights(self) -> Mapping[str, Tensor]:
        """The averaged weights, with statistics of training strips of every length and room taken together."""
        return {**super().weights(), **self._pooled_statistics()}

    def begin_from(
        self, weights: Mapping[str, Tensor], newest: Callable[[], Mapping[str, Tensor] | None], notice: Notice
    ) -> None:
        """See `AveragedTask.begin_from`; until the first step the statistics are those that came with the weights."""
        super().begin_from(weights, newest, notice)
        self._statistics = {name: tensor for name, tensor in super().weights().items() if ".running_" in name}

    def load_extra(self, state: TaskState) -> None:
        """See `AveragedTask.load_extra`."""
        super().load_extra(state)
        self._statistics = None

    @contextmanager
    def _as_kept(self) -> Iterator[None]:
        """The model as an epoch keeps it, in evaluation mode."""
        statistics = self._pooled_statistics()
        with self.average.in_force(), holding(self.model, statistics), evaluating(self.model):
            yield

    def _pooled_statistics(self) -> dict[str, Tensor]:
        """Of the averaged weights as they are now; computed when first asked for after a step."""
        if self._statistics is None:
            with self.average.in_force():
                found = pooled_statistics(self.model.convolutions, self._strips_of_every_kind)
            self._statistics = {f"convolutions.{name}": tensor for name, tensor in found.items()}
        return self._statistics

    def _strips_of_every_kind(self) -> Iterator[Tensor]:
        """A batch of training strips of each length, with each room beside the digits, the same ones each time."""
        count = min(self.settings.batch_size, POOLED)
        for digits in range(self.settings.longest + 1):
            for spare in range(SPARE + 1):
                made = self.train.make(count, digits, digits + spare, -1 - digits * (SPARE + 1) - spare)
                yield made.images.unsqueeze(1)

    def signs(self, measures: Mapping[str, Record]) -> list[Sign]:
        """A network that reads next to nothing, as it is before it has learned when to say a digit at all."""
        unusual = self.settings.far_above_usual("learning_rate")
        read = measures[self.held_out]
        enough = ENOUGH[self.settings.model]
        return [reads_little(read["character_error_rate"], read["sequence_accuracy"], "digits", unusual, enough)]

    def _measure(self, maker: StripMaker, lengths: range, count: int, check: Callable[[], None]) -> Record:
        found = accuracy_by_length(self.model, maker, lengths, count, check, among=self.sharing.world)
        record = as_recorded(total(found, lengths).to_record())
        return record | {f"sequence_accuracy/{length}": found[length].sequence_accuracy for length in lengths}

    def preview(self) -> Preview:
        """A held-out strip of each length, above each other, and what is read in them."""
        s = self.settings
        strips = [self.test.make(1, length, s.longest, -length) for length in range(1, s.longest + 1)]
        with self._as_kept():
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
