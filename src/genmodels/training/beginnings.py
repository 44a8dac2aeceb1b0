"""After how many updates a network begins to do what it is for: measured once, told before a training is too short.

The numbers stand in the families' rows (`Family.begins`). They are of whole trainings with the usual settings on MNIST,
the built-in text and the built-in voices, whose learning rate falls to zero within them: about the fewest updates after
which a person sees digits in what is drawn or words in what is written, and after which strips or utterances begin to
be read. Trainings of 50, 100, 200, 400 updates and so on were looked at, so a number may be half or twice the true one;
where recurrent networks listen, the LSTM's stands for all.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from genmodels.family import FAMILIES


class Beginning(NamedTuple):
    """When a network begins to do what it is for.

    Args:
        model: its name.
        does: what it begins to do, such as "to read".
        steps: after about so many updates.
    """

    model: str
    does: str
    steps: int


NOTHING_TO_LEARN = Beginning("", "", 0)
"""Of what is trained on data that hold nothing to learn: no time is too short for it, and no longer one is advised."""


def beginning_of(family: str, model: str | None) -> Beginning | None:
    """When a model of a family begins; None where nobody has measured it."""
    row = FAMILIES.get(family)
    if row is None or model is None or model not in row.begins:
        return None
    return Beginning(model, row.does, row.begins[model])


def steps_before(document: Mapping[str, Any]) -> int:
    """Updates that a run's first weights had had, by its run.json; 0 where they were drawn, or nobody counted them."""
    return int((document.get("init_weights") or {}).get("steps", 0))
