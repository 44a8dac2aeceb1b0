"""Variational autoencoders for grey images: fully connected and convolutional."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from genmodels.models.image_layers import Shape, filling, quarter
from genmodels.settings.vae import VaeSettings

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {"relu": nn.ReLU, "silu": nn.SiLU, "tanh": nn.Tanh}
LOG_VARIANCE_LIMIT = 10.0
LAYOUT = torch.channels_last  # channels side by side: convolutions on a CPU are a fifth faster so


class VAE(nn.Module):
    r"""Variational autoencoder (Kingma and Welling 2014, arXiv 1312.6114).

    * prior: p(z) = N(0, I)
    * decoder: p(x|z) = prod_i Bernoulli(x_i; sigmoid(l_i(z))), a probability for every pixel
    * encoder: q(z|x) = N(mean(x), diag(exp(log_variance(x))))

    For any q, log p(x) = ELBO(x) + KL(q(z|x) || p(z|x)) >= ELBO(x) = E_q[log p(x|z)] - KL(q(z|x) || p(z)).

    With classes (Sohn et al. 2015), encoder and decoder are given the class as well, so that everything above is
    conditional on it.

    Args:
        encoder: images (B, Y, X) and a condition (B, C) -> (B, 2 Z): means, then log-variances.
        decoder: codes (B, Z) and a condition (B, C) -> logits (B, Y, X).
        latent_size: Z.
        classes: C, or None for a model that knows no classes.
        shape: (Y, X).
    """

    def __init__(
        self, encoder: nn.Module, decoder: nn.Module, latent_size: int, classes: int | None, shape: Shape
    ) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.latent_size, self.classes = latent_size, classes
        self.shape = shape
        self.pixel_bias = nn.Parameter(torch.zeros(math.prod(shape)))  # flat: a bias is not decayed

    @classmethod
    def from_settings(cls, settings: VaeSettings, shape: Shape, classes: int | None) -> Self:
        """The network that the settings describe; `classes` counts only for a conditional one."""
        known = classes if settings.conditional else None
        encoder, decoder = NETWORKS[settings.model](settings, shape, known or 0)
        return cls(encoder, decoder, settings.latent_size, known, shape)

    @torch.no_grad()
    def start_from_mean(self, mean: Tensor) -> None:
        """Let the output begin at the data's mean image, as a logit, which saves the first few hundred steps.

        Args:
            mean: shape (Y, X), between 0 and 1.
        """
        self.pixel_bias.copy_(torch.logit(mean.clamp(0.01, 0.99)).flatten())

    def encode(self, images: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of q(z|x).

        Args:
            images: shape (B, Y, X), between 0 and 1.
            labels: int64 of shape (B,), for a conditional model.

        Returns:
            Two tensors of shape (B, Z); log-variances are squashed smoothly into (-10, 10).
        """
        mean, raw = self.encoder(images, self._condition(images, labels)).chunk(2, dim=-1)
        return mean, LOG_VARIANCE_LIMIT * torch.tanh(raw / LOG_VARIANCE_LIMIT)

    def decode(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Logits of p(x|z).

        Args:
            z: shape (B, Z).
            labels: int64 of shape (B,), for a conditional model.

        Returns:
            Shape (B, Y, X).
        """
        logits: Tensor = self.decoder(z, self._condition(z, labels)) + self.pixel_bias.view(self.shape)
        return logits

    def _condition(self, like: Tensor, labels: Tensor | None) -> Tensor:
        """The classes one-hot, shape (B, C); (B, 0) for a model that knows none."""
        if self.classes is None:
            return like.new_zeros(like.shape[0], 0)
        assert labels is not None
        return functional.one_hot(labels, self.classes).to(like.dtype)


class DenseEncoder(nn.Module):
    """Flatten, hidden layers, 2 Z outputs."""

    def __init__(self, settings: VaeSettings, shape: Shape, classes: int) -> None:
        super().__init__()
        assert settings.hidden_size is not None
        sizes = [math.prod(shape) + classes, *[settings.hidden_size] * settings.layers, 2 * settings.latent_size]
        self.layers = dense(sizes, settings.activation)

    def forward(self, images: Tensor, condition: Tensor) -> Tensor:
        """(B, Y, X), (B, C) -> (B, 2 Z)."""
        outputs: Tensor = self.layers(beside(images.flatten(1), condition))
        return outputs


class DenseDecoder(nn.Module):
    """The encoder's mirror image."""

    def __init__(self, settings: VaeSettings, shape: Shape, classes: int) -> None:
        super().__init__()
        self.shape = shape
        assert settings.hidden_size is not None
        sizes = [settings.latent_size + classes, *[settings.hidden_size] * settings.layers, math.prod(shape)]
        self.layers = dense(sizes, settings.activation, bias_at_end=False)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        """(B, Z), (B, C) -> (B, Y, X)."""
        logits: Tensor = self.layers(beside(z, condition))
        return logits.view(-1, *self.shape)


def beside(x: Tensor, condition: Tensor) -> Tensor:
    """A condition's numbers beside the others, (B, I) and (B, C) -> (B, I + C); nothing is copied where C is 0."""
    return x if condition.shape[1] == 0 else torch.cat([x, condition], dim=1)


def dense(sizes: list[int], activation: str, bias_at_end: bool = True) -> nn.Sequential:
    """Linear layers with an activation between them."""
    layers: list[nn.Module] = []
    for size, after in pairwise(sizes[:-1]):
        layers += [nn.Linear(size, after), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1], bias=bias_at_end))


