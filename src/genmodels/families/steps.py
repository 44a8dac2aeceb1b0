"""How many steps trainings had, and whether that is enough to put them side by side."""

from collections.abc import Mapping

from genmodels.errors import listed
from genmodels.families.summary import summary_of
from genmodels.runs import RunDir

FEW_STEPS = 400  # twice the usual warm-up: with fewer, what differs is mostly how fast a step was
FEW_LEGEND = {"steps": f"updates of the weights; fewer than {FEW_STEPS} hardly tell which model is better"}


def steps_of(run: RunDir) -> int:
    """How often the weights of a run were updated, until now."""
    return int(summary_of(run)["step"])


def too_few_told(steps: Mapping[str, int]) -> str | None:
    """What to know of trainings that were too short to be compared; None where all were long enough.

    Args:
        steps: finished ones by the name of the run; the short ones are named, of many the first.

    >>> too_few_told({"rnn": 39, "lstm": 16, "gru": 5000})
    'so few steps (rnn 39, lstm 16) hardly tell which is better: each should have 400 or more'
    """
    few = [f"{name} {count:,}" for name, count in steps.items() if count < FEW_STEPS]
    if not few:
        return None
    return f"so few steps ({listed(few)}) hardly tell which is better: each should have {FEW_STEPS} or more"
