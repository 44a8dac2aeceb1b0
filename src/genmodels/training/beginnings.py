"""After how many updates a network begins to do what it is for: measured once, told before a training is too short.

The numbers are of whole trainings with the usual settings on MNIST, the built-in text and the built-in voices, whose
learning rate falls to zero within them: about the fewest updates after which a person sees digits in what is drawn or
words in what is written, and after which strips or utterances begin to be read. Trainings of 50, 100, 200, 400 updates
and so on were looked at, so a number may be half or twice the true one; where recurrent networks listen, the LSTM's
stands for all.
"""

from collections.abc import Mapping
from typing import NamedTuple

_DOES = {
    "text": "to write words",
    "vae": "to draw what can be recognised",
    "pixelrnn": "to draw what can be recognised",
    "gan": "to draw what can be recognised",
    "reader": "to read",
    "speech": "to hear words",
}
BEGINNINGS: Mapping[str, Mapping[str, int]] = {  # family -> model -> updates
    "text": {"feedforward": 300, "rnn": 200, "gru": 200, "lstm": 200},
    "vae": {"mlp": 100, "conv": 100},
    "pixelrnn": {"pixelcnn": 100, "row-lstm": 200, "diagonal-bilstm": 200},
    "gan": {"dcgan": 400, "mlp": 1000},
    "reader": {"crnn": 600, "cnn": 2000},
    "speech": {
        "window": 800, "tdnn": 400, "rnn": 1000, "gru": 1000, "lstm": 1000, "bilstm": 1000, "tdnn-bilstm": 1000,
    },
}  # fmt: skip


class Beginning(NamedTuple):
    """When a network begins to do what it is for.

    Args:
        model: its name.
        does: what it begins to do, such as "to read".
        steps: after about so many updates.
    """

    model: str
    does: str
    steps: int


def beginning_of(family: str, model: str | None) -> Beginning | None:
    """When a model of a family begins; None where nobody has measured it."""
    steps = BEGINNINGS.get(family, {}).get(model or "")
    return None if model is None or steps is None else Beginning(model, _DOES[family], steps)
