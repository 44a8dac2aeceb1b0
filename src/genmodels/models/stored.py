"""Models out of checkpoints: of an epoch, with all that is needed to use them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from genmodels.data.images.ink import LIGHT, on_paper
from genmodels.data.text.vocabulary import Vocabulary
from genmodels.device import memory_errors
from genmodels.errors import RunError, UsageError
from genmodels.models.build_text import build_language_model
from genmodels.models.described import describe
from genmodels.models.image_layers import Shape
from genmodels.models.language_model import LanguageModel
from genmodels.models.weights import load_weights, to_tensors, unfilled
from genmodels.runs.checkpoint import read_checkpoint
from genmodels.runs.run_dir import epoch_of
from genmodels.settings import Settings
from genmodels.settings.text import TextSettings

Model = TypeVar("Model", bound=nn.Module)
Kind = TypeVar("Kind", bound=Settings)
Classes = tuple[str, ...] | None


@dataclass(frozen=True)
class Loaded(Generic[Model, Kind]):
    """An epoch's model of images or strips.

    Args:
        model: on its device, in evaluation mode.
        settings: it was trained with.
        classes: names of its images' classes, or None.
        state: everything else that the checkpoint tells.
        epoch: whose weights they are; of a part of one no whole number.
    """

    model: Model
    settings: Kind
    classes: Classes
    state: dict[str, Any]
    epoch: float

    @property
    def data(self) -> str:
        """What its image set is called."""
        return str(self.state["data"])

    @property
    def ink(self) -> str:
        """What the pictures of its image set are drawn with; see `genmodels.data.images.ink`."""
        return str(self.state.get("ink", LIGHT))

    def on_paper(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Images of the model's as figures draw them, 1 as black."""
        return on_paper(images, self.ink)


@dataclass(frozen=True)
class LoadedText:
    """An epoch's language model.

    Args:
        model: on its device, in evaluation mode.
        vocabulary: what ids mean.
        settings: it was trained with.
        state: everything else that the checkpoint tells.
        epoch: whose weights they are; of a part of one no whole number.
    """

    model: LanguageModel
    vocabulary: Vocabulary
    settings: TextSettings
    state: dict[str, Any]
    epoch: float


def load_text(checkpoint: Path, device: torch.device) -> LoadedText:
    """The language model of an epoch's checkpoint, on a device, in evaluation mode.

    Raises:
        RunError: damaged, or of another family.
        ResourceError: out of memory.
    """
    read = read_checkpoint(checkpoint)
    settings, vocabulary = describe(read)
    with memory_errors(device, settings.sizes):
        model = unfilled(lambda: build_language_model(settings, len(vocabulary)))
        load_weights(model, to_tensors(read.tensors["model"]))
        return LoadedText(model.to(device).eval(), vocabulary, settings, read.state, epoch_of(checkpoint, read.state))


def load(
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
        model = unfilled(lambda: build(settings, (rows, columns), classes))
        load_weights(model.get_submodule(part), to_tensors(read.tensors["model"]))
        return Loaded(model.to(device).eval(), settings, classes, read.state, epoch_of(checkpoint, read.state))
