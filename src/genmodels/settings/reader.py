"""The settings of the readers of strips."""

from collections.abc import Sequence
from dataclasses import dataclass

from genmodels.errors import UsageError
from genmodels.settings.fields import check_list, setting
from genmodels.settings.images import ImageSetSettings

READER_MODELS = ("crnn", "cnn")
NARROWEST, WIDEST, USUAL_WIDTH = 2, 10_000, 10  # of a beam; --decode greedy is a beam of one
DECODERS = ("greedy", "beam")
USUAL_DECODER = DECODERS[0]  # everywhere: what is shown is what was measured; a beam reads hardly better
LONGEST_STRIP = 64  # digits
STRIPS = 25_600  # in an epoch


@dataclass(frozen=True, kw_only=True)
class ReaderSettings(ImageSetSettings):
    """A network that reads strips of digits and how it is trained.

    Example:
        >>> genmodels.ReaderSettings(longest=5).strips
        25600
    """

    model: str = setting(
        "crnn", "crnn (convolutions and an LSTM), or cnn (a fixed number of outputs).", panel="Model",
        choices=READER_MODELS, usual=True,
    )  # fmt: skip
    channels: int = setting(
        32, "Channels of the first convolution; the next have twice and four times as many.", panel="Model",
        at_least=1, at_most=4096,
    )  # fmt: skip
    hidden_size: int = setting(
        96, "Units of the LSTM in each direction; cnn's hidden layer has four times as many.", panel="Model",
        at_least=2, at_most=65536,
    )  # fmt: skip
    layers: int = setting(
        1, "Layers of the LSTM; cnn has none.", panel="Model", at_least=1, at_most=64, only={"model": ("crnn",)}
    )
    longest: int = setting(
        8, "Digits in the longest training strip.", panel="Data", at_least=1, at_most=LONGEST_STRIP, usual=True
    )
    strips: int = setting(
        STRIPS, "Strips in an epoch; each is composed anew.", panel="Data", at_least=1, at_most=100_000_000
    )
    tested_strips: int = setting(
        1_600, "Held-out strips read at each epoch's end, of all lengths alike.", panel="Data", at_least=1,
        at_most=1_000_000,
    )  # fmt: skip
    warp: float = setting(
        1.0, "How far training digits are slanted, tilted and stretched; 0 leaves them as they are.", panel="Data",
        at_least=0, at_most=2,
    )  # fmt: skip
    epochs: int = setting(
        24, f"Rounds of {STRIPS:,} strips, however few images there are.",
        panel="Training", at_least=1, at_most=100_000, usual=True,
    )  # fmt: skip
    batch_size: int = setting(16, "Strips in an update.", panel="Training", at_least=1, at_most=65536, usual=True)
    learning_rate: float = setting(
        0.004,
        "Peak learning rate of AdamW; cnn takes a quarter of it.",
        panel="Training",
        above=0,
        at_most=10,
        usual=True,
    )
    weight_decay: float = setting(
        0.03, "Decoupled weight decay of the matrices.", panel="Training", at_least=0, below=1
    )
    gradient_clip: float | None = setting(
        5.0, "Largest norm of the whole gradient; longer ones are scaled down.", panel="Training", above=0
    )

    @property
    def architecture(self) -> tuple[str, ...]:
        """See `TrainingSettings.architecture`."""
        fixed = ("longest",) if self.model == "cnn" else ()  # which has an output for each digit
        return ("model", "channels", "hidden_size", "layers", *fixed)

    @property
    def sizes(self) -> str:
        """What decides the memory, as a message names it."""
        return f"--batch-size {self.batch_size}, --channels {self.channels}, --hidden-size {self.hidden_size}"


def check_lengths(lengths: int | Sequence[int], told: str | None = None, counted: str = "digits") -> list[int]:
    """Lengths of strips, or of utterances, that can be composed, as a list.

    Args:
        lengths: digits, or words, in each.
        told: how they were written, where not as a list.
        counted: what is counted.

    Raises:
        UsageError: there are none, or one is too long or below 0.
    """
    numbers = check_list("--lengths", lengths, int)
    shown = ",".join(map(str, numbers)) if told is None else told
    if min(numbers) < 0:
        hint = "give numbers or ranges, such as --lengths 1,2 or 1-2."
        raise UsageError(f"--lengths {shown!r} is not a list of lengths", hint, "--lengths")
    if max(numbers) > LONGEST_STRIP:
        what = f"--lengths {shown}: {max(numbers)} {counted} are too many"
        raise UsageError(what, f"ask for at most {LONGEST_STRIP}.", "--lengths")
    return numbers
