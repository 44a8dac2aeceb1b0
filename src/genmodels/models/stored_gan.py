"""A generator out of a checkpoint."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from genmodels.checkpoint import read_checkpoint
from genmodels.device import memory_errors
from genmodels.errors import RunError, UsageError
from genmodels.models.gan import GAN
from genmodels.models.weights import load_weights, to_tensors
from genmodels.settings import GanSettings


@dataclass(frozen=True)
class LoadedGan:
    """An epoch's generator with all that is needed to use it; its discriminator is a fresh one, of no use."""

    model: GAN
    settings: GanSettings
    state: dict[str, Any]


def load_gan(checkpoint: Path, device: torch.device) -> LoadedGan:
    """The generator of an epoch's checkpoint, on a device, in evaluation mode.

    Raises:
        RunError: damaged, or of another family.
    """
    read = read_checkpoint(checkpoint)
    try:
        settings = GanSettings.from_mapping(read.state["settings"])
        rows, columns = (int(n) for n in read.state["shape"])
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise RunError(f"{checkpoint} does not describe its model: {error}", "restore it from a copy.") from error
    with memory_errors(device, f"--channels {settings.channels}"):
        model = GAN(settings, (rows, columns))
        load_weights(model.generator, to_tensors(read.tensors["model"]))
        return LoadedGan(model.to(device).eval(), settings, read.state)
