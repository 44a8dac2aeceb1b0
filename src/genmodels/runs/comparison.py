"""The directory of a comparison: runs that were trained alike, and what was found of them.

runs/compare-20261126-101500/
  comparison.json      format, family, kind, settings and data as in a run.json, members in order, result
  comparison.csv       the result as a table, once all members are trained
  comparison.png       and as a figure
  lstm/ ...            each member is a run
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmodels.durable import TEMPORARY_PREFIX, disk_errors, read_json, refuse_links, replace_file, to_json
from genmodels.errors import RunError
from genmodels.locks import is_locked, locked
from genmodels.paths import COMPARISON
from genmodels.printable import one_line
from genmodels.runs.reading import check_whole
from genmodels.runs.records import named_now
from genmodels.runs.run_dir import RunDir, train_command, typed
from genmodels.runs.sealing import changed

COMPARISON_FORMAT = 1
ENTRIES = {"family": str, "kind": str, "created_at": str, "settings": dict, "data": dict, "members": dict}


@dataclass(frozen=True)
class ComparisonDir:
    """A comparison on the disk.

    Args:
        path: the directory.
    """

    path: Path

    @property
    def name(self) -> str:
        """The directory's own name."""
        return self.path.name

    @property
    def quoted(self) -> str:
        """The path as it can be typed into this platform's shell."""
        return typed(self.path)

    @property
    def figure(self) -> Path:
        """The figure of the result."""
        return self.path / "comparison.png"

    @property
    def table(self) -> Path:
        """The result for a spreadsheet."""
        return self.path / "comparison.csv"

    def files_to_write(self) -> tuple[Path, Path]:
        """The figure and the table of the result.

        Raises:
            ResourceError: one is a link or a folder, and no file of ours.
        """
        refuse_links(self.figure, self.table, wanted="a file")
        return self.figure, self.table

    def figure_path(self, name: str) -> Path:
        """Where a figure of its runs side by side goes unless told otherwise."""
        return self.path / "figures" / f"{name}.png"

    def document(self) -> dict[str, Any]:
        """The content of comparison.json, in which measures are called as they are today; raises as `stored`."""
        document = self.stored()
        return {**document, "result": named_now(document.get("result"))}

    def stored(self) -> dict[str, Any]:
        """The content of comparison.json as it was written.

        Raises:
            RunError: missing, damaged, or written by a newer version.
        """
        path = self.path / COMPARISON
        document = read_json(path)
        if not isinstance(document, dict) or not isinstance(document.get("format"), int):
            raise RunError(f"{path} is damaged: it names no format", "restore it from a copy.")
        if document["format"] > COMPARISON_FORMAT:
            what = f"{self.path} has comparison format {document['format']}; this version reads {COMPARISON_FORMAT}"
            raise RunError(what, "update genmodels.")
        wrong = [name for name, kind in ENTRIES.items() if not isinstance(document.get(name), kind)]
        if not wrong:
            wrong += [name for name, own in document["members"].items() if not _is_member(name, own)]
            wrong += [name for name, entry in document["settings"].items() if not _is_entry(entry)]
        if wrong:
            raise RunError(f"{path} is damaged: it holds no valid {wrong[0]}", "restore it from a copy.")
        check_whole(document, path)
        return document

    def further(self) -> dict[str, Any]:
        """What was asked for when it was finished and went on, and which members are still to be lengthened so.

        Raises:
            RunError: see `document`.
        """
        further: Any = self.document().get("further", {"asked": {}, "left": []})
        whole = isinstance(further, dict) and isinstance(further.get("asked"), dict)
        if not whole or not isinstance(further.get("left"), list):
            raise RunError(f"{self.path / COMPARISON} is damaged: it holds no valid further", "restore it from a copy.")
        return dict(further)

    def update(self, **changes: Any) -> None:
        """Replace some entries of comparison.json, durably."""
        with disk_errors(self.path):
            replace_file(self.path / COMPARISON, to_json(changed(self.stored(), **changes)))

    def locked(self, notice: Callable[[str], None]) -> AbstractContextManager[None]:
        """Keep every other process from going on with this comparison, also between two trainings."""
        return locked(self.path / ".lock", str(self.path), notice)

    def is_being_trained(self) -> bool:
        """Whether a process goes on with it now, by its lock; a run of it may be trained alone."""
        return is_locked(self.path / ".lock")

    def way_on(self) -> str:
        """A hint: how the comparison gets further than it is."""
        if self.is_being_trained():
            return f"{one_line(self.name)} is being trained now: ask again when it has got further."
        return f"genmodels {train_command(self.document()['family'])} --resume {self.quoted} goes on with it."

    def member(self, name: str) -> RunDir:
        """A member's run, whether it is begun or not."""
        return RunDir(self.path / name)

    def members(self) -> list[RunDir]:
        """The members that are begun, in order.

        Raises:
            RunError: see `document`.
        """
        return [run for run in map(self.member, self.document()["members"]) if (run.path / "run.json").exists()]

    def headless(self) -> list[RunDir]:
        """The members of which something is there, but no run.json; not those that a killed process only began to make.

        Raises:
            RunError: see `document`.
        """
        members = [run for run in map(self.member, self.document()["members"]) if run.path.is_dir()]
        return [run for run in members if not (run.path / "run.json").exists() and _holds_something(run)]


def _holds_something(run: RunDir) -> bool:
    """Whether more is there than the empty folders and the half written files with which a run begins."""
    begun = (run.checkpoints.name, TEMPORARY_PREFIX)
    return any(not entry.name.startswith(begun) for entry in run.path.rglob("*"))


def _is_member(name: str, own: object) -> bool:
    """A folder's name, never a way out of the comparison; and settings by name."""
    return Path(name).name == name and name not in {"", ".", ".."} and isinstance(own, dict)


def _is_entry(entry: object) -> bool:
    return isinstance(entry, dict) and {"value", "from"} <= entry.keys()
