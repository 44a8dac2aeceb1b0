"""Any runs side by side: how far they are, their best scores, and where their settings and data differ."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genmodels.bytewise import words_of
from genmodels.errors import UsageError, in_turn
from genmodels.exhibit import Exhibit, Row, Table, written
from genmodels.families import Run, run_at
from genmodels.families.best import best_told, score_told
from genmodels.families.course import Course, course_title, held_out_of
from genmodels.families.curves import data_told, other_data_told, runs_told, same_data
from genmodels.families.finetuning import first_weights_sum, parent_told
from genmodels.families.listing import epochs_told
from genmodels.families.steps import records_apart, too_few_told
from genmodels.families.summary import (
    ADJUSTED,
    option_told,
    origin_told,
    value_in_force,
    value_told,
)
from genmodels.families.whole import whole_summary_of
from genmodels.family import FAMILIES, family_of
from genmodels.runs import Record, RunDir
from genmodels.runs.naming import run_names
from genmodels.runs.records import HELD_OUT
from genmodels.telling import Teller, counted, duration
from genmodels.training.beginnings import beginning_of, steps_before

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genmodels.figures.lines import Curve

HELD_OUT_PART = "held-out"  # what any family's test or validation part is called here


def side_by_side(runs: Sequence[RunDir]) -> Exhibit:
    """Two runs or more, of any families, in one table, with their curves in one figure.

    Args:
        runs: finished or not.

    Raises:
        UsageError: fewer than two.
        RunError: one is damaged.
    """
    if len(runs) < 2:
        told = "".join(f" ({run.name})" for run in runs)
        raise UsageError(f"one run{told} has nothing to be compared with", "name two or more.")
    documents = [run.document() for run in runs]
    summaries = [whole_summary_of(run) for run in runs]
    best = [_best_records(run, summary) for run, summary in zip(runs, summaries, strict=True)]
    names = run_names(runs)
    settings, alone = _settings_that_differ(documents)
    scores, of_some = _scores(summaries, best, documents)
    facts = {
        "runs": [{**s, "path": str(r.path), "best_records": b} for r, s, b in zip(runs, summaries, best, strict=True)],
        "settings": {name: dict(zip(names, values, strict=True)) for name, values in settings.items()},
        "settings_of_some": {name: dict(zip(names, values, strict=True)) for name, values in alone.items()},
        "data": [document["data"] for document in documents],
        "same_data": same_data([document["data"] for document in documents]),
        "first_weights": dict(zip(names, map(parent_told, documents), strict=True)),
    }
    table = _table(names, [*_facts(summaries), *scores, *_as_rows(summaries[0]["family"], settings, documents)])
    opened = [run_at(run.path, Teller()) for run in runs]
    axes = _axes(opened, summaries)
    scored = [run for run, summary in zip(opened, summaries, strict=True) if summary["best"] is not None]
    beforehand = [*_before_comparing(runs, names, summaries), *_measured_apart(names, axes)]
    further = [*_not_paired(runs, summaries), *_left_out(settings, alone, of_some, documents)]
    remarks = [*beforehand, *further]

    def draw(title: str) -> "Figure":
        from genmodels.figures.curves import curves_figure

        return curves_figure(_curves(opened, names, axes), title, remarks=beforehand)

    title = course_title(_axis_told(axes), runs_told(opened), data_told(opened))
    return Exhibit(
        "side-by-side", title, facts, [table], draw if scored else None, leads="table", remarks=remarks
    )  # fmt: skip


Line = tuple[str, list[str]]
"""A row of the table: what it is, and the value of each run."""


def _table(names: Sequence[str], lines: Sequence[Line]) -> Table:
    rows = [{"what": what, **dict(zip(names, values, strict=True))} for what, values in lines]
    return Table(f"{', '.join(names)}: side by side", dict.fromkeys(("what", *names), ""), rows)


def _facts(summaries: Sequence[Row]) -> list[Line]:
    lines = [
        ("family", [f"{s['family']} {s['model'] or ''}".rstrip() for s in summaries]),
        ("data", [s["data_name"] for s in summaries]),
        ("state", [s["state"] for s in summaries]),
        ("epochs", [epochs_told(s) for s in summaries]),
        ("steps", [written(s["step"], ",") for s in summaries]),
        ("time", [duration(s["seconds"]) for s in summaries]),
        ("best", [best_told(s) for s in summaries]),
        ("best epoch", [written(s["best_epoch"]) for s in summaries]),
    ]
    of_some = {"first weights of": "init_from", "note": "note"}  # rows where any run has one
    lines += [(what, [s.get(key) or "-" for s in summaries]) for what, key in of_some.items()]
    return [line for line in lines if line[0] not in of_some or set(line[1]) != {"-"}]


def _best_records(run: RunDir, summary: Row) -> dict[str, Record]:
    """The evaluations of a run's best epoch, by part of the data; the held-out part is called so in every family."""
    found = [record for record in run.evaluations() if record["epoch"] == summary["best_epoch"]]
    return {HELD_OUT_PART if r["split"] in HELD_OUT else str(r["split"]): r for r in found}


