"""Recordings that the library of the optional extra reads, and what is said where it is missing."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest

from genmodels.data.sound.formats.recordings import (
    read_recording,
)
from unit.recordings_read import read, refusal, sent
from unit.wavs import chunk, description, riff, tone


@pytest.fixture
def without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)


FLOATS = riff(chunk(b"fmt ", description(encoding=3, bits=32)), chunk(b"data", np.zeros(4000, "<f4").tobytes()))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (FLOATS, "a wav of floating point"),
        (riff(chunk(b"fmt ", description(encoding=7, bits=8)), chunk(b"data", bytes(999))), "a wav of mu-law"),
        (b"fLaC\0\0\0\x22" + bytes(40), "a FLAC file"),
        (b"OggS\0\x02" + bytes(40), "an Ogg file"),
        (b"ID3\x04\0\0" + bytes(40), "an MP3 file"),
        (b"\xff\xfb\x90\x64" + bytes(40), "an MP3 file"),
        (b"FORM\0\0\0\0AIFFCOMM", "an AIFF file"),
    ],
)
@pytest.mark.usefixtures("without_the_library")
def test_without_the_library_a_file_is_named_with_the_command_to_type(content: bytes, kind: str) -> None:
    what, hint = refusal(content)
    assert what == f"x.wav is {kind}, which needs another library"
    assert hint.startswith("pip install 'genmodels[audio]' reads it; or make a wav of it: `ffmpeg -i x.wav ")


def encoded(steps: np.ndarray, rate: int, **kind: str) -> bytes:
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, steps / np.float64(2**15), rate, **kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("form", "subtype", "far"),
    [
        ("FLAC", "PCM_16", 1), ("AIFF", "PCM_16", 1), ("AU", "PCM_16", 1), ("CAF", "PCM_16", 1), ("WAV", "FLOAT", 1),
        ("WAV", "DOUBLE", 1), ("WAV", "ULAW", 300), ("WAV", "ALAW", 300), ("OGG", "VORBIS", 1000),
    ],
)  # fmt: skip
@pytest.mark.parametrize("piped", [False, True])
def test_the_library_reads_the_others(
    monkeypatch: pytest.MonkeyPatch, form: str, subtype: str, far: int, piped: bool
) -> None:
    content, told = encoded(tone(1.0), 8000, format=form, subtype=subtype), list[str]()
    if piped:
        with sent(monkeypatch, content):
            recording = read_recording(Path("-"), told.append)
    else:
        recording, told = read(content, "x.bin")
    assert (recording.rate, recording.channels, told) == (8000, 1, [])
    assert np.abs(recording.samples.astype(int) - tone(1.0)).max() <= far


def test_another_format_under_a_wrong_name_is_read_mixed_resampled_and_told() -> None:
    steps = np.repeat(tone(1.0, 44100)[:, None], 2, axis=1)
    recording, told = read(encoded(steps, 44100, format="FLAC"))
    assert told == [
        "x.wav is a FLAC file by its first bytes, and read as one",
        "x.wav: 44,100 Hz, 2 channels: mixed and resampled to 8,000 Hz",
    ]
    assert np.abs(recording.samples[300:-300].astype(int) - tone(1.0)[300:-300]).max() <= 2


@pytest.mark.parametrize(
    ("floats", "what"),
    [
        ([0.0, np.nan], "x.wav holds values that are no numbers (NaN or infinite)"),
        ([0.0, np.inf], "x.wav holds values that are no numbers (NaN or infinite)"),
        ([0.0, 20_000.0], "x.wav holds values up to 20,000, where sound goes from -1 to 1"),
    ],
)
def test_floats_that_are_no_sound_are_refused(floats: list[float], what: str) -> None:
    sound = np.tile(np.array(floats, "<f4"), 400).tobytes()
    assert refusal(riff(chunk(b"fmt ", description(encoding=3, bits=32)), chunk(b"data", sound)))[0] == what


@pytest.mark.parametrize("begins", [b"fLaC\0\0\0\x22", b"OggS\0\x02", b"ID3\x04\0"])
def test_a_damaged_file_of_another_format_is_refused(begins: bytes) -> None:
    what, hint = refusal(begins + bytes(40), "x.bin")
    assert " file and cannot be read: " in what
    assert "ffmpeg -i x.bin" in hint


@pytest.mark.parametrize(("form", "subtype"), [("WAV", "FLOAT"), ("WAV", "ULAW"), ("AIFF", "PCM_16"), ("AU", "PCM_16")])
def test_another_format_that_is_cut_off_is_read_to_its_end_and_told(form: str, subtype: str) -> None:
    content = encoded(tone(10.0), 8000, format=form, subtype=subtype)
    recording, told = read(content[: len(content) // 2], "x.bin")
    assert 4.9 < recording.seconds < 5.1
    assert told == [f"x.bin: its header promises more than is there: read to its end, {recording.seconds:.1f} s"]
