"""One guarded optimiser update, shared by every family."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Updater:
    """AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101) with clipping and a guard against non-finite numbers.

    Whether the loss and the gradient are finite is decided on the device: the fused kernel then skips the
    update by itself, so no step waits for the device and no bad gradient ever reaches a weight.

    Args:
        model: whose parameters are updated; biases are not decayed.
        learning_rate: peak rate.
        weight_decay: of the matrices.
        gradient_clip: largest norm of the whole gradient, or None.
        betas: decay of the running means of gradients and of squared gradients.
        half: fp16 gradients: scale the loss, and let the scaler skip steps that overflow.
    """

    def __init__(
        self,
        model: nn.Module,
        learning_rate: float,
        weight_decay: float,
        gradient_clip: float | None,
        betas: tuple[float, float] = (0.9, 0.99),
        half: bool = False,
    ) -> None:
        self._named = dict(model.named_parameters())
        self._parameters = list(self._named.values())
        matrices = [p for p in self._parameters if p.dim() > 1]
        vectors = [p for p in self._parameters if p.dim() <= 1]
        groups = [
            {"params": matrices, "weight_decay": weight_decay},
            {"params": vectors, "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=learning_rate, betas=betas, fused=True)
        self.scaler = torch.amp.GradScaler(self._parameters[0].device.type, enabled=half)
        self.learning_rate, self.gradient_clip = learning_rate, gradient_clip

    def update(self, loss: Tensor, rate: float) -> tuple[Tensor, Tensor]:
        """Back-propagate and update.

        Args:
            loss: scalar.
            rate: scales the learning rate.

        Returns:
            Two scalars on the device: whether everything was finite, and the gradient's norm before clipping.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate * rate
        self.optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        if self.scaler.is_enabled():
            return self._scaled_update(loss.detach())
        norm = self._clipped_norm()
        finite = torch.isfinite(norm) & torch.isfinite(loss.detach())
        self.optimizer.found_inf = (~finite).float()  # type: ignore[attr-defined]  # read by the fused kernel
        self.optimizer.step()
        return finite, norm

    def _clipped_norm(self) -> Tensor:
        """The gradient's norm as it was; afterwards it is at most `gradient_clip`."""
        gradients = [p.grad for p in self._parameters if p.grad is not None]
        norm = nn.utils.get_total_norm(gradients)
        if self.gradient_clip is not None:
            nn.utils.clip_grads_with_norm_(self._parameters, self.gradient_clip, norm)
        return norm

    def _scaled_update(self, loss: Tensor) -> tuple[Tensor, Tensor]:
        """With fp16 a gradient may overflow now and then: the scaler skips that step and lowers its scale."""
        self.scaler.unscale_(self.optimizer)
        norm = self._clipped_norm()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return torch.isfinite(loss), torch.where(torch.isfinite(norm), norm, torch.zeros_like(norm))

    def state(self) -> dict[str, Tensor]:
        """Moments and step counts by parameter name, e.g. "readout.weight/exp_avg"."""
        return {
            f"{name}/{key}": value
            for name, parameter in self._named.items()
            for key, value in self.optimizer.state.get(parameter, {}).items()
        }

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take back what `state` gave; an empty state is that before the first step."""
        self.optimizer.state.clear()
        for name, parameter in self._named.items():
            entries = dict(_entries_of(name, state))
            if entries:
                self.optimizer.state[parameter] = {k: _like(parameter, v) for k, v in entries.items()}


def _like(parameter: Tensor, value: Tensor) -> Tensor:
    """A moment on the parameter's device and in its order in memory, which the fused kernel takes for granted."""
    return torch.empty_like(parameter).copy_(value) if value.shape == parameter.shape else value.to(parameter.device)


def _entries_of(name: str, state: Mapping[str, Tensor]) -> Iterable[tuple[str, Tensor]]:
    return ((key.removeprefix(f"{name}/"), value) for key, value in state.items() if key.startswith(f"{name}/"))


class WeightAverage:
    """A running average of a model's weights (Polyak and Juditsky 1992), which is evaluated in their place.

    Statistics that the model keeps beside its weights, such as those of batch normalisation, are averaged with them.

    After step t: average = d average + (1 - d) weights, with d = min(decay, (1 + t) / (10 + t)), so that it does not
    hang on to the first weights. With decay 0 it is the weights themselves, and costs nothing.

    Args:
        model: whose parameters are averaged.
        decay: between 0 and 1.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        statistics = {name: buffer for name, buffer in model.named_buffers() if buffer.is_floating_point()}
        self._current: dict[str, Tensor] = {**dict(model.named_parameters()), **statistics}
        self.weights: dict[str, Tensor] = {}
        self.restart()

    def restart(self) -> None:
        """Begin with the weights as they are now."""
        live = {name: parameter.detach() for name, parameter in self._current.items()}
        self.weights = live if self.decay == 0 else {name: tensor.clone() for name, tensor in live.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take the weights after one more step into account."""
        if self.decay == 0:
            return
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, average in self.weights.items():
            average.lerp_(self._current[name], 1.0 - decay)

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Within the block the model computes with the averages."""
        if self.decay == 0:
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
        """The averages, where they differ from the weights."""
        return {} if self.decay == 0 else dict(self.weights)

    @torch.no_grad()
    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take back what `state` gave."""
        for name, tensor in state.items():
            self.weights[name].copy_(tensor)
