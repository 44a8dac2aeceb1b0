"""Where a table's cells stand on a screen, so that no word and no number is ever broken.

A table that is too wide is wrapped between words; if that is not enough it is turned, so that its columns become
rows; else it is cut into pieces below each other, each of which begins with the first column; at last every cell
has a line of its own, under its name.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

GAP = 2  # blanks between two columns
COMFORTABLE = 24  # columns wide, a text in a piece of a table is read well
_DIGITS = r"[\d.,]+(?:e[-+]?\d+)?%?"
_NUMBER = re.compile(rf"(?:[<>=]+ ?)?[-+]?{_DIGITS}(?:\u00a0±\u00a0{_DIGITS})?|-|")
Grid = list[list[str]]
"""The heads, then the rows."""


class Line(NamedTuple):
    """A line of a table: its text, and whether it belongs to the heads."""

    text: str
    of_heads: bool = False


def lines_of(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    rule: str,
    *,
    tall: bool = False,
    in_lines: bool = False,
) -> list[Line]:
    """A table as lines, none wider than the screen unless a single word is.

    Args:
        heads: of the columns.
        rows: of texts.
        width: of the screen, in columns.
        rule: the character of the line below the heads.
        tall: each row is better read as a column.
        in_lines: a row is to take one line, if it can, and a first cell that is too long for that has its own.
    """
    grid = [list(heads), *map(list, rows)]
    if in_lines and (widths := _in_lines(grid, width)) is not None:
        return _set(grid, widths, rule)
    turned = [list(column) for column in zip(*grid, strict=True)]
    for way in (turned, grid) if tall else (grid, turned):
        if _fits(way, width) or not rows:
            return _drawn(way, width, rule)
    return _in_pieces(turned if tall else grid, width, rule) or _one_below_the_other(grid, width)


def wrapped(text: str, width: int, word: str = "[^ ]+") -> list[str]:
    """A text in lines of whole words; a word that is wider than a line has one for itself.

    Args:
        text: where no line is broken, its blanks stay as they are.
        width: of the screen, in columns.
        word: an expression for what is not broken.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for blanks, whole in re.findall(f"( *)({word})", paragraph):
            longer = line + blanks + whole
            if line and _wide(longer) > width:
                lines.append(line)
                longer = whole
            line = longer
        lines.append(line)
    return lines


def _wide(text: str) -> int:
    """Columns that a text takes on a terminal, where signs of Chinese and the like take two."""
    from rich.cells import cell_len

    return cell_len(text)


def _narrowest(column: Sequence[str]) -> int:
    """The width of a column's longest word; a number and its standard error are one, as between them nothing breaks."""
    return max(_wide(word) for cell in column for word in re.split("[ \n]+", cell))


def _natural(column: Sequence[str]) -> int:
    """The width of a column that is not wrapped."""
    return max((_wide(line) for cell in column for line in cell.split("\n")), default=0)


def _columns(grid: Grid) -> Iterator[tuple[str, ...]]:
    return zip(*grid, strict=True)


def _fits(grid: Grid, width: int, measure: Callable[[Sequence[str]], int] = _narrowest) -> bool:
    return sum(measure(column) + GAP for column in _columns(grid)) - GAP <= width


def _widths(grid: Grid, width: int) -> list[int]:
    """Each column's width: as wide as it would be, but wide ones give way until all fit."""
    least, most = map(_narrowest, _columns(grid)), map(_natural, _columns(grid))
    ends = list(zip(least, most, strict=True))
    room = width - GAP * (len(ends) - 1)
    for cap in range(max(end for _, end in ends), 0, -1):
        found = [max(narrow, min(wide, cap)) for narrow, wide in ends]
        if sum(found) <= room:
            return found
    return [narrow for narrow, _ in ends]


