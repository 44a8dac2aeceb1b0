"""Tables on the screen: drawn on a terminal, tab-separated lines elsewhere."""

import sys
from collections.abc import Sequence
from typing import TextIO

from genmodels.cli.console import is_terminal, rich_console
from genmodels.cli.layout import Line, lines_of, wrapped
from genmodels.exhibit import Table
from genmodels.printable import one_line, printable
from genmodels.streams import is_quiet


def show(table: Table, stream: TextIO) -> None:
    """A table of a result: its title, its heads, its rows, and on a terminal what its measures mean.

    Args:
        table: what is shown.
        stream: stdout or stderr, where with -q nothing is shown.
    """
    if stream is sys.stderr and is_quiet():
        return
    if is_terminal(stream):
        _draw(table, stream)
    else:
        _write([table.heads, *table.cells()], stream)


def _write(rows: Sequence[Sequence[str]], stream: TextIO) -> None:
    for row in rows:
        stream.write(as_line(row) + "\n")
    stream.flush()


def _draw(table: Table, stream: TextIO) -> None:
    """A table on a terminal."""
    from rich.text import Text

    console = rich_console(stream)
    rule = "-" if console.options.ascii_only else "\u2500"
    heads = [one_line(name) for name in table.spoken_heads]
    rows = [[printable(cell) for cell in row] for row in table.spoken_cells()]
    title = [Line(line) for line in wrapped(one_line(table.title), console.width)] if table.title else []
    legend = [
        Line(line)
        for name, meaning in table.meanings.items()
        for line in wrapped(f"{one_line(name)}: {one_line(meaning)}", console.width)
    ]
    for line in [
        *title,
        *lines_of(heads, rows, console.width, rule, tall=table.tall, in_lines=table.in_lines),
        *([Line("")] if legend else []),
        *legend,
    ]:
        console.print(Text(line.text, style="bold" if line.of_heads else ""), soft_wrap=True)


def as_line(cells: Sequence[str]) -> str:
    """Cells separated by tabs."""
    return "\t".join(map(one_line, cells))
