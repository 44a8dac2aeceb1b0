"""The settings of the generative adversarial network, and its presets."""

from dataclasses import dataclass
from typing import Any

from genmodels.settings.fields import setting
from genmodels.settings.images import BINARIZE, ImageSettings
from genmodels.settings.training import BETA1, MOMENTUM

GAN_MODELS = ("dcgan", "mlp")
GAN_LOSSES = ("non-saturating", "hinge", "wasserstein-gp")


@dataclass(frozen=True, kw_only=True)
class GanSettings(ImageSettings):
    """A generative adversarial network and how it is trained.

    Example:
        >>> genmodels.GanSettings(loss="wasserstein-gp").spectral_norm
        False
    """

    model: str = setting("dcgan", "|".join(GAN_MODELS) + ".", panel="Model", choices=GAN_MODELS, usual=True)
    latent_size: int = setting(64, "Dimensions of the code z.", panel="Model", at_least=1, at_most=65536, usual=True)
    channels: int = setting(
        32, "Channels of the dcgan discriminator's first layer; the next have twice and four times as many.",
        panel="Model", at_least=1, at_most=4096, only={"model": ("dcgan",)},
    )  # fmt: skip
    hidden_size: int = setting(
        512, "Units in each hidden layer of the mlp.", panel="Model", at_least=1, at_most=65536,
        only={"model": ("mlp",)},
    )  # fmt: skip
    layers: int = setting(
        2, "Hidden layers of the mlp, of either player.", panel="Model", at_least=1, at_most=64,
        only={"model": ("mlp",)},
    )  # fmt: skip
    loss: str = setting("non-saturating", "|".join(GAN_LOSSES) + ".", panel="Objective", choices=GAN_LOSSES, usual=True)
    spectral_norm: bool | None = setting(
        None,
        "Divide the discriminator's weights by their largest singular values.",
        panel="Objective",
        shown="on, but not with wasserstein-gp",
    )
    r1: float | None = setting(
        None,
        "Weight of the penalty on the discriminator's gradient at real images (R1).",
        panel="Objective",
        at_least=0,
        at_most=1e6,
        shown="0.1, but 0 with wasserstein-gp",
    )
    r1_every: int = setting(
        16, "Steps between two such penalties, each so many times as strong.", panel="Objective",
        at_least=1, at_most=100_000,
    )  # fmt: skip
    gradient_penalty: float = setting(
        10.0, "Weight of the gradient penalty of wasserstein-gp.", panel="Objective", at_least=0, at_most=1e6,
        only={"loss": ("wasserstein-gp",)},
    )  # fmt: skip
    binarize: str = setting(
        "none",
        "What real images are to the discriminator: none (grey), dynamic (drawn anew each time), static (drawn once), "
        "threshold (at 0.5).",
        panel="Data",
        choices=BINARIZE,
    )
    epochs: int = setting(
        10, "Passes over the training data.", panel="Training", at_least=1, at_most=100_000, usual=True
    )
    batch_size: int = setting(32, "Images in an update.", panel="Training", at_least=1, at_most=65536, usual=True)
    learning_rate: float = setting(
        0.003, "Peak learning rate of the generator's AdamW.", panel="Training", above=0, at_most=10, usual=True
    )
    discriminator_rate: float = setting(
        2.0, "The discriminator's learning rate, as a multiple of it.", panel="Training", above=0, at_most=1000
    )
    beta1: float = setting(0.0, BETA1, panel="Training", at_least=0, below=1)
    momentum: float = setting(0.0, MOMENTUM, panel="Training", at_least=0, below=1, only={"optimizer": ("muon",)})

    def __post_init__(self) -> None:
        super().__post_init__()
        penalised = self.loss == "wasserstein-gp"
        if self.spectral_norm is None:
            object.__setattr__(self, "spectral_norm", not penalised)
        if self.r1 is None:
            object.__setattr__(self, "r1", 0.0 if penalised else 0.1)

    @property
    def architecture(self) -> tuple[str, ...]:
        """See `TrainingSettings.architecture`."""
        return ("model", "latent_size", "channels", "hidden_size", "layers", "spectral_norm")

    @property
    def sizes(self) -> str:
        """What decides the memory, as a message names it."""
        width = f"--channels {self.channels}" if self.model == "dcgan" else f"--hidden-size {self.hidden_size}"
        return f"--batch-size {self.batch_size}, {width}"


GAN_PRESETS: dict[str, dict[str, Any]] = {
    # The first paper's players: fully connected, nothing normalised, nothing penalised.
    "classic": {"model": "mlp", "spectral_norm": False, "r1": 0.0, "average_weights": 0.0},
}
