"""The front door for recordings: any file, or standard input, as int16 at 8,000 samples a second in one channel."""

import codecs
import io
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from genmodels.data.signatures import BINARY, MARKUP, OTHER_SOUNDS, PICTURES, SOUNDS, WAV, first_of
from genmodels.data.sound.clips import RATE
from genmodels.data.sound.formats.clipping import Limits
from genmodels.data.sound.formats.opened import STANDARD_INPUT, Opened, Stream, conversion, lasting, read_exactly, shown
from genmodels.data.sound.formats.other_formats import open_other
from genmodels.data.sound.formats.resampling import resampling
from genmodels.data.sound.formats.wav import OtherEncodingError, encoding_in, open_wav
from genmodels.durable import disk_errors
from genmodels.errors import DataError
from genmodels.ordinary import open_ordinary
from genmodels.printable import one_line
from genmodels.telling import Notice

Samples = NDArray[np.int16]

SHORTEST = 200  # samples: one window of 25 ms
BLOCK = 30 * RATE  # samples of a long recording that are handed out at a time
SILENCE = 8  # what no sample of silence reaches; full scale is 32,768
HEAD = 1 << 16  # bytes by which a file is known
PIECE = 1 << 20  # bytes copied at a time
ENDINGS = {
    ".wav": "a wav", ".wave": "a wav", ".flac": "a FLAC file", ".ogg": "an Ogg file", ".oga": "an Ogg file",
    ".opus": "an Ogg file", ".mp3": "an MP3 file", ".aif": "an AIFF file", ".aiff": "an AIFF file",
    ".au": "an AU file", ".caf": "a CAF file",
    **dict.fromkeys((".m4a", ".mp4", ".aac", ".webm", ".wma", ".amr", ".3gp"), "what is not read here"),
}  # fmt: skip
"""Names that promise a format; where the content has another one, that is told."""
PACKED = ("gzip", "bzip2", "xz", "zstd", "lz4", "a 7z archive", "a RAR archive", "a tar archive", "a zip archive")


@dataclass(frozen=True)
class Recording:
    """A recording as a whole.

    Args:
        name: what messages call it.
        samples: int16 of shape (T,), 8,000 in a second.
        rate: of the file, samples in a second.
        channels: of the file.
    """

    name: str
    samples: Samples
    rate: int
    channels: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE

    @property
    def is_silent(self) -> bool:
        """Whether nothing can be heard in it: no sample reaches a few steps, or all are the same."""
        highest, lowest = int(self.samples.max()), int(self.samples.min())
        return highest == lowest or max(highest, -lowest) < SILENCE


def read_recording(path: Path, notice: Notice, longest: float | None = None) -> Recording:
    """A recording as a whole.

    Args:
        path: of the file; "-" is standard input.
        notice: is told what was changed, and what is amiss.
        longest: seconds; a longer one is refused.

    Raises:
        DataError: missing, unreadable, no sound that is read here, empty, too short or too long.
        ResourceError: standard input has to be copied to the disk, which is full.
    """
    name = _name_of(path)
    with _stream_of(path, name) as stream:
        return _whole(stream, name, notice, longest)


def from_bytes(data: bytes, name: str, notice: Notice, longest: float | None = None) -> Recording:
    """The same for the content of a file that is in memory already; `name` is what messages call it."""
    return _whole(io.BytesIO(data), one_line(name), notice, longest)


def blocks_of(path: Path, notice: Notice) -> Iterator[Samples]:
    """A recording of any length in blocks of 30 seconds; the last is shorter or a little longer.

    The blocks put together are what `read_recording` gives; a few megabytes of memory do for any length.

    Args:
        path: of the file; "-" is standard input.
        notice: is told what was changed, and what is amiss.

    Raises:
        DataError: missing, unreadable, no sound that is read here, empty or too short.
        ResourceError: standard input has to be copied to the disk, which is full.
    """
    name = _name_of(path)
    with _stream_of(path, name) as stream, _opened(stream, name, notice) as opened:
        held, total = np.zeros(0, np.int16), 0
        for piece in samples_of(opened, name, notice):
            held = np.concatenate([held, piece])
            total += len(piece)
            while len(held) >= BLOCK + SHORTEST:  # the last block is to be long enough by itself
                yield held[:BLOCK]
                held = held[BLOCK:]
        _check_length(total, name)
        yield held


