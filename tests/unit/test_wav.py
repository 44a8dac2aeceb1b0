"""Wav files: every kind of whole numbers, headers that lie, and bytes that are none."""

import io
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from genmodels.data.sound.formats.opened import FASTEST, SLOWEST, Opened
from genmodels.data.sound.formats.wav import BLOCK, OtherEncodingError, encoding_in, open_wav
from genmodels.errors import DataError
from unit.wavs import SCALE, chunk, description, extensible, packed, riff, tone, wav_of


class Pipe(io.RawIOBase):
    """Bytes that come in pieces of odd sizes, and can't be gone back in."""

    def __init__(self, content: bytes, largest: int = 997) -> None:
        super().__init__()
        self.content, self.largest = content, largest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        assert size >= 0, "all at once is more than may be in memory"
        size = min(size, self.largest)
        piece, self.content = self.content[:size], self.content[size:]
        return piece

    def seek(self, *_: object) -> int:
        raise io.UnsupportedOperation("seek")


def read(content: bytes) -> tuple[Opened, np.ndarray, list[str]]:
    told: list[str] = []
    opened = open_wav(Pipe(content), "x.wav", told.append)
    blocks = list(opened.blocks)
    assert all(block.dtype == np.float32 and block.ndim == 2 for block in blocks)
    assert all(0 < block.nbytes <= 4 * max(BLOCK, 4 * 65535) for block in blocks)
    return opened, np.concatenate([np.zeros((0, opened.channels), np.float32), *blocks]), told


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
@pytest.mark.parametrize("channels", [1, 2, 5])
@pytest.mark.parametrize("wide", [False, True])
def test_whole_numbers_of_every_width_are_read_as_they_were_written(bits: int, channels: int, wide: bool) -> None:
    scale = SCALE[bits]
    steps = np.random.default_rng(bits).integers(-scale, scale, (501, channels))
    steps[:3] = [[0], [-scale], [scale - 1]]
    kind = extensible if wide else description
    content = riff(chunk(b"fmt ", kind(44100, channels, bits)), chunk(b"data", packed(steps, bits)))
    opened, frames, told = read(content)
    assert (opened.rate, opened.channels, opened.bits, told) == (44100, channels, bits, [])
    assert np.array_equal(frames, (steps / scale).astype(np.float32))


@pytest.mark.parametrize("rate", [SLOWEST, 4000, 8000, 11025, 44100, 192000, FASTEST])
def test_rates_are_told(rate: int) -> None:
    assert read(wav_of(tone(0.01, rate), rate))[0].rate == rate


def test_chunks_before_and_behind_the_sound_are_passed_over() -> None:
    steps = tone(0.1)[:-1]
    content = riff(
        chunk(b"JUNK", bytes(5001)), chunk(b"fmt ", description() + b"\0\0"), chunk(b"LIST", b"odd"),
        chunk(b"data", packed(steps, 16)), chunk(b"LIST", b"INFOISFTa"), chunk(b"id3 ", b"tags"),
    )  # fmt: skip
    _, frames, told = read(content)
    assert np.array_equal(frames[:, 0] * 2**15, steps)
    assert told == []


def test_an_odd_sound_is_padded_and_what_follows_is_still_found() -> None:
    content = riff(chunk(b"fmt ", description(bits=8)), chunk(b"data", bytes(255)), chunk(b"LIST", b"ab"))
    _, frames, told = read(content)
    assert (len(frames), told) == (255, [])


