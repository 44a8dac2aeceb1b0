"""What every family does before its loop: the device, recorded settings, a fresh network and its optimiser."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import torch
from torch import nn

from genmodels.device import Choice, check_precision, choose_device, set_threads
from genmodels.errors import RunError, UsageError
from genmodels.processes import own_device
from genmodels.randomness import derive_seed
from genmodels.settings import TrainingSettings
from genmodels.telling import Notice
from genmodels.training.adamw import adamw
from genmodels.training.muon import Muon, check_muon
from genmodels.training.schedule_free import ScheduleFree
from genmodels.training.update import MakeOptimizer, Updater

Kind = TypeVar("Kind", bound=TrainingSettings)
Network = TypeVar("Network", bound=nn.Module)


def ready(settings: TrainingSettings) -> Choice:
    """Choose the device, check that it can compute in the precision, and fix the number of CPU threads.

    Raises:
        UsageError: no device has that name, the precision works on CUDA only, or PyTorch lacks the optimiser.
        ResourceError: the device is missing.
    """
    choice = choose_device(settings.device)
    check_precision(settings.precision, choice.device)
    if settings.optimizer == "muon":
        check_muon()
    set_threads(settings.threads)
    return replace(choice, device=own_device(choice.device, str(settings.device)))


def recorded_settings(kind: type[Kind], document: Mapping[str, Any]) -> Kind:
    """The settings in a run.json.

    Raises:
        RunError: they are damaged.
    """
    try:
        return kind.from_mapping({name: entry["value"] for name, entry in document["settings"].items()})
    except (AttributeError, KeyError, TypeError, UsageError) as error:
        raise RunError(f"run.json holds no valid settings: {error}", "restore it from a copy.") from error


def resumed_settings(kind: type[Kind], document: Mapping[str, Any], device: str | None, notice: Notice) -> Kind:
    """The settings with which a run goes on: those in its run.json, but on the device asked for.

    Args:
        kind: the family's settings class.
        document: the content of run.json.
        device: go on there instead of on the recorded one; then not bit for bit.
        notice: is told if that is another one.

    Raises:
        RunError: run.json is damaged.
    """
    settings = recorded_settings(kind, document)
    if device is None or device == settings.device:
        return settings
    return on_device(settings, device, notice)


def on_device(settings: Kind, device: str, notice: Notice) -> Kind:
    """The settings of a run that goes on elsewhere; half precision, which only CUDA has, is given up off it."""
    notice(f"goes on with --device {device} instead of {settings.device}: the same course, but not bit for bit")
    if settings.precision != "fp32" and choose_device(device).device.type != "cuda":
        notice(f"--precision {settings.precision} works on CUDA only: goes on in fp32")
        settings = replace(settings, precision="fp32")
    return replace(settings, device=device)


def fresh_network(build: Callable[[], Network], seed: int, device: torch.device) -> Network:
    """A new network, the same on every device: initialised on the CPU from the seed's own stream."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(derive_seed(seed, "initialisation", 0))  # the CPU's alone
        network = build()
    return network.to(device)


OPTIMIZERS: Mapping[str, Callable[[TrainingSettings], MakeOptimizer]] = {
    "adamw": lambda _: adamw,
    "muon": lambda settings: partial(Muon, momentum=settings.momentum),
    "schedule-free": lambda _: ScheduleFree,
}


def updater_of(model: nn.Module, settings: TrainingSettings, scaled: bool, times: float = 1.0) -> Updater:
    """The optimiser that the settings describe.

    Args:
        model: a model or a part of one.
        settings: which optimiser, its learning rate, decay, clipping and means of the gradients.
        scaled: whether gradients are in fp16, so that the loss must be scaled.
        times: so many times the settings' learning rate.
    """
    s, make = settings, OPTIMIZERS[settings.optimizer](settings)
    return Updater(model, times * s.learning_rate, s.weight_decay, s.gradient_clip, (s.beta1, s.beta2), scaled, make)
