"""Recordings: whatever is given, read as 8,000 samples a second in one channel, or refused with what to do."""

import os
import shutil
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genmodels.data.sound.formats.opened import conversion
from genmodels.data.sound.formats.recordings import (
    BLOCK,
    HEAD,
    SHORTEST,
    blocks_of,
    from_bytes,
    read_recording,
)
from genmodels.data.sound.formats.resampling import resampling
from genmodels.errors import DataError
from unit.recordings_read import read, refusal, sent, written
from unit.wavs import chunk, description, riff, tone, wav_of


def test_what_is_right_already_passes_bit_for_bit(tmp_path: Path) -> None:
    steps = np.random.default_rng(0).integers(-(2**15), 2**15, 70_001).astype(np.int16)
    told: list[str] = []
    recording = read_recording(written(tmp_path / "a.wav", wav_of(steps)), told.append)
    assert np.array_equal(recording.samples, steps)
    assert recording.samples.dtype == np.int16
    assert (recording.rate, recording.channels, recording.seconds, told) == (8000, 1, 70_001 / 8000, [])


def test_channels_are_mixed_by_their_mean_and_told() -> None:
    steps = np.stack([tone(0.1, height=9000), tone(0.1, pitch=700, height=9000)], axis=1)
    recording, told = read(wav_of(steps))
    assert np.array_equal(recording.samples, np.rint(steps.astype(float).mean(axis=1)))
    assert (recording.channels, told) == (2, ["x.wav: 8,000 Hz, 2 channels: mixed"])


@pytest.mark.parametrize(
    ("rate", "bits", "channels", "sentence"),
    [
        (44100, 16, 2, "x.wav: 44,100 Hz, 2 channels: mixed and resampled to 8,000 Hz"),
        (16000, 8, 1, "x.wav: 16,000 Hz: resampled to 8,000 Hz"),
        (4000, 16, 1, "x.wav: 4,000 Hz: resampled to 8,000 Hz; nothing above 2,000 Hz is in it"),
        (8000, 24, 1, "x.wav: 8,000 Hz, 24 bits: rounded to 16 bits"),
        (
            48000, 32, 3,
            "x.wav: 48,000 Hz, 3 channels, 32 bits: mixed, resampled to 8,000 Hz and rounded to 16 bits",
        ),
    ],
)  # fmt: skip
def test_every_change_is_told_in_one_line(rate: int, bits: int, channels: int, sentence: str) -> None:
    steps = np.repeat(tone(0.5, rate)[:, None], channels, axis=1).astype(np.int64)
    steps = steps >> 8 if bits == 8 else steps << (bits - 16)
    recording, told = read(wav_of(steps, rate, bits))
    assert told == [sentence]
    assert len(recording.samples) == 4000
    assert recording.rate == rate
    far = 300 if bits == 8 else 2
    assert np.abs(recording.samples[300:-300].astype(int) - tone(0.5)[300:-300]).max() <= far


