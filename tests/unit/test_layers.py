"""What holds for every network of images: nothing linear follows on anything linear, nothing is cut off."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from genmodels.models.gan import GAN
from genmodels.models.vae import VAE
from genmodels.settings.gan import GanSettings
from genmodels.settings.vae import VaeSettings

LINEAR = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d)
MOVED = (nn.PixelShuffle, nn.PixelUnshuffle)  # the same numbers elsewhere
NETWORKS = {
    "vae-mlp": lambda: VAE.from_settings(
        VaeSettings(model="mlp", latent_size=3, hidden_size=9, layers=2), (8, 12), None
    ),
    "vae-conv": lambda: VAE.from_settings(
        VaeSettings(model="conv", latent_size=3, channels=4, blocks=2), (8, 12), None
    ),
    "gan-mlp": lambda: GAN(GanSettings(model="mlp", latent_size=3, hidden_size=9, layers=2), (8, 12)),
    "dcgan": lambda: GAN(GanSettings(model="dcgan", latent_size=3, channels=4), (8, 12)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_between_two_linear_layers_stands_something_that_is_not(name: str) -> None:
    rows = [module for module in NETWORKS[name]().modules() if isinstance(module, nn.Sequential)]
    assert rows
    for row in rows:
        layers = [layer for layer in row if not isinstance(layer, MOVED)]
        assert not [pair for pair in pairwise(layers) if all(isinstance(layer, LINEAR) for layer in pair)]


def channels_of(module: nn.Module) -> list[int]:
    """What each convolution but those within a block gives."""
    return [layer.out_channels for layer in module.convolutions if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)]


def test_each_halving_has_twice_the_channels_of_the_one_before() -> None:
    vae, gan = NETWORKS["vae-conv"](), NETWORKS["dcgan"]()
    assert channels_of(vae.encoder) == [4, 8]
    assert vae.decoder.small[0] == 8
    assert channels_of(gan.discriminator) == [4, 8, 16]


def test_an_image_of_a_multiple_of_four_is_drawn_as_it_comes_out_of_the_last_layer() -> None:
    """Else what is drawn would not stand in the middle of what was computed."""
    gan = NETWORKS["dcgan"]()
    maps = gan.generator.layers(torch.rand(2, *gan.generator.small))
    assert maps.shape == (2, 1, 8, 12)