def _scores(
    summaries: Sequence[Row], best: Sequence[Mapping[str, Record]], documents: Sequence[Row]
) -> tuple[list[Line], int]:
    """What was measured after the best epochs, the held-out part first; and how much of it is left out.

    Of runs of several families what only some of them have, as it can't be held against anything in the others. What
    a run that reads bytes measures is per byte, in lines of its own.
    """
    found: dict[str, list[str]] = {}
    for index, (summary, records, document) in enumerate(zip(summaries, best, documents, strict=True)):
        words = words_of(document)
        for part in sorted(records, key=lambda name: name != HELD_OUT_PART):
            for what, text in _measured(summary, records[part]):
                found.setdefault(f"{part} {words(what)}", ["-"] * len(summaries))[index] = text
    if len({s["family"] for s in summaries}) == 1:
        return list(found.items()), 0
    common = [(what, values) for what, values in found.items() if "-" not in values]
    return common, len(found) - len(common)


def _measured(summary: Row, record: Record) -> list[tuple[str, str]]:
    """The measures that a family shows of an evaluation, the score first and with its unit."""
    family = FAMILIES.get(summary["family"])
    if family is None:
        return []
    formats = {family.score: "short", **{name: form for name, form in family.measures.items() if name != family.score}}
    names = {name: family.measure_told(name) for name in formats}
    names[family.score] += f" ({family.score_unit})" if family.score_unit else ""
    return [(names[name], written(record[name], form)) for name, form in formats.items() if name in record]


Differing = dict[str, list[Any]]
"""A setting, and its value in each run; None where a run has no such setting, or where it does nothing."""


def _settings_that_differ(documents: Sequence[Mapping[str, Any]]) -> tuple[Differing, Differing]:
    """Settings that all runs have and that differ, and those that only some have."""
    settings = [_that_counted(document) for document in documents]
    names = list(dict.fromkeys(name for of_run in settings for name in of_run))
    common = [name for name in names if all(name in of_run for of_run in settings)]
    values = {name: [of_run.get(name) for of_run in settings] for name in names}
    differing = {name: values[name] for name in common if any(value != values[name][0] for value in values[name])}
    return differing, {name: values[name] for name in names if name not in common}


def _that_counted(document: Mapping[str, Any]) -> dict[str, Any]:
    """The values in force, without the epochs that --minutes took the place of."""
    settings = document["settings"]
    by_time = settings.get("minutes", {}).get("value") is not None
    return {name: value_in_force(document, name) for name in settings if not (by_time and name == "epochs")}


