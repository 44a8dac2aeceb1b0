"""The settings of the variational autoencoder, and its presets."""

from dataclasses import dataclass
from typing import Any

from genmodels.errors import UsageError
from genmodels.settings.fields import setting
from genmodels.settings.images import ImageSettings

HIDDEN_SIZES = {"mlp": 512, "conv": 128}
VAE_MODELS = tuple(HIDDEN_SIZES)


@dataclass(frozen=True, kw_only=True)
class VaeSettings(ImageSettings):
    """A variational autoencoder and how it is trained.

    Example:
        >>> genmodels.VaeSettings(model="mlp").hidden_size
        512
    """

    model: str = setting("conv", "|".join(VAE_MODELS) + ".", panel="Model", choices=VAE_MODELS, usual=True)
    latent_size: int = setting(32, "Dimensions of the code z.", panel="Model", at_least=1, at_most=65536, usual=True)
    hidden_size: int | None = setting(
        None,
        "Units in each fully connected layer.",
        panel="Model",
        at_least=1,
        at_most=65536,
        shown="512 for the mlp, 128 for conv",
        usual=True,
    )
    layers: int = setting(
        2, "Hidden layers of the mlp on each side.", panel="Model", at_least=1, at_most=64, only={"model": ("mlp",)}
    )
    channels: int = setting(
        16, "Channels of the conv model's first layer; the second has twice as many.", panel="Model",
        at_least=1, at_most=4096, only={"model": ("conv",)},
    )  # fmt: skip
    blocks: int = setting(
        1,
        "Residual blocks of the conv model's decoder.",
        panel="Model",
        at_least=0,
        at_most=256,
        only={"model": ("conv",)},
    )
    activation: str = setting("silu", "relu, silu or tanh.", panel="Model", choices=("relu", "silu", "tanh"))
    conditional: bool = setting(False, "Give the class to encoder and decoder.", panel="Model", usual=True)
    beta: float = setting(
        1.0, "Weight of the KL term in training.", panel="Objective", at_least=0, at_most=1e6, usual=True
    )
    kl_warmup_steps: int = setting(
        0, "Steps in which the KL term's weight rises from 0 to --beta.", panel="Objective", at_least=0
    )
    free_bits: float = setting(
        0.0, "Nats of KL that each dimension of z may carry for free in training.", panel="Objective",
        at_least=0, at_most=1e6,
    )  # fmt: skip
    importance_samples: int = setting(
        1, "Codes drawn for each image in training: 1 is the ELBO, more the IWAE bound.", panel="Objective",
        at_least=1, at_most=100_000,
    )  # fmt: skip
    start_at_mean: bool = setting(True, "Let the output begin at the mean training image.", panel="Training")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hidden_size is None:
            object.__setattr__(self, "hidden_size", HIDDEN_SIZES[self.model])
        if self.importance_samples > 1 and self.free_bits > 0:
            raise UsageError(
                f"--free-bits {self.free_bits:g} and --importance-samples {self.importance_samples} contradict each "
                "other: the importance-weighted bound has no KL term of its own",
                "leave one of them out.",
            )
        if self.accumulate > 1 and self.free_bits > 0:
            what = (
                f"--free-bits {self.free_bits:g} looks at the KL of a whole batch, but --accumulate {self.accumulate}"
            )
            raise UsageError(f"{what} computes it in pieces", "leave one of them out.")

    @property
    def architecture(self) -> tuple[str, ...]:
        """See `TrainingSettings.architecture`."""
        return (
            "model", "latent_size", "hidden_size", "layers", "channels", "blocks", "activation", "conditional",
        )  # fmt: skip

    @property
    def sizes(self) -> str:
        """What decides the memory, as a message names it."""
        width = f"--channels {self.channels}, " if self.model == "conv" else ""
        return f"--batch-size {self.batch_size}, {width}--hidden-size {self.hidden_size}"


VAE_PRESETS: dict[str, dict[str, Any]] = {
    # Wider, deeper and longer than the default.
    "large": {"channels": 24, "blocks": 2, "hidden_size": 256, "epochs": 40},
    # The network and training of the first textbooks' example: 784-400-20, grey targets, Adam at a constant rate.
    "classic": {
        "model": "mlp",
        "hidden_size": 400,
        "layers": 1,
        "latent_size": 20,
        "activation": "relu",
        "binarize": "none",
        "learning_rate": 0.001,
        "warmup_steps": 0,
        "schedule": "constant",
        "beta2": 0.999,
        "start_at_mean": False,
        "average_weights": 0.0,
    },
}
