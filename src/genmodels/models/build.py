"""The table from settings to network."""

from collections.abc import Callable

from genmodels.models.feedforward_lm import FeedforwardLM
from genmodels.models.language_model import LanguageModel
from genmodels.models.recurrent_lm import RecurrentLM
from genmodels.settings import TextSettings

LANGUAGE_MODELS: dict[str, Callable[[TextSettings, int], LanguageModel]] = {
    "feedforward": FeedforwardLM.from_settings,
    "rnn": RecurrentLM.from_settings,
    "gru": RecurrentLM.from_settings,
    "lstm": RecurrentLM.from_settings,
}


def build_language_model(settings: TextSettings, vocabulary_size: int) -> LanguageModel:
    """The network that the settings describe, freshly initialised from torch's default generator."""
    return LANGUAGE_MODELS[settings.model](settings, vocabulary_size)
