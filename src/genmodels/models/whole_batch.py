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

    PyTorch's own for several processes needs GPUs.
    """

    def forward(self, maps: Tensor) -> Tensor:
        """(B, C, Y, X) to the same shape."""
        if not self.training or world().is_alone:
            return super().forward(maps)
        axes, shape, maps = (0, 2, 3), (1, -1, 1, 1), maps.float()  # sums of half-precision numbers are no sums
        here = torch.full((), maps.numel() / maps.shape[1], device=maps.device)
        count = world().summed(here)
        mean = summed_with_gradient(maps.sum(dim=axes)) / count
        centred = maps - mean.view(shape)
        variance = summed_with_gradient(centred.square().sum(dim=axes)) / count
        with torch.no_grad():
            assert self.running_mean is not None
            assert self.running_var is not None
            assert self.momentum is not None
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * (count / (count - 1.0)), self.momentum)
        scale = self.weight * (variance + self.eps).rsqrt()
        return centred * scale.view(shape) + self.bias.view(shape)
