"""Training a generative adversarial network: one update of either player a step."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import parametrize

from genmodels.analysis.classifying import Judge, open_judge
from genmodels.analysis.sample_quality import Yardstick, separation
from genmodels.data.images.batches import Images
from genmodels.data.images.image_set import ImageSet
from genmodels.device import autocast, check_precision, choose_device, memory_errors, set_threads, step_generator
from genmodels.models.gan import GAN
from genmodels.runs import Record, RunDir
from genmodels.sampling.images import as_targets, draw_gan
from genmodels.settings.gan import GanSettings
from genmodels.telling import Notice
from genmodels.training.averaged import restored, updater_of
from genmodels.training.gan_losses import LOSSES, squared_slope
from genmodels.training.gan_telling import LOST, WON, bars
from genmodels.training.image_task import ImageTask, check_can_be_halved
from genmodels.training.setup import fresh_network
from genmodels.training.task import Preview, TaskState

_OPPONENT = "opponent/"


class GanTask(ImageTask):
    """Two players, an optimiser for each, and their images.

    `updater` and the averaged weights are the generator's, and only those are kept at an epoch's end.

    Args:
        settings: resolved settings.
        model: on its device.
        images: the image set.
        judge: the set's classifier, or None where it has no classes.
    """

    settings: GanSettings
    model: GAN

    def __init__(self, settings: GanSettings, model: GAN, images: ImageSet, judge: Judge | None) -> None:
        super().__init__("gan", settings, model, images, kept=model.generator)
        self.opponent = updater_of(model.discriminator, settings, settings.discriminator_rate)
        self.discriminator_loss, self.generator_loss = LOSSES[settings.loss]
        self.yardstick = Yardstick(self.train, self.evaluated, judge)
        self.measured: Record = {}
        self.other_judge: str | None = None  # by which the run was measured before it was resumed

    @property
    def sizes(self) -> str:
        """What decides the memory, as a message names it."""
        return sizes_of(self.settings)

    @property
    def judge_name(self) -> str | None:
        """Which classifier measures, if any."""
        return None if self.yardstick.judge is None else self.yardstick.judge.name

    def description(self) -> Mapping[str, Any]:
        """As every family's, and which classifier measured the epoch."""
        return {**super().description(), "classifier": self.judge_name}

    # -- a step ---------------------------------------------------------------------------------------

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        """Draw images, let the discriminator learn to tell them from real ones, and the generator to deceive it."""
        real = self.batches.at(step).images
        codes = step_generator(self.device, self.settings.seed, "codes", step)
        z = torch.empty(len(real), self.model.latent_size, device=self.device).normal_(generator=codes)
        with autocast(self.settings.precision, self.device):
            drawn = self.model.generate(z)
        finite, terms = self.update_discriminator(real, drawn.detach().float(), step, rate)
        deceived, more = self.update_generator(drawn, rate)
        self.average.update(step)
        return {"finite": finite & deceived, **terms, **more}

    def update_discriminator(
        self, real: Tensor, drawn: Tensor, step: int, rate: float
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """One update of the discriminator against images as they are.

        Args:
            real: shape (B, Y, X).
            drawn: likewise.
            step: of the penalties.
            rate: scales the learning rate.

        Returns:
            Whether everything was finite, and what to log.
        """
        self.model.discriminator.requires_grad_(True)
        with parametrize.cached():  # one power iteration for all that is computed here
            with autocast(self.settings.precision, self.device):
                scores = self.model.score(torch.cat([real, drawn])).float()
            of_real, of_drawn = torch.split(scores, len(real))
            loss = self.discriminator_loss(of_real, of_drawn)
            finite, norm = self.opponent.update(loss + self._penalty(real, drawn, step), rate)
        return finite, {
            "discriminator_loss": loss.detach(),
            "score_real": self.shown(of_real.detach()).mean(),
            "score_drawn": self.shown(of_drawn.detach()).mean(),
            "discriminator_gradient_norm": norm,
        }

    def shown(self, logits: Tensor) -> Tensor:
        """Logits as records and texts have them: D's probability where the loss gives it that meaning."""
        return logits.sigmoid() if self.settings.loss == "non-saturating" else logits

    def _penalty(self, real: Tensor, drawn: Tensor, step: int) -> Tensor:
        """What a steep discriminator pays.

        R1, r1/2 |grad s(x)|^2 at real images (Mescheder et al. 2018, arXiv 1801.04406), is computed now and then and
        weighs so much more (Karras et al. 2020, arXiv 1912.04958).
        """
        s = self.settings
        assert s.r1 is not None
        penalty = real.new_zeros(())
        if s.r1 > 0 and step % s.r1_every == 0:
            penalty = 0.5 * s.r1 * s.r1_every * squared_slope(self.model, real).mean()
        if s.loss == "wasserstein-gp":
            between = step_generator(self.device, s.seed, "between", step)
            share = torch.empty(len(real), 1, 1, device=self.device).uniform_(generator=between)
            steepness = (squared_slope(self.model, torch.lerp(real, drawn, share)) + 1e-12).sqrt()
            penalty = penalty + s.gradient_penalty * (steepness - 1.0).square().mean()
        return penalty

    def update_generator(self, drawn: Tensor, rate: float) -> tuple[Tensor, dict[str, Tensor]]:
        """One update of the generator against the discriminator as it is.

        Args:
            drawn: images (B, Y, X) with their graph.
            rate: scales the learning rate.

        Returns:
            Whether everything was finite, and what to log.
        """
        self.model.discriminator.requires_grad_(False)
        with parametrize.cached():
            with autocast(self.settings.precision, self.device):
                scores = self.model.score(drawn).float()
            loss = self.generator_loss(scores)
            finite, norm = self.updater.update(loss, rate)
        return finite, {"generator_loss": loss.detach(), "gradient_norm": norm}

    # -- an epoch's end ---------------------------------------------------------------------------------

    @torch.no_grad()
    def measure(self, images: Images, count: int, check: Callable[[], None]) -> Record:
        """What the discriminator says of these images, and of held-out ones beside drawn ones: how good those are."""
        was_training = self.model.training
        self.model.eval()  # no power iteration
        try:
            real = torch.cat([self._scores(batch.images, check) for batch in images.in_order(count)])
            record: Record = {"score_real": float(self.shown(real).mean())}
            if images is self.evaluated:
                drawn = draw_gan(self.model, self.yardstick.count, self.settings.seed, "evaluation codes")
                # As in training the discriminator sees drawn images grey; what is measured is of the data's kind.
                scores = torch.cat([self._scores(piece, check) for piece in torch.split(drawn, 500)])
                record |= {"score_drawn": float(self.shown(scores).mean()), "separation": separation(real, scores)}
                record["discriminator_loss"] = float(self.discriminator_loss(real, scores))
                record["generator_loss"] = float(self.generator_loss(scores))
                targets = as_targets(drawn, self.settings.binarize, self.settings.seed)
                record |= self.yardstick.measure(targets, check).to_record()
                self.measured = record
        finally:
            self.model.train(was_training)
        return record

    def _scores(self, images: Tensor, check: Callable[[], None]) -> Tensor:
        check()
        return self.model.score(images.to(self.device))

    def remarks(self, measures: Mapping[str, Record]) -> list[str]:
        """Classes that are not drawn any more; a player who has won."""
        record = measures[self.held_out]
        said = []
        if self.other_judge is not None:
            said.append(
                f"figures from here on are by the classifier {self.judge_name}, those of before by {self.other_judge}: "
                "they can't be compared; eval-images measures all epochs alike"
            )
            self.other_judge = None
        if self.yardstick.data is not None:
            there = int((self.yardstick.data > 0).sum())
            if record["classes_present"] < there:
                said.append(
                    f"modes are lost: only {record['classes_present']} of {there} classes are drawn; "
                    "try another --seed, a larger --batch-size or a larger --r1"
                )
        told_apart = record["separation"]
        if told_apart > WON:
            said.append(
                f"the discriminator wins: it orders {told_apart:.1%} of the pairs of a real and a drawn image rightly, "
                "so the generator learns little; try a larger --r1"
            )
        if told_apart < LOST:
            said.append(
                f"the generator wins: the discriminator finds the drawn image more real in {1 - told_apart:.0%} of the "
                "pairs; try a smaller --r1 or more --channels"
            )
        return said

    def preview(self) -> Preview:
        """Images from fixed codes; below them in words what the last evaluation found."""
        preview = super().preview()
        return Preview(preview.text + self._in_words(), preview.picture)

    def _in_words(self) -> str:
        record = self.measured
        if not record:
            return ""
        lines = [
            f"on held-out images D(x) {record['score_real']:.2f}, D(G(z)) {record['score_drawn']:.2f}; "
            f"losses {record['discriminator_loss']:.3f} and {record['generator_loss']:.3f}; "
            f"Fréchet distance {record['frechet_distance']:.2f} (of training images {record['frechet_floor']:.2f}); "
            f"precision {record['precision']:.2f}, recall {record['recall']:.2f}; "
            f"nearest training image {record['nearest_distance']:.2f} (of real ones {record['nearest_real']:.2f})"
        ]
        if self.images.classes is not None and "class_kl" in record:
            lines.append(
                f"classes {record['classes_present']} of {len(self.images.classes)}, KL {record['class_kl']:.4f} nats"
            )
            shares = {name: record[f"share/{index}"] for index, name in enumerate(self.images.classes)}
            lines += bars(shares)
        return "\n".join(lines) + "\n"

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Images from random codes."""
        z = torch.empty(count, self.model.latent_size, device=self.device).normal_(generator=generator)
        return (self.model.generate(z) * 255.0).round()

    # -- saving ---------------------------------------------------------------------------------------

    def state(self) -> TaskState:
        """Both players and both optimisers."""
        state = super().state()
        opponent = {f"{_OPPONENT}{name}": tensor for name, tensor in self.opponent.state().items()}
        scaler = self.opponent.scaler.state_dict()
        # The one of before until its change was told, which a run that is stopped sooner must hear when it goes on.
        counters = {**state.counters, "opponent scaler": scaler, "classifier": self.other_judge or self.judge_name}
        return TaskState(state.model, {**state.optimizer, **opponent}, counters)

    def load_state(self, state: TaskState) -> None:
        """Go back to what `state` gave.

        Raises:
            RunError: the tensors are not those of this model.
        """
        opponent = {name: tensor for name, tensor in state.optimizer.items() if name.startswith(_OPPONENT)}
        own = {name: tensor for name, tensor in state.optimizer.items() if name not in opponent}
        super().load_state(TaskState(state.model, own, state.counters))
        self.opponent.load_state({name.removeprefix(_OPPONENT): tensor for name, tensor in opponent.items()})
        before = state.counters.get("classifier", self.judge_name)
        self.other_judge = before if before != self.judge_name else None
        if state.counters.get("opponent scaler"):
            self.opponent.scaler.load_state_dict(state.counters["opponent scaler"])


def prepare(settings: GanSettings, images: ImageSet, notice: Notice) -> GanTask:
    """A task with a fresh model; trains the set's classifier first if it has none yet.

    Raises:
        DataError: the images are too small for the model.
        ResourceError: the device is missing, or the cache cannot be written.
    """
    device = choose_device(settings.device).device
    check_precision(settings.precision, device)
    set_threads(settings.threads)
    if settings.model == "dcgan":
        check_can_be_halved(images.shape)
    judge = open_judge(images, device, notice)
    with memory_errors(device, sizes_of(settings)):
        model = fresh_network(lambda: GAN(settings, images.shape), settings.seed, device)
        return GanTask(settings, model, images, judge)


def sizes_of(settings: GanSettings) -> str:
    """What decides the memory, as a message names it."""
    width = f"--channels {settings.channels}" if settings.model == "dcgan" else f"--hidden-size {settings.hidden_size}"
    return f"--batch-size {settings.batch_size}, {width}"


def restore_task(run: RunDir, notice: Notice, device: str | None = None) -> GanTask:
    """The task of an existing run; see `restored`."""
    return restored(GanSettings, partial(prepare, notice=notice), run, notice, device)