def test_clipping_is_told_with_its_share() -> None:
    steps = tone(1.0, pitch=200)
    loud = np.clip(steps.astype(int) * 5, -(2**15), 2**15 - 1)
    _, told = read(wav_of(loud))
    share = np.mean((loud >= 2**15 - 1) | (loud <= -(2**15 - 1)))
    assert told == [f"x.wav is clipped: {100 * share:.0f} % of its samples are at the limit"]
    assert 0.3 < share < 0.5
    peaks = steps.copy()
    peaks[::10] = 2**15 - 1
    assert read(wav_of(peaks))[1] == [], "peaks that just reach the limit are no clipping"
    eight = np.clip(steps.astype(int) // 50, -128, 127)
    assert read(wav_of(eight, bits=8))[1][0].startswith("x.wav is clipped: ")


def test_what_resampling_puts_beyond_the_limit_is_cut_and_told() -> None:
    steps = np.tile(np.repeat([32_000, -32_000], 8), 500)
    recording, told = read(wav_of(steps, 16_000))
    assert int(recording.samples.max()) == 2**15 - 1
    slower = resampling(16_000)
    unlimited = np.concatenate([slower.take(steps / 2**15), slower.finish()])
    beyond = np.count_nonzero(np.abs(np.rint(unlimited * 2**15)) > 2**15)
    assert told[1] == f"x.wav: cut {beyond:,} samples that went beyond the limit"
    assert 0 < beyond < len(unlimited)


def test_a_length_that_lies_is_told() -> None:
    content = wav_of(tone(3.0))
    recording, told = read(content[: 44 + 19_200])
    assert (recording.seconds, told) == (1.2, ["x.wav: its header promises 3.0 s, but it ends after 1.2 s"])


@pytest.mark.parametrize(
    ("steps", "silent"),
    [
        (np.zeros(400), True),
        (np.full(400, 900), True),
        (np.tile([7, -7], 200), True),
        (np.tile([8, -7], 200), False),
        (np.tile([7, -8], 200), False),
    ],
)
def test_silence_is_known_and_no_error(steps: np.ndarray, silent: bool) -> None:
    recording, told = read(wav_of(steps))
    assert (recording.is_silent, told) == (silent, [])


@pytest.mark.parametrize(
    ("content", "what", "hint"),
    [
        (b"", "x.wav is empty", "record it again."),
        (wav_of(np.zeros(0)), "x.wav holds no sound", "record it again."),
        (wav_of(np.zeros(1)), "x.wav holds 1 sample, which is too short to hold a word", "record it again"),
        (wav_of(np.zeros(SHORTEST - 1)), "x.wav holds 199 samples, which is too short", "for at least 25 ms"),
        (b"RIFF\x08\0\0\0WAVE", "x.wav ends before its sound begins", "it is cut off: "),
        (b"\x01no sound at all" * 9, "x.wav is no recording that is known here", "ffmpeg -i x.wav"),
        (b"no sound at all" * 9, "x.wav is no recording: it is a text", "give a recording"),
        ("\u00e4".encode() * 99_999, "x.wav is no recording: it is a text", "give a recording"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "x.wav is no recording: it is a picture (PNG)", "give a recording"),
        (b"PK\x03\x04" + bytes(99), "x.wav is no recording: it is a zip archive", "unpack it"),
        (b"%PDF-1.4", "x.wav is no recording: it is a PDF", "give a recording"),
        (
            b"\0\0\0\x20ftypM4A \0\0\0\0", "x.wav is an m4a or mp4 file, which is not read here",
            "make a wav of it: `ffmpeg -i x.wav -ar 8000 -ac 1 x-8000.wav`.",
        ),
        (b"\xff\xf1\x50\x80\x02\x1f\xfc", "x.wav is an AAC file, which is not read here", "ffmpeg"),
        (b"\x1aE\xdf\xa3\x01", "x.wav is a WebM or Matroska file, which is not read here", "ffmpeg"),
        (
            riff(chunk(b"JUNK", bytes(HEAD)), chunk(b"fmt ", description(encoding=3, bits=32))),
            "x.wav is a wav of floating point with a long header", "ffmpeg -i x.wav",
        ),
        (b"#!AMR\n" + bytes(20), "x.wav is an AMR file, which is not read here", "ffmpeg"),
        (b"RIFF\0\0\0\0AVI LIST", "x.wav is an AVI film, which is not read here", "ffmpeg"),
    ],
)  # fmt: skip
def test_what_can_t_be_read_is_named_with_a_way_out(content: bytes, what: str, hint: str) -> None:
    said = refusal(content)
    assert said[0].startswith(what)
    assert hint in said[1]


def test_a_recording_that_is_too_long_is_refused_and_the_shortest_is_read() -> None:
    content = wav_of(tone(2.0))
    with pytest.raises(DataError, match=r"^x.wav is longer than 1.5 s$"):
        from_bytes(content, "x.wav", print, longest=1.5)
    assert from_bytes(content, "x.wav", print, longest=2.0).seconds == 2.0
    assert len(read(wav_of(tone(SHORTEST / 8000)))[0].samples) == SHORTEST


def test_content_decides_and_not_the_ending() -> None:
    content = wav_of(tone(0.5))
    assert read(content, "x.txt")[1] == []
    assert read(content, "x.WAV")[1] == []
    assert read(content, "x.flac")[1] == ["x.flac is a wav by its first bytes, and read as one"]
    assert read(content, "x.m4a")[1] == ["x.m4a is a wav by its first bytes, and read as one"]


def test_names_that_could_move_the_cursor_are_shown_as_escapes(tmp_path: Path) -> None:
    name = "a\x1b[2J\nb.wav"
    assert refusal(b"", name)[0] == "a\\x1b[2J\\nb.wav is empty"
    with pytest.raises(DataError) as raised:
        read_recording(tmp_path / name, print)
    assert raised.value.what.endswith("a\\x1b[2J\\nb.wav")


def test_the_command_of_a_hint_names_the_file_as_a_shell_wants_it() -> None:
    assert "-i 'my words.m4a' -ar 8000 -ac 1 'my words-8000.wav'" in conversion("my words.m4a")
    assert "ffmpeg -i - " in conversion("standard input")


@pytest.mark.parametrize("reader", [read_recording, lambda path, notice: next(blocks_of(path, notice))])
def test_what_is_no_file_is_named(tmp_path: Path, reader) -> None:
    def what(path: Path) -> str:
        with pytest.raises(DataError) as raised:
            reader(path, print)
        assert raised.value.hint
        return raised.value.what.replace(str(tmp_path), "T")

    assert what(tmp_path / "none.wav") == "there is no file T/none.wav"
    assert what(tmp_path) == "T is a folder, not a recording"
    assert what(tmp_path / "nul\0.wav") == "there is no file T/nul\\x00.wav"
    (tmp_path / "link.wav").symlink_to("gone.wav")
    assert what(tmp_path / "link.wav") == "T/link.wav is a link to gone.wav, which is missing"
    os.mkfifo(tmp_path / "pipe")
    assert what(tmp_path / "pipe") == "T/pipe is no ordinary file"
    assert what(Path(os.devnull)) == f"{os.devnull} is no ordinary file"
    assert what(tmp_path / ("long" * 100)).endswith("cannot be read: File name too long")


def test_a_file_that_may_not_be_read_is_said_to_be_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "a.wav", wav_of(tone(0.5)))

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refused)
    with pytest.raises(DataError, match=r"a.wav cannot be read: Permission denied$") as raised:
        read_recording(path, print)
    assert raised.value.hint == "check its permissions."


