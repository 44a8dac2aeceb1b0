"""What a page says of runs: facts, settings, curves, exhibits; each asked of the run, whatever its family."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genmodels.bytewise import words_of
from genmodels.durable import read_json
from genmodels.errors import GenmodelsError, RunError
from genmodels.exhibit import Exhibit, Table
from genmodels.families import Run
from genmodels.families.alive import exhibits_of
from genmodels.families.best import best_told
from genmodels.families.repeating import commands_of
from genmodels.families.summary import date_told, settings_told
from genmodels.families.whole import whole_summary_of
from genmodels.family import family_of
from genmodels.printable import one_line, printable
from genmodels.runs.accepting import accepted_told
from genmodels.runs.epochs import told
from genmodels.runs.records import HELD_OUT
from genmodels.telling import LONGER, WHILE_TRAINING, Notice, counted, duration, longer_told

FIVE_DIGITS = 9999.5  # from which on a number has none behind the point
FEWEST = 2  # points of a line that show no course
LARGE, QUALITY = 100_000, 80  # bytes of a picture, and of 100 how near to it a smaller one is
PICTURES = {"webp": "image/webp", "svg": "image/svg+xml"}


@dataclass(frozen=True)
class Section:
    """A figure and tables of a page.

    Args:
        title: above it.
        picture: a data URI, or None; without title and sentence, which stand beside it in the page's own letters.
        said: what to look at in the picture; "" where there is nothing.
        tables: each with `title`, `heads` and `rows` of texts.
        remarks: sentences below.
    """

    title: str
    picture: str | None
    said: str
    tables: Sequence[Mapping[str, Any]]
    remarks: Sequence[str]


def table_shown(table: Table) -> dict[str, Any]:
    """A table as the page writes it."""
    cells = [[printable(cell).strip() for cell in row] for row in table.spoken_cells()]
    return {"title": one_line(table.title), "heads": [one_line(head) for head in table.spoken_heads], "rows": cells}


def sentence(remark: str) -> str:
    """A remark, as lines on a screen have it, with its capital and its stop.

    >>> sentence("few steps"), sentence("Look at unit 3.")
    ('Few steps.', 'Look at unit 3.')
    """
    told = one_line(remark).rstrip(".")
    return f"{told[:1].upper()}{told[1:]}."


def section_of(exhibit: Exhibit) -> Section:
    """An exhibit as the page shows it, its figure in whichever format is smaller."""
    tables = [table_shown(table) for table in exhibit.tables if table.shown]
    remarks = [sentence(remark) for remark in exhibit.remarks]
    picture, said = (None, "") if exhibit.draw is None or exhibit.leads == "table" else _picture(exhibit)
    return Section(one_line(exhibit.title), picture, said, tables, [one for one in remarks if one not in said])


def _picture(exhibit: Exhibit) -> tuple[str, str]:
    """A figure as a data URI, and the sentence that stands below it elsewhere."""
    from genmodels.figures.saving import rendered
    from genmodels.figures.style import words_apart
    from genmodels.pages.inlined import data_uri

    with words_apart():
        figures = {kind: exhibit.figure() for kind in PICTURES}
    drawn = {kind: rendered(figure, kind) for kind, figure in figures.items()}
    drawn["webp"] = _with_loss(drawn["webp"])
    kind = min(drawn, key=lambda one: len(drawn[one]))
    return data_uri(PICTURES[kind], drawn[kind]), one_line(str(getattr(figures[kind], "said", "")))


def _with_loss(picture: bytes) -> bytes:
    """A large WebP with a loss that nobody sees, where that halves it, as with thousands of coloured dots."""
    if len(picture) <= LARGE:
        return picture
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.open(BytesIO(picture)).convert("RGB").save(file, "webp", quality=QUALITY)
    return file.getvalue() if 2 * len(file.getvalue()) <= len(picture) else picture


def four_digits(value: float) -> str:
    """A number with the four digits that count, as curves have them.

    >>> four_digits(0.0184075), four_digits(-94.6289), four_digits(12345.6)
    ('0.01841', '-94.63', '12,346')
    """
    return f"{value:#.4g}".rstrip(".") if abs(value) < FIVE_DIGITS else f"{value:,.0f}"


def in_four_digits(text: str) -> str:
    """A text whose numbers have at most four digits that count, as curves do; one with fewer gets none that it lacks.

    >>> in_four_digits("elbo -94.6289 nats/image"), in_four_digits("1.4004"), in_four_digits("97.8%")
    ('elbo -94.63 nats/image', '1.400', '97.8%')
    >>> in_four_digits("kernel distance 0.0184")
    'kernel distance 0.0184'
    """
    return re.sub(r"\d+\.\d{3,}", _cut, text)


def _cut(found: re.Match[str]) -> str:
    counting = found[0].replace(".", "").lstrip("0")
    return four_digits(float(found[0])) if len(counting) > len("1234") else found[0]


def in_per_cent(text: str) -> str:
    """A share as a curve's axis has it, in per cent, as sentences have it; what is none stays.

    >>> in_per_cent("0.5158"), in_per_cent("-"), in_per_cent("51.6%")
    ('51.6%', '-', '51.6%')
    """
    return f"{float(text):.1%}" if re.fullmatch(r"[01]\.\d+", text) else text


def sections_of(run: Run, notice: Notice) -> Iterator[Section]:
    """The figures and tables of a run; one that can't be made is told, and left out."""
    for make in exhibits_of(run):
        try:
            yield section_of(make())
        except GenmodelsError as error:
            notice(_left_out(run, error))


