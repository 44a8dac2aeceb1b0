"""Which run is meant where nobody names one: the newest that can be read; a damaged one is never in the way."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from genmodels.errors import RunError, in_turn
from genmodels.paths import path_of
from genmodels.runs.listing import list_all
from genmodels.runs.run_dir import RunDir, train_command


def newest_first(root: Path, families: tuple[str, ...] = (), *, certain: bool = True) -> list[RunDir]:
    """The runs of some families, or of all, the newest first, those of comparisons too; damaged ones are left out.

    Args:
        root: where they are.
        families: none for all.
        certain: the first must be the newest, as where a training is to go on.

    Raises:
        RunError: there is none; or it is not certain which is the newest, as a damaged one may be.
    """
    found: list[RunDir] = []
    damaged: list[tuple[RunDir, RunError]] = []
    for run in reversed(list_all(root)):
        try:
            family = run.document()["family"]
        except RunError as error:
            damaged.append((run, error))
        else:
            found += [run] if not families or family in families else []
    if not found:
        raise damaged[0][1] if damaged else _none_of(root, families)
    newer = [error for run, error in damaged if _may_be_newer(run, found[0])]
    if newer and certain:
        raise RunError(newer[0].what, f"name the run that you mean, e.g. {to_read(found).quoted}.")
    return found


def _may_be_newer(damaged: RunDir, run: RunDir) -> bool:
    """Whether a damaged run may have begun after another one, by when its files were last touched."""
    try:
        touched = max(path.lstat().st_mtime for path in (damaged.path, damaged.path / "run.json"))
        return touched >= datetime.fromisoformat(run.document()["created_at"]).timestamp()
    except (OSError, ValueError):
        return True


def _none_of(root: Path, families: tuple[str, ...]) -> RunError:
    kind = f"{in_turn(families, 'or')} " if families else ""
    command = train_command(families[0]) if families else "train-text"
    return RunError(f"there is no {kind}run in {root}", f"genmodels {command} makes one; --runs says where runs are.")


def damaged_newer(root: Path, run: RunDir) -> RunDir | None:
    """A damaged run that may be newer than another one; None where there is none."""
    return next((one for one in list_all(root) if not _has_document(one) and _may_be_newer(one, run)), None)


def _has_document(run: RunDir) -> bool:
    try:
        run.document()
    except RunError:
        return False
    return True


def newest_begun(root: Path) -> RunDir:
    """The newest run with a finished epoch, also one that is being trained now; where there is none such the newest.

    Raises:
        RunError: there is none.
    """
    found = newest_first(path_of(root), certain=False)
    return next((run for run in found if run.epochs() and _is_read(run)), found[0])


def to_read(found: Sequence[RunDir]) -> RunDir:
    """The one of some runs, newest first, that a command reads when none is named."""
    begun = [run for run in found if run.epochs()]
    return next((run for run in begun if not run.is_being_trained() and _is_read(run)), [*begun, *found][0])


def _is_read(run: RunDir) -> bool:
    """Whether what a run recorded can be read."""
    try:
        run.document(), run.metrics()
    except RunError:
        return False
    return True
