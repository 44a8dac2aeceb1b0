"""RIFF/WAVE files of whole numbers (PCM), read forward only and a block at a time: from a file as from a pipe."""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genmodels.data.sound.formats.opened import AGAIN, Frames, Opened, Stream, lengths, read_exactly, unlikely_rate
from genmodels.errors import DataError
from genmodels.telling import Notice

PCM, EXTENSIBLE = 1, 0xFFFE
BITS = (8, 16, 24, 32)
BLOCK = 1 << 18  # bytes of sound read at a time
ENCODINGS = {
    2: "ADPCM", 3: "floating point", 6: "A-law", 7: "mu-law", 17: "IMA ADPCM", 49: "GSM 6.10", 80: "MPEG",
    85: "MP3", 255: "AAC", 0x161: "Windows Media", EXTENSIBLE: "an unknown encoding",
}  # fmt: skip
"""What may be in a wav instead of PCM, by its number."""

_RIFF = (b"RIFF", b"RF64", b"BW64")  # the last two hold more than 4 GB
_UNKNOWN = ((0x7FFF_F000, 0x8000_0000), (0xFFFF_F000, 0xFFFF_FFFF), (2**64 - 4096, 2**64 - 1))
"""From and to: lengths in bytes that programs write which don't know yet how long the sound will be."""
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")  # behind the number of an encoding
_AFTER_SOUND = {b"LIST", b"id3 ", b"ID3 ", b"fact", b"bext", b"cue ", b"smpl", b"PEAK", b"JUNK", b"junk", b"afsp"}


@dataclass(frozen=True)
class Header:
    """What a wav says of itself.

    Args:
        rate: samples in a second of each channel.
        channels: how many.
        bits: of a sample.
        length: bytes of sound that it promises; None where it doesn't know.
    """

    rate: int
    channels: int
    bits: int
    length: int | None

    @property
    def frame(self) -> int:
        """Bytes of one moment of all channels."""
        return self.channels * self.bits // 8


class OtherEncodingError(Exception):
    """A wav that holds something else than PCM; `encoding` is what people call it."""

    def __init__(self, encoding: str) -> None:
        super().__init__(encoding)
        self.encoding = encoding


def _skip(stream: Stream, size: int) -> None:
    while size > 0 and (piece := stream.read(min(size, BLOCK))):
        size -= len(piece)


def read_header(stream: Stream, name: str) -> Header:
    """Everything before the sound; the stream then stands at its first sample.

    Args:
        stream: of a wav, at its beginning.
        name: what an error calls it.

    Raises:
        DataError: it is no wav, ends too early, or says what can't be.
        OtherEncodingError: it is not PCM.
    """
    start = read_exactly(stream, 12)
    if start[:4] not in _RIFF or start[8:] != b"WAVE":
        raise DataError(f"{name} is no wav", AGAIN)
    header: Header | None = None
    length_64: int | None = None
    while len(chunk := read_exactly(stream, 8)) == 8:
        kind, length = struct.unpack("<4sI", chunk)
        if kind == b"data":
            if header is None:
                raise DataError(f"{name} has no description ('fmt ') before its sound", AGAIN)
            known = length_64 if length == 0xFFFF_FFFF and length_64 is not None else length
            return replace(header, length=None if any(low <= known <= high for low, high in _UNKNOWN) else known)
        if kind not in {b"fmt ", b"ds64"}:
            _skip(stream, length + length % 2)
            continue
        content = read_exactly(stream, min(length, 64))
        _skip(stream, length + length % 2 - len(content))
        if kind == b"fmt ":
            header = _described(content, name)
        elif len(content) >= 16:
            length_64 = struct.unpack("<Q", content[8:16])[0]
    raise DataError(f"{name} ends before its sound begins", f"it is cut off: {AGAIN}")


def _described(content: bytes, name: str) -> Header:
    """The header in a chunk "fmt ", as yet without a length."""
    if len(content) < 16:
        raise DataError(f"{name} ends before its sound begins", f"it is cut off: {AGAIN}")
    encoding, channels, rate, _, frame, bits = struct.unpack("<HHIIHH", content[:16])
    if encoding == EXTENSIBLE and len(content) >= 40 and content[26:40] == _GUID_TAIL:
        encoding = struct.unpack("<H", content[24:26])[0]
    if encoding != PCM:
        raise OtherEncodingError(ENCODINGS.get(encoding, f"format {encoding}"))
    wrong = _contradiction(channels, rate, frame, bits)
    if wrong is not None:
        raise DataError(f"{name} says in its header that it has {wrong}", AGAIN)
    return Header(rate, channels, bits, None)


