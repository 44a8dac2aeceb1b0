"""Which layers the networks that listen have; needs no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod

from genmodels.data.sound.features import BANDS, COEFFICIENTS
from genmodels.errors import UsageError
from genmodels.settings.speech import SpeechSettings

STRIDE = 2  # frames from one distribution to the next: 20 ms
FRONT = 5  # frames that the first layer of all but `window` sees


@dataclass(frozen=True)
class Layers:
    """Which layers a network has.

    Args:
        width: frames that the first layer sees.
        taps: places that a residual layer sees.
        dilations: of the residual layers: places between their taps.
        cell: of the recurrent layer, or None.
        both_ways: whether it also runs backwards.
    """

    width: int = FRONT
    taps: int = 1
    dilations: tuple[int, ...] = ()
    cell: str | None = None
    both_ways: bool = False

    @property
    def frames(self) -> int:
        """Frames to either side of a place that its distribution can depend on, leaving the recurrence aside."""
        return (self.width - 1) // 2 + STRIDE * sum(dilation * (self.taps - 1) // 2 for dilation in self.dilations)


LAYERS: Mapping[str, Layers] = {
    "window": Layers(width=21, dilations=(1, 1)),
    "tdnn": Layers(taps=3, dilations=(1, 2, 4, 8)),
    "rnn": Layers(cell="rnn"),
    "gru": Layers(cell="gru"),
    "lstm": Layers(cell="lstm"),
    "bilstm": Layers(cell="lstm", both_ways=True),
    "tdnn-bilstm": Layers(taps=3, dilations=(1, 2), cell="lstm", both_ways=True),
}


def layers_of(settings: SpeechSettings) -> Layers:
    """Which layers the settings ask for."""
    layers = LAYERS[settings.model]
    return replace(layers, width=settings.window) if settings.model == "window" else layers


def features_of(settings: SpeechSettings) -> int:
    """Numbers in each frame."""
    return BANDS if settings.features == "mel" else COEFFICIENTS


GATES = {"rnn": 1, "gru": 3, "lstm": 4}  # rows of a cell's matrices for each unit


def weight_shapes(features: int, words: int, hidden: int, layers: Layers) -> dict[str, tuple[int, ...]]:
    """The shape of each weight of a network, by its name.

    Args:
        features: F, numbers in a frame.
        words: V, to tell apart.
        hidden: C, channels of the layers, and units of the recurrent one in each direction.
        layers: which there are.
    """
    shapes = _frames("front", features, hidden, layers.width)
    for index in range(len(layers.dilations)):
        shapes |= _frames(f"blocks.{index}.layer", hidden, hidden, layers.taps)
    for direction in ("", "_reverse")[: 1 + layers.both_ways] if layers.cell is not None else ():
        rows = GATES[layers.cell or ""] * hidden
        shapes |= {f"recurrent.{matrix}_l0{direction}": (rows, hidden) for matrix in ("weight_ih", "weight_hh")}
        shapes |= {f"recurrent.{bias}_l0{direction}": (rows,) for bias in ("bias_ih", "bias_hh")}
    heard = hidden * (1 + layers.both_ways)
    return shapes | {"output.weight": (words + 1, heard), "output.bias": (words + 1,)}


def _frames(name: str, inputs: int, channels: int, width: int) -> dict[str, tuple[int, ...]]:
    """A layer that sees some frames."""
    norm = {f"{name}.norm.{kind}": (channels,) for kind in ("weight", "bias")}
    return {f"{name}.taps.weight": (channels, inputs, 1, width), **norm}


def parameters_of(features: int, words: int, hidden: int, layers: Layers) -> int:
    """Trained numbers of a network."""
    return sum(prod(shape) for shape in weight_shapes(features, words, hidden, layers).values())


NARROWEST = 4  # units, however few numbers are allowed


def hidden_size_for(parameters: int, features: int, words: int, layers: Layers) -> int:
    """The hidden size whose network has the most trained numbers that are not more than these."""
    low, high = NARROWEST, 2 * NARROWEST
    while parameters_of(features, words, high, layers) <= parameters:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        fits = parameters_of(features, words, middle, layers) <= parameters
        low, high = (middle, high) if fits else (low, middle)
    return low


def hidden_size_of(settings: SpeechSettings, words: int) -> int:
    """The hidden size that the settings ask for, or that fits the number of parameters that they allow.

    Raises:
        UsageError: the narrowest network has more parameters than are allowed.
    """
    if settings.hidden_size is not None:
        return settings.hidden_size
    features, layers = features_of(settings), layers_of(settings)
    hidden = hidden_size_for(settings.parameters, features, words, layers)
    fewest = parameters_of(features, words, hidden, layers)
    if fewest > settings.parameters:
        what = f"--parameters {settings.parameters} are too few for the model {settings.model} and {words:,} words"
        raise UsageError(what, f"use --parameters {fewest}.", "--parameters")
    return hidden
