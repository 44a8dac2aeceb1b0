"""Paths -> the files of an image set, before any is read: folders of pictures, .npz and IDX files.

Nothing is unpacked before its declared size was checked, and never more of it than was declared, so that a small
file that unpacks to a huge one (a compressed bomb) is refused before the memory is taken.
"""

import gzip
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from genmodels.data.images.assembling import Stored, assembled
from genmodels.data.images.idx import IdxSet, beside, idx_sets, read_idx_set
from genmodels.data.images.ink import DARK, LIGHT, TOLD, ink_of
from genmodels.data.images.kinds import HEAD, head_of, other_kind, picture_format, way_out
from genmodels.data.images.layout import Labelled, Layout, layout_of, no_data_in, no_pictures
from genmodels.data.images.npz import read_npz
from genmodels.data.images.parts import FEWEST, Parts, Pixels, damage
from genmodels.data.images.pictures import read_stack
from genmodels.data.images.walking import Tree, walk
from genmodels.errors import DataError
from genmodels.telling import Advance, Counting, Notice, counted, silent, uncounted

WHAT_TO_GIVE = "give a folder of pictures, an .npz file, or IDX files (gzipped or not)."
PICTURES, IMAGES = "pictures", "images"


class Reads(Protocol):
    """Reads the files of an image set."""

    def __call__(self, white: int | None, grey: bool, counting: Counting = uncounted) -> Parts:
        """Its parts: `white` is the value that is white, where it is known, `grey` takes colours as grey.

        Raises:
            DataError: something is wrong with a file.
        """


@dataclass(frozen=True)
class Found:
    """An image set as files.

    Args:
        name: of the set.
        files: all that are read, in this order.
        read: reads them, or says what is wrong with them.
        passed_over: what was given but is not read -> why.
        guesses: what was guessed of where they are and what they are for.
        upright: whether they are EMNIST's own files, which are turned as they are read.
        unit: what they hold: pictures or images.
    """

    name: str
    files: Sequence[Path]
    read: Reads
    passed_over: Mapping[str, str] = field(default_factory=dict)
    guesses: Sequence[str] = ()
    upright: bool = False
    unit: str = IMAGES


def find_images(path: Path) -> Found:
    """The image set that a path means: a folder of pictures or of IDX files, an .npz, an IDX file, FOLDER/STEM.

    Raises:
        DataError: missing, no image set, or several sets of which none is named.
    """
    if path.is_dir():
        return _in_folder(path)
    if path.exists():
        return _in_file(path)
    named = set_of_stem(path)
    if named is None:
        raise DataError(f"there is no image set {path}", "give a folder of pictures, an .npz or IDX files.")
    return _idx(named)


def set_of_stem(path: Path) -> IdxSet | None:
    """The set of IDX files that FOLDER/STEM means; None where there is none."""
    stem = path.name.rstrip("-_.")
    try:
        own = [p for p in path.parent.iterdir() if p.name.startswith(stem) and p.is_file()] if stem else []
    except OSError:
        return None
    return idx_sets(own).get(stem)


def _in_file(path: Path) -> Found:
    """An .npz or an IDX file, told apart by how it begins."""
    if not path.is_file():
        raise DataError(f"{path} is no ordinary file", WHAT_TO_GIVE)
    head = head_of(path)
    with damage(path):
        if zipfile.is_zipfile(path):
            return Found(path.stem, [path], partial(_npz, path))
    if head[:2] == b"\0\0" or (head[:2] == b"\x1f\x8b" and _kind_within(path) is None):
        return _idx(beside(path))
    if head[:2] == b"PK" and path.suffix.lower() == ".npz":
        raise DataError(f"{path} is damaged: its end is missing", "fetch or make it again.")
    kind = _kind_of(path, head)
    begins = f"it begins with the bytes {head[:4].hex(' ')}" if head else "it is empty"
    told = begins if kind is None else f"it is {kind}"
    raise DataError(f"{path} is not an image set: {told}", way_out(kind, WHAT_TO_GIVE).replace("FILE", path.name))