class Residual(nn.Module):
    """x + W2 f(W1 * f(x)): a 3x3 and a 1x1 convolution beside the way through (He et al. 2016, arXiv 1603.05027)."""

    def __init__(self, channels: int, activation: Callable[[], nn.Module]) -> None:
        super().__init__()
        narrow = nn.Conv2d(channels, channels, 1)
        with torch.no_grad():
            narrow.weight.mul_(0.1)  # a block begins close to doing nothing
        self.branch = nn.Sequential(activation(), nn.Conv2d(channels, channels, 3, padding=1), activation(), narrow)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, Y, X) -> the same."""
        branch: Tensor = self.branch(x)
        return x + branch


class ConvEncoder(nn.Module):
    """Two convolutions that halve the image, one hidden layer, 2 Z outputs.

    The first halving makes four channels of each 2x2 pixels, on which a 3x3 convolution takes a third of the time that
    a 4x4 one of stride 2 takes on a single channel. Sizes are filled up with zeros to multiples of 4.
    """

    def __init__(self, settings: VaeSettings, shape: Shape, classes: int) -> None:
        super().__init__()
        first, second, activation = settings.channels, 2 * settings.channels, ACTIVATIONS[settings.activation]
        self.convolutions = nn.Sequential(
            nn.Conv2d(4, first, 3, padding=1),
            activation(),
            nn.Conv2d(first, second, 4, stride=2, padding=1),
            activation(),
        )
        assert settings.hidden_size is not None
        self.filling = filling(shape)
        flat = second * math.prod(quarter(shape))
        self.layers = dense([flat + classes, settings.hidden_size, 2 * settings.latent_size], settings.activation)
        self.to(memory_format=LAYOUT)

    def forward(self, images: Tensor, condition: Tensor) -> Tensor:
        """(B, Y, X), (B, C) -> (B, 2 Z)."""
        filled = functional.pad(images.unsqueeze(1) * 2.0 - 1.0, self.filling)
        maps = self.convolutions(functional.pixel_unshuffle(filled, 2))
        outputs: Tensor = self.layers(beside(maps.flatten(1), condition))
        return outputs


class ConvDecoder(nn.Module):
    """The way back: a hidden layer, residual blocks, a transposed convolution, four channels laid out as 2x2 pixels.

    The blocks stand here alone: what the decoder can't draw no code can make up for.
    """

    def __init__(self, settings: VaeSettings, shape: Shape, classes: int) -> None:
        super().__init__()
        first, second, activation = settings.channels, 2 * settings.channels, ACTIVATIONS[settings.activation]
        self.small, self.shape = (second, *quarter(shape)), shape
        assert settings.hidden_size is not None
        self.layers = dense(
            [settings.latent_size + classes, settings.hidden_size, math.prod(self.small)], settings.activation
        )
        self.convolutions = nn.Sequential(
            *(Residual(second, activation) for _ in range(settings.blocks)),
            activation(),
            nn.ConvTranspose2d(second, first, 4, stride=2, padding=1),
            activation(),
            nn.Conv2d(first, 4, 3, padding=1, bias=False),
            nn.PixelShuffle(2),
        )
        self.to(memory_format=LAYOUT)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        """(B, Z), (B, C) -> (B, Y, X)."""
        maps = self.layers(beside(z, condition)).view(-1, *self.small)
        logits: Tensor = self.convolutions(maps)
        rows, columns = self.shape
        return logits[:, 0, :rows, :columns]


Pair = Callable[[VaeSettings, Shape, int], tuple[nn.Module, nn.Module]]
NETWORKS: dict[str, Pair] = {
    "mlp": lambda settings, shape, classes: (
        DenseEncoder(settings, shape, classes),
        DenseDecoder(settings, shape, classes),
    ),
    "conv": lambda settings, shape, classes: (
        ConvEncoder(settings, shape, classes),
        ConvDecoder(settings, shape, classes),
    ),
}
