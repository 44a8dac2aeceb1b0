"""The table from settings to pixel model."""

from collections.abc import Callable

from genmodels.models.pixel_cnn import GatedPixelCNN
from genmodels.models.pixel_model import PixelModel, Shape
from genmodels.models.pixel_rnn import DiagonalBiLSTM, PixelRNN, RowLSTM
from genmodels.settings.pixelrnn import PixelSettings

NETWORKS: dict[str, Callable[[int, Shape, int, int, int], PixelModel]] = {
    "pixelcnn": GatedPixelCNN,
    "row-lstm": lambda levels, shape, size, layers, turns: PixelRNN(levels, shape, size, layers, RowLSTM, turns),
    "diagonal-bilstm": lambda levels, shape, size, layers, turns: PixelRNN(
        levels, shape, size, layers, DiagonalBiLSTM, turns
    ),
}


def build_pixel_model(settings: PixelSettings, shape: Shape) -> PixelModel:
    """The network that the settings describe, freshly initialised from torch's default generator."""
    s = settings
    assert s.layers is not None
    return NETWORKS[s.model](int(s.levels), shape, s.channels, s.layers, s.orientations)
