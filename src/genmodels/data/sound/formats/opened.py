"""A recording that is being read, whatever its format, and what all formats need for it."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genmodels.printable import one_line
from genmodels.telling import counted

Frames = NDArray[np.float32]
"""Sound between -1 and 1, of shape (T, C): moments x channels."""

STANDARD_INPUT = "standard input"  # as messages call it
SLOWEST, FASTEST = 1_000, 768_000  # samples in a second; outside no header is believed
AGAIN = "save or record it again as a wav (PCM, 16 bit)."


class Stream(Protocol):
    """What bytes are read from; it need not be able to go back."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        ...


@dataclass(frozen=True)
class Opened:
    """A recording that is being read.

    Args:
        rate: samples in a second of each channel.
        channels: how many.
        bits: of a sample, as whole numbers; None where it isn't kept in such.
        blocks: the sound, which can be gone through once.
    """

    rate: int
    channels: int
    bits: int | None
    blocks: Iterator[Frames]


def read_exactly(stream: Stream, size: int) -> bytes:
    """So many bytes; fewer only where the stream ends."""
    pieces: list[bytes] = []
    while size > 0 and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def unlikely_rate(rate: int) -> str | None:
    """What to say of a rate that no recording has."""
    if SLOWEST <= rate <= FASTEST:
        return None
    return f"{rate:,} samples in a second ({SLOWEST:,} to {FASTEST:,} are read)"


def lasting(count: int, rate: int) -> str:
    """A length for people: seconds, or samples where there are few.

    >>> lasting(12_000, 8_000), lasting(1, 8_000)
    ('1.5 s', '1 sample')
    """
    seconds = count / rate
    return f"{seconds:,.1f} s" if seconds >= 0.1 else counted(count, "sample")


def lengths(one: int, other: int, rate: int) -> tuple[str, str]:
    """Two lengths that differ, so that this is seen: in samples where they are the same in tenths of a second.

    >>> lengths(1_600, 1_480, 8_000), lengths(24_000, 8_000, 8_000)
    (('1,600 samples', '1,480 samples'), ('3.0 s', '1.0 s'))
    """
    told = lasting(one, rate), lasting(other, rate)
    return (counted(one, "sample"), counted(other, "sample")) if told[0] == told[1] else told


def conversion(name: str) -> str:
    """How to make a wav of a file that can't be read here."""
    if name == STANDARD_INPUT:
        return "send it through `ffmpeg -i - -ar 8000 -ac 1 -f wav -` first."
    made = str(Path(name).with_name(f"{Path(name).stem}-8000.wav"))
    return f"make a wav of it: `ffmpeg -i {shlex.quote(name)} -ar 8000 -ac 1 {shlex.quote(made)}`."


def shown(path: Path) -> str:
    """What messages call a file."""
    return one_line(str(path))
