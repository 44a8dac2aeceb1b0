"""What lies in a folder of images: its pictures, its folders, and what is no data."""

import stat
from dataclasses import dataclass, field
from pathlib import Path

from genmodels.data.images.kinds import ENDINGS, head_of, no_picture, other_kind, picture_format
from genmodels.errors import DataError

LEFT_BEHIND = {
    "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "__macosx", "__pycache__", "lost+found", "icon\r",
    "$recycle.bin", "system volume information", "#recycle", "@recycle",
}  # fmt: skip
OUR_FIGURE = b"Software\0genmodels"  # as figures are marked when they are written
OUR_ANIMATION = b"genmodels"


@dataclass
class Tree:
    """A folder.

    Args:
        path: where it is.
        pictures: the pictures that lie in it, sorted.
        files: its other files, sorted.
        folders: the folders in it that hold anything, by name.
        passed_over: name, from the root -> why it is no data.
    """

    path: Path
    pictures: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    folders: dict[str, "Tree"] = field(default_factory=dict)
    passed_over: dict[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Pictures in it and below."""
        return len(self.pictures) + sum(folder.count for folder in self.folders.values())


def walk(root: Path) -> Tree:
    """Everything in a folder and below; each folder once, however many links lead to it.

    Raises:
        DataError: a link leads to nothing, or a folder or file can't be read.
    """
    return _walked(root, root, {root.resolve()})


def _walked(path: Path, root: Path, seen: set[Path]) -> Tree:
    tree = Tree(path)
    for entry in _entries(path):
        reason = _reason_by_name(entry)
        if reason is None:
            mode = _mode(entry)
            if stat.S_ISDIR(mode):
                reason = _enter(entry, root, seen, tree)
            else:
                reason = _sort_file(entry, tree) if stat.S_ISREG(mode) else "no ordinary file"
        if reason is not None:
            tree.passed_over[str(entry.relative_to(root))] = reason
    return tree


def _entries(path: Path) -> list[Path]:
    try:
        return sorted(path.iterdir())
    except OSError as error:
        raise DataError(f"the folder {path} cannot be read: {error.strerror}", "check its permissions.") from error


def _reason_by_name(entry: Path) -> str | None:
    """Why something is no data, by its name alone."""
    if entry.name.startswith("."):
        return "hidden"
    return "left behind by a program" if entry.name.lower() in LEFT_BEHIND else None


def _mode(entry: Path) -> int:
    """What something is; links are followed."""
    try:
        return entry.stat().st_mode
    except OSError as error:
        if entry.is_symlink():
            hint = "remove the link, or put back what it leads to."
            raise DataError(f"{entry} is a link to nothing", hint) from error
        raise DataError(f"{entry} cannot be read: {error.strerror}", "check its permissions.") from error


def _enter(folder: Path, root: Path, seen: set[Path], tree: Tree) -> str | None:
    """Walk a folder, unless it is no data."""
    if (folder / "run.json").exists():
        return "a run"
    real = folder.resolve()
    if real in seen:
        return "a folder that is read already"
    seen.add(real)
    inner = _walked(folder, root, seen)
    tree.passed_over |= inner.passed_over
    if inner.pictures or inner.files or inner.folders:
        tree.folders[folder.name] = inner
    return None


def _sort_file(file: Path, tree: Tree) -> str | None:
    """Put a file among the pictures or the others, unless it is a figure of ours.

    Raises:
        DataError: its name promises a picture that it is not.
    """
    head = head_of(file)
    kind = picture_format(file, head)
    if kind is None and file.suffix.lower() in ENDINGS:
        raise no_picture(file, head)
    if kind is None:
        tree.files.append(file)
        return None
    if (kind == "PNG" and OUR_FIGURE in head) or (kind == "GIF" and OUR_ANIMATION in head):
        return "a figure of this program"
    tree.pictures.append(file)
    return None


def reason_against(file: Path) -> str:
    """Why a file that is no picture was passed over."""
    kind = other_kind(head_of(file))
    return "no picture" if kind is None else f"no picture that is read here: {kind}"