def described(run: Run) -> dict[str, Any]:
    """A run's facts, settings and notes, all as texts."""
    document, summary = run.document(), whole_summary_of(run)
    settings = [
        {"name": row["setting"], "value": one_line(row["value"]), "from": row["from"]}
        for row in settings_told(document, every_setting=True).rows
    ]
    return {
        "name": one_line(run.name),
        "titled": one_line(f"{family_of(run.family).title} {run.setting('model')}"),
        "facts": [(name, one_line(str(value))) for name, value in _facts(run, document, summary)],
        "chosen": [row for row in settings if row["from"] != "default"],
        "defaults": [row for row in settings if row["from"] == "default"],
        "commands": commands_of(run.name, document),
        "notes": [one_line(note) for note in _notes(run, document, summary)],
    }


def _facts(run: Run, document: Mapping[str, Any], summary: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "data", run.data_told
    yield "best", best_told(summary, four_digits)
    yield "best epoch", summary["best_epoch"]
    yield "state", summary["state"]
    yield "trained", f"{counted(summary['step'], 'step')}, {duration(summary['seconds'])}"
    if run.kept():
        yield "weights kept", _kept_told(run.length().all_reached(run.kept()))
    yield "began", date_told(summary)
    yield "seed", run.setting("seed")
    yield "device", run.setting("device")
    yield from (document.get("versions") or {}).items()


def _kept_told(numbers: Sequence[float]) -> str:
    """Of which epochs weights were kept; parts of an epoch are told as what they are.

    >>> _kept_told([1, 2, 3]), _kept_told([0.25, 0.5]), _kept_told([n / 10 for n in range(1, 9)])
    ('epochs 1-3', 'epochs 0.25, 0.5', '8 parts of epochs from 0.1 to 0.8')
    """
    shown = told(numbers)
    return shown if "parts of epochs" in shown.partition(",")[0] else f"epochs {shown}"


def _notes(run: Run, document: Mapping[str, Any], summary: Mapping[str, Any]) -> Iterator[str]:
    """What happened on the way: training gone on with, gone back to a saved state, what its owner noted."""
    again = (document.get("plan") or {}).get("again") or ()
    if again:
        yield f"After it was finished it was gone on with, at step {', '.join(f'{step:,}' for step in again)}."
    if document.get("init_from"):
        yield f"Its first weights are those of {document['init_from']}."
    rollbacks = _rollbacks(run)
    if rollbacks:
        yield f"It went back to a saved state {counted(rollbacks, 'time')}, with half the learning rate each time."
    yield from (f"{one[0].upper()}{one[1:]}." for one in accepted_told(document))
    if summary.get("note"):
        yield str(summary["note"])


def _rollbacks(run: Run) -> int:
    """How often training went back, by its newest saved state; 0 where none is kept."""
    last = run.pointer("last")
    path = run.checkpoints / f"{last}" / "state.json"
    if last is None or not path.exists():
        return 0
    state = read_json(path)
    progress = state.get("progress", {}) if isinstance(state, dict) else {}
    return int(progress.get("rollbacks", 0))


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


def asked(make: Callable[[], Any], otherwise: Any, run: Run, notice: Notice) -> Any:
    """What a run gives when it is asked, or something else where it can't, which is told."""
    try:
        return make()
    except RunError as error:
        notice(_left_out(run, error))
        return otherwise


def _left_out(run: Run, error: GenmodelsError) -> str:
    return f"left out of the page of {one_line(run.name)}: {error}"
