"""Passages of which half are real and half a language model's own, for the guessing game of a page."""

from typing import TYPE_CHECKING

from genmodels.families.alive import Alive
from genmodels.settings.sampling import SampleSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genmodels.sampling.writing import TextWriter

GUESSED, FEWEST = 16, 4  # real passages and as many written ones; with fewer than that there is no game
LED_IN, PASSAGE = 100, 140  # letters: what a passage that is written goes on from, which is not shown, and its own
TEMPERATURE = 0.75
SEED = 2  # others than those that a sheet of samples shows


def guessing_passages(writer: "TextWriter", held_out: "NDArray[np.integer] | None") -> list[Alive]:
    """The section in which real passages are to be told from written ones; none where held-out text is gone or short.

    All begin in the midst of a sentence: real ones at places of the held-out text, written ones go on from other
    places of it, so that neither how they begin nor what they are about tells which is which.

    Args:
        writer: of the run's best epoch.
        held_out: ids that the network never learned from.
    """
    room = 0 if held_out is None else len(held_out) // (2 * (LED_IN + PASSAGE))
    if held_out is None or room < FEWEST:
        return []
    count = min(GUESSED, room)
    places = [index * len(held_out) // (2 * count) for index in range(2 * count)]
    decode = writer.vocabulary.decode
    real = [decode(held_out[place + LED_IN : place + LED_IN + PASSAGE].tolist()) for place in places[::2]]
    led_ins = [decode(held_out[place : place + LED_IN].tolist()) for place in places[1::2]]
    hows = [SampleSettings(temperature=(TEMPERATURE,), length=PASSAGE, seed=SEED + index) for index in range(count)]
    drawn = [writer.write(led_in, how, "skip")[0].text for led_in, how in zip(led_ins, hows, strict=True)]
    return [
        Alive(
            part="guess",
            scripts=("guess",),
            title="Which is real?",
            about="Of eight passages, half are held-out text, and half the network wrote after held-out text that is "
            f"not shown, at temperature {TEMPERATURE}. Choose those that you take for real.",
            data={"kind": "passage", "real": real, "drawn": drawn},
            networks=(),
        )
    ]
