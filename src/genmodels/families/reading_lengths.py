"""How well readers read, by the strip's length; several side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.exhibit import Exhibit, Format, Table
from genmodels.families.chance import GIVE_OR_TAKE, RIGHT, Compared, chance_told, differences, ties_told
from genmodels.families.unread import Missed, unread_told
from genmodels.runs import Record
from genmodels.telling import Advance, counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genmodels.analysis.reading_accuracy import Accuracy
    from genmodels.data.images.strips import StripMaker
    from genmodels.models.reader import Reader
    from genmodels.settings.reader import ReaderSettings

ERRORS = "character_error_rate"
MEASURES = (RIGHT, ERRORS)
SURE = {name: f"{name}_standard_error" for name in MEASURES}
COLUMNS: Mapping[str, Format] = {
    "run": "", "model": "", "digits": "", "strips": "", **dict.fromkeys((*MEASURES, *SURE.values()), ".4f")
}  # fmt: skip
SHARES = "shares without any error"
HEADS = {RIGHT: "strips read without any error", ERRORS: "errors for each digit"}


def count_by_length(
    model: "Reader", maker: "StripMaker", lengths: Sequence[int], strips: int, width: int, advance: Advance
) -> "dict[int, Accuracy]":
    """What a network reads of strips of each length.

    Args:
        model: in evaluation mode.
        maker: of the strips.
        lengths: digits in a strip, ascending.
        strips: of each length.
        width: of the beam; 1 takes the best path.
        advance: is told how many more strips were read.
    """
    from genmodels.analysis.reading_accuracy import accuracy_by_length

    counts: dict[int, Accuracy] = {}
    for length in lengths:
        counts |= accuracy_by_length(model, maker, [length], strips, width=width)
        advance(strips)
    return counts


@dataclass(frozen=True)
class Measured:
    """A reader and what it read.

    Args:
        name: what its run is called.
        path: of its run.
        settings: those it was trained with.
        epoch: whose weights read.
        counts: by length, ascending.
    """

    name: str
    path: Path
    settings: "ReaderSettings"
    epoch: float
    counts: "dict[int, Accuracy]"

    @property
    def longest(self) -> int:
        """Digits in the longest strip that it was trained on."""
        return self.settings.longest

    @property
    def rows(self) -> list[Record]:
        """For the table: each length, then those trained on together and the longer ones together."""
        from genmodels.analysis.reading_accuracy import total

        groups = {f"{n}": [n] for n in self.counts} | _groups(list(self.counts), self.longest)
        known = {"run": self.name, "model": self.settings.model}
        return [{**known, "digits": label, **total(self.counts, group).to_record()} for label, group in groups.items()]

    @property
    def missed(self) -> Missed:
        """Of strips as long as those that it was trained on."""
        from genmodels.analysis.reading_accuracy import total

        usual = total(self.counts, [length for length in self.counts if length <= self.longest])
        return Missed(usual.character_error_rate, usual.sequence_accuracy, usual.strips)

    @property
    def facts(self) -> dict[str, Any]:
        """Which network it was."""
        return {"run": self.name, "path": str(self.path), "epoch": self.epoch, "longest": self.longest}


def side_by_side(
    measured: Sequence[Measured], title: str, asked: Mapping[str, Any], known: Sequence[str] = ()
) -> Exhibit:
    """Readers that read the same strips.

    Args:
        measured: each with what it read.
        title: names the strips.
        asked: what else the facts begin with.
        known: sentences on what to know of their runs.
    """
    read, here = [(one.name, one.path, one.epoch) for one in measured], {one.name: one.missed for one in measured}
    rows, found = [row for one in measured for row in one.rows], _differences(measured)
    beforehand = [*known, *unread_told(read, ERRORS, "digits", here)]
    remarks = [*beforehand, *chance_told(found, "strips", {RIGHT: HEADS[RIGHT]})]
    facts = {**asked, "readers": [one.facts for one in measured], "results": rows, "differences": found}
    spoken = dict.fromkeys((*MEASURES, *SURE.values()), ".1%")
    table = Table(f"{title}; {GIVE_OR_TAKE}", COLUMNS, rows, HEADS, spoken=spoken, errors=SURE)

    def draw(title: str) -> "Figure":
        return _figure(measured, title, [*beforehand, *ties_told(found, {RIGHT: SHARES})])

    return Exhibit("by-length", title, facts, [table], draw, leads="table", remarks=remarks)


def _differences(measured: Sequence[Measured]) -> list[Record]:
    """Between the best reader and each other one: of strips as long as all were trained on, and of longer ones.

    They all read the same strips.
    """
    from genmodels.analysis.reading_accuracy import total

    lengths, longest = list(measured[0].counts), [one.longest for one in measured]
    groups = ([n for n in lengths if n <= min(longest)], [n for n in lengths if n > max(longest)])
    found = []
    for group in filter(None, groups):
        of = [Compared(one.name, total(one.counts, group).each, "the same") for one in measured]
        told = counted(group[0], "digit") if len(group) == 1 else f"{_span(group)} digits"
        found += [record for measure in MEASURES for record in differences(of, measure, told)]
    return found


def _figure(measured: Sequence[Measured], title: str, remarks: Sequence[str]) -> "Figure":
    from genmodels.figures.reading_accuracy import Read, accuracy_figure

    readers = [
        Read(
            name=f"{one.name} (trained to {one.longest})"
            if one.settings.model in one.name
            else f"{one.name} ({one.settings.model}, trained to {one.longest})",
            kind=one.settings.model,
            longest=one.longest,
            accuracy={length: read.sequence_accuracy for length, read in one.counts.items()},
            errors={length: read.character_error_rate for length, read in one.counts.items()},
            strips={length: read.strips for length, read in one.counts.items()},
            rate_errors={length: read.each.rate_error or 0.0 for length, read in one.counts.items()},
            share_errors={length: read.each.share_error for length, read in one.counts.items()},
        )
        for one in measured
    ]
    return accuracy_figure(readers, title, remarks)


def _groups(lengths: list[int], longest: int) -> dict[str, list[int]]:
    """Lengths that were trained on together, and longer ones together; lengths are in order."""
    usual, longer = [n for n in lengths if n <= longest], [n for n in lengths if n > longest]
    return {_span(group): group for group in (usual, longer) if len(group) > 1}


def _span(group: list[int]) -> str:
    """1-8, or 1,3,8 where some are left out."""
    whole = group == list(range(group[0], group[-1] + 1))
    return f"{group[0]}-{group[-1]}" if whole else ",".join(map(str, group))
