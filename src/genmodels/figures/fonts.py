"""The characters of a figure's texts: shown as they are, from a font that has them, or as a box."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.font_manager import FontEntry, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from genmodels.printable import JOINERS, printable

SANS, MONOSPACE = "DejaVu Sans", "DejaVu Sans Mono"
# Asked before all others, in this order: made for the screen, with many scripts.
PREFERRED = ("DejaVu Sans", "Noto Sans CJK", "Source Han Sans", "Noto Sans", "WenQuanYi", "Droid Sans Fallback")
NO_FONTS = ("Last Resort", ".LastResort", "Adobe Blank")  # they have boxes for all there is
REGULAR = {"normal", "regular", 400}
MOST_NAMED = 3
_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")  # how the names of such characters begin


def shown(text: str) -> str:
    """A text as a figure shows it: what could hide or break a file is a visible escape."""
    return "".join(c if c in JOINERS else printable(c) for c in text.replace("\t", " "))


def families_for(text: str, first: str = SANS) -> tuple[str, ...]:
    """The fonts that have a text's characters: the usual one alone, where it has all of them.

    Args:
        text: as it is shown.
        first: the font that is used as far as it goes.
    """
    wanted = _wanted(text) - _characters_of_family(first)
    return (first, *_found(frozenset(wanted))[0]) if wanted else (first,)


def lacking(texts: Iterable[str]) -> str:
    """The characters of some texts that no font here has, in the order of their code points."""
    wanted = frozenset(set().union(*map(_wanted, texts)) - _characters_of_family(SANS))
    return "".join(sorted(_found(wanted)[1])) if wanted else ""


def lacking_told(characters: str) -> str:
    """A sentence on characters that no font here has."""
    named = " ".join(characters[:MOST_NAMED])
    others = len(characters) - MOST_NAMED
    more = f" and {others} other character{'s' if others > 1 else ''}" if others > 0 else ""
    east_asian = any(unicodedata.name(c, "").startswith(_EAST_ASIAN) for c in characters)
    font = "a font that has them, such as Noto Sans" + (" CJK" if east_asian else "")
    return f"no font here has {named}{more}: the figure shows boxes in their place; install {font}"


def dress(figure: Figure) -> str:
    """Give every text of a figure the characters and fonts that can be shown; gives back those that no font has."""
    texts = figure.findobj(Text)
    for text in texts:
        if isinstance(text, Text):
            text.set_text(shown(text.get_text()))
            families = families_for(text.get_text(), base_of(text))
            if len(families) > 1:
                text.set_fontfamily(list(families))
    return lacking(text.get_text() for text in texts if isinstance(text, Text))


def base_of(text: Text) -> str:
    """The font that a text is set in, as far as that goes."""
    families = [text.get_fontfamily()] if isinstance(text.get_fontfamily(), str) else text.get_fontfamily()
    return MONOSPACE if {"monospace", MONOSPACE} & set(families) else SANS


def _wanted(text: str) -> set[str]:
    """The characters that need a glyph; a selector of a variant needs none."""
    return {c for c in text if c not in "\n" + JOINERS and not "\ufe00" <= c <= "\ufe0f"}


@cache
def _characters_of_family(family: str) -> frozenset[str]:
    entry = next(entry for entry in fontManager.ttflist if entry.name == family)
    return _characters_of_file(entry.fname)


@cache
def _characters_of_file(file: str) -> frozenset[str]:
    """None for a file that is no font after all."""
    try:
        return frozenset(map(chr, FT2Font(file).get_charmap()))
    except (OSError, RuntimeError):
        return frozenset()


@cache
def _found(wanted: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The fewest fonts asked that have some characters, and the characters that none has."""
    families: list[str] = []
    left = set(wanted)
    for entry in sorted(fontManager.ttflist, key=_order):
        had = left & _characters_of_file(entry.fname) if entry.name not in families and _is_usable(entry) else set()
        if had:
            families.append(entry.name)
            left -= had
        if not left:
            break
    return tuple(families), frozenset(left)


def _is_usable(entry: FontEntry) -> bool:
    return entry.weight in REGULAR and entry.style == "normal" and not entry.name.startswith(NO_FONTS)


def _order(entry: FontEntry) -> tuple[int, str, str]:
    """Those that are preferred first, the others by name."""
    ranks = (rank for rank, name in enumerate(PREFERRED) if entry.name.startswith(name))
    return next(ranks, len(PREFERRED)), entry.name, Path(entry.fname).name
