"""Halves of characters: UTF-16 writes those beyond U+FFFF in two, and some programs leave them so."""

import re

_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_HALF = re.compile("[\ud800-\udfff]")


def joined(text: str) -> str:
    """A text whose halves that belong together are one character; single ones stay."""
    return _PAIR.sub(lambda pair: pair.group().encode("utf-16", "surrogatepass").decode("utf-16"), text)


def first_half(text: str) -> int | None:
    """Where the first half without its other one stands, in a text that was joined; None where there is none."""
    found = _HALF.search(text)
    return None if found is None else found.start()


def ends_in_a_half(text: str) -> bool:
    """Whether the last character may be completed by what follows."""
    return "\ud800" <= text[-1:] <= "\udbff"
