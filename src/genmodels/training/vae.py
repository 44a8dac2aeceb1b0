"""Training a variational autoencoder: raise the evidence lower bound, one batch of images at a time."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from genmodels.analysis.elbo import (
    bernoulli_log_likelihood,
    draw_codes,
    evaluate_elbo,
    gaussian_kl,
    log_weights,
)
from genmodels.data.image_batches import Batch, Images, ShuffledBatches
from genmodels.data.image_files import Part
from genmodels.data.images import ImageSet, reopen_images
from genmodels.device import autocast, check_precision, choose_device, memory_errors, set_threads, step_generator
from genmodels.errors import DataError, UsageError
from genmodels.models.vae import VAE
from genmodels.models.weights import load_weights
from genmodels.runs import Record, RunDir
from genmodels.sampling.pictures import as_blocks, as_png, tiled
from genmodels.settings import VaeSettings
from genmodels.training.loop import Progress, fit
from genmodels.training.setup import fresh_network, on_device, recorded_settings
from genmodels.training.task import Plan, Preview, Reporter, TaskState
from genmodels.training.update import Updater, WeightAverage

COLLAPSED_NATS = 1.0
PREVIEWED = 8  # rows and columns of the epoch's picture
SHOWN = 5  # of them on the terminal
_AVERAGE = "average/"


class VaeTask:
    """A VAE, its optimiser and its images.

    Args:
        settings: resolved settings.
        model: on its device.
        images: the image set; its test part is evaluated, or a part held out of train (`--val-images`).
    """

    def __init__(self, settings: VaeSettings, model: VAE, images: ImageSet) -> None:
        self.settings, self.model, self.images = settings, model.train(), images
        self.device = next(model.parameters()).device
        self.held_out = "validation" if settings.val_images else "test"
        train, held_out = _parts(settings, images)
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

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        """Raise the bound on one batch."""
        batch = self.batches.at(step)
        generator = step_generator(self.device, self.settings.seed, "codes", step)
        with autocast(self.settings.precision, self.device):
            loss, terms = self._loss(batch, step, generator)
        finite, norm = self.updater.update(loss, rate)
        self.average.update(step)
        return {"finite": finite, **terms, "gradient_norm": norm}

    def _loss(self, batch: Batch, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """What is minimised, and the ELBO's terms as they are: with beta 1 and no free bits."""
        s, k = self.settings, self.settings.importance_samples
        mean, log_variance = (tensor.float() for tensor in self.model.encode(batch.images, batch.labels))
        z = draw_codes(mean.expand(k, -1, -1), log_variance.expand(k, -1, -1), generator)  # (K, B, Z)
        labels = None if batch.labels is None else batch.labels.repeat(k)
        logits = self.model.decode(z.flatten(0, 1), labels).float()  # (K B, Y, X)
        likelihood = bernoulli_log_likelihood(logits, batch.images.repeat(k, 1, 1)).view(k, -1)  # (K, B)
        divergence = gaussian_kl(mean, log_variance)  # (B, Z)
        beta = s.beta * min(1.0, (step + 1) / s.kl_warmup_steps) if s.kl_warmup_steps else s.beta
        reconstruction, kl = likelihood.mean(), divergence.sum(dim=1).mean()
        terms = {"elbo": (reconstruction - kl).detach(), "reconstruction": reconstruction.detach(), "kl": kl.detach()}
        if k > 1:
            weights = log_weights(z, mean, log_variance, likelihood, beta)
            bound = (torch.logsumexp(weights, dim=0) - torch.tensor(float(k)).log()).mean()
            return -bound, terms | {"importance_weighted_bound": bound.detach()}
        paid = divergence.mean(dim=0).clamp(min=s.free_bits).sum()  # Kingma et al. 2016, arXiv 1606.04934
        return beta * paid - reconstruction, terms

    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        """The ELBO on as many training images as are held out, and on those, each time with the same codes."""
        with self.average.in_force():
            return {
                "train": self._evaluate(self.train, check),
                self.held_out: self._evaluate(self.evaluated, check),
            }

    def _evaluate(self, images: Images, check: Callable[[], None]) -> Record:
        count = min(len(images), len(self.evaluated))
        generator = step_generator(self.device, self.settings.seed, f"{images.stream} evaluation", 0)
        return evaluate_elbo(self.model, images.in_order(count), generator, check).to_record()

    def remarks(self, measures: Mapping[str, Record]) -> list[str]:
        """Collapse: the code carries next to nothing, so every image is decoded alike."""
        kl = measures[self.held_out]["kl"]
        if kl >= COLLAPSED_NATS:
            return []
        return [
            f"the code has collapsed: its KL is {kl:.2f} nats, so the decoder ignores it; "
            "try --kl-warmup-steps, --free-bits 0.1 or a smaller --beta"
        ]

    @torch.no_grad()
    def preview(self) -> Preview:
        """Images from fixed codes: means as a PNG, the first few as blocks for the terminal."""
        count = PREVIEWED * PREVIEWED
        generator = step_generator(self.device, self.settings.seed, "preview", 0)
        z = torch.empty(count, self.settings.latent_size, device=self.device).normal_(generator=generator)
        labels = None
        if self.model.classes is not None:
            labels = torch.arange(count, device=self.device) % self.model.classes
        with self.average.in_force():
            was_training = self.model.training
            self.model.eval()
            pixels = (self.model.decode(z, labels).sigmoid() * 255.0).round().to(torch.uint8).cpu().numpy()
            self.model.train(was_training)
        return Preview(as_blocks(pixels[:SHOWN]), as_png(tiled(pixels, PREVIEWED)))

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
            "family": "vae",
            "settings": self.settings.to_mapping(),
            "data": self.images.name,
            "shape": list(self.images.shape),
            "classes": None if self.images.classes is None else list(self.images.classes),
        }


