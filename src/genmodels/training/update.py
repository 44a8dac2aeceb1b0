"""One guarded optimiser update, shared by every family."""

from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from genmodels.device import can_record
from genmodels.training.adamw import Rate, adamw
from genmodels.training.schedule_free import ScheduleFree

MOST_OVERFLOWS = 40  # fp16 gradients in a row: by then their scale, 65,536 at first, is halved to the smallest number
MakeOptimizer = Callable[[nn.Module, Rate, float, tuple[float, float]], Optimizer]
"""Network, learning rate, weight decay of its matrices, betas -> an optimiser that skips where `found_inf` is 1."""


class Updater:
    """An optimiser with clipping and a guard against non-finite numbers.

    Whether the loss and the gradient are finite is decided on the device: the optimiser then skips the
    update there, so no step waits for the device and no bad gradient ever reaches a weight.

    Args:
        model: whose parameters are updated; biases are not decayed.
        learning_rate: peak rate.
        weight_decay: of the matrices.
        gradient_clip: largest norm of the whole gradient, or None.
        betas: decay of the running means of gradients and of squared gradients.
        half: fp16 gradients: scale the loss, and let the scaler skip steps that overflow.
        make: the optimiser.
    """

    def __init__(
        self,
        model: nn.Module,
        learning_rate: float,
        weight_decay: float,
        gradient_clip: float | None,
        betas: tuple[float, float] = (0.9, 0.99),
        half: bool = False,
        make: MakeOptimizer = adamw,
    ) -> None:
        self.model = model
        self.engine: nn.Module | None = None
        """What averages its gradients over several processes; whoever shares updates out makes it."""
        self._named = dict(model.named_parameters())
        self._parameters = list(self._named.values())
        device = self._parameters[0].device
        rate = torch.tensor(learning_rate, device=device) if can_record(device) else learning_rate
        self.optimizer = make(model, rate, weight_decay, betas)
        self.scaler = torch.amp.GradScaler(device.type, enabled=half)
        self._overflows = torch.zeros((), device=device)
        """Gradients in a row that overflowed, counted where they are, so that no step waits for it."""
        self.learning_rate, self.gradient_clip = learning_rate, gradient_clip

    def set_rate(self, rate: float) -> None:
        """Scale the learning rate, from here on."""
        for group in self.optimizer.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(self.learning_rate * rate)
            else:
                group["lr"] = self.learning_rate * rate

    def update(self, loss: Tensor, rate: float | None = None) -> tuple[Tensor, Tensor]:
        """Back-propagate and update.

        Args:
            loss: scalar.
            rate: scales the learning rate; None: as `set_rate` said.

        Returns:
            Two scalars on the device: whether everything was finite, and the gradient's norm before clipping.
        """
        if rate is not None:
            self.set_rate(rate)
        self.begin()
        self.backward(loss)
        return self.apply(loss.detach())

    def begin(self) -> None:
        """No gradient yet."""
        self.optimizer.zero_grad(set_to_none=True)

    def backward(self, loss: Tensor, keep: bool = False) -> None:
        """Add the gradient of a scalar; `keep` its graph where another loss has parts of it."""
        self.scaler.scale(loss).backward(retain_graph=keep)  # type: ignore[no-untyped-call]

    def apply(self, loss: Tensor) -> tuple[Tensor, Tensor]:
        """Update by the gradient that was added up, of that loss; returns what `update` does."""
        if self.scaler.is_enabled():
            return self._scaled_update(loss)
        norm = self._clipped_norm()
        finite = torch.isfinite(norm) & torch.isfinite(loss)
        self.optimizer.found_inf = (~finite).to(torch.float32)  # type: ignore[attr-defined]  # read by every optimiser
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
        """With fp16 a gradient may overflow now and then: the scaler skips that step and lowers its scale.

        One that overflows whatever its scale is not finite: then nothing is learned, and training is told so.
        """
        self.scaler.unscale_(self.optimizer)
        norm = self._clipped_norm()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        sound = torch.isfinite(norm)
        self._overflows.add_(1.0).mul_(~sound)
        finite = torch.isfinite(loss) & (self._overflows < MOST_OVERFLOWS)
        return finite, torch.where(sound, norm, torch.zeros_like(norm))

    def averages(self) -> dict[str, Tensor]:
        """The weights that are to be evaluated in place of those that are trained, by name; none where these are."""
        if not isinstance(self.optimizer, ScheduleFree):
            return {}
        return {name: self.optimizer.average(parameter) for name, parameter in self._named.items()}

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
