"""Epochs by number: whole ones, parts of one at which a training was previewed, and how people name them."""

import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmodels.errors import UsageError

Epoch = float | str
"""Whose weights are meant: an epoch's number, also a part of one such as 0.25; or "latest"."""

Epochs = Epoch | Sequence[Epoch]
"""One or several; or the word "all" instead of a list."""

LATEST, ALL = "latest", "all"
MOST_PARTS = 6  # that are named one by one
NEAR = 0.05  # epochs: a part is taken for one that was asked for if it lies so near
_NAME = re.compile(r"epoch-(\d{1,18}(?:\.\d{3})?)")


def part_of(step: int, steps_per_epoch: int) -> float:
    """How many epochs a step inside one has come to, in thousandths, never a whole number.

    >>> part_of(3, 8), part_of(99_999, 100_000), part_of(1, 100_000)
    (0.375, 0.999, 0.001)
    """
    assert step % steps_per_epoch != 0, "an epoch's end is no part of one"
    whole, rest = divmod(step, steps_per_epoch)
    return round(whole + max(1, 1000 * rest // steps_per_epoch) / 1000, 3)


def trained(step: int, steps_per_epoch: int) -> float:
    """How many epochs a finished step has come to: a whole number, or in thousandths, as parts are.

    >>> trained(1876, 938), trained(30, 400), trained(2904, 980), trained(1999, 1000)
    (2, 0.075, 2.963, 1.999)
    """
    ends = step % steps_per_epoch == 0
    return step // steps_per_epoch if ends else part_of(step, steps_per_epoch)


@dataclass(frozen=True)
class Length:
    """How long a run trains, by its plan.

    Args:
        total_steps: updates in all; None where that is not known yet, as while --minutes measures the speed.
        steps_per_epoch: updates in one pass over the data; None where run.json does not say.
    """

    total_steps: int | None
    steps_per_epoch: int | None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Length":
        """As run.json tells it."""
        plan = document.get("plan")
        told = [plan.get(name) for name in ("total_steps", "steps_per_epoch")] if isinstance(plan, dict) else [None] * 2
        total, of_each = (value if isinstance(value, int) and value > 0 else None for value in told)
        return cls(total, of_each)

    @property
    def epochs(self) -> float | None:
        """Epochs in all: a whole number, unless the last one is cut short; None where that is not known."""
        if self.total_steps is None or self.steps_per_epoch is None:
            return None
        return trained(self.total_steps, self.steps_per_epoch)

    def come_to(self, step: int) -> float:
        """Epochs that a finished step has come to; 0 where it is not known how many steps one has."""
        return 0 if self.steps_per_epoch is None else trained(step, self.steps_per_epoch)

    def reached(self, number: float) -> float:
        """Epochs that are trained at the end of one: its number, but where the last one is cut short.

        >>> Length(30, 400).reached(1), Length(4000, 400).reached(10), Length(4100, 400).reached(11)
        (0.075, 10, 10.25)
        """
        return number if self.epochs is None or number != math.ceil(self.epochs) else self.epochs

    def all_reached(self, numbers: Iterable[float]) -> list[float]:
        """The same of several."""
        return [self.reached(number) for number in numbers]

    def cut_told(self, name: str, epoch: Epoch | None, number: float) -> str:
        """That an epoch was cut short, or that another part is taken as it is not kept; "" where it is what was asked.

        Args:
            name: of the run.
            epoch: as it was asked for; only by its number it can be taken for a whole one.
            number: by which its weights lie on the disk.
        """
        reached = self.reached(number)
        if epoch == number != reached:
            return f"epoch {number} of {name} was cut short: it is epoch {reached}"
        if isinstance(epoch, int | float) and epoch not in {number, reached}:
            return f"epoch {epoch:g} of {name} is not kept: the nearest that is, {reached}, is taken"
        return ""


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
    yield from (number_of(name) for name in folders_in(folder, _NAME))


def folders_in(folder: Path, named: re.Pattern[str]) -> Iterator[str]:
    """The names of the folders in a folder that are called so; of none but links is asked what it is."""
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if named.fullmatch(entry.name) and (Path(entry).is_dir() if entry.is_symlink() else entry.is_dir()):
                yield entry.name


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
        raise UsageError(
            f"{asked!r} is not an epoch", f"give a number, such as 2 or 0.25, or {LATEST!r}; None: the best."
        )
    if asked in kept:
        return kept[kept.index(asked)]
    nearest = min(kept, key=lambda number: abs(number - asked))
    if asked % 1 != 0 and abs(nearest - asked) <= NEAR:
        return nearest
    return None


def told(numbers: Sequence[float]) -> str:
    """Ascending numbers, whole ones shortened, and many parts by the first, the last and how many there are.

    >>> told([0.25, 0.5, 1, 2, 3, 10]), told([*(n / 10 for n in range(1, 10)), 1, 2])
    ('0.25, 0.5, 1-3, 10', '1-2, 9 parts of epochs from 0.1 to 0.9')
    """
    parts = [number for number in numbers if not isinstance(number, int)]
    if len(parts) > MOST_PARTS:
        whole = told([number for number in numbers if isinstance(number, int)])
        few = f"{len(parts)} parts of epochs from {parts[0]} to {parts[-1]}"
        return ", ".join(filter(None, (whole, few)))
    spans: list[list[float]] = []
    for number in numbers:
        if spans and isinstance(number, int) and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
