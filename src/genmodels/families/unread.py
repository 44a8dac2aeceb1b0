"""Networks that read next to nothing: what is said beside whatever they read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from genmodels.errors import listed
from genmodels.printable import one_line
from genmodels.runs import RunDir
from genmodels.runs.records import HELD_OUT
from genmodels.telling import SILENT, in_percent, reads_nothing

ENOUGH = 20  # strips or utterances, from which on what was read of them tells more than what was recorded


@dataclass(frozen=True)
class Missed:
    """What a network missed of what there was to read.

    Args:
        errors: for each digit or word.
        right: share of the strips or utterances without any error.
        read: strips or utterances.
        said: words that it read, right or wrong, for each that there was; None where nobody counted.
    """

    errors: float
    right: float
    read: int
    said: float | None = None

    @property
    def is_silent(self) -> bool:
        """Whether it hardly reads anything, right or wrong."""
        return self.said is not None and self.said < SILENT


NOT_MEASURED: Mapping[str, Missed] = MappingProxyType({})


def unread_told(
    read: Iterable[tuple[str, Path, float]], measure: str, of: str, here: Mapping[str, Missed] = NOT_MEASURED
) -> list[str]:
    """That networks read next to nothing, as is measured now or was when their training came so far; not of others.

    Args:
        read: what each run is called, where it is, and the epoch whose weights read.
        measure: errors for each of what there is to read, as evaluations have it.
        of: what that is, such as "digits".
        here: by the runs' names, what was measured now of lengths that they were trained on.
    """
    known = {name: one for name, one in here.items() if one.read >= ENOUGH}
    found = {name: known.get(name) or _recorded(RunDir(path), epoch, measure) for name, path, epoch in read}
    unread = {name: one for name, one in found.items() if one is not None and reads_nothing(one.errors, one.right)}
    silent = {name: one for name, one in unread.items() if one.is_silent}
    wrong = {name: one for name, one in unread.items() if not one.is_silent}
    said, nothing = f"next to no {of.removesuffix('s')} is said by", "next to nothing is read by"
    return [f"{told} {_whose(these, of)}" for told, these in ((said, silent), (nothing, wrong)) if these]


def _whose(unread: Mapping[str, Missed], of: str) -> str:
    """Networks with their errors, and what helps."""
    told = listed([*dict.fromkeys(in_percent(one.errors) for one in unread.values())])
    named = listed([one_line(name) for name in unread])
    return f"{named} ({told} errors for all held-out {of}): more training is needed"


def _recorded(run: RunDir, epoch: float, measure: str) -> Missed | None:
    """What was measured of the held-out part after an epoch; None inside of one."""
    held_out = (r for r in run.evaluations() if r["split"] in HELD_OUT and r["epoch"] == epoch and measure in r)
    found = next(held_out, None)
    return None if found is None else Missed(float(found[measure]), float(found.get("sequence_accuracy", 1.0)), 0)
