"""Pronunciation: from a word and a speaker to the movements of the mouth, a little different in every take."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.clips import RATE
from genmodels.data.sound.voices.phonemes import BURSTS, NASAL, PRONUNCIATIONS, SOUNDS, Sound
from genmodels.data.sound.voices.speakers import Speaker, draw_pronunciation
from genmodels.data.sound.voices.synthesiser import FRAME, Movements

_FRAME_SECONDS = FRAME / RATE
_WIDTHS = np.array([70.0, 90.0, 130.0, 250.0])  # Hz, of the four resonances of a vowel
_FIRST, _LAST = 0.7, 1.25  # factors of how long the first and the last sound of a word last
_FOURTH = 3_450.0  # Hz: the fourth resonance, which tells no sounds apart


def pronounce(word: str, speaker: Speaker, random: np.random.Generator) -> NDArray[np.float32]:
    """One take of a word.

    Args:
        word: one of the ten.
        speaker: who says it.
        random: what makes this take.

    Returns:
        Shape (T, 16), frame by frame: pitch, four resonances, their widths, the nose's zero; voicing, breath, noise
        and flat noise; the noise's peak and spread.
    """
    keeps = random.uniform() < speaker.faithful
    which = speaker.favourites[word] if keeps else draw_pronunciation(word, random)
    names = PRONUNCIATIONS[word][which][1].split()
    sounds = [SOUNDS[name] for name in names]
    pace = speaker.pace * np.exp(random.normal(0.0, 0.1))
    seconds = np.array([sound.seconds for sound in sounds]) * pace * np.exp(random.normal(0.0, 0.28, len(sounds)))
    seconds[0] *= _FIRST
    seconds[-1] *= _LAST
    mouths = _targets(names, sounds, speaker, random)
    slow = _shares(seconds, np.array([sound.glide for sound in sounds]) * pace**0.5)
    fast = _shares(seconds, np.full(len(sounds), 0.015))
    whispered = random.uniform() < speaker.whispers
    strengths = fast @ _strengths(names, sounds, speaker, whispered, random)
    place = slow @ mouths
    strengths[:, :4] *= _loudness(len(place), speaker, random)[:, None]
    return np.concatenate([_pitch(len(place), speaker, random)[:, None], place, strengths], axis=1).astype(np.float32)


def _targets(
    names: Sequence[str], sounds: Sequence[Sound], speaker: Speaker, random: np.random.Generator
) -> NDArray[np.float64]:
    """Shape (S, 9): resonances, their widths and the nose's zero for each sound of a word."""
    told = np.array([np.array(SOUNDS[name].formants) * speaker.shifts[name] for name in names])
    for index, name in enumerate(names[:-1]):
        if name == "h":  # breath is the next sound without a voice
            told[index] = told[index + 1]
    goes = np.clip(speaker.diphthongs + random.normal(0.0, 0.15), 0.1, 1.2)
    for index, name in enumerate(names):
        if name.startswith("-"):
            told[index] = told[index - 1] ** (1.0 - goes) * told[index] ** goes
    told *= np.exp(random.normal(0.0, 1.0, told.shape) * np.array([0.05, 0.05, 0.03]))
    formants = np.concatenate([told, np.full((len(told), 1), _FOURTH)], axis=1) * speaker.tract
    widths = np.array([sound.widening for sound in sounds])[:, None] * _WIDTHS * speaker.widths
    zero = _zeros(names, sounds, speaker, random)
    return np.concatenate([formants, widths, zero[:, None]], axis=1)


def _zeros(
    names: Sequence[str], sounds: Sequence[Sound], speaker: Speaker, random: np.random.Generator
) -> NDArray[np.float64]:
    """What the nose takes away in each sound (Hz), shape (S,); it stays a little open beside an n."""
    nose = speaker.tract[1] * np.exp(random.normal(0.0, 0.2))
    beside = ["n" in names[max(0, index - 1) : index + 2] for index in range(len(names))]
    closed = NASAL * np.where(beside, random.uniform(1.0, 1.4), 1.0)
    return np.where([sound.zero == NASAL for sound in sounds], closed, [sound.zero * nose for sound in sounds])


