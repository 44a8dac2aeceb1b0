"""Images held out of a part, to test on or to validate with: a like share of each class."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genmodels.data.dividing import held_out_rows
from genmodels.data.images.parts import Part
from genmodels.errors import listed
from genmodels.printable import one_line

SHUFFLED = "shuffled"  # whatever its class: how runs whose run.json names no way were divided
BY_CLASS = "by class"
NAMED = 6  # classes that a sentence names


def shares_held_out(part: Part, count: int, seed: int) -> tuple[Part, Part]:
    """Images held out, a like share of each class; see `rows_held_out`.

    Returns:
        What is left to train on, and what is held out, both in their order.
    """
    held = rows_held_out(part, count, seed)
    return part.take(np.setdiff1d(np.arange(len(part.pixels)), held)), part.take(held)


def rows_held_out(part: Part, count: int, seed: int) -> NDArray[np.int64]:
    """Numbers of images to hold out, in order: a like share of each class to within one image.

    The last image of a class is left to train on while others can be held out. Without classes chance decides.

    Args:
        part: what is divided.
        count: images to hold out.
        seed: of the choice.
    """
    total = len(part.pixels)
    rows = np.zeros(0, np.int64) if part.labels is None else _of_each(part.labels, count, seed)
    order = np.random.Generator(np.random.PCG64(seed)).permutation(total)
    more = order[~np.isin(order, rows)][: count - len(rows)]
    return np.sort(np.concatenate([rows, more]))


def _of_each(labels: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    """Numbers of at most so many images, of each class its share."""
    return held_out_rows([(label,) for label in labels.tolist()], count / len(labels), seed)[:count]


def untested_told(train: Part, held: Part, classes: Sequence[str] | None) -> list[str]:
    """A sentence where classes have no image among those held out, as they have too few, or none to train on."""
    if train.labels is None or held.labels is None or classes is None:
        return []
    left, tested = (np.bincount(labels, minlength=len(classes)) for labels in (train.labels, held.labels))
    told = []
    for there, lacking, what in ((left, tested, "hold out"), (tested, left, "train on")):
        few = [
            f"{one_line(name)} ({count:,} image{'s' * (count != 1)})"
            for name, count, others in zip(classes, there.tolist(), lacking.tolist(), strict=True)
            if count and not others
        ]
        if few:
            told.append(f"too few images to {what} any of class {listed(few, NAMED)}")
    return told
