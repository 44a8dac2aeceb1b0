"""A run in a few facts, for lists and reports."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from genmodels.errors import RunError
from genmodels.exhibit import Exhibit, Format, Row, Table, duration, written
from genmodels.family import FAMILIES
from genmodels.runs import ComparisonDir, RunDir
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


def summary_of_comparison(comparison: ComparisonDir) -> dict[str, Any]:
    """A comparison in the same facts as a run, of its members together; a damaged one is named as such."""
    try:
        document = comparison.document()
        members = [summary_of(run) for run in comparison.members()]
    except RunError as error:
        return {"run": comparison.name, "state": "damaged", "problem": error.what}
    family = FAMILIES.get(document["family"])
    scores = [one["best"] for one in members if one.get("best") is not None]
    return {
        "run": comparison.name,
        "family": document["family"],
        "model": f"{len(document['members'])} compared",
        "created_at": document["created_at"],
        "state": "finished" if document.get("result") is not None else "unfinished",
        "epochs": max((one.get("epochs", 0) for one in members), default=0),
        "best": family.best(scores) if family and scores else None,
        "seconds": sum(one.get("seconds", 0) for one in members),
        "data": document["data"].get("sources"),
        "members": members,
    }


def listed_runs(root: Path, found: Sequence[RunDir], comparisons: Sequence[ComparisonDir] = ()) -> Exhibit:
    """Every run and every comparison of a folder in a row, oldest first."""
    rows = [*map(summary_of, found), *map(summary_of_comparison, comparisons)]
    rows.sort(key=lambda row: str(row.get("created_at", "~")))
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
    tables = [
        Table(str(run.path), {"what": "", "value": ""}, [{"what": k, "value": v} for k, v in facts.items()]),
        settings_table(document),
        *([evaluations_table(evaluated)] if evaluated else []),
    ]
    told = summary | {"kept_epochs": run.epochs(), "evaluations": evaluated, "run.json": document}
    return Exhibit("run", str(run.path), told, tables, leads="table")


def shown_comparison(comparison: ComparisonDir) -> Exhibit:
    """What was found of a comparison's runs, once all are trained; each of them in a row; and the settings chosen.

    Raises:
        RunError: comparison.json is damaged.
    """
    document, summary = comparison.document(), summary_of_comparison(comparison)
    known = {one["run"].rpartition("/")[2]: one for one in summary["members"]}
    rows = [known.get(name, {"state": "not begun"}) | {"member": name} for name in document["members"]]
    columns: dict[str, Format] = {"member": "", "state": "", "epochs": "", "best": "short", "time": _time}
    chosen = {name: entry for name, entry in document["settings"].items() if entry["from"] != "default"}
    tables = [
        *_result_of(document),
        Table(str(comparison.path), columns, rows, apart=True),
        *([replace(settings_table({"settings": chosen}), apart=True)] if chosen else []),
    ]
    told = summary | {"comparison.json": document}
    said = [f"figure: {comparison.figure}"] if comparison.figure.exists() else []
    return Exhibit("comparison", str(comparison.path), told, tables, leads="table", remarks=said)


def _result_of(document: dict[str, Any]) -> list[Table]:
    """The table of a comparison's result, where it has one.

    Raises:
        RunError: it is damaged, or of a kind that is unknown here.
    """
    result = document.get("result")
    if result is None:
        return []
    try:
        made = FAMILIES[document["family"]].comparisons[document["kind"]](result["title"], result["facts"])
        made.cells()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunError("comparison.json holds no valid result", "--resume measures its runs again.") from error
    return [made]


def settings_table(document: dict[str, Any]) -> Table:
    """The settings of a run.json, each with where it came from."""
    entries = document["settings"]
    rows = [{"setting": name, "value": str(entry["value"]), "from": entry["from"]} for name, entry in entries.items()]
    return Table("settings", dict.fromkeys(("setting", "value", "from"), ""), rows)


def evaluations_table(evaluated: Sequence[Row]) -> Table:
    """Evaluations, epoch by epoch; the split is named where there are several."""
    names = [name for name in evaluated[-1] if name != "split" or len({row["split"] for row in evaluated}) > 1]
    return Table("evaluations", dict.fromkeys(names, "short"), evaluated)
