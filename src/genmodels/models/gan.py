"""Generative adversarial networks for grey images: fully connected and convolutional."""

import math
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from genmodels.models.image_layers import filling, quarter
from genmodels.settings.gan import GanSettings

Shape = tuple[int, int]
SLOPE = 0.2  # of the leaky ReLU (Radford et al. 2016)


class GAN(nn.Module):
    r"""Two players (Goodfellow et al. 2014, arXiv 1406.2661).

    * generator: code z ~ N(0, I) -> image G(z)
    * discriminator: image x -> logit s(x); sigmoid(s(x)) = D(x), the probability that x is real

    The game is min over G, max over D of E_data[log D(x)] + E_z[log(1 - D(G(z)))].

    Args:
        settings: which networks, and how wide.
        shape: (Y, X) of the images.
    """

    def __init__(self, settings: GanSettings, shape: Shape) -> None:
        super().__init__()
        self.latent_size, self.shape = settings.latent_size, shape
        generator, discriminator = NETWORKS[settings.model]
        self.generator, self.discriminator = generator(settings, shape), discriminator(settings, shape)
        if settings.spectral_norm:
            normalise_spectrally(self.discriminator)

    def generate(self, z: Tensor) -> Tensor:
        """Images for codes, (B, Z) -> (B, Y, X) from 0 to 1."""
        images: Tensor = torch.sigmoid(self.generator(z))
        return images

    def score(self, images: Tensor) -> Tensor:
        """The discriminator's logits, (B, Y, X) from 0 to 1 -> (B,); higher is more real."""
        logits: Tensor = self.discriminator(images * 2.0 - 1.0)
        return logits


def normalise_spectrally(network: nn.Module) -> None:
    """Divide every weight matrix by about its largest singular value (Miyato et al. 2018, arXiv 1802.05957).

    As in the paper, a convolution's weights are taken as a matrix of (outputs, inputs x rows x columns), whose largest
    singular value is not the convolution's own: that one may stretch a difference between images up to the square
    root of rows x columns further; and one power iteration at each update of either player follows the value but
    roughly. So the discriminator's steepness is held within limits, which are not 1 a layer.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            spectral_norm(layer)


class DenseGenerator(nn.Module):
    """Hidden layers with ReLU, then a logit for every pixel."""

    def __init__(self, settings: GanSettings, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        sizes = [settings.latent_size, *[settings.hidden_size] * settings.layers]
        hidden = [layer for i, o in pairwise(sizes) for layer in (nn.Linear(i, o), nn.ReLU())]
        self.layers = nn.Sequential(*hidden, nn.Linear(sizes[-1], math.prod(shape)))

    def forward(self, z: Tensor) -> Tensor:
        """(B, Z) -> (B, Y, X)."""
        logits: Tensor = self.layers(z)
        return logits.view(-1, *self.shape)


class DenseDiscriminator(nn.Module):
    """Hidden layers with leaky ReLU, then one logit."""

    def __init__(self, settings: GanSettings, shape: Shape) -> None:
        super().__init__()
        sizes = [math.prod(shape), *[settings.hidden_size] * settings.layers]
        hidden = [layer for i, o in pairwise(sizes) for layer in (nn.Linear(i, o), nn.LeakyReLU(SLOPE))]
        self.layers = nn.Sequential(*hidden, nn.Linear(sizes[-1], 1))

    def forward(self, images: Tensor) -> Tensor:
        """(B, Y, X) -> (B,)."""
        logits: Tensor = self.layers(images.flatten(1))
        return logits.squeeze(1)


class ConvGenerator(nn.Module):
    """A small map made by a linear layer, doubled twice (Radford et al. 2016, arXiv 1511.06434).

    Nothing is normalised: batch normalisation, which the paper puts between the layers, gave no better images in the
    same time here.
    """

    def __init__(self, settings: GanSettings, shape: Shape) -> None:
        super().__init__()
        widest, middle = 4 * settings.channels, 2 * settings.channels
        self.shape, self.small = shape, (widest, *quarter(shape))
        self.start = nn.Linear(settings.latent_size, math.prod(self.small))
        self.layers = nn.Sequential(
            nn.ReLU(),
            nn.ConvTranspose2d(widest, middle, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(middle, settings.channels, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(settings.channels, 1, 3, padding=1),
        )
        self.to(memory_format=torch.channels_last)

    def forward(self, z: Tensor) -> Tensor:
        """(B, Z) -> (B, Y, X)."""
        logits: Tensor = self.layers(self.start(z).view(-1, *self.small))
        rows, columns = self.shape
        return logits[:, 0, :rows, :columns]


class ConvDiscriminator(nn.Module):
    """Three convolutions that halve the image, then one logit; no batch normalisation, which would mix the images."""

    def __init__(self, settings: GanSettings, shape: Shape) -> None:
        super().__init__()
        first, second, third = (settings.channels * factor for factor in (1, 2, 4))
        self.filling = filling(shape)
        rows, columns = (-(-n // 2) for n in quarter(shape))
        self.convolutions = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(4, first, 3, padding=1),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(first, second, 4, stride=2, padding=1),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(second, third, 3, stride=2, padding=1),
            nn.LeakyReLU(SLOPE),
        )
        self.read_out = nn.Linear(third * rows * columns, 1)
        self.to(memory_format=torch.channels_last)

    def forward(self, images: Tensor) -> Tensor:
        """(B, Y, X) -> (B,)."""
        maps = self.convolutions(functional.pad(images.unsqueeze(1), self.filling))
        logits: Tensor = self.read_out(maps.flatten(1))
        return logits.squeeze(1)


Network = Callable[[GanSettings, Shape], nn.Module]
NETWORKS: dict[str, tuple[Network, Network]] = {
    "mlp": (DenseGenerator, DenseDiscriminator),
    "dcgan": (ConvGenerator, ConvDiscriminator),
}
