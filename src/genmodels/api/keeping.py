"""Runs put side by side, noted, renamed, removed and pruned; nobody is asked, as a program means what it says."""

from collections.abc import Collection, Sequence

from genmodels.api.told import PathLike, Told, names_of, reference_of
from genmodels.exhibit import Exhibit
from genmodels.families import Run, run_at
from genmodels.families.keeping import pruning_of, removal_of
from genmodels.families.side_by_side import side_by_side
from genmodels.runs import ComparisonDir, Epoch, RunDir, renaming
from genmodels.runs import notes as kept
from genmodels.runs.finding import find_either, runs_folder
from genmodels.runs.naming import runs_named
from genmodels.telling import Notice


def compare_runs(compared: Sequence[PathLike | RunDir | ComparisonDir], *, runs: PathLike | None = None) -> Exhibit:
    """Runs of any families side by side: best scores, settings and data that differ, and their curves.

    Args:
        compared: two or more runs, or their names or paths, or patterns such as "memory-*".
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".

    Raises:
        UsageError: fewer than two.
        RunError: one is not there, or damaged.

    Example:
        >>> shown = genmodels.compare_runs(["story", "first"])
        >>> shown.facts["same_data"]
        False
        >>> shown.save("curves.png")
        PosixPath('curves.png')
    """
    return side_by_side(runs_named(runs_folder(runs), _named(compared)))


def note_run(
    run: PathLike | RunDir | ComparisonDir, sentence: str | None = None, *, runs: PathLike | None = None
) -> str | None:
    """Keep a sentence with a run, which lists repeat; gives back what is kept.

    Args:
        run: it, or its name or path; a comparison too.
        sentence: the note; "" takes it away, None leaves the one there is.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".

    Raises:
        UsageError: it is too long, or no text.
        RunError: there is no such run.

    Example:
        >>> genmodels.note_run("story", "the one of the lecture")
        'the one of the lecture'
    """
    found = find_either(runs_folder(runs), reference_of(run))
    return kept.note_of(found) if sentence is None else kept.write_note(found, sentence)


def rename_run(
    run: PathLike | RunDir | ComparisonDir, name: str, *, runs: PathLike | None = None, notice: Notice | None = None
) -> Run | ComparisonDir:
    """Give a run or a comparison another name; runs that began with its weights then name it so too.

    Args:
        run: it, or its name or path.
        name: the new one.
        runs: folder in which runs are; None: GENMODELS_RUNS, or "runs".
        notice: is told what keeps the old name; None: stderr.

    Raises:
        UsageError: the name is taken or can't name a run.
        RunError: there is no such run, it lies elsewhere, or it is being trained.

    Example:
        >>> genmodels.rename_run("story", "novel").name
        'novel'
    """
    root, teller = runs_folder(runs), Told(notice=notice).teller
    renamed = renaming.rename_run(root, find_either(root, reference_of(run)), name, teller.notice).run
    return renamed if isinstance(renamed, ComparisonDir) else run_at(renamed.path, teller)


def remove_runs(
    removed: PathLike | RunDir | ComparisonDir | Sequence[PathLike | RunDir | ComparisonDir],
    *,
    runs: PathLike | None = None,
    notice: Notice | None = None,
) -> list[str]:
    """Remove runs for good, unless one of them is being trained; gives back their names.

    Args:
        removed: one or several, or their names or paths, or patterns such as "memory-*".
        runs: folder in which runs are; None: GENMODELS_RUNS, or "runs".
        notice: is told of what could not be deleted; None: stderr.

    Raises:
        RunError: one is not there, lies elsewhere, or is being trained.

    Example:
        >>> genmodels.remove_runs("story")
        ['story']
    """
    removal = removal_of(runs_folder(runs), _named(removed))
    removal.carry_out(Told(notice=notice).teller.notice)
    return [run.name for run in removal.runs]


def prune_runs(
    pruned: PathLike | RunDir | ComparisonDir | Sequence[PathLike | RunDir | ComparisonDir] = (),
    keep: Epoch | Collection[Epoch] = (),
    *,
    runs: PathLike | None = None,
    notice: Notice | None = None,
) -> Exhibit:
    """Delete what runs can do without; gives back what that was, and how many bytes it freed.

    Training states of finished runs, and weights of epochs but the best, the last and those to keep. A run that is
    damaged or being trained is passed over.

    Args:
        pruned: one or several, or their names or paths, or patterns; none: all runs of the folder.
        keep: epochs whose weights stay, one or several, also parts such as 0.5.
        runs: folder in which runs are; None: GENMODELS_RUNS, or "runs".
        notice: is told of what could not be done; None: stderr.

    Raises:
        RunError: one that is named is not there; or none of those that are named can be pruned.

    Example:
        >>> freed = genmodels.prune_runs(["story"], keep=[1])
        >>> freed.facts["bytes"] > 0
        True
    """
    kept = [keep] if isinstance(keep, int | float | str) else keep
    pruning = pruning_of(runs_folder(runs), _named(pruned), kept)
    return pruning.carry_out(Told(notice=notice).teller.notice)


def _named(several: PathLike | RunDir | ComparisonDir | Sequence[PathLike | RunDir | ComparisonDir]) -> list[str]:
    """One run or several, as a command line names them."""
    if isinstance(several, RunDir | ComparisonDir):
        return [str(several.path)]
    if isinstance(several, Sequence) and not isinstance(several, str):
        return [str(reference_of(one)) for one in several]
    return names_of(several)
