"""What every pixel model offers: an image's probability as a product over its pixels, and fast steps to draw one."""

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn import functional

Shape = tuple[int, int]


class PixelModel(nn.Module, ABC):
    r"""p(x) = prod_i p(x_i | x_1 ... x_{i-1}), pixels in raster order: row by row, from left to right.

    A pixel is one of Q levels, given to the network as a number from -1 (the darkest) to 1. With Q = 2 the network
    gives one logit a pixel (Bernoulli), otherwise Q of them (softmax): K = 1 or Q numbers.

    Args:
        levels: Q.
        shape: (Y, X).
    """

    def __init__(self, levels: int, shape: Shape) -> None:
        super().__init__()
        self.levels, self.shape = levels, shape
        self.outputs = 1 if levels == 2 else levels  # K
        self.pixel_bias = nn.Parameter(torch.zeros(self.outputs * math.prod(shape)))  # flat: a bias is not decayed

    @property
    def bias_map(self) -> Tensor:
        """The bias of each pixel's outputs, shape (K, Y, X)."""
        return self.pixel_bias.view(self.outputs, *self.shape)

    @torch.no_grad()
    def start_from(self, shares: Tensor) -> None:
        """Let the output begin at how often each level is seen at each pixel.

        Args:
            shares: shape (Q, Y, X), summing to 1 over the levels.
        """
        logs = shares.clamp(0.01, 0.99).log()
        self.pixel_bias.copy_((logs[1:] - logs[:1] if self.levels == 2 else logs).flatten())

    @abstractmethod
    def forward(self, values: Tensor) -> Tensor:
        """Logits of every pixel given those before it.

        Args:
            values: shape (B, Y, X), from -1 to 1.

        Returns:
            Shape (B, K, Y, X).
        """

    @abstractmethod
    def steps(self, count: int) -> "PixelSteps":
        """Steps through `count` images pixel by pixel, in which nothing is computed twice."""


class PixelSteps(ABC):
    """Goes through N images in raster order: `begin_row`, then for each column `logits` and `put`."""

    @abstractmethod
    def begin_row(self, row: int) -> None:
        """Compute what the row's pixels need of the rows above."""

    @abstractmethod
    def logits(self, column: int) -> Tensor:
        """Logits of the row's pixel in this column, shape (N, K)."""

    @abstractmethod
    def put(self, column: int, values: Tensor) -> None:
        """Tell that pixel's value, shape (N,), from -1 to 1."""


def to_values(levels: Tensor, count: int) -> Tensor:
    """Levels 0 to Q - 1 as numbers from -1 to 1."""
    return levels.float() * (2.0 / (count - 1)) - 1.0


def log_likelihood(logits: Tensor, levels: Tensor) -> Tensor:
    """Log p of every pixel, in nats.

    Args:
        logits: shape (B, K, ...).
        levels: int64, shape (B, ...).

    Returns:
        Shape (B, ...).
    """
    if logits.shape[1] == 1:
        return -functional.binary_cross_entropy_with_logits(logits[:, 0], levels.to(logits.dtype), reduction="none")
    return -functional.cross_entropy(logits, levels, reduction="none")


def draw_levels(logits: Tensor, uniforms: Tensor) -> Tensor:
    """Levels by the inverse of the cumulative distribution.

    Args:
        logits: shape (N, K).
        uniforms: shape (N,), from 0 to 1.

    Returns:
        int64, shape (N,).
    """
    if logits.shape[1] == 1:
        return (uniforms < torch.sigmoid(logits[:, 0])).long()
    cumulative = logits.softmax(dim=1).cumsum(dim=1)
    return (cumulative <= uniforms[:, None]).sum(dim=1).clamp(max=logits.shape[1] - 1)


class Readout(nn.Module):
    """Two 1x1 convolutions after rectifiers: features (B, C, Y, X) -> (B, K, Y, X)."""

    def __init__(self, channels: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.narrow, self.out = nn.Linear(channels, hidden), nn.Linear(hidden, outputs)

    def forward(self, features: Tensor) -> Tensor:
        """All pixels; a 1x1 convolution is a linear map of the channels."""
        return self.pixel(features.movedim(1, -1)).movedim(-1, 1)

    def pixel(self, features: Tensor) -> Tensor:
        """Pixels with channels last, (..., C) -> (..., K)."""
        hidden = torch.relu(self.narrow(torch.relu(features)))
        outputs: Tensor = self.out(hidden)
        return outputs
