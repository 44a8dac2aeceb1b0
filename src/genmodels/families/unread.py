"""Networks that read next to nothing: what is said beside whatever they read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from genmodels.errors import listed
from genmodels.printable import one_line
from genmodels.runs import RunDir
from genmodels.runs.run_dir import HELD_OUT
from genmodels.telling import reads_nothing

ENOUGH = 20  # strips or utterances, from which on what was read of them tells more than what was recorded


@dataclass(frozen=True)
class Missed:
    """What a network missed of what there was to read.

    Args:
        errors: for each digit or word.
        right: share of the strips or utterances without any error.
        read: strips or utterances.
    """

    errors: float
    right: float
    read: int


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
    if not unread:
        return []
    told = listed([f"{one.errors:.1%}" for one in unread.values()])
    whose = f"{listed([one_line(name) for name in unread])} ({told} errors for all held-out {of})"
    return [f"next to nothing is read by {whose}: more training is needed"]


def _recorded(run: RunDir, epoch: float, measure: str) -> Missed | None:
    """What was measured of the held-out part after an epoch; None inside of one."""
    held_out = (r for r in run.evaluations() if r["split"] in HELD_OUT and r["epoch"] == epoch and measure in r)
    found = next(held_out, None)
    return None if found is None else Missed(float(found[measure]), float(found.get("sequence_accuracy", 1.0)), 0)
