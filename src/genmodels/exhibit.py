"""Exhibit: one result, whoever shows it: a command, a notebook, a page, a test."""

import base64
import csv
import html
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.durable import to_json
from genmodels.errors import UsageError, in_turn
from genmodels.look import USUAL, Look, check_title
from genmodels.named_files import forced, save_file
from genmodels.paths import path_of
from genmodels.printable import one_line, printable
from genmodels.spreadsheets import cell_of
from genmodels.telling import Counting, Notice, number_told, silent, uncounted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genmodels.figures.films import Film

FIGURES = (".png", ".pdf", ".svg")  # as `genmodels.figures.style` writes them
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
Row = Mapping[str, Any]
Format = str | Callable[[Row], str]
"""How a column is written: a format of floats, such as ".4f"; "," for whole numbers; or a function of the row."""


def short(value: float) -> str:
    """Four decimals, or powers of ten where those would take a line."""
    return f"{value:.4f}" if abs(value) < 1e6 else f"{value:.3e}"


def size(value: int) -> str:
    """Bytes as people say them.

    >>> size(512), size(2048), size(3 * 2**30)
    ('512 B', '2.0 KiB', '3.0 GiB')
    """
    number, unit = float(value), 0
    while number >= 1024 and unit < len(_UNITS) - 1:
        number, unit = number / 1024, unit + 1
    return f"{value} B" if unit == 0 else f"{number:,.1f} {_UNITS[unit]}"


_IN_WORDS: Mapping[str, Callable[[float], str]] = {"short": short, "as typed": number_told}


def written(value: object, format_: str = "") -> str:
    """A value as a table shows it: "-" for nothing, floats and only they by the format, whole numbers whole.

    >>> written(None), written(0.12345, ".2f"), written(7, ".2f"), written(1234, ","), written("mlp", ".2f")
    ('-', '0.12', '7', '1,234', 'mlp')
    """
    if value is None:
        return "-"
    if isinstance(value, float):
        return _IN_WORDS[format_](value) if format_ in _IN_WORDS else format(value, format_)
    return f"{value:,}" if isinstance(value, int) and format_ == "," else str(value)


def give_or_take(value: str, error: str) -> str:
    r"""A number with its standard error, both as they are written; without one that is not known.

    >>> give_or_take("97.8%", "0.4%"), give_or_take("27.02", "0.10"), give_or_take("100.0%", "-")
    ('97.8\xa0±\xa00.4%', '27.02\xa0±\xa00.10', '100.0%')
    """
    if "-" in {value, error}:
        return value
    number = value.removesuffix("%") if error.endswith("%") else value
    return f"{number}\u00a0±\u00a0{error}"


