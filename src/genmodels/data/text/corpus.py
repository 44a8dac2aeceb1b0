"""Text files -> ids in a file, kept in the user's cache folder by content.

Everything is read in pieces: a text may be larger than the memory.
"""

import codecs
import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.data import entries
from genmodels.data.entries import DamagedError, Entry, KeptFile, Making
from genmodels.data.passed_over import PassedOver
from genmodels.data.text.decoding import check_encoding, decoded_texts
from genmodels.data.text.files import BUILT_IN, STANDARD_INPUT, as_file, pieces_of
from genmodels.data.text.finding import Found, find_files
from genmodels.data.text.kinds import check_alike, check_kind, head_of, said_of
from genmodels.data.text.surrogates import joined
from genmodels.data.text.vocabulary import UNKNOWN, Ids, Vocabulary, code_points, shown, unknown_characters
from genmodels.durable import to_json
from genmodels.errors import DataError, UsageError, listed
from genmodels.ordinary import is_handed
from genmodels.telling import Advance, Counting, Notice, silent, uncounted

KIND, FACTS = "corpora", "corpus.json"
_FORMAT = 1
READ_AT_ONCE = 1 << 22  # characters
PASSES = 2  # over a text: its vocabulary is found, then its ids are written


@dataclass(frozen=True)
class Corpus:
    """An encoded text.

    Args:
        file: of ids, of type `vocabulary.dtype`.
        length: characters (or bytes) in it.
        vocabulary: what the ids mean.
        fingerprint: SHA-256 over the raw content and the way it was read.
        sources: where the text came from.
        passed_over: what was given and is not part of it.
        notices: what was changed when it was read.

    Example:
        >>> from genmodels.data.text.corpus import HowRead
        >>> corpus = genmodels.open_corpus(["corpus.txt"], HowRead(), print)
        >>> corpus.text(0, 7), len(corpus.vocabulary) < 30
        ('the cat', True)
    """

    file: KeptFile = field(compare=False)
    length: int
    vocabulary: Vocabulary
    fingerprint: str
    sources: tuple[str, ...]
    passed_over: tuple[PassedOver, ...] = ()
    notices: tuple[str, ...] = ()

    def read(self, start: int, stop: int) -> Ids:
        """Ids start to stop, also where the cache was removed meanwhile; nothing of the file stays in memory."""
        return self.file.array(self.vocabulary.dtype, start, stop)

    def text(self, start: int, stop: int) -> str:
        """The characters from start to stop."""
        return self.vocabulary.decode(self.read(start, stop))

    def different(self) -> int:
        """How many different characters (or bytes) are in it: fewer than its vocabulary has, where that was given."""
        seen = np.zeros(len(self.vocabulary), dtype=bool)
        for start in range(0, self.length, READ_AT_ONCE):
            seen[self.read(start, min(start + READ_AT_ONCE, self.length))] = True
            if seen.all():
                break
        return int(seen.sum())

    def repeats_one(self, start: int, stop: int) -> bool:
        """Whether one character alone stands from start to stop, so that there is nothing to learn; read in pieces."""
        first, starts = self.read(start, start + 1), range(start, stop, READ_AT_ONCE)
        return all((self.read(at, min(at + READ_AT_ONCE, stop)) == first).all() for at in starts)

    def identity(self) -> str:
        """SHA-256 over its characters (or bytes), whatever their ids: the same for one text in any vocabulary."""
        digest = hashlib.sha256(b"bytes/" if self.vocabulary.is_bytes else b"characters/")
        for start in range(0, self.length, READ_AT_ONCE):
            ids = self.read(start, min(start + READ_AT_ONCE, self.length))
            digest.update(self.vocabulary.meaning_of(ids).astype("<u4").tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class HowRead:
    """How files become text.

    Args:
        encoding: name of the encoding.
        as_bytes: take the raw bytes as ids.
        max_vocabulary: most different characters allowed.
        vocabulary: encode with this one instead of making one.
        extend: append new characters to `vocabulary` instead of treating them as unknown.
        unknown: "error" or "skip", for characters outside a given vocabulary.
        apart: put a line feed between files where the first lacks one; bytes are never changed.
    """

    encoding: str = "utf-8"
    as_bytes: bool = False
    max_vocabulary: int = 10_000
    vocabulary: Vocabulary | None = None
    extend: bool = False
    unknown: str = "error"
    apart: bool = True

    def key(self) -> str:
        """What of this decides the ids, as text for the fingerprint."""
        base = None if self.vocabulary is None else self.vocabulary.to_json()
        encoding = "bytes" if self.as_bytes else codecs.lookup(self.encoding).name
        return f"{_FORMAT}/{encoding}/{base}/{self.extend}/{self.unknown}"


def open_corpus(
    names: Sequence[str],
    reading: HowRead,
    notice: Notice,
    glob: str = "*.txt",
    text: str | None = None,
    counting: Counting = uncounted,
) -> Corpus:
    """Encode text files, or take them from the cache when their content was encoded before.

    Args:
        names: paths, folders, "-" for standard input; none means the built-in corpus.
        reading: how to read them.
        notice: is told what was changed on the way (BOM, line ends, unknown characters).
        glob: which files of a folder.
        text: read instead of `names`, and treated as if it had come through standard input.
        counting: how far it is, where the content was not encoded before.

    Raises:
        DataError: missing, empty, binary, wrongly encoded, or too many different characters.
        UsageError: both `names` and `text`.
        ResourceError: the cache folder cannot be written.

    Example:
        >>> from genmodels.data.text.corpus import HowRead
        >>> genmodels.open_corpus([], HowRead(), print, text="to be or not to be").length
        18
    """
    check_encoding(reading.encoding)
    if text is not None and names:
        raise UsageError(f"the text itself and {listed(names)} contradict each other", "give one of them.")
    if text is not None:
        return read_files(Found((STANDARD_INPUT,)), reading, notice, _as_input(text, reading), counting)
    found = find_files(names, glob) if names else Found((BUILT_IN,))
    return read_files(found, reading, notice, counting=counting)


def read_files(
    found: Found, reading: HowRead, notice: Notice, given: bytes | None = None, counting: Counting = uncounted
) -> Corpus:
    """Encode files that were found; other arguments and errors as those of `open_corpus`.

    Args:
        found: the files, and what was passed over.
        reading: how to read them.
        notice: is told what was changed on the way.
        given: what stands for standard input.
        counting: as of `open_corpus`.
    """
    files = found.files
    with tempfile.TemporaryDirectory(prefix="genmodels-") as spool:
        paths = [as_file(name, Path(spool), given) for name in files]
        fingerprint = _fingerprint(paths, files, reading)
        sources = tuple(STANDARD_INPUT if is_handed(Path(name)) else name for name in files)
        kept = open_cached(fingerprint, sources, notice)
        if kept is None:
            with counting("reading text", PASSES * sum(path.stat().st_size for path in paths)) as advance:
                kept = _encode(paths, sources, reading, fingerprint, advance, notice)
    _check_vocabulary(kept.vocabulary, reading)
    for sentence in kept.notices:
        notice(sentence)
    if kept.length == 0:
        raise DataError(f"the corpus {listed(files)} is empty", "give a file with text in it.")
    return replace(kept, passed_over=found.passed_over)


def _as_input(text: str, reading: HowRead) -> bytes:
    """A text as standard input would bring it."""
    if not isinstance(text, str):
        raise UsageError(f"text is of the type {type(text).__name__}, but it must be a text", "give the text itself.")
    whole = joined(text)
    try:
        return whole.encode("utf-8", "surrogateescape") if reading.as_bytes else whole.encode(reading.encoding)
    except UnicodeEncodeError as error:
        character = whole[error.start]
        if "\ud800" <= character <= "\udfff":
            what = f"the text has half a character, {character!a}, at {error.start}"
            raise DataError(what, "leave it out, or give the other half too.") from error
        what = f"the text has {character!a} at {error.start}, which {reading.encoding} can't hold"
        raise DataError(what, "give another encoding.") from error


def _fingerprint(paths: Sequence[Path], names: Sequence[str], reading: HowRead) -> str:
    digest = hashlib.sha256(reading.key().encode())
    if reading.apart and not reading.as_bytes and len(paths) > 1:
        digest.update(b"/apart/")
    for path, name in zip(paths, names, strict=True):
        for piece in pieces_of(path, name):
            digest.update(piece)
        digest.update(b"/end of file/")
    return digest.hexdigest()


def open_cached(
    fingerprint: str, sources: tuple[str, ...], notice: Notice = silent, *, gone: bool = False
) -> Corpus | None:
    """An encoded corpus from the cache, checked byte for byte; None when it is not there or is damaged.

    Args:
        fingerprint: of it.
        sources: where the text is then said to come from.
        notice: is told of a damaged one.
        gone: the text is gone: then what an earlier version kept is taken, too.
    """

    def opened(entry: Entry) -> Corpus:
        facts = entry.json(FACTS)
        vocabulary, length = Vocabulary.from_json(facts["vocabulary"]), int(facts["length"])
        ids = entry.open("ids")
        told = entry.sums is not None or ids.sha256() == facts["sha256"]
        if not told or ids.status.st_size != length * vocabulary.dtype.itemsize:
            raise DamagedError("ids are not as they were written")
        return Corpus(ids, length, vocabulary, fingerprint, sources, notices=tuple(map(str, facts["notices"])))

    return entries.look(KIND, fingerprint, opened, notice, gone=gone)


def _encode(
    paths: Sequence[Path], names: Sequence[str], reading: HowRead, fingerprint: str, advance: Advance, notice: Notice
) -> Corpus:
    """Two passes: find the vocabulary, then write the ids."""

    def fill(making: Making) -> None:
        notices: list[str] = []
        _check_kinds(paths, names, reading, notices)
        pieces = _byte_ids if reading.as_bytes else _text_ids
        vocabulary, ids = pieces(paths, names, reading, notices, advance)
        making.write("ids", (array.astype(vocabulary.dtype).tobytes() for array in ids))
        count, found = making.sums["ids"]
        facts = {"length": count // vocabulary.dtype.itemsize, "sha256": found, "vocabulary": vocabulary.to_json()}
        making.write(FACTS, [to_json(facts | {"notices": notices})])
        if _fingerprint(paths, names, reading) != fingerprint:
            raise DataError(f"{listed(names)} changed while it was read", "try again when it is complete.")

    return entries.keep(KIND, fingerprint, fill, lambda: open_cached(fingerprint, tuple(names)), notice)


def _check_kinds(paths: Sequence[Path], names: Sequence[str], reading: HowRead, notices: list[str]) -> None:
    """Refuse what is no text in the encoding asked for; raw bytes may be anything, which is told."""
    if not reading.as_bytes:
        check_alike(paths, names)
    for path, name in zip(paths, names, strict=True):
        if not reading.as_bytes:
            check_kind(path, name, reading.encoding)
        elif (seen := said_of(head_of(path, name))) is not None:
            notices.append(f"read as raw bytes what is {seen} by its first bytes")


Encoded = tuple[Vocabulary, Iterator[NDArray[Any]]]


def _byte_ids(paths: Sequence[Path], names: Sequence[str], _: HowRead, __: list[str], advance: Advance) -> Encoded:
    def ids() -> Iterator[NDArray[Any]]:
        for path, name in zip(paths, names, strict=True):
            for piece in pieces_of(path, name):
                advance(PASSES * len(piece))  # a single one does
                yield np.frombuffer(piece, dtype=np.uint8)

    return Vocabulary.of_bytes(), ids()


def _text_ids(
    paths: Sequence[Path], names: Sequence[str], reading: HowRead, notices: list[str], advance: Advance
) -> Encoded:
    seen = np.zeros(0x110000, dtype=bool)
    for text in decoded_texts(paths, names, reading.encoding, notices, apart=reading.apart, advance=advance):
        seen[code_points(text)] = True
    found = [chr(code) for code in np.flatnonzero(seen)]
    vocabulary = _settle(found, reading, notices, listed(names))
    _check_vocabulary(vocabulary, reading)
    again = decoded_texts(paths, names, reading.encoding, [], apart=reading.apart, advance=advance)
    marked = (vocabulary.encode_or_mark(text) for text in again)
    return vocabulary, (ids[ids != UNKNOWN] for ids in marked)


def _check_vocabulary(vocabulary: Vocabulary, reading: HowRead) -> None:
    """Refuse a vocabulary over the limit, whether it was just made or comes from the cache."""
    if not vocabulary.is_bytes and len(vocabulary) > reading.max_vocabulary:
        raise DataError(
            f"the corpus has {len(vocabulary):,} different characters, more than {reading.max_vocabulary:,}",
            "raise --max-vocabulary, or use --bytes.",
        )


def _new_told(new: Sequence[str]) -> str:
    """What becomes of characters that the run to start from does not know."""
    ones, their = ("1 character is", "its") if len(new) == 1 else (f"{len(new):,} characters are", "their")
    return f"{ones} new to the network ({listed([shown(one) for one in new], 40)}), and {their} weights begin untrained"


def _settle(found: list[str], reading: HowRead, notices: list[str], name: str) -> Vocabulary:
    """The vocabulary to encode with: a new one, the given one, or the given one with new characters."""
    if reading.vocabulary is None:
        return Vocabulary("".join(found))
    new = sorted(set(found) - set(reading.vocabulary.characters or ""))
    if not new:
        return reading.vocabulary
    if reading.extend:
        notices.append(_new_told(new))
        return reading.vocabulary.extended(new)
    if reading.unknown == "error":
        raise unknown_characters(name, new, len(reading.vocabulary), some_known=len(new) < len(found))
    notices.append(f"left out the characters that the run does not know: {''.join(new[:40])!a}")
    return reading.vocabulary
