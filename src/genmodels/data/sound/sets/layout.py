"""Folders of recordings -> what is said in each: by their names, by class folders, by lists of parts."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from genmodels.data.part_names import role_of
from genmodels.data.sound.sets.given import TEST, TRAIN, VALIDATION, Given, Said, with_parts_settled
from genmodels.data.sound.sets.kinds import beginning, is_packed, is_recording, other_kind
from genmodels.data.text.kinds import training_for
from genmodels.data.walking import Folder, walk_folder
from genmodels.errors import DataError, listed
from genmodels.ordinary import read_ordinary

NAME = re.compile(r"(?P<label>[^_]+)_(?P<speaker>.+)_(?P<index>\d+)")
HASHED = re.compile(r"(?P<speaker>[0-9a-f]+)_nohash_\d+")  # as Speech Commands names its recordings
TESTED = range(5)  # indices that are tested on, as the Free Spoken Digit Dataset has it
MOST_TESTED = 0.2  # of recordings, where they have such indices
BACKGROUND = "_background_noise_"
LISTS = {"testing_list.txt": TEST, "validation_list.txt": VALIDATION}
WHAT_TO_GIVE = "give a folder for each word, recordings named LABEL_SPEAKER_INDEX.wav, or a CSV of path and words."


@dataclass(frozen=True)
class Tree:
    """A folder of recordings.

    Args:
        path: where it is.
        recordings: that lie in it, sorted.
        folders: the folders in it with recordings in them or below, by name.
    """

    path: Path
    recordings: list[Path] = field(default_factory=list)
    folders: dict[str, "Tree"] = field(default_factory=dict)

    def all(self) -> list[Path]:
        """Its recordings and those of the folders below."""
        return [*self.recordings, *(file for folder in self.folders.values() for file in folder.all())]


def find_in_folder(root: Path) -> Given:
    """What a folder and the folders below say of the recordings in them.

    Raises:
        DataError: there are none, or what is said in them can't be told.
    """
    if (root / "run.json").exists():
        raise DataError(f"{root} is a run, not a set of words", "give the recordings that it learned from.")
    folder, no_data = walk_folder(root)
    reasons: dict[Path, str] = {}
    tree = _with_recordings(folder, reasons)
    if not tree.all():
        raise _no_recordings(root, list(reasons))
    given = _by_name(tree) or _by_folder(tree, root)
    return given.without({file: why for file, why in {**no_data, **reasons}.items() if file not in given.lists})


def _with_recordings(folder: Folder, reasons: dict[Path, str]) -> Tree:
    """The recordings of a folder; why its other files are none is added to the reasons."""
    tree = Tree(folder.path)
    for file in folder.files:
        head = beginning(file)
        if is_recording(file, head):
            tree.recordings.append(file)
        else:
            kind = other_kind(head)
            reasons[file] = "no recording" if kind is None else f"no recording: {kind}"
    for name, inner in folder.folders.items():
        found = _with_recordings(inner, reasons)
        if found.all():
            tree.folders[name] = found
    return tree


def _no_recordings(root: Path, files: list[Path]) -> DataError:
    """What to say of a folder without recordings."""
    meant = training_for([file.name for file in files])
    if meant is not None and meant[0] == "pictures":
        hint = f"{meant[0]} are what {meant[1]} learn from: give them --dataset {shlex.quote(str(root))}."
        return DataError(f"{root} holds {meant[0]}, no recordings", hint)
    packed = next((file for file in files if is_packed(other_kind(beginning(file)))), None)
    if packed is not None:
        return DataError(f"{root} holds no recordings, but {packed.name}", "unpack it and give the folder.")
    others = f"; it holds {listed([file.name for file in files])}" if files else ""
    return DataError(f"{root} holds no recordings{others}", WHAT_TO_GIVE)


def _by_name(tree: Tree) -> Given | None:
    """Recordings that are named LABEL_SPEAKER_INDEX, in whatever folders; None where they are not.

    Where a few in one folder are named otherwise, these are passed over; class folders win over such names only where
    the names of all hold one label.
    """
    files = tree.all()
    named = {file: found for file in files if (found := NAME.fullmatch(file.stem)) and not HASHED.fullmatch(file.stem)}
    others = {file: "its name is not LABEL_SPEAKER_INDEX" for file in files if file not in named}
    labels = {found["label"] for found in named.values()}
    if len(named) * 2 <= len(files) or (tree.folders and (others or len(labels) == 1)):
        return None
    top = tree
    while (inner := _only_folder(top)) is not None:
        top = inner
    parts = _parts_above(top)
    said = [Said(file, (f["label"],), f["speaker"], parts.get(file)) for file, f in named.items()]
    guesses = []
    if tree.folders and not parts and not _folders_are_speakers(said):
        guesses = [f"took the words from the names of recordings, as LABEL_SPEAKER_INDEX: {said[0].file.name}"]
    given = Given(tree.path, said, {}, guesses).without(others)
    return _settled(given, top) if parts else _by_index(given)


def _folders_are_speakers(said: list[Said]) -> bool:
    """Whether folders are named as the speakers, as in AudioMNIST, or as the words, so that nothing is in doubt."""
    return all(one.file.parent.name in {one.speaker, *one.words} for one in said)


def _by_index(given: Given) -> Given:
    """Indices 0 to 4 are tested on, where they are few among all."""
    tested = [said for said in given.said if _index(said) in TESTED]
    if not 0 < len(tested) <= MOST_TESTED * len(given.said):
        return given
    said = [replace(one, part=TEST if _index(one) in TESTED else TRAIN) for one in given.said]
    told = f"tests on the recordings of index 0 to {TESTED[-1]}, and trains on the others"
    return replace(given, said=said, guesses=[*given.guesses, told])


def _index(said: Said) -> int:
    found = NAME.fullmatch(said.file.stem)
    assert found is not None
    return int(found["index"])


def _parts_above(tree: Tree) -> dict[Path, str]:
    """The part of each recording where the folders at the top are parts: all of them, one to train on among them."""
    roles = {name: role_of(name) for name in tree.folders}
    if tree.recordings or TRAIN not in roles.values() or None in roles.values():
        return {}
    return {file: str(roles[name]) for name, folder in tree.folders.items() for file in folder.all()}


def _settled(given: Given, tree: Tree) -> Given:
    """The same without a validation part."""
    name = next((name for name in tree.folders if role_of(name) == VALIDATION), "")
    return with_parts_settled(given, f"in {name}/")


def _by_folder(tree: Tree, root: Path) -> Given:
    """Recordings in class folders, which may lie in parts or in one folder more.

    Raises:
        DataError: there are no class folders, or folders within them.
    """
    inner = _only_folder(tree)
    if inner is not None:
        given = _by_folder(inner, root)
        return replace(given, guesses=[f"took {inner.path}, the one folder in {tree.path}", *given.guesses])
    parts = _parts_above(tree)
    above = list(tree.folders.values()) if parts else [tree]
    said = [one for folder in above for one in _classes(folder, parts)]
    loose = [file for folder in above for file in folder.recordings]
    reasons = dict.fromkeys(loose, "in no folder of a word")
    noise = [folder.folders[BACKGROUND] for folder in above if BACKGROUND in folder.folders]
    reasons |= {file: "noise, in which no word is said" for folder in noise for file in folder.all()}
    given = _with_speakers(Given(root, said).without(reasons))
    return _settled(given, tree) if parts else _by_lists(given, tree.path)


def _only_folder(tree: Tree) -> Tree | None:
    """The one folder with recordings, where it holds folders of them and not those of one word."""
    if tree.recordings or len(tree.folders) != 1:
        return None
    (inner,) = tree.folders.values()
    return inner if inner.folders and role_of(inner.path.name) is None else None


def _classes(tree: Tree, parts: Mapping[Path, str]) -> list[Said]:
    """What is said in a folder of class folders.

    Raises:
        DataError: there are none, or folders within them.
    """
    classes = {name: folder for name, folder in tree.folders.items() if name != BACKGROUND}
    if not classes:
        named = listed([file.name for file in tree.all()], 2)
        tables = sorted([*tree.path.glob("*.csv"), *tree.path.glob("*.tsv")])
        hint = f"--dataset {tables[0]} reads the words from that list." if tables else WHAT_TO_GIVE
        raise DataError(f"what is said in the recordings of {tree.path} can't be told: {named}", hint)
    nested = [below.path for folder in classes.values() for below in folder.folders.values()]
    if nested:
        shown = listed([str(path.relative_to(tree.path)) for path in nested])
        told = f"{tree.path} holds folders of recordings within folders: {shown}"
        raise DataError(f"{told}: which of them are words can't be told", WHAT_TO_GIVE)
    return [
        Said(file, (name,), None, parts.get(file)) for name, folder in classes.items() for file in folder.recordings
    ]


def _with_speakers(given: Given) -> Given:
    """The same with the speakers that Speech Commands has in its names, where all have one."""
    found = [HASHED.fullmatch(said.file.stem) for said in given.said]
    said = [replace(one, speaker=match["speaker"]) for one, match in zip(given.said, found, strict=True) if match]
    return replace(given, said=said) if len(said) == len(found) else given


def _by_lists(given: Given, folder: Path) -> Given:
    """Parts as the two lists of Speech Commands name them; what no list names is trained on."""
    lists = [folder / name for name in LISTS if (folder / name).is_file()]
    parts = {folder / line: LISTS[path.name] for path in lists for line in _lines(path)}
    if not parts:
        return given
    missing = len(parts.keys() - {said.file for said in given.said})
    many = f"{missing:,} recordings that are" if missing > 1 else "a recording that is"
    told = [f"the lists of parts name {many} not there, or in no folder of a word"] if missing else []
    said = [replace(one, part=parts.get(one.file, TRAIN)) for one in given.said]
    given = replace(given, said=said, guesses=[*given.guesses, *told], lists=lists)
    return with_parts_settled(given, "in validation_list.txt")


def _lines(path: Path) -> list[str]:
    """What a list names.

    Raises:
        DataError: it cannot be read.
    """
    try:
        lines = read_ordinary(path).decode("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise DataError(f"{path} cannot be read: {reason}", "restore it, or remove it.") from error
    return [line.strip() for line in lines if line.strip()]
