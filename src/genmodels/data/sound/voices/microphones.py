"""Rooms and microphones: what happens to a voice between the lips and the file."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.clips import RATE

_TAIL = 2_048  # samples of a room's answer that are kept
_SHORTEST = 1_000  # samples of a clip
_BANDS = 9  # knots of a microphone's loudness over frequency


@dataclass(frozen=True)
class Microphone:
    """One place of recording.

    Args:
        answer: shape (2048,): what it makes of a click.
        noise: decibels of the background relative to the loudest 10 ms of an ordinary word.
        colour: shape (9,): decibels of the background over frequency, from 0 to 4,000 Hz.
        level: decibels of the peak relative to full scale.
        room_before: mean seconds of background that stay before a word; and after it.
        threshold: decibels below the loudest 10 ms: what is fainter at either end is cut away.
    """

    answer: NDArray[np.float32]
    noise: float
    colour: NDArray[np.float64]
    level: float
    room_before: float
    threshold: float


def draw_microphone(random: np.random.Generator) -> Microphone:
    """A room with its echo, a microphone that favours some frequencies, a background, and who cuts the clips."""
    return Microphone(
        answer=_draw_answer(random),
        noise=-random.uniform(18.0, 65.0),
        colour=random.normal(0.0, 5.0, _BANDS) - random.uniform(0.0, 20.0) * np.linspace(0.0, 1.0, _BANDS),
        level=-random.uniform(0.5, 30.0),
        room_before=0.15 * random.uniform() ** 3,
        threshold=random.uniform(8.0, 50.0),
    )


def _draw_answer(random: np.random.Generator) -> NDArray[np.float32]:
    """A click, its echoes dying away, seen through a curve of loudness over frequency."""
    after = np.arange(_TAIL)
    dies = 10.0 ** (-3.0 * after / (RATE * random.uniform(0.08, 0.4)))  # by 60 dB in that time
    echoes = random.normal(0.0, 1.0, _TAIL) * dies
    echoes *= 10.0 ** (-random.uniform(7.0, 30.0) / 20.0) / np.sqrt((echoes**2).sum())
    echoes[0] = 1.0
    frequencies = np.fft.rfftfreq(2 * _TAIL, 1.0 / RATE)
    slope = random.uniform(-4.0, 4.0) * np.log2(np.maximum(frequencies, 100.0) / 1000.0)  # decibels
    bumps = np.interp(frequencies, np.linspace(0.0, RATE / 2, _BANDS), random.normal(0.0, 3.0, _BANDS))
    low, high = random.uniform(20.0, 250.0), random.uniform(3000.0, 4400.0)
    band = 1.0 / np.sqrt((1.0 + (low / np.maximum(frequencies, 1.0)) ** 4) * (1.0 + (frequencies / high) ** 12))
    curve = 10.0 ** ((slope + bumps) / 20.0) * band
    answer: NDArray[np.float32] = np.fft.irfft(np.fft.rfft(echoes, 2 * _TAIL) * curve)[:_TAIL].astype(np.float32)
    return answer


def record(
    voice: NDArray[np.float32], microphone: Microphone, random: np.random.Generator, softer: float
) -> NDArray[np.int16]:
    """One clip: the voice in its room, cut to the word, with its background, as whole numbers.

    Args:
        voice: shape (samples,).
        microphone: where it is spoken.
        random: of the background and of the cut.
        softer: decibels below the microphone's usual level.
    """
    size = len(voice) + _TAIL // 2
    room = int(2 ** np.ceil(np.log2(size + _TAIL)))
    heard = np.fft.irfft(np.fft.rfft(voice, room) * np.fft.rfft(microphone.answer, room))[:size]
    start, end = _cut(heard, microphone.threshold + random.normal(0.0, 4.0))
    before, after = (random.exponential(microphone.room_before) for _ in range(2))
    word = np.pad(heard[start:end].astype(np.float64), (int(before * RATE), int(after * RATE)))
    word = word / np.abs(word).max()
    loudest = np.sqrt(_power(word).max())
    background = _background(len(word), microphone.colour, random)
    word = word + background * loudest * 10.0 ** ((microphone.noise + random.normal(0.0, 2.0)) / 20.0)
    peak = 10.0 ** (min(microphone.level - softer, -0.3) / 20.0)
    clip: NDArray[np.int16] = np.rint(word * (32_767.0 * peak / np.abs(word).max())).astype(np.int16)
    return clip


def _power(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean square of each whole 10 ms."""
    blocks = len(samples) // 80
    power: NDArray[np.float64] = (samples[: blocks * 80].reshape(blocks, 80) ** 2).mean(axis=1)
    return power


def _cut(samples: NDArray[np.float64], threshold: float) -> tuple[int, int]:
    """From where to where the sound is louder than so many decibels below its loudest; never less than `_SHORTEST`."""
    power = _power(samples)
    for decibels in np.arange(max(threshold, 6.0), 100.0, 6.0):
        loud = np.flatnonzero(power > power.max() * 10.0 ** (-decibels / 10.0))
        start, end = int(loud[0]) * 80, int(loud[-1] + 1) * 80
        if end - start >= _SHORTEST:
            return start, end
    return 0, len(samples)


def _background(size: int, colour: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Noise of variance 1 with this colour."""
    rounded = int(2 ** np.ceil(np.log2(size)))
    curve = np.interp(np.linspace(0.0, 1.0, rounded // 2 + 1), np.linspace(0.0, 1.0, len(colour)), colour)
    noise = np.fft.irfft(np.fft.rfft(random.standard_normal(rounded, np.float32)) * 10.0 ** (curve / 20.0))[:size]
    coloured: NDArray[np.float64] = noise / noise.std()
    return coloured
