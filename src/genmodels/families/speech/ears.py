"""An epoch's network that listens: in NumPy on a CPU, itself on another device."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from genmodels.runs.checkpoint import read_checkpoint

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from genmodels.models.described_listener import ListenerDescription
    from genmodels.models.listener import Listener

    Listening = Callable[[NDArray[np.float32]], NDArray[np.float64]]


@dataclass(frozen=True)
class Ears:
    """A network that listens and what it was trained on.

    Args:
        about: its settings, its words, its epoch.
        listen: rows of features, shape (T, F), to log-probabilities of blank and words, shape (T / 2, V + 1).
    """

    about: "ListenerDescription"
    listen: "Listening"


def open_ears(checkpoint: Path, device: str) -> Ears:
    """An epoch's network; torch is loaded only where it is asked for by its device.

    Raises:
        RunError: the checkpoint is damaged, or of another family.
        ResourceError: the device is missing.
    """
    if str(device) in {"auto", "cpu"}:
        from genmodels.models.described_listener import check_weights, describe_listener
        from genmodels.models.layers import layers_of
        from genmodels.sampling.listening import log_distributions

        read = read_checkpoint(checkpoint)
        about = describe_listener(read)
        check_weights(read, about)
        return Ears(about, partial(log_distributions, read.tensors["model"], layers_of(about.settings)))
    from genmodels.device import choose_device

    where = choose_device(device).device
    model, about = load_listener(checkpoint, where)
    return Ears(about, partial(listen_by, model, where))


def load_listener(checkpoint: Path, device: "torch.device") -> "tuple[Listener, ListenerDescription]":
    """An epoch's network on a device, in evaluation mode.

    Raises:
        RunError: the checkpoint is damaged, or of another family.
        ResourceError: out of memory.
    """
    from genmodels.device import memory_errors
    from genmodels.models.described_listener import describe_listener
    from genmodels.models.listener import build_listener
    from genmodels.models.weights import load_weights, to_tensors, unfilled

    read = read_checkpoint(checkpoint)
    about = describe_listener(read)
    with memory_errors(device, f"the model in {checkpoint}"):
        model = unfilled(lambda: build_listener(about.settings, len(about.words)))
        load_weights(model, to_tensors(read.tensors["model"]))
        return model.to(device).eval(), about


def listen_by(model: "Listener", device: "torch.device", rows: "NDArray[np.float32]") -> "NDArray[np.float64]":
    """Log-probabilities of blank and of each word, shape (T / 2, V + 1), of rows of features (T, F)."""
    import torch

    with torch.inference_mode():
        logits = model(torch.from_numpy(rows)[None].to(device))[0]
        distributions: NDArray[np.float64] = logits.float().log_softmax(dim=1).cpu().double().numpy()
    return distributions
