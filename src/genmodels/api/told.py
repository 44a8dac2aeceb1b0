"""How a Python program is told what happens, and how it names runs and files."""

import inspect
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels import paths
from genmodels.cli.console import note
from genmodels.cli.progress import counting
from genmodels.cli.watching import is_watched, reporter_for
from genmodels.errors import UsageError, did_you_mean
from genmodels.family import Family
from genmodels.processes import is_follower
from genmodels.runs import ComparisonDir, RunDir
from genmodels.settings import TrainingSettings
from genmodels.telling import UNTOLD, Notice, Teller
from genmodels.training.live import WithPage
from genmodels.training.reporting import QuietReporter

if TYPE_CHECKING:
    from genmodels.training.reporting import Reporter, Several

PathLike = str | Path


@dataclass(frozen=True)
class Told:
    """How a caller wants to be told; see `genmodels.api`. Of several processes that train together the first alone is.

    Args:
        progress: True, False, or None: where somebody watches.
        notice: of sentences; None: stderr.
        reporter: of trainings; None: what the other two say.
        report: whether a training's page is written after each epoch.
    """

    progress: bool | None = None
    notice: Notice | None = None
    reporter: "Reporter | None" = None
    report: bool = False
    begun: float = field(default_factory=time.perf_counter, init=False)

    def __post_init__(self) -> None:
        if self.progress is not None and not isinstance(self.progress, bool):
            raise UsageError(f"progress is {self.progress!r}", "give True, False, or None: where somebody watches.")
        if self.notice is not None and not callable(self.notice):
            raise UsageError(f"notice is {self.notice!r}, but it must be a function", "give one that takes a sentence.")
        if self.reporter is not None and (isinstance(self.reporter, type) or not hasattr(self.reporter, "notice")):
            raise UsageError(
                f"reporter is {self.reporter!r}, but it must have the methods of a Reporter",
                "derive it from genmodels.training.reporting.QuietReporter, and give an object.",
            )

    @property
    def teller(self) -> Teller:
        """For what is asked of a run."""
        if is_follower():
            return UNTOLD
        shown = is_watched() if self.progress is None else self.progress
        told = self.notice or (note if self.reporter is None else self.reporter.notice)
        return Teller(told, lambda what, total: counting(what, total, quiet=not shown))

    def reporter_of(self, family: Family, several: "Several | None" = None) -> "Reporter":
        """For a training, which may be one of several."""
        quiet = QuietReporter() if is_follower() else None
        told = quiet or self.reporter or reporter_for(family, self.progress, self.notice, several)
        return WithPage(told) if self.report else told


def reference_of(run: "PathLike | RunDir | ComparisonDir | None") -> str | None:
    """A run or comparison that is given or named, as a command line names it; None: the newest."""
    return str(run.path) if isinstance(run, RunDir | ComparisonDir) else None if run is None else str(run)


def names_of(paths: PathLike | Sequence[PathLike]) -> list[str]:
    """One path or several, as a command line has them.

    Raises:
        UsageError: it is something else.
    """
    several: Any = [paths] if isinstance(paths, str | Path) else paths
    if isinstance(several, bytes) or not isinstance(several, Iterable):
        raise UsageError(f"{paths!r} is no path", "give a str or a Path, or several.")
    return [str(path) for path in several]


def path_of(path: PathLike | None) -> Path | None:
    """A path that may be missing."""
    return None if path is None else paths.path_of(path)


def check_names(training: Callable[..., Any], kind: type[TrainingSettings], settings: Mapping[str, Any]) -> None:
    """Refuse a setting that is none, with the nearest one or argument of the function that was called.

    Raises:
        UsageError: there is neither a setting nor an argument of that name.
    """
    known = [spec.name for spec in fields(kind)]
    arguments = [name for name in inspect.signature(training).parameters if name != "settings"]
    for name in settings:
        if name not in known:
            hint = did_you_mean(name, [*arguments, *known])
            raise UsageError(
                f"there is no setting {name!r}", hint or f"help(genmodels.{training.__name__}) has the arguments."
            )
