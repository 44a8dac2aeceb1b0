"""Where runs and comparisons stand, in words and in short."""

from typing import Any

import pytest

from genmodels.families.listing import IN_SHORT, state_told
from genmodels.runs.standing import DAMAGED, FINISHED, STOPPED, TRAINING

MEMBERS: dict[str, Any] = {"members": [{"state": FINISHED}, {"state": STOPPED}], "planned_members": 3}


@pytest.mark.parametrize(
    ("row", "told", "in_short"),
    [
        ({"state": FINISHED, "epochs": 20, "planned_epochs": 20}, "finished", "finished"),
        ({"state": DAMAGED}, DAMAGED, "damaged"),
        ({"state": STOPPED, "epochs": 0, "planned_epochs": 20}, "stopped", "stopped"),
        ({"state": STOPPED, "epochs": 1200, "planned_epochs": 2000}, "stopped, 1,200 of 2,000", "stopped 1,200/2,000"),
        ({"state": STOPPED, "epochs": 0.5, "planned_epochs": None}, "stopped, 0.5", "stopped 0.5"),
        ({"state": TRAINING, "epochs": 9, "planned_epochs": 20}, "training now, 9 of 20", "training 9/20"),
        ({"state": STOPPED, "epochs": 5, **MEMBERS}, "stopped, 1 of 3 runs", "stopped 1/3 runs"),
        ({"state": TRAINING, "epochs": 0, **MEMBERS}, "training now, 1 of 3 runs", "training 1/3 runs"),
    ],
)
def test_a_standing_is_told_in_words_and_in_short(row: dict[str, Any], told: str, in_short: str) -> None:
    short = IN_SHORT["state"]
    assert callable(short)
    assert (state_told(row), short(row)) == (told, in_short)
