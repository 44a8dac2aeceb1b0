"""The runs of a folder in a table: which of them, in which order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from genmodels.exhibit import Exhibit, Format, Row, Table
from genmodels.families.best import MARK, best_listed
from genmodels.families.measuring import being_measured, unmeasured
from genmodels.families.summary import (
    date_told,
    summary_of,
    summary_of_comparison,
)
from genmodels.family import FAMILIES
from genmodels.printable import one_line
from genmodels.runs import RunDir, list_runs
from genmodels.runs.listing import list_comparisons
from genmodels.runs.standing import DAMAGED, FINISHED, STOPPED, TRAINING
from genmodels.settings.fields import check_choice
from genmodels.telling import counted

BEING_MEASURED = "being measured"
STATES = {"training": TRAINING, "stopped": STOPPED, "finished": FINISHED, "damaged": DAMAGED}  # as they are typed
KEPT = (
    "run", "created_at", "family", "model", "data_name", "state", "epochs", "planned_epochs", "best", "score", "unit",
    "best_epoch", "measured_share", "seconds", "note", "problem",
)  # fmt: skip
"""Columns of the table for a spreadsheet."""


@dataclass(frozen=True)
class Listing:
    """Which runs are listed, and in which order.

    Args:
        pattern: such as memory-*, which their names fit; None: all.
        family: whose runs; None: all.
        state: one of `STATES`; None: all.
        data: a part of their data's name, in upper or lower case; None: all.
        sort: one of `ORDERS`.
        reverse: the other way round.

    Raises:
        UsageError: one of them is unknown.
    """

    pattern: str | None = None
    family: str | None = None
    state: str | None = None
    data: str | None = None
    sort: str = "date"
    reverse: bool = False

    def __post_init__(self) -> None:
        check_choice("--sort", self.sort, tuple(ORDERS))
        if self.family is not None:
            check_choice("--family", self.family, tuple(FAMILIES))
        if self.state is not None:
            check_choice("--state", self.state, tuple(STATES))

    def rows_of(self, root: Path) -> list[dict[str, Any]]:
        """The runs and comparisons of a folder that are meant, in order, each in a few facts."""
        every = [*map(summary_of, list_runs(root)), *map(summary_of_comparison, list_comparisons(root))]
        rows = sorted((row for row in every if self._takes(row)), key=ORDERS["date"])
        rows = sorted(rows, key=ORDERS[self.sort], reverse=self.reverse)
        return sorted(rows, key=_has_no_best) if self.sort == "best" else rows

    def _takes(self, row: Row) -> bool:
        return (
            fnmatchcase(row["run"], self.pattern or "*")
            and (self.family is None or row.get("family") == self.family)
            and (self.state is None or row["state"] == STATES[self.state])
            and (self.data is None or self.data.lower() in row.get("data_name", "").lower())
        )


def _has_no_best(row: Row) -> bool:
    """Whether a row has no score, so that it stands behind those that have one, whichever way they are sorted."""
    return row.get("best") is None


def _by_best(row: Row) -> tuple[str, str, float]:
    """The best first, among the runs of a family on the same data: scores of different ones can't be compared."""
    family, best = FAMILIES.get(row.get("family", "")), row.get("best")
    if family is None or best is None:
        return (*_measured_on(row), float("inf"))
    return (*_measured_on(row), best if family.best([0.0, 1.0]) == 0.0 else -best)


def _measured_on(row: Row) -> tuple[str, str]:
    """What the score of a run is of: its family, and its data."""
    return row.get("family", "~"), f"{row.get('data_name', '~')} {row.get('data')}"


def _order_told(rows: Sequence[Row], sort: str) -> list[str]:
    """What to know of a list that is sorted by scores of which not all can be compared."""
    if sort != "best" or len({_measured_on(row) for row in rows if not _has_no_best(row)}) < FEWEST_APART:
        return []
    return ["the best first, of each family on each data: scores of different ones measure different things"]


def _damage_told(rows: Sequence[Row]) -> list[str]:
    """Why runs are listed as damaged, of the first few."""
    damaged = [row for row in rows if row["state"] == DAMAGED]
    more = [f"and {counted(len(damaged) - MOST_TOLD, 'run')} more"] if len(damaged) > MOST_TOLD else []
    return [f"{one_line(row['run'])} is damaged: {row['problem']}" for row in damaged[:MOST_TOLD]] + more


def _parts_told(rows: Sequence[Row]) -> list[str]:
    """What it means that scores are not of all that is held out."""
    if not any("measured_share" in row for row in rows):
        return []
    why = "measured on a part of what is held out, as --minutes left no time for more"
    return [f"{MARK} {why}; runs show says how large it is, and eval-text, eval-images and the like take all"]


ORDERS: Mapping[str, Callable[[Row], Any]] = {
    "date": lambda row: row.get("created_at", "~"),
    "run": lambda row: row["run"],
    "family": lambda row: (row.get("family", "~"), row.get("model") or ""),
    "data": lambda row: row.get("data_name", "~"),
    "state": lambda row: list(STATES.values()).index(row["state"]),
    "best": _by_best,
    "time": lambda row: row.get("seconds", 0),
}
"""What runs are sorted by; those that are alike stay in the order of their dates."""


def _date_in_short(row: Row) -> str:
    """The time of a run of today, the day of another one; in another year that too."""
    try:
        began, now = datetime.fromisoformat(row["created_at"]).astimezone(), datetime.now().astimezone()
    except (KeyError, ValueError, TypeError):
        return "-"
    day = f"{began.day} {began:%b}"
    return f"{began:%H:%M}" if began.date() == now.date() else day if began.year == now.year else f"{day} {began:%y}"


