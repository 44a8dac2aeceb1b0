"""Training pixel models: raise the exact log-likelihood, one batch of images at a time."""

from collections.abc import Callable

import torch
from torch import Tensor

from genmodels.analysis.pixel_likelihood import evaluate_pixels, nats_of
from genmodels.data.images.batches import Images
from genmodels.data.images.image_set import ImageSet
from genmodels.device import autocast, memory_errors
from genmodels.errors import UsageError
from genmodels.models.build_pixels import build_pixel_model
from genmodels.models.pixel_model import PixelModel, to_levels, turned
from genmodels.runs import Record
from genmodels.sampling.pixels import draw_pixels
from genmodels.settings.pixelrnn import PixelSettings
from genmodels.telling import UNTOLD, Teller
from genmodels.training.image_task import ImageTask
from genmodels.training.setup import fresh_network, ready
from genmodels.training.sharing import Inputs

COUNTED = 10_000  # training images from which the first biases are taken


class PixelTask(ImageTask):
    """A pixel model, its optimiser and its images.

    Args:
        settings: resolved settings.
        model: on its device.
        choice: of that device.
        images: the image set.
    """

    family_name = "pixelrnn"
    settings: PixelSettings
    model: PixelModel
    train_images_measured = 2_000  # a whole pass takes a while, and every step's own figure is on record too

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        """Raise the likelihood of one batch; with four orientations, of turned images three times of four."""
        turn = step % self.settings.orientations
        levels = turned(to_levels(self.batches.at(step).images, self.model.levels), turn).contiguous()
        self.updater.set_rate(rate)
        found = self.recorded({"levels": levels}, 0, turn)
        self.average.update(step)
        return found

    def update(self, read: Inputs, generator: torch.Generator, kind: int) -> dict[str, Tensor]:
        """One batch, turned as often as `kind` says: what to log."""

        def nats(rows: Inputs, _: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
            with autocast(self.settings.precision, self.device):
                loss = nats_of(self.model, rows["levels"], kind).sum(dim=(1, 2)).mean()
            return loss, {"nll": loss.detach()}

        return self.learned(self.updater, read, len(read["levels"]), generator, nats)

    def measure(self, images: Images, count: int, check: Callable[[], None]) -> Record:
        """Exact nats per image and bits per pixel."""
        return evaluate_pixels(self.model, images.in_order(count), check, self.sharing.world).to_record()

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Images drawn pixel by pixel."""
        noise, world = torch.empty(count, *self.model.shape, device=self.device), self.sharing.world
        own = world.rows(count).of(noise.uniform_(generator=generator))
        return (world.gathered(draw_pixels(self.model, own), count) * (255.0 / (self.model.levels - 1))).round()


def prepare(settings: PixelSettings, images: ImageSet, teller: Teller = UNTOLD) -> PixelTask:
    """A task with a fresh model; nothing is to be noticed.

    Raises:
        UsageError: four orientations of images that are not square.
        ResourceError: the device is missing.
    """
    del teller
    choice = ready(settings)
    _check_images(settings, images)
    with memory_errors(choice.device, settings.sizes):
        model = fresh_network(lambda: build_pixel_model(settings, images.shape), settings.seed, choice.device)
        task = PixelTask(settings, model, choice, images)
        model.start_from(_shares(task.train, model.levels))
        task.average.restart()
        return task


def _check_images(settings: PixelSettings, images: ImageSet) -> None:
    rows, columns = images.shape
    if settings.orientations > 1 and rows != columns:
        raise UsageError(
            f"--orientations {settings.orientations} turns images by quarters, but these are {columns}x{rows} pixels",
            "leave it out, or bring square images.",
        )


def _shares(images: Images, count: int) -> Tensor:
    """How often each level is seen at each pixel, shape (Q, Y, X); few images say little of many levels.

    With n_q of N images at level q in a pixel, and m_q of M pixels of all images, it is (n_q + m_q Q / M) / (N + Q): to
    what is seen at the pixel itself, Q more are added as they are seen anywhere.
    """
    levels = to_levels(images.batch(slice(0, COUNTED), 0).images, count).flatten(1)  # (N, Y X)
    pixels = levels.shape[1]
    places = levels * pixels + torch.arange(pixels, device=levels.device)
    counts = torch.bincount(places.flatten(), minlength=count * pixels).view(count, *images.pixels.shape[1:])
    anywhere = counts.sum(dim=(1, 2), keepdim=True) / levels.numel()
    return (counts + count * anywhere) / (len(levels) + count)
