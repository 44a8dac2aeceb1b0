"""The settings of the networks that listen."""

from collections.abc import Sequence
from dataclasses import dataclass

from genmodels.errors import UsageError
from genmodels.settings.fields import setting
from genmodels.settings.reader import check_lengths
from genmodels.settings.training import AveragedSettings

SPEECH_MODELS = ("window", "tdnn", "rnn", "gru", "lstm", "bilstm", "tdnn-bilstm")
FEATURES = ("mel", "mfcc")
LONGEST_UTTERANCE = 64  # clips
UTTERANCES = 6_400  # in an epoch


@dataclass(frozen=True, kw_only=True)
class SpeechSettings(AveragedSettings):
    """A network that reads spoken words and how it is trained.

    Example:
        >>> genmodels.SpeechSettings(model="lstm").parameters
        95000
    """

    model: str = setting(
        "tdnn",
        "window, tdnn (both feedforward), rnn, gru, lstm, bilstm or tdnn-bilstm.",
        panel="Model",
        choices=SPEECH_MODELS,
        usual=True,
    )
    parameters: int = setting(
        95_000, "Trained numbers, at most: each model is made as wide as fits.", panel="Model", at_least=1_000,
        at_most=1_000_000_000, usual=True,
    )  # fmt: skip
    hidden_size: int | None = setting(
        None, "Units of each layer, instead of as many as --parameters allows.", panel="Model", at_least=1,
        at_most=65536, shown="fits --parameters",
    )  # fmt: skip
    window: int = setting(
        21,
        "Frames of 25 ms, one every 10 ms, that --model window sees, an odd number.",
        panel="Model",
        at_least=1,
        at_most=1023,
        only={"model": ("window",)},
    )
    dropout: float = setting(
        0.1, "Share of each layer's units dropped in training.", panel="Model", at_least=0, below=1
    )
    features: str = setting(
        "mel", "What is heard of the sound: mel (40 bands) or mfcc (13 coefficients of them).", panel="Model",
        choices=FEATURES,
    )  # fmt: skip
    longest: int = setting(
        8, "Words in the longest training utterance.", panel="Data", at_least=1, at_most=LONGEST_UTTERANCE
    )
    utterances: int = setting(
        UTTERANCES, "Utterances in an epoch; each is composed anew.", panel="Data", at_least=1, at_most=100_000_000
    )
    tested_utterances: int = setting(
        400, "Held-out utterances read at each epoch's end, of all lengths alike.", panel="Data", at_least=1,
        at_most=1_000_000,
    )  # fmt: skip
    validation: float = setting(
        0.05,
        "Share of the training clips held out to choose the best epoch by; 0 takes the test clips for that.",
        panel="Data", at_least=0, at_most=0.9,
    )  # fmt: skip
    leave_out: str | None = setting(
        None, "Train without this speaker, who is then the test part.", panel="Data", shown="nobody"
    )
    voices: float = setting(
        0.0, "Share of the training utterances that the built-in synthesised voices speak, beside those of --dataset.",
        panel="Data", at_least=0, at_most=1,
    )  # fmt: skip
    speed: float = setting(
        1.25, "Training utterances are up to so many times as fast or as slow; 1 leaves them.", panel="Data",
        at_least=1, at_most=4,
    )  # fmt: skip
    warp: float = setting(
        1.12, "Their frequencies are stretched up to so many times either way, as of other throats; 1 leaves them.",
        panel="Data", at_least=1, at_most=2,
    )  # fmt: skip
    noise: float = setting(
        3.0, "Decibels that the loudest noise in training lies below the speech.", panel="Data", at_least=-20,
        at_most=60,
    )  # fmt: skip
    epochs: int = setting(
        24, f"Rounds of {UTTERANCES:,} utterances, however few clips there are.",
        panel="Training", at_least=1, at_most=100_000, usual=True,
    )  # fmt: skip
    batch_size: int = setting(16, "Utterances in an update.", panel="Training", at_least=1, at_most=65536)
    learning_rate: float = setting(
        0.004, "Peak learning rate of AdamW.", panel="Training", above=0, at_most=10, usual=True
    )
    weight_decay: float = setting(
        0.02, "Decoupled weight decay of the matrices.", panel="Training", at_least=0, below=1
    )
    gradient_clip: float | None = setting(
        5.0, "Largest norm of the whole gradient; longer ones are scaled down.", panel="Training", above=0
    )
    average_weights: float = setting(
        0.995,
        "Decay of the running average of the weights that is evaluated and kept; 0 keeps the newest weights.",
        panel="Training",
        at_least=0,
        below=1,
        only={"optimizer": ("adamw", "muon")},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_middle(f"--window {self.window}", "--window ", self.window)

    @property
    def architecture(self) -> tuple[str, ...]:
        """See `TrainingSettings.architecture`."""
        window = ("window",) if self.model == "window" else ()
        return ("model", "parameters", "hidden_size", "features", *window)

    @property
    def sizes(self) -> str:
        """What decides the memory, as a message names it."""
        width = f"--parameters {self.parameters}" if self.hidden_size is None else f"--hidden-size {self.hidden_size}"
        return f"--batch-size {self.batch_size}, --longest {self.longest}, {width}"


def check_middle(told: str, option: str, window: int) -> None:
    """Frames that a window can be made of, which are as many before its middle as after it.

    Args:
        told: the window as a message names it.
        option: what stands before the number where it is given.
        window: frames.

    Raises:
        UsageError: they are even.
    """
    if window % 2 == 0:
        what = f"{told} has no middle frame: as many must lie after it as before"
        raise UsageError(what, f"use {option}{window + 1}.", told.partition(" ")[0])


def check_clips(lengths: int | Sequence[int], told: str | None = None) -> list[int]:
    """Numbers of words that utterances can be composed of, as a list.

    Args:
        lengths: words in each.
        told: how they were written, where not as a list.

    Raises:
        UsageError: there are none, or one is too long or below 1.
    """
    numbers = check_lengths(lengths, told, "words")
    if min(numbers) < 1:
        shown = ",".join(map(str, numbers)) if told is None else told
        what = f"--lengths {shown}: an utterance has a word at least"
        raise UsageError(what, "begin at 1, such as --lengths 1-8.", "--lengths")
    return numbers
