"""The small classifier whose classes and features measure drawn images."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from genmodels.models.image_layers import filling, quarter

FEATURES = 64
Shape = tuple[int, int]


class Classifier(nn.Module):
    """Two convolutions and a layer of features; sizes are filled up with zeros to multiples of 4.

    Args:
        shape: (Y, X) of the images.
        classes: C.
    """

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        self.filling = filling(shape)
        self.convolutions = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(4, 32, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 64, 4, stride=2, padding=1),
            nn.ReLU(),
        )
        self.narrow = nn.Linear(64 * math.prod(quarter(shape)), FEATURES)
        self.read_out = nn.Linear(FEATURES, classes)
        self.to(memory_format=torch.channels_last)

    def features(self, images: Tensor) -> Tensor:
        """(B, Y, X) from 0 to 1 -> (B, 64)."""
        maps = self.convolutions(functional.pad(images.unsqueeze(1), self.filling) * 2.0 - 1.0)
        return torch.relu(self.narrow(maps.flatten(1)))

    def forward(self, images: Tensor) -> Tensor:
        """(B, Y, X) from 0 to 1 -> logits (B, C)."""
        logits: Tensor = self.read_out(self.features(images))
        return logits
