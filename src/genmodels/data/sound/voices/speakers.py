"""Synthesised speakers: what is one's own in a voice, from the vocal tract's length to the microphone before it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.voices.microphones import Microphone, draw_microphone
from genmodels.data.sound.voices.phonemes import NASAL, PRONUNCIATIONS, SOUNDS

_KINDS = (0.65, 0.25, 0.1)  # shares of men, women and children
_TRACT = ((0.98, 0.06), (1.16, 0.05), (1.3, 0.08))  # resonances relative to a man's: mean and deviation
_PITCH = ((112.0, 0.22), (200.0, 0.16), (270.0, 0.16))  # Hz, and the deviation of its logarithm


@dataclass(frozen=True)
class Speaker:
    """One voice and its habits.

    Args:
        name: what tables call it.
        tract: shape (4,): factors of the four resonances; a short vocal tract has high ones.
        shifts: for each sound, factors of its three resonances: the accent.
        favourites: for each word, which of its pronunciations.
        faithful: how likely a take keeps to the favourite.
        pitch: Hz of the vocal folds in the middle of a word.
        fall: octaves that the pitch falls from beginning to end.
        pace: how long everything lasts, relative to the tables.
        open_share: of each period in which the vocal folds stand open.
        tilt: dullness of the source, from 0 towards 1.
        breathiness: amplitude of breath beside the voice's 1.
        jitter: deviation of the logarithm of the pitch from frame to frame.
        shimmer: deviation of the logarithm of the loudness from frame to frame.
        friction: factor of the noise of fricatives.
        bursts: factor of the noise of stops.
        diphthongs: how far they go towards their second end.
        widths: factor of the widths of the resonances.
        energy_fall: decibels from the beginning to the end of a word.
        fade: share of a word in which it fades out at last.
        whispers: how likely a take is whispered.
        microphone: and room.
    """

    name: str
    tract: NDArray[np.float64]
    shifts: dict[str, NDArray[np.float64]]
    favourites: dict[str, int]
    faithful: float
    pitch: float
    fall: float
    pace: float
    open_share: float
    tilt: float
    breathiness: float
    jitter: float
    shimmer: float
    friction: float
    bursts: float
    diphthongs: float
    widths: float
    energy_fall: float
    fade: float
    whispers: float
    microphone: Microphone


def draw_speaker(number: int, seed: int) -> Speaker:
    """The same speaker for the same number and seed."""
    random = np.random.Generator(np.random.PCG64([seed, number]))
    kind = int(random.choice(3, p=_KINDS))
    length, (pitch, spread) = random.normal(*_TRACT[kind]), _PITCH[kind]
    return Speaker(
        name=f"voice {number + 1}",
        tract=length * np.exp(random.normal(0.0, 0.03, 4)),
        shifts=_draw_accent(random),
        favourites={word: draw_pronunciation(word, random) for word in PRONUNCIATIONS},
        faithful=random.uniform(0.3, 0.95),
        pitch=pitch * np.exp(random.normal(0.0, spread)),
        fall=random.normal(0.3, 0.3),
        pace=np.exp(random.uniform(np.log(0.6), np.log(1.6))),
        open_share=random.uniform(0.4, 0.8),
        tilt=random.uniform(0.0, 0.75),
        breathiness=np.exp(random.normal(np.log(0.15), 0.9)),
        jitter=np.exp(random.normal(np.log(0.008), 0.5)),
        shimmer=np.exp(random.normal(np.log(0.06), 0.5)),
        friction=np.exp(random.uniform(np.log(0.05), np.log(2.2))),
        bursts=np.exp(random.uniform(np.log(0.12), np.log(2.5))),
        diphthongs=random.uniform(0.4, 1.1),
        widths=np.exp(random.normal(0.0, 0.25)),
        energy_fall=random.uniform(0.0, 18.0),
        fade=random.uniform(0.06, 0.4),
        whispers=0.6 if random.uniform() < 0.03 else 0.01,
        microphone=draw_microphone(random),
    )


def draw_pronunciation(word: str, random: np.random.Generator) -> int:
    """One of the ways of saying it, as often as they are common."""
    common = np.array([often for often, _ in PRONUNCIATIONS[word]])
    return int(random.choice(len(common), p=common / common.sum()))


def _draw_accent(random: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """Factors for each sound: a space of vowels that is wider or narrower, and a shift of each by itself."""
    space = np.array([random.uniform(0.75, 1.15), random.uniform(0.75, 1.15), random.uniform(0.8, 1.1)])
    middle = np.array([480.0, 1400.0, 2480.0])
    free = np.array([[2.0] if sound.zero != NASAL else [1.0] for sound in SOUNDS.values()])  # noses differ most
    own = random.normal(0.0, 1.0, (len(SOUNDS), 3)) * np.array([0.09, 0.07, 0.04]) * free
    return {
        name: (np.array(sound.formants) / middle) ** (space - 1.0) * np.exp(shift)
        for (name, sound), shift in zip(SOUNDS.items(), own, strict=True)
    }
