"""The running average of a model's weights."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class WeightAverage:
    """A running average of a model's weights (Polyak and Juditsky 1992), which is evaluated in their place.

    Statistics that the model keeps beside its weights, such as those of batch normalisation, are averaged with them.

    After step t: average = d average + (1 - d) weights, with d = min(decay, (1 + t) / (10 + t)), so that it does not
    hang on to the first weights. With decay 0 it is the weights themselves, and costs nothing.

    Args:
        model: whose parameters are averaged.
        decay: between 0 and 1.
        others: gives averages that somebody else keeps, by name, which are evaluated in place of these.
    """

    def __init__(self, model: nn.Module, decay: float, others: Callable[[], Mapping[str, Tensor]] = dict) -> None:
        self.decay, self._others = decay, others
        statistics = {name: buffer for name, buffer in model.named_buffers() if buffer.is_floating_point()}
        self._current: dict[str, Tensor] = {**dict(model.named_parameters()), **statistics}
        self._own: dict[str, Tensor] = {}
        self.restart()

    @property
    def weights(self) -> dict[str, Tensor]:
        """What is evaluated and kept."""
        return {**self._own, **self._others()}

    def restart(self) -> None:
        """Begin with the weights as they are now."""
        live = {name: parameter.detach() for name, parameter in self._current.items()}
        self._own = live if self.decay == 0 else {name: tensor.clone() for name, tensor in live.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take the weights after one more step into account."""
        if self.decay == 0:
            return
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, average in self._own.items():
            average.lerp_(self._current[name], 1.0 - decay)

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Within the block the model computes with the averages."""
        if self.decay == 0 and not self._others():
            yield
            return
        trained = {name: parameter.detach().clone() for name, parameter in self._current.items()}
        try:
            self._put(self.weights)
            yield
        finally:
            self._put(trained)

    @torch.no_grad()
    def _put(self, weights: Mapping[str, Tensor]) -> None:
        for name, parameter in self._current.items():
            parameter.copy_(weights[name])

    def state(self) -> dict[str, Tensor]:
        """The averages that are kept here, where they differ from the weights."""
        return {} if self.decay == 0 else dict(self._own)

    @torch.no_grad()
    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take back what `state` gave."""
        for name, tensor in state.items():
            self._own[name].copy_(tensor)
