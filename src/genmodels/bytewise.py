"""What stands for a character where a run reads bytes: its measures are per byte, wherever they are told."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from genmodels.exhibit import Exhibit, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PER_BYTE = {"unit": "byte"}  # in facts, of what is told per byte
_WHOLE = r"(?![-\w]|\.\w)"  # where a word ends, and no name of a file or a run goes on
_UNIT = re.compile(
    rf"(?<=[0-9] )character(?=s?{_WHOLE})|(?<=\bper )char(acter)?{_WHOLE}|(?<=\b(?:nats|bits)/)char{_WHOLE}|"
    rf"\bchar(?=s/s{_WHOLE})|\bcharacter(?=s guessed right\b)"
)
_WORD = re.compile(r"\bcharacter(?=s?\b)")


def reads_bytes(document: Mapping[str, Any]) -> bool:
    """Whether a run reads bytes, by its run.json; of families without such a choice none does."""
    return document["settings"].get("bytes", {}).get("value") is True


def unit_told(told: str) -> str:
    """A measure's name or a sentence with what it counts, of a run that reads bytes.

    >>> unit_told("loss (nats per character)"), unit_told("nats/char"), unit_told("bits per char of 5,000 characters")
    ('loss (nats per byte)', 'nats/byte', 'bits per byte of 5,000 bytes')
    >>> unit_told("genmodels train-text 2 character.txt --resume runs/char"), unit_told("2 characters. bits/char-lstm")
    ('genmodels train-text 2 character.txt --resume runs/char', '2 bytes. bits/char-lstm')
    >>> unit_told("characters guessed right (share)"), unit_told("12,345 chars/s")
    ('bytes guessed right (share)', '12,345 bytes/s')
    """
    return _UNIT.sub("byte", told)


def words_of(document: Mapping[str, Any]) -> Callable[[str], str]:
    """How measures' names, and sentences with what they count, are told of a run: see `unit_told`; else as they are.

    >>> words_of({"settings": {"bytes": {"value": True}}})("nats/char"), words_of({"settings": {}})("nats/char")
    ('nats/byte', 'nats/char')
    """
    return unit_told if reads_bytes(document) else str


def as_read(document: Mapping[str, Any], found: Exhibit) -> Exhibit:
    """A result of a run, told per byte where the run reads those; its facts then name the unit.

    Args:
        document: the run's.
        found: told per character.
    """
    if not reads_bytes(document):
        return found
    draw = found.draw
    tables = [table_as_read(table) for table in found.tables]
    remarks = [unit_told(sentence) for sentence in found.remarks]
    facts = {**found.facts, **PER_BYTE}
    drawn = None if draw is None else lambda title: _relabelled(draw(title))
    return replace(found, title=unit_told(found.title), facts=facts, tables=tables, draw=drawn, remarks=remarks)


def table_as_read(table: Table) -> Table:
    """A table per byte: its title, heads and legend; names of columns stay as programs know them."""
    words = {name: table.headings.get(name, name.replace("_", " ")) for name in table.columns}
    heads = {name: unit_told(head) for name, head in words.items() if unit_told(head) != head}
    legend = {name: _WORD.sub("byte", unit_told(meaning)) for name, meaning in table.legend.items()}
    return replace(table, title=unit_told(table.title), headings={**table.headings, **heads}, legend=legend)


def table_of(document: Mapping[str, Any], table: Table) -> Table:
    """A table of a run: per byte where it reads those."""
    return table_as_read(table) if reads_bytes(document) else table


def _relabelled(figure: "Figure") -> "Figure":
    """What axes and sentences say."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        text.set_text(unit_told(text.get_text()))
    return figure