@pytest.mark.parametrize(
    ("cut", "promised", "sentence"),
    [
        (0, None, None),
        (16_000, None, "x.wav: its header promises 3.0 s, but it ends after 2.0 s"),
        (28_801, None, "x.wav: its header promises 3.0 s, but it ends after 1.2 s"),
        (47_998, None, "x.wav: its header promises 3.0 s, but it ends after 1 sample"),
        (200, None, "x.wav: its header promises 24,000 samples, but it ends after 23,900 samples"),
        (0, 0, "x.wav: its header does not say how long it is: read to its end, 3.0 s"),
        (0, 0xFFFF_FFFF, "x.wav: its header does not say how long it is: read to its end, 3.0 s"),
        (0, 0xFFFF_FFDB, "x.wav: its header does not say how long it is: read to its end, 3.0 s"),
        (1, 0x7FFF_FFDB, "x.wav: its header does not say how long it is: read to its end, 3.0 s"),
        (0, 0x8000_0000, "x.wav: its header does not say how long it is: read to its end, 3.0 s"),
        (0, 0x4000_0000, "x.wav: its header promises 67,108.9 s, but it ends after 3.0 s"),
        (0, 16_000, "x.wav: left out what follows the length that its header says"),
        (0, 47_999, "x.wav: left out the half of a sample that it ends with"),
    ],
)
def test_a_length_that_lies_is_told_and_what_is_there_is_read(
    cut: int, promised: int | None, sentence: str | None
) -> None:
    steps = np.full(24_000, -2)  # of no sound that looks like a chunk
    content = wav_of(steps, promised=promised)
    _, frames, told = read(content[: len(content) - cut])
    told = [line for line in told if "half of" not in line or promised == 47_999]
    assert told == ([] if sentence is None else [sentence])
    expected = (promised or 0) // 2 if promised in {16_000, 47_999} else (48_000 - cut) // 2
    assert np.array_equal(frames[:, 0], np.full(expected, -2 / 2**15, np.float32))


def test_a_sound_of_no_length_before_other_chunks_is_as_empty_as_it_says() -> None:
    content = riff(chunk(b"fmt ", description()), chunk(b"data", b""), chunk(b"LIST", b"INFO"))
    _, frames, told = read(content)
    assert (len(frames), told) == (0, [])
    assert len(read(riff(chunk(b"fmt ", description()), chunk(b"data", b"")))[1]) == 0


def test_a_second_recording_behind_the_first_is_told() -> None:
    _, frames, told = read(wav_of(tone(0.5)) * 2)
    assert len(frames) == 4000
    assert told == ["x.wav: left out what follows the length that its header says"]


@pytest.mark.parametrize("kind", [b"RF64", b"BW64"])
@pytest.mark.parametrize("length", [None, 2**64 - 1])
def test_files_with_lengths_of_64_bits_are_read(kind: bytes, length: int | None) -> None:
    steps = tone(0.5)
    sizes = chunk(b"ds64", struct.pack("<QQQI", 0, len(steps) * 2 if length is None else length, len(steps), 0))
    sound = chunk(b"data", packed(steps, 16), 0xFFFF_FFFF)
    content = riff(sizes, chunk(b"fmt ", description()), sound, kind=kind)
    _, frames, told = read(content + (chunk(b"LIST", b"INFO") if length is None else b""))
    assert np.array_equal(frames[:, 0] * 2**15, steps)
    assert bool(told) == (length is not None)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "x.wav is no wav"),
        (b"RIFF\0\0\0\0AVI ", "x.wav is no wav"),
        (b"hello, this is a text", "x.wav is no wav"),
        (riff(), "x.wav ends before its sound begins"),
        (riff(b"fmt "), "x.wav ends before its sound begins"),
        (riff(chunk(b"fmt ", description()[:10])), "x.wav ends before its sound begins"),
        (riff(chunk(b"fmt ", description())), "x.wav ends before its sound begins"),
        (riff(chunk(b"fmt ", description(), 2**32 - 1)), "x.wav ends before its sound begins"),
        (riff(chunk(b"data", b"1234")), "x.wav has no description ('fmt ') before its sound"),
        (riff(chunk(b"fmt ", description(channels=0))), "x.wav says in its header that it has 0 channels"),
        (
            riff(chunk(b"fmt ", description(rate=0))),
            "x.wav says in its header that it has 0 samples in a second (1,000 to 768,000 are read)",
        ),
        (
            riff(chunk(b"fmt ", description(rate=2**32 - 1))),
            "x.wav says in its header that it has 4,294,967,295 samples in a second (1,000 to 768,000 are read)",
        ),
        (
            riff(chunk(b"fmt ", description(bits=12))),
            "x.wav says in its header that it has 12 bits a sample (8, 16, 24, 32 are read)",
        ),
        (
            riff(chunk(b"fmt ", description(bits=24, channels=2, frame=8))),
            "x.wav says in its header that it has 2 channels of 24 bits in 8 bytes",
        ),
    ],
)
def test_what_is_wrong_with_a_header_is_said(content: bytes, what: str) -> None:
    with pytest.raises(DataError) as raised:
        read(content)
    assert raised.value.what == what
    assert "PCM, 16 bit" in str(raised.value.hint)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (description(encoding=3, bits=32), "floating point"),
        (description(encoding=7, bits=8), "mu-law"),
        (description(encoding=6, bits=8), "A-law"),
        (description(encoding=17, bits=4), "IMA ADPCM"),
        (description(encoding=1234), "format 1234"),
        (extensible(8000, 1, 32, encoding=3), "floating point"),
        (extensible(8000, 1, 16, tail=bytes(14)), "an unknown encoding"),
    ],
)
def test_other_encodings_are_named(content: bytes, encoding: str) -> None:
    file = riff(chunk(b"fmt ", content), chunk(b"data", bytes(64)))
    assert encoding_in(file, "x.wav") == encoding
    with pytest.raises(OtherEncodingError, match=encoding):
        read(file)
    assert encoding_in(wav_of(tone(0.1)), "x.wav") is None
    assert encoding_in(file[:20], "x.wav") is None