def _kind_of(path: Path, head: bytes) -> str | None:
    if picture_format(path, head) is not None:
        return "a picture"
    return (_kind_within(path) if head[:2] == b"\x1f\x8b" else None) or other_kind(head)


def _kind_within(path: Path) -> str | None:
    """What a gzip archive holds, as far as that is known and no IDX file."""
    with damage(path), gzip.open(path, "rb") as file:
        kind = other_kind(file.read(HEAD))
    return None if kind is None else f"gzip archive of {kind}"


def _npz(path: Path, white: int | None, grey: bool, counting: Counting = uncounted) -> Parts:
    del counting  # one array, read at once
    with damage(path):
        return read_npz(path, white, grey)


def _idx(found: IdxSet) -> Found:
    files = list(found.files.values())
    name = found.stem or (files[0].stem if len({part for part, _ in found.files}) == 1 else files[0].parent.name)
    twice = {other.name: f"the same as {first.name}" for other, first in found.twice.items()}
    return Found(
        name, [*files, *found.twice], partial(_idx_set, found), twice, upright=found.known is not None
    )  # fmt: skip


def _idx_set(found: IdxSet, white: int | None, grey: bool, counting: Counting = uncounted) -> Parts:
    del grey, counting  # the format has no colours, and is read at once
    return read_idx_set(found, white)


def _in_folder(folder: Path) -> Found:
    """What a folder holds: IDX files, pictures, one .npz, or one folder with such things in it."""
    if (folder / "run.json").exists():
        raise DataError(f"{folder} is a run, not an image set", "give the images that it learned from.")
    tree, no_data = walk(folder)
    found = _direct(tree)
    deeper = [] if found is not None or tree.count >= FEWEST else [*filter(None, map(_direct, tree.all()))]
    if found is None:
        found = _pictures(tree) if tree.count and not deeper else _one_of(tree, deeper)
    rest = {str(path.relative_to(folder)): why for path, why in no_data.items()}
    name = folder.resolve().name if found.unit == PICTURES else found.name
    return replace(found, name=name or found.name, passed_over={**rest, **_beside(tree, found), **found.passed_over})


def _one_of(tree: Tree, sets: Sequence[Found]) -> Found:
    """The one set that lies deeper in a folder.

    Raises:
        DataError: there is none, or there are several.
    """
    if not sets:
        raise no_pictures(tree)
    if len(sets) > 1:
        named = ", ".join(str(_where(inner)) for inner in sets[:6])
        raise DataError(f"{tree.path} holds several image sets: {named}", "name one of these with --dataset.")
    return replace(sets[0], guesses=[f"took {_where(sets[0])}, the one image set in {tree.path}"])


def _where(found: Found) -> Path:
    """How a found set is named: its file, or its folder, with the stem where it has one."""
    first = found.files[0]
    if len(found.files) == 1:
        return first
    return first.parent / found.name if found.name != first.parent.name else first.parent


def _direct(tree: Tree) -> Found | None:
    """IDX files or the one .npz that lie in a folder itself, with no pictures to speak of.

    Raises:
        DataError: there are several sets.
    """
    sets = idx_sets(tree.files)
    archives = [file for file in tree.files if file.suffix.lower() == ".npz"] if tree.count < FEWEST else []
    if len(sets) > 1 or (not sets and len(archives) > 1):
        choices = [tree.path / (stem or "train-images-idx3-ubyte") for stem in sets] or archives
        named = ", ".join(map(str, choices))
        raise DataError(f"{tree.path} holds {len(choices)} image sets: {named}", "name one of these with --dataset.")
    if sets:
        return _idx(next(iter(sets.values())))
    return replace(_in_file(archives[0]), guesses=[f"took {archives[0]}"]) if archives else None


