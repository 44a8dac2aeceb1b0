"""Texts that a model wrote, on the screen and in a file."""

import codecs
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from genmodels.cli import written
from genmodels.cli.console import rich_console, write_result
from genmodels.errors import UsageError
from genmodels.exhibit import FIGURES, Table
from genmodels.named_files import save_file
from genmodels.printable import one_line, printable

if TYPE_CHECKING:
    from rich.console import Console

NARROWEST_BOX = 22  # columns of a terminal, with the edge and the blanks, in which prose is read well
PLAIN = ("", ".txt", ".bin")  # endings of text, and of what a model of bytes writes


def stream(prompt: str, pieces: Iterator[bytes]) -> None:
    """Prompt and text to stdout as they are written: filtered on a terminal, raw bytes into a pipe."""
    first = next(pieces, b"")  # before anything is printed: an error leaves stdout empty
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(prompt.encode("utf-8", "surrogateescape") + first)
        for number, piece in enumerate(pieces):
            sys.stdout.buffer.write(piece)
            if number % 256 == 0:
                sys.stdout.buffer.flush()
        sys.stdout.buffer.flush()
        return
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    write_result(prompt + decoder.decode(first), end="")
    for piece in pieces:
        write_result(decoder.decode(piece), end="")
    write_result(decoder.decode(b"", final=True))


def show_sheet(table: Table) -> None:
    """A table of long texts on a terminal: every cell in a box, the first column narrow.

    Where the boxes would be too narrow to be read, some stand below the others.
    """
    console = rich_console(sys.stdout)
    console.print(one_line(table.title), soft_wrap=True)
    first, *others = zip(table.heads, *table.cells(), strict=True)
    beside = max(1, (console.width - len(first[0])) // NARROWEST_BOX)
    for start in range(0, len(others), beside):
        _show_boxes([first, *others[start : start + beside]], console)


def _show_boxes(columns: Sequence[Sequence[str]], console: "Console") -> None:
    """Columns, each with its head, as boxes of equal width beside a narrow first one."""
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(box=box.ROUNDED, show_lines=True)
    heads, *rows = zip(*columns, strict=True)
    drawn.add_column(Text(one_line(heads[0])))
    for head in heads[1:]:
        drawn.add_column(
            Text(one_line(head)), ratio=1, overflow="fold"
        )  # what a model writes may be one word from end to end
    for row in rows:
        drawn.add_row(*(Text(printable(text)) for text in row))
    console.print(drawn)


def is_plain(out: Path | None) -> bool:
    """Whether a result goes where it is as a pipe would get it, and not into a file of the kind that its ending names.

    Raises:
        UsageError: an ending that says something else.
    """
    ending = "" if out is None else out.suffix.lower()
    if out is None or ending in PLAIN or (out.exists() and not out.is_file()):
        return True
    if ending not in (*FIGURES, ".csv", ".json"):
        raise UsageError(
            f"--out {out} has no known ending",
            f"end it in .txt for the texts, {', '.join(FIGURES)} for a figure, .csv for a table, .json for everything.",
        )
    return False


def write_streamed(prompt: str, pieces: Iterator[bytes], out: Path) -> None:
    """Prompt and text into a file, byte by byte as a pipe would get them.

    Raises:
        ResourceError: it can't be written.
    """
    write_bytes(prompt.encode("utf-8", "surrogateescape") + b"".join(pieces), out)


def write_bytes(data: bytes, out: Path) -> None:
    """Content into a file; see `genmodels.named_files.save_file`."""
    save_file(out, data)
    written.tell(out)
