"""The runs of a folder: each stands for itself, and a damaged one is listed last."""

from pathlib import Path

from genmodels.durable import HIDDEN_PREFIXES
from genmodels.errors import RunError
from genmodels.paths import COMPARISON
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.run_dir import RunDir


def list_runs(root: Path) -> list[RunDir]:
    """Every run under a folder, oldest first; what is not a run is left out, a damaged one is listed last.

    Those of a comparison are in its own folder: see `list_all`.
    """
    return sorted((RunDir(path) for path in _folders_with("run.json", root)), key=_created_at)


def list_comparisons(root: Path) -> list[ComparisonDir]:
    """Every comparison under a folder, oldest first, a damaged one last."""
    return sorted((ComparisonDir(path) for path in _folders_with(COMPARISON, root)), key=_created_at)


def list_all(root: Path) -> list[RunDir]:
    """Every run under a folder, and those of its comparisons, oldest first."""
    members = (run for comparison in list_comparisons(root) for run in list_runs(comparison.path))
    return sorted([*list_runs(root), *members], key=_created_at)


def _folders_with(file: str, root: Path) -> list[Path]:
    """The folders in another that have such a file, but for those that are half made or half removed."""
    if not root.is_dir():
        return []
    folders = (path for path in root.iterdir() if path.is_dir() and not path.name.startswith(HIDDEN_PREFIXES))
    return [path for path in folders if (path / file).exists()]


def _created_at(run: RunDir | ComparisonDir) -> tuple[str, str]:
    try:
        return str(run.document()["created_at"]), run.name
    except RunError:
        return "~", run.name