def _kind_in_short(row: Row) -> str:
    """Family and model, or the model alone if that is long and no other family has one of that name."""
    if "members" in row:
        return f"{row.get('family', '-')} {counted(row['planned_members'], 'run')}"
    kind, model = _kind(row), row.get("model")
    unmistakable = sum(model in family.models for family in FAMILIES.values()) == 1
    return str(model) if len(kind) > KIND_IN_SHORT and unmistakable else kind


def _data_in_short(row: Row) -> str:
    name = str(row.get("data_name", "-")).removesuffix(".txt")
    return name if len(name) <= DATA_IN_SHORT else f"{name[: DATA_IN_SHORT - 3]}..."


def _state_in_short(row: Row) -> str:
    """Where a run stands: finished, or stopped 9/20; of a comparison stopped 2/3 runs."""
    state = next(name for name, told in STATES.items() if told == row["state"])
    far = _how_far(row)
    if far is None:
        return state
    if being_measured(row):
        return BEING_MEASURED
    if unmeasured(row):
        return f"{state}, not measured"
    done, planned = far
    of = f"/{planned:,}" if planned not in {None, done} else ""
    return f"{state} {done:,}{of}{' runs' if 'members' in row else ''}"


def _best_in_short(row: Row) -> str:
    """The best score with its name and unit, in four digits that count: nll 1.485 nats/char."""
    return best_listed(row, lambda best: f"{best:,.0f}" if abs(best) >= 1000 else f"{best:.4g}")


MOST_TOLD = 3  # damaged runs of which the list says why
FEWEST_APART = 2  # families and data, of which each is sorted by itself
KIND_IN_SHORT, DATA_IN_SHORT = 13, 15  # letters
IN_SHORT: Mapping[str, Format] = {
    "date": _date_in_short, "family": _kind_in_short, "data_name": _data_in_short, "state": _state_in_short,
    "best": _best_in_short,
}  # fmt: skip
"""How the list is written where a line of 80 letters is all there is; programs, `runs show` and --json tell more."""


def listed_runs(root: Path, wanted: Listing) -> Exhibit:
    """Runs of a folder, one a row, and what their owner noted below.

    Args:
        root: the folder.
        wanted: which of its runs.
    """
    rows = wanted.rows_of(root)
    columns: dict[str, Format] = {
        "run": "", "date": date_told, "family": _kind, "data_name": "", "state": state_told, "best": best_listed,
    }  # fmt: skip
    tables = [
        Table(str(root), dict.fromkeys(KEPT, ""), rows, shown=False),
        Table(str(root), columns, rows, {"data_name": "data"}, spoken=IN_SHORT, in_lines=True),
    ]
    noted = [row for row in rows if row["note"] is not None]
    if noted:
        tables.append(Table("notes", dict.fromkeys(("run", "note"), ""), noted, apart=True))
    remarks = [*_order_told(rows, wanted.sort), *_parts_told(rows), *_damage_told(rows)]
    return Exhibit("runs", str(root), {"runs": rows}, tables, leads="table", remarks=remarks)


def next_of(root: Path, rows: Sequence[Row]) -> list[str]:
    """What helps with the runs of a list: damage looked at, the newest that was stopped gone on with, two compared.

    Args:
        root: where they are.
        rows: of the list.

    Returns:
        Command lines without the program's name.
    """
    found = [f"runs verify {_typed(root, row)}" for row in rows if row["state"] == DAMAGED][:1]
    newest = sorted((row for row in rows if row["state"] != DAMAGED), key=ORDERS["date"], reverse=True)
    if newest and newest[0]["state"] == STOPPED and newest[0]["family"] in FAMILIES:
        found.append(f"{FAMILIES[newest[0]['family']].train_command} --resume {_typed(root, newest[0])}")
    newest = [row for row in newest if "members" not in row and row["state"] != TRAINING and row["best"] is not None]
    for index, row in enumerate(newest):
        alike = [r for r in newest[index + 1 :] if (r["family"], r["data"]) == (row["family"], row["data"])]
        if alike:
            return [*found, f"runs compare {_typed(root, alike[0])} {_typed(root, row)}"]
    return found


def _typed(root: Path, row: Row) -> str:
    return RunDir(root / row["run"]).quoted


def _kind(row: Row) -> str:
    return f"{row.get('family', '-')} {row.get('model') or ''}".rstrip()


def state_told(row: Row) -> str:
    """Where a run stands: finished, or stopped, 9 of 20; of a comparison, how many of its runs are trained."""
    far = _how_far(row)
    if far is None:
        return str(row["state"])
    if being_measured(row):
        return BEING_MEASURED
    if unmeasured(row):
        return f"{row['state']}, not measured"
    if "members" in row:
        return f"{row['state']}, {far[0]} of {counted(row['planned_members'], 'run')}"
    return f"{row['state']}, {_part_told(*far)}"


def _how_far(row: Row) -> tuple[float, float | None] | None:
    """Epochs of a run that are done, and those planned; of a comparison its runs; None of what is not on its way."""
    if row["state"] not in {STOPPED, TRAINING}:
        return None
    if "members" in row:
        done = sum(one["state"] == FINISHED for one in row["members"])
        return done, row["planned_members"]
    return (row["epochs"], row["planned_epochs"]) if row["epochs"] else None


def _part_told(done: float, planned: float | None) -> str:
    return f"{done:,}" if planned in {None, done} else f"{done:,} of {planned:,}"


def epochs_told(row: Row) -> str:
    """How far a run is: 9 of 20, or 20 where that is all."""
    done = row.get("epochs")
    return "-" if done is None else _part_told(done, row.get("planned_epochs"))
