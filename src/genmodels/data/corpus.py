"""Text files -> ids in a memory-mapped file, kept in the user's cache folder by content.

Everything is read in pieces: a text may be larger than the memory.
"""

import codecs
import hashlib
import io
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.data.cache import CACHE_HINT, cache_folder
from genmodels.data.vocabulary import UNKNOWN, Ids, Vocabulary, code_points, unknown_characters
from genmodels.durable import disk_errors, published_directory, read_json, sweep_temporaries, to_json, write_synced
from genmodels.errors import DataError, RunError, listed

PIECE = 1 << 20  # bytes read at a time
BUILT_IN = "built-in"
_FORMAT = 1
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
Notice = Callable[[str], None]


@dataclass(frozen=True)
class Corpus:
    """An encoded text.

    Args:
        path: file of ids, of type `vocabulary.dtype`.
        length: characters (or bytes) in it.
        vocabulary: what the ids mean.
        fingerprint: SHA-256 over the raw content and the way it was read.
        sources: where the text came from.
    """

    path: Path
    length: int
    vocabulary: Vocabulary
    fingerprint: str
    sources: tuple[str, ...]

    def read(self, start: int, stop: int) -> Ids:
        """A copy of ids start to stop; the mapping is closed again, so that its pages don't pile up."""
        mapped = np.memmap(self.path, dtype=self.vocabulary.dtype, mode="r", shape=(self.length,))
        return np.array(mapped[start:stop])

    def text(self, start: int, stop: int) -> str:
        """The characters from start to stop."""
        return self.vocabulary.decode(self.read(start, stop))


@dataclass(frozen=True)
class Reading:
    """How files become text.

    Args:
        encoding: name of the encoding.
        as_bytes: take the raw bytes as ids.
        max_vocabulary: most different characters allowed.
        vocabulary: encode with this one instead of making one.
        extend: append new characters to `vocabulary` instead of treating them as unknown.
        unknown: "error" or "skip", for characters outside a given vocabulary.
    """

    encoding: str = "utf-8"
    as_bytes: bool = False
    max_vocabulary: int = 10_000
    vocabulary: Vocabulary | None = None
    extend: bool = False
    unknown: str = "error"

    def key(self) -> str:
        """What of this decides the ids, as text for the fingerprint."""
        base = None if self.vocabulary is None else self.vocabulary.to_json()
        encoding = "bytes" if self.as_bytes else codecs.lookup(self.encoding).name
        return f"{_FORMAT}/{encoding}/{base}/{self.extend}/{self.unknown}"


def find_files(names: Sequence[str], glob: str) -> list[str]:
    """Files meant by paths and folders, in order; a folder gives its files that match `glob`, sorted.

    Raises:
        DataError: a path is missing, is no ordinary file, or a folder holds no match.
    """
    found: list[str] = []
    for name in names:
        path = Path(name)
        if name == "-":
            found.append(name)
        elif path.is_dir():
            matches = _matches(path, glob)
            if not matches:
                raise DataError(f"no file in {name} matches {glob!r}", "give another --glob, e.g. '*.md'.")
            found += matches
        elif not path.exists():
            raise DataError(f"there is no file {name}", "check the path.")
        elif not stat.S_ISREG(path.stat().st_mode):
            raise DataError(f"{name} is not an ordinary file", "pipe it in instead, with '-' as the path.")
        else:
            found.append(name if name != BUILT_IN else str(path.resolve()))
    return found


def _matches(folder: Path, glob: str) -> list[str]:
    try:
        return sorted(str(p) for p in folder.rglob(glob) if p.is_file() and not _is_ours_or_hidden(p, folder))
    except (NotImplementedError, ValueError) as error:
        hint = "write it relative to the folder, e.g. '*.md'."
        raise DataError(f"--glob {glob!r} is no pattern within a folder: {error}", hint) from error


def _is_ours_or_hidden(path: Path, folder: Path) -> bool:
    """Whether a file lies in a hidden folder or in a run directory, whose samples are no corpus."""
    above = path.relative_to(folder).parents
    return any(p.name.startswith(".") or (folder / p / "run.json").exists() for p in above if p.name)


