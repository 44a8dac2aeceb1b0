"""Curves of a page: lines of numbers out of the records of runs, whatever their families."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genmodels.bytewise import words_of
from genmodels.families import Run
from genmodels.families.whole import whole_summary_of
from genmodels.family import family_of
from genmodels.runs.records import HELD_OUT
from genmodels.telling import LONGER, WHILE_TRAINING, longer_told

FEWEST = 2  # points of a line that show no course


def charts_of(runs: Sequence[Run], names: Sequence[str]) -> list[dict[str, Any]]:
    """The curves: the family's score first, then each further measure; runs with one measure lie over one another.

    Left out are errors of other measures, and what never changes, such as how much was measured.
    """
    charts: dict[str, dict[str, Any]] = {}
    drawn = [
        _Drawn(run, index, name if len(runs) > 1 else "", run.evaluations(), whole_summary_of(run).get("best_epoch"))
        for index, (run, name) in enumerate(zip(runs, names, strict=True))
    ]
    for further in (False, True):
        for one in drawn:
            row = family_of(one.run.family)
            others = [each for each in row.measures if each != row.score and not each.endswith("standard_error")]
            for measure in others if further else [row.score]:
                _add_lines(charts, one, measure)
    found = list(charts.values())
    return [*found[:1], *filter(_changes, found[1:])]


def _changes(chart: Mapping[str, Any]) -> bool:
    """Whether anything in it is not as it was at first."""
    return any(len({value for _, value in line["points"]}) > 1 for line in chart["lines"])


def courses_of(charts: Sequence[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], list[dict[str, Any]]]:
    """The charts that show a course, the first one among them whatever it shows; and what the others hold, as a table.

    Two points are no course, so a chart in which no line has more is left out for its numbers.
    """
    drawn = [chart for chart in charts[1:] if any(len(line["points"]) > FEWEST for line in chart["lines"])]
    left = [chart for chart in charts[1:] if chart not in drawn]
    rows = [
        [chart["title"], line["name"], f"{epoch:g}", f"{value:.4g}"]
        for chart in left
        for line in chart["lines"]
        for epoch, value in line["points"]
    ]
    table = {"title": "What was measured", "heads": ["measure", "of", "epoch", "value"], "rows": rows}
    return [*charts[:1], *drawn], [table] if rows else []


@dataclass(frozen=True)
class _Drawn:
    """A run whose curves are drawn: its place among others, what its lines are called, what was read of it once."""

    run: Run
    index: int
    name: str
    evaluations: Sequence[Mapping[str, Any]]
    best: float | None


def _add_lines(charts: dict[str, dict[str, Any]], drawn: _Drawn, measure: str) -> None:
    """The lines of one measure of a run, one for each part of the data."""
    row = family_of(drawn.run.family)
    records = [record for record in drawn.evaluations if isinstance(record.get(measure), int | float)]
    if len({record["epoch"] for record in records}) <= 1:
        return
    axis = words_of(drawn.run.document())(row.axis_of(measure))
    chart = charts.setdefault(axis, {"title": f"{axis[:1].upper()}{axis[1:]}", "across": "epoch", "lines": []})
    chart["lines"] += _measured(drawn, records, measure)
    if measure == row.score:
        course, told = drawn.run.follow(row.score), {record["step"]: record["epoch"] for record in records}
        points = [
            [told.get(record["step"], course.epoch_of(record)), record[course.score]]  # one epoch has one number
            for record in course.while_training
        ]
        drawn_too = len(points) >= FEWEST  # one point is no line
        chart["lines"] += [_line(drawn, WHILE_TRAINING, points, held=False, best=None)] if drawn_too else []


def _measured(drawn: _Drawn, records: Sequence[Mapping[str, Any]], measure: str) -> Iterator[dict[str, Any]]:
    """A line for each part of the data."""
    splits = list(dict.fromkeys(record["split"] for record in records))
    held_out = next((split for split in splits if split in HELD_OUT), "held out")
    for split in splits:
        points = [[record["epoch"], record[measure]] for record in records if record["split"] == split]
        held, called = split in HELD_OUT, longer_told(held_out) if split == LONGER else split
        yield _line(drawn, called, points, held, drawn.best if held else None) | {"longer": split == LONGER}


def _line(drawn: _Drawn, part: str, points: list[list[Any]], held: bool, best: float | None) -> dict[str, Any]:
    name, colour = f"{drawn.name} {part}".strip(), f"run-{drawn.index}"
    running = part == WHILE_TRAINING
    kind = {"held": held, "running": running, "longer": False}
    return {"name": name, "colour": colour, **kind, "points": points, "best": best}
