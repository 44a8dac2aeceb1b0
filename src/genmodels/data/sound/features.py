"""What a network hears of a sound: the energy in bands of the mel scale, in NumPy. Needs no torch.

A window of 25 ms every 10 ms, its power spectrum, summed in 40 triangular bands that lie equally wide on the mel scale
(Stevens, Volkmann and Newman 1937; Davis and Mermelstein 1980), and the logarithm of each sum. Every band's mean over
the recording is taken away, which takes the loudness and the microphone with it, and all is divided by one deviation.

`log_mel.py` computes the same in batches; tests hold the two together.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.clips import RATE

WINDOW, HOP = 200, 80  # samples: 25 ms every 10 ms
SPECTRUM = 256  # samples that a spectrum is taken of: the window, and zeros on both sides of it
BANDS = 40
LOWEST, HIGHEST = 60.0, RATE / 2  # Hz
COEFFICIENTS = 13  # of the cepstrum, with --features mfcc
FLOOR = 1e-5  # of the loudest band in a recording: 50 dB below it there is nothing to hear
SILENT = 1e-10  # energy of full scale squared; keeps digital silence finite
FLATTEST = 1e-3  # smallest deviation that is divided by

Floats = NDArray[np.floating]


@cache
def hann() -> NDArray[np.float64]:
    """The periodic Hann window of 25 ms in the middle of 256 samples."""
    before = (SPECTRUM - WINDOW) // 2
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    return np.pad(window, (before, SPECTRUM - WINDOW - before))


def mel(hertz: Floats | float) -> Floats:
    """Hertz on the mel scale: 1127 ln(1 + f / 700)."""
    return np.asarray(1127.0 * np.log1p(np.asarray(hertz) / 700.0))


@cache
def mel_bank(warp: float = 1.0) -> NDArray[np.float64]:
    """Triangular bands, each one wide as two of the steps between them.

    Args:
        warp: the speaker's frequencies are taken to be so many times as high, as from a shorter vocal tract (Jaitly
            and Hinton 2013); what would lie beyond the highest one is pressed in below it.

    Returns:
        Shape (129, 40): the weight of each frequency in each band.
    """
    edges = np.linspace(mel(LOWEST), mel(HIGHEST), BANDS + 2)
    centres = mel(warped(np.fft.rfftfreq(SPECTRUM, 1 / RATE), warp))[:, None]
    rising = (centres - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - centres) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))


def warped(hertz: Floats, warp: float) -> Floats:
    """Frequencies times `warp`, up to where a straight line must lead to the highest one instead."""
    bend = HIGHEST * 0.85 * min(1.0, 1.0 / warp)
    above = HIGHEST - (HIGHEST - warp * bend) * (HIGHEST - hertz) / (HIGHEST - bend)
    return np.where(hertz <= bend, warp * hertz, above)


@cache
def cosines() -> NDArray[np.float64]:
    """The orthonormal cosine transform (type II) from bands to the first 13 coefficients, shape (40, 13)."""
    band, order = np.arange(BANDS)[:, None], np.arange(COEFFICIENTS)
    basis = np.cos(np.pi * order * (band + 0.5) / BANDS) * np.sqrt(2.0 / BANDS)
    basis[:, 0] /= np.sqrt(2.0)
    return np.asarray(basis)


def power_spectra(samples: NDArray[np.int16]) -> Floats:
    """Power of each frequency in each window, full scale being 1; float32 of shape (T, 129)."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, SPECTRUM)[::HOP]
    scaled = windows.astype(np.float32) * np.float32(1 / 32768)
    spectra = np.fft.rfft(scaled * hann().astype(np.float32), axis=1)
    return np.asarray(spectra.real**2 + spectra.imag**2)


def normalised(bands: Floats) -> Floats:
    """Each column's mean taken away, and all divided by one deviation; shape (T, F)."""
    centred = bands - bands.mean(axis=0)
    return np.asarray(centred / max(FLATTEST, float(np.sqrt((centred**2).mean()))))


def log_bands(samples: NDArray[np.int16], warp: float = 1.0) -> Floats:
    """Log-energies of the bands before they are normalised, in nats of full scale squared, shape (T, 40)."""
    energy = power_spectra(samples) @ mel_bank(warp).astype(np.float32)
    return np.asarray(np.log(energy + (FLOOR * energy.max() + SILENT)))


def heard(samples: NDArray[np.int16], kind: str = "mel", warp: float = 1.0) -> NDArray[np.float32]:
    """The rows that a network reads.

    Args:
        samples: shape (N,), 256 or more, 8,000 in a second.
        kind: "mel", the bands, or "mfcc", the first coefficients of their cosine transform.
        warp: see `mel_bank`.

    Returns:
        Shape (T, 40), or (T, 13).
    """
    bands = log_bands(samples, warp)
    rows = bands if kind == "mel" else bands @ cosines().astype(np.float32)
    return normalised(rows).astype(np.float32)
