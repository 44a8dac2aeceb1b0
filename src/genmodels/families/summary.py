"""A run in a few facts, for lists and reports."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from genmodels.errors import RunError
from genmodels.exhibit import Exhibit, Format, Row, Table, duration, written
from genmodels.family import FAMILIES
from genmodels.runs import RunDir
from genmodels.runs.epochs import told
from genmodels.runs.run_dir import HELD_OUT


def summary_of(run: RunDir) -> dict[str, Any]:
    """A run in a few facts; a damaged one is named as such."""
    try:
        document = run.document()
        evaluated = run.evaluations()
        family = FAMILIES.get(document["family"])
        plan = document.get("plan") or {}
        step = int((run.pointer("last") or "step-0").partition("-")[2])
    except RunError as error:
        return {"run": run.name, "state": "damaged", "problem": error.what}
    total = plan.get("total_steps")
    evaluated_step = evaluated[-1]["step"] if evaluated else None
    held_out = [r for r in evaluated if r["split"] in HELD_OUT]
    scores = [r[family.score] for r in held_out if family and family.score in r and r["epoch"] > 0]
    return {
        "run": run.name,
        "family": document["family"],
        "model": document["settings"].get("model", {}).get("value"),
        "created_at": document["created_at"],
        "state": "finished" if total is not None and evaluated_step == total else "unfinished",
        "epochs": evaluated[-1]["epoch"] if evaluated else 0,
        "step": step,
        "total_steps": total,
        "best": family.best(scores) if family and scores else None,
        "seconds": evaluated[-1].get("seconds", 0) if evaluated else 0,
        "data": document["data"].get("sources"),
    }


def listed_runs(root: Path, found: Sequence[RunDir]) -> Exhibit:
    """Every run of a folder in a row."""
    rows = [summary_of(run) for run in found]
    columns: dict[str, Format] = {"run": "", "model": "", "state": "", "epochs": "", "best": "short", "time": _time}
    return Exhibit("runs", str(root), {"runs": rows}, [Table(str(root), columns, rows)], leads="table")


def _time(row: Row) -> str:
    return duration(row["seconds"]) if "seconds" in row else "-"


def shown_run(run: RunDir) -> Exhibit:
    """A run's state, settings with where each came from, and evaluations.

    Raises:
        RunError: run.json is damaged.
    """
    document, summary, evaluated = run.document(), summary_of(run), run.evaluations()
    facts = {name: written(value, "short") for name, value in summary.items() if name not in {"seconds", "data"}}
    facts |= {"time": duration(summary["seconds"]), "data": ", ".join(document["data"].get("sources", []))}
    facts |= {"weights kept": f"epochs {told(run.kept())}"} if run.kept() else {}
    tables = [
        Table(str(run.path), {"what": "", "value": ""}, [{"what": k, "value": v} for k, v in facts.items()]),
        settings_table(document),
        *([evaluations_table(evaluated)] if evaluated else []),
    ]
    everything = summary | {
        "kept_epochs": run.epochs(),
        "kept_parts": run.parts(),
        "evaluations": evaluated,
        "run.json": document,
    }
    return Exhibit("run", str(run.path), everything, tables, leads="table")


def settings_table(document: dict[str, Any]) -> Table:
    """The settings of a run.json, each with where it came from."""
    entries = document["settings"]
    rows = [{"setting": name, "value": str(entry["value"]), "from": entry["from"]} for name, entry in entries.items()]
    return Table("settings", dict.fromkeys(("setting", "value", "from"), ""), rows)


def evaluations_table(evaluated: Sequence[Row]) -> Table:
    """Evaluations, epoch by epoch; the split is named where there are several."""
    names = [name for name in evaluated[-1] if name != "split" or len({row["split"] for row in evaluated}) > 1]
    return Table("evaluations", dict.fromkeys(names, "short"), evaluated)
