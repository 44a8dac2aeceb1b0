"""Schedule-free AdamW: an average of all weights in place of a learning rate that falls."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from genmodels.training.adamw import Rate, decayed_apart

EPSILON = 1e-8
SMALLEST = 1e-30  # of a sum of squared rates; below it nothing was averaged yet


class ScheduleFree(Optimizer):
    """Schedule-free AdamW (Defazio et al. 2024, arXiv 2405.15682, algorithm 1).

    Gradients g are taken at y, z goes down, x is what came of it: its average, weighted by squared rates.

        v = b2 v + (1 - b2) g^2,              r = rate sqrt(1 - b2^t)
        z = z - r (g / (sqrt(v) + e) + decay y)
        x = (1 - c) x + c z,                  c = r^2 / sum r^2
        y = (1 - b1) z + b1 x

    A network that is trained has the weights y; x is what is to be evaluated and kept. The rate is that after the
    warm-up, which does not fall. Unlike the paper's own program, which finds x anew from y and z, x is held, so that b1
    may be 0, as of the players of a game.

    Args:
        network: whose parameters are updated.
        rate: learning rate.
        weight_decay: of the matrices.
        betas: b1 and b2.
    """

    _step_supports_amp_scaling = True  # `found_inf` is read, as AdamW's kernel does
    found_inf: Tensor

    def __init__(self, network: nn.Module, rate: Rate, weight_decay: float, betas: tuple[float, float]) -> None:
        super().__init__(decayed_apart(network.parameters(), weight_decay), {"lr": rate, "betas": betas})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """One update; where `found_inf` is above 0 one of size 0, which changes nothing."""
        del closure
        finite = self.found_inf == 0
        for group in self.param_groups:
            for y in group["params"]:
                if y.grad is not None:
                    self._move(y, torch.where(finite, y.grad, 0.0), finite.to(y.dtype), group)

    def _move(self, y: Tensor, gradient: Tensor, taken: Tensor, group: dict[str, Any]) -> None:
        """One parameter's update; `taken` is 1, or 0 for none."""
        (b1, b2), state = group["betas"], self._state_of(y)
        z, x, v, step, squares = (state[name] for name in ("z", "x", "v", "step", "squares"))
        step.add_(taken)
        rate = taken * group["lr"] * (1.0 - b2**step).sqrt()
        v.lerp_(gradient.square(), (1.0 - b2) * taken)
        z.sub_(rate * (gradient / (v.sqrt() + EPSILON) + group["weight_decay"] * y))
        squares.add_(rate.square())
        x.lerp_(z, rate.square() / squares.clamp(min=SMALLEST))
        y.copy_(torch.lerp(z, x, b1))

    def _state_of(self, y: Tensor) -> dict[str, Tensor]:
        """Before the first update all three are one."""
        state: dict[str, Tensor] = self.state[y]
        if not state:
            state |= {"z": y.clone(), "x": y.clone(), "v": torch.zeros_like(y)}
            state |= {name: torch.zeros((), dtype=y.dtype, device=y.device) for name in ("step", "squares")}
        return state

    def average(self, parameter: Tensor) -> Tensor:
        """X of a parameter."""
        found: Tensor = self.state[parameter]["x"] if parameter in self.state else parameter.detach()
        return found
