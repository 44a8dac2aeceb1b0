"""What is measured of networks that read: parts of held-out data, by the number of digits or words."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from genmodels.runs import Record
from genmodels.telling import counted

Maker = TypeVar("Maker")
Parts = Mapping[str, tuple[Maker, range, int]]
"""Of each part: where its strips or utterances come from, how many symbols these have, and how many of each length."""


def parts_by_length(
    makers: tuple[Maker, Maker], held_out: str, longest: int, tested: int, longer_share: int
) -> Parts[Maker]:
    """A part trained on, the held-out one, and of that strips or utterances longer than any trained on.

    Args:
        makers: of the part that is trained on, and of the held-out one.
        held_out: what that is called.
        longest: symbols in the longest ones that are trained on.
        tested: held-out ones of all those lengths together.
        longer_share: one in so many of them, of each length, are measured at the lengths beyond.
    """
    seen, measured = makers
    usual, longer = range(1, longest + 1), range(longest + 1, 2 * longest + 1)
    each = -(-tested // longest)
    return {
        "train": (seen, usual, -(-each // 4)),
        held_out: (measured, usual, each),
        "longer": (measured, longer, -(-each // longer_share)),
    }


def epoch_told(steps: int, batch: int, what: str) -> str:
    """What an epoch is where there are no passes over the data.

    >>> epoch_told(1600, 16, "strips")
    'an epoch is 1,600 steps of 16 strips, composed anew from however few there are'
    """
    return f"an epoch is {counted(steps, 'step')} of {batch} {what}, composed anew from however few there are"


def as_recorded(record: Record) -> Record:
    """What was measured as metrics.jsonl has it: what can't be told is left out.

    >>> as_recorded({"nll": 0.5, "nll_standard_error": 0.1, "sequence_accuracy_standard_error": None})
    {'nll': 0.5, 'nll_standard_error': 0.1}
    """
    return {name: value for name, value in record.items() if value is not None}


def batches_of_parts(parts: Parts[Maker], batches_in: Callable[[int], int]) -> int:
    """How many batches they come to, of one length each; `batches_in` says how many one length's strips come to."""
    return sum(len(lengths) * batches_in(count) for _, lengths, count in parts.values())
