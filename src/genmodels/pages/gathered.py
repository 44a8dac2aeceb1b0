"""What a page says of runs: facts, settings, exhibits; each asked of the run, whatever its family."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from genmodels.durable import read_json
from genmodels.errors import GenmodelsError, RunError, in_turn
from genmodels.exhibit import Exhibit, Table
from genmodels.families import Run
from genmodels.families.alive import exhibits_of
from genmodels.families.best import best_told
from genmodels.families.repeating import commands_of
from genmodels.families.summary import date_told, settings_told, value_told
from genmodels.families.whole import whole_summary_of
from genmodels.family import family_of
from genmodels.printable import one_line, printable
from genmodels.runs.accepting import accepted_told
from genmodels.runs.epochs import told
from genmodels.telling import Notice, counted, duration

FIVE_DIGITS = 9999.5  # from which on a number has none behind the point
LARGE, QUALITY = 100_000, 80  # bytes of a picture, and of 100 how near to it a smaller one is
PICTURES = {"webp": "image/webp", "svg": "image/svg+xml"}
OF_COMMANDS = re.compile(r"--(?:json|csv|all)\b")  # options for what a command leaves out of its result


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


def for_readers(told: str) -> str:
    """A title or a remark without what it says of options that a command has and a page has not; "" where that is all.

    >>> for_readers("word errors; --csv and --json have all 40 rows"), for_readers("2 settings are in --json")
    ('word errors', '')
    >>> for_readers("surer is: genmodels eval-reader --run a --run b")
    'surer is: genmodels eval-reader --run a --run b'
    """
    return "; ".join(part for part in told.split("; ") if not OF_COMMANDS.search(part))


def table_shown(table: Table) -> dict[str, Any]:
    """A table as the page writes it."""
    title, heads = one_line(for_readers(table.title)), [one_line(head) for head in table.spoken_heads]
    cells = [[printable(cell).strip() for cell in row] for row in table.spoken_cells()]
    return {"title": title, "heads": heads, "rows": cells}


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
    remarks = [sentence(remark) for remark in map(for_readers, exhibit.remarks) if remark]
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
    yield from _machine(document)


def _machine(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What its training began on; of runs from before all of that was recorded, what is."""
    machine, settings = dict(document.get("versions") or {}), document["settings"]
    yield "began on", machine.pop("device", settings.get("device", {"value": "?"})["value"])
    yield "threads", value_told(settings.get("threads", {"value": None})["value"])
    if document.get("processes"):
        yield "processes", document["processes"]
    yield from machine.items()


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
    progress = _progress(run)
    resumed = progress.get("resumed")
    if isinstance(resumed, list) and resumed:
        steps = f"step{'s' if len(resumed) > 1 else ''} {in_turn([f'{step:,}' for step in resumed])}"
        yield f"Its training did not go through at once: it was gone on with from the state saved at {steps}."
    if rollbacks := progress.get("rollbacks"):
        yield f"It went back to a saved state {counted(rollbacks, 'time')}, with half the learning rate each time."
    yield from (f"{one[0].upper()}{one[1:]}." for one in accepted_told(document))
    if summary.get("note"):
        yield str(summary["note"])


def _progress(run: Run) -> Mapping[str, Any]:
    """Where its training stood at its newest saved state; nothing where none is kept that can be read."""
    with suppress(RunError):
        state = read_json(run.checkpoints / str(run.pointer("last")) / "state.json")
        found = state.get("progress") if isinstance(state, dict) else None
        return found if isinstance(found, dict) else {}
    return {}


def asked(make: Callable[[], Any], otherwise: Any, run: Run, notice: Notice) -> Any:
    """What a run gives when it is asked, or something else where it can't, which is told."""
    try:
        return make()
    except RunError as error:
        notice(_left_out(run, error))
        return otherwise


def _left_out(run: Run, error: GenmodelsError) -> str:
    return f"left out of the page of {one_line(run.name)}: {error}"
