"""How far a network that listens looks: what a word's score depends on, frame by frame."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genmodels.analysis.reading import align
from genmodels.data.sound.clips import RATE
from genmodels.data.sound.features import HOP
from genmodels.data.sound.log_mel import LogMel
from genmodels.data.sound.utterances import UtteranceMaker
from genmodels.device import differentiable_in_evaluation
from genmodels.models.layers import STRIDE
from genmodels.models.listener import Listener

FRAME_MS = 1000 * HOP / RATE
PAST, FUTURE = 200, 100  # frames before and after the one where a word is said
WORDS = 5  # in each utterance looked at


@dataclass(frozen=True)
class Look:
    """Where the gradient of a word's score lies, over many words.

    Args:
        lags_ms: of frames, relative to the one where the word is said; below 0 lies the past. Shape (L,).
        lower: first quartile over the words of each frame's share of the gradient's norms, shape (L,).
        median: second quartile.
        upper: third quartile.
        words: so many.
    """

    lags_ms: NDArray[np.float64]
    lower: NDArray[np.float64]
    median: NDArray[np.float64]
    upper: NDArray[np.float64]
    words: int

    @property
    def half(self) -> tuple[float, float]:
        """Milliseconds from the word between which the middle half of the medians' sum lies, a quarter to either side.

        Each frame's share is spread evenly over the 10 ms around its middle, so a curve that is the same on both sides
        of a place gives a span that is too, however flat it is.
        """
        edges = np.append(self.lags_ms - FRAME_MS / 2, self.lags_ms[-1] + FRAME_MS / 2)
        whole = np.concatenate([[0.0], np.cumsum(self.median)])
        if whole[-1] == 0.0:  # most words depend on nothing
            return 0.0, 0.0
        quarter, three = np.interp([0.25 * whole[-1], 0.75 * whole[-1]], whole, edges)
        return float(quarter), float(three)


def looks(
    model: Listener, log_mel: LogMel, maker: UtteranceMaker, utterances: int, advance: Callable[[int], None]
) -> Look:
    """The norm of d log p(word) / d frame, for every word of some utterances, each in its surest place.

    A word's share of its own norms is taken, so that sure words do not count more than doubtful ones.

    Args:
        model: in evaluation mode.
        log_mel: what it hears.
        maker: of the utterances.
        utterances: so many, of five words each.
        advance: is told how many more utterances were looked at.
    """
    shares = []
    for index in range(utterances):
        made = maker.make(1, WORDS, index)
        rows = log_mel.rows(made.power(log_mel)).detach().requires_grad_()
        with differentiable_in_evaluation():
            log_p = model(rows)[0].float().log_softmax(dim=1)
        said = made.labels[0, : int(made.lengths[0])].tolist()
        places = align(log_p.detach().cpu().double().numpy(), said)
        for word, (first, last) in zip(said, places, strict=True):
            surest = first + int(log_p[first : last + 1, word + 1].argmax())
            (gradient,) = torch.autograd.grad(log_p[surest, word + 1], rows, retain_graph=True)
            shares.append(_share(gradient[0], STRIDE * surest))
        advance(1)
    stacked = np.stack(shares)
    stacked[:, np.isnan(stacked).all(axis=0)] = 0.0  # so far from any word there is nothing
    quartiles = np.nanquantile(stacked, [0.25, 0.5, 0.75], axis=0)
    lower, median, upper = (np.asarray(row, np.float64) for row in quartiles)
    lags = np.asarray(FRAME_MS * np.arange(-PAST, FUTURE + 1), np.float64)
    return Look(lags, lower, median, upper, len(shares))


def _share(gradient: Tensor, frame: int) -> NDArray[np.float64]:
    """Norms of a gradient (T, F) by lag from a frame, as shares of their sum; not a number beyond the utterance."""
    norms = gradient.double().norm(dim=1).cpu().numpy()
    lags = np.arange(len(norms)) - frame
    kept = (lags >= -PAST) & (lags <= FUTURE)
    share = np.full(PAST + FUTURE + 1, np.nan)
    share[lags[kept] + PAST] = norms[kept] / max(1e-30, float(norms.sum()))
    return share
