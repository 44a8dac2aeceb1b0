"""A share of each class or word held out, whatever holds it: images by their class, recordings by their words."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FEWEST_HELD_OUT = 2


def held_out_rows(said: Sequence[Sequence[int]], share: float, seed: int) -> NDArray[np.int64]:
    """Numbers of examples, in order, that hold a share of each kind; fewer than two where there are too few.

    The examples of a kind come in shuffled order, one kind after another, and of that row those are taken at which the
    share has grown by a whole example, so that each kind gives its share to within one example, and the last one of a
    kind is left to train on.

    Args:
        said: the kinds of each example: its class, or its words, of which the first sorts it.
        share: from 0 to 1.
        seed: of the shuffling.
    """
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(said))
    by_kind = sorted(order.tolist(), key=lambda row: said[row][0])
    grown = np.floor(np.arange(1, len(said) + 1) * share + 1e-9)
    due = [row for row, now, before in zip(by_kind, grown, [0.0, *grown], strict=False) if now > before]
    wanted, left = max(len(due), FEWEST_HELD_OUT), Counter(kind for kinds in said for kind in set(kinds))
    rows: set[int] = set()
    for row in [*due, *order.tolist()]:
        kinds = set(said[row])
        if len(rows) < wanted and row not in rows and all(left[kind] > 1 for kind in kinds):
            rows.add(row)
            left.subtract(kinds)
    return np.array(sorted(rows), dtype=np.int64)
