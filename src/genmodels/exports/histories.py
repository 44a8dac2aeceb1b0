"""A run's history: every record of metrics.jsonl as a row, for a spreadsheet or for TensorBoard."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from genmodels.bytewise import words_of
from genmodels.errors import RunError
from genmodels.exhibit import Table
from genmodels.families import Run
from genmodels.family import FAMILIES, Family
from genmodels.runs import Record

FIRST = ("epoch", "step", "split", "steps", "seconds")
"""Columns that every history begins with, where it has them: `steps` counts the updates that a row averages."""
UNITS: Mapping[str, str] = {"seconds": "s", "step": "updates", "steps": "updates averaged"}
ERROR = "_standard_error"


def records_of(run: Run) -> Sequence[Record]:
    """All of a run's records, in their order.

    Raises:
        RunError: nothing is recorded yet, or the run is damaged.
    """
    run.document()
    records = run.metrics()
    if not records:
        raise RunError(f"{run.path} has no history yet", run.way_on())
    return records


def unit_of(family: Family | None, measure: str) -> str:
    """The unit of a measure, as the family's figures write it behind the axis; "" where the project knows none.

    That of a standard error is its measure's; parts such as word_error_rate/3 and real/recall have that of the whole.

    >>> from genmodels.families import FAMILIES
    >>> unit_of(FAMILIES["text"], "nll"), unit_of(FAMILIES["vae"], "kl_standard_error"), unit_of(None, "seconds")
    ('nats per character', 'nats per image', 's')
    """
    if family is None or measure in UNITS:
        return UNITS.get(measure, "")
    whole = measure.removesuffix(ERROR)
    for name in (whole, whole.partition("/")[0], whole.rpartition("/")[2]):
        axis = re.search(r"\(([^()]*)\)$", family.axis_of(name))
        if axis is not None:
            return axis[1]
        if name == family.score and family.score_unit:
            return family.score_unit
    return ""


def history_csv(run: Run) -> bytes:
    """Every record as a row and every measure as a column, with its unit in the header; nothing is left out.

    A row with `steps` averages so many updates of training; one without is of an evaluation at an epoch's end.

    Raises:
        RunError: see `records_of`.
    """
    records = records_of(run)
    known = dict.fromkeys(name for record in records for name in record)
    names = [*(name for name in FIRST if name in known), *(name for name in known if name not in FIRST)]
    family = FAMILIES.get(run.family)
    words = words_of(run.document())
    heads = {name: f"{name} ({words(unit)})" if (unit := unit_of(family, name)) else name for name in names}
    rows = [{heads[name]: _cell(value) for name, value in record.items()} for record in records]
    return Table(run.name, dict.fromkeys(heads.values(), ""), rows).as_csv()


def _cell(value: Any) -> Any:
    """What is no number and no text keeps the form that it has in metrics.jsonl."""
    return json.dumps(value) if isinstance(value, bool | list | dict) else value
