"""What families take that learn from an image set; what every family of image models takes."""

from dataclasses import dataclass

from genmodels.settings.fields import setting
from genmodels.settings.training import AveragedSettings

BINARIZED = {  # what --binarize makes of images, as titles say it
    "none": "grey", "dynamic": "binarised anew each epoch", "static": "binarised once", "threshold": "cut at half",
}  # fmt: skip
BINARIZE = tuple(BINARIZED)


@dataclass(frozen=True, kw_only=True)
class ImageSetSettings(AveragedSettings):
    """What families take that learn from an image set, whatever they learn of it."""

    val_images: int = setting(
        0,
        "Hold this many training images out and evaluate on them instead of on the test images.",
        panel="Data",
        at_least=0,
    )


@dataclass(frozen=True, kw_only=True)
class ImageSettings(ImageSetSettings):
    """What every family of image models takes."""

    binarize: str = setting(
        "dynamic",
        "Targets: none (grey), dynamic (drawn anew each time), static (drawn once), threshold (at 0.5).",
        panel="Data",
        choices=BINARIZE,
    )
    batch_size: int = setting(128, "Images in an update.", panel="Training", at_least=1, at_most=65536)
    learning_rate: float = setting(0.003, "Peak learning rate of AdamW.", panel="Training", above=0, at_most=10)
    weight_decay: float = setting(0.0, "Decoupled weight decay of the matrices.", panel="Training", at_least=0, below=1)
    gradient_clip: float | None = setting(
        None, "Largest norm of the whole gradient; longer ones are scaled down.", panel="Training", above=0, shown="off"
    )
