"""The gated PixelCNN."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from genmodels.models.pixel_model import PixelModel, PixelSteps, Readout, Shape

ABOVE, BEFORE = 3, 3  # rows above and pixels before that the first layer sees


def gated(x: Tensor, dim: int) -> Tensor:
    """Tanh of one half of the channels times the sigmoid of the other."""
    signal, gate = x.chunk(2, dim=dim)
    return torch.tanh(signal) * torch.sigmoid(gate)


class GatedPixelCNN(PixelModel):
    r"""Two stacks of convolutions without a blind spot (van den Oord et al. 2016, arXiv 1606.05328).

    The vertical stack at (r, c) has seen rows above r only, the horizontal one also the pixels of row r before c::

        vertical, reach 2     horizontal, reach 1
        1 1 1 1 1             . . .
        1 1 1 1 1             1 h .
        . . v . .

    In each layer a = W_v * v over rows above and b = W_h * h + W_a a, then v' = gate(a) and h' = h + W gate(b), with
    gate(x) = tanh(x_1) sigmoid(x_2). Instead of masking weights, the image is shifted one row down for the vertical
    stack and one pixel right for the horizontal one, so that plain convolutions can't look ahead.

    Args:
        levels: Q.
        shape: (Y, X).
        channels: C.
        layers: gated layers after the first.
        orientations: 1 or 4.
        reach: pixels that a layer looks up, left and right.
    """

    def __init__(
        self, levels: int, shape: Shape, channels: int, layers: int, orientations: int = 1, reach: int = 1
    ) -> None:
        super().__init__(levels, shape, 2 * channels, orientations)
        self.first_above = nn.Conv2d(1, channels, (ABOVE, 2 * BEFORE + 1), bias=False)
        self.first_before = nn.Conv2d(1, channels, (1, BEFORE), bias=False)
        self.layers = nn.ModuleList(GatedLayer(channels, reach) for _ in range(layers))
        self.readout = Readout(channels, 2 * channels, self.outputs)

    def forward(self, values: Tensor, turn: int = 0) -> Tensor:
        """Logits of every pixel; see `PixelModel.forward`."""
        image = values.unsqueeze(1)  # (B, 1, Y, X)
        of_above, of_before = self.features_bias(turn).view(2, -1, 1, 1)
        v = self.first_above(functional.pad(image, (BEFORE, BEFORE, ABOVE, 0))[:, :, :-1]) + of_above  # 3 rows above
        h = self.first_before(functional.pad(image, (BEFORE, 0))[..., :-1]) + of_before  # 3 pixels before
        for layer in self.layers:
            v, h = layer(v, h)
        logits: Tensor = self.readout(h) + self.bias_map(turn)
        return logits

    def steps(self, count: int, turn: int = 0) -> "GatedSteps":
        """See `PixelModel.steps`."""
        return GatedSteps(self, count, turn)


class GatedLayer(nn.Module):
    """One layer of both stacks.

    Args:
        channels: C.
        reach: pixels that it looks up, left and right.
    """

    def __init__(self, channels: int, reach: int) -> None:
        super().__init__()
        self.reach = reach
        self.vertical = nn.Conv2d(channels, 2 * channels, (reach + 1, 2 * reach + 1))
        self.horizontal = nn.Conv2d(channels, 2 * channels, (1, reach + 1))
        self.across = nn.Conv2d(2 * channels, 2 * channels, 1)
        self.back = nn.Conv2d(channels, channels, 1)

    def forward(self, v: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """Both stacks, (B, C, Y, X) each."""
        k = self.reach
        a = self.vertical(functional.pad(v, (k, k, k, 0)))
        b = self.horizontal(functional.pad(h, (k, 0))) + self.across(a)
        return gated(a, 1), h + self.back(gated(b, 1))


class GatedSteps(PixelSteps):
    """The vertical stack row by row, the horizontal one pixel by pixel, each layer's inputs kept.

    Args:
        model: whose weights are used.
        count: N images.
        turn: quarters by which they are turned.
    """

    def __init__(self, model: GatedPixelCNN, count: int, turn: int) -> None:
        self.model = model
        weight = model.pixel_bias
        rows, columns = model.shape
        channels = model.first_above.out_channels
        self.image = weight.new_zeros(count, 1, ABOVE + rows, columns + 2 * BEFORE)  # padded
        self.layers = cast("list[GatedLayer]", list(model.layers))
        reaches = [layer.reach for layer in self.layers]
        self.above = [weight.new_zeros(count, channels, k + 1, columns + 2 * k) for k in reaches]
        self.before = [weight.new_zeros(columns + k, count, channels) for k in reaches]  # inputs of the row, padded
        self.taps = [_taps(layer.horizontal) for layer in self.layers]
        self.back = [_taps(layer.back) for layer in self.layers]
        self.first = model.first_before.weight[:, 0, 0].t()  # (3, C)
        self.of_above_bias, self.first_bias = model.features_bias(turn).view(2, -1)
        self.bias_map = model.bias_map(turn)
        self.of_above: list[Tensor] = []
        self.row = 0

    def begin_row(self, row: int) -> None:
        """One row of the vertical stack."""
        self.row = row
        v = self.model.first_above(self.image[:, :, row : row + ABOVE]) + self.of_above_bias.view(
            -1, 1, 1
        )  # (N, C, 1, X)
        self.of_above = []
        for index, layer in enumerate(self.layers):
            k, seen = layer.reach, self.above[index]
            seen[:, :, :-1] = seen[:, :, 1:].clone()
            seen[:, :, -1, k : seen.shape[3] - k] = v[:, :, 0]
            a = layer.vertical(seen)
            self.of_above.append((layer.across(a)[:, :, 0]).permute(2, 0, 1).contiguous())  # (X, N, 2 C)
            v = gated(a, 1)
            self.before[index][:k] = 0.0

    def logits(self, column: int) -> Tensor:
        """One pixel of the horizontal stack."""
        seen = self.image[:, 0, ABOVE + self.row, column : column + BEFORE]  # (N, 3), padded by as many
        h = torch.addmm(self.first_bias, seen, self.first)  # (N, C)
        for index, layer in enumerate(self.layers):
            k, inputs = layer.reach, self.before[index]
            inputs[k + column] = h
            weights, bias = self.taps[index]
            b = self.of_above[index][column] + bias
            for tap in range(k + 1):
                b = torch.addmm(b, inputs[column + tap], weights[tap])
            back, back_bias = self.back[index]
            h = h + torch.addmm(back_bias, gated(b, 1), back[0])
        return self.model.readout.pixel(h) + self.bias_map[:, self.row, column]

    def put(self, column: int, values: Tensor) -> None:
        """Tell the pixel just predicted."""
        self.image[:, 0, ABOVE + self.row, BEFORE + column] = values


def _taps(convolution: nn.Conv2d) -> tuple[Tensor, Tensor]:
    """A convolution along a row as one matrix (I, O) for each place, shape (W, I, O), and its bias (O,)."""
    assert convolution.bias is not None
    return convolution.weight[:, :, 0].permute(2, 1, 0).contiguous(), convolution.bias
