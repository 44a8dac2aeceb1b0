"""Passages of which half are real and half a language model's own, for the guessing game of a page."""

from typing import TYPE_CHECKING

from genmodels.families.alive import Alive
from genmodels.settings.sampling import SampleSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genmodels.data.text.vocabulary import Vocabulary
    from genmodels.sampling.writing import TextWriter

GUESSED, FEWEST = 24, 4  # real passages and as many written ones; with fewer than that there is no game
LED_IN, PASSAGE = 100, 180  # letters: what a passage that is written goes on from, which is not shown, and its own
ENDS = 40  # letters at either end, within which a passage is cut at a line's end, or else at a word's
TEMPERATURE = 0.75
CUT = "\N{REPLACEMENT CHARACTER}"  # what is shown of a character of which not all bytes are there
SEED = 2  # others than those that a sheet of samples shows


def guessing_passages(writer: "TextWriter", held_out: "NDArray[np.integer] | None") -> list[Alive]:
    """The section in which real passages are to be told from written ones; none where held-out text is gone or short.

    All begin anywhere, with a line or else a word: real ones at places of the held-out text, written ones go on from
    other places of it, so that neither how they begin nor what they are about tells which is which.

    Args:
        writer: of the run's best epoch.
        held_out: ids that the network never learned from, and that no other section shows.
    """
    room = 0 if held_out is None else len(held_out) // (2 * (LED_IN + PASSAGE))
    if held_out is None or room < FEWEST:
        return []
    count = min(GUESSED, room)
    places = [index * len(held_out) // (2 * count) for index in range(2 * count)]
    real = [_cut(_passage(writer.vocabulary, held_out, place + LED_IN, PASSAGE)) for place in places[::2]]
    led_ins = [_passage(writer.vocabulary, held_out, place, LED_IN) for place in places[1::2]]
    hows = [SampleSettings(temperature=(TEMPERATURE,), length=PASSAGE, seed=SEED + index) for index in range(count)]
    texts = [writer.write(led_in, how, "skip")[0].text for led_in, how in zip(led_ins, hows, strict=True)]
    drawn = [_cut(text.rstrip(CUT)) for text in texts]  # as real ones end
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


def _cut(text: str) -> str:
    r"""A passage from the beginning of a line to the end of one, where these are near; else of words, else as it is.

    >>> _cut("ther\nFirst line,\nsecond one.\nTh"), _cut("rst words of a li"), _cut("unbroken")
    ('First line,\nsecond one.', 'words of a', 'unbroken')
    """
    half = min(ENDS, len(text) // 2)
    begins = next((text.index(end, 0, half) + 1 for end in "\n " if end in text[:half]), 0)
    ends = next((text.rindex(end, len(text) - half) for end in "\n " if end in text[len(text) - half :]), len(text))
    return text[begins:ends].strip() or text


def _passage(vocabulary: "Vocabulary", ids: "NDArray[np.integer]", start: int, length: int) -> str:
    """Text of so many ids; of bytes up to three fewer at each end, where that would lie within a character."""
    if not vocabulary.is_bytes:
        return vocabulary.decode(ids[start : start + length].tolist())
    return vocabulary.decode(ids[_whole(ids, start, 1) : _whole(ids, start + length, -1)].tolist())


def _whole(ids: "NDArray[np.integer]", place: int, way: int) -> int:
    """The place at which a character begins in UTF-8, at most three bytes away; the same where these are no UTF-8."""
    near = (place + way * away for away in range(4))
    return next((one for one in near if one >= len(ids) or not 0x80 <= ids[one] < 0xC0), place)
