"""Pages in which networks run: `genmodels report` in Python."""

from collections.abc import Sequence
from pathlib import Path

from genmodels.api.told import PathLike, Told, reference_of
from genmodels.errors import UsageError
from genmodels.families import Run, open_runs
from genmodels.named_files import forced
from genmodels.pages.building import build_page
from genmodels.pages.placing import page_path
from genmodels.paths import path_of
from genmodels.runs import RunDir
from genmodels.runs.finding import runs_folder
from genmodels.telling import Notice


def report(
    reported: PathLike | RunDir | Sequence[PathLike | RunDir] = "last",
    out: PathLike | None = None,
    *,
    small: bool = False,
    force: bool = False,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Path:
    """Write one HTML page of a run, or of several side by side, in which their own networks run; gives back its path.

    Args:
        reported: a run, its name or path, or several of them, of any families.
        out: of the file, .html; None: report.html in the run's folder, of several among their figures.
        small: without figures and their tables, and with the best epoch's network alone.
        force: replace also a file that genmodels did not write, or that was changed since.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        progress: show how far long computations are; None: on a terminal and in a notebook.
        notice: is told what is left out; None: stderr.

    Raises:
        UsageError: `out` is no .html, no run is named, or see `force`.
        RunError: a run is not there, or damaged.

    Example:
        >>> genmodels.report("story", "story.html")
        PosixPath('story.html')
    """
    several = [reported] if isinstance(reported, str | Path | RunDir) else list(reported)
    if not several:
        raise UsageError("no run is named", "name one or several.")
    teller = Told(progress, notice).teller
    found = open_runs(runs_folder(runs), [reference_of(one) for one in several], Run, teller)
    with forced(force):
        target = page_path(found, None if out is None else path_of(out))
        return build_page(found, teller, small=small).save(target)
