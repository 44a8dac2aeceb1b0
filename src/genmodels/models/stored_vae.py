"""A VAE out of a checkpoint."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from genmodels.checkpoint import read_checkpoint
from genmodels.device import memory_errors
from genmodels.errors import RunError, UsageError
from genmodels.models.vae import VAE
from genmodels.models.weights import load_weights, to_tensors
from genmodels.settings import VaeSettings


@dataclass(frozen=True)
class LoadedVae:
    """An epoch's model with all that is needed to use it."""

    model: VAE
    settings: VaeSettings
    classes: tuple[str, ...] | None
    state: dict[str, Any]


def load_vae(checkpoint: Path, device: torch.device) -> LoadedVae:
    """The network of an epoch's checkpoint, on a device, in evaluation mode.

    Raises:
        RunError: damaged, or of another family.
    """
    read = read_checkpoint(checkpoint)
    try:
        settings = VaeSettings.from_mapping(read.state["settings"])
        rows, columns = (int(n) for n in read.state["shape"])
        names = read.state["classes"]
        classes = None if names is None else tuple(str(name) for name in names)
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise RunError(f"{checkpoint} does not describe its model: {error}", "restore it from a copy.") from error
    with memory_errors(device, f"--hidden-size {settings.hidden_size}"):
        model = VAE.from_settings(settings, (rows, columns), None if classes is None else len(classes))
        load_weights(model, to_tensors(read.tensors["model"]))
        return LoadedVae(model.to(device).eval(), settings, classes, read.state)
