"""Runs are found by name or path."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from genmodels.errors import RunError, UsageError, did_you_mean, in_turn
from genmodels.paths import COMPARISON, path_of
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.listing import list_all, list_comparisons, list_runs
from genmodels.runs.newest import newest_first, to_read
from genmodels.runs.run_dir import RunDir, train_command, typed


def runs_folder(runs: str | Path | None = None) -> Path:
    """Where runs live: the folder that was named, else GENMODELS_RUNS, else "runs"."""
    return path_of(runs or os.environ.get("GENMODELS_RUNS") or "runs")


def find_run(root: Path, reference: str | None, *families: str) -> RunDir:
    """The run that a user means: a path, a name under `root`, "last" for the newest, or the best one to read.

    Args:
        root: where runs are.
        reference: a path, a name, or "last"; None: the newest with a finished epoch that is not being trained now, or
            where there is none such the newest with a finished epoch, or the newest.
        families: those that the command can use; none for any.

    Raises:
        RunError: there is none, or it is of another family.

    Example:
        >>> genmodels.find_run(pathlib.Path("runs"), "story").name
        'story'
    """
    root = path_of(root)
    if reference is None or reference == "last":
        found = newest_first(root, families, certain=reference == "last")
        return found[0] if reference == "last" else to_read(found)
    several = find_comparison(root, reference)
    run = RunDir(place_of(root, reference)) if several is None else several
    family = run.document()["family"]
    if families and family not in families:
        kind = f"a {family} run" if several is None else f"a comparison of {family} runs"
        what = f"{run.path} is {kind}, but this command needs a {in_turn(families, 'or')} run"
        raise RunError(what, _one_that_fits(root, families))
    if isinstance(run, ComparisonDir):
        raise _one_of(run)
    return run


def alike(root: Path, run: RunDir) -> RunDir | None:
    """The newest other run of the same family on the same data with a finished epoch that nobody trains now."""
    document = run.document()
    for other in reversed(list_runs(root)):
        with contextlib.suppress(RunError):
            theirs = other.document()
            same = (theirs["family"], theirs["data"]) == (document["family"], document["data"])
            if same and other.name != run.name and other.epochs() and not other.is_being_trained():
                return other
    return None


def another_of(run: RunDir, models: Sequence[str]) -> str:
    """A hint: the newest run beside one, or beside it in its comparison, that has a model of some; else those models.

    Args:
        run: that has another model.
        models: by their names.
    """
    family = run.document()["family"]
    for other in reversed(list_all(run.path.parent)):
        with contextlib.suppress(RunError):
            theirs = other.document()
            fits = theirs["settings"].get("model", {}).get("value") in models
            if fits and theirs["family"] == family and other.epochs():
                return f"name another run, such as {other.quoted}."
    return f"give a run of {in_turn(models, 'or')}."


def whole_of(run: RunDir) -> RunDir | ComparisonDir:
    """The comparison whose member a run is, or the run itself."""
    folder = run.path.parent
    return ComparisonDir(folder) if (folder / COMPARISON).exists() else run


def find_comparison(root: Path, reference: str, *families: str) -> ComparisonDir | None:
    """The comparison that a user means; None where it is a single run, or nothing that is there.

    Args:
        root: where runs are.
        reference: a path, a name, or "last": that of the newest run of some families, if it is of one.
        families: those that the command can use; none for any.

    Raises:
        RunError: there is no run at all.
    """
    root = path_of(root)
    if reference == "last":
        newest = whole_of(newest_first(root, families)[0])
        return newest if isinstance(newest, ComparisonDir) else None
    found = None if _place_of(root, reference, "run.json") else _place_of(root, reference, COMPARISON)
    return None if found is None else ComparisonDir(found)


def find_either(root: Path, reference: str | None) -> RunDir | ComparisonDir:
    """The run or the comparison that a user means; where the newest run is one of a comparison, that.

    Args:
        root: where runs are.
        reference: as of `find_run`.

    Raises:
        RunError: there is none.
    """
    if reference is None:
        return whole_of(find_run(root, None))
    return find_comparison(root, reference) or find_run(root, reference)


def _one_that_fits(root: Path, families: tuple[str, ...]) -> str:
    """A hint: the newest run of some families that can be read, what goes on with one that can't yet, or makes one."""
    fitting: list[RunDir] = []
    for run in reversed(list_all(root)):
        with contextlib.suppress(RunError):
            fitting += [run] if run.document()["family"] in families else []
    for run in fitting:
        if run.epochs():
            return f"name another run, such as {run.quoted}."
    if fitting and fitting[0].is_being_trained():
        return f"name another run, such as {fitting[0].quoted} when it has a finished epoch: it is being trained now."
    return fitting[0].way_on() if fitting else f"genmodels {train_command(families[0])} makes one."


def _place_of(root: Path, reference: str, file: str) -> Path | None:
    """Where a directory with such a file is that a user means: a path counts first, then a name under `root`."""
    if reference == "":
        raise UsageError("the run's name is empty", "give a name or path, or 'last'.")
    return next((path for path in (path_of(reference), root / reference) if (path / file).exists()), None)


def place_of(root: Path, reference: str) -> Path:
    """Where the run of a name or path is.

    Raises:
        RunError: there is no such run, or not yet.
    """
    found = _place_of(root, reference, "run.json")
    if found is not None:
        return found
    path = path_of(reference)
    folder = _place_of(root, str(path.parent), COMPARISON)
    if folder is not None and path.name in (comparison := ComparisonDir(folder)).document()["members"]:
        raise RunError(f"{comparison.path / path.name} has not begun yet", comparison.way_on())
    if not path.exists():
        names = [*(one.name for one in list_comparisons(root)), *(run.name for run in list_all(root))]
        hint = did_you_mean(reference, names) or f"genmodels runs list --runs {typed(root)} shows what there is."
        raise RunError(f"there is no run {reference}", hint)
    return path


def _one_of(comparison: ComparisonDir) -> RunError:
    """What is wrong with a comparison where one run is meant."""
    begun = comparison.members()
    names = ", ".join(run.name for run in begun)
    if not begun:
        return RunError(f"{comparison.path} is a comparison of which no run is begun", comparison.way_on())
    return RunError(
        f"{comparison.path} is a comparison of several runs ({names}), and one is needed",
        f"name one of them, such as {to_read(begun).quoted}.",
    )
