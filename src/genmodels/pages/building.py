"""The page of some runs, as one HTML file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmodels.bytewise import words_of
from genmodels.exhibit import size
from genmodels.families import Run
from genmodels.families.alive import Alive, alive_of
from genmodels.families.side_by_side import side_by_side
from genmodels.families.steps import hardly_trained
from genmodels.family import family_of
from genmodels.marks import marked
from genmodels.named_files import save_file
from genmodels.pages.charts import charts_of, courses_of
from genmodels.pages.gathered import (
    asked,
    described,
    for_readers,
    in_four_digits,
    in_per_cent,
    sections_of,
    sentence,
    table_shown,
)
from genmodels.pages.inlined import FOLDER, Inlined, page_json, plain, policy, script, style
from genmodels.pages.leading import lead_of, small_told, what_of
from genmodels.pages.words import WORDS
from genmodels.paths import PAGE
from genmodels.printable import one_line
from genmodels.runs.naming import run_names
from genmodels.telling import Notice, Teller, once

BEFORE, AFTER = ("layers", "elements", "charts"), ("larger", "words", "start")  # scripts, around those of the parts
PARTS = {"held-out", "train", "longer"}  # of data, as a table of runs side by side begins the names of measures
SHARE = " (share)"  # the end of an axis on which shares lie
LARGE = 3_000_000  # bytes of a page, from which on it is told
ELSEWHERE = "settings that only some of them have stand in the record of each, and what was measured of them in curves"


@dataclass(frozen=True)
class Page:
    """One page.

    Args:
        html: the whole file.
        facts: what is in it: runs, sections that live, how their weights are held, bytes of its file.
    """

    html: str
    facts: Mapping[str, Any]

    def save(self, path: Path) -> Path:
        """Write it as a whole; makes the folder.

        Raises:
            ResourceError: the folder can't be written.
        """
        save_file(path, self.html.encode("utf-8"))
        return path


def build_page(
    runs: Sequence[Run], teller: Teller, *, small: bool = False, intro: str = "", lines: Sequence[str] = ()
) -> Page:
    """The page of some runs, of any families.

    Args:
        runs: at least one.
        teller: is told what is left out, each once, and where the page is large.
        small: without figures and their tables, and of each section's networks the first alone; the page says so.
        intro: what it says besides, on the first screen.
        lines: what came of each of several runs, in a sentence; none: its best score.

    Raises:
        RunError: a run is damaged.
        DataError: a run's data have changed.
    """
    from genmodels.figures.colours import strokes_of

    names, notice = [one_line(name) for name in run_names(runs)], once(teller.notice)
    alive = [(index, one) for index, run in enumerate(runs) for one in _alive_in(run, notice)]
    packed = [_packed(one, index, names[index], small=small) for index, one in alive]
    charts, measured = courses_of(charts_of(runs, names))
    scripts = [script(name) for name in [*BEFORE, *_scripts([one for _, one in alive]), *AFTER]]
    looks = style(stroke.shade for stroke in strokes_of([str(run.setting("model")) for run in runs]))
    first = _is_of_all(charts, names)
    told = _told(runs, names, alive, packed) | {
        "charts": charts,
        "measured": measured,
        "words": WORDS,
        "picture_first": first,
        "lead": lead_of(runs, names, _first_sections(len(runs), alive), lines, pictured=first),
        "intro": [*([intro] if intro else []), *([small_told(runs)] if small else [])],
        "compared": asked(lambda: _compared(runs), None, runs[0], notice),
        "sections": [] if small else _sections(runs, names, notice),
    }
    html = _rendered(told, {"charts": charts, "alive": packed}, scripts, looks)
    length = len(marked(PAGE, html.encode("utf-8")))  # as its file will hold it
    if length > LARGE:
        notice(_large(length, packed, small=small))
    return Page(html, {"runs": [str(run.path) for run in runs], "bytes": length, "alive": _held(packed)})


def _first_sections(count: int, alive: Sequence[tuple[int, Alive]]) -> list[int | None]:
    """Of so many runs the number of the first section in which each lives."""
    return [next((place for place, (run, _) in enumerate(alive) if run == index), None) for index in range(count)]


def _alive_in(run: Run, notice: Notice) -> Sequence[Alive]:
    found: Sequence[Alive] = asked(lambda: alive_of(run), (), run, notice)
    return found


def _sections(runs: Sequence[Run], names: Sequence[str], notice: Notice) -> list[dict[str, Any]]:
    """All figures and tables, with the run that each is of."""
    return [
        {"run": index, "name": names[index], "section": section}
        for index, run in enumerate(runs)
        for section in sections_of(run, notice)
    ]


def _large(length: int, packed: Sequence[Mapping[str, Any]], *, small: bool) -> str:
    """What to know of a large page: what it is made of, and how it is made smaller."""
    held = sum(len(page_json(one["networks"])) for one in packed)
    told = f"the page has {size(length)}, of which networks are {size(held)}"
    return told if small else f"{told}: --small leaves out figures and all networks but the best"


def _scripts(alive: Sequence[Alive]) -> list[str]:
    """The files of all parts, each once."""
    return list(dict.fromkeys(name for one in alive for name in one.scripts))


def _packed(alive: Alive, run: int, name: str, *, small: bool) -> dict[str, Any]:
    """A part of a run, which has a number and a name in the page, for the page's script."""
    from genmodels.pages.weights import pack

    networks = [pack(network).to_record() for network in alive.networks[: 1 if small else None]]
    return {"part": alive.part, "run": run, "name": name, "data": plain(alive.data), "networks": networks}