def open_corpus(names: Sequence[str], reading: Reading, notice: Notice, glob: str = "*.txt") -> Corpus:
    """Encode text files, or take them from the cache when their content was encoded before.

    Args:
        names: paths, folders, "-" for standard input; none means the built-in corpus.
        reading: how to read them.
        notice: is told what was changed on the way (BOM, line ends, unknown characters).
        glob: which files of a folder.

    Raises:
        DataError: missing, empty, binary, wrongly encoded, or too many different characters.
        ResourceError: the cache folder cannot be written.
    """
    _check_encoding(reading.encoding)
    files = find_files(names, glob) or [BUILT_IN]
    with tempfile.TemporaryDirectory(prefix="genmodels-") as spool:
        paths = [_as_file(name, Path(spool)) for name in files]
        fingerprint = _fingerprint(paths, files, reading)
        kept = open_cached(fingerprint, tuple(files))
        if kept is None:
            _encode(paths, files, reading, fingerprint)
            kept = open_cached(fingerprint, tuple(files))
    if kept is None:
        raise DataError(f"the cache {cache_folder()} does not keep what is written", "set GENMODELS_CACHE elsewhere.")
    _check_vocabulary(kept.vocabulary, reading)
    for sentence in read_json(kept.path.parent / "corpus.json")["notices"]:
        notice(sentence)
    if kept.length == 0:
        raise DataError(f"the corpus {listed(files)} is empty", "give a file with text in it.")
    return kept


def _check_encoding(name: str) -> None:
    try:
        "a".encode(name)
    except (LookupError, UnicodeError) as error:
        raise DataError(f"there is no encoding {name!r}", "common ones: utf-8, latin-1, cp1252, utf-16.") from error


def built_in_text() -> str:
    """The Python language reference as CPython itself carries it (`pydoc_data.topics`)."""
    from pydoc_data.topics import topics  # noqa: PLC0415 - half a megabyte, seldom needed

    return "\n\n".join(topics[name].strip("\n") for name in sorted(topics)) + "\n"


def _as_file(name: str, spool: Path) -> Path:
    """A readable file: standard input and the built-in corpus are written out first."""
    if name == BUILT_IN:
        path = spool / "built-in.txt"
        path.write_text(built_in_text(), encoding="utf-8", newline="\n")
        return path
    if name == "-":
        path = spool / "stdin"
        with disk_errors(path, "set TMPDIR to a folder with more space."), path.open("wb") as file:
            while piece := sys.stdin.buffer.read(PIECE):
                file.write(piece)
        return path
    return Path(name)


def _pieces(path: Path, name: str) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror}", "check its permissions.") from error


def _fingerprint(paths: Sequence[Path], names: Sequence[str], reading: Reading) -> str:
    digest = hashlib.sha256(reading.key().encode())
    for path, name in zip(paths, names, strict=True):
        for piece in _pieces(path, name):
            digest.update(piece)
        digest.update(b"/end of file/")
    return digest.hexdigest()


def open_cached(fingerprint: str, sources: tuple[str, ...]) -> Corpus | None:
    """An encoded corpus from the cache, checked byte for byte; None when it is not there or is damaged."""
    folder = cache_folder() / "corpora" / fingerprint
    try:
        facts = read_json(folder / "corpus.json")
        vocabulary = Vocabulary.from_json(facts["vocabulary"])
        with (folder / "ids").open("rb") as file:
            intact = hashlib.file_digest(file, "sha256").hexdigest() == facts["sha256"]
        length = int(facts["length"])
    except (RunError, OSError, KeyError, TypeError):
        return None
    return Corpus(folder / "ids", length, vocabulary, fingerprint, sources) if intact else None