def _as_rows(family: str, settings: Differing, documents: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Settings that all have, as they are typed in any of their families, and which of their values nobody set."""
    return [
        (option_told(family, name), [_as_cell(name, value, d) for value, d in zip(values, documents, strict=True)])
        for name, values in settings.items()
        if name != "model"
    ]


def _as_cell(name: str, value: Any, document: Mapping[str, Any]) -> str:
    """A value of a run's setting; one that was fitted is told by what decided it."""
    origin = document["settings"][name]["from"]
    decided = value is not None and origin == ADJUSTED
    return f"{value_told(value)} (by {origin_told(name, origin)})" if decided else value_told(value)


def _before_comparing(runs: Sequence[RunDir], names: Sequence[str], summaries: Sequence[Row]) -> list[str]:
    """What to know before one score is held against another, which the figure says too."""
    remarks = []
    scores = dict.fromkeys(best_unit(s) for s in summaries if s["score"] is not None)
    if len(scores) > 1:
        differ = "of different families" if len({s["family"] for s in summaries}) > 1 else "per byte and per character"
        remarks.append(f"measures {differ} can't be compared ({'; '.join(scores)}): hold like against like")
    elif told := other_data_told(runs):
        remarks.append(told)
    measured = [(name, s) for name, s in zip(names, summaries, strict=True) if s["best"] is not None]
    begins = {name: beginning_of(s["family"], s["model"]) for name, s in measured}
    before = {name: steps_before(run.document()) for name, run in zip(names, runs, strict=True)}
    few = too_few_told({name: s["step"] + before[name] for name, s in measured}, begins)
    return [*remarks, *([] if few is None else [few]), *records_apart(runs)]


def _not_paired(runs: Sequence[RunDir], summaries: Sequence[Row]) -> list[str]:
    """That recorded scores say less of a difference than what a command measures of both runs on the same data."""
    families = {s["family"] for s in summaries}
    family = FAMILIES.get(families.pop()) if len(families) == 1 else None
    if family is None or not family.paired_by or other_data_told(runs) or any(s["best"] is None for s in summaries):
        return []
    command, _, option = family.paired_by.partition(" ")
    named = " ".join(f"{option} {run.quoted}".strip() for run in runs)
    return [
        "these are recorded numbers, each with an error of its own; what the runs differ by on the same data is surer: "
        f"genmodels {command} {named}"
    ]


def _left_out(
    settings: Differing, alone: Differing, measures: int, documents: Sequence[Mapping[str, Any]]
) -> list[str]:
    """What the table leaves open.

    Args:
        settings: that all have and that differ.
        alone: those that only some have.
        measures: that only some have, so many.
        documents: of the runs.
    """
    counts = {"measure": measures, "setting": len(alone)}
    told = [counted(count, one) for one, count in counts.items() if count]
    if told:
        is_are = "is" if sum(counts.values()) == 1 else "are"
        return [f"{in_turn(told)} that only some of them have {is_are} in --json"]
    began_alike = len({first_weights_sum(document) for document in documents}) == 1
    return ["their settings are the same"] if began_alike and not settings else []


def best_unit(summary: Row) -> str:
    """A score's name and unit: nll, nats/char."""
    if summary["score"] is None:
        return "unknown"
    return ", ".join(filter(None, (score_told(summary), summary["unit"])))


def _axes(runs: Sequence[Run], summaries: Sequence[Row]) -> list[str]:
    """What the axis of each run's score says; a second line where runs with that score were not measured alike."""
    scores = [_axis(run, summary) for run, summary in zip(runs, summaries, strict=True)]
    measured = [_measured_on(run) for run in runs]
    of_score = {score: {m for s, m in zip(scores, measured, strict=True) if s == score and m} for score in scores}
    return [f"{s}\n{m}" if m and len(of_score[s]) > 1 else s for s, m in zip(scores, measured, strict=True)]


def _axis(run: Run, summary: Row) -> str:
    """What figures call a run's score."""
    if summary["score"] is None:
        return best_unit(summary)
    return words_of(run.document())(family_of(summary["family"]).axis_of(summary["score"]))


def _axis_told(axes: Sequence[str]) -> str:
    """What the title of the figure calls all of them."""
    scores = {axis.partition("\n")[0] for axis in axes}
    return scores.pop() if len(scores) == 1 else "scores"


def _measured_on(run: Run) -> str:
    """What was made of the data, and which part was held out; nothing before the first evaluation."""
    parts = dict.fromkeys(str(record["split"]) for record in run.evaluations() if record["split"] in HELD_OUT)
    told = [run.held_out_told] if run.held_out_told else list(parts)
    return ", ".join([run.targets_told] * bool(run.targets_told) + told) if parts else ""


def _measured_apart(names: Sequence[str], axes: Sequence[str]) -> list[str]:
    """What to know of runs with one score that was measured on different things."""
    lines = [(name, axis.partition("\n")[2]) for name, axis in zip(names, axes, strict=True)]
    told = "; ".join(f"{name}: {measured}" for name, measured in lines if measured)
    sentence = f"their scores are not all of the same targets and part of the data ({told}): hold like against like"
    return [sentence] if told else []


def _curves(runs: Sequence[Run], names: Sequence[str], axes: Sequence[str]) -> "dict[str, list[Curve]]":
    """The held-out scores from the untrained model on, for each axis; a run without a finished epoch has none."""
    found: dict[str, list[Course]] = {}
    for run, name, axis in zip(runs, names, axes, strict=True):
        if any(record["epoch"] > 0 for record in run.evaluations()):
            found.setdefault(axis, []).append(run.follow(family_of(run.family).score, name))
    return {axis: held_out_of(courses) for axis, courses in found.items()}
