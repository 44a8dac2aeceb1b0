"""Where a page goes."""

from collections.abc import Sequence
from pathlib import Path

from genmodels.errors import UsageError
from genmodels.families import Run
from genmodels.runs.naming import figure_of

NAME = "report"


def page_path(runs: Sequence[Run], out: Path | None) -> Path:
    """Where the page of some runs goes: where it was asked for, or among the figures of the run.

    Raises:
        UsageError: a file that is no .html was asked for.
    """
    if out is None:
        return figure_of(runs, NAME).with_suffix(".html")
    if out.suffix.lower() not in {".html", ".htm"}:
        raise UsageError(f"--out {out} is no .html", "end it in .html.")
    return out
