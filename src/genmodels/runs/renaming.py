"""Runs and comparisons get another name, and what refers to them by it learns the new one."""

import contextlib
import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmodels.durable import disk_errors, read_json, replace_file, sync_directory
from genmodels.errors import RunError, UsageError
from genmodels.named_files import records_moved
from genmodels.ordinary import read_ordinary
from genmodels.paths import PAGE
from genmodels.runs.changing import held_to_move, refuse_elsewhere
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.epochs import name_of
from genmodels.runs.listing import list_all, list_runs
from genmodels.runs.making import check_plain_name
from genmodels.runs.run_dir import RunDir, typed
from genmodels.spreadsheets import cell_of, text_of
from genmodels.telling import Notice

RUN = "run"  # the entry, and the column, that names one in what a comparison found


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
        RunError: it lies elsewhere, is damaged, is one of the runs of a comparison, or it or one that began with its
            weights is being trained.
        ResourceError: the folder can't be written.
    """
    refuse_elsewhere(root, run)
    check_plain_name(name, "the new name")
    run.document()
    target = run.path.with_name(name)
    if os.path.lexists(target):
        raise UsageError(f"{target} exists already", "choose another name; nothing was changed.")
    children = [one for one in children_of(root, run) if not _is_linked(root, one[0], notice)]
    with contextlib.ExitStack() as held:
        for child, _ in children:  # a training writes its run.json too
            held.enter_context(child.locked(notice))
        with disk_errors(run.path):
            with held_to_move(run, notice):
                run.path.rename(target)
            sync_directory(target.parent)
        for child, parent in children:
            child.update(init_from=_renamed(name, run.name, parent))
    records_moved(run.path, target)
    _tell_of_pages(target, notice)
    renamed = [child for child, _ in children]
    if isinstance(run, RunDir):
        return Renamed(RunDir(target), renamed)
    comparison = ComparisonDir(target)
    _rewrite_result(comparison, run.name)
    if comparison.figure.exists():
        anew = f"once it is removed, --resume {comparison.quoted} draws it anew"
        notice(f"{comparison.figure} has the old name in its title; {anew}")
    return Renamed(comparison, renamed)


def _tell_of_pages(target: Path, notice: Notice) -> None:
    """The pages of a run or a comparison, in which its old name stands."""
    for page in (target / PAGE, RunDir(target).figure_path("report").with_name(PAGE)):
        if page.is_file():
            anew = f"genmodels report --run {RunDir(target).quoted} --out {typed(page)}"
            notice(f"{page} has the old name in it, until it is made anew: {anew}")


def children_of(root: Path, run: RunDir | ComparisonDir) -> list[tuple[RunDir, str]]:
    """The runs that began with the weights of a run, or of one of a comparison's; each with the name of that one."""
    named = {one.name: one for one in ([run] if isinstance(run, RunDir) else list_runs(run.path))}
    found: list[tuple[RunDir, str]] = []
    for other in _whole(root):
        if other.path == run.path or run.path in other.path.parents:
            continue  # it moves itself; what it began with may have had the name that it has now
        document = other.document()
        parent = document.get("init_from")
        if parent in named and not _has_other_weights(named[parent], document.get("init_weights")):
            found.append((other, parent))
    return found


def _is_linked(root: Path, child: RunDir, notice: Notice) -> bool:
    """Whether a run is reached by a link, which is told: nothing is written where it leads."""
    linked = any(path.is_symlink() for path in (child.path, child.path.parent) if path != root)
    if linked:
        notice(f"{child.path} is reached by a link: what it began with keeps its old name there")
    return linked


def _has_other_weights(run: RunDir, first: Any) -> bool:
    """Whether the epoch with which another run began has other weights here: that was an older run of this name."""
    try:
        manifest = read_json(run.checkpoints / name_of(first["epoch"]) / "manifest.json")
        return bool(manifest["files"]["model.safetensors"]["sha256"] != first["sha256"])
    except (RunError, KeyError, TypeError):  # that epoch is not kept here, or the run does not say what it began with
        return False


def _whole(root: Path) -> Iterator[RunDir]:
    for run in list_all(root):
        with contextlib.suppress(RunError):
            run.document()
            yield run


def _renamed(new: str, old: str, run: str) -> str:
    """The name of a run, which may be one of a comparison, after the change."""
    return new + run[len(old) :] if run == old or run.startswith(f"{old}/") else run


def _with_runs_renamed(new: str, old: str, value: Any) -> Any:
    """What was found of runs, in which whatever names one names it anew."""
    if isinstance(value, list):
        return [_with_runs_renamed(new, old, one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _renamed(new, old, one) if key == RUN and isinstance(one, str) else _with_runs_renamed(new, old, one)
        for key, one in value.items()
    }


def _rewrite_result(comparison: ComparisonDir, old: str) -> None:
    """What was found of a comparison's runs names them anew, in comparison.json and in the table."""
    new, document = comparison.name, comparison.document()
    result = document.get("result")
    if isinstance(result, dict):
        changed = _with_runs_renamed(new, old, result)
        head, colon, rest = str(result.get("title")).partition(": ")
        if colon and head == old and document["data"].get("name") != old:  # some titles begin with the data's name
            changed["title"] = f"{new}: {rest}"
        comparison.update(result=changed)
    if comparison.table.is_file():  # else it is none of ours
        _rewrite_table(comparison.table, new, old)


def _rewrite_table(path: Path, new: str, old: str) -> None:
    """The column that names runs; a file that is no such table stays as it is."""
    lines: list[list[str]] = []
    with contextlib.suppress(ValueError, csv.Error):
        lines = list(csv.reader(io.StringIO(read_ordinary(path).decode("utf-8-sig"), newline="")))
    if not lines or RUN not in lines[0]:
        return
    column = lines[0].index(RUN)
    for line in lines[1:]:
        line[column : column + 1] = [cell_of(_renamed(new, old, text_of(run))) for run in line[column : column + 1]]
    with disk_errors(path):
        replace_file(path, _as_csv(lines))


def _as_csv(lines: Sequence[Sequence[str]]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(lines)
    return file.getvalue().encode()
