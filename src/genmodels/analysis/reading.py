"""From the columns' distributions to a reading: the best path, a beam of prefixes, the alignment, the probability.

Connectionist temporal classification (Graves, Fernandez, Gomez and Schmidhuber 2006): a path names one output for each
column; a reading is what is left of it when repeats are merged and blanks are dropped.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def reading_text(classes: Sequence[int], names: Sequence[str] | None) -> str:
    """Names of the classes side by side; with spaces where some are longer than a letter."""
    assert names is not None
    told = [names[kind] for kind in classes]
    return ("" if all(len(name) == 1 for name in names) else " ").join(told)


LogP = NDArray[np.float64]  # (T, C + 1): log-probabilities of blank, then of each class, in every column
Prefixes = dict[tuple[int, ...], tuple[float, float]]  # log-probabilities of paths that end in a blank, and not
BLANK = 0
UNLIKELY = -12.0  # outputs less likely than exp of that in a column are passed over by the beam


@dataclass(frozen=True)
class Reading:
    """What was read.

    Args:
        classes: from left to right.
        confidence: probability of this reading.
        spans: first and last column of each digit in the likeliest path; None where outputs have no columns.
        scores: probability of each digit in its surest column, or place.
        overruled: columns in which another output than that path's is likelier; none where the best path was read.
    """

    classes: list[int]
    confidence: float
    spans: list[tuple[int, int]] | None
    scores: list[float]
    overruled: int = 0


def greedy(log_p: LogP) -> list[int]:
    """The reading of the likeliest path, which need not be the likeliest reading."""
    path = log_p.argmax(axis=1)
    changed = np.concatenate([[True], path[1:] != path[:-1]])
    return [int(output) - 1 for output in path[changed] if output != BLANK]


def beam(log_p: LogP, width: int) -> list[int]:
    """The likeliest reading among those that a beam of prefixes finds (Hannun et al. 2014, arXiv 1408.2873).

    The best path's is among them, though a narrow beam may have lost it: no reading is returned that is less likely.

    Each prefix carries the probability of its paths that end in a blank and of those that end in its last class, as
    only after a blank the same class can come again.

    Args:
        log_p: shape (T, C + 1).
        width: prefixes kept after each column.
    """
    prefixes: Prefixes = {(): (0.0, -np.inf)}
    for column in log_p:
        if not (column[BLANK + 1 :] > UNLIKELY).any():  # as in most columns of speech: nothing is to be sorted
            prefixes = {prefix: _gone_on(prefix, ends, column) for prefix, ends in prefixes.items()}
            continue
        grown = _grown(prefixes, column)
        best = sorted(grown.items(), key=lambda item: -np.logaddexp(item[1][0], item[1][1]))[:width]
        prefixes = {prefix: (ends[0], ends[1]) for prefix, ends in best}
    found = max(prefixes.items(), key=lambda item: np.logaddexp(*item[1]))[0]
    return max([*found], greedy(log_p), key=lambda reading: log_probability(log_p, reading))


def _gone_on(prefix: tuple[int, ...], ends: tuple[float, float], column: NDArray[np.float64]) -> tuple[float, float]:
    """A prefix after one more column to which nothing is added."""
    blank, other = ends
    again = other + column[prefix[-1] + 1] if prefix else -np.inf
    return float(np.logaddexp(blank, other) + column[BLANK]), float(again)


def _grown(prefixes: Prefixes, column: NDArray[np.float64]) -> dict[tuple[int, ...], list[float]]:
    """The prefixes after one more column: each as it was, and longer by each output that is not unlikely there."""
    grown: defaultdict[tuple[int, ...], list[float]] = defaultdict(lambda: [-np.inf, -np.inf])
    likely = [int(output) for output in np.flatnonzero(column > UNLIKELY) if output != BLANK]
    for prefix, (blank, other) in prefixes.items():
        either = np.logaddexp(blank, other)
        _add(grown[prefix], 0, either + column[BLANK])
        if prefix:
            _add(grown[prefix], 1, other + column[prefix[-1] + 1])
        for output in likely:
            before = blank if prefix and prefix[-1] == output - 1 else either
            _add(grown[(*prefix, output - 1)], 1, before + column[output])
    return grown


def _add(ends: list[float], which: int, log_probability: float) -> None:
    ends[which] = float(np.logaddexp(ends[which], log_probability))


def log_probability(log_p: LogP, classes: Sequence[int]) -> float:
    """Log of the sum over all paths of a reading, by the forward recursion."""
    states, skips = _lattice(classes)
    reached = np.full(len(states), -np.inf)
    reached[:2] = log_p[0, states[:2]]
    for column in log_p[1:]:
        ways = _ways(reached, skips)
        reached = np.logaddexp.reduce(ways, axis=0) + column[states]
    return float(np.logaddexp.reduce(reached[-2:]))


def likeliest_single(log_p: LogP) -> int:
    """The likeliest of the readings of one class, by the same recursion for all classes at once."""
    before, said, after = float(log_p[0, BLANK]), log_p[0, BLANK + 1 :], np.full(log_p.shape[1] - 1, -np.inf)
    for column in log_p[1:]:
        after = np.logaddexp(after, said) + column[BLANK]
        said = np.logaddexp(said, before) + column[BLANK + 1 :]
        before += float(column[BLANK])
    return int(np.argmax(np.logaddexp(said, after)))


def align(log_p: LogP, classes: Sequence[int]) -> list[tuple[int, int]]:
    """First and last column of each digit in the likeliest path of a reading, by the Viterbi recursion."""
    if not classes:
        return []
    states, skips = _lattice(classes)
    reached = np.full(len(states), -np.inf)
    reached[:2] = log_p[0, states[:2]]
    came = np.zeros((len(log_p), len(states)), dtype=np.int64)  # how many states before
    for t, column in enumerate(log_p[1:], start=1):
        ways = _ways(reached, skips)
        came[t] = ways.argmax(axis=0)
        reached = ways.max(axis=0) + column[states]
    state = len(states) - 2 + int(reached[-1] > reached[-2])
    path = [state]
    for t in range(len(log_p) - 1, 0, -1):
        state -= int(came[t, state])
        path.append(state)
    places = np.array(path[::-1])
    columns = [np.flatnonzero(places == 2 * index + 1) for index in range(len(classes))]
    return [(int(there[0]), int(there[-1])) for there in columns]


def _lattice(classes: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """States blank, first class, blank, second class, ..., blank; and which may be reached past the blank before."""
    states = np.zeros(2 * len(classes) + 1, dtype=np.int64)
    states[1::2] = np.array(classes, dtype=np.int64) + 1
    skips = np.zeros(len(states), dtype=bool)
    skips[3::2] = states[3::2] != states[1:-2:2]  # between equal classes a blank must stand
    return states, skips


def _ways(reached: NDArray[np.float64], skips: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Log-probability of coming into each state from itself, from the one before, and from the one before that."""
    one = np.concatenate([[-np.inf], reached[:-1]])
    two = np.where(skips, np.concatenate([[-np.inf, -np.inf], reached])[: len(reached)], -np.inf)
    return np.stack([reached, one, two])


