"""Every setting of every family: its default, its range, its help, in one place.

The command line reads its options from these fields, a run records them, a resumed run gets them back.
"""

import math
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from types import NoneType
from typing import Any, Self, get_args, get_origin

from genmodels.errors import UsageError, did_you_mean

Number = int | float


def setting(
    default: Any,
    help: str,  # noqa: A002 - the command line's word for it
    *,
    panel: str,
    choices: tuple[str, ...] | None = None,
    at_least: Number | None = None,
    at_most: Number | None = None,
    above: Number | None = None,
    below: Number | None = None,
    shown: str | None = None,
    flag: str | None = None,
) -> Any:
    """A dataclass field with what the command line and the range check need to know.

    Args:
        default: value when neither a flag nor a config file gives one.
        help: one line for ``--help``.
        panel: the group under which ``--help`` lists it.
        choices: the names allowed, for a text.
        at_least: lowest value allowed, for a number or each number of a list.
        at_most: highest value allowed, likewise.
        above: every value must be above this one, likewise.
        below: every value must be below this one, likewise.
        shown: how ``--help`` words the default where its value alone says too little.
        flag: the option, where it isn't the field's name.
    """
    metadata = {
        "help": help,
        "panel": panel,
        "choices": choices,
        "bounds": ((at_least, ">="), (above, ">"), (at_most, "<="), (below, "<")),
        "shown": shown,
        "flag": flag,
    }
    return field(default=default, metadata=metadata)


_HOLDS = {
    ">=": lambda value, bound: value >= bound,
    ">": lambda value, bound: value > bound,
    "<=": lambda value, bound: value <= bound,
    "<": lambda value, bound: value < bound,
}


def flag_of(name: str) -> str:
    """The option that sets a field: ``hidden_size`` is ``--hidden-size``."""
    return "--" + name.replace("_", "-")


def _check_number(flag: str, value: Number, bounds: tuple[tuple[Number | None, str], ...]) -> None:
    if not math.isfinite(value):
        raise UsageError(f"{flag} is {value}, which is not a finite number", f"give {flag} an ordinary number.")
    limits = [(bound, sign) for bound, sign in bounds if bound is not None]
    if any(not _HOLDS[sign](value, bound) for bound, sign in limits):
        wanted = " and ".join(f"{sign} {bound}" for bound, sign in limits)
        raise UsageError(f"{flag} is {value}, but it must be {wanted}", f"choose a value {wanted}.")