def _whole(stream: IO[bytes], name: str, notice: Notice, longest: float | None) -> Recording:
    with _opened(stream, name, notice) as opened:
        pieces, total = [np.zeros(0, np.int16)], 0
        for piece in samples_of(opened, name, notice):
            pieces.append(piece)
            total += len(piece)
            if longest is not None and total > longest * RATE:
                raise DataError(f"{name} is longer than {longest:g} s", "cut it into shorter pieces.")
        _check_length(total, name)
        return Recording(name, np.concatenate(pieces), opened.rate, opened.channels)


def _check_length(count: int, name: str) -> None:
    if count == 0:
        raise DataError(f"{name} holds no sound", "record it again.")
    if count < SHORTEST:
        what = f"{name} holds {lasting(count, RATE)}, which is too short to hold a word"
        raise DataError(what, f"record it again, for at least {1000 * SHORTEST // RATE} ms; a word takes about 400.")


def samples_of(opened: Opened, name: str, notice: Notice) -> Iterator[Samples]:
    """One channel, 8,000 samples in a second, in pieces as they come.

    Args:
        opened: what is read.
        name: what notices call it.
        notice: is told how what is read differs from what is there, and where it was clipped.
    """
    _tell_of_changes(opened, name, notice)
    limits, slower = Limits(opened.bits), resampling(opened.rate)
    for frames in opened.blocks:
        limits.look_at(frames)
        mixed = frames.mean(axis=1, dtype=np.float64)
        yield limits.whole_numbers(slower.take(mixed))
    yield limits.whole_numbers(slower.finish())
    limits.tell(name, notice)


def _tell_of_changes(opened: Opened, name: str, notice: Notice) -> None:
    """Say in one line how what is read differs from what is in the file."""
    changes = []
    if opened.channels > 1:
        changes.append((f"{opened.channels} channels", "mixed"))
    if opened.rate != RATE:
        changes.append(("", f"resampled to {RATE:,} Hz"))
    if opened.bits is not None and opened.bits > 16:
        changes.append((f"{opened.bits} bits", "rounded to 16 bits"))
    if changes:
        facts = ", ".join([f"{opened.rate:,} Hz", *(fact for fact, _ in changes if fact)])
        *firsts, last = [deed for _, deed in changes]
        deeds = f"{', '.join(firsts)} and {last}" if firsts else last
        above = f"; nothing above {opened.rate // 2:,} Hz is in it" if opened.rate < RATE else ""
        notice(f"{name}: {facts}: {deeds}{above}")


def _name_of(path: Path) -> str:
    return STANDARD_INPUT if str(path) == "-" else shown(path)


@contextmanager
def _stream_of(path: Path, name: str) -> Iterator[IO[bytes]]:
    """A file or standard input, to be read from its beginning.

    Raises:
        DataError: there is none, it is no ordinary file, or can't be read.
    """
    if str(path) == "-":
        source = getattr(sys.stdin, "buffer", None)
        if source is None:
            raise DataError("there is no standard input", "name a file.")
        with _reading(name):
            yield source
        return
    with _reading(name):
        _check_is_file(path, name)
        with open_ordinary(path) as file:
            yield file


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Turn an operating system's error while reading into a sentence."""
    try:
        yield
    except OSError as error:
        hint = "check its permissions." if isinstance(error, PermissionError) else "check the path and the disk."
        raise DataError(f"{name} cannot be read: {error.strerror or error}", hint) from error


def check_is_there(path: Path) -> None:
    """Refuse a recording that no file can be, before anything else is looked for; what standard input brings may be.

    Raises:
        DataError: it is missing, a folder, or no ordinary file.
    """
    if str(path) != "-":
        with _reading(shown(path)):
            _check_is_file(path, shown(path))


