"""What looks at a whole batch of which several processes compute the rows."""

from typing import Any

import torch
from torch import Tensor, nn

from genmodels.processes import world


class _Summed(torch.autograd.Function):
    """The sum over all processes; the gradient of each one's part is the sum of what all of them want."""

    @staticmethod
    def forward(context: Any, tensor: Tensor) -> Tensor:
        del context
        return world().summed(tensor)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        del context
        return world().summed(gradient.contiguous())


def summed_with_gradient(tensor: Tensor) -> Tensor:
    """The sum of the tensors of all processes, through which gradients flow to each of them."""
    found: Tensor = _Summed.apply(tensor)
    return found


class WholeBatchNorm(nn.BatchNorm2d):
    """Batch normalisation with the statistics of the whole batch, also where several processes compute its rows.

    Each tells the others its count, mean and sum of squares about that mean, at once, as each time that they wait for
    each other costs more than what is summed; they are joined as by Chan, Golub and LeVeque (1983). PyTorch's own for
    several processes needs GPUs.
    """

    def forward(self, maps: Tensor) -> Tensor:
        """(B, C, Y, X) to the same shape."""
        if not self.training or world().is_alone:
            return super().forward(maps)
        axes, shape, maps = (0, 2, 3), (1, -1, 1, 1), maps.float()  # sums of half-precision numbers are no sums
        mean = maps.mean(dim=axes)
        squares = (maps - mean.view(shape)).square().sum(dim=axes)
        here = maps.new_full((1,), maps.numel() / maps.shape[1])
        told = _of_each(torch.cat([here, mean, squares]))
        counts, means, sums = told[:, :1], told[:, 1 : 1 + len(mean)], told[:, 1 + len(mean) :]
        count = counts.sum()
        mean = (counts * means).sum(dim=0) / count
        variance = (sums + counts * (means - mean).square()).sum(dim=0) / count
        with torch.no_grad():
            assert self.running_mean is not None
            assert self.running_var is not None
            assert self.momentum is not None
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * (count / (count - 1.0)), self.momentum)
        scale = self.weight * (variance + self.eps).rsqrt()
        return (maps - mean.view(shape)) * scale.view(shape) + self.bias.view(shape)


def _of_each(told: Tensor) -> Tensor:
    """What each process tells, a row for each, through which gradients flow to it."""
    among = world()
    rows = [told if rank == among.rank else torch.zeros_like(told) for rank in range(among.count)]
    return summed_with_gradient(torch.stack(rows))