def _strengths(
    names: Sequence[str], sounds: Sequence[Sound], speaker: Speaker, whispered: bool, random: np.random.Generator
) -> NDArray[np.float64]:
    """Shape (S, 6): voicing, breath, noise, flat noise, and the noise's peak and spread for each sound of a word."""
    loud = np.exp(random.normal(0.0, 0.15, len(sounds)))
    voicing = np.array([sound.voicing for sound in sounds]) * loud
    breath = np.array([sound.breath for sound in sounds]) * loud + voicing * speaker.breathiness
    if whispered:
        voicing, breath = 0.0 * voicing, breath + voicing
    friction = np.where([name in BURSTS for name in names], speaker.bursts, speaker.friction)
    hiss = np.array([sound.noise for sound in sounds]) * friction * np.exp(random.normal(0, 0.3, len(sounds)))
    share = np.array([sound.flat for sound in sounds])
    peak = np.array([sound.peak for sound in sounds]) * speaker.tract[3] * np.exp(random.normal(0, 0.06, len(sounds)))
    spread = np.array([sound.spread for sound in sounds])
    return np.stack([voicing, breath, hiss * (1.0 - share), hiss * share, peak, spread], axis=1)


def _shares(seconds: NDArray[np.float64], glides: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much of each sound there is in each frame, shape (T, S): rows sum to 1, one sound glides into the next."""
    borders = np.cumsum(seconds)
    middle = (np.arange(int(borders[-1] / _FRAME_SECONDS)) + 0.5) * _FRAME_SECONDS
    after = np.clip((middle[:, None] - borders[:-1]) / glides[1:] + 0.5, 0.0, 1.0)
    after = np.minimum.accumulate(after * after * (3.0 - 2.0 * after), axis=1)
    full = np.concatenate([np.ones((len(middle), 1)), after, np.zeros((len(middle), 1))], axis=1)
    shares: NDArray[np.float64] = full[:, :-1] - full[:, 1:]
    return shares


def _pitch(frames: int, speaker: Speaker, random: np.random.Generator) -> NDArray[np.float64]:
    """Periods of the vocal folds in a second, frame by frame: falling on the whole, in a bow, never quite steady."""
    along = np.linspace(0.0, 1.0, frames)
    fall = speaker.fall + random.normal(0.0, 0.15)
    bow = random.normal(0.1, 0.1) * np.sin(np.pi * along)
    octaves = fall * (0.5 - along) + bow + random.normal(0.0, 0.06)
    pitch: NDArray[np.float64] = speaker.pitch * 2.0**octaves * np.exp(random.normal(0.0, speaker.jitter, frames))
    return np.clip(pitch, 55.0, 450.0)


def _loudness(frames: int, speaker: Speaker, random: np.random.Generator) -> NDArray[np.float64]:
    """A factor for each frame: it falls from beginning to end, is never quite steady, and ends in silence."""
    along = np.arange(frames) / frames
    unsteady = np.exp(random.normal(0.0, speaker.shimmer, frames))
    loudness: NDArray[np.float64] = np.minimum((1.0 - along) / speaker.fade, 1.0) * unsteady
    return loudness * 10.0 ** (-speaker.energy_fall * along / 20.0)


def movements_of(takes: Sequence[NDArray[np.float32]], speakers: Sequence[Speaker]) -> Movements:
    """Takes of different lengths as rows of one length; behind its end a take stays as it ended.

    Args:
        takes: each of shape (T, 16), from `pronounce`.
        speakers: who says each.
    """
    longest = max(map(len, takes))
    rows = np.stack([np.pad(take, ((0, longest - len(take)), (0, 0)), mode="edge") for take in takes])
    pitch, zero, voicing, breath, noise, flat, peak, spread = (rows[:, :, column] for column in (0, *range(9, 16)))
    return Movements(
        pitch=pitch, formants=rows[:, :, 1:5], widths=rows[:, :, 5:9], zero=zero, voicing=voicing, breath=breath,
        noise=noise, flat=flat, peak=peak, spread=spread,
        open_share=np.array([speaker.open_share for speaker in speakers], np.float32),
        tilt=np.array([speaker.tilt for speaker in speakers], np.float32),
    )  # fmt: skip
