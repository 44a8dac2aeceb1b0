"""Comparisons of which all runs are trained, so that what is left is measuring them side by side."""

from collections.abc import Mapping
from typing import Any

from genmodels.runs.standing import FINISHED, STOPPED, TRAINING

Row = Mapping[str, Any]


def unmeasured(row: Row) -> bool:
    """Whether a comparison was stopped when all of its runs were trained, so that they are only to be measured."""
    return row["state"] == STOPPED and _are_all_trained(row)


def being_measured(row: Row) -> bool:
    """Whether the runs of a comparison that goes on now are all trained, so that it is measuring them."""
    return row["state"] == TRAINING and _are_all_trained(row)


def _are_all_trained(row: Row) -> bool:
    states = [one["state"] for one in row.get("members", ())]
    return len(states) == row.get("planned_members") and set(states) == {FINISHED}
