"""The tour in Python: `genmodels tour`."""

from pathlib import Path

from genmodels.api.told import PathLike, Told
from genmodels.cli.console import say
from genmodels.named_files import forced
from genmodels.pages.placing import check_page
from genmodels.paths import path_of
from genmodels.runs.finding import runs_folder
from genmodels.telling import Notice, silent
from genmodels.touring import take_tour


def tour(
    out: PathLike | None = None,
    *,
    force: bool = False,
    runs: PathLike | None = None,
    accept_changes: bool = False,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Path:
    """Train a small network of each family on built-in data, in about three minutes; gives back the path of their page.

    A tour that was stopped is gone on with; one that is complete is left as it is, and another one begins.

    Args:
        out: of the page, .html; None: tour.html in the folder of the runs.
        force: replace also a page that genmodels did not write, or that was changed since.
        accept_changes: go on with runs of a stopped tour though they were changed by another hand; they record that.
        runs: that folder; None: GENMODELS_RUNS, or "runs".
        progress: show how far each training is; None: on a terminal and in a notebook.
        notice: is told what goes on; None: stderr.

    Raises:
        UsageError: `out` is no .html, or see `force`.
        RunError: see `accept_changes`.
        Stopped: Ctrl-C; what is trained is kept, and the next call goes on.

    Example:
        >>> page = genmodels.tour()  # doctest: +SKIP
    """
    target = check_page(None if out is None else path_of(out))
    reporter_of, teller = Told(progress, silent).reporter_of, Told(progress, notice).teller
    with forced(force):
        folder = runs_folder(runs)
        return take_tour(folder, target, reporter_of, notice or say, teller, accept=accept_changes).page
