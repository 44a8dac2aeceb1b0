"""What guessing and counting reach on a text, so that a network's loss can be read."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmodels.telling import Advance, Counting, silent, uncounted

Ids = NDArray[np.integer]
Numbers = NDArray[np.int64]
Array = NDArray[np.float64]
MOST_COUNTED = 20_000_000  # of the training text are worth counting
LONGEST = 12  # characters in a row that are counted at most
HELD_BACK = 10  # the last tenth of the training text chooses how many


def score_baselines(
    train: Ids, held_out: Ids, vocabulary_size: int, counting: Counting = uncounted
) -> dict[str, Array]:
    """-log p of each character of held-out text under each baseline, nats, shape (M,).

    The last is an n-gram model, named after its n, which is chosen inside the training text (see `order_within`).

    Args:
        train: ids that are counted, shape (N,), at most `MOST_COUNTED` for the sake of memory.
        held_out: ids that are scored, shape (M,); they go on from the training text.
        vocabulary_size: V.
        counting: how far it is: as many times as an order was tried, and then counted.
    """
    with counting("counting n-grams", 2 * LONGEST) as advance:
        order, _ = order_within(train, vocabulary_size, advance=advance)
        probability = kneser_ney(train, held_out, vocabulary_size, order, advance)
        advance(LONGEST - order)
    return {
        "uniform": np.full(len(held_out), math.log(vocabulary_size)),
        "unigram": -np.log(unigram(train, held_out, vocabulary_size)),
        f"{order}-gram": -np.log(probability),
    }


def unigram(train: Ids, held_out: Ids, vocabulary_size: int) -> Array:
    """Each held-out character by how often it was seen, and once more: p(c) = (n(c) + 1) / (N + V), shape (M,)."""
    counts = np.bincount(train, minlength=vocabulary_size) + 1.0
    probability: Array = (counts / counts.sum())[held_out]
    return probability


def order_within(
    train: Ids, vocabulary_size: int, longest: int = LONGEST, advance: Advance = silent
) -> tuple[int, Array]:
    """The order of the n-gram model that scores the last tenth of the training text best, counted on the rest.

    Longer ones are tried as long as they are better, up to `LONGEST`, and the first that is no better ends it: a still
    longer one that would be best again is not found. Of nine texts (plays, program source, documentation; 3,000 to a
    million characters) none had such a one. `advance` is told of each, and at the end of those that were not tried.

    Returns:
        The order, and the probability of each character of that tenth, shape (N // 10,).
    """
    seen = len(train) - len(train) // HELD_BACK
    best, tried, least = 1, 0, math.inf
    found = np.full(len(train) - seen, 1.0 / vocabulary_size)
    if seen < len(train):
        for probability in _by_order(train[:seen], train[seen:], vocabulary_size, longest, advance):
            tried, nll = tried + 1, float(-np.log(probability).mean())
            if nll >= least:
                break
            best, least, found = tried, nll, probability
    advance(longest - tried)
    return best, found


def kneser_ney(train: Ids, held_out: Ids, vocabulary_size: int, order: int, advance: Advance = silent) -> Array:
    """The probability of each held-out character under a modified, interpolated Kneser-Ney model, shape (M,).

    Chen and Goodman 1998, TR-10-98. With u the n - 1 characters before w, and u' the same without the first of them,

        p_n(w|u) = max(c(uw) - D(c(uw)), 0) / c(u) + g(u) p_{n-1}(w|u')
        g(u) = (D(1) N1(u) + D(2) N2(u) + D(3) N3(u)) / c(u)

    c counts, at the highest order, how often uw was seen; at the lower ones, how many different characters were seen
    before uw. c(u) = sum_w c(uw); N1(u), N2(u), N3(u) are the numbers of different w with c(uw) = 1, 2, and 3 or more.
    Below order 1 lies 1 / V. Where u was never seen, p_n = p_{n-1}. For the discounts D see `discounts`.
    """
    *_, probability = _by_order(train, held_out, vocabulary_size, order, advance)
    return probability


def discounts(counts: Array) -> Array:
    """What is taken from n-grams counted 0, 1, 2, and 3 times or more, shape (4,).

    D(0) = 0, D(k) = k - (k + 1) Y n_{k+1} / n_k with Y = n_1 / (n_1 + 2 n_2) and n_k the number of n-grams counted k
    times (Chen and Goodman 1998, equation 26). Where a small text leaves one of them undefined or outside of (0, k],
    it is k / 2, so that no character costs an infinity.

    Args:
        counts: of each different n-gram, shape (K,).
    """
    of = [0.0, *(float((counts == k).sum()) for k in range(1, 5))]
    found = np.zeros(4)
    for k in range(1, 4):
        y = of[1] / (of[1] + 2.0 * of[2]) if of[1] else 0.0
        estimated = k - (k + 1) * y * of[k + 1] / of[k] if of[k] else 0.0
        found[k] = estimated if 0.0 < estimated <= k else k / 2
    return found


@dataclass(frozen=True)
class _Level:
    """The n-grams of a text, by number.

    Args:
        n: their length.
        grams: a number for the n-gram at each place, equal where the n-grams are, shape (T - n + 1,).
        contexts: likewise for its first n - 1 characters, shape (T - n + 1,).
        longer: likewise for the n + 1 characters that begin one earlier, shape (T - n,).
        seen: so many characters at the text's beginning are counted.
    """

    n: int
    grams: Numbers
    contexts: Numbers
    longer: Numbers
    seen: int

    def counts(self, highest: bool) -> Array:
        """The count c of each n-gram, by its number."""
        counted = self.grams[: self.seen - self.n + 1]
        if not highest:  # a place of each n-gram for every different character seen before it
            _, first = np.unique(self.longer[: self.seen - self.n], return_index=True)
            counted = self.grams[first + 1]
        return np.bincount(counted, minlength=int(self.grams.max()) + 1).astype(np.float64)

    def interpolated(self, highest: bool, lower: Array) -> Array:
        """p_n of each character that is not counted, given p_{n-1}, shape (T - seen,)."""
        counts = self.counts(highest)
        kinds, first = np.unique(self.grams[: self.seen - self.n + 1], return_index=True)
        known = counts[kinds] > 0  # the text's first n-gram has no character before it
        count, context = counts[kinds[known]], self.contexts[first[known]]
        taken = discounts(count)
        size = int(self.contexts.max()) + 1
        total = np.bincount(context, weights=count, minlength=size).astype(np.float64)  # of nothing they are whole
        freed = np.bincount(context, weights=taken[np.minimum(count, 3).astype(np.int64)], minlength=size)
        places = slice(self.seen - self.n + 1, None)
        here, before = counts[self.grams[places]], self.contexts[places]
        left = total[before]
        share = np.divide(1.0, left, out=np.zeros_like(left), where=left > 0)
        kept = np.maximum(here - taken[np.minimum(here, 3).astype(np.int64)], 0.0)
        return np.where(left > 0, (kept + freed[before] * lower) * share, lower)


def _by_order(train: Ids, held_out: Ids, vocabulary_size: int, longest: int, advance: Advance) -> Iterator[Array]:
    """The probability of each held-out character under the models of order 1, 2, ..., shape (M,) each.

    `advance` is told of each order that was counted.
    """
    text = np.concatenate([train, held_out]).astype(np.int64)
    lower = np.full(len(held_out), 1.0 / vocabulary_size)
    contexts, grams = np.zeros(len(text), np.int64), np.unique(text, return_inverse=True)[1]
    for n in range(1, min(longest, len(train)) + 1):
        longer = _one_longer(grams, text, n)
        level = _Level(n, grams, contexts, longer, len(train))
        highest = level.interpolated(True, lower)
        advance(1)
        yield highest
        lower = level.interpolated(False, lower)
        contexts, grams = grams[: len(longer)], longer


def _one_longer(grams: Numbers, text: Numbers, n: int) -> Numbers:
    """The numbers of the (n + 1)-grams, from 0 without gaps, shape (T - n,)."""
    pairs = grams[: len(text) - n] * (text.max() + 1) + text[n:]
    numbers: Numbers = np.unique(pairs, return_inverse=True)[1]
    return numbers
