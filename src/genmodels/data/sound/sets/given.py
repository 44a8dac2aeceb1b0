"""What was given as a set of words: each recording with what is said in it, before any is read."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from genmodels.data.walking import told_of_many
from genmodels.errors import DataError
from genmodels.ordinary import open_ordinary
from genmodels.telling import Counting, uncounted

TRAIN, TEST, VALIDATION = "train", "test", "validation"


@dataclass(frozen=True)
class Said:
    """A recording and what is said in it.

    Args:
        file: the recording.
        words: that are said, as they are written.
        speaker: who says them; None where that is not known.
        part: that it belongs to: "train", "test", "validation"; None where nothing says it.
    """

    file: Path
    words: tuple[str, ...]
    speaker: str | None = None
    part: str | None = None


@dataclass(frozen=True)
class Given:
    """A set of words as files.

    Args:
        root: the folder that files are named from.
        said: the recordings.
        passed_over: what was given and is not read -> why.
        guesses: what was guessed of the files and what they are for.
        lists: files that say something of the recordings, and are used so.
    """

    root: Path
    said: Sequence[Said]
    passed_over: Mapping[str, str] = field(default_factory=dict)
    guesses: Sequence[str] = ()
    lists: Sequence[Path] = ()

    def name_of(self, file: Path) -> str:
        """What a file is called in messages: its path from the root."""
        return file.relative_to(self.root).as_posix() if file.is_relative_to(self.root) else str(file)

    def without(self, reasons: Mapping[Path, str]) -> "Given":
        """The same but for some recordings -> why."""
        rest = [said for said in self.said if said.file not in reasons]
        named = {self.name_of(file): why for file, why in reasons.items()}
        return replace(self, said=rest, passed_over={**self.passed_over, **named})


def with_parts_settled(given: Given, validation: str) -> Given:
    """The same without a validation part: it is tested on where there is no test part, else passed over.

    Args:
        given: recordings of any parts.
        validation: what says that a recording is of that part: "in validation_list.txt".

    Raises:
        DataError: there are parts, but none to train on.
    """
    parts = {said.part for said in given.said}
    if parts == {None}:
        return given
    if VALIDATION in parts and TEST in parts:
        unused = f"{validation}, which is neither trained nor tested on"
        given = given.without({said.file: unused for said in given.said if said.part == VALIDATION})
    elif VALIDATION in parts:
        tested = [replace(said, part=TEST) if said.part == VALIDATION else said for said in given.said]
        told = f"tests on what is {validation}, as there is no test part"
        given = replace(given, said=tested, guesses=[*given.guesses, told])
    if TRAIN not in parts:
        raise DataError(f"{given.root} holds recordings to test on but none to train on", "name some of them train.")
    return given


def key_of(given: Given, way: str, counting: Counting = uncounted) -> str:
    """SHA-256 over the names and contents of the recordings, what is said in them, and the way they are read."""
    digest = hashlib.sha256(way.encode())
    with told_of_many(counting, "looking at the files", len(given.said)) as advance:
        for said in given.said:
            facts = (given.name_of(said.file), said.words, said.speaker, said.part)
            digest.update(repr(facts).encode("utf-8", "surrogateescape"))
            try:
                with open_ordinary(said.file) as opened:
                    digest.update(hashlib.file_digest(opened, "sha256").digest())
            except OSError as error:  # its reader will say so, in its place
                digest.update(repr(error.strerror).encode())
            advance(1)
    return digest.hexdigest()