def edit_distance(ours: Sequence[int], theirs: Sequence[int]) -> int:
    """Fewest insertions, deletions and substitutions from one to the other (Levenshtein 1966)."""
    row = list(range(len(theirs) + 1))
    for index, mine in enumerate(ours):
        diagonal, row[0] = row[0], index + 1
        for place, its in enumerate(theirs):
            diagonal, row[place + 1] = (
                row[place + 1],
                min(row[place + 1] + 1, row[place] + 1, diagonal + (mine != its)),
            )
    return row[-1]


def read_columns(log_p: LogP, width: int) -> Reading:
    """A reading of a network with an output for each column.

    Args:
        log_p: shape (T, C + 1).
        width: of the beam; 1 takes the best path alone.
    """
    classes = greedy(log_p) if width == 1 else beam(log_p, width)
    spans = align(log_p, classes)
    path, scores = np.full(len(log_p), BLANK), []
    for kind, (first, last) in zip(classes, spans, strict=True):
        path[first : last + 1] = kind + 1
        scores.append(float(np.exp(log_p[first : last + 1, kind + 1].max())))
    taken = np.take_along_axis(log_p, path[:, None], axis=1)[:, 0]
    overruled = int((taken < log_p.max(axis=1)).sum())
    return Reading(classes, float(np.exp(log_probability(log_p, classes))), spans, scores, overruled)


def read_places(log_p: LogP, width: int) -> Reading:
    """A reading of a network with a fixed number of places, p(c_1 .. c_n) = p_1(c_1) .. p_n(c_n) p_n+1(nothing).

    Args:
        log_p: shape (N, C + 1).
        width: 1 takes each place's likeliest output up to the first "nothing"; more the likeliest reading of all, which
            is sought among those of every length.
    """
    classes, surest = log_p[:, BLANK + 1 :].argmax(axis=1), log_p[:, BLANK + 1 :].max(axis=1)
    ended = np.append(log_p[:, BLANK], 0.0)  # after the last place nothing is said to end
    of_length = np.concatenate([[0.0], np.cumsum(surest)]) + ended
    length = int(np.argmax(np.append(log_p[:, BLANK] >= surest, True)) if width == 1 else of_length.argmax())
    scores = [float(p) for p in np.exp(surest[:length])]
    return Reading([int(kind) for kind in classes[:length]], float(np.exp(of_length[length])), None, scores)
