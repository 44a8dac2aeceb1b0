"""Settings and words beside the weights of a network that listens; needs no torch."""

from dataclasses import dataclass

from genmodels.errors import RunError, UsageError
from genmodels.runs.checkpoint import Checkpoint
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
    epoch: int
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
        return ListenerDescription(settings, words, int(state["epoch"]), str(state["data"]))
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise RunError(f"{checkpoint.path} does not describe its model: {error}", "restore it from a copy.") from error
