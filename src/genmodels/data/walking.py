"""What lies in a folder and below: each file and folder once, and what is no data."""

import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from genmodels.data.leavings import NOT_ORDINARY, RUN, TWICE, reason_by_name
from genmodels.errors import DataError
from genmodels.telling import Advance, Counting, uncounted

MANY = 5_000  # files: a look at each of so many takes a second or more


def told_of_many(counting: Counting, what: str, count: int) -> AbstractContextManager[Advance]:
    """Says how far a look at some files is, where they are so many that it takes long; of few it is over at once."""
    return counting(what, count) if count >= MANY else uncounted(what, count)


@dataclass
class Folder:
    """A folder.

    Args:
        path: where it is.
        files: that lie in it, sorted.
        folders: the folders in it, by name.
    """

    path: Path
    files: list[Path] = field(default_factory=list)
    folders: dict[str, "Folder"] = field(default_factory=dict)

    def all(self) -> Iterator["Folder"]:
        """This folder and all below."""
        yield self
        for folder in self.folders.values():
            yield from folder.all()


def walk_folder(root: Path) -> tuple[Folder, dict[Path, str]]:
    """Everything in a folder and below, each file and folder once, however many links lead to it; and what is no data.

    Returns:
        The folder, and the files and folders in it that were passed over, with the reason.

    Raises:
        DataError: a link leads to nothing, or a folder or file can't be read.
    """
    walker = _Walker({_identity(root.stat())})
    folder = Folder(root)
    walker.fill(folder)
    while walker.links:  # after all real folders, so that none is known by the name of a link
        above, link = walker.links.pop(0)
        walker.take(link, above)
    return folder, walker.passed_over


def _identity(status: os.stat_result) -> tuple[int, int]:
    """What all names of one file or folder share."""
    return status.st_dev, status.st_ino


@dataclass
class _Walker:
    """Goes through folders.

    Args:
        seen: what was met already.
        links: that are still to be followed, with the folders they lie in.
        passed_over: what is no data -> why.
    """

    seen: set[tuple[int, int]]
    links: list[tuple[Folder, Path]] = field(default_factory=list)
    passed_over: dict[Path, str] = field(default_factory=dict)

    def fill(self, folder: Folder) -> None:
        """Put what lies in a folder into it."""
        for entry in entries_of(folder.path):
            reason = reason_by_name(entry)
            if reason is not None:
                self.passed_over[entry] = reason
            elif entry.is_symlink():
                self.links.append((folder, entry))
            else:
                self.take(entry, folder)

    def take(self, entry: Path, above: Folder) -> None:
        """Put a file or folder into the folder above it, unless it is no data."""
        status = _status(entry)
        reason = self._reason(entry, status)
        if reason is not None:
            self.passed_over[entry] = reason
        elif stat.S_ISDIR(status.st_mode):
            inner = Folder(entry)
            above.folders[entry.name] = inner
            self.fill(inner)
        else:
            above.files.append(entry)

    def _reason(self, entry: Path, status: os.stat_result) -> str | None:
        """Why something is no data, by what it is."""
        folder = stat.S_ISDIR(status.st_mode)
        if not folder and not stat.S_ISREG(status.st_mode):
            return NOT_ORDINARY
        if folder and (entry / "run.json").exists():
            return RUN
        if status.st_ino and _identity(status) in self.seen:
            return TWICE
        self.seen.add(_identity(status))
        return None


def entries_of(path: Path) -> list[Path]:
    """What lies in a folder, sorted.

    Raises:
        DataError: it can't be read.
    """
    try:
        return sorted(path.iterdir())
    except OSError as error:
        raise DataError(f"the folder {path} cannot be read: {error.strerror}", "check its permissions.") from error


def _status(entry: Path) -> os.stat_result:
    """What something is; links are followed."""
    try:
        return entry.stat()
    except OSError as error:
        if entry.is_symlink():
            hint = "remove the link, or put back what it leads to."
            raise DataError(f"{entry} is a link to nothing", hint) from error
        raise DataError(f"{entry} cannot be read: {error.strerror}", "check its permissions.") from error
