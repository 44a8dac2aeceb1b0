"""Resampling against sums in full precision, sines that must stay and sines that must go."""

import math

import numpy as np
import pytest

from genmodels.data.sound.clips import RATE
from genmodels.data.sound.formats.resampling import LARGEST_MATRIX, kernel, resampling

KEPT = [4000, 5512, 8001, 11025, 12000, 16000, 22050, 22255, 44056, 44100, 48000, 96000, 192000, 767999]
HIGH = [rate for rate in KEPT if rate > 2 * 4200]


def resampled(sound: np.ndarray, rate: int, size: int = 1 << 16) -> np.ndarray:
    slower = resampling(rate)
    pieces = [slower.take(sound[start : start + size]) for start in range(0, len(sound), size)]
    return np.concatenate([*pieces, slower.finish()])


def sine(pitch: float, rate: int, seconds: float = 0.25) -> np.ndarray:
    return np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate + 0.3)


def by_hand(sound: np.ndarray, rate: int, place: int) -> float:
    """One output as a sum over every sample, the moments as fractions of whole numbers."""
    narrower = min(rate, RATE)
    distances = (place * rate - np.arange(len(sound)) * RATE) / (RATE * rate) * narrower
    weights = kernel(distances)
    return math.fsum(weights * sound) / math.fsum(weights)


def decibels(sound: np.ndarray) -> float:
    return 20 * math.log10(float(np.abs(sound).max()))


@pytest.mark.parametrize("rate", KEPT)
def test_every_output_is_the_sum_that_it_should_be(rate: int) -> None:
    sound = np.random.default_rng(0).standard_normal(rate // 8)
    outputs = resampled(sound, rate)
    assert len(outputs) == math.ceil(len(sound) * RATE / rate)
    places = np.random.default_rng(1).integers(100, len(outputs) - 100, 40)
    expected = [by_hand(sound, rate, int(place)) for place in places]
    assert np.abs(outputs[places] - expected).max() < 1e-5


@pytest.mark.parametrize("rate", KEPT)
@pytest.mark.parametrize("pitch", [100.0, 1000.0, 3400.0])
def test_a_sine_keeps_its_height_and_phase(rate: int, pitch: float) -> None:
    pitch = min(pitch, 0.425 * rate)
    middle = slice(200, -200)
    outputs = resampled(sine(pitch, rate), rate)
    expected = sine(pitch, RATE, len(outputs) / RATE)
    assert np.abs(outputs - expected)[middle].max() < 1e-3
    turned = np.exp(-2j * np.pi * pitch * np.arange(len(outputs)) / RATE)[middle] * np.hanning(len(outputs) - 400)
    ratio = (outputs[middle] @ turned) / (expected[middle] @ turned)
    assert abs(20 * math.log10(abs(ratio))) < 0.1
    assert abs(np.angle(ratio)) < 1e-3


@pytest.mark.parametrize("rate", HIGH)
@pytest.mark.parametrize("pitch", [4200.0, 5000.0, 7000.0, 20000.0])
def test_a_sine_that_is_too_high_vanishes(rate: int, pitch: float) -> None:
    pitch = min(pitch, 0.49 * rate)
    assert decibels(resampled(sine(pitch, rate), rate)[200:-200]) < -75


@pytest.mark.parametrize("rate", [1000, 4000, 5512, 6000])
def test_more_samples_bring_no_tones_that_were_not_there(rate: int) -> None:
    outputs = resampled(sine(0.4 * rate, rate, 1.0), rate)[1000:-1000] * np.blackman(6000)
    spectrum = np.abs(np.fft.rfft(outputs))
    bins = np.fft.rfftfreq(6000, 1 / RATE)
    elsewhere = spectrum[np.abs(bins - 0.4 * rate) > 20]
    assert decibels(elsewhere / spectrum.max()) < -75


@pytest.mark.parametrize("rate", [1000, 4000, 7999, 8000, 8001, 11025, 22255, 44100, 48000, 768000])
@pytest.mark.parametrize("size", [1, 7, 441, 5000])
def test_blocks_give_what_one_pass_gives(rate: int, size: int) -> None:
    count = min(size * 400, 3 * rate // 10) + 11
    sound = np.random.default_rng(2).standard_normal(count)
    once = resampled(sound, rate, count)
    assert len(once) == math.ceil(count * RATE / rate)
    assert np.abs(resampled(sound, rate, size) - once).max() < 1e-12


@pytest.mark.parametrize("rate", [4000, 8000, 8001, 44100, 768000])
@pytest.mark.parametrize("count", [0, 1, 2, 100])
def test_a_sound_of_hardly_any_samples_is_resampled(rate: int, count: int) -> None:
    outputs = resampled(np.ones(count), rate)
    assert len(outputs) == math.ceil(count * RATE / rate)
    assert np.isfinite(outputs).all()


@pytest.mark.parametrize("rate", KEPT)
def test_what_stands_still_keeps_its_height(rate: int) -> None:
    outputs = resampled(np.full(rate // 4, 0.7), rate)[200:-200]
    assert np.abs(outputs - 0.7).max() < 1e-12


def test_sound_of_the_right_rate_is_left_alone() -> None:
    sound = np.random.default_rng(3).standard_normal(999)
    assert np.array_equal(resampled(sound, RATE, 100), sound)


@pytest.mark.parametrize("rate", [*range(1000, 1020), 44056, 192000, 383999, 767999, 768000])
def test_what_is_held_stays_small_however_long_the_sound_is(rate: int) -> None:
    slower = resampling(rate)
    block = np.zeros(max(rate // 50, 50))
    sizes = []
    for _ in range(40):
        slower.take(block)
        sizes.append(len(getattr(slower, "held", ())))
    assert max(sizes) < 25_000 + len(block)
    assert getattr(slower, "matrix", block).size <= LARGEST_MATRIX
