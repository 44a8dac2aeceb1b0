"""The families of models: which settings each takes and where its task is.

Tasks are named by a string, so that reading this table imports nothing heavy.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from genmodels.errors import RunError
from genmodels.settings import Settings
from genmodels.settings.gan import GanSettings
from genmodels.settings.pixelrnn import PixelSettings
from genmodels.settings.reader import ReaderSettings
from genmodels.settings.text import TextSettings
from genmodels.settings.vae import VaeSettings


@dataclass(frozen=True)
class Family:
    """One row of the table.

    Args:
        settings: the settings class of the family.
        restore: "module:function" that rebuilds a task from a run directory.
        train_command: what a user types to train one.
        sample_command: what a user types next.
        loss: the metric of a step that progress shows.
        unit: what is counted for the throughput: "chars", "images" or "strips".
        score: the metric by which the best epoch is chosen.
        best: min or max, whichever picks the better of some scores.
    """

    settings: type[Settings]
    restore: str
    train_command: str
    sample_command: str
    loss: str
    unit: str
    score: str
    best: Callable[[Iterable[float]], float]


FAMILIES: dict[str, Family] = {
    "text": Family(
        settings=TextSettings,
        restore="genmodels.training.language_model:restore_task",
        train_command="train-text",
        sample_command="sample-text",
        loss="nll",
        unit="chars",
        score="nll",
        best=min,
    ),
    "vae": Family(
        settings=VaeSettings,
        restore="genmodels.training.vae:restore_task",
        train_command="train-vae",
        sample_command="sample-images",
        loss="elbo",
        unit="images",
        score="elbo",
        best=max,
    ),
    "pixelrnn": Family(
        settings=PixelSettings,
        restore="genmodels.training.pixels:restore_task",
        train_command="train-pixelrnn",
        sample_command="sample-images",
        loss="nll",
        unit="images",
        score="nll",
        best=min,
    ),
    "gan": Family(
        settings=GanSettings,
        restore="genmodels.training.gan:restore_task",
        train_command="train-gan",
        sample_command="sample-images",
        loss="discriminator_loss",
        unit="images",
        score="frechet_distance",
        best=min,
    ),
    "reader": Family(
        settings=ReaderSettings,
        restore="genmodels.training.reader:restore_task",
        train_command="train-reader",
        sample_command="read-image",
        loss="nll",
        unit="strips",
        score="nll",
        best=min,
    ),
}


def family_of(name: str) -> Family:
    """Look a family up.

    Raises:
        RunError: no such family in this version.
    """
    if name not in FAMILIES:
        raise RunError(
            f"this version knows no model family {name!r}",
            f"it knows: {', '.join(FAMILIES)}; update genmodels.",
        )
    return FAMILIES[name]


def load(reference: str) -> Callable[..., Any]:
    """Import the object that a row names as "module:name"."""
    module, _, name = reference.partition(":")
    loaded: Callable[..., Any] = getattr(import_module(module), name)
    return loaded
