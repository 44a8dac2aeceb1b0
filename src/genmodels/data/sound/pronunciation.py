"""Pronunciation: from a word and a speaker to the movements of the mouth, a little different in every take."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.clips import RATE
from genmodels.data.sound.phonemes import NASAL, PRONUNCIATIONS, SOUNDS, Sound
from genmodels.data.sound.speakers import Speaker, draw_pronunciation
from genmodels.data.sound.synthesiser import FRAME, Movements

_FRAME_SECONDS = FRAME / RATE
_WIDTHS = np.array([70.0, 90.0, 130.0, 250.0])  # Hz, of the four resonances of a vowel
_FOURTH = 3_450.0  # Hz: the fourth resonance, which tells no sounds apart
_COLUMNS = ("pitch", "f1", "f2", "f3", "f4", "w1", "w2", "w3", "w4", "zero", "voicing", "breath", "noise", "flat",
            "peak", "spread")  # fmt: skip


def pronounce(word: str, speaker: Speaker, random: np.random.Generator) -> NDArray[np.float32]:
    """One take of a word.

    Args:
        word: one of the ten.
        speaker: who says it.
        random: what makes this take.

    Returns:
        Shape (T, 16): frame by frame what `movements_of` wants to know.
    """
    keeps = random.uniform() < speaker.faithful
    which = speaker.favourites[word] if keeps else draw_pronunciation(word, random)
    names = PRONUNCIATIONS[word][which][1].split()
    sounds = [SOUNDS[name] for name in names]
    pace = speaker.pace * np.exp(random.normal(0.0, 0.1))
    seconds = np.array([sound.seconds for sound in sounds]) * pace * np.exp(random.normal(0.0, 0.2, len(sounds)))
    mouths = _targets(names, sounds, speaker, random)
    slow = _shares(seconds, np.array([sound.glide for sound in sounds]) * pace**0.5)
    fast = _shares(seconds, np.full(len(sounds), 0.015))
    whispered = random.uniform() < speaker.whispers
    strengths = fast @ _strengths(sounds, speaker, whispered, random)
    place = slow @ mouths
    return np.concatenate([_pitch(len(place), speaker, random)[:, None], place, strengths], axis=1).astype(np.float32)


def _targets(
    names: Sequence[str], sounds: Sequence[Sound], speaker: Speaker, random: np.random.Generator
) -> NDArray[np.float64]:
    """Shape (S, 9): resonances, their widths and the nose's zero for each sound of a word."""
    told = np.array([np.array(SOUNDS[name].formants) * speaker.shifts[name] for name in names])
    for index, name in enumerate(names[:-1]):
        if name == "h":  # breath is the next sound without a voice
            told[index] = told[index + 1]
    told *= np.exp(random.normal(0.0, 1.0, told.shape) * np.array([0.05, 0.04, 0.025]))
    formants = np.concatenate([told, np.full((len(told), 1), _FOURTH)], axis=1) * speaker.tract
    widths = np.array([sound.widening for sound in sounds])[:, None] * _WIDTHS * speaker.widths
    zero = np.array([sound.zero if sound.zero == NASAL else sound.zero * speaker.tract[1] for sound in sounds])
    return np.concatenate([formants, widths, zero[:, None]], axis=1)


def _strengths(
    sounds: Sequence[Sound], speaker: Speaker, whispered: bool, random: np.random.Generator
) -> NDArray[np.float64]:
    """Shape (S, 6): voicing, breath, noise, flat noise, and the noise's peak and spread for each sound of a word."""
    loud = np.exp(random.normal(0.0, 0.15, len(sounds)))
    voicing = np.array([sound.voicing for sound in sounds]) * loud
    breath = np.array([sound.breath for sound in sounds]) * loud + voicing * speaker.breathiness
    if whispered:
        voicing, breath = 0.0 * voicing, breath + voicing
    hiss = np.array([sound.noise for sound in sounds]) * speaker.friction * np.exp(random.normal(0, 0.3, len(sounds)))
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
    return full[:, :-1] - full[:, 1:]


def _pitch(frames: int, speaker: Speaker, random: np.random.Generator) -> NDArray[np.float64]:
    """Periods of the vocal folds in a second, frame by frame: falling on the whole, in a bow, never quite steady."""
    along = np.linspace(0.0, 1.0, frames)
    fall = speaker.fall + random.normal(0.0, 0.15)
    bow = random.normal(0.1, 0.1) * np.sin(np.pi * along)
    octaves = fall * (0.5 - along) + bow + random.normal(0.0, 0.06)
    pitch: NDArray[np.float64] = speaker.pitch * 2.0**octaves * np.exp(random.normal(0.0, speaker.jitter, frames))
    return np.clip(pitch, 55.0, 450.0)


def movements_of(takes: Sequence[NDArray[np.float32]], speakers: Sequence[Speaker], random: np.random.Generator) -> Movements:
    """Takes of different lengths as rows of one length, the mouth silent once its word is said.

    Args:
        takes: each of shape (T, 16), from `pronounce`.
        speakers: who says each.
        random: of the loudness from frame to frame.
    """
    longest = max(map(len, takes))
    rows = np.stack([np.pad(take, ((0, longest - len(take)), (0, 0)), mode="edge") for take in takes])
    of = dict(zip(_COLUMNS, rows.transpose(2, 0, 1), strict=True))
    along = np.stack([np.arange(longest) / len(take) for take in takes])
    fall = np.array([speaker.energy_fall for speaker in speakers])[:, None] * along
    shimmer = np.array([speaker.shimmer for speaker in speakers])[:, None] * random.standard_normal(along.shape)
    here = (np.clip((1.0 - along) * 12.0, 0.0, 1.0) * 10.0 ** (-fall / 20.0) * np.exp(shimmer)).astype(np.float32)
    return Movements(
        of["pitch"], rows[:, :, 1:5], rows[:, :, 5:9], of["zero"],
        of["voicing"] * here, of["breath"] * here, of["noise"] * here, of["flat"] * here, of["peak"], of["spread"],
        np.array([speaker.open_share for speaker in speakers], np.float32),
        np.array([speaker.tilt for speaker in speakers], np.float32),
    )  # fmt: skip