@pytest.mark.parametrize("promised", [0, 0x8000_0000, 0xFFFF_FFFF])
def test_a_recorder_s_pipe_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch, promised: int) -> None:
    steps = tone(65.0)
    content = wav_of(steps, promised=promised)
    lie = "standard input: its header does not say how long it is: read to its end, 65.0 s"
    told: list[str] = []
    with sent(monkeypatch, content):
        recording = read_recording(Path("-"), told.append)
    assert np.array_equal(recording.samples, steps)
    assert (recording.name, told) == ("standard input", [lie])
    with sent(monkeypatch, content):
        blocks = list(blocks_of(Path("-"), told.append))
    assert [len(block) for block in blocks] == [BLOCK, BLOCK, 40_000]
    assert np.array_equal(np.concatenate(blocks), steps)


def test_nothing_on_standard_input_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with sent(monkeypatch, b""), pytest.raises(DataError, match=r"^standard input is empty$") as raised:
        read_recording(Path("-"), print)
    assert raised.value.hint == "pipe a recording in, or name a file."
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(DataError, match=r"^there is no standard input$"):
        read_recording(Path("-"), print)


@pytest.mark.parametrize("count", [SHORTEST, BLOCK, BLOCK + 1, BLOCK + SHORTEST, 3 * BLOCK - 7])
def test_blocks_put_together_are_the_recording(tmp_path: Path, count: int) -> None:
    steps = np.random.default_rng(count).integers(-9000, 9000, count).astype(np.int16)
    path = written(tmp_path / "a.wav", riff(chunk(b"fmt ", description()), chunk(b"data", steps.tobytes())))
    blocks = list(blocks_of(path, print))
    assert np.array_equal(np.concatenate(blocks), steps)
    assert all(SHORTEST <= len(block) < BLOCK + SHORTEST for block in blocks)


def test_a_long_recording_takes_a_few_megabytes(tmp_path: Path) -> None:
    second = np.random.default_rng(0).integers(-9000, 9000, (44100, 2)).astype("<i2").tobytes()
    path, seconds = tmp_path / "long.wav", 120
    with path.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 36 + seconds * len(second)) + b"WAVE")
        file.write(chunk(b"fmt ", description(44100, 2)) + b"data" + struct.pack("<I", seconds * len(second)))
        for _ in range(seconds):
            file.write(second)
    whole = read_recording(path, print).samples
    tracemalloc.start()
    try:
        at = 0
        for block in blocks_of(path, print):
            assert np.array_equal(whole[at : at + len(block)], block)
            at += len(block)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert at == len(whole) == seconds * 8000
    assert peak < 8_000_000, "the file has 21 MB"


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(riff)))
@settings(max_examples=300)
def test_whatever_the_bytes_are_a_recording_is_read_or_refused(content: bytes) -> None:
    try:
        recording = from_bytes(content, "x.wav", lambda _: None)
    except DataError as error:
        assert error.what.startswith("x.wav ")
        assert error.hint
    else:
        assert len(recording.samples) >= SHORTEST


@pytest.mark.real_data
def test_spoken_digits_are_read_as_another_reader_has_them() -> None:
    import wave

    from conftest import SHARED

    files = sorted((SHARED / "speech" / "fsdd").rglob("*.wav"))[::100]
    assert files
    for path in files:
        with wave.open(str(path)) as other:
            expected = np.frombuffer(other.readframes(other.getnframes()), "<i2")
        assert np.array_equal(read_recording(path, pytest.fail).samples, expected)


@pytest.mark.skipif(shutil.which("cat") is None, reason="needs a shell's cat")
def test_a_real_pipe_between_processes_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", wav_of(tone(2.0), promised=0xFFFF_FFFF))
    program = (
        "from pathlib import Path; from genmodels.data.sound.formats.recordings import read_recording\n"
        "print(len(read_recording(Path('-'), print).samples))"
    )
    with subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE) as cat:
        done = subprocess.run(
            [sys.executable, "-c", program], stdin=cat.stdout, capture_output=True, text=True, check=True
        )
    assert done.stdout.splitlines()[-1] == "16000"
