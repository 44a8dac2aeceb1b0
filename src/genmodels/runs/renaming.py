"""Runs get another name, and what refers to them by it learns the new one."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from genmodels.durable import disk_errors, sync_directory
from genmodels.errors import RunError, UsageError
from genmodels.runs.changing import held_to_move, refuse_elsewhere
from genmodels.runs.finding import check_plain_name, list_runs
from genmodels.runs.run_dir import RunDir
from genmodels.telling import Notice

SERIES = ("--compare", "--leave-one-out")  # whose --resume looks for the runs of a series by their names


@dataclass(frozen=True)
class Renamed:
    """What came of a new name.

    Args:
        run: under its new name.
        children: runs that began with its weights, and now name it so.
    """

    run: RunDir
    children: list[RunDir]


def rename_run(root: Path, run: RunDir, name: str, notice: Notice) -> Renamed:
    """Give a run another name; runs that began with its weights then name it so too.

    Args:
        root: where runs are.
        run: one of them.
        name: the new one.
        notice: is told of what goes on looking for the old one.

    Raises:
        UsageError: the name is taken or can't name a run.
        RunError: the run lies elsewhere, is damaged, or is being trained.
        ResourceError: the folder can't be written.
    """
    refuse_elsewhere(root, run)
    check_plain_name(name)
    target = run.path.with_name(name)
    if os.path.lexists(target):
        raise UsageError(f"{target} exists already", "choose another name; nothing was changed.")
    series, children = series_of(run), children_of(root, run)
    with disk_errors(run.path):
        with held_to_move(run, notice):
            run.path.rename(target)
        sync_directory(target.parent)
    for child in children:
        child.update(init_from=name)
    if series is not None:
        notice(
            f"{run.name} was trained by {series}: its --resume looks for it under that name, and would train it anew"
        )
    return Renamed(RunDir(target), children)


def children_of(root: Path, run: RunDir) -> list[RunDir]:
    """The runs of a folder that began with a run's weights."""
    return [other for other in _whole(root) if other.document().get("init_from") == run.name]


def _whole(root: Path) -> Iterator[RunDir]:
    for run in list_runs(root):
        with contextlib.suppress(RunError):
            run.document()
            yield run


def series_of(run: RunDir) -> str | None:
    """The option that trained a run as one of several; None where it was trained alone."""
    typed = run.document().get("argv") or []
    return next((option for option in SERIES for word in typed if str(word).partition("=")[0] == option), None)