def _contradiction(channels: int, rate: int, frame: int, bits: int) -> str | None:
    """What a header says that can't be, or is not read here."""
    if channels == 0:
        return "0 channels"
    if (unlikely := unlikely_rate(rate)) is not None:
        return unlikely
    if bits not in BITS:
        return f"{bits} bits a sample ({', '.join(map(str, BITS))} are read)"
    if frame not in {0, channels * bits // 8}:
        return f"{channels} channels of {bits} bits in {frame} bytes"
    return None


def encoding_in(head: bytes, name: str) -> str | None:
    """What the wav that begins so holds instead of PCM; None: PCM, or it can't be told from so few bytes."""
    try:
        read_header(io.BytesIO(head), name)
    except OtherEncodingError as error:
        return error.encoding
    except DataError:
        return None
    return None


def open_wav(stream: Stream, name: str, notice: Notice) -> Opened:
    """The facts of a wav, and its sound.

    Args:
        stream: at the beginning of the wav.
        name: what messages call it.
        notice: is told what is amiss with its length, when the sound has been read.

    Raises:
        DataError: it is no wav, ends too early, or says what can't be.
        OtherEncodingError: it is not PCM.
    """
    header = read_header(stream, name)
    return Opened(header.rate, header.channels, header.bits, blocks_in(stream, header, name, notice))


def blocks_in(stream: Stream, header: Header, name: str, notice: Notice) -> Iterator[Frames]:
    """The sound behind a header, of shape (T, C) for each block.

    Args:
        stream: at the first sample.
        header: of it.
        name: what a notice calls it.
        notice: is told where the length in the header is not the true one, and of what is left out.
    """
    promised, first = _promised(stream, header)
    unit = max(BLOCK // header.frame, 1) * header.frame
    left, seen, rest = promised, 0, first
    while left is None or left > 0:
        wanted = unit if left is None else min(unit, left)
        piece = rest + read_exactly(stream, wanted - len(rest))
        rest = b""
        seen += len(piece)
        left = None if left is None else left - len(piece)
        whole = len(piece) - len(piece) % header.frame
        if whole:
            yield decoded(piece[:whole], header)
        if len(piece) < wanted:
            break
    _tell_of_length(header, promised, seen, name, notice)
    if promised and left == 0:
        _tell_of_rest(stream, seen, name, notice)


def _promised(stream: Stream, header: Header) -> tuple[int | None, bytes]:
    """Bytes of sound to read, None for all there are, and those that had to be read to know.

    A length of 0 is what a program leaves that writes while it records; but a file may be as empty as it says.
    """
    if header.length != 0:
        return header.length, b""
    first = read_exactly(stream, 4)
    return (0, b"") if first in _AFTER_SOUND or not first else (None, first)


def _tell_of_length(header: Header, promised: int | None, seen: int, name: str, notice: Notice) -> None:
    """Say where a header lies about its length, or the sound ends within a sample."""
    there, told = lengths(seen // header.frame, (promised or 0) // header.frame, header.rate)
    if promised is None:
        notice(f"{name}: its header does not say how long it is: read to its end, {there}")
    elif seen < promised:
        notice(f"{name}: its header promises {told}, but it ends after {there}")
    elif seen % header.frame:
        notice(f"{name}: left out the half of a sample that it ends with")


def _tell_of_rest(stream: Stream, seen: int, name: str, notice: Notice) -> None:
    """Say where sound, or what is no part of a wav, follows the sound that the header promises."""
    _skip(stream, seen % 2)
    while len(chunk := read_exactly(stream, 8)) == 8:
        kind, length = struct.unpack("<4sI", chunk)
        if kind in {b"data", *_RIFF} or not all(32 <= letter < 127 for letter in kind):
            notice(f"{name}: left out what follows the length that its header says")
            return
        _skip(stream, length + length % 2)


def decoded(raw: bytes, header: Header) -> Frames:
    """Samples of whole frames as float32 between -1 and 1, of shape (T, C)."""
    samples = _DECODERS[header.bits](raw)
    return samples.reshape(-1, header.channels)


def _from_8(raw: bytes) -> NDArray[np.float32]:
    return (np.frombuffer(raw, np.uint8).astype(np.float32) - np.float32(128)) * np.float32(2**-7)


def _from_16(raw: bytes) -> NDArray[np.float32]:
    return np.frombuffer(raw, "<i2").astype(np.float32) * np.float32(2**-15)


def _from_24(raw: bytes) -> NDArray[np.float32]:
    wide = np.zeros((len(raw) // 3, 4), np.uint8)
    wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
    return wide.view("<i4")[:, 0].astype(np.float32) * np.float32(2**-31)


def _from_32(raw: bytes) -> NDArray[np.float32]:
    return np.frombuffer(raw, "<i4").astype(np.float32) * np.float32(2**-31)


_DECODERS = {8: _from_8, 16: _from_16, 24: _from_24, 32: _from_32}
