"""The settings of the pixel models, and their presets."""

from dataclasses import dataclass
from typing import Any

from genmodels.errors import UsageError
from genmodels.settings.fields import setting
from genmodels.settings.images import BINARIZE, ImageSettings

PIXEL_LAYERS = {"pixelcnn": 8, "row-lstm": 3, "diagonal-bilstm": 3}
PIXEL_MODELS = tuple(PIXEL_LAYERS)
LEVELS = ("2", "4", "16", "256")


@dataclass(frozen=True, kw_only=True)
class PixelSettings(ImageSettings):
    """A model of images pixel by pixel and how it is trained.

    Example:
        >>> genmodels.PixelSettings(levels="16").binarize
        'none'
    """

    model: str = setting("pixelcnn", "|".join(PIXEL_MODELS) + ".", panel="Model", choices=PIXEL_MODELS, usual=True)
    channels: int = setting(
        16, "Channels of each layer (of the LSTMs: hidden units).", panel="Model", at_least=1, at_most=4096, usual=True
    )
    layers: int | None = setting(
        None, "Layers.", panel="Model", at_least=1, at_most=256, shown="8 for pixelcnn, 3 for the LSTMs"
    )
    levels: str = setting(
        "2", "Values of a pixel: 2 (Bernoulli), or 4, 16, 256 (softmax, of the grey values).", panel="Model",
        choices=LEVELS,
    )  # fmt: skip
    orientations: int = setting(
        1, "1, or 4: train on images turned by quarters too, so that any half can be completed.", panel="Model",
        at_least=1, at_most=4,
    )  # fmt: skip
    binarize: str = setting(
        "auto",
        "Two levels: dynamic (drawn anew each time), static (drawn once), threshold (at 0.5); more levels: none. "
        "auto is dynamic or none.",
        panel="Data",
        choices=("auto", *BINARIZE),
    )
    epochs: int = setting(
        6, "Passes over the training data.", panel="Training", at_least=1, at_most=100_000, usual=True
    )
    batch_size: int = setting(32, "Images in an update.", panel="Training", at_least=1, at_most=65536, usual=True)
    learning_rate: float = setting(
        0.008, "Peak learning rate of AdamW.", panel="Training", above=0, at_most=10, usual=True
    )
    gradient_clip: float | None = setting(
        5.0, "Largest norm of the whole gradient; longer ones are scaled down.", panel="Training", above=0
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layers is None:
            object.__setattr__(self, "layers", PIXEL_LAYERS[self.model])
        binary = self.levels == "2"
        if self.orientations not in {1, 4}:
            what = f"--orientations is {self.orientations}, but it must be 1 or 4"
            raise UsageError(what, "choose 1 or 4.", "--orientations")
        if self.binarize == "auto":
            object.__setattr__(self, "binarize", "dynamic" if binary else "none")
        if binary == (self.binarize == "none"):
            raise UsageError(
                f"--levels {self.levels} and --binarize {self.binarize} contradict each other",
                "leave --binarize out: two levels are binarised, more are grey values.",
            )

    @property
    def architecture(self) -> tuple[str, ...]:
        """See `TrainingSettings.architecture`."""
        return ("model", "channels", "layers", "levels", "orientations")

    @property
    def sizes(self) -> str:
        """What decides the memory, as a message names it."""
        return f"--batch-size {self.batch_size}, --channels {self.channels}, --layers {self.layers}"


PIXEL_PRESETS: dict[str, dict[str, Any]] = {
    # Seven layers of the Diagonal BiLSTM with 16 units, batches of 16: the network of arXiv 1601.06759. It wants a GPU;
    # the paper's 79.2 nats were never reproduced with it here.
    "paper": {"model": "diagonal-bilstm", "layers": 7, "channels": 16, "batch_size": 16, "epochs": 100},
}
