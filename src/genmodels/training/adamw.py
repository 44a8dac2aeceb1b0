"""AdamW, which a device skips by itself; and which weights every optimiser decays."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

Rate = float | Tensor
"""A learning rate: a tensor where updates are recorded, as a number would be recorded with them."""


def adamw(network: nn.Module, rate: Rate, weight_decay: float, betas: tuple[float, float]) -> Optimizer:
    """AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101): the kernel that reads `found_inf` and skips an update.

    Args:
        network: whose parameters are updated.
        rate: learning rate.
        weight_decay: of the matrices.
        betas: decay of the running means of gradients and of squared gradients.
    """
    return adamw_of(network.parameters(), rate, weight_decay, betas)


def adamw_of(
    parameters: Iterable[Tensor], rate: Rate, weight_decay: float, betas: tuple[float, float]
) -> torch.optim.AdamW:
    """The same for some of a network's parameters."""
    groups = decayed_apart(parameters, weight_decay)
    return torch.optim.AdamW(groups, lr=rate, betas=betas, fused=True, capturable=isinstance(rate, Tensor))


def decayed_apart(parameters: Iterable[Tensor], weight_decay: float) -> list[dict[str, Any]]:
    """Matrices, which are decayed, and vectors, which are not, as groups of an optimiser."""
    found = list(parameters)
    return [
        {"params": [p for p in found if p.dim() > 1], "weight_decay": weight_decay},
        {"params": [p for p in found if p.dim() <= 1], "weight_decay": 0.0},
    ]