def _parts(settings: VaeSettings, images: ImageSet) -> tuple[Part, Part]:
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


def prepare(settings: VaeSettings, images: ImageSet) -> VaeTask:
    """A task with a fresh model.

    Raises:
        DataError: the images are too small for the model, or lack the classes that it is to be given.
        ResourceError: the device is missing.
    """
    device = choose_device(settings.device).device
    check_precision(settings.precision, device)
    set_threads(settings.threads)
    _check_images(settings, images)
    classes = None if images.classes is None else len(images.classes)
    with memory_errors(device, _sizes(settings)):
        model = fresh_network(lambda: VAE.from_settings(settings, images.shape, classes), settings.seed, device)
        task = VaeTask(settings, model, images)
        if settings.start_at_mean:
            model.start_from_mean(task.train.pixels.float().mean(dim=0) / 255.0)
            task.average.restart()
        return task


SMALLEST_FOR_CONV = 4


def _check_images(settings: VaeSettings, images: ImageSet) -> None:
    rows, columns = images.shape
    if settings.conditional and images.classes is None:
        raise DataError(f"{images.name} has no labels, so --conditional has no classes to give", "leave it out.")
    if settings.model == "conv" and min(rows, columns) < SMALLEST_FOR_CONV:
        raise DataError(f"images of {columns}x{rows} pixels are too small to halve twice", "use --model mlp.")


def _sizes(settings: VaeSettings) -> str:
    """What decides the memory, as a message names it."""
    return f"--batch-size {settings.batch_size}, --hidden-size {settings.hidden_size}"


def restore_task(run: RunDir, notice: Callable[[str], None], device: str | None = None) -> VaeTask:
    """The task of an existing run, with its own settings and images.

    Args:
        run: any run of this family.
        notice: is told what the user should know.
        device: go on there instead of on the recorded one; then not bit for bit.

    Raises:
        RunError: run.json is damaged.
        DataError: the images have changed or are gone.
    """
    document = run.document()
    settings = recorded_settings(VaeSettings, document)
    if device is not None and device != settings.device:
        settings = on_device(settings, device, notice)
    return prepare(settings, reopen_images(document["data"], notice))


def train_vae(task: VaeTask, plan: Plan, run: RunDir, reporter: Reporter) -> Progress:
    """Train a VAE into a run directory; goes on where the run stopped.

    Raises:
        Stopped, DivergedError, RunError, ResourceError: see `fit`.
    """
    settings = task.settings
    with memory_errors(task.device, _sizes(settings)):
        return fit(task, plan, run, reporter, settings.keep_epochs, settings.checkpoint_minutes)
