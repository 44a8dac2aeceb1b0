"""What every change of a run in its folder begins with: it lies there, and nobody trains it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from genmodels.errors import RunError
from genmodels.locks import locked_to_move
from genmodels.paths import COMPARISON
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.listing import list_runs
from genmodels.runs.run_dir import RunDir, typed
from genmodels.telling import Notice


def refuse_elsewhere(root: Path, run: RunDir | ComparisonDir) -> None:
    """Refuse what does not lie in the runs folder itself, so that no link leads a change out of it.

    It looks at the path as it was typed, which is what is changed: behind a link `..` leads elsewhere than it seems.

    Raises:
        RunError: it is a link, lies somewhere else, or is one of the runs of a comparison.
    """
    folder = run.path.parent
    if (folder / COMPARISON).exists():
        whole = _real(folder)
        raise RunError(
            f"{run.path} is one of the runs of the comparison {whole.name}, which stays whole",
            f"name the comparison{_elsewhere(root, whole)}, {typed(Path(whole.name))}; all of its runs go with it.",
        )
    refuse_link(run)
    if {_real(folder), _real(run.path).parent} != {_real(root)}:
        raise RunError(f"{run.path} does not lie in {root} itself", f"{_where(run)}.")


def _elsewhere(root: Path, whole: Path) -> str:
    """The option that says where a comparison lies, where it lies elsewhere."""
    return "" if whole.parent == _real(root) else f" with --runs {typed(whole.parent)}"


def _real(path: Path) -> Path:
    """Where links lead; a link to itself is its own place, as it is looked at elsewhere."""
    return Path(os.path.realpath(path))


def refuse_link(run: RunDir | ComparisonDir) -> None:
    """Refuse what is a link to a run.

    Raises:
        RunError: it is.
    """
    if run.path.is_symlink():
        what = f"{run.path} is a link to {_real(run.path)}"
        raise RunError(what, f"{_where(run)}; the link itself is removed as any file is.")


def _where(run: RunDir | ComparisonDir) -> str:
    real = _real(run.path)
    return f"say where it is: --runs {typed(real.parent)} {typed(Path(real.name))}"


def refuse_trained(found: RunDir | ComparisonDir) -> None:
    """Refuse a run that is being trained now, or a comparison one of whose runs is, before anybody is asked.

    Raises:
        RunError: it is.
    """
    for one in _all_of(found):
        if one.is_being_trained():
            raise RunError(f"{one.path} is being trained by another process", "wait for it or stop it first.")


@contextmanager
def held_to_move(found: RunDir | ComparisonDir, notice: Notice) -> Iterator[None]:
    """Keep every other process from training a run, or those of a comparison, while the directory gets another name.

    Raises:
        RunError: one trains it.
    """
    with ExitStack() as held:
        for one in _all_of(found):
            held.enter_context(locked_to_move(one.path / ".lock", str(one.path), notice))
        yield


def _all_of(found: RunDir | ComparisonDir) -> list[RunDir | ComparisonDir]:
    """A run, or a comparison and its runs, also one whose comparison.json is damaged."""
    return [found] if isinstance(found, RunDir) else [found, *list_runs(found.path)]


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
