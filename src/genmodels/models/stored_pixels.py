"""Pixel models from settings, and out of a checkpoint."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from genmodels.checkpoint import read_checkpoint
from genmodels.device import memory_errors
from genmodels.errors import RunError, UsageError
from genmodels.models.pixel_cnn import GatedPixelCNN
from genmodels.models.pixel_model import PixelModel, Shape
from genmodels.models.pixel_rnn import DiagonalBiLSTM, PixelRNN, RowLSTM
from genmodels.models.weights import load_weights, to_tensors
from genmodels.settings import PixelSettings

MODELS: dict[str, Callable[[int, Shape, int, int, int], PixelModel]] = {
    "pixelcnn": GatedPixelCNN,
    "row-lstm": lambda levels, shape, size, layers, turns: PixelRNN(levels, shape, size, layers, RowLSTM, turns),
    "diagonal-bilstm": lambda levels, shape, size, layers, turns: PixelRNN(
        levels, shape, size, layers, DiagonalBiLSTM, turns
    ),
}


def build_pixel_model(settings: PixelSettings, shape: Shape) -> PixelModel:
    """The network that the settings describe, freshly initialised from torch's default generator."""
    s = settings
    assert s.layers is not None
    return MODELS[s.model](int(s.levels), shape, s.channels, s.layers, s.orientations)


@dataclass(frozen=True)
class LoadedPixels:
    """An epoch's model with all that is needed to use it."""

    model: PixelModel
    settings: PixelSettings
    state: dict[str, Any]


def load_pixels(checkpoint: Path, device: torch.device) -> LoadedPixels:
    """The network of an epoch's checkpoint, on a device, in evaluation mode.

    Raises:
        RunError: damaged, or of another family.
    """
    read = read_checkpoint(checkpoint)
    try:
        settings = PixelSettings.from_mapping(read.state["settings"])
        rows, columns = (int(n) for n in read.state["shape"])
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise RunError(f"{checkpoint} does not describe its model: {error}", "restore it from a copy.") from error
    with memory_errors(device, f"--channels {settings.channels}"):
        model = build_pixel_model(settings, (rows, columns))
        load_weights(model, to_tensors(read.tensors["model"]))
        return LoadedPixels(model.to(device).eval(), settings, read.state)
