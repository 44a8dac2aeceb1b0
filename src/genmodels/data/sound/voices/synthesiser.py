"""A small formant synthesiser: from the movements of a mouth to sound (Klatt 1980, JASA 67, 971-995).

Speech is a source and a filter. The source is the flow of air through the vocal folds: a puff in every period, its
tones the weaker the higher they are, with a breath of noise. The filter is the vocal tract, a tube whose resonances,
the formants, move as the tongue moves; a vowel is known by the lowest two or three. Each formant is one resonator,

    y[n] = A x[n] + B y[n-1] + C y[n-2],
    C = -exp(-2 pi b / R),   B = 2 exp(-pi b / R) cos(2 pi f / R),   A = 1 - B - C,

with the frequency f and the width b in Hz and R samples in a second: an impulse rings at f and dies away with b, and
a constant passes unchanged (at frequency 0 the gain A / (1 - B - C) is 1). The resonators stand in a row, the cascade:
then the formants' relative heights come out right by themselves, as they do in a tube. The open nose adds a pole and
takes away what lies around a zero, the inverse of a resonator: y[n] = (x[n] - B x[n-1] - C x[n-2]) / A.
Where air hisses through a narrow place (s, f, the burst of t), the noise starts in front of most of the tube; it gets
a resonator of its own beside the cascade.

Here many sounds are made at once, each a row, and one step of time serves them all. So that a step is one operation on
one array, every resonator hears what the one before it said a sample ago, which only delays the whole by a few samples.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.clips import RATE
from genmodels.data.sound.voices.phonemes import NASAL

FRAME = 40  # samples between two positions of the mouth
Array = NDArray[np.floating]
_HIGHEST = 3_900.0  # Hz: no resonance lies above
_SPILL = 27.0 / 4.0  # makes the greatest flow 1: t^2 (1 - t) is at most 4 / 27


@dataclass(frozen=True)
class Movements:
    """What the mouths of N sounds do in T frames; all arrays float32.

    Args:
        pitch: shape (N, T): periods of the vocal folds in a second.
        formants: shape (N, T, 4), in Hz.
        widths: shape (N, T, 4), in Hz.
        zero: shape (N, T): what the nose takes away, in Hz.
        voicing: shape (N, T), amplitude; so are breath, noise and flat.
        breath: noise that the whole tract shapes.
        noise: noise that one cavity shapes.
        flat: noise that nothing shapes.
        peak: shape (N, T): that cavity's resonance, in Hz.
        spread: shape (N, T): and its width.
        open_share: shape (N,): of each period in which the vocal folds stand open.
        tilt: shape (N,): from 0 (bright) towards 1 (dull): the pole of a low-pass at 0 Hz.
    """

    pitch: Array
    formants: Array
    widths: Array
    zero: Array
    voicing: Array
    breath: Array
    noise: Array
    flat: Array
    peak: Array
    spread: Array
    open_share: Array
    tilt: Array


def resonator(frequency: Array, width: Array) -> tuple[Array, Array, Array]:
    """The coefficients A, B and C of resonators at these frequencies with these widths, in Hz; of any shape."""
    c = -np.exp(-2.0 * np.pi * width / RATE)
    b = 2.0 * np.exp(-np.pi * width / RATE) * np.cos(2.0 * np.pi * frequency / RATE)
    return 1.0 - b - c, b, c


def synthesise(mouths: Movements, hiss: Array) -> Array:
    """The sounds of these movements.

    Args:
        mouths: N sounds of T frames.
        hiss: shape (N, T x 40): white noise of variance 1, to make breath and friction from.

    Returns:
        Samples, shape (N, T x 40): a vowel's are near 1.
    """
    voice, open_now = glottal_flow(smooth(mouths.pitch), mouths.open_share)
    breath = smooth(mouths.breath) * (0.3 + 0.7 * open_now) * hiss
    source = without_zero(smooth(mouths.voicing) * voice + 0.1 * breath, mouths.zero)
    sounding = _through_resonators(source, smooth(mouths.noise) * hiss, _coefficients(mouths))
    whole: Array = sounding + smooth(mouths.flat) * hiss
    return whole


def smooth(frames: Array) -> Array:
    """From one value a frame to one a sample, in straight lines: (N, T) to (N, T x 40)."""
    following = np.concatenate([frames[:, 1:], frames[:, -1:]], axis=1)
    part = (np.arange(FRAME, dtype=np.float32) / FRAME)[None, None]
    lines: Array = frames[:, :, None] + (following - frames)[:, :, None] * part
    return lines.reshape(len(frames), -1)


def glottal_flow(pitch: Array, open_share: Array) -> tuple[Array, Array]:
    """What the vocal folds send out, and the flow through them.

    In the open share q of a period the flow is t^2 (1 - t), t from 0 to 1 (Rosenberg's form, also that of Klatt and
    Klatt 1990): it grows slowly and stops suddenly. The lips radiate its derivative. The difference between two samples
    is that derivative's mean over the time between, which takes away part of what 8,000 samples a second can't hold.

    Args:
        pitch: shape (N, samples), in Hz.
        open_share: shape (N,), of a period.

    Returns:
        The derivative (N, samples), its greatest fall about 1, and the flow from 0 to 1.
    """
    phase = np.cumsum(pitch / RATE, axis=1, dtype=np.float64) % 1.0
    t = np.minimum(phase / open_share[:, None], 1.0).astype(np.float32)
    flow = _SPILL * t * t * (1.0 - t)
    change = np.diff(flow, axis=1, prepend=np.float32(0.0))
    return (change * (open_share[:, None] * RATE / pitch / _SPILL)).astype(np.float32), flow


def without_zero(source: Array, zero: Array) -> Array:
    """Take away what lies around `zero` (N, T), in Hz: the inverse of a resonator, frame by frame; gain 1 at 0 Hz."""
    a, b, c = (np.repeat(k, FRAME, axis=1) for k in resonator(zero, np.full_like(zero, 100.0)))
    before = np.pad(source, ((0, 0), (2, 0)))
    lessened: Array = (source - b * before[:, 1:-1] - c * before[:, :-2]) / a
    return lessened


def _coefficients(mouths: Movements) -> tuple[Array, Array, Array]:
    """A, B and C of shape (T, 7, N): tilt, nose, four formants; and the cavity of the noise."""
    count, frames = mouths.pitch.shape
    tilt = np.broadcast_to(mouths.tilt[:, None, None], (count, frames, 1))
    nose = resonator(np.full((count, frames, 1), NASAL, np.float32), np.full((count, frames, 1), 100.0, np.float32))
    tract = resonator(np.minimum(mouths.formants, _HIGHEST), mouths.widths)
    cavity = resonator(np.minimum(mouths.peak, _HIGHEST)[..., None], mouths.spread[..., None])
    cavity = (steadied(*cavity[1:]), *cavity[1:])
    stages = zip((1.0 - tilt, tilt, 0.0 * tilt), nose, tract, cavity, strict=True)
    joined = [np.concatenate(parts, axis=2).transpose(1, 2, 0) for parts in stages]
    a, b, c = (np.ascontiguousarray(k, dtype=np.float32) for k in joined)
    return a, b, c


def steadied(b: Array, c: Array) -> Array:
    """The A with which a resonator turns white noise of variance 1 into noise of variance 1."""
    level: Array = np.sqrt((1.0 + c) * ((1.0 - c) ** 2 - b * b) / (1.0 - c))
    return level


def _through_resonators(source: Array, noise: Array, coefficients: tuple[Array, Array, Array]) -> Array:
    """Step through time: the cascade hears the source, the last resonator the noise; their sum, shape (N, samples)."""
    inputs = np.ascontiguousarray(np.stack([source, noise]).transpose(2, 0, 1))  # (samples, 2, N)
    stages, count = coefficients[0].shape[1:]
    said = np.empty((len(inputs), 2, count), np.float32)
    heard, last, before, part = (np.zeros((stages, count), np.float32) for _ in range(4))
    for frame, (a, b, c) in enumerate(zip(*coefficients, strict=True)):
        for sample in range(frame * FRAME, (frame + 1) * FRAME):
            heard[1:-1] = last[:-2]
            heard[0], heard[-1] = inputs[sample]
            before *= c
            np.multiply(b, last, out=part)
            before += part
            np.multiply(a, heard, out=part)
            before += part
            last, before = before, last
            said[sample] = last[-2:]
    return np.ascontiguousarray(said.sum(axis=1).T)
