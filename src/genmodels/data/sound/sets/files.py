"""Paths -> what was given as a set of words: a folder of recordings, or a list of them."""

from pathlib import Path

from genmodels.data.sound.sets.given import Given
from genmodels.data.sound.sets.kinds import beginning, is_packed, is_recording, other_kind
from genmodels.data.sound.sets.labels import with_words
from genmodels.data.sound.sets.layout import WHAT_TO_GIVE, find_in_folder
from genmodels.data.sound.sets.table import find_in_table
from genmodels.errors import DataError
from genmodels.printable import printable


def find_words(path: Path) -> Given:
    """The recordings that a path means, and what is said in them.

    Raises:
        DataError: it is missing, or no set of words.
    """
    return with_words(find_in_folder(path) if path.is_dir() else _in_file(path))


def _in_file(path: Path) -> Given:
    """A list of recordings.

    Raises:
        DataError: it is none.
    """
    shown = printable(str(path))
    if not path.is_file():
        raise DataError(f"{shown} is no ordinary file", WHAT_TO_GIVE)
    head = beginning(path)
    kind = other_kind(head)
    if is_packed(kind):
        raise DataError(f"{shown} is {kind}", "unpack it and give the folder.")
    if is_recording(path, head):
        raise DataError(f"{shown} is one recording, not a set of words", WHAT_TO_GIVE)
    if kind is not None:
        raise DataError(f"{shown} is not a set of words: it is {kind}", WHAT_TO_GIVE)
    return find_in_table(path)
