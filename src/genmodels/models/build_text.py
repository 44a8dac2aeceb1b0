"""The table from settings to language model; models of equal size."""

from collections.abc import Callable
from dataclasses import replace

import torch

from genmodels.errors import UsageError
from genmodels.models.feedforward_lm import FeedforwardLM
from genmodels.models.language_model import LanguageModel
from genmodels.models.recurrent_lm import RecurrentLM
from genmodels.settings.text import TextSettings

NETWORKS: dict[str, Callable[[TextSettings, int], LanguageModel]] = {
    "feedforward": FeedforwardLM.from_settings,
    "rnn": RecurrentLM.from_settings,
    "gru": RecurrentLM.from_settings,
    "lstm": RecurrentLM.from_settings,
}


def build_language_model(settings: TextSettings, vocabulary_size: int) -> LanguageModel:
    """The network that the settings describe, freshly initialised from torch's default generator.

    Example:
        >>> settings = genmodels.TextSettings(model="gru", hidden_size=32)
        >>> model = genmodels.build_language_model(settings, 65)
        >>> logits, state = model(torch.zeros(4, 7, dtype=torch.int64), model.initial_state(4))
        >>> logits.shape
        torch.Size([4, 7, 65])
    """
    return NETWORKS[settings.model](settings, vocabulary_size)


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
    nearest, found = _nearest(settings, vocabulary_size, parameters)
    if abs(found - parameters) > EQUAL * parameters:
        raise UsageError(
            f"no {settings.model} of {parameters:,} parameters can be made: {nearest} hidden units give {found:,}",
            "choose a larger --hidden-size, or a smaller --embedding-size or --context.",
        )
    return nearest


def _nearest(settings: TextSettings, vocabulary_size: int, parameters: int) -> tuple[int, int]:
    """The hidden size that comes nearest, by bisection, and how many parameters it gives."""

    def count(hidden_size: int) -> int:
        return count_parameters(replace(settings, hidden_size=hidden_size), vocabulary_size)

    low, high = 2, 4
    while count(high) < parameters:
        low, high = high, 2 * high
    while high - low > 1:  # count(low) < parameters <= count(high)
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) < parameters else (low, middle)
    nearest = min(low, high, key=lambda size: abs(count(size) - parameters))
    return nearest, count(nearest)
