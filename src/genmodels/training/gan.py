"""Training a generative adversarial network: one update of either player a step."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import parametrize

from genmodels.analysis.classifying import Referee, open_referee
from genmodels.analysis.doubts import doubts_about
from genmodels.analysis.sample_quality import Yardstick, separation
from genmodels.analysis.sides import Sides, choosing_sides
from genmodels.data.images.batches import Images
from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.opening import FEWEST_TESTED
from genmodels.device import Choice, autocast, memory_errors
from genmodels.errors import UsageError
from genmodels.models.gan import GAN
from genmodels.models.mode import evaluating
from genmodels.models.weights import load_weights
from genmodels.randomness import derive_seed
from genmodels.rows import Rows, RowsGenerator, rows_drawn
from genmodels.runs import Record
from genmodels.runs.records import CHOSEN_BY, HALF_OF_TEST
from genmodels.sampling.images import CHOOSING_CODES, as_targets, draw_gan
from genmodels.settings.gan import GanSettings
from genmodels.telling import UNTOLD, Notice, Teller, duration
from genmodels.training.gan_losses import LOSSES, penalty_on_steepness
from genmodels.training.gan_telling import another_referee, in_words, other_images, signs_of
from genmodels.training.image_task import ImageTask, check_can_be_halved, rows_of
from genmodels.training.setup import fresh_network, ready, updater_of
from genmodels.training.sharing import Inputs
from genmodels.training.signs import Sign
from genmodels.training.task import TaskState, with_prefix, without_prefix

_OPPONENT = "opponent/"
SCORED_AT_ONCE = 500
MOST_DRAWN = 10_000  # at an epoch's end


class GanTask(ImageTask):
    """Two players, an optimiser for each, and their images.

    `updater` and the averaged weights are the generator's, and only those are kept at an epoch's end.

    Args:
        settings: resolved settings.
        model: on its device.
        choice: of that device.
        images: the image set.
        referee: the set's classifier, or None where it has no classes.
    """

    family_name = "gan"
    settings: GanSettings
    model: GAN

    def __init__(
        self, settings: GanSettings, model: GAN, choice: Choice, images: ImageSet, referee: Referee | None
    ) -> None:
        super().__init__(settings, model, choice, images, kept=model.generator)
        half, times = settings.precision == "fp16", settings.discriminator_rate
        self.opponent = updater_of(model.discriminator, settings, half, times)
        self.discriminator_loss, self.generator_loss = LOSSES[settings.loss]
        self.referee, self.seconds_once = referee, 0.0 if referee is None else referee.seconds
        self.yardstick = self._yardstick()
        self.former_referee: str | None = None  # by which the run was measured before it was resumed
        self.former_images: str | None = None  # by which its epochs were chosen before

    def _yardstick(self) -> Yardstick:
        s, sides = self.settings, _sides(self.settings, self.images)
        there = min(MOST_DRAWN, len(sides.held_out.pixels), len(sides.beside.pixels))
        most = self.as_many_as_are_measured(there)
        return Yardstick(sides, s.binarize, self.referee, self.device, s.seed, most)

    def measure_part(self, share: float) -> None:
        """See `Task.measure_part`: fewer images are drawn, and laid beside fewer real ones."""
        super().measure_part(share)
        self.yardstick = self._yardstick()

    @property
    def referee_name(self) -> str | None:
        """Which classifier measures, if any."""
        return None if self.referee is None else self.referee.name

    def description(self) -> Mapping[str, Any]:
        """As every family's, which classifier measured the epoch, and by which images it may be chosen."""
        return {**super().description(), "classifier": self.referee_name, CHOSEN_BY: self.chosen_by}

    @property
    def chosen_by(self) -> str:
        """Which real images the best epoch is chosen by: none that drawn ones are reported beside."""
        return HALF_OF_TEST if self.settings.val_images == 0 else self.held_out

    def begin_from(
        self, weights: Mapping[str, Tensor], newest: Callable[[], Mapping[str, Tensor] | None], notice: Notice
    ) -> None:
        """See `OptimisedTask.begin_from`; an epoch keeps the generator alone, a training state both players."""
        players = newest()
        super().begin_from(weights, newest, notice)
        if players is None:
            notice("no training state of the run to start from is kept, so the discriminator begins anew")
            return
        load_weights(self.model.discriminator, without_prefix("discriminator.", players))

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        """Draw images, let the discriminator learn to tell them from real ones, and the generator to deceive it."""
        s, read = self.settings, {"real": self.batches.at(step).images}
        seed = derive_seed(s.seed, "codes", step)
        for player in (self.opponent, self.updater):
            player.set_rate(rate)
        if s.loss == "wasserstein-gp":  # its penalty has random numbers of its own
            found = self.recorded.as_written(read, seed, step)
        else:
            found = self.recorded(read, seed, 0 if step % s.r1_every == 0 else 1)
        self.average.update(step)
        return found

    def update(self, read: Inputs, generator: torch.Generator, kind: int) -> dict[str, Tensor]:
        """Either player's update; `kind` is the step by which the penalties go, or one that has the same ones."""
        real = read["real"]
        z = torch.empty(len(real), self.model.latent_size, device=self.device).normal_(generator=generator)
        if not self.sharing.is_whole:
            return self._update_shared(real, z, kind)
        drawn = self._drawn(z)
        finite, terms = self.update_discriminator(real, drawn.detach().float(), kind)
        deceived, more = self.update_generator(drawn)
        return {"finite": finite & deceived, **terms, **more}

    def _drawn(self, z: Tensor) -> Tensor:
        with autocast(self.settings.precision, self.device):
            return self.model.generate(z)

    def _update_shared(self, real: Tensor, z: Tensor, step: int) -> dict[str, Tensor]:
        """The same piece by piece; images are drawn for each player, as their graph is not kept for all pieces."""

        def of_discriminator(rows: Inputs, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
            with torch.no_grad():
                drawn = self._drawn(rows["z"])
            return self._discriminator_loss(rows["real"], drawn.float(), step, rows_drawn(generator))

        def of_generator(rows: Inputs, _: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
            return self._generator_loss(self._drawn(rows["z"]))

        read, generator = {"real": real, "z": z}, RowsGenerator(device=self.device)
        with self._turn_of_discriminator(True):
            found = self.sharing.learned(self.opponent, read, len(real), generator, of_discriminator)
        with self._turn_of_discriminator(False):
            more = self.sharing.learned(self.updater, read, len(real), generator, of_generator)
        found["discriminator_gradient_norm"] = found.pop("gradient_norm")
        return {**found, **more, "finite": found["finite"] & more["finite"]}

    @contextmanager
    def _turn_of_discriminator(self, learns: bool) -> Iterator[None]:
        """One player's update: the discriminator has gradients if it learns, and one power iteration for all of it."""
        self.model.discriminator.requires_grad_(learns)
        with parametrize.cached():
            yield

    def update_discriminator(
        self, real: Tensor, drawn: Tensor, step: int, rate: float | None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """One update of the discriminator against images as they are.

        Args:
            real: shape (B, Y, X).
            drawn: likewise.
            step: of the penalties.
            rate: scales the learning rate; None: as it was set.

        Returns:
            Whether everything was finite, and what to log.
        """
        with self._turn_of_discriminator(True):
            loss, terms = self._discriminator_loss(real, drawn, step)
            finite, norm = self.opponent.update(loss, rate)
        return finite, {**terms, "discriminator_gradient_norm": norm}

    def _discriminator_loss(
        self, real: Tensor, drawn: Tensor, step: int, rows: Rows | None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """What the discriminator minimises, with its penalties, and what to log.

        Args:
            real: shape (B, Y, X).
            drawn: likewise.
            step: of the penalties.
            rows: which of the batch these are; None: all.
        """
        with autocast(self.settings.precision, self.device):
            scores = self.model.score(torch.cat([real, drawn])).float()
        of_real, of_drawn = torch.split(scores, len(real))
        loss = self.discriminator_loss(of_real, of_drawn)
        penalty = penalty_on_steepness(self.model, self.settings, real, drawn, step, rows)
        return loss + penalty, {
            "discriminator_loss": loss.detach(),
            "score_real": self.shown(of_real.detach()).mean(),
            "score_drawn": self.shown(of_drawn.detach()).mean(),
        }

    def shown(self, logits: Tensor) -> Tensor:
        """Logits as records and texts have them: D's probability where the loss gives it that meaning."""
        return logits.sigmoid() if self.settings.loss == "non-saturating" else logits

    def update_generator(self, drawn: Tensor, rate: float | None = None) -> tuple[Tensor, dict[str, Tensor]]:
        """One update of the generator against the discriminator as it is.

        Args:
            drawn: images (B, Y, X) with their graph.
            rate: scales the learning rate; None: as it was set.

        Returns:
            Whether everything was finite, and what to log.
        """
        with self._turn_of_discriminator(False):
            loss, terms = self._generator_loss(drawn)
            finite, norm = self.updater.update(loss, rate)
        return finite, {**terms, "gradient_norm": norm}

    def _generator_loss(self, drawn: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """What the generator minimises, and what to log."""
        with autocast(self.settings.precision, self.device):
            scores = self.model.score(drawn).float()
        loss = self.generator_loss(scores)
        return loss, {"generator_loss": loss.detach()}

    @torch.no_grad()
    def measure(self, images: Images, count: int, check: Callable[[], None]) -> Record:
        """What the discriminator says of these images, and of held-out ones beside drawn ones: how good those are."""
        with evaluating(self.model):  # no power iteration
            real = torch.cat([self._scores(batch.images, check) for batch in images.in_order(count)])
            record: Record = {"score_real": float(self.shown(real).mean())}
            if images is self.evaluated:
                record |= self._measure_drawn(real, check)
        return record

    @property
    def checks(self) -> int:
        """See `Task.checks`: drawn images are scored too, and measured."""
        return super().checks + -(-self.yardstick.count // SCORED_AT_ONCE) + self.yardstick.checks

    def _measure_drawn(self, real: Tensor, check: Callable[[], None]) -> Record:
        """What both players' losses are, and how good drawn images are beside held-out ones, whose logits are `real`.

        As in training the discriminator sees drawn images grey; what is measured is of the data's kind.
        """
        drawn = draw_gan(self.model, self.yardstick.count, self.settings.seed, CHOOSING_CODES, among=self.sharing.world)
        scores = torch.cat([self._scores(piece, check) for piece in torch.split(drawn, SCORED_AT_ONCE)])
        targets = as_targets(drawn, self.settings.binarize, self.settings.seed)
        return {
            "score_drawn": float(self.shown(scores).mean()),
            "separation": separation(real, scores),
            "discriminator_loss": float(self.discriminator_loss(real, scores)),
            "generator_loss": float(self.generator_loss(scores)),
            **self.yardstick.to_record(self.yardstick.measure(targets, check)),
            "images": self.yardstick.count,
        }

    def _scores(self, images: Tensor, check: Callable[[], None]) -> Tensor:
        check()
        world = self.sharing.world
        rows = world.rows(len(images)).or_weightless()
        return world.whole(rows, self.model.score(rows.of(images).to(self.device)))

    def signs(self, measures: Mapping[str, Record]) -> list[Sign]:
        """Classes that are not drawn any more; a player who has won."""
        data = self.yardstick.data
        classes = None if data is None else int((data > 0).sum())
        return signs_of(measures[self.held_out], classes, self.settings)

    def changes(self) -> list[str]:
        """Another classifier than before, or other images."""
        referee, images = self.former_referee, self.former_images
        self.former_referee = self.former_images = None
        told = [] if referee is None else [another_referee(self.referee_name, referee)]
        return told if images is None else [*told, other_images(self.chosen_by, images)]

    def in_words(self, measures: Mapping[str, Record]) -> str:
        """Both losses, the distances, and the classes that are drawn."""
        return in_words(measures[self.held_out], self.images.classes)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Images from random codes."""
        z = torch.empty(count, self.model.latent_size, device=self.device).normal_(generator=generator)
        return (self.model.generate(z) * 255.0).round()

    def extra_state(self) -> dict[str, Tensor]:
        """The averages, and the opponent's moments."""
        return {**super().extra_state(), **with_prefix(_OPPONENT, self.opponent.state())}

    def extra_counters(self) -> dict[str, Any]:
        """The opponent's scaler, which classifier measures, and beside which images.

        Those of before until its change was told, which a run that is stopped sooner must hear when it goes on.
        """
        scaler = self.opponent.scaler.state_dict()
        measures = {"classifier": self.former_referee or self.referee_name}
        return {"opponent scaler": scaler, **measures, CHOSEN_BY: self.former_images or self.chosen_by}

    def load_extra(self, state: TaskState) -> None:
        """Take back averages and opponent; note if another classifier measured before, or beside other images."""
        super().load_extra(state)
        self.opponent.load_state(without_prefix(_OPPONENT, state.optimizer))
        if state.counters.get("opponent scaler"):
            self.opponent.scaler.load_state_dict(state.counters["opponent scaler"])
        before = state.counters.get("classifier", self.referee_name)
        self.former_referee = before if before != self.referee_name else None
        chosen_by = state.counters.get(CHOSEN_BY, self.held_out)  # earlier versions chose by all of that part
        self.former_images = chosen_by if chosen_by != self.chosen_by else None


def _sides(settings: GanSettings, images: ImageSet) -> Sides:
    """What drawn images are compared with.

    Raises:
        UsageError: the classifier learned from nearly all images that are held out.
    """
    trained, validated = rows_of(settings, images)
    sides = choosing_sides(images, trained, validated if settings.val_images else None)
    if min(len(sides.held_out.pixels), len(sides.beside.pixels)) < FEWEST_TESTED:
        what = "too few images that the classifier, which judges drawn ones, did not learn from"
        if settings.val_images:
            raise UsageError(f"--val-images {settings.val_images} leaves {what}", "hold another number out, or none.")
        raise UsageError(f"the test images have {what}", "bring more of them, or hold some out with --val-images.")
    return sides


def prepare(settings: GanSettings, images: ImageSet, teller: Teller = UNTOLD) -> GanTask:
    """A task with a fresh model; trains the set's classifier first if it has none yet.

    Raises:
        DataError: the images are too small for the model, or too few.
        ResourceError: the device is missing, or the cache cannot be written.
    """
    choice = ready(settings)
    if settings.model == "dcgan":
        check_can_be_halved(images.shape)
    _sides(settings, images)  # too few images are refused before a classifier is trained on them
    referee = open_referee(images, choice.device, teller)
    with memory_errors(choice.device, settings.sizes):
        model = fresh_network(lambda: GAN(settings, images.shape), settings.seed, choice.device)
        task = GanTask(settings, model, choice, images, referee)
    if referee is not None and referee.seconds > 0.0 and settings.minutes is not None:
        teller.notice(f"the classifier took {duration(referee.seconds)}, which --minutes does not count")
    for doubt in doubts_about(task.yardstick.count, {}):
        teller.notice(doubt)
    return task
