"""FLAC, Ogg, MP3, AIFF, wav of floats and the like, by the library of the optional extra `audio`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import IO, Any

import numpy as np

from genmodels.data.sound.formats.opened import Frames, Opened, conversion, lasting, lengths, unlikely_rate
from genmodels.errors import DataError
from genmodels.streams import caught_in_c
from genmodels.telling import Notice

INSTALL = "pip install 'genmodels[audio]'"
BLOCK = 1 << 16  # samples of all channels read at a time
LOUDEST = 8.0  # of floats, where 1 is full scale: what goes further was never scaled
_CORRECTED = re.compile(r": (\d+) \(should be (\d+)\)")  # a length, in what the library notes of a file
_UNKNOWN = 1 << 60  # samples, or more: what the library says where a file doesn't know its length


@contextmanager
def open_other(file: IO[bytes], kind: str, name: str, notice: Notice) -> Iterator[Opened]:
    """A recording that is no wav of whole numbers.

    Args:
        file: at its beginning; it must be able to go back.
        kind: what people call it, "a FLAC file".
        name: what messages call it.
        notice: is told where less is there than the file promises, when it has been read.

    Raises:
        DataError: the library is missing, or can't read it.
    """
    library = _library(kind, name)
    try:
        with caught_in_c():  # mpg123, by which MP3 is read, writes what it finds wrong past Python to stderr
            recording = library.SoundFile(file)
        with recording as opened:
            if (unlikely := unlikely_rate(opened.samplerate)) is not None:
                raise DataError(f"{name} says in its header that it has {unlikely}", conversion(name))
            blocks = _blocks(opened, name, notice)
            yield Opened(opened.samplerate, opened.channels, None, blocks)
    except library.SoundFileError as error:
        why = str(getattr(error, "error_string", error)).removeprefix("Error : ").strip().rstrip(".")
        if "not exist" in why:  # said of an MP3 in which no sound is found
            why = "it is damaged"
        raise DataError(f"{name} is {kind} and cannot be read: {why}", conversion(name)) from error


def reads_other_formats() -> bool:
    """Whether the library is there."""
    return not isinstance(_imported(), Exception)


def _imported() -> ModuleType | Exception:
    """The library, or why it is not there."""
    try:
        import soundfile  # noqa: PLC0415 - an optional extra
    except (ImportError, OSError) as error:  # the latter where the library in C is missing
        return error
    found: ModuleType = soundfile
    return found


def _library(kind: str, name: str) -> ModuleType:
    found = _imported()
    if isinstance(found, Exception):
        hint = f"{INSTALL} reads it; or {conversion(name)}"
        raise DataError(f"{name} is {kind}, which needs another library", hint) from found
    return found


def _blocks(opened: Any, name: str, notice: Notice) -> Iterator[Frames]:
    """The sound, of shape (T, C) for each block.

    Raises:
        DataError: it holds what is no sound.
    """
    seen, count = 0, max(BLOCK // opened.channels, 1)
    while len(frames := _read(opened, count)):
        if not np.isfinite(frames).all():
            raise DataError(f"{name} holds values that are no numbers (NaN or infinite)", "record or export it again.")
        if (peak := float(np.abs(frames).max())) > LOUDEST:
            hint = "divide its values by their largest, and save it again."
            raise DataError(f"{name} holds values up to {peak:,.0f}, where sound goes from -1 to 1", hint)
        seen += len(frames)
        yield frames
    _tell_of_length(opened, seen, name, notice)


def _read(opened: Any, count: int) -> Frames:
    with caught_in_c():
        frames: Frames = opened.read(count, dtype="float32", always_2d=True)
    return frames


def _tell_of_length(opened: Any, seen: int, name: str, notice: Notice) -> None:
    """Say where a file promises more than there is; mostly the library has looked at its size and corrected it."""
    if seen < opened.frames < _UNKNOWN:
        told, there = lengths(opened.frames, seen, opened.samplerate)
        notice(f"{name}: its header promises {told}, but it ends after {there}")
    elif any(int(told) > int(right) for told, right in _CORRECTED.findall(opened.extra_info)):
        notice(f"{name}: its header promises more than is there: read to its end, {lasting(seen, opened.samplerate)}")
