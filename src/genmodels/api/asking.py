"""Runs that can be asked things."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, overload

from genmodels.api.told import PathLike, Told, reference_of
from genmodels.errors import UsageError
from genmodels.families import Run, run_at
from genmodels.families import open_run as find
from genmodels.families import open_runs as find_all
from genmodels.families.taking import each_run_once
from genmodels.runs import RunDir
from genmodels.runs.finding import runs_folder
from genmodels.runs.listing import list_all
from genmodels.telling import Notice

Kind = TypeVar("Kind", bound=Run)


@overload
def open_run(
    run: PathLike | RunDir | None = "last",
    kind: None = None,
    *,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Run: ...


@overload
def open_run(
    run: PathLike | RunDir | None = "last",
    *,
    kind: type[Kind],
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Kind: ...


@overload
def open_run(
    run: PathLike | RunDir | None,
    kind: type[Kind],
    *,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Kind: ...


def open_run(
    run: PathLike | RunDir | None = "last",
    kind: type[Run] | None = None,
    *,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Run:
    """A run that can be asked things: a name, a path, or "last" for the newest.

    Args:
        run: which one.
        kind: what it must be, such as `genmodels.VaeRun`; what is asked of it is then known to a type checker.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        progress: show how far long computations are; None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.

    Raises:
        RunError: there is none, or it is of another kind.

    Example:
        >>> digits = genmodels.open_run("first").draw(64)
        >>> digits.shape[0]
        64
    """
    if kind is not None and not (isinstance(kind, type) and issubclass(kind, Run)):
        raise UsageError(f"kind is {kind!r}, but it must be a class of runs", "give one such as genmodels.VaeRun.")
    return find(runs_folder(runs), reference_of(run), kind or Run, Told(progress, notice).teller)


def list_runs(runs: PathLike | None = None, *, progress: bool | None = None, notice: Notice | None = None) -> list[Run]:
    """Every run of a folder and of its comparisons, oldest first; a damaged one, or one of an unknown family, is last.

    That one is a `Run`; those of a comparison are called "cells/lstm".

    Args:
        runs: the folder; None: GENMODELS_RUNS, or "runs".
        progress: as for `open_run`.
        notice: likewise.

    Example:
        >>> [run.name for run in genmodels.list_runs()][:2]
        ['story', 'first']
    """
    teller = Told(progress, notice).teller
    return [run_at(run.path, teller) for run in list_all(runs_folder(runs))]


def opened_runs(
    compared: "PathLike | Kind | Sequence[PathLike | Kind]", kind: type[Kind], runs: PathLike | None, told: Told
) -> list[Kind]:
    """Runs that are named or given, each once, all to be asked things and to tell as the caller wants to be told.

    A name with * in it means every run of the kind whose name fits.
    """
    several = [compared] if isinstance(compared, str | Path | RunDir) else compared
    if not isinstance(several, Iterable):
        raise UsageError(f"{compared!r} names no run", "give runs, or their names or paths.")
    kept = told.progress is None and told.notice is None
    opened: list[Kind] = []
    for run in several:
        if isinstance(run, kind):
            opened.append(run if kept else replace(run, teller=told.teller))
        else:
            opened += find_all(runs_folder(runs), [reference_of(run) or "last"], kind, told.teller)
    return each_run_once(opened, told.teller.notice)
