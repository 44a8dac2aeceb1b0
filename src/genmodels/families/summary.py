"""A run in a few facts, for lists and reports."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import Field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.bytewise import table_of, words_of
from genmodels.errors import RunError, UsageError, did_you_mean, listed
from genmodels.exhibit import Exhibit, Format, Row, Table, written
from genmodels.families.best import BETTER_BEFORE, best_of, best_told
from genmodels.families.doubtful import with_doubts_found
from genmodels.families.finetuning import parent_told
from genmodels.families.measuring import unmeasured
from genmodels.family import FAMILIES, Family
from genmodels.printable import one_line
from genmodels.runs import ComparisonDir, Record, RunDir
from genmodels.runs.accepting import accepted_told
from genmodels.runs.epochs import Length, told
from genmodels.runs.notes import note_of
from genmodels.runs.parts import newest_part
from genmodels.runs.records import GONE_ON, evaluations_in
from genmodels.runs.sealing import ACCEPTED
from genmodels.runs.spent import spent_told
from genmodels.runs.standing import DAMAGED, FINISHED, STOPPED, TRAINING, standing_by
from genmodels.settings.fields import flag_for
from genmodels.telling import duration
from genmodels.training.starting import part_facts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

IN_WORDS = {
    "created_at": "began", "planned_epochs": "epochs planned", "step": "steps", "total_steps": "steps planned",
    "best_epoch": "best epoch", "init_from": "first weights of", "accepted": "accepted changes",
    "measured_share": "share of what is held out",
}  # fmt: skip
"""What `runs show` calls facts whose names say too little."""
UNLIKE_A_RUN = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)
"""What stumbles over files that no run has: each run of a list stands for itself, whatever lies in its folder."""
ADJUSTED = "adjusted"  # where run.json says that nobody asked for a value


def summary_of(run: RunDir) -> dict[str, Any]:
    """A run in a few facts; a damaged one is named as such."""
    try:
        return {"run": run.name, **_facts_of(run, run.document(), run.metrics()), "note": note_of(run)}
    except RunError as error:
        return _damaged(run, error.what)
    except UNLIKE_A_RUN as error:
        return _damaged(run, f"{run.path} holds what no run holds ({type(error).__name__}: {error})")


def _damaged(run: RunDir | ComparisonDir, problem: str) -> dict[str, Any]:
    return {"run": run.name, "state": DAMAGED, "problem": problem, "note": note_of(run)}


def _facts_of(run: RunDir, document: Row, records: Sequence[Record]) -> dict[str, Any]:
    length = Length.of(document)
    standing = standing_by(run, length, evaluated := evaluations_in(records, length))
    last = records[-1] if records else {}  # also of steps after the last evaluation
    step = max(int((run.pointer("last") or "step-0").partition("-")[2]), last.get("step", 0), newest_part(run))
    return {
        "family": document["family"],
        "model": document["settings"].get("model", {}).get("value"),
        "created_at": document["created_at"],
        "state": standing.state,
        "epochs": max(standing.epochs, length.come_to(step)),
        "planned_epochs": standing.planned,
        "step": step,
        "total_steps": length.total_steps,
        **_in_its_unit(document, best_of(document["family"], evaluated)),
        "seconds": last.get("seconds", 0),
        "data": document["data"].get("sources"),
        "data_name": data_name(document["data"]),
        **({} if (parent := parent_told(document)) is None else {"init_from": parent}),
        **part_facts(document),
        **({} if not (accepted := accepted_told(document)) else {ACCEPTED: "; ".join(accepted)}),
    }


def _in_its_unit(document: Row, best: dict[str, Any]) -> dict[str, Any]:
    return {**best, "unit": words_of(document)(best["unit"])} if best["unit"] else best


def summary_of_comparison(comparison: ComparisonDir) -> dict[str, Any]:
    """A comparison in the same facts as a run, of its members together; a damaged one is named as such.

    Beside them "members" has the facts of each that is begun, and "planned_members" says how many there are in all.
    """
    try:
        document = comparison.document()
        members = [summary_of(run) for run in comparison.members()]
    except RunError as error:
        return _damaged(comparison, error.what)
    family = FAMILIES.get(document["family"])
    scored = [one for one in members if one.get("best") is not None]
    best = family.best(one["best"] for one in scored) if family and scored else None
    of_best: Row = next((one for one in scored if one["best"] == best), {})
    problems = [f"{one['run']}: {one['problem']}" for one in members if one["state"] == DAMAGED]
    return {
        "run": comparison.name,
        "family": document["family"],
        "model": f"{len(document['members'])} compared",
        "created_at": document["created_at"],
        "state": TRAINING if comparison.is_being_trained() else _state_of(document, members),
        "epochs": max((one.get("epochs", 0) for one in members), default=0),
        "planned_epochs": of_best.get("planned_epochs"),
        "step": sum(one.get("step", 0) for one in members),
        "total_steps": None,
        "best": best,
        "score": family.score if family else None,
        "unit": of_best.get("unit", family.score_unit if family else None),
        "best_epoch": of_best.get("best_epoch"),
        **{name: of_best[name] for name in ("measured_share",) if name in of_best},
        "seconds": sum(one.get("seconds", 0) for one in members),
        "data": document["data"].get("sources"),
        "data_name": data_name(document["data"]),
        "note": note_of(comparison),
        "members": members,
        "planned_members": len(document["members"]),
        **({"problem": problems[0]} if problems else {}),
    }


def _state_of(document: Row, members: Sequence[Row]) -> str:
    """Where a comparison stands, by its members; finished is one whose members were put side by side."""
    states = {one["state"] for one in members}
    found = next((state for state in (TRAINING, DAMAGED) if state in states), STOPPED)
    return FINISHED if found == STOPPED and document.get("result") is not None else found


def date_told(row: Row) -> str:
    """When a run began, by the clock on the wall: 2026-11-22 21:45."""
    try:
        return f"{datetime.fromisoformat(row['created_at']).astimezone():%Y-%m-%d %H:%M}"
    except (KeyError, ValueError, TypeError):
        return "-"


def refuse_unmeasured(score: str, records: Iterable[Record], path: Path) -> None:
    """Refuse a score that the run there measures nowhere.

    Raises:
        UsageError: it measures others.
    """
    measured = {key for record in records for key, value in record.items() if isinstance(value, int | float)}
    known = sorted(measured - {"epoch", "step", "steps", "seconds"})
    if known and score not in known:
        hint = did_you_mean(score, known) or f"it has: {', '.join(name for name in known if '/' not in name)}."
        raise UsageError(f"--score {score} is nothing that {path} measures", hint)


def overview(title: str, facts: Row, tables: Sequence[Table], draw: "Callable[[str], Figure] | None") -> Exhibit:
    """What a notebook shows of a run: those of its facts that are known, and what it gave so far."""
    known = {name: value for name, value in facts.items() if value is not None}
    told = Table("", {"what": "", "value": ""}, [{"what": k, "value": str(v)} for k, v in known.items()])
    return Exhibit("run", title, known, [told, *tables], draw)


def data_name(described: Mapping[str, Any]) -> str:
    """What the data of a run are called: the set's name, or the names of the files."""
    sources = [Path(str(source)).name for source in described.get("sources") or []]
    return one_line(str(described.get("name") or listed(sources, 1) or "?"))