@dataclass(frozen=True)
class Table:
    """Rows of a result.

    Args:
        title: what stands above it.
        columns: name in the rows -> how it is written.
        rows: raw values by name.
        headings: of the columns whose names say too little.
        shown: whether a person sees it; else it is for a spreadsheet alone.
        tall: it has too many columns to stand side by side on a terminal.
        apart: a line is left free above it.
        legend: what a column is, by its name, for those whose heading says too little.
        spoken: columns that a terminal shows in fewer letters than programs get, each as in `columns`.
        in_lines: on a terminal a row takes one line if it can; a first cell that is too long for that has its own.
        chosen: rows that a person sees where all would be too many; programs and spreadsheets get all.
        errors: column -> the one of its standard error; a terminal shows both in one cell, programs get both.

    Example:
        >>> table = genmodels.Table("two models", {"model": "", "nll": ".2f"}, [{"model": "lstm", "nll": 1.48512}])
        >>> table.cells()
        [['lstm', '1.49']]
        >>> table.rows[0]["nll"]
        1.48512
    """

    title: str
    columns: Mapping[str, Format]
    rows: Sequence[Row]
    headings: Mapping[str, str] = field(default_factory=dict)
    shown: bool = True
    tall: bool = False
    apart: bool = False
    legend: Mapping[str, str] = field(default_factory=dict)
    spoken: Mapping[str, Format] = field(default_factory=dict)
    in_lines: bool = False
    chosen: Sequence[Row] | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def heads(self) -> list[str]:
        """What stands above each column."""
        return [self.headings.get(name, name) for name in self.columns]

    @property
    def spoken_heads(self) -> list[str]:
        """The same for people: in words, which a line may be broken between."""
        return [self.headings.get(name, name.replace("_", " ")) for name in self._spoken_columns]

    @property
    def _spoken_columns(self) -> dict[str, Format]:
        """Those that have a place of their own on a terminal, and how they are written there."""
        columns = {**self.columns, **self.spoken}
        return {name: form for name, form in columns.items() if name not in self.errors.values()}

    @property
    def meanings(self) -> dict[str, str]:
        """What columns are, by what stands above them."""
        named = zip(self._spoken_columns, self.spoken_heads, strict=True)
        return {head: self.legend[name] for name, head in named if name in self.legend}

    def cells(self) -> list[list[str]]:
        """The rows as they are shown."""
        return self._cells(self.columns, self.rows)

    def spoken_cells(self) -> list[list[str]]:
        """The same for people on a terminal."""
        cells = self._cells(self._spoken_columns, self._seen)
        for place, name in enumerate(self._spoken_columns):
            if (error := self.errors.get(name)) is not None:
                form = {**self.columns, **self.spoken}[error]
                for line, told in zip(cells, self._cells({error: form}, self._seen), strict=True):
                    line[place] = give_or_take(line[place], *told)
        return cells

    @property
    def _seen(self) -> Sequence[Row]:
        return self.rows if self.chosen is None else self.chosen

    @staticmethod
    def _cells(columns: Mapping[str, Format], rows: Sequence[Row]) -> list[list[str]]:
        return [
            [form(row) if callable(form) else written(row.get(name), form) for name, form in columns.items()]
            for row in rows
        ]

    def as_csv(self) -> bytes:
        """The raw values for a spreadsheet, which takes none for a formula; what has no column is left out."""
        lines = _Lines()
        writer = csv.writer(lines, lineterminator=lines.end)
        writer.writerow(map(cell_of, self.columns))
        writer.writerows([cell_of(row.get(name)) for name in self.columns] for row in self.rows)
        return "".join(lines).encode("utf-8")

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{_escaped(name)}</th>" for name in self.heads)
        seen = self._cells(self.columns, self._seen)
        body = "".join(f"<tr>{''.join(f'<td>{_escaped(c)}</td>' for c in cells)}</tr>" for cells in seen)
        caption = f"<caption>{_escaped(self.title)}</caption>"
        legend = "".join(f"<p>{_escaped(f'{name}: {meaning}')}</p>" for name, meaning in self.meanings.items())
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{legend}"


class _Lines(list[str]):
    """What a csv writer writes, a row each: only with this end of a line does it quote a cell with either character."""

    end = "\r\n"

    def write(self, row: str) -> None:
        """A row; it ends as files here do."""
        self.append(row.removesuffix(self.end) + "\n")


def _escaped(text: str) -> str:
    """Text from anywhere as HTML that shows it and does nothing else."""
    return html.escape(one_line(text))


