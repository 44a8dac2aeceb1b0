"""Folders of pictures: which of them are parts, which are classes, and what stands in their way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from genmodels.data.images.kinds import head_of, no_picture, other_kind, way_out
from genmodels.data.images.walking import Tree, reason_against
from genmodels.data.part_names import role_of
from genmodels.errors import DataError

_LAYOUTS = "known: pictures in one folder, a folder for each class, or train/ and test/ with either."
SHOWN = 4  # folders that a sentence names


@dataclass
class Labelled:
    """Pictures of a part.

    Args:
        files: from the first class to the last.
        labels: the class of each by name, or None where they lie in no class folders.
        loose: those in no class folder, beside such folders.
    """

    files: list[Path]
    labels: list[str] | None
    loose: list[Path] = field(default_factory=list)


@dataclass
class Layout:
    """Pictures by part.

    Args:
        train: to train on.
        test: to test on, or None.
        passed_over: pictures, and folders of them, that are not used -> why.
        guesses: what was guessed.
    """

    train: Labelled
    test: Labelled | None
    passed_over: dict[Path, str]
    guesses: list[str]


def layout_of(tree: Tree) -> Layout:
    """What the folders mean.

    Raises:
        DataError: it can't be told, or a part is missing.
    """
    inner = _only_folder(tree)
    if inner is not None:
        layout = layout_of(inner)
        layout.guesses.insert(0, f"took {inner.path}, the one folder in {tree.path}")
        return layout
    parts = _parts_in(tree)
    passed_over: dict[Path, str] = {}
    guesses: list[str] = []
    if "train" not in parts:
        rest = Tree(tree.path, tree.pictures, tree.broken, tree.files, _others(tree, parts))
        if parts and not rest.count:
            raise DataError(f"{tree.path} holds {_names(parts.values())} but no training part", "call one train/.")
        parts["train"] = rest
        guesses += [
            f"{part.path.name}/ is taken as the {role} part" for role, part in parts.items() if part is not rest
        ]
    else:
        passed_over |= _beside_parts(tree, parts)
    test = _test_of(parts, passed_over, guesses)
    return Layout(labelled(parts["train"]), None if test is None else labelled(test), passed_over, guesses)


def _only_folder(tree: Tree) -> Tree | None:
    """The one folder with pictures, where it holds more than the pictures of one class."""
    filled = [folder for folder in tree.folders.values() if folder.count]
    if tree.pictures or tree.broken or len(filled) != 1 or not any(below.count for below in filled[0].folders.values()):
        return None
    return None if role_of(filled[0].path.name) is not None else filled[0]


def _parts_in(tree: Tree) -> dict[str, Tree]:
    """Role -> folder, by the names that parts have."""
    filled = [name for name, folder in tree.folders.items() if folder.count]
    named = {name: role for name in filled if (role := role_of(name)) is not None}
    if "train" not in named.values() and len(filled) - len(named) == 1 and not tree.pictures:
        return {}  # two classes, of which one is called valid, say
    found: dict[str, Tree] = {}
    for name, role in named.items():
        if role in found:
            told = f"{found[role].path.name}/ and {name}/"
            raise DataError(
                f"{tree.path} holds {told}, which both name the {role} part", "put their pictures together."
            )
        found[role] = tree.folders[name]
    return found


def _others(tree: Tree, parts: Mapping[str, Tree]) -> dict[str, Tree]:
    return {name: folder for name, folder in tree.folders.items() if folder not in parts.values()}


def _beside_parts(tree: Tree, parts: Mapping[str, Tree]) -> dict[Path, str]:
    """Loose pictures beside train/ are not used; whole folders of them are refused."""
    strange = [folder for folder in _others(tree, parts).values() if folder.count]
    if strange:
        told = f"{tree.path} holds {_names(strange)} beside {_names(parts.values())}"
        raise DataError(f"{told}: whether they are classes can't be told", f"move them; {_LAYOUTS}")
    return dict.fromkeys([*tree.pictures, *tree.broken], f"beside {parts['train'].path.name}/")


def _test_of(parts: dict[str, Tree], passed_over: dict[Path, str], guesses: list[str]) -> Tree | None:
    """What is tested on: the test part, else the validation part."""
    test, validation = parts.get("test"), parts.get("validation")
    if test is None and validation is not None:
        guesses.append(f"tests on {validation.path.name}/, as there is no test/")
        return validation
    if test is not None and validation is not None:
        passed_over[validation.path] = "not needed: --val-images holds images out of the training part"
    return test


def labelled(tree: Tree) -> Labelled:
    """Pictures and their classes: the folders that hold pictures; without such, no labels.

    Raises:
        DataError: folders within class folders, or a file that is no picture in spite of its name.
    """
    classes = {name: folder for name, folder in tree.folders.items() if folder.count}
    broken = [file for folder in [tree, *classes.values()] for file in folder.broken]
    if broken:
        raise no_picture(broken[0], head_of(broken[0]))
    nested = [below for folder in classes.values() for below in folder.folders.values() if below.count]
    if nested:
        told = f"{tree.path} holds folders of pictures within folders: {_paths(nested, tree.path)}"
        raise DataError(
            f"{told}: which of them are classes can't be told", f"give one of them, or move them; {_LAYOUTS}"
        )
    if not classes:
        return Labelled(list(tree.pictures), None)
    files = [*tree.pictures, *(file for folder in classes.values() for file in folder.pictures)]
    labels = [name for name, folder in classes.items() for _ in folder.pictures]
    return Labelled(files, None, list(tree.pictures)) if tree.pictures else Labelled(files, labels)


def no_data_in(tree: Tree) -> dict[Path, str]:
    """What is no picture in a folder or below, with the reason."""
    empty = {folder.path: "empty" for folder in tree.all() if not any(folder.path.iterdir())}
    return empty | {file: reason_against(file) for folder in tree.all() for file in folder.files}


def no_pictures(tree: Tree) -> DataError:
    """What to say of a folder in which nothing can be used."""
    files = [file for folder in tree.all() for file in folder.files]
    if not files:
        return DataError(f"{tree.path} holds no pictures", "give a folder of pictures, an .npz or IDX files.")
    kind = other_kind(head_of(files[0]))
    told = f"{files[0].relative_to(tree.path)}{'' if kind is None else f', which is {kind},'}"
    others = f" and {len(files) - 1} others" if len(files) > 2 else " and another" if len(files) == 2 else ""
    hint = way_out(kind, "give a folder of pictures, an .npz or IDX files.")
    return DataError(f"{tree.path} holds no pictures; it holds {told}{others}", hint)


def _names(trees: Iterable[Tree]) -> str:
    return ", ".join(f"{tree.path.name}/" for tree in list(trees)[:SHOWN])


def _paths(trees: Sequence[Tree], root: Path) -> str:
    more = f" and {len(trees) - SHOWN} more" if len(trees) > SHOWN else ""
    return ", ".join(str(tree.path.relative_to(root)) for tree in trees[:SHOWN]) + more
