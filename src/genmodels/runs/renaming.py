"""Runs and comparisons get another name, and what refers to them by it learns the new one."""

import contextlib
import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmodels.durable import disk_errors, replace_file, sync_directory
from genmodels.errors import RunError, UsageError
from genmodels.runs.changing import held_to_move, refuse_elsewhere
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.finding import check_plain_name, list_all, list_runs
from genmodels.runs.run_dir import RunDir
from genmodels.telling import Notice


@dataclass(frozen=True)
class Renamed:
    """What came of a new name.

    Args:
        run: under its new name; or the comparison.
        children: runs that began with its weights, and now name it so.
    """

    run: RunDir | ComparisonDir
    children: list[RunDir]


def rename_run(root: Path, run: RunDir | ComparisonDir, name: str, notice: Notice) -> Renamed:
    """Give a run or a comparison another name; runs that began with its weights then name it so too.

    Args:
        root: where runs are.
        run: one of them, or a comparison.
        name: the new one.
        notice: is told what keeps the old one.

    Raises:
        UsageError: the name is taken or can't name a run.
        RunError: it lies elsewhere, is damaged, is being trained, or is one of the runs of a comparison.
        ResourceError: the folder can't be written.
    """
    refuse_elsewhere(root, run)
    check_plain_name(name)
    run.document()
    target = run.path.with_name(name)
    if os.path.lexists(target):
        raise UsageError(f"{target} exists already", "choose another name; nothing was changed.")
    children = children_of(root, run)
    with disk_errors(run.path):
        with held_to_move(run, notice):
            run.path.rename(target)
        sync_directory(target.parent)
    for child, parent in children:
        child.update(init_from=_under(name, run.name, parent))
    renamed = [child for child, _ in children]
    if isinstance(run, RunDir):
        return Renamed(RunDir(target), renamed)
    comparison = ComparisonDir(target)
    _rewrite_result(comparison, run.name)
    if comparison.figure.exists():
        notice(f"{comparison.figure} has the old name in its title; --resume {comparison.quoted} draws it anew")
    return Renamed(comparison, renamed)


def children_of(root: Path, run: RunDir | ComparisonDir) -> list[tuple[RunDir, str]]:
    """The runs that began with the weights of a run, or of one of a comparison's; each with the name of that one."""
    names = {one.name for one in ([run] if isinstance(run, RunDir) else list_runs(run.path))}
    parents = ((other, other.document().get("init_from")) for other in _whole(root))
    return [(other, parent) for other, parent in parents if parent in names]


def _whole(root: Path) -> Iterator[RunDir]:
    for run in list_all(root):
        with contextlib.suppress(RunError):
            run.document()
            yield run


def _under(new: str, old: str, value: Any) -> Any:
    """A result in which runs, and its title, have the new name instead of the old one."""
    if isinstance(value, dict):
        return {key: _under(new, old, one) for key, one in value.items()}
    if isinstance(value, list):
        return [_under(new, old, one) for one in value]
    if isinstance(value, str) and (value == old or value.startswith((f"{old}/", f"{old}: "))):
        return new + value[len(old) :]
    return value


def _rewrite_result(comparison: ComparisonDir, old: str) -> None:
    """What was found of a comparison's runs names them anew, in comparison.json and in the table."""
    document = comparison.document()
    if document.get("result") is not None:
        comparison.update(result=_under(comparison.name, old, document["result"]))
    if comparison.table.exists():
        lines = csv.reader(io.StringIO(comparison.table.read_text(encoding="utf-8-sig"), newline=""))
        with disk_errors(comparison.table):
            replace_file(comparison.table, _as_csv([_under(comparison.name, old, line) for line in lines]))


def _as_csv(lines: Sequence[Sequence[str]]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(lines)
    return file.getvalue().encode()
