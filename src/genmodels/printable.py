"""Text that is safe on a terminal, one line of it, and its beginning where it is long.

Every text that the program did not write itself passes through here: Rich does not remove escape sequences.
"""

import unicodedata

JOINERS = "\u200c\u200d"  # they shape the letters beside them and draw nothing
_KEPT = {"\n", "\t"}
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def printable(text: str) -> str:
    r"""Text that is safe on a terminal: what could move the cursor or hide becomes a visible escape.

    Kept are line feeds, tabs and every visible character; control, format (with the bidirectional ones),
    surrogate, private and unassigned ones and the two Unicode line separators become ``\x1b`` and the like.
    """
    return "".join(
        c if c in _KEPT or unicodedata.category(c) not in _HIDDEN else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


def one_line(text: str) -> str:
    """Printable, and tabs and line feeds are shown as escapes too."""
    return printable(text).replace("\t", "\\t").replace("\n", "\\n")


def beginning(text: str, most: int) -> str:
    """A text that has no more characters than this, or its beginning and a sign that it goes on.

    >>> beginning("seven", 5), beginning("seven zero three", 10)
    ('seven', 'seven zer…')
    """
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
