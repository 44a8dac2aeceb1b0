"""Training a variational autoencoder: raise the evidence lower bound, one batch of images at a time."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from genmodels.analysis.elbo import (
    bernoulli_log_likelihood,
    draw_codes,
    evaluate_elbo,
    evaluated_codes,
    gaussian_kl,
    importance_weighted,
    log_weights,
)
from genmodels.data.images.batches import Batch, Images
from genmodels.data.images.image_set import ImageSet
from genmodels.device import autocast, memory_errors, step_generator
from genmodels.errors import DataError
from genmodels.models.vae import VAE
from genmodels.randomness import derive_seed
from genmodels.rows import rows_drawn
from genmodels.runs import Record
from genmodels.settings.vae import VaeSettings
from genmodels.telling import UNTOLD, Teller
from genmodels.training.image_task import ImageTask, check_can_be_halved
from genmodels.training.setup import fresh_network, ready
from genmodels.training.sharing import Inputs
from genmodels.training.signs import Sign

COLLAPSED_NATS = 1.0
USUAL_WARMUP, USUAL_FREE_BITS = 1000, 0.1  # steps and nats that a collapsed code is worth trying with


class VaeTask(ImageTask):
    """A VAE, its optimiser and its images.

    Args:
        settings: resolved settings.
        model: on its device.
        choice: of that device.
        images: the image set.
    """

    family_name = "vae"
    settings: VaeSettings
    model: VAE

    @property
    def names_known(self) -> str | None:
        """A conditional one is given the class."""
        return "classes" if self.settings.conditional else None

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        """Raise the bound on one batch."""
        s, batch = self.settings, self.batches.at(step)
        self.updater.set_rate(rate)
        labels = {} if batch.labels is None else {"labels": batch.labels}
        read = {"images": batch.images, "beta": self.beta_at(step), **labels}
        found = self.recorded(read, derive_seed(s.seed, "codes", step))
        self.average.update(step)
        return found

    def beta_at(self, step: int) -> Tensor:
        """The weight of the KL, which grows over `--kl-warmup-steps`: a scalar on the device."""
        s = self.settings
        beta = s.beta * min(1.0, (step + 1) / s.kl_warmup_steps) if s.kl_warmup_steps else s.beta
        return torch.full((), beta, device=self.device)

    def update(self, read: Inputs, generator: torch.Generator, kind: int) -> dict[str, Tensor]:
        """One batch: what to log."""
        del kind
        return self.learned(self.updater, read, len(read["images"]), generator, self._loss)

    def _loss(self, read: Inputs, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """What is minimised of some images, and the bounds as they are: with beta 1 and no free bits.

        Grey targets have no importance-weighted bound, as exp(log p(x|z)) is then no probability.
        """
        with autocast(self.settings.precision, self.device):
            return self._bounds(Batch(read["images"], read.get("labels")), read["beta"], generator)

    def _bounds(self, batch: Batch, beta: Tensor, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        s, k = self.settings, self.settings.importance_samples
        mean, log_variance = (tensor.float() for tensor in self.model.encode(batch.images, batch.labels))
        z = draw_codes(mean.expand(k, -1, -1), log_variance.expand(k, -1, -1), generator)  # (K, B, Z)
        labels = None if batch.labels is None else batch.labels.repeat(k)
        logits = self.model.decode(z.flatten(0, 1), labels).float()  # (K B, Y, X)
        likelihood = bernoulli_log_likelihood(logits, batch.images.repeat(k, 1, 1)).view(k, -1)  # (K, B)
        divergence = gaussian_kl(mean, log_variance)  # (B, Z)
        reconstruction, kl = likelihood.mean(), divergence.sum(dim=1).mean()
        terms = {"elbo": (reconstruction - kl).detach(), "reconstruction": reconstruction.detach(), "kl": kl.detach()}
        if k > 1:
            objective = importance_weighted(log_weights(z, mean, log_variance, likelihood, beta)).mean()
            if s.binarize != "none":
                weights = log_weights(z, mean, log_variance, likelihood).detach()
                terms["importance_weighted_bound"] = importance_weighted(weights).mean()
            return -objective, terms
        if s.free_bits == 0:
            return beta * kl - reconstruction, terms
        whole = self.sharing.mean(divergence, rows_drawn(generator))
        paid = whole.clamp(min=s.free_bits).sum()  # Kingma et al. 2016, arXiv 1606.04934
        return beta * paid - reconstruction, terms

    def measure(self, images: Images, count: int, check: Callable[[], None]) -> Record:
        """The ELBO and its terms."""
        generator = step_generator(self.device, self.settings.seed, evaluated_codes(images.stream), 0)
        return evaluate_elbo(self.model, images.in_order(count), generator, check, self.sharing.world).to_record()

    def signs(self, measures: Mapping[str, Record]) -> list[Sign]:
        """Collapse: the code carries next to nothing, so every image is decoded alike."""
        kl = measures[self.held_out]["kl"]
        if kl >= COLLAPSED_NATS:
            return [Sign("collapse", False, f"the code is used again: its KL is {kl:.2f} nats")]
        found = f"the KL of the code is {kl:.2f} nats"
        told = f"the code has collapsed: {found}, so the decoder ignores it; try {self._ways_out()}"
        return [Sign("collapse", True, told, found, self.settings.far_above_usual("beta", "learning_rate"))]

    def _ways_out(self) -> str:
        """Settings under which a code is rather used, each with a value, the one that is likeliest to help first."""
        s = self.settings
        warmup = f"--kl-warmup-steps {max(USUAL_WARMUP, 2 * s.kl_warmup_steps)}"
        beta = f"--beta {1 if s.beta > 1 else s.beta / 2:g}"
        bits = [] if s.importance_samples > 1 else [f"--free-bits {max(USUAL_FREE_BITS, 2 * s.free_bits):g}"]
        ways = [beta, warmup, *bits] if s.beta > 1 else [warmup, *bits, beta]
        return f"{', '.join(ways[:-1])} or {ways[-1]}"

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Images from codes of the prior: the means; of a model that knows classes, all of them in turn."""
        z = torch.empty(count, self.settings.latent_size, device=self.device).normal_(generator=generator)
        classes = self.model.classes
        labels = None if classes is None else torch.arange(count, device=self.device) % classes
        return (self.model.decode(z, labels).sigmoid() * 255.0).round()


def prepare(settings: VaeSettings, images: ImageSet, teller: Teller = UNTOLD) -> VaeTask:
    """A task with a fresh model; nothing is to be noticed.

    Raises:
        DataError: the images are too small for the model, or lack the classes that it is to be given.
        ResourceError: the device is missing.
    """
    del teller
    choice = ready(settings)
    _check_images(settings, images)
    classes = None if images.classes is None else len(images.classes)
    with memory_errors(choice.device, settings.sizes):
        model = fresh_network(lambda: VAE.from_settings(settings, images.shape, classes), settings.seed, choice.device)
        task = VaeTask(settings, model, choice, images)
        if settings.start_at_mean:
            model.start_from_mean(task.train.pixels.float().mean(dim=0) / 255.0)
            task.average.restart()
        return task


def _check_images(settings: VaeSettings, images: ImageSet) -> None:
    if settings.conditional and images.classes is None:
        raise DataError(f"{images.name} has no labels, so --conditional has no classes to give", "leave it out.")
    if settings.model == "conv":
        check_can_be_halved(images.shape)