def _in_lines(grid: Grid, width: int) -> list[int] | None:
    """Each column's width, such that few cells are wrapped; where that is less, first cells hang over instead.

    Returns:
        None where the table is too wide for that.
    """
    steps = [sorted({_natural([cell]) for cell in column}, reverse=True) for column in _columns(grid)]
    least = [_wide(grid[0][0]), *map(_narrowest, list(_columns(grid))[1:])]
    widths, room = [column[0] for column in steps], width - GAP * (len(steps) - 1)
    while sum(widths) > room:
        narrower = [
            max((w for w in column if least[place] <= w < widths[place]), default=least[place])
            for place, column in enumerate(steps)
        ]
        places = [place for place, to in enumerate(narrower) if to < widths[place]]
        if not places:
            return None
        cost = {p: _longer(grid, p, narrower[p]) - _longer(grid, p, widths[p]) for p in places}
        place = min(places, key=lambda p: (cost[p] / (widths[p] - narrower[p]), p))
        widths[place] = narrower[place]
    for place, column in enumerate(steps):  # what is left over goes to those that gave way
        if place > 0:
            widths[place] += min(room - sum(widths), column[0] - widths[place])
    return widths


def _longer(grid: Grid, place: int, width: int) -> int:
    """How many cells of a column take more than a line of this width."""
    return sum(_natural([row[place]]) > width for row in grid)


def _drawn(grid: Grid, width: int, rule: str) -> list[Line]:
    """A grid that fits, with a line below its heads."""
    return _set(grid, _widths(grid, width), rule)


def _set(grid: Grid, widths: Sequence[int], rule: str) -> list[Line]:
    """A grid in columns of some widths; those of numbers are set to the right, and a wider first cell hangs over."""
    right = [all(_NUMBER.fullmatch(cell) for cell in column[1:]) for column in _columns(grid)]
    lines: list[Line] = []
    for number, (first, *others) in enumerate(grid):
        hangs_over = _narrowest([first]) > widths[0]
        lines += [Line(first)] if hangs_over else []
        row = ["" if hangs_over else first, *others]
        cells = [wrapped(cell, wide) for cell, wide in zip(row, widths, strict=True)]
        for height in range(max(map(len, cells))):
            parts = [cell[height] if height < len(cell) else "" for cell in cells]
            padded = map(_padded, parts, widths, right)
            lines.append(Line((" " * GAP).join(padded).rstrip(), of_heads=number == 0))
        if number == 0:
            lines.append(Line(rule * (sum(widths) + GAP * (len(widths) - 1))))
    return lines


def _padded(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - _wide(text))
    return blanks + text if right else text + blanks


def _in_pieces(grid: Grid, width: int, rule: str) -> list[Line]:
    """The columns in several pieces, each beginning with the first one; nothing where a single one is too wide."""
    first, *others = _columns(grid)
    pieces: list[list[tuple[str, ...]]] = []
    for column in others:
        if not _fits(_grid([first, column]), width):
            return []
        if pieces and _fits(_grid([*pieces[-1], column]), width, _comfortable):
            pieces[-1].append(column)
        else:
            pieces.append([first, column])
    lines: list[Line] = []
    for piece in pieces:
        lines += [*([Line("")] if lines else []), *_drawn(_grid(piece), width, rule)]
    return lines


def _comfortable(column: Sequence[str]) -> int:
    """The width at which a column in a piece is read well: heads may be wrapped, cells only where they are long."""
    return max(_narrowest(column), min(_natural(column[1:]), COMFORTABLE))


def _grid(columns: Sequence[Sequence[str]]) -> Grid:
    return [list(row) for row in zip(*columns, strict=True)]


def _one_below_the_other(grid: Grid, width: int) -> list[Line]:
    """Every cell in lines of its own, under its head; rows are apart."""
    heads, *rows = grid
    lines: list[Line] = []
    for row in rows:
        lines += [Line("")] if lines else []
        for head, cell in zip(heads, row, strict=True):
            lines += [Line(text, of_heads=True) for text in wrapped(head, width)]
            lines += [Line(f"{' ' * GAP}{text}".rstrip()) for text in wrapped(cell, width - GAP)]
    return lines
