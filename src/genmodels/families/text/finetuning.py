"""Starting from another run's weights."""

from typing import TYPE_CHECKING, Any

from genmodels.errors import RunError, UsageError
from genmodels.runs import RunDir
from genmodels.settings import flag_of
from genmodels.settings.text import TextSettings

if TYPE_CHECKING:
    from torch import Tensor

    from genmodels.data.text.vocabulary import Vocabulary
    from genmodels.models.language_model import LanguageModel
    from genmodels.runs.checkpoint import Arrays

ARCHITECTURE = ("model", "layers", "hidden_size", "embedding_size", "context")
BY_CHARACTER = {"embedding.weight", "readout.linear.weight", "readout.linear.bias"}  # a row for each


def settings_to_keep(parent: RunDir) -> dict[str, Any]:
    """The architecture of the run to start from, and whether it reads bytes.

    Raises:
        RunError: run.json is damaged.
    """
    from genmodels.training.setup import recorded_settings

    recorded = recorded_settings(TextSettings, parent.document())
    return {name: getattr(recorded, name) for name in (*ARCHITECTURE, "bytes")}


def refuse_another_architecture(settings: TextSettings, kept: dict[str, Any], parent: RunDir) -> None:
    """Weights fit only their own architecture, whether a flag or a config file asks for another.

    Args:
        settings: asked for.
        kept: those of the parent, by `settings_to_keep`.
        parent: the run to start from.

    Raises:
        UsageError: another one was asked for.
    """
    for name, value in kept.items():
        if getattr(settings, name) != value:
            raise UsageError(
                f"{flag_of(name)} {getattr(settings, name)} contradicts --init-from {parent.name}, which has {value}",
                "leave it out: the weights fit only their own architecture.",
            )


def vocabulary_of(parent: RunDir) -> "Vocabulary":
    """The vocabulary of the run to start from.

    Raises:
        RunError: no epoch is finished yet, or its checkpoint is damaged.
    """
    from genmodels.models.described import describe
    from genmodels.runs.checkpoint import read_checkpoint

    return describe(read_checkpoint(parent.epoch_checkpoint(None)))[1]


def take_weights(model: "LanguageModel", parent: RunDir) -> None:
    """The best weights of the run to start from, in a fresh model with as many characters or more.

    Raises:
        RunError: they don't fit.
    """
    from genmodels.models.weights import load_weights
    from genmodels.runs.checkpoint import read_checkpoint

    old = read_checkpoint(parent.epoch_checkpoint(None)).tensors["model"]
    load_weights(model, extended_weights(model, old))


def extended_weights(model: "LanguageModel", arrays: "Arrays") -> "dict[str, Tensor]":
    """Old weights in a model with a longer vocabulary: new characters keep their fresh rows.

    Raises:
        RunError: the old weights are not those of a smaller model of this kind.
    """
    from genmodels.models.weights import to_tensors

    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    if weights.keys() != arrays.keys():
        raise RunError("the weights of the run to start from have other names", "its settings must be the same.")
    for name, old in to_tensors(arrays).items():
        more = len(weights[name]) - len(old)
        if weights[name].shape[1:] != old.shape[1:] or more < 0 or (more > 0 and name not in BY_CHARACTER):
            raise RunError(f"{name} of the run to start from does not fit", "its settings must be the same.")
        weights[name][: len(old)] = old
    return weights
