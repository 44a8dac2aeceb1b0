"""Settings and words beside the weights of a network that listens; needs no torch."""

from dataclasses import dataclass

from genmodels.errors import RunError, UsageError
from genmodels.models.layers import features_of, hidden_size_of, layers_of, weight_shapes
from genmodels.runs.checkpoint import Checkpoint
from genmodels.runs.run_dir import epoch_of
from genmodels.settings.speech import SpeechSettings


@dataclass(frozen=True)
class ListenerDescription:
    """What a network that listens is.

    Args:
        settings: it was trained with.
        words: that it tells apart.
        epoch: whose weights they are.
        data: what its set is called.
    """

    settings: SpeechSettings
    words: tuple[str, ...]
    epoch: float
    data: str


def describe_listener(checkpoint: Checkpoint) -> ListenerDescription:
    """Settings and words that stand beside the weights.

    Raises:
        RunError: they are missing or damaged.
    """
    state = checkpoint.state
    try:
        settings = SpeechSettings.from_mapping(state["settings"])
        words = tuple(str(word) for word in state["words"])
        return ListenerDescription(settings, words, epoch_of(checkpoint.path, state), str(state["data"]))
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise RunError(f"{checkpoint.path} does not describe its model: {error}", "restore it from a copy.") from error


def check_weights(checkpoint: Checkpoint, about: ListenerDescription) -> None:
    """Look whether the weights are those of the network that is described.

    Raises:
        RunError: a name or a shape is another.
    """
    settings, words = about.settings, len(about.words)
    wanted = weight_shapes(features_of(settings), words, hidden_size_of(settings, words), layers_of(settings))
    there = {name: array.shape for name, array in checkpoint.tensors["model"].items()}
    wrong = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
    if wrong:
        name = wrong[0]
        what = f"{checkpoint.path} does not fit its settings: {name} is {there.get(name)} and not {wanted.get(name)}"
        raise RunError(what, "restore it from a copy.")
