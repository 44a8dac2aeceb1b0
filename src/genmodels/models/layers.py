"""Which layers the networks that listen have; needs no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

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
