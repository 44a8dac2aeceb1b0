"""Muon: the step of a matrix is the nearest orthogonal one to its mean gradient."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from genmodels.errors import UsageError
from genmodels.models.matrices import Parts, inner_matrices
from genmodels.training.adamw import Rate, adamw_of

FIRST_WITH_MUON = "2.9"  # PyTorch
MOMENTUM_BUFFER = "momentum_buffer"  # as torch.optim.Muon calls it


def check_muon() -> None:
    """Refuse what the installed PyTorch lacks.

    Raises:
        UsageError: it has no Muon.
    """
    if not hasattr(torch.optim, "Muon"):
        what = f"--optimizer muon needs PyTorch {FIRST_WITH_MUON} or newer, and this is {torch.__version__}"
        raise UsageError(what, "leave it out, or install a newer PyTorch.")


class Muon(Optimizer):
    """Muon for the matrices of hidden layers (Jordan et al. 2024), AdamW for vectors, embeddings and the read-out.

    With the gradient G of a matrix W (A, B), mean gradients M and a momentum m:

        M = m M + (1 - m) G,   U = orthogonal((1 - m) G + m M),   W = W - rate (0.2 sqrt(max(A, B)) U + decay W)

    `torch.optim.Muon` computes U by five steps of Newton and Schulz in bf16, whose singular values lie near 1. The
    factor makes a step as large as AdamW's usually is (Liu et al. 2025, arXiv 2502.16982), so its rates and decays
    serve. Gates that lie in one tensor, of an LSTM say, are orthogonalised one by one, kernels of convolutions as
    matrices of a row for each of the kernel's first dimension.

    Torch's Muon moves directions that start at zero, at a rate of 1; they are added to the weights here, with the true
    rate and only where everything was finite, so that nothing waits for the device and updates can be recorded.

    Args:
        network: whose parameters are updated.
        rate: learning rate.
        weight_decay: of all matrices.
        betas: of AdamW.
        momentum: decay of the mean gradients.
    """

    _step_supports_amp_scaling = True  # `found_inf` is read, as AdamW's kernel does
    found_inf: Tensor

    def __init__(
        self, network: nn.Module, rate: Rate, weight_decay: float, betas: tuple[float, float], momentum: float
    ) -> None:
        named = dict(network.named_parameters())
        self.parts: dict[Tensor, Parts] = {named[name]: parts for name, parts in inner_matrices(network).items()}
        others = [parameter for parameter in named.values() if parameter not in self.parts]
        super().__init__([{"params": list(self.parts), "weight_decay": weight_decay}], {"lr": rate})
        self.adamw = adamw_of(others, rate, weight_decay, betas)
        self.adamw.state = self.state
        self.param_groups += self.adamw.param_groups  # the same ones, so that a rate is set once
        self.directions = {matrix: torch.zeros_like(matrix) for matrix in self.parts}
        self.pieces = {matrix: parts(self.directions[matrix]) for matrix, parts in self.parts.items()}
        for matrix, found in self.pieces.items():
            held = self.directions[matrix].untyped_storage().data_ptr()
            assert all(piece.untyped_storage().data_ptr() == held for piece in found), "a copy would never move it"
        pieces = [piece for found in self.pieces.values() for piece in found]
        how = {"weight_decay": 0.0, "momentum": momentum, "adjust_lr_fn": "match_rms_adamw"}
        self.muon = torch.optim.Muon([{"params": pieces, **how}], lr=1.0)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """One update, unless `found_inf` is above 0."""
        del closure
        self.adamw.found_inf = self.found_inf  # type: ignore[attr-defined]
        self.adamw.step()
        finite, group = self.found_inf == 0, self.param_groups[0]
        moved = [(matrix, matrix.grad) for matrix in self.parts if matrix.grad is not None]
        for matrix, gradient in moved:
            self._turn(matrix, gradient, finite)
        self.muon.step()  # type: ignore[no-untyped-call]
        self.muon.zero_grad()
        for matrix, _ in moved:
            change = group["lr"] * (self.directions[matrix] - group["weight_decay"] * matrix)
            matrix.add_(torch.where(finite, change, 0.0))

    def _turn(self, matrix: Tensor, gradient: Tensor, finite: Tensor) -> None:
        """Give a matrix' gradient to its directions; in place of one that is not finite its mean, which so stays."""
        if not self.state[matrix]:
            self.state[matrix]["mean"] = torch.zeros_like(matrix)
        mean = self.state[matrix]["mean"]
        self.directions[matrix].zero_()
        parts = self.parts[matrix]
        sound = torch.empty_like(matrix).copy_(torch.where(finite, gradient, mean))  # laid out as its directions are
        for piece, of_gradient, of_mean in zip(self.pieces[matrix], parts(sound), parts(mean), strict=True):
            piece.grad = of_gradient
            self.muon.state[piece][MOMENTUM_BUFFER] = of_mean
