"""Cells of a CSV that no spreadsheet takes for a formula."""

from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a text begins with that a spreadsheet may run
ALONE = {"=", "+", "-", "@"}  # a sign by itself is no formula
MARK = "'"  # in front of it: the spreadsheet then shows the text


def cell_of(value: Any) -> Any:
    """A value as a CSV holds it: a text that a spreadsheet would take for a formula gets a mark; numbers stay.

    >>> [cell_of(value) for value in ("=1+2", "-1.5", "-1e3", "-x", "=", -1.5, None, "plain", "'=1")]
    ["'=1+2", '-1.5', '-1e3', "'-x", '=', -1.5, None, 'plain', "''=1"]
    """
    if not isinstance(value, str):
        return value
    plain = value.lstrip(MARK)  # what begins with a mark gets another, so that each text can be had back
    return MARK + value if plain.startswith(FORMULA) and plain not in ALONE and not _is_number(plain) else value


def text_of(cell: str) -> str:
    """The text of such a cell.

    >>> text_of("'+mine"), text_of("'tis"), text_of("-1.5")
    ('+mine', "'tis", '-1.5')
    """
    plain = cell.removeprefix(MARK)
    return plain if cell_of(plain) == cell else cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip()