class _Decoder:
    """Decodes one file piece by piece, counting bytes so that an error can name its offset."""

    def __init__(self, name: str, encoding: str) -> None:
        self.name, self.encoding = name, codecs.lookup(encoding).name
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
        self._lines = io.IncrementalNewlineDecoder(None, translate=True)
        self._offset = 0
        self.had_bom = False

    @property
    def newlines(self) -> bool:
        """Whether line ends other than a line feed were seen."""
        return self._lines.newlines not in {None, "\n"}

    def decode(self, piece: bytes, final: bool) -> str:
        if self._offset == 0:
            self._refuse_binary(piece)
        waiting = len(self._decoder.getstate()[0])
        try:
            text = self._decoder.decode(piece, final)
        except UnicodeError as error:
            if not isinstance(error, UnicodeDecodeError):
                raise DataError(f"{self.name} is not {self.encoding}: {error}", "give its --encoding.") from error
            at = self._offset - waiting + error.start
            value = error.object[error.start]
            raise DataError(
                f"{self.name} is not {self.encoding}: byte 0x{value:02x} at offset {at} cannot be decoded",
                "give its --encoding (often latin-1 or cp1252), or train on raw bytes with --bytes.",
            ) from error
        if self._offset == 0 and text.startswith("\ufeff"):
            self.had_bom, text = True, text[1:]
        self._offset += len(piece)
        return self._lines.decode(text, final)

    def _refuse_binary(self, piece: bytes) -> None:
        for bom, encoding in _BOMS.items():
            if piece.startswith(bom) and self.encoding == "utf-8" and encoding != "utf-8":
                raise DataError(f"{self.name} is {encoding} by its first bytes", f"use --encoding {encoding}.")
        if b"\0" in piece and not self.encoding.startswith(("utf-16", "utf-32")):
            at = piece.index(b"\0")
            raise DataError(
                f"{self.name} looks binary: it has a zero byte at offset {at}",
                "give a text file, its --encoding (utf-16 has zero bytes), or train on raw bytes with --bytes.",
            )


_LEFT_OUT_BOM = "left out the byte order mark at the start of the text"
_TURNED_LINE_ENDS = "turned line ends (CR or CRLF) into line feeds"


def _texts(paths: Sequence[Path], names: Sequence[str], encoding: str, notices: list[str]) -> Iterator[str]:
    """The decoded text of all files, in pieces; says once what was changed in each file."""
    for path, name in zip(paths, names, strict=True):
        decoder = _Decoder(name, encoding)
        for piece in _pieces(path, name):
            yield decoder.decode(piece, final=False)
        yield decoder.decode(b"", final=True)
        changes = {_LEFT_OUT_BOM: decoder.had_bom, _TURNED_LINE_ENDS: decoder.newlines}
        notices += [said for said, happened in changes.items() if happened and said not in notices]


def _encode(paths: Sequence[Path], names: Sequence[str], reading: Reading, fingerprint: str) -> None:
    """Two passes: find the vocabulary, then write the ids."""
    target = cache_folder() / "corpora" / fingerprint
    notices: list[str] = []
    pieces = _byte_ids if reading.as_bytes else _text_ids
    vocabulary, ids = pieces(paths, names, reading, notices)

    def is_good() -> bool:
        return open_cached(fingerprint, ()) is not None

    with disk_errors(target, CACHE_HINT), published_directory(target, is_good) as folder:
        sweep_temporaries(target.parent, seconds_old=86_400.0)
        digest, length = hashlib.sha256(), 0
        with (folder / "ids").open("wb") as file:
            for array in ids:
                data = array.astype(vocabulary.dtype).tobytes()
                digest.update(data)
                file.write(data)
                length += len(array)
            file.flush()
            os.fsync(file.fileno())
        facts = {"length": length, "sha256": digest.hexdigest(), "vocabulary": vocabulary.to_json()}
        write_synced(folder / "corpus.json", to_json(facts | {"notices": notices}))
        if _fingerprint(paths, names, reading) != fingerprint:
            raise DataError(f"{listed(names)} changed while it was read", "try again when it is complete.")


Encoded = tuple[Vocabulary, Iterator[NDArray[Any]]]


def _byte_ids(paths: Sequence[Path], names: Sequence[str], _: Reading, __: list[str]) -> Encoded:
    pieces = (piece for path, name in zip(paths, names, strict=True) for piece in _pieces(path, name))
    return Vocabulary.of_bytes(), (np.frombuffer(piece, dtype=np.uint8) for piece in pieces)


