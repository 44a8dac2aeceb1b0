"""The power of each frequency in a sound, over time."""

import numpy as np
from numpy.typing import NDArray

RATE = 8000  # samples in a second
WINDOW, HOP, SPECTRUM = 200, 80, 256  # samples: 25 ms every 10 ms, and what a spectrum is taken of
DEPTH = 50.0  # dB below the loudest place: what is fainter is drawn as silence


def spectrogram(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """Power in decibels below the loudest place, from -50 to 0.

    Args:
        samples: shape (N,), 8,000 in a second.

    Returns:
        Shape (129, T): frequencies from 0 to 4 kHz, and windows whose middles lie at 0, 10, 20 ms, ...
    """
    padded = np.pad(samples.astype(np.float64), (WINDOW // 2, WINDOW // 2))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    power = np.abs(np.fft.rfft(windows * hann, SPECTRUM, axis=1)) ** 2
    faintest = 10 ** (-DEPTH / 10) * max(float(power.max()), 1e-9)  # silence is silent everywhere
    return np.asarray(10 * np.log10(np.maximum(power, faintest) / max(float(power.max()), faintest)).T)
