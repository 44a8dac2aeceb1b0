"""A family of its own in sixty lines: each pixel is 0 or 1 by a probability of its own, whatever the others are.

Only this row and one line in the registry are needed for it to train, resume, be listed, drawn from and shown.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional

from genmodels.families.images import ImageRun
from genmodels.families.nats import Nats, measured_part
from genmodels.family import Family
from genmodels.models.stored import load
from genmodels.settings import setting
from genmodels.settings.images import ImageSettings
from genmodels.training.image_task import ImageTask
from genmodels.training.setup import fresh_network, ready


@dataclass(frozen=True, kw_only=True)
class ToySettings(ImageSettings):
    model: str = setting("pixelwise", "pixelwise.", panel="Model", choices=("pixelwise",))
    sizes: ClassVar[str] = "--batch-size"
    architecture: ClassVar[tuple[str, ...]] = ("model",)


class Pixelwise(nn.Module):
    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.randn(shape))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits = self.logits.expand_as(images)
        return functional.binary_cross_entropy_with_logits(logits, images, reduction="none").sum(dim=(1, 2))


class ToyTask(ImageTask):
    family_name = "toy"

    def train_step(self, step, rate):
        self.updater.set_rate(rate)
        found = self.recorded({"images": self.batches.at(step).images}, step)
        self.average.update(step)
        return found

    def update(self, read, generator, kind):
        loss = self.model(read["images"]).mean()
        finite, norm = self.updater.update(loss)
        return {"finite": finite, "nll": loss.detach(), "gradient_norm": norm}

    @torch.no_grad()
    def measure(self, images, count, check):
        found = []
        for batch in images.in_order(count):
            check()
            found.append(self.model(batch.images))
        return {"nll": float(torch.cat(found).mean())}

    def draw(self, count, generator):
        return 255.0 * torch.bernoulli(self.model.logits.sigmoid().expand(count, -1, -1), generator=generator)


def prepare(settings, images, teller=None):
    choice = ready(settings)
    model = fresh_network(lambda: Pixelwise(images.shape), settings.seed, choice.device)
    return ToyTask(settings, model, choice, images)


class ToyRun(ImageRun):
    family = "toy"
    measures = ("nll",)

    def load(self, checkpoint, device):
        return load(checkpoint, device, ToySettings, lambda settings, shape, classes: Pixelwise(shape))

    def draw_from(self, loaded, count, seed, labels=None, binary=False, advance=print):
        chances = loaded.model.logits.detach().cpu().sigmoid().expand(count, -1, -1)
        return torch.bernoulli(chances, generator=torch.Generator().manual_seed(seed)).numpy()

    def drawn_told(self, loaded, images, binary):
        return "Each pixel is black as often as its own probability says."

    def measurer(self, part, count, importance_samples, seed, images):
        return lambda loaded: {
            "images": count,
            "nll": float(loaded.model(next(part.in_order(count)).images).mean().detach()),
        }

    def nats(self, state):
        return Nats(state[measured_part(state)]["nll"], "=", measured_part(state))


TOY = Family(
    name="toy", title="toy", settings=ToySettings, prepare=prepare, run=ToyRun, help="Train a toy.",
    steps={"nll": "loss"}, unit="images", score="nll", best=min, measures={"nll": ".2f"},
    next_commands=("sample-images",),
)  # fmt: skip
