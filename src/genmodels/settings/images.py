"""What families take that learn from an image set; what every family of image models takes."""

from collections.abc import Sequence
from dataclasses import dataclass

from genmodels.settings.fields import setting
from genmodels.settings.training import AveragedSettings

Classes = str | int | Sequence[str | int]
"""Names of classes, or one; a whole number stands for the class of that name."""

BINARIZE = ("none", "dynamic", "static", "threshold")
TARGETS_TOLD = {
    "none": "grey", "dynamic": "binarised anew each epoch", "static": "binarised once", "threshold": "binarised at 0.5",
}  # fmt: skip


def images_told(data: str, binarize: str) -> str:
    """An image set and what is made of its pixels, as titles say it.

    >>> images_told("MNIST", "dynamic")
    'MNIST, binarised anew each epoch'
    """
    return f"{data}, {TARGETS_TOLD.get(binarize, binarize)}"


@dataclass(frozen=True, kw_only=True)
class ImageSetSettings(AveragedSettings):
    """What families take that learn from an image set, whatever they learn of it."""

    val_images: int = setting(
        0,
        "Hold this many training images out and evaluate on them instead of on the test images.",
        panel="Data",
        at_least=0,
    )
    grey: bool = setting(False, "Take images in colour as grey, instead of refusing them.", panel="Data")


@dataclass(frozen=True, kw_only=True)
class ImageSettings(ImageSetSettings):
    """What every family of image models takes."""

    binarize: str = setting(
        "dynamic",
        "Targets: none (grey), dynamic (drawn anew each time), static (drawn once), threshold (at 0.5).",
        panel="Data",
        choices=BINARIZE,
    )
    batch_size: int = setting(128, "Images in an update.", panel="Training", at_least=1, at_most=65536, usual=True)
    learning_rate: float = setting(
        0.003, "Peak learning rate of AdamW.", panel="Training", above=0, at_most=10, usual=True
    )
    weight_decay: float = setting(0.0, "Decoupled weight decay of the matrices.", panel="Training", at_least=0, below=1)
    gradient_clip: float | None = setting(
        None, "Largest norm of the whole gradient; longer ones are scaled down.", panel="Training", above=0, shown="off"
    )
