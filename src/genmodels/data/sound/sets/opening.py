"""Sets of spoken words: the built-in synthesised voices, known sets that are fetched, and the user's own recordings.

What was once read is kept in the cache folder as one array, so that later runs read no sound files.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from genmodels.data.downloads import downloads_folder, swept_root
from genmodels.data.offline import is_offline
from genmodels.data.read_before import paths_told, remember
from genmodels.data.reopening import Reopening
from genmodels.data.sound.clips import WordSet
from genmodels.data.sound.formats.other_formats import reads_other_formats
from genmodels.data.sound.sets import fsdd
from genmodels.data.sound.sets.assembling import assembled
from genmodels.data.sound.sets.described import taken_of
from genmodels.data.sound.sets.files import find_words
from genmodels.data.sound.sets.given import key_of
from genmodels.data.sound.sets.kept import FORMAT, keep, kept_by_fingerprint, open_kept
from genmodels.durable import passing_directory
from genmodels.errors import DataError, did_you_mean
from genmodels.paths import path_of
from genmodels.printable import printable
from genmodels.telling import Counting, Notice, uncounted

READING = 1  # of files; another number where they are read another way
BUILT_IN = "voices"
NAMED = {BUILT_IN: "the built-in synthesised voices", fsdd.NAME: f"the {fsdd.TITLE}"}


def open_words(dataset: str | None, notice: Notice, counting: Counting = uncounted) -> WordSet:
    """The set of words that --dataset means.

    Args:
        dataset: a known name, a path, or None: the built-in voices.
        notice: is told what the user should know.
        counting: how far it is, where they are read for the first time.

    Raises:
        DataError: unknown, missing, damaged, too few or too many recordings, or not to be fetched.
        ResourceError: the cache folder cannot be written.
    """
    if dataset is None:
        return _KNOWN[BUILT_IN](notice, counting)
    if dataset in NAMED:
        if exists(Path(dataset)):
            notice(f"--dataset {dataset} means {NAMED[dataset]}; --dataset .{os.sep}{dataset} means what lies here")
        return _KNOWN[dataset](notice, counting)
    _check_is_no_slip(dataset)
    return _from_path(path_of(dataset), notice, counting)


def exists(path: Path) -> bool:
    """Whether there is such a file; a name that is too long is none."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _check_is_no_slip(dataset: str) -> None:
    """Refuse an empty name, and one that leads to nothing, with the name that was meant where that is near."""
    known = f"give a path, or one of: {', '.join(NAMED)}."
    if not dataset:
        raise DataError("--dataset is empty", known)
    if not exists(path_of(dataset)):
        near = did_you_mean(dataset, NAMED)
        if near is not None and is_offline() and BUILT_IN not in near:
            near = f"give the path of its folder, or {near}"
        raise DataError(f"there is no set of words {printable(dataset)}", near or known)


def built_in_voices(notice: Notice, counting: Counting = uncounted) -> WordSet:
    """The synthesised voices, made when they are first needed."""
    from genmodels.data.sound.voices.making import VOICES_VERSION, make_voices  # noqa: PLC0415 - seldom needed

    key = f"{BUILT_IN}-{VOICES_VERSION}"
    kept = open_kept(key, BUILT_IN, notice)
    return kept if kept is not None else keep(key, replace(make_voices(notice, counting), source=BUILT_IN), notice)


def _fsdd(notice: Notice, counting: Counting) -> WordSet:
    key = f"{fsdd.NAME}-{fsdd.COMMIT[:7]}-{FORMAT}-{READING}"
    kept = open_kept(key, fsdd.NAME, notice)
    if kept is not None:
        return kept
    folder = downloads_folder(fsdd.NAME)
    try:
        with paths_told("words", fsdd.NAME, fsdd.TITLE):
            files = fsdd.placed(folder) if exists(folder) else fsdd.fetched(notice)
    except DataError:
        if (kept := open_kept(key, fsdd.NAME, notice, gone=True)) is None:  # one that an earlier version kept
            raise
        return kept
    notice(f"reading the {fsdd.TITLE} (once)")
    with passing_directory(swept_root()) as spool:
        fsdd.write_into(spool, files)
        return keep(key, assembled(find_words(spool), fsdd.TITLE, fsdd.NAME, counting), notice)


_KNOWN: dict[str, Callable[[Notice, Counting], WordSet]] = {BUILT_IN: built_in_voices, fsdd.NAME: _fsdd}


def _from_path(path: Path, notice: Notice, counting: Counting) -> WordSet:
    """The user's files, kept in the cache by their content."""
    given = find_words(path)
    others = "all formats" if reads_other_formats() else "wav"  # the others are passed over where they can't be read
    key, source = key_of(given, f"{FORMAT}/{READING}/{others}", counting), str(path.resolve())
    name = printable(path.resolve().stem if path.is_file() else path.resolve().name)
    kept = open_kept(key, source, notice)
    if kept is None:
        notice(f"reading {printable(str(path))} (once)")
        kept = keep(key, assembled(given, name, source, counting), notice)
    remember("words", key, source)
    kept = replace(kept, name=name)
    return replace(kept, taken=taken_of(kept, given.passed_over, given.guesses))


def words_learned(described: Mapping[str, Any], notice: Notice, counting: Counting = uncounted) -> WordSet:
    """The very recordings that a run learned from, for questions about it: as `reopen_words`, else from the cache.

    Raises:
        DataError: they have changed or are gone, and are not in the cache either.
        RunError: the description is damaged.
    """
    return _reopening(notice, counting).learned(described)


def reopen_words(
    described: Mapping[str, Any], notice: Notice, again: str | None = None, counting: Counting = uncounted
) -> WordSet:
    """The set of words of a run, which must not have changed: from where it was; from the cache if it is gone.

    Args:
        described: what `describe_words` gave.
        notice: is told what the user should know.
        again: where the recordings are now, if they were moved: as --dataset says it.
        counting: as of `open_words`.

    Raises:
        DataError: they have changed, or are gone and not in the cache either.
        RunError: the description is damaged.
    """
    return _reopening(notice, counting).again(described, again)


def _reopening(notice: Notice, counting: Counting) -> Reopening[WordSet]:
    return Reopening(
        "recordings",
        lambda source: open_words(source, notice, counting),
        lambda source: source in NAMED or exists(Path(source)),
        lambda fingerprint, source: kept_by_fingerprint(fingerprint, source, notice),
        notice,
    )
