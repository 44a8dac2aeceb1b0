"""A sound over time: its waveform, and the power of each frequency in it."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from genmodels.figures import widths
from genmodels.figures.style import INK

RATE = 8000  # samples in a second
WINDOW, HOP, SPECTRUM = 200, 80, 256  # samples: 25 ms every 10 ms, and what a spectrum is taken of
ENVELOPE = 1500  # points of a waveform
SMALL = 7.0  # points
SILENT = 1e-3  # power of windows in which no sample is louder than nothing
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
    loudest = max(float(power.max()), SILENT)
    return np.asarray(np.maximum(10 * np.log10(np.maximum(power, SILENT * 1e-9) / loudest), -DEPTH).T)


def draw_spectrogram(axes: Axes, samples: NDArray[np.int16]) -> AxesImage:
    """Decibels by seconds and kilohertz."""
    values = spectrogram(samples)
    first, last = -0.5 * HOP / RATE, (values.shape[1] - 0.5) * HOP / RATE
    image = axes.imshow(
        values, cmap="magma", vmin=-DEPTH, vmax=0, origin="lower", aspect="auto", extent=(first, last, 0, RATE / 2000)
    )
    axes.set(yticks=[0, 1, 2, 3, 4])
    axes.grid(visible=False)
    return image


def draw_waveform(axes: Axes, samples: NDArray[np.int16]) -> None:
    """The lowest and the highest sample of each small part of a sound, full scale being 1, by seconds."""
    share = samples.astype(np.float64) / 32768
    starts = np.arange(0, len(share), max(1, len(share) // ENVELOPE))
    if len(share):
        low, high = np.minimum.reduceat(share, starts), np.maximum.reduceat(share, starts)
        axes.fill_between(starts / RATE, low, high, color=INK, linewidth=widths.HAIR)
    peak = float(np.abs(share).max(initial=0.0)) or 1.0
    rounded = float(f"{peak:.0e}")
    top = 1.1 * max(peak, rounded)
    axes.set(ylim=(-top, top), yticks=[-rounded, 0.0, rounded])
    axes.set_yticklabels([f"−{rounded:g}", "0", f"{rounded:g}"], fontsize=SMALL)
