"""A reader out of a checkpoint."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from genmodels.checkpoint import read_checkpoint
from genmodels.device import memory_errors
from genmodels.errors import RunError, UsageError
from genmodels.models.reader import Reader, build_reader
from genmodels.models.weights import load_weights, to_tensors
from genmodels.settings import ReaderSettings


@dataclass(frozen=True)
class LoadedReader:
    """An epoch's model with all that is needed to use it."""

    model: Reader
    settings: ReaderSettings
    classes: tuple[str, ...]
    state: dict[str, Any]


def load_reader(checkpoint: Path, device: torch.device) -> LoadedReader:
    """The network of an epoch's checkpoint, on a device, in evaluation mode.

    Raises:
        RunError: damaged, or of another family.
    """
    read = read_checkpoint(checkpoint)
    try:
        settings = ReaderSettings.from_mapping(read.state["settings"])
        classes = tuple(str(name) for name in read.state["classes"])
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise RunError(f"{checkpoint} does not describe its model: {error}", "restore it from a copy.") from error
    with memory_errors(device, f"--channels {settings.channels}"):
        model = build_reader(settings, len(classes))
        load_weights(model, to_tensors(read.tensors["model"]))
        return LoadedReader(model.to(device).eval(), settings, classes, read.state)
