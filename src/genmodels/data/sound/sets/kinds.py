"""Which files are recordings, by how they begin or by what their names promise, and how long they say they are."""

import re
import struct
from pathlib import Path

from genmodels.data.signatures import BINARY, MARKUP, OTHER_SOUNDS, SOUNDS, WAV, first_of
from genmodels.data.sound.formats.recordings import ENDINGS, PACKED
from genmodels.ordinary import open_ordinary

HEAD = 2048  # bytes that are looked at


def beginning(path: Path) -> bytes:
    """How a file begins; nothing of one that can't be read, which its reader will say."""
    try:
        with open_ordinary(path) as file:
            return file.read(HEAD)
    except OSError:
        return b""


def is_recording(path: Path, head: bytes) -> bool:
    """Whether a file is sound, or promises to be."""
    return path.suffix.lower() in ENDINGS or first_of(head, WAV, SOUNDS, OTHER_SOUNDS) is not None


def other_kind(head: bytes) -> str | None:
    """What a file is that is no sound, as a sentence names it; None where that is not known."""
    return first_of(head, BINARY, MARKUP)


def is_packed(kind: str | None) -> bool:
    """Whether a file of this kind must be unpacked first."""
    return kind in PACKED


def seconds_promised(head: bytes, size: int) -> float:
    """How long a wav file is by its size and its header; 0 where that can't be told before it is read.

    Args:
        head: how the file begins.
        size: in bytes.
    """
    found = re.match(rb"RIFF.{4}WAVE(?:JUNK.{4}\0*)?fmt (?=.{28})", head, re.DOTALL)
    if found is None:
        return 0.0
    (bytes_per_second,) = struct.unpack_from("<12xI", head, found.end())
    return float(size / bytes_per_second) if bytes_per_second else 0.0
