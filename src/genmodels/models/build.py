"""The tables from settings to network."""

from collections.abc import Callable
from dataclasses import replace

import torch

from genmodels.errors import UsageError
from genmodels.models.feedforward_lm import FeedforwardLM
from genmodels.models.language_model import LanguageModel
from genmodels.models.pixel_cnn import GatedPixelCNN
from genmodels.models.pixel_model import PixelModel, Shape
from genmodels.models.pixel_rnn import DiagonalBiLSTM, PixelRNN, RowLSTM
from genmodels.models.recurrent_lm import RecurrentLM
from genmodels.settings import PixelSettings, TextSettings

LANGUAGE_MODELS: dict[str, Callable[[TextSettings, int], LanguageModel]] = {
    "feedforward": FeedforwardLM.from_settings,
    "rnn": RecurrentLM.from_settings,
    "gru": RecurrentLM.from_settings,
    "lstm": RecurrentLM.from_settings,
}

PIXEL_MODELS: dict[str, Callable[[int, Shape, int, int, int], PixelModel]] = {
    "pixelcnn": GatedPixelCNN,
    "row-lstm": lambda levels, shape, size, layers, turns: PixelRNN(levels, shape, size, layers, RowLSTM, turns),
    "diagonal-bilstm": lambda levels, shape, size, layers, turns: PixelRNN(
        levels, shape, size, layers, DiagonalBiLSTM, turns
    ),
}


def build_language_model(settings: TextSettings, vocabulary_size: int) -> LanguageModel:
    """The network that the settings describe, freshly initialised from torch's default generator."""
    return LANGUAGE_MODELS[settings.model](settings, vocabulary_size)


def build_pixel_model(settings: PixelSettings, shape: Shape) -> PixelModel:
    """The network that the settings describe, freshly initialised from torch's default generator."""
    s = settings
    assert s.layers is not None
    return PIXEL_MODELS[s.model](int(s.levels), shape, s.channels, s.layers, s.orientations)


EQUAL = 0.05  # sizes that differ by no more than this share count as equal


def count_parameters(settings: TextSettings, vocabulary_size: int) -> int:
    """Trained numbers of the network that the settings describe; none is allocated."""
    with torch.device("meta"):
        return sum(p.numel() for p in build_language_model(settings, vocabulary_size).parameters())


def matching_hidden_size(settings: TextSettings, vocabulary_size: int, parameters: int) -> int:
    """The hidden size with which a network comes nearest to a number of parameters.

    Args:
        settings: all but the hidden size.
        vocabulary_size: V.
        parameters: the number wanted.

    Raises:
        UsageError: the nearest is more than 5 % away.
    """

    def count(hidden_size: int) -> int:
        return count_parameters(replace(settings, hidden_size=hidden_size), vocabulary_size)

    low, high = 2, 4
    while count(high) < parameters:
        low, high = high, 2 * high
    while high - low > 1:  # count(low) < parameters <= count(high)
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) < parameters else (low, middle)
    nearest = min(low, high, key=lambda size: abs(count(size) - parameters))
    if abs(count(nearest) - parameters) > EQUAL * parameters:
        raise UsageError(
            f"no {settings.model} of {parameters:,} parameters can be made: "
            f"{nearest} hidden units give {count(nearest):,}",
            "choose a larger --hidden-size, or a smaller --embedding-size or --context.",
        )
    return nearest
