"""Which run, and which of its epochs, was taken where nobody named one: told once, before anything is computed."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from genmodels.errors import RunError
from genmodels.families.best import BETTER_BEFORE, best_of, worse_told
from genmodels.paths import path_of
from genmodels.printable import one_line
from genmodels.runs import ComparisonDir, RunDir
from genmodels.runs.epochs import told as numbers_told
from genmodels.runs.newest import damaged_newer, newest_first
from genmodels.runs.standing import STOPPED, TRAINING, standing_of
from genmodels.telling import Notice, counted

Kind = TypeVar("Kind", bound=RunDir)


@dataclass
class Chosen:
    """That a run was taken because nobody named one.

    Args:
        newer: a run that is newer and was passed over, or None.
        told: whether it was said already.
    """

    newer: RunDir | None
    told: bool = False


def chosen_over(root: Path, run: RunDir, *families: str) -> Chosen:
    """Why a run was chosen.

    Args:
        root: where runs are.
        run: what `find_run` took, as nobody named one.
        families: among which it did.
    """
    damaged = damaged_newer(root, run)
    newest = damaged or newest_first(path_of(root), families)[0]
    return Chosen(None if newest.path == run.path else newest)


def chosen_told(root: Path, run: RunDir | ComparisonDir, *families: str) -> str:
    """See `taken_told`, of a run that `find_run` took as nobody named one, and whose records alone are read."""
    if isinstance(run, ComparisonDir):
        return f"comparison {one_line(run.name)}, of {counted(len(run.document()['members']), 'run')}"
    return taken_told(run, newer=chosen_over(root, run, *families).newer)


def taken_told(run: RunDir, epochs: Sequence[float] = (), best: bool = False, newer: RunDir | None = None) -> str:
    """The sentence that says which run and epochs were taken: run story, epoch 12 of 20 (best).

    Args:
        run: that was taken.
        epochs: whose weights are read; none: only the records are.
        best: whether it is the best one.
        newer: a run that is newer and was passed over.

    Raises:
        RunError: the run is damaged.
    """
    standing = standing_of(run)
    far = standing.epochs if standing.planned is None else standing.planned
    if epochs:
        taken = f"{'epoch' if len(epochs) == 1 else 'epochs'} {numbers_told(sorted(epochs))} of {far:,}"
    elif standing.epochs == far:
        taken = counted(far, "epoch")
    else:
        taken = f"{standing.epochs:,} of {counted(far, 'epoch')}"
    so_far = standing.state == TRAINING
    remarks = [
        *([f"best{' so far' if so_far else ''}{_worse_told(run)}"] if best else []),
        *([f"stopped after {standing.epochs:,}"] if epochs and standing.state == STOPPED else []),
        *(["it is being trained now"] if so_far else []),
    ]
    told = f" ({'; '.join(remarks)})" if remarks else ""
    return f"run {one_line(run.name)}, {taken}{told}{'' if newer is None else _passed_over(newer)}"


def _worse_told(run: RunDir) -> str:
    document = run.document()
    summary = {**document, **best_of(document["family"], run.evaluations())}
    return f", but {worse_told(summary)}" if BETTER_BEFORE in summary else ""


def _passed_over(newer: RunDir) -> str:
    try:
        newer.document(), newer.metrics()
    except RunError as error:
        return f"; {one_line(newer.name)} may be newer, but is passed over: {error.what}"
    why = "is being trained now" if newer.is_being_trained() and newer.epochs() else "has no finished epoch yet"
    return f"; {one_line(newer.name)} is newer, but {why}"


def each_run_once(runs: Iterable[Kind], notice: Notice) -> list[Kind]:
    """Runs that were named, without those that are among them already, which is told."""
    found: dict[str, Kind] = {}
    for run in runs:
        path = os.path.abspath(run.path)  # noqa: PTH100 - resolve() would follow a link
        if path in found:
            notice(f"{one_line(run.name)} is named more than once: it is taken once")
        found.setdefault(path, run)
    return list(found.values())