def _check_choice(flag: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        hint = did_you_mean(value, choices) or f"choose one of: {', '.join(choices)}."
        raise UsageError(f"{flag} {value!r} is unknown (known: {', '.join(choices)})", hint)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Base of all settings: checks each field against its declared range when made.

    Raises:
        UsageError: a value is out of its range, not finite, or not among the choices.
    """

    def __post_init__(self) -> None:
        for spec in fields(self):
            value, flag = getattr(self, spec.name), spec.metadata["flag"] or flag_of(spec.name)
            if value is None:
                continue
            if spec.metadata["choices"] is not None:
                _check_choice(flag, value, spec.metadata["choices"])
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, int | float) and not isinstance(item, bool):
                    _check_number(flag, item, spec.metadata["bounds"])

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Settings from plain values, as JSON or TOML holds them.

        Raises:
            UsageError: an unknown name, a wrong type, or a value out of range.
        """
        known = {spec.name: spec for spec in fields(cls)}
        for name in values:
            if name not in known:
                hint = did_you_mean(name, known) or "see the command's --help for the names."
                raise UsageError(f"there is no setting {name!r}", hint)
        return cls(**{name: _coerce(known[name], value) for name, value in values.items()})

    def to_mapping(self) -> dict[str, Any]:
        """Plain values for JSON; `from_mapping` reads them back."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}


def _coerce(spec: Field[Any], value: Any) -> Any:
    """A value out of a file as the type that its field is declared with."""
    kinds = get_args(spec.type) or (spec.type,)
    if get_origin(spec.type) is tuple:
        items = value if isinstance(value, list | tuple) else [value]
        return tuple(_as_kind(spec.name, item, kinds[:1]) for item in items)
    return _as_kind(spec.name, value, kinds)


def _as_kind(name: str, value: Any, kinds: tuple[Any, ...]) -> Any:
    if type(value) in kinds:
        return value
    if type(value) is int and float in kinds:
        return float(value)
    wanted = " or ".join("null" if kind is NoneType else kind.__name__ for kind in kinds)
    article = "an" if wanted[0] in "aeiou" else "a"
    raise UsageError(
        f"setting {name!r} is {value!r}, but it must be {article} {wanted}", f"write {name} as {article} {wanted}."
    )


@dataclass(frozen=True, kw_only=True)
class TrainingSettings(Settings):
    """What the one training loop takes, for every family."""

    epochs: int = setting(20, "Passes over the training data.", panel="Training", at_least=1, at_most=100_000)
    minutes: float | None = setting(
        None,
        "Train for about this many minutes instead of --epochs: the speed is measured in the first steps, "
        "then the number of steps is fixed and recorded.",
        panel="Training",
        above=0,
        at_most=100_000,
        shown="off",
    )
    learning_rate: float = setting(0.004, "Peak learning rate of AdamW.", panel="Training", above=0, at_most=10)
    weight_decay: float = setting(
        0.05, "Decoupled weight decay of the matrices.", panel="Training", at_least=0, below=1
    )
    beta1: float = setting(0.9, "AdamW's decay of the mean gradients.", panel="Training", at_least=0, below=1)
    beta2: float = setting(0.99, "AdamW's decay of the mean squared gradients.", panel="Training", at_least=0, below=1)
    warmup_steps: int = setting(
        200, "Steps of linear warm-up, at most a tenth of all steps.", panel="Training", at_least=0
    )
    schedule: str = setting(
        "cosine",
        "Learning rate after the warm-up: cosine (down to zero) or constant.",
        panel="Training",
        choices=("cosine", "constant"),
    )
    gradient_clip: float | None = setting(
        1.0, "Largest norm of the whole gradient; longer ones are scaled down.", panel="Training", above=0
    )
    seed: int = setting(1, "Seed of every random stream.", panel="Training", at_least=0, below=2**63)
    device: str = setting("auto", "auto, cpu, cuda, cuda:N or mps.", panel="Run")
    precision: str = setting(
        "fp32",
        "Arithmetic on CUDA: fp32, bf16 or fp16 autocast; the loss is always fp32.",
        panel="Run",
        choices=("fp32", "bf16", "fp16"),
    )
    threads: int | None = setting(
        None, "CPU threads of PyTorch.", panel="Run", at_least=1, at_most=1024, shown="all cores"
    )
    keep_epochs: int | None = setting(
        None,
        "Keep the weights of only this many newest epochs (and the best).",
        panel="Run",
        at_least=1,
        shown="all",
    )
    checkpoint_minutes: float = setting(5.0, "Save the training state at least this often.", panel="Run", above=0)


TEXT_MODELS = ("feedforward", "rnn", "gru", "lstm")


@dataclass(frozen=True, kw_only=True)
class TextSettings(TrainingSettings):
    """A character-level language model and how it is trained."""

    model: str = setting("lstm", "|".join(TEXT_MODELS) + ".", panel="Model", choices=TEXT_MODELS)
    layers: int = setting(1, "Recurrent (or hidden) layers.", panel="Model", at_least=1, at_most=64)
    hidden_size: int = setting(320, "Units in each layer.", panel="Model", at_least=2, at_most=65536)
    embedding_size: int = setting(64, "Numbers that stand for one character.", panel="Model", at_least=1, at_most=65536)
    context: int = setting(16, "Characters that the feedforward model sees.", panel="Model", at_least=1, at_most=4096)
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
    batch_size: int = setting(
        16, "Contiguous streams of text read side by side.", panel="Training", at_least=1, at_most=65536
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
    bytes: bool = setting(False, "Model raw bytes instead of characters.", panel="Corpus")
    max_vocabulary: int = setting(
        10_000, "Most different characters allowed.", panel="Corpus", at_least=1, at_most=1_114_112
    )
    sample_prompt: str | None = setting(
        None,
        "Seed phrase of the samples written at each epoch's end.",
        panel="Samples",
        shown="the first words of the validation text",
    )
    sample_temp: tuple[float, ...] = setting(
        (0.25, 0.75, 1.5), "Temperatures of those samples.", panel="Samples", at_least=0, at_most=100
    )
    sample_length: int = setting(
        200, "Characters of each of those samples.", panel="Samples", at_least=1, at_most=1_000_000
    )


@dataclass(frozen=True, kw_only=True)
class AveragedSettings(TrainingSettings):
    """What families take whose averaged weights are kept."""

    model: str = setting("", "Each family's own.", panel="Model")
    average_weights: float = setting(
        0.999,
        "Decay of the running average of the weights that is evaluated and kept; 0 keeps the newest weights.",
        panel="Training",
        at_least=0,
        below=1,
    )
    val_images: int = setting(
        0,
        "Hold this many training images out and evaluate on them instead of on the test images.",
        panel="Data",
        at_least=0,
    )


BINARIZE = ("none", "dynamic", "static", "threshold")


@dataclass(frozen=True, kw_only=True)
class ImageSettings(AveragedSettings):
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


HIDDEN_SIZES = {"mlp": 512, "conv": 128}
VAE_MODELS = tuple(HIDDEN_SIZES)


@dataclass(frozen=True, kw_only=True)
class VaeSettings(ImageSettings):
    """A variational autoencoder and how it is trained."""

    model: str = setting("conv", "|".join(VAE_MODELS) + ".", panel="Model", choices=VAE_MODELS)
    latent_size: int = setting(32, "Dimensions of the code z.", panel="Model", at_least=1, at_most=65536)
    hidden_size: int | None = setting(
        None,
        "Units in each fully connected layer.",
        panel="Model",
        at_least=1,
        at_most=65536,
        shown="512 for the mlp, 128 for conv",
    )
    layers: int = setting(2, "Hidden layers of the mlp on each side.", panel="Model", at_least=1, at_most=64)
    channels: int = setting(
        16, "Channels of the conv model's first layer; the second has twice as many.", panel="Model",
        at_least=1, at_most=4096,
    )  # fmt: skip
    blocks: int = setting(
        1,
        "Residual blocks of the conv model's decoder.",
        panel="Model",
        at_least=0,
        at_most=256,
    )
    activation: str = setting("silu", "relu, silu or tanh.", panel="Model", choices=("relu", "silu", "tanh"))
    conditional: bool = setting(False, "Give the class to encoder and decoder.", panel="Model")
    beta: float = setting(1.0, "Weight of the KL term in training.", panel="Objective", at_least=0, at_most=1e6)
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


PIXEL_LAYERS = {"pixelcnn": 8, "row-lstm": 3, "diagonal-bilstm": 3}
PIXEL_MODELS = tuple(PIXEL_LAYERS)
LEVELS = ("2", "4", "16", "256")


@dataclass(frozen=True, kw_only=True)
class PixelSettings(ImageSettings):
    """A model of images pixel by pixel and how it is trained."""

    model: str = setting("pixelcnn", "|".join(PIXEL_MODELS) + ".", panel="Model", choices=PIXEL_MODELS)
    channels: int = setting(
        16, "Channels of each layer (of the LSTMs: hidden units).", panel="Model", at_least=1, at_most=4096
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
    epochs: int = setting(6, "Passes over the training data.", panel="Training", at_least=1, at_most=100_000)
    batch_size: int = setting(32, "Images in an update.", panel="Training", at_least=1, at_most=65536)
    learning_rate: float = setting(0.008, "Peak learning rate of AdamW.", panel="Training", above=0, at_most=10)
    gradient_clip: float | None = setting(
        5.0, "Largest norm of the whole gradient; longer ones are scaled down.", panel="Training", above=0
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layers is None:
            object.__setattr__(self, "layers", PIXEL_LAYERS[self.model])
        binary = self.levels == "2"
        if self.orientations not in {1, 4}:
            raise UsageError(f"--orientations is {self.orientations}, but it must be 1 or 4", "choose 1 or 4.")
        if self.binarize == "auto":
            object.__setattr__(self, "binarize", "dynamic" if binary else "none")
        if binary == (self.binarize == "none"):
            raise UsageError(
                f"--levels {self.levels} and --binarize {self.binarize} contradict each other",
                "leave --binarize out: two levels are binarised, more are grey values.",
            )


GAN_MODELS = ("dcgan", "mlp")
GAN_LOSSES = ("non-saturating", "hinge", "wasserstein-gp")


@dataclass(frozen=True, kw_only=True)
class GanSettings(ImageSettings):
    """A generative adversarial network and how it is trained."""

    model: str = setting("dcgan", "|".join(GAN_MODELS) + ".", panel="Model", choices=GAN_MODELS)
    latent_size: int = setting(64, "Dimensions of the code z.", panel="Model", at_least=1, at_most=65536)
    channels: int = setting(
        32, "Channels of the dcgan discriminator's first layer; the next have twice and four times as many.",
        panel="Model", at_least=1, at_most=4096,
    )  # fmt: skip
    hidden_size: int = setting(512, "Units in each hidden layer of the mlp.", panel="Model", at_least=1, at_most=65536)
    layers: int = setting(2, "Hidden layers of the mlp, of either player.", panel="Model", at_least=1, at_most=64)
    loss: str = setting("non-saturating", "|".join(GAN_LOSSES) + ".", panel="Objective", choices=GAN_LOSSES)
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
        10.0, "Weight of the gradient penalty of wasserstein-gp.", panel="Objective", at_least=0, at_most=1e6
    )
    binarize: str = setting(
        "none",
        "What real images are to the discriminator: none (grey), dynamic (drawn anew each time), static (drawn once), "
        "threshold (at 0.5).",
        panel="Data",
        choices=BINARIZE,
    )
    epochs: int = setting(10, "Passes over the training data.", panel="Training", at_least=1, at_most=100_000)
    batch_size: int = setting(32, "Images in an update.", panel="Training", at_least=1, at_most=65536)
    learning_rate: float = setting(
        0.003, "Peak learning rate of the generator's AdamW.", panel="Training", above=0, at_most=10
    )
    discriminator_rate: float = setting(
        2.0, "The discriminator's learning rate, as a multiple of it.", panel="Training", above=0, at_most=1000
    )
    beta1: float = setting(0.0, "AdamW's decay of the mean gradients.", panel="Training", at_least=0, below=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        penalised = self.loss == "wasserstein-gp"
        if self.spectral_norm is None:
            object.__setattr__(self, "spectral_norm", not penalised)
        if self.r1 is None:
            object.__setattr__(self, "r1", 0.0 if penalised else 0.1)


READER_MODELS = ("crnn", "cnn")


@dataclass(frozen=True, kw_only=True)
class ReaderSettings(AveragedSettings):
    """A network that reads strips of digits and how it is trained."""

    model: str = setting(
        "crnn", "crnn (convolutions and an LSTM), or cnn (a fixed number of outputs).", panel="Model",
        choices=READER_MODELS,
    )  # fmt: skip
    channels: int = setting(
        32, "Channels of the first convolution; the next have twice and four times as many.", panel="Model",
        at_least=1, at_most=4096,
    )  # fmt: skip
    hidden_size: int = setting(
        96, "Units of the LSTM in each direction; cnn's hidden layer has four times as many.", panel="Model",
        at_least=1, at_most=65536,
    )  # fmt: skip
    layers: int = setting(1, "Layers of the LSTM; cnn has none.", panel="Model", at_least=1, at_most=64)
    longest: int = setting(8, "Digits in the longest training strip.", panel="Data", at_least=1, at_most=64)
    strips: int = setting(
        25_600, "Strips in an epoch; each is composed anew.", panel="Data", at_least=1, at_most=100_000_000
    )
    tested_strips: int = setting(
        1_600, "Held-out strips read at each epoch's end, of all lengths alike.", panel="Data", at_least=1,
        at_most=1_000_000,
    )  # fmt: skip
    warp: float = setting(
        1.0, "How far training digits are slanted, tilted and stretched; 0 leaves them as they are.", panel="Data",
        at_least=0, at_most=2,
    )  # fmt: skip
    epochs: int = setting(24, "Stretches of --strips strips each.", panel="Training", at_least=1, at_most=100_000)
    batch_size: int = setting(16, "Strips in an update.", panel="Training", at_least=1, at_most=65536)
    learning_rate: float = setting(
        0.004, "Peak learning rate of AdamW; cnn takes a quarter of it.", panel="Training", above=0, at_most=10
    )
    weight_decay: float = setting(
        0.03, "Decoupled weight decay of the matrices.", panel="Training", at_least=0, below=1
    )
    gradient_clip: float | None = setting(
        5.0, "Largest norm of the whole gradient; longer ones are scaled down.", panel="Training", above=0
    )


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


PIXEL_PRESETS: dict[str, dict[str, Any]] = {
    # Seven layers of the Diagonal BiLSTM with 16 units, batches of 16: the network of arXiv 1601.06759. It wants a GPU;
    # the paper's 79.2 nats were never reproduced with it here.
    "paper": {"model": "diagonal-bilstm", "layers": 7, "channels": 16, "batch_size": 16, "epochs": 100},
}


GAN_PRESETS: dict[str, dict[str, Any]] = {
    # The first paper's players: fully connected, nothing normalised, nothing penalised.
    "classic": {"model": "mlp", "spectral_norm": False, "r1": 0.0, "average_weights": 0.0},
}


def preset_named(name: str, presets: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The settings of a preset.

    Raises:
        UsageError: there is no such preset.
    """
    _check_choice("--preset", name, tuple(presets))
    return presets[name]
