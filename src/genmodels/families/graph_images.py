"""The networks of image families for other programs."""

from dataclasses import replace
from typing import TYPE_CHECKING

from genmodels.families.alive_images import Shown, shown
from genmodels.families.graph import BATCH, RECORDED, Graph, cpu
from genmodels.families.images import ImageRun
from genmodels.families.latent import CodedRun
from genmodels.runs.epochs import Epoch
from genmodels.telling import UNTOLD

if TYPE_CHECKING:
    from torch import Tensor

PIXELS = "float32 (batch, rows, columns)"


def code_graph(run: CodedRun, epoch: Epoch | None) -> Graph:
    """A VAE: the code of images, and what is decoded from codes, side by side in one graph.

    Raises:
        RunError: that epoch was not kept.
    """
    import torch

    held = _held(run, epoch)
    model, settings = held.loaded.model, held.loaded.settings
    images, labels = _images(held, model.shape), torch.arange(RECORDED) % (model.classes or 1)
    codes = torch.randn(RECORDED, settings.latent_size, generator=torch.Generator().manual_seed(1))
    inputs = {"images": images, "codes": codes} | ({} if model.classes is None else {"classes": labels})
    outputs = ("mean", "log_variance", "logits")

    def call(images: "Tensor", codes: "Tensor", classes: "Tensor | None" = None) -> "list[Tensor]":
        return [*model.encode(images, classes), model.decode(codes, classes)]

    known = {} if model.classes is None else {"classes": "int64 (batch): of both the images and the codes"}
    return Graph(
        model, call, inputs, outputs, {name: {0: BATCH} for name in [*inputs, *outputs]},
        {
            "images": f"{PIXELS}: 0 to 1",
            "codes": f"float32 (batch, {settings.latent_size}): what is drawn; normal random numbers make new images",
            **known,
            "mean": "of q(z|x), the code of each image",
            "log_variance": "of q(z|x)",
            "logits": f"{PIXELS}: of the pixels drawn from `codes`; sigmoid makes greys of them",
        },
    )  # fmt: skip


def generator_graph(run: CodedRun, epoch: Epoch | None) -> Graph:
    """A GAN's generator.

    Raises:
        RunError: that epoch was not kept.
    """
    from genmodels.sampling.images import draw_prior

    loaded = run.load(run.epoch_checkpoint(epoch), cpu())
    size = loaded.settings.latent_size
    generator = loaded.model.generator
    return Graph(
        generator, lambda codes: [generator(codes)], {"codes": draw_prior(RECORDED, size, 1, "recorded codes")},
        ["logits"], {name: {0: BATCH} for name in ("codes", "logits")},
        {
            "codes": f"float32 (batch, {size}): normal random numbers",
            "logits": f"{PIXELS}: of the pixels; sigmoid makes greys of them",
        },
    )  # fmt: skip


def pixel_graph(run: ImageRun, epoch: Epoch | None) -> Graph:
    """A pixel model of upright images: the logits of all pixels given those before each.

    Raises:
        RunError: that epoch was not kept.
    """
    from genmodels.models.pixel_model import to_levels, to_values

    held = _held(run, epoch)
    model = held.loaded.model
    values = to_values(to_levels(_images(held, model.shape), model.levels), model.levels)
    kind = "one a pixel, of a bright one" if model.outputs == 1 else f"{model.outputs} a pixel, one of each level"
    return Graph(
        model, lambda values: [model(values)], {"values": values}, ["logits"],
        {name: {0: BATCH} for name in ("values", "logits")},
        {
            "values": f"{PIXELS}: {model.levels} levels from -1 to 1",
            "logits": f"float32 (batch, {model.outputs}, rows, columns): {kind}, given those before it",
        },
    )  # fmt: skip


def _held(run: ImageRun, epoch: Epoch | None) -> Shown:
    """An epoch, or the best one, with its test images; that they are gone is no matter here."""
    return shown(replace(run, teller=UNTOLD), epoch)


def _images(held: Shown, shape: tuple[int, int]) -> "Tensor":
    """Test images, again and again where they are few; noise where they are gone."""
    import torch

    found = held.some(RECORDED)
    if found is None:
        return torch.rand(RECORDED, *shape, generator=torch.Generator().manual_seed(1))
    return torch.from_numpy(found)[[row % len(found) for row in range(RECORDED)]]
