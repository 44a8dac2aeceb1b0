"""What lies in a folder of images: its pictures, its folders, and what is no data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from genmodels.data.images.kinds import ENDINGS, head_of, no_picture, other_kind, picture_format
from genmodels.data.walking import Folder, walk_folder
from genmodels.errors import DataError
from genmodels.telling import Notice, counted

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
    """Everything in a folder and below, each once; and what is no data, with the reason.

    Raises:
        DataError: a link leads to nothing, or a folder or file can't be read.
    """
    folder, passed_over = walk_folder(root)
    return _sorted(folder, passed_over), passed_over


def _sorted(folder: Folder, passed_over: dict[Path, str]) -> Tree:
    """The same with its files told apart."""
    tree = Tree(folder.path)
    for file in folder.files:
        _sort_file(file, tree, passed_over)
    tree.folders |= {name: _sorted(inner, passed_over) for name, inner in folder.folders.items()}
    return tree


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


def pictures_in(path: Path, notice: Notice) -> list[Path]:
    """The pictures that lie in a folder, without those in its folders; of anything else the path itself.

    Args:
        path: of a picture or a folder.
        notice: is told that there is more in a folder.

    Raises:
        DataError: there is none in the folder, one is broken, or it can't be read.
    """
    if not path.is_dir():
        return [path]
    tree, passed_over = walk(path)
    if tree.broken:
        raise no_picture(tree.broken[0], head_of(tree.broken[0]))
    if not tree.pictures:
        inner = next((folder.path for folder in tree.folders.values() if folder.pictures), None)
        below = "" if inner is None else f", such as {inner}"
        raise DataError(f"no picture lies in {path}", f"give pictures, or a folder in which some lie{below}.")
    if tree.files or tree.folders or passed_over:
        notice(f"took the {counted(len(tree.pictures), 'picture')} in {path}, and nothing else that lies there")
    return tree.pictures


def reason_against(file: Path) -> str:
    """Why a file that is no picture was passed over."""
    kind = other_kind(head_of(file))
    return "no picture" if kind is None else f"no picture that is read here: {kind}"
