"""Image models and readers out of checkpoints."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import nn

from genmodels.data.text.vocabulary import Vocabulary
from genmodels.device import memory_errors
from genmodels.errors import RunError, UsageError
from genmodels.models.build_pixels import build_pixel_model
from genmodels.models.build_text import build_language_model
from genmodels.models.described import describe
from genmodels.models.gan import GAN
from genmodels.models.language_model import LanguageModel
from genmodels.models.pixel_model import PixelModel
from genmodels.models.reader import Reader, build_reader
from genmodels.models.vae import VAE
from genmodels.models.weights import load_weights, to_tensors
from genmodels.runs.checkpoint import read_checkpoint
from genmodels.settings import Settings
from genmodels.settings.gan import GanSettings
from genmodels.settings.pixelrnn import PixelSettings
from genmodels.settings.reader import ReaderSettings
from genmodels.settings.text import TextSettings
from genmodels.settings.vae import VaeSettings


@dataclass(frozen=True)
class LoadedModel:
    """An epoch's model with all that is needed to use it."""

    model: LanguageModel
    vocabulary: Vocabulary
    settings: TextSettings
    state: dict[str, Any]


def load_model(checkpoint: Path, device: torch.device) -> LoadedModel:
    """The network of an epoch's checkpoint, on a device, in evaluation mode.

    Raises:
        RunError: damaged, or of another family.
    """
    read = read_checkpoint(checkpoint)
    settings, vocabulary = describe(read)
    with memory_errors(device, settings.sizes):
        model = build_language_model(settings, len(vocabulary))
        load_weights(model, to_tensors(read.tensors["model"]))
        return LoadedModel(model.to(device).eval(), vocabulary, settings, read.state)


Model = TypeVar("Model", bound=nn.Module)
Kind = TypeVar("Kind", bound=Settings)
Shape = tuple[int, int]
Classes = tuple[str, ...] | None


@dataclass(frozen=True)
class Loaded(Generic[Model, Kind]):
    """An epoch's model with all that is needed to use it.

    Args:
        model: on its device, in evaluation mode.
        settings: it was trained with.
        classes: names of its images' classes, or None.
        state: everything else that the checkpoint tells.
    """

    model: Model
    settings: Kind
    classes: Classes
    state: dict[str, Any]


LoadedVae = Loaded[VAE, VaeSettings]
LoadedPixels = Loaded[PixelModel, PixelSettings]
LoadedGan = Loaded[GAN, GanSettings]
LoadedReader = Loaded[Reader, ReaderSettings]


def load_vae(checkpoint: Path, device: torch.device) -> LoadedVae:
    """A VAE; see `_load`."""

    def build(settings: VaeSettings, shape: Shape, classes: Classes) -> VAE:
        return VAE.from_settings(settings, shape, None if classes is None else len(classes))

    return _load(checkpoint, device, VaeSettings, build)


def load_pixels(checkpoint: Path, device: torch.device) -> LoadedPixels:
    """A pixel model; see `_load`."""
    return _load(checkpoint, device, PixelSettings, lambda settings, shape, _: build_pixel_model(settings, shape))


def load_gan(checkpoint: Path, device: torch.device) -> LoadedGan:
    """A GAN whose discriminator is a fresh one, of no use: epochs keep the generator. See `_load`."""
    return _load(checkpoint, device, GanSettings, lambda settings, shape, _: GAN(settings, shape), part="generator")


def load_reader(checkpoint: Path, device: torch.device) -> LoadedReader:
    """A reader; see `_load`."""

    def build(settings: ReaderSettings, shape: Shape, classes: Classes) -> Reader:
        del shape  # strips have their own
        return build_reader(settings, len(classes or ()))

    return _load(checkpoint, device, ReaderSettings, build)


def _load(
    checkpoint: Path,
    device: torch.device,
    kind: type[Kind],
    build: Callable[[Kind, Shape, Classes], Model],
    part: str = "",
) -> Loaded[Model, Kind]:
    """The model of an epoch's checkpoint, on a device, in evaluation mode.

    Args:
        checkpoint: of an epoch.
        device: where the model is wanted.
        kind: of its settings.
        build: settings, shape of the images and names of the classes -> a fresh model.
        part: the submodule that the checkpoint holds, where not all.

    Raises:
        RunError: damaged, or of another family.
        ResourceError: out of memory.
    """
    read = read_checkpoint(checkpoint)
    try:
        settings = kind.from_mapping(read.state["settings"])
        rows, columns = (int(n) for n in read.state["shape"])
        names = read.state["classes"]
        classes = None if names is None else tuple(str(name) for name in names)
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise RunError(f"{checkpoint} does not describe its model: {error}", "restore it from a copy.") from error
    with memory_errors(device, f"the model in {checkpoint}"):
        model = build(settings, (rows, columns), classes)
        load_weights(model.get_submodule(part), to_tensors(read.tensors["model"]))
        return Loaded(model.to(device).eval(), settings, classes, read.state)