GOOD = wav_of(tone(0.05), 8000)


def mangled(places: list[tuple[int, int]], length: int) -> bytes:
    content = bytearray(GOOD[:length])
    for place, value in places:
        if place < len(content):
            content[place] = value
    return bytes(content)


HEADERS = st.builds(
    mangled, st.lists(st.tuples(st.integers(0, 47), st.integers(0, 255)), max_size=6), st.integers(0, len(GOOD))
)


@given(st.one_of(HEADERS, st.binary(max_size=200), st.binary(max_size=100).map(riff)))
@example(mangled([(22, 255), (23, 255), (32, 0), (33, 0)], len(GOOD)))
@example(mangled([(16, 255), (17, 255), (18, 255), (19, 255)], len(GOOD)))
def test_whatever_the_bytes_are_a_wav_is_read_or_refused_within_little_memory(content: bytes) -> None:
    tracemalloc.start()
    try:
        _, frames, _ = read(content)
        assert np.isfinite(frames).all()
        assert frames.size <= len(content)
    except (DataError, OtherEncodingError):
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 5_000_000


class Long:
    """A beginning, and many zeros behind it that are never in memory together."""

    def __init__(self, head: bytes, zeros: int) -> None:
        self.head, self.zeros = head, zeros

    def read(self, size: int, /) -> bytes:
        if self.head:
            piece, self.head = self.head[:size], self.head[size:]
            return piece
        size = min(size, self.zeros)
        self.zeros -= size
        return bytes(size)


@pytest.mark.parametrize("kind", [b"LIST", b"fmt ", b"ds64", b"data"])
def test_a_chunk_that_claims_to_be_huge_is_never_in_memory_as_a_whole(kind: bytes) -> None:
    begins = b"RIFF\0\0\0\0WAVE" + (chunk(b"fmt ", description()) if kind == b"data" else b"")
    stream = Long(begins + kind + struct.pack("<I", 0x4000_0000), 1 << 25)
    tracemalloc.start()
    try:
        opened = open_wav(stream, "x.wav", lambda _: None)
        assert sum(len(block) for block in opened.blocks) == 1 << 24
    except (DataError, OtherEncodingError):
        assert kind != b"data"
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert stream.zeros == 0
    assert peak < 3_000_000
