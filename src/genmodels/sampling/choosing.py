"""Which character comes next: temperature, filters, ids from logits."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.sampling.steps import Array
from genmodels.settings.sampling import SampleSettings

Scores = NDArray[np.float64]


class Chooser:
    """Draws ids from logits by the inverse of the cumulative distribution."""

    def __init__(self, how: SampleSettings, temperatures: NDArray[np.float64]) -> None:
        self.how = how
        self.greedy = temperatures == 0
        self.inverse = (1.0 / np.where(self.greedy, 1.0, np.maximum(temperatures, 1e-12)))[:, None]
        self.filtered = not (how.top_k is None and how.top_p is None and how.min_p is None)
        if len(temperatures) == 1:  # vectors instead of matrices: fewer and cheaper calls
            self.greedy, self.inverse = self.greedy[0], self.inverse[0, 0]

    def __call__(self, logits: Array, uniform: Any) -> Any:
        """Ids for logits (V,) or (N, V), each from a number between 0 and 1."""
        if logits.ndim == 1:
            return self._choose_one(logits, uniform)
        scores = self._tempered(logits)
        cumulative = np.exp(scores).cumsum(axis=-1)
        drawn = (cumulative <= uniform[:, None] * cumulative[:, -1:]).sum(axis=-1)
        drawn = np.minimum(drawn, scores.shape[-1] - 1)
        return np.where(self.greedy, scores.argmax(axis=-1), drawn)

    def _choose_one(self, logits: Array, uniform: float) -> int:
        if self.greedy:
            return int(logits.argmax())
        scores = self._tempered(logits)
        cumulative = np.add.accumulate(np.exp(scores, out=scores))
        drawn = int(cumulative.searchsorted(uniform * cumulative[-1], side="right"))
        return min(drawn, len(scores) - 1)  # the product may round up to the whole sum

    def _tempered(self, logits: Array) -> Scores:
        """Logits / temperature in float64, the largest 0, filtered."""
        scores: Scores = np.multiply(logits, self.inverse, dtype=np.float64)
        scores -= scores[scores.argmax()] if scores.ndim == 1 else scores.max(axis=-1, keepdims=True)
        return filtered(scores, self.how.top_k, self.how.top_p, self.how.min_p) if self.filtered else scores


def log_probability(logits: Array, chosen: Any) -> Scores:
    """Log-probabilities of chosen ids under the model itself, in nats, shape (N,)."""
    scores = np.atleast_2d(logits).astype(np.float64)
    scores -= scores.max(axis=-1, keepdims=True)
    picked = np.take_along_axis(scores, np.atleast_1d(chosen)[:, None], axis=-1)[:, 0]
    log_p: Scores = picked - np.log(np.exp(scores).sum(axis=-1))
    return log_p


def filtered(scores: Scores, top_k: int | None, top_p: float | None, min_p: float | None) -> Scores:
    """Scores with improbable characters set to -inf; each filter looks at the tempered distribution.

    Args:
        scores: log-probabilities up to a constant, shape (..., V), the largest 0.
        top_k: keep the k most probable (ties by id).
        top_p: keep the fewest whose probabilities sum to at least p (Holtzman et al. 2020, arXiv 1904.09751).
        min_p: keep those at least min_p times as probable as the most probable (arXiv 2407.01082).
    """
    order = np.argsort(-scores, axis=-1, kind="stable")
    ranks = np.argsort(order, axis=-1, kind="stable")
    keep = np.ones(scores.shape, dtype=bool)
    if top_k is not None:
        keep &= ranks < top_k
    if top_p is not None:
        keep &= np.take_along_axis(_before(scores, order) < top_p, ranks, axis=-1)
    if min_p is not None:
        keep &= np.exp(scores) >= min_p
    return np.where(keep | (ranks == 0), scores, -np.inf)


def _before(scores: Scores, order: NDArray[np.intp]) -> Scores:
    """What those before it in this order sum to, for each probability."""
    probabilities = np.exp(np.take_along_axis(scores, order, axis=-1))
    probabilities /= probabilities.sum(axis=-1, keepdims=True)
    before: Scores = probabilities.cumsum(axis=-1) - probabilities
    return before
