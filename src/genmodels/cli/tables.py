"""Tables for people and for spreadsheets, and how numbers are written in them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from genmodels.cli.console import is_terminal, rich_console
from genmodels.printable import one_line, printable

TEXT_MEASURES = ("nll", "bits_per_char", "perplexity", "accuracy")


def show_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], stream: TextIO) -> None:
    """A table of texts: drawn on a terminal, tab-separated lines elsewhere."""
    if not is_terminal(stream):
        for row in [headings, *rows]:
            stream.write(as_line(row) + "\n")
        stream.flush()
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(printable(title)), box=box.SIMPLE_HEAD, title_justify="left", show_lines=False)
    for heading in headings:
        table.add_column(Text(printable(heading)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    rich_console(stream).print(table)


def as_line(cells: Sequence[str]) -> str:
    """Cells separated by tabs."""
    return "\t".join(map(one_line, cells))


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as a table for a spreadsheet; what has no column is left out."""
    import csv
    import io

    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode("utf-8")


def short(value: float) -> str:
    """Four decimals, or powers of ten where those would take a line."""
    return f"{value:.4f}" if abs(value) < 1e6 else f"{value:.3e}"


def duration(seconds: float) -> str:
    """A span as people say it: 45 s, 3 min 05 s, 2 h 10 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