def shown_run(run: RunDir, every_setting: bool = False) -> Exhibit:
    """A run's state, the figures of its evaluations, and the settings that are not defaults.

    Args:
        run: it.
        every_setting: show the defaults too; the facts have them in any case.

    Raises:
        RunError: run.json is damaged.
    """
    document, records = run.document(), run.metrics()
    summary = {"run": run.name, **_facts_of(run, document, records), "note": note_of(run)}
    length = Length.of(document)
    evaluated = evaluations_in(records, length)
    left_out = {"seconds", "data", "data_name", "score", "unit", BETTER_BEFORE}
    left_out |= {"note"} if summary["note"] is None else set()
    facts = {IN_WORDS.get(name, name): written(value) for name, value in summary.items() if name not in left_out}
    facts |= {"began": date_told(summary), "best": best_told(summary), "time": spent_told(run, summary["seconds"])}
    facts |= {"data": ", ".join(map(str, document["data"].get("sources", [])))}
    facts |= {"weights kept": f"epochs {told(length.all_reached(run.kept()))}"} if run.kept() else {}
    tables = [
        Table(str(run.path), {"what": "", "value": ""}, [{"what": k, "value": v} for k, v in facts.items()]),
        *([table_of(document, _main_figures(evaluated, FAMILIES.get(document["family"])))] if evaluated else []),
        settings_told(document, every_setting),
    ]
    everything = summary | {
        "kept_epochs": length.all_reached(run.epochs()),
        "kept_parts": run.parts(),
        "evaluations": evaluated,
        "run.json": document,
    }
    return Exhibit("run", str(run.path), everything, tables, leads="table")


def shown_comparison(comparison: ComparisonDir, every_setting: bool = False) -> Exhibit:
    """What was found of a comparison's runs, once all are trained; each of them in a row; and the settings chosen.

    Args:
        comparison: it.
        every_setting: show the defaults too.

    Raises:
        RunError: comparison.json is damaged.
    """
    document, summary = comparison.document(), summary_of_comparison(comparison)
    known = {one["run"].rpartition("/")[2]: one for one in summary["members"]}
    rows = [known.get(name, {"state": "not begun"}) | {"member": name} for name in document["members"]]
    columns: dict[str, Format] = {"member": "", "state": "", "epochs": "", "best": best_told, "time": time_told}
    settings = settings_told(document, every_setting)
    tables = [
        *_result_of(document)[-1:],
        Table(str(comparison.path), columns, rows, apart=True),
        *([replace(settings, apart=True)] if settings.rows else []),
    ]
    everything = summary | {"comparison.json": document}
    sources = ", ".join(map(str, summary["data"] or [summary["data_name"]]))
    said = [f"begun {date_told(summary)} on {sources}", *accepted_told(document)]
    said += [f"note: {summary['note']}"] if summary["note"] is not None else []
    said += (
        ["all of its runs are trained: what is missing is measuring them side by side"] if unmeasured(summary) else []
    )
    said += [f"figure: {comparison.figure}"] if comparison.figure.exists() else []
    return Exhibit("comparison", str(comparison.path), everything, tables, leads="table", remarks=said)


