"""Runs are removed: hidden under another name first and deleted then, so that none is ever seen half removed."""

import contextlib
import shutil
from pathlib import Path

from genmodels.durable import disk_errors, set_aside, sync_directory
from genmodels.leftovers import left_in
from genmodels.paths import is_of_runs
from genmodels.runs.changing import held_to_move, refuse_elsewhere
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.run_dir import RunDir
from genmodels.telling import Notice

NOBODY_REMOVES = 60.0  # seconds after which what is half removed is left by a process that died


def remove_run(root: Path, run: RunDir | ComparisonDir, notice: Notice) -> None:
    """Remove a run, or a comparison with its runs, with everything in it; what a link in it leads to stays.

    Args:
        root: where runs are.
        run: one of them, or a comparison.
        notice: is told of what could not be deleted.

    Raises:
        RunError: it lies elsewhere, or is being trained.
        ResourceError: the folder can't be written.
    """
    refuse_elsewhere(root, run)
    _sweep(root)
    with disk_errors(run.path, "check who may write in that folder; nothing was removed."):
        with held_to_move(run, notice):
            hidden = set_aside(run.path)
        sync_directory(hidden.parent)
    _delete(hidden)
    if hidden.exists():
        notice(f"{run.name} is removed, but some of its files can't be deleted: they are left in {hidden}")


def _sweep(root: Path) -> None:
    """Delete what a removal that died had hidden; whatever else lies in that folder is the user's own."""
    for path in left_in(root, NOBODY_REMOVES, digits=6):
        if is_of_runs(path):
            _delete(path)


def _delete(hidden: Path) -> None:
    """Delete a hidden run or comparison; the file by which the next removal knows it goes after its folders."""
    with contextlib.suppress(OSError):  # what can't be deleted is told
        for path in hidden.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)  # leaves a link and what it leads to alone
    shutil.rmtree(hidden, ignore_errors=True)
