"""The longest match of every place of some texts with a training text, by sorted suffixes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genmodels.data.text.vocabulary import code_points

Ints = NDArray[np.int64]


def longest_matches(training_text: str, texts: Sequence[str]) -> list[tuple[Ints, Ints]]:
    """For each place of each text: how many characters from there on stand in the training text too, and where.

    All suffixes of all texts are sorted together (Manber and Myers 1993); the training suffix that shares most with
    another is one of its two neighbours among the training suffixes in that order. Exact; O(N log N log L) for N
    characters in all and a longest repeat of L.
    """
    symbols, starts = _joined([training_text, *texts])
    ranks = _doubled_ranks(symbols)
    above, below = _training_neighbours(ranks[-1], len(training_text))
    found = []
    for start, text in zip(starts[1:], texts, strict=True):
        own = np.arange(start, start + len(text))
        pairs = [(_common_prefix(ranks, own, other[own]), other[own]) for other in (above, below)]
        (first, places), (second, others) = pairs
        found.append((np.maximum(first, second), np.where(first >= second, places, others)))
    return found


def _joined(texts: Sequence[str]) -> tuple[Ints, list[int]]:
    """All texts in one array, each followed by a symbol of its own, and where each begins."""
    pieces, starts, length = [], [], 0
    for number, text in enumerate(texts):
        starts.append(length)
        pieces += [code_points(text).astype(np.int64), np.array([0x110000 + number])]
        length += len(text) + 1
    return np.concatenate(pieces), starts


def _doubled_ranks(symbols: Ints) -> list[Ints]:
    """Ranks of the substrings of 1, 2, 4, ... symbols at each place, until all differ; the last ranks the suffixes."""
    ranks = [np.unique(symbols, return_inverse=True)[1].astype(np.int64)]
    width, count = 1, len(symbols)
    while ranks[-1].max() < count - 1:
        after = np.zeros(count, np.int64)  # 0: the text ends there
        after[: count - width] = ranks[-1][width:] + 1
        ranks.append(np.unique(ranks[-1] * (count + 1) + after, return_inverse=True)[1].astype(np.int64))
        width *= 2
    return ranks


def _training_neighbours(rank: Ints, training: int) -> tuple[Ints, Ints]:
    """For each suffix the nearest training suffix before and after it in sorted order; `training` where there is none.

    The suffix at place `training` begins with the training text's own end symbol, and so shares nothing with any other.
    """
    order = np.argsort(rank)
    places, is_training = np.arange(len(order)), order < training
    last = np.maximum.accumulate(np.where(is_training, places, -1))
    following = np.minimum.accumulate(np.where(is_training, places, len(order))[::-1])[::-1]
    padded = np.append(order, training)  # one more place, which both -1 and len(order) point to
    return padded[last][rank], padded[following][rank]


def _common_prefix(ranks: list[Ints], first: Ints, second: Ints) -> Ints:
    """Symbols that the suffixes at two places share, by halving steps."""
    shared = np.zeros(len(first), np.int64)
    for level in reversed(range(len(ranks))):
        a, b = first + shared, second + shared
        equal = ranks[level][a] == ranks[level][b]
        shared += np.where(equal, 1 << level, 0)
    return shared
