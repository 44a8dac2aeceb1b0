"""What is lost when runs are removed or pruned, told before anybody agrees; and then done."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from genmodels.errors import ResourceError, RunError, UsageError, listed
from genmodels.exhibit import Exhibit, Format, Table, size
from genmodels.families.best import best_told
from genmodels.families.listing import epochs_told
from genmodels.families.summary import summary_of, summary_of_comparison
from genmodels.family import FAMILIES
from genmodels.runs import RunDir
from genmodels.runs.changing import bytes_in, refuse_elsewhere, refuse_link, refuse_trained
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.epochs import Epoch, told
from genmodels.runs.finding import whole_of
from genmodels.runs.listing import list_all, list_runs
from genmodels.runs.naming import all_named, runs_named
from genmodels.runs.pruning import Spare, prune_run, spare_of
from genmodels.runs.removing import remove_run
from genmodels.runs.renaming import children_of
from genmodels.telling import Notice, counted

FEW_LETTERS = 20  # of a list of epochs that a question repeats


@dataclass(frozen=True)
class Removal:
    """Runs and comparisons that are to be removed.

    Args:
        root: where they are.
        runs: they.
        told: what is lost.
    """

    root: Path
    runs: Sequence[RunDir | ComparisonDir]
    told: Exhibit

    @property
    def question(self) -> str:
        """What is asked before it is done."""
        count = sum(1 if isinstance(one, RunDir) else len(list_runs(one.path)) for one in self.runs)
        return f"remove {counted(count, 'run')} for good, {size(self.told.facts['bytes'])}?"

    def carry_out(self, notice: Notice) -> None:
        """Remove them, one after the other; where one can't be, those before it are gone and those behind it stay."""
        for run in self.runs:
            remove_run(self.root, run, notice)


def removal_of(root: Path, names: Sequence[str]) -> Removal:
    """What would be lost with some runs, after a look at whether all of them may go.

    Args:
        root: where runs are.
        names: names, paths, or patterns such as memory-*.

    Raises:
        RunError: one is not there, lies elsewhere, or is being trained.
    """
    runs = all_named(root, names)
    for run in runs:
        refuse_elsewhere(root, run)
        refuse_trained(run)
    rows = [_summary_of(run) | {"bytes": bytes_in(run.path)} for run in runs]
    columns: dict[str, Format] = {
        "run": "", "data_name": "", "epochs": _extent, "best": best_told, "bytes": lambda row: size(row["bytes"]),
    }  # fmt: skip
    headings = {"data_name": "data", "bytes": "size"}
    tables = [Table("to be removed", columns, rows, headings)]
    facts = {"runs": [run.name for run in runs], "bytes": sum(row["bytes"] for row in rows)}
    return Removal(
        root, runs, Exhibit("removal", "to be removed", facts, tables, remarks=_left_behind(root, runs, rows))
    )


def _extent(row: Mapping[str, Any]) -> str:
    """How far a run is; of a comparison, whose members may have unequal numbers of epochs, how many they are."""
    return counted(len(row["members"]), "run") if "members" in row else epochs_told(row)


def _summary_of(found: RunDir | ComparisonDir) -> dict[str, Any]:
    return summary_of(found) if isinstance(found, RunDir) else summary_of_comparison(found)


def _left_behind(root: Path, runs: Sequence[RunDir | ComparisonDir], rows: Sequence[dict[str, Any]]) -> list[str]:
    """What else is worth a thought: notes, and runs that began with the weights of these."""
    told = [f"{row['run']} has a note: {row['note']}" for row in rows if row["note"] is not None]
    gone = {os.path.abspath(run.path) for run in runs}  # noqa: PTH100 - resolve() would follow a link
    for run in runs:
        children = [child.name for child, _ in children_of(root, run) if not _is_gone(child, gone)]
        if children:
            told.append(f"{listed(children)} began with the weights of {run.name}, and can still be used without it")
    return told


def _is_gone(run: RunDir, gone: Collection[str]) -> bool:
    """Whether a run is to be removed, or the comparison of which it is one."""
    return any(os.path.abspath(path) in gone for path in (run.path, run.path.parent))  # noqa: PTH100 - as above


@dataclass(frozen=True)
class Pruning:
    """Runs that are to be pruned.

    Args:
        spares: what each can do without.
        keep: epochs whose weights stay in each.
        told: what is lost.
    """

    spares: Sequence[Spare]
    keep: Collection[Epoch]
    told: Exhibit

    @property
    def question(self) -> str:
        """What is asked before it is done."""
        freed = size(self.told.facts["bytes"])
        gone = [told(_trained(spare, spare.epochs)) for spare in self.spares if spare.epochs]
        epochs = _asked(gone[0]) if len(gone) == 1 and len(gone[0]) <= FEW_LETTERS else "those epochs"
        lost = f", so that {epochs} can't be read any more," if gone else ""
        return f"delete these from {counted(len(self.spares), 'run')} for good{lost or ','} and free {freed}?"

    def carry_out(self, notice: Notice) -> Exhibit:
        """Delete it, run by run; one that can't be pruned any more is told, and the others are.

        Returns:
            What was deleted, how many bytes that freed, and which epochs can't be read any more.
        """
        done: list[Spare] = []
        failed: dict[str, str] = {}
        for spare in self.spares:
            try:
                done.append(prune_run(spare.run, self.keep, notice))
            except (RunError, ResourceError) as error:
                failed[spare.run.name] = error.what
                notice(f"{spare.run.name} could not be pruned: {error.what}")
        done = [spare for spare in done if spare.paths]
        told = _pruning_told(done, {**self.told.facts["passed_over"], **failed})
        return replace(told, remarks=_gone(done, "any more"))