def _text_ids(paths: Sequence[Path], names: Sequence[str], reading: Reading, notices: list[str]) -> Encoded:
    seen = np.zeros(0x110000, dtype=bool)
    for text in _texts(paths, names, reading.encoding, notices):
        seen[code_points(text)] = True
    found = [chr(code) for code in np.flatnonzero(seen)]
    vocabulary = _settle(found, reading, notices, listed(names))
    _check_vocabulary(vocabulary, reading)
    again = _texts(paths, names, reading.encoding, [])
    marked = (vocabulary.encode_or_mark(text) for text in again)
    return vocabulary, (ids[ids != UNKNOWN] for ids in marked)


def _check_vocabulary(vocabulary: Vocabulary, reading: Reading) -> None:
    """Refuse a vocabulary over the limit, whether it was just made or comes from the cache."""
    if not vocabulary.is_bytes and len(vocabulary) > reading.max_vocabulary:
        raise DataError(
            f"the corpus has {len(vocabulary):,} different characters, more than {reading.max_vocabulary:,}",
            "raise --max-vocabulary, or use --bytes.",
        )


def _settle(found: list[str], reading: Reading, notices: list[str], name: str) -> Vocabulary:
    """The vocabulary to encode with: a new one, the given one, or the given one with new characters."""
    if reading.vocabulary is None:
        return Vocabulary("".join(found))
    new = sorted(set(found) - set(reading.vocabulary.characters or ""))
    if not new:
        return reading.vocabulary
    if reading.extend:
        notices.append(f"{len(new)} new characters get fresh rows: {''.join(new[:40])!a}")
        return reading.vocabulary.extended(new)
    if reading.unknown == "error":
        raise unknown_characters(name, new, len(reading.vocabulary))
    notices.append(f"left out the characters that the run does not know: {''.join(new[:40])!a}")
    return reading.vocabulary


def describe_corpus(corpus: Corpus, reading: Reading, glob: str) -> dict[str, Any]:
    """What run.json keeps of a corpus: enough to find it again and to notice a change."""
    kept = reading.vocabulary
    return {
        "sources": [name if name in {"-", BUILT_IN} else str(Path(name).resolve()) for name in corpus.sources],
        "fingerprint": corpus.fingerprint,
        "characters": corpus.length,
        "different": len(corpus.vocabulary),
        "glob": glob,
        "encoding": reading.encoding,
        "bytes": reading.as_bytes,
        "max_vocabulary": reading.max_vocabulary,
        "extends": None if kept is None else kept.to_json(),
    }


AGAIN = "give the same text again: --resume RUN FILE, or - for standard input."


def reopen_corpus(described: dict[str, Any], notice: Notice, again: Sequence[str] = ()) -> Corpus:
    """The corpus of a run: from its files, which must not have changed, else from the cache.

    Args:
        described: what `describe_corpus` gave.
        notice: is told what was changed on the way.
        again: where the same text is now, if it was moved.

    Raises:
        DataError: a file has changed, or neither the files nor the cache hold the text any more.
        RunError: the description is damaged.
    """
    try:
        sources, fingerprint = [str(s) for s in described["sources"]], str(described["fingerprint"])
        base = described["extends"]
        reading = Reading(
            encoding=str(described["encoding"]),
            as_bytes=described["bytes"],
            max_vocabulary=described["max_vocabulary"],
            vocabulary=None if base is None else Vocabulary.from_json(base),
            extend=base is not None,
        )
    except (KeyError, TypeError) as error:
        raise RunError(f"run.json does not describe its corpus: {error}", "restore it from a copy.") from error
    ours = [] if again else [name for name in sources if name in {"-", BUILT_IN}]
    if again:
        sources = list(again)
    elif ours or not all(Path(name).is_file() for name in sources):
        kept = open_cached(fingerprint, tuple(sources))
        if kept is not None:
            return kept
        if ours != [BUILT_IN]:
            raise DataError(f"the corpus of the run is gone: {listed(sources)}", AGAIN)
    corpus = open_corpus([name for name in sources if name != BUILT_IN], reading, notice, described["glob"])
    if corpus.fingerprint != fingerprint:
        raise DataError(
            f"the corpus {listed(again or sources)} is not that of the run, or has changed since it began",
            "give the text as it was, or begin a new run from these weights with --init-from.",
        )
    return corpus
