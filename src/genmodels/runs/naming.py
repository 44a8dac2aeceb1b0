"""Several runs or comparisons are meant by names, paths and patterns."""

import os
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from genmodels.durable import refuse_links
from genmodels.errors import RunError
from genmodels.paths import path_of
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.finding import find_comparison, place_of, whole_of
from genmodels.runs.listing import list_all, list_comparisons, list_runs
from genmodels.runs.newest import newest_first
from genmodels.runs.run_dir import RunDir, no_run, typed

LONGEST_IN_FILE = 100  # bytes of the names of runs in that of a file


def all_named(root: Path, references: Sequence[str]) -> list[RunDir | ComparisonDir]:
    """The runs and comparisons that names, paths, "last" or patterns such as `memory-*` mean, each once.

    A damaged one is one too. "last" is the whole comparison where the newest run is one of it.

    Args:
        root: where runs are.
        references: one or several.

    Raises:
        RunError: one is not there, is neither, or nothing fits a pattern.
    """
    found: dict[str, RunDir | ComparisonDir] = {}
    for reference in references:
        for one in _all_that_fit(path_of(root), reference):
            found.setdefault(os.path.abspath(one.path), one)  # noqa: PTH100 - resolve() would follow a link
    return list(found.values())


def runs_named(root: Path, references: Sequence[str]) -> list[RunDir]:
    """The runs that names, paths, "last" or patterns mean, each once; a comparison means its runs, in their order.

    Args:
        root: where runs are.
        references: one or several.

    Raises:
        RunError: see `all_named`; or a comparison is damaged.
    """
    found: dict[str, RunDir] = {}
    for reference in references:
        meant = newest_first(path_of(root))[:1] if reference == "last" else all_named(root, [reference])
        for one in meant:
            for run in [one] if isinstance(one, RunDir) else one.members():
                found.setdefault(os.path.abspath(run.path), run)  # noqa: PTH100 - as above
    return list(found.values())


def figure_of(runs: Sequence[RunDir], name: str) -> Path:
    """Where a figure of some runs goes unless told otherwise; one of several never takes the place of a run's own.

    That of a comparison is with the comparison; that of other runs with the first, and its name tells of the others.

    Args:
        runs: one or several.
        name: what such a figure of a single run is called.

    Raises:
        ResourceError: its folder is a link, to somewhere that may hold other things.
    """
    path = _figure_of(runs, name)
    refuse_links(path.parent)
    return path


def _figure_of(runs: Sequence[RunDir], name: str) -> Path:
    first, *others = runs
    if not others:
        return first.figure_path(name)
    whole, folders = whole_of(first), {os.path.abspath(run.path.parent) for run in runs}  # noqa: PTH100 - as above
    if isinstance(whole, ComparisonDir) and len(folders) == 1:
        every = {run.path.name for run in whole.members()} == {run.path.name for run in runs}
        return whole.figure_path(name if every else f"{name}-{_named_in_file([run.path.name for run in runs])}")
    return first.figure_path(f"{name}-with-{_named_in_file([run.name.replace('/', '-') for run in others])}")


def _named_in_file(names: Sequence[str]) -> str:
    """Names of runs in that of a file; many by their number.

    >>> _named_in_file(["rnn", "lstm"]), _named_in_file(["x" * 200, "y"])
    ('rnn-lstm', '2-runs')
    """
    told = "-".join(names)
    return told if len(told.encode()) <= LONGEST_IN_FILE else f"{len(names)}-runs"


def _all_that_fit(root: Path, reference: str) -> Sequence[RunDir | ComparisonDir]:
    if reference == "last":
        return [whole_of(newest_first(root)[0])]
    if "*" not in reference:
        comparison = find_comparison(root, reference)
        if comparison is not None:
            return [ComparisonDir(_itself(comparison.path))]
        run = RunDir(_itself(place_of(root, reference)))
        if not (run.path / "run.json").exists():
            raise no_run(run.path)
        return [run]
    every: list[RunDir | ComparisonDir] = [*list_runs(root), *list_comparisons(root)]
    whole = [one for one in every if fnmatchcase(one.name, reference)]
    fitting: Sequence[RunDir | ComparisonDir] = whole or [
        run for run in list_all(root) if fnmatchcase(run.name, reference)
    ]
    if not fitting:
        hint = f"genmodels runs list --runs {typed(root)} shows what there is."
        raise RunError(f"no run in {root} is called {reference}", hint)
    return fitting


def _itself(path: Path) -> Path:
    """A folder by its own name, also where it was meant by "." or ".."."""
    return path if path.name not in {"", ".."} else path.resolve()


def run_names(found: Sequence[RunDir]) -> list[str]:
    """What to call each run: its name, or its path where two have the same name."""
    names = [run.name for run in found]
    return names if len(set(names)) == len(names) else [str(run.path) for run in found]