def _held(packed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How the weights of each network are held, and what that changes."""
    return [
        {"part": one["part"], "network": network["name"], "encoding": network["encoding"], "error": network["error"]}
        for one in packed
        for network in one["networks"]
    ]


def _told(
    runs: Sequence[Run], names: Sequence[str], alive: Sequence[tuple[int, Alive]], packed: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What the page says in words."""
    return {
        "title": " and ".join(names) if len(names) < 3 else f"{len(names)} runs",
        "what": what_of(runs),
        "runs": [described(run) | {"shown": name} for run, name in zip(runs, names, strict=True)],
        "alive": [
            {
                "run": index,
                "name": names[index],
                "learned": _learned(runs[index], one),
                "title": one.title,
                "about": one.about,
            }
            for index, one in alive
        ],
        "held": [
            network | {"of": names[index] if len(names) > 1 else one.title}
            for (index, one), holds in zip(alive, packed, strict=True)
            for network in _held([holds])
        ],
    }


def _is_of_all(charts: Sequence[Mapping[str, Any]], names: Sequence[str]) -> bool:
    """Whether the first curves are those of all runs: then they stand before what lives, else with the others."""
    lines = {line["colour"] for chart in charts[:1] for line in chart["lines"]}
    return lines == {f"run-{index}" for index in range(len(names))}


def _learned(run: Run, alive: Alive) -> str:
    """What a network learned, as a sentence, and before it that it has hardly begun to; "" of parts without one."""
    return one_line(f"{hardly_trained(run)} {alive.learned}".strip()) if alive.learned else ""


def _compared(runs: Sequence[Run]) -> dict[str, Any] | None:
    """Several runs in one table, as `runs compare` puts them; what it leaves to programs stands elsewhere in a page."""
    if len(runs) < 2:
        return None
    exhibit = side_by_side(runs)
    remarks = [told for told in map(for_readers, exhibit.remarks) if told]
    more = [ELSEWHERE] if len(remarks) < len(exhibit.remarks) else []
    return {
        "tables": [_in_words(table_shown(t), runs) for t in exhibit.tables if t.shown],
        "remarks": [sentence(one) for one in [*remarks, *more]],
    }


def _in_words(table: dict[str, Any], runs: Sequence[Run]) -> dict[str, Any]:
    """The table of runs side by side, its measures called as in curves, with as many digits as elsewhere in a page."""
    called, rows = _called(runs), []
    for what, *values in table["rows"]:
        part, _, measure = what.partition(" ")
        words = called.get(measure) if part in PARTS else None
        form = in_per_cent if words and words.endswith(SHARE) else in_four_digits
        measured = words is not None or what == "best"
        told = f"{words.removesuffix(SHARE)}, {part}" if words else what
        rows.append([told, *(map(form, values) if measured else values)])
    return table | {"rows": rows}


def _called(runs: Sequence[Run]) -> dict[str, str]:
    """What a table of runs side by side calls a measure -> what their curves call it."""
    called: dict[str, str] = {}
    for run in runs:
        row, words = family_of(run.family), words_of(run.document())
        for name in (row.score, *row.measures):
            unit = f" ({row.score_unit})" if name == row.score and row.score_unit else ""
            called.setdefault(words(row.measure_told(name) + unit), words(row.axis_of(name)))
    return called


def _rendered(told: Mapping[str, Any], data: Mapping[str, Any], scripts: Sequence[Inlined], looks: Inlined) -> str:
    """The template filled in: every text is escaped, but for scripts, style and JSON, which are our own."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("page.html.j2").render(
        told, json=page_json(data), scripts=scripts, style=looks, policy=policy(scripts, [looks])
    )
