"""Any rate to 8,000 samples a second, band-limited, a block at a time."""

import math
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.clips import RATE

Signal = NDArray[np.float64]

STOPBAND = 90.0  # dB by which is damped what could come back as another tone
PASSBAND, STOP = 0.45, 0.525  # where it begins to fall and where it has fallen, as shares of the narrower rate
GROUP = 64  # outputs that are computed at a time, or more
LARGEST_MATRIX = 1 << 20  # weights that are kept exactly; a ratio that needs more makes do with a bank
AT_A_TIME = 1 << 17  # weights of a bank that are gathered at a time
FINENESS = 1024  # places in a sample of the narrower rate: between them a straight line errs by 1e-6

_CUTOFF = (PASSBAND + STOP) / 2
_BETA = 0.1102 * (STOPBAND - 8.7)  # Kaiser's formulas for the window and its length
_REACH = (STOPBAND - 7.95) / (2.285 * 2 * math.pi * (STOP - PASSBAND)) / 2  # samples of the narrower rate to each side


class Resampling(Protocol):
    """Takes sound in pieces and gives as much of it at the other rate as can be known by then."""

    def take(self, samples: Signal) -> Signal:
        """What is known after some more samples."""
        ...

    def finish(self) -> Signal:
        """The rest; behind the last sample there is silence."""
        ...


def kernel(distance: Signal) -> Signal:
    """How much a sample counts at a distance: a sinc under a Kaiser window (Kaiser 1974; Smith and Gossett 1984).

    Args:
        distance: in samples of the narrower of both rates, of any shape.
    """
    inside = np.clip(1.0 - (distance / _REACH) ** 2, 0.0, None)
    window = np.i0(_BETA * np.sqrt(inside)) / np.i0(_BETA)
    weights: Signal = np.where(np.abs(distance) < _REACH, 2 * _CUTOFF * np.sinc(2 * _CUTOFF * distance) * window, 0.0)
    return weights


@lru_cache(maxsize=4)  # the files of a set mostly have one rate
def _matrix(up: int, down: int) -> Signal:
    """What a group of outputs is made of: its inputs and those around them, of shape (inputs, outputs)."""
    groups, half = math.ceil(GROUP / up), _half(up, down)
    moments = np.arange(groups * up) * down / up
    places = np.arange(groups * down + 2 * half) - (half - 1)
    matrix = kernel((moments[None, :] - places[:, None]) * min(up / down, 1.0))
    normalised: Signal = matrix / matrix.sum(axis=0)  # what stands still keeps its height
    return normalised


@lru_cache(maxsize=4)
def _bank(up: int, down: int) -> Signal:
    """Rows of weights for outputs at evenly spaced places between two inputs, of shape (places + 1, inputs)."""
    half, scale = _half(up, down), min(up / down, 1.0)
    places = math.ceil(FINENESS * scale)
    offsets = np.arange(2 * half) - (half - 1)
    bank = kernel(((np.arange(places + 1) / places)[:, None] - offsets) * scale)
    normalised: Signal = bank / bank.sum(axis=1, keepdims=True)
    return normalised


def resampling(rate: int) -> Resampling:
    """What turns sound of a rate into 8,000 samples a second.

    Output n stands at the input's moment n M / L, where M / L is the ratio of the rates in lowest terms: there are L
    different rows of weights. They are kept as one matrix, unless that would be too large: then each output lies
    between two rows of a bank.

    Args:
        rate: of the input, samples in a second.
    """
    assert rate > 0
    if rate == RATE:
        return _Same()
    common = math.gcd(rate, RATE)
    up, down = RATE // common, rate // common
    groups = math.ceil(GROUP / up)
    half = _half(up, down)
    if groups * up * (groups * down + 2 * half) <= LARGEST_MATRIX:
        return _Periodic(up, down)
    return _Between(up, down)


def _half(up: int, down: int) -> int:
    """Samples of the input on each side of an output that count for it."""
    return math.ceil(_REACH * max(down / up, 1.0)) + 1


class _Same:
    def take(self, samples: Signal) -> Signal:
        return samples

    def finish(self) -> Signal:
        return np.zeros(0)


class _Held:
    """The last samples, and where in the sound they and the next output stand.

    Args:
        up: L, outputs in a period.
        down: M, inputs in it.
    """

    def __init__(self, up: int, down: int) -> None:
        self.up, self.down, self.half = up, down, _half(up, down)
        self.held: Signal = np.zeros(self.half - 1)  # silence before the first sample
        self.first = 1 - self.half  # the place of held[0] in the input
        self.given = 0  # outputs
        self.seen = 0  # inputs

    def hold(self, samples: Signal) -> None:
        self.held = np.concatenate([self.held, samples])
        self.seen += len(samples)

    def drop_before(self, place: int) -> None:
        self.held = self.held[place - self.first :]
        self.first = place

    def finish(self) -> Signal:
        total = -(-self.seen * self.up // self.down)
        due = total - self.given
        silence = np.zeros(2 * self.half + self.down * math.ceil(GROUP / self.up) + 1)
        return self.take(silence)[:due]

    def take(self, samples: Signal) -> Signal:
        raise NotImplementedError


class _Periodic(_Held):
    """A group of outputs is a product of one matrix and the samples around them."""

    def __init__(self, up: int, down: int) -> None:
        super().__init__(up, down)
        groups = math.ceil(GROUP / up)
        self.outputs, self.inputs = groups * up, groups * down
        self.matrix = _matrix(up, down)
        self.span = len(self.matrix)

    def take(self, samples: Signal) -> Signal:
        self.hold(samples)
        count = (len(self.held) - self.span) // self.inputs + 1
        if count <= 0:
            return np.zeros(0)
        windows = np.lib.stride_tricks.sliding_window_view(self.held, self.span)[:: self.inputs]
        outputs: Signal = (np.ascontiguousarray(windows[:count]) @ self.matrix).ravel()
        self.drop_before(self.first + count * self.inputs)
        self.given += len(outputs)
        return outputs


class _Between(_Held):
    """Each output lies between two rows of a bank of weights."""

    def take(self, samples: Signal) -> Signal:
        self.hold(samples)
        known = self.first + len(self.held) - self.half  # an output may stand before this place
        until = max(-(-known * self.up // self.down), self.given)
        step = max(AT_A_TIME // (2 * self.half), 1)
        pieces = [self._outputs(at, min(at + step, until)) for at in range(self.given, until, step)]
        self.given = until
        self.drop_before(max(until * self.down // self.up + 1 - self.half, self.first))
        return np.concatenate([np.zeros(0), *pieces])

    def _outputs(self, start: int, stop: int) -> Signal:
        """Outputs from start to stop; where they stand is computed in whole numbers."""
        bank = _bank(self.up, self.down)
        before, within = np.divmod(np.arange(start, stop) * self.down, self.up)
        place = within * ((len(bank) - 1) / self.up)
        row = place.astype(np.int64)
        share = place - row
        starts = before + 1 - self.half - self.first
        windows = np.lib.stride_tricks.sliding_window_view(self.held, 2 * self.half)[starts]
        lower, upper = (np.einsum("nk,nk->n", windows, bank[row + beyond]) for beyond in (0, 1))
        outputs: Signal = lower + share * (upper - lower)
        return outputs