def pruning_of(root: Path, names: Sequence[str], keep: Collection[Epoch]) -> Pruning:
    """What runs can do without: training states of finished ones, weights of epochs but the best, the last and `keep`.

    Args:
        root: where runs are.
        names: names, paths, or patterns; none: all runs there.
        keep: epochs whose weights stay.

    Raises:
        RunError: one that is named is not there; or all that are named lie elsewhere, are being trained, or damaged.
        UsageError: none of the runs has the weights of an epoch that is to be kept.
    """
    spares: list[Spare] = []
    refused: dict[str, RunError] = {}
    for run in runs_named(root, names) if names else list_all(root):
        try:
            refuse_elsewhere(root, whole_of(run))
            refuse_link(run)
            refuse_trained(run)
            spares.append(spare_of(run, keep))
        except RunError as error:
            refused[run.name] = error
    if names and refused and not spares:
        raise next(iter(refused.values()))
    cut_short = _meant_by(keep, [spare.run for spare in spares])
    spares = [spare for spare in spares if spare.paths]
    found = _pruning_told(spares, {name: error.what for name, error in refused.items()})
    return Pruning(spares, keep, replace(found, remarks=[*cut_short, *found.remarks]))


def _meant_by(keep: Collection[Epoch], runs: Sequence[RunDir]) -> list[str]:
    """Sentences about those epochs to keep that were cut short.

    Raises:
        UsageError: none of the runs has one: whoever mistypes an epoch would lose the one that is meant.
    """
    meant = [(run, epoch, number) for run in runs for epoch in keep if (number := run.number_kept(epoch)) is not None]
    there = sorted({number for run in runs for number in run.length().all_reached(run.kept())})
    unknown = sorted(epoch for epoch in set(keep) - {epoch for _, epoch, _ in meant} if not isinstance(epoch, str))
    if unknown:
        what = f"--keep {told(unknown)}: none of these runs has the weights of such epochs"
        kept = f"{'is epoch' if len(there) == 1 else 'are epochs'} {told(there)}"
        raise UsageError(what, f"kept {kept}; without --keep the best and the last stay.")
    return list(filter(None, (run.length().cut_told(run.name, epoch, number) for run, epoch, number in meant)))


def _trained(spare: Spare, numbers: Sequence[float]) -> list[float]:
    """Epochs by what was trained until their end."""
    return spare.run.length().all_reached(numbers)


def _asked(epochs: str) -> str:
    """Epochs as they are asked for; in words where they are too many to be named one by one."""
    return epochs if "parts" in epochs else f"--epochs {epochs}"


def _gone(spares: Sequence[Spare], then: str) -> list[str]:
    """What can't be asked of each run then: of story, --epochs 1-3 can't be read any more, 4 can."""
    found = []
    for spare in spares:
        gone, left = (told(_trained(spare, numbers)) for numbers in (spare.epochs, spare.kept))
        if gone:
            found.append(f"of {spare.run.name}, {_asked(gone)} can't be read {then}; {left} can")
    return found


def _without_states(runs: Sequence[RunDir]) -> list[str]:
    """What runs that lose their training states can be used for then, and whose weights are not all that it had."""
    if not runs:
        return []
    lacking: dict[str, list[str]] = {}
    for run in runs:
        family = FAMILIES.get(run.document()["family"])
        if family is not None and family.left_out:
            lacking.setdefault(family.left_out, []).append(run.name)
    told = "without its training states a run can be read as before, and --init-from takes its best epoch's weights"
    return [told, *(f"the weights of {listed(names)} lack {what}" for what, names in lacking.items())]


def _pruning_told(spares: Sequence[Spare], passed_over: Mapping[str, str]) -> Exhibit:
    rows = [
        {
            "run": spare.run.name,
            "epochs": _trained(spare, spare.epochs),
            "kept_epochs": _trained(spare, spare.kept),
            "states": spare.states,
            "bytes": spare.bytes,
        }
        for spare in spares
    ]
    columns: dict[str, Format] = {
        "run": "",
        "epochs": lambda row: told(row["epochs"]) or "-",
        "kept_epochs": lambda row: told(row["kept_epochs"]) or "-",
        "states": lambda row: "yes" if row["states"] else "-",
        "bytes": lambda row: size(row["bytes"]),
    }
    headings = {
        "epochs": "weights of epochs", "kept_epochs": "kept epochs", "states": "training states", "bytes": "frees",
    }  # fmt: skip
    facts = {"runs": rows, "bytes": sum(spare.bytes for spare in spares), "passed_over": dict(passed_over)}
    remarks = [f"{name} is passed over: {reason}" for name, reason in passed_over.items()]
    remarks += _gone(spares, "then")
    remarks += _without_states([spare.run for spare in spares if spare.states])
    tables = [Table("to be deleted", columns, rows, headings)] if rows else []
    return Exhibit("pruning", "to be deleted", facts, tables, remarks=remarks)
