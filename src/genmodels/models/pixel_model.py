"""What every pixel model offers: an image's probability as a product over its pixels, and fast steps to draw one."""

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn import functional

from genmodels.models.reach import Reach

Shape = tuple[int, int]


class PixelModel(nn.Module, ABC):
    r"""p(x) = prod_i p(x_i | x_1 ... x_{i-1}), pixels in raster order: row by row, from left to right.

    A pixel is one of Q levels, given to the network as a number from -1 (the darkest) to 1. With Q = 2 the network
    gives one logit a pixel (Bernoulli), otherwise Q of them (softmax): K = 1 or Q numbers.

    A model may know images in several orientations: turned by 0, 1, ... quarters (`turn`). What differs between them
    are two biases, of the first features and of each pixel's outputs; all else is shared.

    Args:
        levels: Q.
        shape: (Y, X).
        width: number of the first features, F.
        orientations: 1 or 4.
    """

    def __init__(self, levels: int, shape: Shape, width: int, orientations: int) -> None:
        super().__init__()
        self.levels, self.shape, self.orientations = levels, shape, orientations
        self.outputs = 1 if levels == 2 else levels  # K
        self.first_bias = nn.Parameter(torch.zeros(orientations * width))  # flat: a bias is not decayed
        self.pixel_bias = nn.Parameter(torch.zeros(orientations * self.outputs * math.prod(shape)))

    @property
    @abstractmethod
    def reach(self) -> Reach | None:
        """Which of the pixels before it a pixel's prediction sees; None: all of them."""

    def features_bias(self, turn: int) -> Tensor:
        """The bias of the first features, shape (F,)."""
        return self.first_bias.view(self.orientations, -1)[turn]

    def bias_map(self, turn: int) -> Tensor:
        """The bias of each pixel's outputs, shape (K, Y, X)."""
        return self.pixel_bias.view(self.orientations, self.outputs, *self.shape)[turn]

    @torch.no_grad()
    def start_from(self, shares: Tensor) -> None:
        """Let the output begin at how often each level is seen at each pixel.

        Args:
            shares: of upright images, shape (Q, Y, X), summing to 1 over the levels.
        """
        logs = (0.98 * shares + 0.02 / self.levels).log()  # never quite sure
        bias = logs[1:] - logs[:1] if self.levels == 2 else logs
        for turn in range(self.orientations):
            self.bias_map(turn).copy_(turned(bias, turn))

    @abstractmethod
    def forward(self, values: Tensor, turn: int = 0) -> Tensor:
        """Logits of every pixel given those before it.

        Args:
            values: shape (B, Y, X), from -1 to 1.
            turn: quarters by which these images are turned.

        Returns:
            Shape (B, K, Y, X).
        """

    @abstractmethod
    def steps(self, count: int, turn: int = 0) -> "PixelSteps":
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


def turned(x: Tensor, turn: int) -> Tensor:
    """The last two dimensions turned by so many quarters, counter-clockwise."""
    return torch.rot90(x, turn, (-2, -1))


def to_levels(images: Tensor, count: int) -> Tensor:
    """Grey values from 0 to 1 as levels 0 to Q - 1: equal shares of the 256 that a file can hold."""
    return ((images * 255.0).round().long() * count).div(256, rounding_mode="floor")


def shown_in(images: Tensor, count: int) -> Tensor:
    """Grey values from 0 to 1 as a model of Q levels draws them: from 0 to 1 in steps of 1 / (Q - 1)."""
    return to_levels(images, count).float() / (count - 1)


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
        return self.pixel(features.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

    def pixel(self, features: Tensor) -> Tensor:
        """Pixels with channels last, (..., C) -> (..., K)."""
        hidden = torch.relu(self.narrow(torch.relu(features)))
        outputs: Tensor = self.out(hidden)
        return outputs
