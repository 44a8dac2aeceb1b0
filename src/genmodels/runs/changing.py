"""What every change of a run in its folder begins with: it lies there, and nobody trains it."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from genmodels.durable import locked_to_move, sweep_temporaries
from genmodels.errors import RunError
from genmodels.runs.run_dir import RunDir, typed
from genmodels.telling import Notice

NOBODY_WRITES = 60.0  # seconds after which what is half written or half removed is left by a process that died


def refuse_elsewhere(root: Path, run: RunDir) -> None:
    """Refuse a run that does not lie in the runs folder itself, so that no link leads a change out of it.

    Raises:
        RunError: it is a link, or lies somewhere else.
    """
    path = Path(os.path.abspath(run.path))  # noqa: PTH100 - resolve() would follow a link
    real = path.resolve()
    hint = f"say where it is: --runs {typed(real.parent)} {typed(Path(real.name))}"
    if path.is_symlink():
        raise RunError(f"{run.path} is a link to {real}", f"{hint}; the link itself is removed as any file is.")
    if path.parent.resolve() != root.resolve():
        raise RunError(f"{run.path} does not lie in {root} itself", f"{hint}.")


def refuse_trained(run: RunDir) -> None:
    """Refuse a run that is being trained now, before anybody is asked.

    Raises:
        RunError: it is.
    """
    if run.is_being_trained():
        raise RunError(f"{run.path} is being trained by another process", "wait for it or stop it first.")


def held_to_move(run: RunDir, notice: Notice) -> AbstractContextManager[None]:
    """Keep every other process from training a run while its directory gets another name.

    Raises:
        RunError: one trains it.
    """
    return locked_to_move(run.path / ".lock", str(run.path), notice)


def sweep(folder: Path) -> None:
    """Take away what a process that died had half written or half removed."""
    if folder.is_dir():
        sweep_temporaries(folder, NOBODY_WRITES)


def bytes_in(folder: Path) -> int:
    """Bytes in the files of a folder and below; no link is followed."""
    return sum(_sizes(folder))


def _sizes(folder: Path) -> Iterator[int]:
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                else:
                    yield entry.stat(follow_symlinks=False).st_size