def time_told(row: Row) -> str:
    """How long a run of a table was trained and evaluated, where that is known."""
    return "-" if row.get("seconds") is None else duration(row["seconds"])


def _result_of(document: dict[str, Any]) -> Sequence[Table]:
    """The tables of a comparison's result, where it has one; the last is the one in short.

    Raises:
        RunError: it is damaged, or of a kind that is unknown here.
    """
    result = document.get("result")
    if result is None:
        return []
    try:
        made = FAMILIES[document["family"]].comparisons[document["kind"]](result["title"], result["facts"])
        for table in made:
            table.cells()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunError("comparison.json holds no valid result", "--resume measures its runs again.") from error
    return made


def kept_tables(document: dict[str, Any]) -> Sequence[Table]:
    """The tables of a comparison's result; none where it has none that is valid."""
    try:
        return _result_of(document)
    except RunError:
        return []


def settings_table(document: dict[str, Any]) -> Table:
    """The settings of a run.json, each with where it came from."""
    rows = [
        {"setting": name, "value": value_in_force(document, name), "from": origin_told(name, entry["from"])}
        for name, entry in document["settings"].items()
    ]
    return Table("settings", {"setting": "", "value": "as typed", "from": ""}, rows)


def origin_told(name: str, origin: str) -> str:
    """Where a value came from; what nobody asked for is told by what decided it."""
    return origin if origin != ADJUSTED else "the machine" if name == "threads" else "the data"


def settings_told(document: dict[str, Any], every_setting: bool) -> Table:
    """The settings as they are typed: all, or those that are not defaults."""
    table, family = settings_table(document), document["family"]
    every = [
        {**row, "setting": option_told(family, name), "value": value_told(value_in_force(document, name))}
        for row in table.rows
        for name in [row["setting"]]
    ]
    rows = [row for row in every if every_setting or row["from"] != "default"]
    more = len(every) - len(rows)
    return replace(table, title=f"settings; --all shows the {more} defaults too" if more else table.title, rows=rows)


def option_told(family: str, setting: str) -> str:
    """A setting as it is typed, such as --hidden-size; by its own name where no command takes it here."""
    return next((flag_for(spec) for spec in _specs_of(family) if spec.name == setting), setting)


def _specs_of(family: str) -> Sequence[Field[Any]]:
    return fields(FAMILIES[family].settings) if family in FAMILIES else ()


def value_in_force(document: Mapping[str, Any], setting: str) -> Any:
    """A recorded setting's value; None where it does nothing, as the others are: the window of a network without one.

    Args:
        document: of a run, or of a comparison, whose members have settings of their own.
        setting: its name.
    """
    recorded = {name: entry["value"] for name, entry in document["settings"].items()}
    specs = {spec.name: spec for spec in _specs_of(document["family"])}
    needed: Mapping[str, Sequence[Any]] = specs[setting].metadata["only"] if setting in specs else {}
    usual = {name: specs[name].default for name in needed}  # of runs from before there was a choice
    each = [usual | recorded | own for own in document.get("members", {"": {}}).values()]
    return recorded[setting] if any(all(one[k] in values for k, values in needed.items()) for one in each) else None


def value_told(value: object) -> str:
    """The value of a setting as a person reads it.

    >>> value_told(True), value_told(None), value_told([0.5, 1.0]), value_told(512), value_told(1.1501878739833047)
    ('on', '-', '0.5,1', '512', '1.15')
    """
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(map(value_told, value)) if isinstance(value, list) else written(value, "as typed")


def _main_figures(evaluated: Sequence[Row], family: Family | None) -> Table:
    """Of each evaluation what its family counts most; of a family that this version does not know, everything."""
    every = evaluations_table(evaluated)
    if family is None:
        return every
    rows = [row for row in evaluated if any(name in row for name in family.measures)]
    named = ("epoch", "split") if len({row["split"] for row in rows}) > 1 else ("epoch",)
    forms: dict[str, Format] = dict.fromkeys(named, "")
    forms |= {name: form for name, form in family.measures.items() if any(name in row for row in rows)}
    shown = replace(every, title="evaluations; --json has every measure", columns=forms, rows=rows)
    return with_doubts_found(shown)


def recorded_tables(document: dict[str, Any], evaluated: Sequence[Row]) -> list[Table]:
    """The settings of a run, each with where it came from, and its evaluations where there are any."""
    evaluations = [table_of(document, evaluations_table(evaluated))] if evaluated else []
    return [settings_table(document), *evaluations]


def evaluations_table(evaluated: Sequence[Row]) -> Table:
    """Evaluations, epoch by epoch; the split is named where there are several."""
    several = len({row["split"] for row in evaluated}) > 1
    names = [name for name in evaluated[-1] if name != GONE_ON and (name != "split" or several)]
    forms: dict[str, Format] = {name: "" if name == "epoch" else "short" for name in names}
    return Table("evaluations", forms, evaluated)