def _check_is_file(path: Path, name: str) -> None:
    if "\0" in str(path):
        raise DataError(f"there is no file {name}", "check the path.")
    if path.is_dir():
        raise DataError(f"{name} is a folder, not a recording", "name the files in it.")
    if not path.exists():
        if path.is_symlink():
            hint = "restore that file, or remove the link."
            raise DataError(f"{name} is a link to {shown(path.readlink())}, which is missing", hint)
        raise DataError(f"there is no file {name}", "check the path.")
    if not stat.S_ISREG(path.stat().st_mode):
        raise DataError(f"{name} is no ordinary file", "pipe it in instead, with '-' as the path.")


class _Rejoined:
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, rest: Stream) -> None:
        self.head, self.rest = head, rest

    def read(self, size: int, /) -> bytes:
        """At most so many bytes."""
        if not self.head:
            return self.rest.read(size)
        piece, self.head = self.head[:size], self.head[size:]
        return piece


@contextmanager
def _opened(stream: IO[bytes], name: str, notice: Notice) -> Iterator[Opened]:
    """A recording by its content, whatever its name promises.

    Raises:
        DataError: it is empty, or no sound that is read here.
    """
    head = read_exactly(stream, HEAD)
    if not head:
        hint = "pipe a recording in, or name a file." if name == STANDARD_INPUT else "record it again."
        raise DataError(f"{name} is empty", hint)
    kind = first_of(head, WAV, SOUNDS)
    if kind is None:
        raise _no_recording(head, name)
    promised = ENDINGS.get(Path(name).suffix.lower())
    if promised not in {None, kind}:
        notice(f"{name} is {kind} by its first bytes, and read as one")
    is_wav = first_of(head, WAV) is not None
    encoding = encoding_in(head, name) if is_wav else None
    if is_wav and encoding is None:
        yield _opened_wav(_Rejoined(head, stream), name, notice)
        return
    with (
        _able_to_go_back(head, stream, name) as file,
        open_other(file, kind if encoding is None else f"a wav of {encoding}", name, notice) as opened,
    ):
        yield opened


def _opened_wav(stream: Stream, name: str, notice: Notice) -> Opened:
    """A wav whose beginning does not say that it is anything but whole numbers."""
    try:
        return open_wav(stream, name, notice)
    except OtherEncodingError as error:  # said so late that a pipe can't be gone back in
        raise DataError(f"{name} is a wav of {error.encoding} with a long header", conversion(name)) from error


def _no_recording(head: bytes, name: str) -> DataError:
    """What to say of a file that should be a recording."""
    unread = first_of(head, OTHER_SOUNDS)
    if unread is not None:
        return DataError(f"{name} is {unread}, which is not read here", conversion(name))
    picture, other = first_of(head, PICTURES), first_of(head, BINARY, MARKUP)
    if picture is None and other is None and _is_text(head):
        return DataError(f"{name} is no recording: it is a text", "give a recording, best a wav.")
    if picture is None and other is None:
        return DataError(f"{name} is no recording that is known here", conversion(name))
    kind = other if picture is None else f"a picture ({picture})"
    hint = "unpack it, and give the recordings in it." if kind in PACKED else "give a recording, best a wav."
    return DataError(f"{name} is no recording: it is {kind}", hint)


def _is_text(head: bytes) -> bool:
    """Whether a file begins as a text in UTF-8 does, of which the last character may be cut off."""
    signs = {*range(32), 127} - {*b"\t\n\r\f"}
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return not signs & set(head)


@contextmanager
def _able_to_go_back(head: bytes, stream: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    """The same from its beginning; what is piped in is copied to the disk first."""
    if name != STANDARD_INPUT:
        stream.seek(0)
        yield stream
        return
    with tempfile.TemporaryFile() as file:
        piece = head
        while piece:
            with disk_errors(Path(tempfile.gettempdir()), "set TMPDIR to a folder with more space."):
                file.write(piece)
            piece = stream.read(PIECE)
        file.seek(0)
        yield cast("IO[bytes]", file)
