"""Epochs by number: whole ones, parts of one at which a training was previewed, and how people name them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from genmodels.errors import UsageError

Epoch = float | str
"""Whose weights are meant: an epoch's number, also a part of one such as 0.25; or "latest"."""

Epochs = Sequence[Epoch]
"""Several; or the word "all" instead of a list."""

LATEST, ALL = "latest", "all"
NEAR = 0.05  # epochs: a part is taken for one that was asked for if it lies so near
_NAME = re.compile(r"epoch-(\d+(?:\.\d{3})?)")


def part_of(step: int, steps_per_epoch: int) -> float:
    """How many epochs a step inside one has come to, in thousandths, never a whole number.

    >>> part_of(3, 8), part_of(99_999, 100_000), part_of(1, 100_000)
    (0.375, 0.999, 0.001)
    """
    assert step % steps_per_epoch != 0, "an epoch's end is no part of one"
    whole, rest = divmod(step, steps_per_epoch)
    return round(whole + max(1, 1000 * rest // steps_per_epoch) / 1000, 3)


def name_of(number: float) -> str:
    """What the weights and the samples of an epoch or a part of one are called on the disk.

    >>> name_of(12), name_of(0.375)
    ('epoch-0012', 'epoch-0000.375')
    """
    return f"epoch-{number:04d}" if isinstance(number, int) else f"epoch-{number:08.3f}"


def epoch_in(state: Mapping[str, Any]) -> float:
    """The number that a checkpoint's state.json tells, whole or of a part.

    Raises:
        TypeError: it is no number.
    """
    number = state["epoch"]
    if not isinstance(number, int | float):
        raise TypeError(f"epoch {number!r}")
    return number


def numbers_in(folder: Path) -> Iterator[float]:
    """The epochs and parts whose weights lie in a folder, in no order; parsed from directory names alone."""
    if not folder.is_dir():
        return
    for entry in folder.iterdir():
        if _NAME.fullmatch(entry.name) is not None and entry.is_dir():
            yield number_of(entry.name)


def number_of(name: str) -> float:
    """The epoch, or the part of one, whose weights or samples are called so.

    >>> number_of("epoch-0012"), number_of("epoch-0000.375")
    (12, 0.375)
    """
    match = _NAME.fullmatch(name)
    assert match is not None, name
    return float(match[1]) if "." in match[1] else int(match[1])


def chosen(asked: Epoch, kept: Sequence[float]) -> float | None:
    """Which of the kept epochs and parts is meant; None where it is none of them.

    Args:
        asked: a number, or "latest". A number that is not whole also means one that lies near.
        kept: ascending, at least one.

    Raises:
        UsageError: it is no number.
    """
    if asked == LATEST:
        return kept[-1]
    if isinstance(asked, str | bool):
        raise UsageError(f"{asked!r} is not an epoch", f"give a number, such as 2 or 0.25, or {LATEST!r}.")
    if asked in kept:
        return kept[kept.index(asked)]
    nearest = min(kept, key=lambda number: abs(number - asked))
    if asked % 1 != 0 and abs(nearest - asked) <= NEAR:
        return nearest
    return None


def told(numbers: Sequence[float]) -> str:
    """Ascending numbers, whole ones shortened.

    >>> told([0.25, 0.5, 1, 2, 3, 10])
    '0.25, 0.5, 1-3, 10'
    """
    spans: list[list[float]] = []
    for number in numbers:
        if spans and isinstance(number, int) and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
