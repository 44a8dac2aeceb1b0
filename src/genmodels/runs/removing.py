"""Runs are removed: hidden under another name first and deleted then, so that none is ever seen half removed."""

import shutil
from pathlib import Path

from genmodels.durable import disk_errors, set_aside, sync_directory
from genmodels.runs.changing import held_to_move, refuse_elsewhere, sweep
from genmodels.runs.run_dir import RunDir
from genmodels.telling import Notice


def remove_run(root: Path, run: RunDir, notice: Notice) -> None:
    """Remove a run with everything in it; what a link in it leads to stays.

    Args:
        root: where runs are.
        run: one of them.
        notice: is told of what could not be deleted.

    Raises:
        RunError: it lies elsewhere, or is being trained.
        ResourceError: the folder can't be written.
    """
    refuse_elsewhere(root, run)
    sweep(root)
    with disk_errors(run.path, "check who may write in that folder; nothing was removed."):
        with held_to_move(run, notice):
            hidden = set_aside(run.path)
        sync_directory(hidden.parent)
    shutil.rmtree(hidden, ignore_errors=True)
    if hidden.exists():
        notice(f"{run.name} is removed, but some of its files can't be deleted: they are left in {hidden}")
