"""The settings of the character models."""

from dataclasses import dataclass

from genmodels.settings.fields import setting
from genmodels.settings.training import TrainingSettings

UNKNOWN_CHARACTERS = ("error", "skip")  # what may be done about those outside a vocabulary
TEXT_MODELS = ("feedforward", "rnn", "gru", "lstm")


@dataclass(frozen=True, kw_only=True)
class TextSettings(TrainingSettings):
    """A character-level language model and how it is trained.

    Example:
        >>> genmodels.TextSettings(model="gru", hidden_size=64).window
        64
    """

    model: str = setting("lstm", "|".join(TEXT_MODELS) + ".", panel="Model", choices=TEXT_MODELS, usual=True)
    layers: int = setting(1, "Recurrent (or hidden) layers.", panel="Model", at_least=1, at_most=64, usual=True)
    hidden_size: int = setting(320, "Units in each layer.", panel="Model", at_least=2, at_most=65536, usual=True)
    embedding_size: int = setting(64, "Numbers that stand for one character.", panel="Model", at_least=1, at_most=65536)
    context: int = setting(
        16, "Characters that the feedforward model sees.", panel="Model", at_least=1, at_most=4096,
        only={"model": ("feedforward",)},
    )  # fmt: skip
    dropout: float = setting(
        0.25, "Share of each layer's units dropped in training.", panel="Model", at_least=0, below=1
    )
    embedding_dropout: float = setting(
        0.2, "Share of the embedding's units dropped in training.", panel="Model", at_least=0, below=1
    )
    dropout_epochs: float = setting(
        20.0,
        "Passes over the text from which on both are full; a training planned shorter uses less in proportion.",
        panel="Model",
        at_least=0,
        at_most=100_000,
    )
    label_smoothing: float = setting(
        0.0,
        "Share of each target that is spread evenly over all characters in training; measures are those of the "
        "characters alone.",
        panel="Training",
        at_least=0,
        below=1,
    )
    batch_size: int = setting(
        16, "Contiguous streams of text read side by side.", panel="Training", at_least=1, at_most=65536, usual=True
    )
    window: int = setting(
        64, "Characters between two updates (truncated back-propagation).", panel="Training",
        at_least=1, at_most=65536,
    )  # fmt: skip
    val_fraction: float = setting(
        0.1, "Share of the text, at its end, kept for validation.", panel="Corpus", above=0, at_most=0.9
    )
    val_limit: int = setting(
        1_000_000, "Most characters of validation text read each epoch.", panel="Corpus", at_least=2
    )
    encoding: str = setting("utf-8", "Encoding of the corpus files.", panel="Corpus")
    bytes: bool = setting(False, "Model raw bytes instead of characters; measures are then per byte.", panel="Corpus")
    max_vocabulary: int = setting(
        10_000, "Most different characters allowed.", panel="Corpus", at_least=1, at_most=1_114_112
    )
    sample_prompt: str | None = setting(
        None,
        "Seed phrase of the samples written at each epoch's end.",
        panel="Samples",
        shown="the first words of the validation text, or a beginning for the built-in one",
    )
    sample_temp: tuple[float, ...] = setting(
        (0.25, 0.75, 1.5), "Temperatures of those samples.", panel="Samples", at_least=0, at_most=100
    )
    sample_length: int = setting(
        200, "Characters of each of those samples.", panel="Samples", at_least=1, at_most=1_000_000
    )

    @property
    def architecture(self) -> tuple[str, ...]:
        """See `TrainingSettings.architecture`."""
        return ("model", "layers", "hidden_size", "embedding_size", "context", "bytes")

    @property
    def sizes(self) -> str:
        """What decides the memory, as a message names it."""
        return f"--batch-size {self.batch_size}, --window {self.window}, --hidden-size {self.hidden_size}"