@dataclass(frozen=True)
class Exhibit:
    """One result: facts, tables, a figure.

    Args:
        name: of its file, and its place in a report: "elbo".
        title: what it shows, of which run and data.
        facts: everything that was found, as JSON can hold it.
        tables: the first is what a spreadsheet gets.
        draw: makes the figure under a title, or None where there is none.
        leads: what a command puts on stdout: "figure" (its path) or "table".
        remarks: sentences beside it.
        film: makes the animation under a title, or None where nothing moves.

    Example:
        >>> scores = genmodels.open_run("story", genmodels.TextRun).score()
        >>> scores.facts["results"][0]["protocol"]
        'carried'
        >>> scores.save("scores.csv")
        PosixPath('scores.csv')
    """

    name: str
    title: str
    facts: Mapping[str, Any]
    tables: Sequence[Table] = ()
    draw: "Callable[[str], Figure] | None" = None
    leads: str = "figure"
    remarks: Sequence[str] = ()
    film: "Callable[[str], Film] | None" = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {one_line(self.title)}>"

    def figure(self, title: str | None = None) -> "Figure":
        """The figure, drawn anew.

        Args:
            title: above it, in place of the exhibit's own, which then stands below.

        Raises:
            UsageError: there is none, or the title is empty.
        """
        if self.draw is None:
            raise UsageError(f"{self.name} has no figure", "its numbers are in .facts and .tables.")
        check_title(title)
        if title is None or title == self.title:
            return self.draw(self.title)
        from genmodels.figures.style import told_below  # noqa: PLC0415 - matplotlib, only where it draws

        with told_below(self.title):
            return self.draw(title)

    def save(
        self, path: str | Path, notice: Notice = silent, look: Look = USUAL, counting: Counting = uncounted,
        force: bool = False,
    ) -> Path:  # fmt: skip
        """Write the figure (.png, .pdf, .svg), the animation (.gif), the first table (.csv) or the facts (.json).

        Args:
            path: of the file; it is given back.
            notice: is told of characters in the figure that no font here has.
            look: title and size of the figure, where they are to be other than its own.
            counting: how far an animation is.
            force: replace also what genmodels did not write, or was changed since.

        Raises:
            UsageError: another ending, there is no such thing here, or see `force`.
            ResourceError: the file can't be written.
        """
        target = path_of(path)
        writer = _WRITERS.get(target.suffix.lower())
        if writer is None or (writer is _save_film and self.film is None):
            raise UsageError(f"{target} has no known ending", f"end it in {in_turn(self.endings, 'or')}.")
        with forced(force):
            writer(self, target, notice, look, counting)
        return target

    @property
    def endings(self) -> tuple[str, ...]:
        """Of the files that `save` can write of what there is here."""
        shown = (*(FIGURES if self.draw is not None else ()), *([".gif"] if self.film is not None else []))
        return (*shown, *([".csv"] if self.tables else []), ".json")

    def save_table(self, path: str | Path, force: bool = False) -> Path:
        """Write the first table for a spreadsheet, whatever the file's ending; gives the path back.

        Raises:
            UsageError: there is none; or see `save`.
            ResourceError: the file can't be written.
        """
        target = path_of(path)
        if not self.tables:
            raise UsageError(f"{self.name} has no table for {target}", "its numbers are in .facts: save a .json.")
        with forced(force):
            save_file(target, self.tables[0].as_csv())
        return target

    def _repr_png_(self) -> bytes | None:
        return self._png

    @cached_property
    def _png(self) -> bytes | None:
        """Drawn once, as a notebook asks for the page and for the picture."""
        if self.draw is None:
            return None
        from genmodels.figures.saving import rendered  # noqa: PLC0415 - matplotlib, only where it draws

        return rendered(self.figure(), "png")

    def _repr_html_(self) -> str:
        png = self._repr_png_()
        picture = f'<img alt="{_escaped(self.title)}" src="data:image/png;base64,{_base64(png)}">' if png else ""
        shown = "".join(table._repr_html_() for table in self.tables if table.shown)
        said = "".join(f"<p>{_escaped(sentence)}</p>" for sentence in self.remarks)
        facts = "" if picture or shown else f"<pre>{html.escape(printable(_as_text(self.facts)))}</pre>"
        return f"<div><p>{_escaped(self.title)}</p>{picture}{shown}{said}{facts}</div>"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _as_text(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, indent=2, ensure_ascii=False)


def _save_figure(exhibit: Exhibit, target: Path, notice: Notice, look: Look, counting: Counting) -> None:
    del counting
    from genmodels.figures.saving import save_figure  # noqa: PLC0415 - matplotlib, only where it draws
    from genmodels.figures.style import drawn_for  # noqa: PLC0415

    with drawn_for(look.size):
        save_figure(exhibit.figure(look.title), target, notice, look)


def _save_film(exhibit: Exhibit, target: Path, notice: Notice, look: Look, counting: Counting) -> None:
    from genmodels.figures.saving import save_animation  # noqa: PLC0415 - matplotlib, only where it draws
    from genmodels.figures.style import drawn_for, told_below  # noqa: PLC0415

    assert exhibit.film is not None, "else the ending is refused"
    own = "" if look.title in {None, exhibit.title} else exhibit.title
    with drawn_for(look.size), told_below(own):  # frames are drawn while they are saved
        film = exhibit.film(exhibit.title if look.title is None else look.title)
        with counting("drawing frames", film.count) as advance:
            save_animation(film.frames, target, notice, look, film.milliseconds, advance)


_WRITERS: dict[str, Callable[[Exhibit, Path, Notice, Look, Counting], object]] = {
    ".csv": lambda exhibit, target, *_: exhibit.save_table(target),
    ".json": lambda exhibit, target, *_: save_file(target, to_json(exhibit.facts)),
    ".gif": _save_film,
    **dict.fromkeys(FIGURES, _save_figure),
}
