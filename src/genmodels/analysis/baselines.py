"""What guessing and counting reach on a text, so that a network's loss can be read."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from genmodels.telling import Advance, Counting, silent, uncounted

Ids = NDArray[np.integer]
Array = NDArray[np.float64]
MOST_COUNTED = 20_000_000  # of the training text are worth counting
ORDER = 5


def score_baselines(
    train: Ids, held_out: Ids, vocabulary_size: int, counting: Counting = uncounted
) -> dict[str, float]:
    """Mean negative log-likelihood of held-out text under each baseline, nats per character.

    Args:
        train: ids that are counted, shape (N,), at most `MOST_COUNTED` for the sake of memory.
        held_out: ids that are scored, shape (M,); they go on from the training text.
        vocabulary_size: V.
        counting: how far it is, n-grams of n characters being n times the work of single ones.
    """
    with counting("counting n-grams", sum(range(1, ORDER + 1))) as advance:
        return {
            name: float(baseline(train, held_out, vocabulary_size, advance)) for name, baseline in BASELINES.items()
        }


def uniform(train: Ids, held_out: Ids, vocabulary_size: int, advance: Advance = silent) -> float:
    """Every character alike: log V."""
    del train, held_out, advance
    return math.log(vocabulary_size)


def unigram(train: Ids, held_out: Ids, vocabulary_size: int, advance: Advance = silent) -> float:
    """Each character by how often it was seen, and once more: p(c) = (n(c) + 1) / (N + V)."""
    del advance
    counts = np.bincount(train, minlength=vocabulary_size) + 1.0
    return float(-np.log(counts / counts.sum())[held_out].mean())


def kneser_ney(train: Ids, held_out: Ids, vocabulary_size: int, advance: Advance = silent, order: int = ORDER) -> float:
    """An interpolated Kneser-Ney model (Kneser and Ney 1995; Chen and Goodman 1999).

    With u the n - 1 characters before w, and u' the same without the first of them,

        p_n(w|u) = max(c(uw) - D, 0) / c(u) + D t(u) / c(u) p_{n-1}(w|u')

    c counts, at the highest order, how often uw was seen; at the lower ones, how many different characters were seen
    before uw. c(u) = sum_w c(uw), t(u) is the number of different w seen after u, and D = n1 / (n1 + 2 n2) of the
    n-grams with c = 1 and c = 2, for each order (1/2 where none has c = 1, so that no character costs an infinity).
    Below order 1 lies 1 / V. Where u was never seen, p_n = p_{n-1}.
    """
    text = np.concatenate([train, held_out]).astype(np.int64)
    probability = np.full(len(held_out), 1.0 / vocabulary_size)
    for n in range(1, order + 1):
        probability = _interpolated(text, len(train), n, n == order, probability)
        advance(n)
    return float(-np.log(probability).mean())


def _interpolated(text: NDArray[np.int64], seen: int, n: int, highest: bool, lower: Array) -> Array:
    """p_n of each character from place `seen` on, given p_{n-1}; counted are the n-grams within the first `seen`."""
    grams, contexts = _numbered(text, n), _numbered(text, n - 1)[:-1] if n > 1 else np.zeros(len(text), np.int64)
    # grams[i] ends at place i + n - 1; contexts[i] are the n - 1 characters before that place.
    kinds, first = np.unique(grams[: seen - n + 1], return_index=True)
    counts = np.zeros(grams.max() + 1)
    counted = grams[: seen - n + 1] if highest else grams[_ends_of_longer(text, seen, n)]
    counts[: kinds[-1] + 1] = np.bincount(counted, minlength=kinds[-1] + 1)
    once, twice = (counts == 1).sum(), (counts == 2).sum()
    discount = once / (once + 2.0 * twice) if once else 0.5
    total, types = np.zeros(contexts.max() + 1), np.zeros(contexts.max() + 1)
    known = counts[kinds] > 0
    np.add.at(total, contexts[first[known]], counts[kinds[known]])
    np.add.at(types, contexts[first[known]], 1.0)
    places = slice(seen - n + 1, None)
    count, context = counts[grams[places]], contexts[places]
    left = total[context]
    share = np.divide(1.0, left, out=np.zeros_like(left), where=left > 0)
    mixed = np.maximum(count - discount, 0.0) * share + discount * types[context] * share * lower
    return np.where(left > 0, mixed, lower)


def _ends_of_longer(text: NDArray[np.int64], seen: int, n: int) -> NDArray[np.int64]:
    """A place of each n-gram for every different character seen before it: the (n + 1)-grams without their first."""
    _, longer = np.unique(_numbered(text, n + 1)[: seen - n], return_index=True)
    return longer + 1


def _numbered(text: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """A number for the n-gram at each place, equal where the n-grams are, from 0 without gaps, shape (N - n + 1,)."""
    numbers = np.unique(text, return_inverse=True)[1]
    for length in range(1, n):
        pairs = numbers[: len(text) - length] * (text.max() + 1) + text[length:]
        numbers = np.unique(pairs, return_inverse=True)[1]
    return numbers


BASELINES: dict[str, Callable[[Ids, Ids, int, Advance], float]] = {
    "uniform": uniform,
    "unigram": unigram,
    f"{ORDER}-gram": kneser_ney,
}
