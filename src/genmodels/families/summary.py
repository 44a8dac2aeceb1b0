"""A run in a few facts, for lists and reports."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from genmodels.errors import RunError, listed
from genmodels.exhibit import Exhibit, Row, Table, duration, short, written
from genmodels.family import FAMILIES
from genmodels.printable import one_line
from genmodels.runs import Record, RunDir
from genmodels.runs.notes import note_of
from genmodels.runs.run_dir import HELD_OUT
from genmodels.runs.standing import DAMAGED, standing_of


def summary_of(run: RunDir) -> dict[str, Any]:
    """A run in a few facts; a damaged one is named as such."""
    try:
        return {"run": run.name, **_facts_of(run), "note": note_of(run)}
    except RunError as error:
        return {"run": run.name, "state": DAMAGED, "problem": error.what, "note": note_of(run)}


def _facts_of(run: RunDir) -> dict[str, Any]:
    document, evaluated, standing = run.document(), run.evaluations(), standing_of(run)
    saved = int((run.pointer("last") or "step-0").partition("-")[2])
    seen = evaluated[-1] if evaluated else {}
    return {
        "family": document["family"],
        "model": document["settings"].get("model", {}).get("value"),
        "created_at": document["created_at"],
        "state": standing.state,
        "epochs": standing.epochs,
        "planned_epochs": standing.planned,
        "step": max(saved, int(seen.get("step", 0))),
        "total_steps": run.plan().get("total_steps"),
        **_best(document["family"], evaluated),
        "seconds": seen.get("seconds", 0),
        "data": document["data"].get("sources"),
        "data_name": data_name(document["data"]),
    }


def _best(name: str, evaluated: Sequence[Record]) -> dict[str, Any]:
    """The best score of an epoch that was trained, what it is called, its unit, and the epoch."""
    family = FAMILIES.get(name)
    if family is None:
        return dict.fromkeys(("best", "score", "unit", "best_epoch"))
    held_out = [r for r in evaluated if r["split"] in HELD_OUT and family.score in r and r["epoch"] > 0]
    best = family.best(r[family.score] for r in held_out) if held_out else None
    epoch = next((r["epoch"] for r in held_out if r[family.score] == best), None)
    return {"best": best, "score": family.score, "unit": family.score_unit, "best_epoch": epoch}


def best_told(summary: Row) -> str:
    """The best score of a run with its name and unit: nll 1.4851 nats/char."""
    if summary.get("best") is None:
        return "-"
    return f"{summary['score'].replace('_', ' ')} {short(summary['best'])} {summary['unit']}".rstrip()


def data_name(described: Mapping[str, Any]) -> str:
    """What the data of a run are called: the set's name, or the names of the files."""
    sources = [Path(str(source)).name for source in described.get("sources") or []]
    return one_line(str(described.get("name") or listed(sources, 1) or "?"))


def shown_run(run: RunDir) -> Exhibit:
    """A run's state, settings with where each came from, and evaluations.

    Raises:
        RunError: run.json is damaged.
    """
    document, summary, evaluated = run.document(), summary_of(run), run.evaluations()
    left_out = {"seconds", "data", "data_name", "score", "unit", *(["note"] if summary["note"] is None else [])}
    facts = {name: written(value, "short") for name, value in summary.items() if name not in left_out}
    facts |= {"best": best_told(summary), "time": duration(summary["seconds"])}
    facts |= {"data": ", ".join(map(str, document["data"].get("sources", [])))}
    tables = [
        Table(str(run.path), {"what": "", "value": ""}, [{"what": k, "value": v} for k, v in facts.items()]),
        settings_table(document),
        *([evaluations_table(evaluated)] if evaluated else []),
    ]
    told = summary | {"kept_epochs": run.epochs(), "evaluations": evaluated, "run.json": document}
    return Exhibit("run", str(run.path), told, tables, leads="table")


def settings_table(document: dict[str, Any]) -> Table:
    """The settings of a run.json, each with where it came from."""
    entries = document["settings"]
    rows = [{"setting": name, "value": str(entry["value"]), "from": entry["from"]} for name, entry in entries.items()]
    return Table("settings", dict.fromkeys(("setting", "value", "from"), ""), rows)


def evaluations_table(evaluated: Sequence[Row]) -> Table:
    """Evaluations, epoch by epoch; the split is named where there are several."""
    names = [name for name in evaluated[-1] if name != "split" or len({row["split"] for row in evaluated}) > 1]
    return Table("evaluations", dict.fromkeys(names, "short"), evaluated)
