"""Where a page goes."""

from collections.abc import Sequence
from pathlib import Path

from genmodels.errors import UsageError
from genmodels.families import Run
from genmodels.named_files import check_free
from genmodels.runs.naming import figure_of

NAME = "report"


def page_path(runs: Sequence[Run], out: Path | None) -> Path:
    """Where the page of some runs goes: where it was asked for, in the run's folder, or of several among the figures.

    Raises:
        UsageError: a file that is no .html was asked for, or genmodels did not write what is there.
    """
    usual = runs[0].page_path if len(runs) == 1 else figure_of(runs, NAME).with_suffix(".html")
    path = check_page(out) or usual
    check_free(path)
    return path


def check_page(out: Path | None) -> Path | None:
    """A path that was asked for.

    Raises:
        UsageError: it is no .html.
    """
    if out is not None and out.suffix.lower() not in {".html", ".htm"}:
        raise UsageError(f"--out {out} is no .html", "end it in .html.")
    return out
