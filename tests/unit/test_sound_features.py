"""What a network hears of a sound, against a recomputation in loops and the twin in torch."""

import cmath
import math

import numpy as np
import pytest
import torch

from genmodels.data.sound.features import (
    BANDS,
    COEFFICIENTS,
    FLOOR,
    HIGHEST,
    HOP,
    LOWEST,
    SILENT,
    SPECTRUM,
    WINDOW,
    cosines,
    heard,
    mel,
    mel_bank,
    warped,
)
from genmodels.data.sound.log_mel import WARPS, LogMel
from homes import spoken

CPU = torch.device("cpu")


def frame_count(samples: int, hop: int = HOP) -> int:
    """Windows that fit into so many samples."""
    return 0 if samples < SPECTRUM else 1 + (samples - SPECTRUM) // hop


def power_by_hand(samples: np.ndarray, start: int) -> list[float]:
    """The power of each frequency in one window, by the sum that defines it."""
    before = (SPECTRUM - WINDOW) // 2
    windowed = [
        float(samples[start + n]) / 32768 * (0.5 - 0.5 * math.cos(2 * math.pi * (n - before) / WINDOW))
        for n in range(before, before + WINDOW)
    ]
    phases = [[-2j * math.pi * k * (before + n) / SPECTRUM for n in range(WINDOW)] for k in range(SPECTRUM // 2 + 1)]
    return [abs(sum(x * cmath.exp(p) for x, p in zip(windowed, row, strict=True))) ** 2 for row in phases]


def energy_by_hand(power: list[float], band: int, warp: float) -> float:
    """The weighted power in one triangle of the mel scale."""

    def mels(hertz: float) -> float:
        return 1127 * math.log(1 + hertz / 700)

    step = (mels(HIGHEST) - mels(LOWEST)) / (BANDS + 1)
    centre, total = mels(LOWEST) + (band + 1) * step, 0.0
    for k, value in enumerate(power):
        hertz = float(warped(np.array(k * 8000 / SPECTRUM), warp))
        total += value * max(0.0, 1 - abs(mels(hertz) - centre) / step)
    return total


def rows_by_hand(samples: np.ndarray, kind: str, warp: float) -> np.ndarray:
    windows = range(0, len(samples) - SPECTRUM + 1, HOP)
    energy = np.array(
        [[energy_by_hand(power, band, warp) for band in range(BANDS)]
         for power in (power_by_hand(samples, start) for start in windows)]
    )  # fmt: skip
    rows = np.log(energy + FLOOR * energy.max() + SILENT)
    if kind == "mfcc":
        scale = [math.sqrt((1 if k == 0 else 2) / BANDS) for k in range(COEFFICIENTS)]
        rows = np.array(
            [[scale[k] * sum(row[b] * math.cos(math.pi * k * (2 * b + 1) / (2 * BANDS)) for b in range(BANDS))
              for k in range(COEFFICIENTS)] for row in rows]
        )  # fmt: skip
    rows = rows - rows.mean(axis=0)
    return rows / math.sqrt((rows**2).mean())


@pytest.mark.parametrize(("kind", "warp"), [("mel", 1.0), ("mfcc", 1.0), ("mel", 1.1), ("mel", 0.9)])
def test_features_are_what_their_definition_says(kind: str, warp: float) -> None:
    samples = spoken("rising", 0, 0)[:600]
    np.testing.assert_allclose(heard(samples, kind, warp), rows_by_hand(samples, kind, warp), atol=2e-4)


@pytest.mark.parametrize("kind", ["mel", "mfcc"])
def test_the_twin_in_torch_gives_the_same_with_every_warp(kind: str) -> None:
    samples = np.stack([spoken(word, 1, take)[:1400] for word, take in (("low", 0), ("high", 1))])
    log_mel = LogMel(kind, CPU, widest=1.12)
    power = log_mel.power(torch.from_numpy(samples).float() / 32768)
    plain = log_mel.rows(power)
    for index in range(2):
        np.testing.assert_allclose(plain[index], heard(samples[index], kind), atol=5e-5, rtol=1e-5)
    for bank in (0, 5, WARPS - 1):
        rows = log_mel.rows(power, torch.tensor([bank, WARPS // 2]))
        factor = 1.12 ** (2 * bank / (WARPS - 1) - 1)
        np.testing.assert_allclose(rows[0], heard(samples[0], kind, factor), atol=5e-5, rtol=1e-5)
        torch.testing.assert_close(rows[1], plain[1])


def test_without_warps_there_is_one_bank() -> None:
    assert LogMel("mel", CPU).banks.shape == (1, SPECTRUM // 2 + 1, BANDS)


def test_the_bands_share_each_frequency_between_the_outermost_centres() -> None:
    bank, frequencies = mel_bank(), np.fft.rfftfreq(SPECTRUM, 1 / 8000)
    edges = np.linspace(mel(LOWEST), mel(HIGHEST), BANDS + 2)
    inside = (mel(frequencies) >= edges[1]) & (mel(frequencies) <= edges[-2])
    np.testing.assert_allclose(bank[inside].sum(axis=1), 1.0)
    assert (bank[frequencies < LOWEST] == 0).all()
    assert (bank >= 0).all()


@pytest.mark.parametrize("warp", [0.5, 0.88, 1.0, 1.12, 2.0])
def test_warped_frequencies_rise_and_end_at_the_highest(warp: float) -> None:
    hertz = np.linspace(0, HIGHEST, 4001)
    found = warped(hertz, warp)
    assert (np.diff(found) > 0).all()
    assert np.diff(found).max() < 10 * np.diff(found).min() + 3, "no jump where the line bends"
    assert found[0] == 0
    assert found[-1] == pytest.approx(HIGHEST)
    np.testing.assert_allclose(found[hertz < 1500], warp * hertz[hertz < 1500])


def test_the_cosines_are_orthonormal() -> None:
    np.testing.assert_allclose(cosines().T @ cosines(), np.eye(COEFFICIENTS), atol=1e-12)


def test_loudness_and_a_microphones_colour_change_nothing() -> None:
    samples = spoken("rising", 0, 0).astype(np.float64)
    plain, louder = heard(samples.astype(np.int16)), heard((2 * samples).astype(np.int16))
    np.testing.assert_allclose(plain, louder, atol=5e-3)
    assert abs(plain.mean(axis=0)).max() < 1e-5
    assert float(np.sqrt((plain**2).mean())) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("samples", [np.zeros(800, np.int16), np.full(800, 5, np.int16)])
def test_digital_silence_gives_numbers(samples: np.ndarray) -> None:
    assert np.isfinite(heard(samples)).all()
    log_mel = LogMel("mel", CPU)
    assert bool(log_mel.rows(log_mel.power(torch.from_numpy(samples).float()[None] / 32768)).isfinite().all())


@pytest.mark.parametrize("hop", [80, 100])
def test_windows_that_fit_are_counted_as_torch_counts_them(hop: int) -> None:
    assert frame_count(SPECTRUM - 1) == 0
    log_mel = LogMel("mel", CPU)
    for samples in (SPECTRUM, SPECTRUM + hop - 1, SPECTRUM + hop, 1234):
        assert log_mel.power(torch.zeros(1, samples), hop).shape[1] == frame_count(samples, hop)
    assert len(heard(np.ones(1234, np.int16))) == frame_count(1234)
