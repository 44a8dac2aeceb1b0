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
from genmodels.family import Family, family_of
from genmodels.marks import marked
from genmodels.named_files import save_file
from genmodels.pages.gathered import (
    asked,
    charts_of,
    courses_of,
    described,
    in_four_digits,
    in_per_cent,
    sections_of,
    sentence,
    table_shown,
)
from genmodels.pages.inlined import FOLDER, Inlined, page_json, plain, policy, script, style
from genmodels.pages.words import WORDS, spelled_out
from genmodels.paths import PAGE
from genmodels.printable import one_line
from genmodels.runs.naming import run_names
from genmodels.telling import Notice, Teller

BEFORE, AFTER = ("layers", "elements", "charts"), ("larger", "words", "start")  # scripts, around those of the parts
PARTS = {"held-out", "train", "longer"}  # of data, as a table of runs side by side begins the names of measures
SHARE = " (share)"  # the end of an axis on which shares lie
LARGE = 3_000_000  # bytes of a page, from which on it is told


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


def build_page(runs: Sequence[Run], teller: Teller, *, small: bool = False) -> Page:
    """The page of some runs, of any families.

    Args:
        runs: at least one.
        teller: is told what is left out, and where the page is large.
        small: without figures and their tables, and of each section's networks the first alone.

    Raises:
        RunError: a run is damaged.
        DataError: a run's data have changed.
    """
    from genmodels.figures.colours import strokes_of

    names = [one_line(name) for name in run_names(runs)]
    alive = [(index, one) for index, run in enumerate(runs) for one in _alive_in(run, teller.notice)]
    packed = [_packed(one, index, names[index], small=small) for index, one in alive]
    charts, measured = courses_of(charts_of(runs, names))
    data = {"charts": charts, "alive": packed}
    scripts = [script(name) for name in [*BEFORE, *_scripts([one for _, one in alive]), *AFTER]]
    looks = style(stroke.shade for stroke in strokes_of([str(run.setting("model")) for run in runs]))
    told = _told(runs, names, alive, packed) | {
        "charts": charts,
        "measured": measured,
        "words": WORDS,
        "picture_first": _is_of_all(charts, names),
        "compared": asked(lambda: _compared(runs), None, runs[0], teller.notice),
        "sections": [] if small else _sections(runs, names, teller.notice),
    }
    html = _rendered(told, data, scripts, looks)
    length = len(marked(PAGE, html.encode("utf-8")))  # as its file will hold it
    if length > LARGE:
        teller.notice(_large(length, packed, small=small))
    return Page(html, {"runs": [str(run.path) for run in runs], "bytes": length, "alive": _held(packed)})


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
        "what": _what(runs),
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


def _what(runs: Sequence[Run]) -> str:
    """What this page is about, in a sentence."""
    models: dict[str, dict[str, None]] = {}
    for run in runs:
        models.setdefault(run.family, {})[str(run.setting("model"))] = None
    kinds = ", ".join(_kind_told(family_of(family), list(names)) for family, names in models.items())
    return one_line(f"A trained {kinds}" if len(runs) == 1 else f"{len(runs)} trained networks: {kinds}")


def _kind_told(family: Family, models: Sequence[str]) -> str:
    """A family and models of it: variational autoencoder (VAE, conv)."""
    if spelled := spelled_out(family.title):
        return f"{spelled} ({', '.join([family.title, *models])})"
    return f"{family.title} ({', '.join(models)})"


def _compared(runs: Sequence[Run]) -> dict[str, Any] | None:
    """Several runs in one table, as `runs compare` puts them."""
    if len(runs) < 2:
        return None
    exhibit = side_by_side(runs)
    return {
        "tables": [_in_words(table_shown(t), runs) for t in exhibit.tables if t.shown],
        "remarks": [sentence(one) for one in exhibit.remarks],
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
