"""A sound, what was heard in it, and what is to be said of that."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmodels.errors import listed
from genmodels.figures.spectrogram import HOP, RATE
from genmodels.telling import doubt_of, in_percent

MOST_TOLD = 250  # characters
USUAL_STEP = 0.02  # seconds, where a sound has one step
MUTE = 0.02  # probability below which a word that was not read is neither drawn nor told


@dataclass(frozen=True)
class DrawnSound:
    """A sound and what was heard in it.

    Args:
        name: what it is called.
        samples: int16, shape (N,), 8,000 in a second.
        times: seconds of each step, shape (T,).
        probabilities: of blank and of each word, shape (T, V + 1).
        words: that were read: the word, first and last second of its place, its probability.
        text: all that was read, also behind what is drawn.
        confidence: probability of the whole reading.
        truth: what is said, where that is known.
        wrong: whether something else was read than is said.
    """

    name: str
    samples: NDArray[np.int16]
    times: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    words: Sequence[tuple[str, tuple[float, float], float]]
    text: str
    confidence: float
    truth: str | None
    wrong: bool = False

    @property
    def ends(self) -> float:
        """How long it is, in seconds."""
        return len(self.samples) / RATE

    @property
    def seconds(self) -> float:
        """How long what is shown is, never nothing: more than the sound where a word is heard behind its end."""
        behind = float(self.times.max(initial=0.0)) + self.step / 2
        return max(self.ends, HOP / RATE, behind if self.heard_behind else 0.0)

    @property
    def heard_behind(self) -> bool:
        """Whether what was heard in the room behind its end is shown."""
        return bool((self.times > self.ends).any())

    @property
    def step(self) -> float:
        """Seconds from one distribution to the next."""
        return float(np.median(np.diff(np.sort(self.times)))) if len(self.times) > 1 else USUAL_STEP

    @property
    def told(self) -> str:
        """What stands above it."""
        verdict = "✗ wrong" if self.wrong else "✓ right"
        known = f"    {verdict}" if self.truth is not None or self.wrong else ""
        sure = ", ".join(filter(None, (in_percent(self.confidence), doubt_of(self.confidence))))
        lines = [f"{self.name}{known}", f"read: {_start(self.text)}    (confidence {sure})"]
        said = [f"said: {_start(self.truth)}"] if self.truth is not None else []
        return "\n".join(lines + said)


def told_of(sounds: Sequence[DrawnSound], words: tuple[str, ...]) -> str:
    """What to look at: how sure the surest and the least sure word are, and what else that one could be."""
    heard = [(word, sound) for sound in sounds for word in sound.words]

    def place(sound: DrawnSound, span: tuple[float, float]) -> str:
        middle = min(sum(span) / 2, sound.ends)
        return f"{middle:.2f} s" if len(sounds) == 1 else f"{sound.name}, {middle:.2f} s"

    told = "Dashed is blank, no word at this moment"
    if not heard:
        later = [sound.seconds for sound in sounds if sound.text]  # words that lie behind what is drawn
        where = f" in {'its' if len(sounds) == 1 else 'their'} first {max(later):.0f} s" if later else ""
        return f"No word is read{where}: look at the dashed line of blank, which no other rises above. {told}."
    order = sorted(heard, key=lambda one: one[0][2])
    (word, span, probability), sound = order[0]
    which, least = ("each word leaps", " least,") if len(order) > 1 else ("the one word leaps", "")
    looks = f"Look at how far {which} up: “{word}” ({place(sound, span)}){least} to {in_percent(probability)}"
    other = _rival(sound, word, span, words)
    looks += f", where “{other[0]}” has {in_percent(other[1])}" if other is not None else ""
    if len(order) > 1:
        (surest, at, highest), best = order[-1]
        looks += f"; “{surest}” ({place(best, at)}) most, to {in_percent(highest)}"
    mute = [sound.name for sound in sounds if not sound.text]
    looks += f"; nothing is read in {listed(mute)}" if mute else ""
    wrong, known = sum(sound.wrong for sound in sounds), sum(sound.truth is not None for sound in sounds)
    right = f" Read right: {known - wrong} of {known}." if known else ""
    sure = "Confidence: the probability that all of a reading is right and nothing is missing."
    behind = " Right of the dotted line a sound is over, and a network that speaks late hears room."
    ended = behind if any(sound.heard_behind for sound in sounds) else ""
    return f"{looks}. {told}; a blue band is where a word is read.{ended} {sure}{right}"


def _rival(sound: DrawnSound, word: str, span: tuple[float, float], words: tuple[str, ...]) -> tuple[str, float] | None:
    """The other word that is likeliest in the place of one that was read; None where none can be seen."""
    here = np.flatnonzero((sound.times >= span[0] - sound.step) & (sound.times <= span[1] + sound.step))
    if not len(here):
        return None
    highest = {
        other: float(sound.probabilities[here, column].max())
        for column, other in enumerate(words, start=1)
        if other != word
    }
    other = max(highest, key=lambda name: highest[name], default=None)
    return None if other is None or highest[other] < MUTE else (other, highest[other])


def _start(text: str) -> str:
    """As much of a text as can be taken in beside a sound."""
    return text[:MOST_TOLD] + ("…" if len(text) > MOST_TOLD else "") or "nothing"
