"""What every family does before and after its loop: recorded settings, the plan, fresh and stored weights."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import torch
from torch import nn

from genmodels.device import choose_device
from genmodels.errors import RunError, UsageError
from genmodels.randomness import derive_seed
from genmodels.settings import TrainingSettings

Kind = TypeVar("Kind", bound=TrainingSettings)
Network = TypeVar("Network", bound=nn.Module)


def recorded_settings(kind: type[Kind], document: Mapping[str, Any]) -> Kind:
    """The settings in a run.json.

    Raises:
        RunError: they are damaged.
    """
    try:
        return kind.from_mapping({name: entry["value"] for name, entry in document["settings"].items()})
    except (AttributeError, KeyError, TypeError, UsageError) as error:
        raise RunError(f"run.json holds no valid settings: {error}", "restore it from a copy.") from error


def on_device(settings: Kind, device: str, notice: Callable[[str], None]) -> Kind:
    """The settings of a run that goes on elsewhere; half precision, which only CUDA has, is given up off it."""
    notice(f"goes on with --device {device} instead of {settings.device}: the same course, but not bit for bit")
    if settings.precision != "fp32" and choose_device(device).device.type != "cuda":
        notice(f"--precision {settings.precision} works on CUDA only: goes on in fp32")
        settings = replace(settings, precision="fp32")
    return replace(settings, device=device)


def fresh_network(build: Callable[[], Network], seed: int, device: torch.device) -> Network:
    """A new network, the same on every device: initialised on the CPU from the seed's own stream."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(seed, "initialisation", 0))
        network = build()
    return network.to(device)
