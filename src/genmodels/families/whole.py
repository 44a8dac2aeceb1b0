"""The facts of a run that is whole: a damaged one is refused where all of them are needed."""

from typing import Any

from genmodels.errors import RunError
from genmodels.families.summary import summary_of
from genmodels.runs import RunDir
from genmodels.runs.standing import DAMAGED


def whole_summary_of(run: RunDir) -> dict[str, Any]:
    """The same of a run that is whole, in which no fact is missing.

    Raises:
        RunError: it is damaged.
    """
    found = summary_of(run)
    if found["state"] == DAMAGED:
        raise RunError(found["problem"], f"what of it is whole is told by: genmodels runs verify {run.quoted}")
    return found