def _beside(tree: Tree, found: Found) -> dict[str, str]:
    """What lies beside the files that are read: no pictures, or anything beside IDX files and an .npz."""
    if found.unit == PICTURES:
        rest = no_data_in(tree)
    else:
        used = set(found.files)
        why = f"beside {found.files[0].name}"
        rest = {
            file: why
            for folder in tree.all()
            for file in [*folder.files, *folder.pictures, *folder.broken]
            if file not in used
        }
    return {str(path.relative_to(tree.path)): why for path, why in rest.items()}


def _pictures(tree: Tree) -> Found:
    layout = layout_of(tree)
    files = [*layout.train.files, *(layout.test.files if layout.test is not None else ())]
    read = partial(_read_pictures, tree.path, layout)
    unused = {str(path.relative_to(tree.path)): why for path, why in layout.passed_over.items()}
    return Found(tree.path.name, files, read, unused, layout.guesses, unit=PICTURES)


def _read_pictures(
    folder: Path, layout: Layout, white: int | None, grey: bool, counting: Counting = uncounted
) -> Parts:
    tested = [] if layout.test is None else layout.test.files
    with counting("reading pictures", len(layout.train.files) + len(tested)) as advance:
        train, guesses = _stored(layout.train, folder, grey, advance)
        test, more = (None, []) if layout.test is None else _stored(layout.test, folder, grey, advance)
    if layout.test is None:
        return assembled(train, None, str(folder), guesses=guesses, white=white)
    if layout.train.labels is not None and layout.test.labels is not None:
        strange = set(layout.test.labels) - set(layout.train.labels)
        if strange:
            what = f"{folder} has a test class {min(strange)!r} that the training part lacks"
            raise DataError(what, "use the same names.")
    return assembled(train, test, str(folder), guesses=[*guesses, *more], white=white)


def _stored(part: Labelled, folder: Path, grey: bool, advance: Advance) -> tuple[Stored, list[str]]:
    """The pages of some pictures, a label for each, and what was guessed."""
    stack = read_stack(part.files, grey, advance)
    labels = None if part.labels is None else np.repeat(np.array(part.labels, dtype=np.str_), stack.counts)
    names = [str(file.relative_to(folder)) for file in part.files]
    first = Path(names[0])
    lacking, loose = f"the pictures of {first.parent}/ lie in no class folders", ""
    if part.loose:
        others = f" and {counted(len(part.loose) - 1, 'other')}" if len(part.loose) > 1 else ""
        loose = f"{part.loose[0].relative_to(folder)}{others} in no class folder"
    pixels = np.stack(stack.pages)
    stack.pages.clear()
    paged = [name for name, count in zip(names, stack.counts, strict=True) for _ in range(count)]
    return Stored(pixels, labels, lacking=lacking, loose=loose, names=paged), stack.guesses


def read_images(path: Path, ink: str, white: int | None, notice: Notice) -> tuple[Pixels, Sequence[str]]:
    """Images to look at: one picture, or those of an image set (of its test part where it has one), all as grey.

    Args:
        path: where they are.
        ink: what the pictures of the model's own set are drawn with; those drawn the other way are turned.
        white: the value that is white, where it is known.
        notice: is told what was guessed or changed.

    Returns:
        The images, and the names of their files; none where they lie in one.

    Raises:
        DataError: see `find_images`; or there is no such file, or they are damaged, of mixed sizes, or too large.
    """
    if not path.exists() and set_of_stem(path) is None:
        raise DataError(f"there is no file {path}", "check the path.")
    if path.is_file() and picture_format(path, head_of(path)) is not None:
        picture, guesses = _stored(Labelled([path], None), path.parent, True, silent)
        parts = assembled(picture, None, str(path), guesses=guesses, white=white)
    else:
        found = find_images(path)
        parts = found.read(white, True)
        guesses = [*found.guesses, *parts.guesses]
    for guess in guesses:
        notice(guess)
    pixels = (parts.test or parts.train).pixels
    theirs = ink_of(pixels)
    if {theirs, ink} != {LIGHT, DARK}:
        return pixels, parts.names
    notice(f"{path} is {TOLD[theirs]}, unlike what the model learned from: taken the other way round")
    return 255 - pixels, parts.names
