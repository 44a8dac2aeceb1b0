"""What lies in a folder of images: its pictures, its folders, and what is no data."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from genmodels.data.images.kinds import ENDINGS, head_of, other_kind, picture_format
from genmodels.data.leavings import NOT_ORDINARY, RUN, TWICE, reason_by_name
from genmodels.errors import DataError

OUR_FIGURE = b"Software\0genmodels"  # as figures are marked when they are written
OUR_ANIMATION = b"genmodels"


@dataclass
class Tree:
    """A folder.

    Args:
        path: where it is.
        pictures: the pictures that lie in it, sorted.
        broken: files in it whose names promise pictures that they are not.
        files: its other files, sorted.
        folders: the folders in it that hold anything, by name.
    """

    path: Path
    pictures: list[Path] = field(default_factory=list)
    broken: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    folders: dict[str, "Tree"] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Pictures in it and below, broken ones too."""
        return len(self.pictures) + len(self.broken) + sum(folder.count for folder in self.folders.values())

    def all(self) -> Iterator["Tree"]:
        """This folder and all below."""
        yield self
        for folder in self.folders.values():
            yield from folder.all()


def walk(root: Path) -> tuple[Tree, dict[Path, str]]:
    """Everything in a folder and below, each file and folder once, however many links lead to it; and what is no data.

    Returns:
        The folder, and the files and folders in it that were passed over, with the reason.

    Raises:
        DataError: a link leads to nothing, or a folder or file can't be read.
    """
    walker = _Walker({_identity(root.stat())})
    tree = Tree(root)
    walker.fill(tree)
    while walker.links:  # after all real folders, so that none is known by the name of a link
        above, link = walker.links.pop(0)
        walker.take(link, above)
    return tree, walker.passed_over


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
    links: list[tuple[Tree, Path]] = field(default_factory=list)
    passed_over: dict[Path, str] = field(default_factory=dict)

    def fill(self, tree: Tree) -> None:
        """Put what lies in a folder into its tree."""
        for entry in _entries(tree.path):
            reason = reason_by_name(entry)
            if reason is not None:
                self.passed_over[entry] = reason
            elif entry.is_symlink():
                self.links.append((tree, entry))
            else:
                self.take(entry, tree)

    def take(self, entry: Path, above: Tree) -> None:
        """Put a file or folder into the tree of the folder above it, unless it is no data."""
        status = _status(entry)
        reason = self._reason(entry, status)
        if reason is not None:
            self.passed_over[entry] = reason
        elif stat.S_ISDIR(status.st_mode):
            inner = Tree(entry)
            above.folders[entry.name] = inner
            self.fill(inner)
        else:
            _sort_file(entry, above, self.passed_over)

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


def _entries(path: Path) -> list[Path]:
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


def _sort_file(file: Path, tree: Tree, passed_over: dict[Path, str]) -> None:
    """Put a file among the pictures, the broken ones or the others, unless it is a figure of ours."""
    head = head_of(file)
    kind = picture_format(file, head)
    if kind is None:
        (tree.broken if file.suffix.lower() in ENDINGS else tree.files).append(file)
    elif (kind == "PNG" and OUR_FIGURE in head) or (kind == "GIF" and OUR_ANIMATION in head):
        passed_over[file] = "a figure of this program"
    else:
        tree.pictures.append(file)


def reason_against(file: Path) -> str:
    """Why a file that is no picture was passed over."""
    kind = other_kind(head_of(file))
    return "no picture" if kind is None else f"no picture that is read here: {kind}"
