"""Settings and vocabulary beside a language model's weights; needs no torch."""

from genmodels.data.text.vocabulary import Vocabulary
from genmodels.errors import RunError, UsageError
from genmodels.runs.checkpoint import Checkpoint
from genmodels.settings.text import TextSettings


def describe(checkpoint: Checkpoint) -> tuple[TextSettings, Vocabulary]:
    """Settings and vocabulary that stand beside a language model's weights.

    Raises:
        RunError: they are missing or damaged.
    """
    try:
        settings = TextSettings.from_mapping(checkpoint.state["settings"])
        return settings, Vocabulary.from_json(checkpoint.state["vocabulary"])
    except (KeyError, TypeError, UsageError) as error:
        raise RunError(f"{checkpoint.path} does not describe its model: {error}", "restore it from a copy.") from error
