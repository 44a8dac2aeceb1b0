"""Tables on the screen: drawn on a terminal, tab-separated lines elsewhere."""

from collections.abc import Sequence
from typing import TextIO

from genmodels.cli.console import is_terminal, rich_console
from genmodels.exhibit import Table
from genmodels.printable import one_line, printable


def show(table: Table, stream: TextIO) -> None:
    """A table of a result."""
    show_table(table.title, table.heads, table.cells(), stream, table.tall)


def show_table(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], stream: TextIO, tall: bool = False
) -> None:
    """A table of texts.

    Args:
        title: above it, on a terminal.
        headings: of the columns.
        rows: of texts.
        stream: stdout or stderr.
        tall: on a terminal each row becomes a column, as there are more columns than fit side by side.
    """
    if not is_terminal(stream):
        for row in [headings, *rows]:
            stream.write(as_line(row) + "\n")
        stream.flush()
        return
    if tall:
        headings, *rows = [list(column) for column in zip(headings, *rows, strict=True)]
    _draw(title, headings, rows, stream)


def _draw(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], stream: TextIO) -> None:
    """A table on a terminal."""
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(title=Text(printable(title)), box=box.SIMPLE_HEAD, title_justify="left", show_lines=False)
    for heading in headings:
        drawn.add_column(Text(printable(heading)), overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(printable(cell)) for cell in row))
    rich_console(stream).print(drawn)


def as_line(cells: Sequence[str]) -> str:
    """Cells separated by tabs."""
    return "\t".join(map(one_line, cells))
