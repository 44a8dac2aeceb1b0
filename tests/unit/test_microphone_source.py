"""Recording from a microphone, by a library that is there, that is not, and that finds none."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from genmodels.errors import ResourceError
from genmodels.families.speech.microphone import microphone_source
from genmodels.telling import Teller


class NoMicrophoneError(Exception):
    """What the library raises."""


def library(heard: np.ndarray | Exception, rate: float = 8000.0) -> SimpleNamespace:
    def rec(frames: int, **asked: object) -> np.ndarray:
        assert (frames, asked["samplerate"], asked["channels"], asked["dtype"]) == (rate / 2, rate, 1, "float32")
        if isinstance(heard, Exception):
            raise heard
        return heard

    return SimpleNamespace(
        rec=rec, PortAudioError=NoMicrophoneError, query_devices=lambda kind: {"default_samplerate": rate}
    )


def test_nobody_is_told_to_speak_before_the_turn_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = (np.arange(4000, dtype=np.float32) / 2**15)[:, None]
    monkeypatch.setitem(sys.modules, "sounddevice", library(heard))
    told: list[str] = []
    source = microphone_source(0.5, Teller(notice=told.append))
    assert told == []
    (samples,) = source.blocks()
    assert told == ["listening for 0.5 s: speak now"]
    assert samples.tolist() == list(range(4000))


def test_a_microphone_records_at_its_own_rate_and_is_resampled(monkeypatch: pytest.MonkeyPatch) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(24000) / 48000)
    monkeypatch.setitem(sys.modules, "sounddevice", library(tone.astype(np.float32)[:, None], 48000.0))
    told: list[str] = []
    (samples,) = microphone_source(0.5, Teller(notice=told.append)).blocks()
    assert told[1:] == ["microphone: 48,000 Hz: resampled to 8,000 Hz"]
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(4000) / 8000)
    assert np.abs(samples / 2**15 - expected)[100:-100].max() < 2e-3


@pytest.mark.parametrize(
    ("module", "what"),
    [(None, "which is not installed"), (library(NoMicrophoneError("no device")), "can't be used: no device")],
)
def test_what_is_missing_is_a_sentence(monkeypatch: pytest.MonkeyPatch, module: object, what: str) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    with pytest.raises(ResourceError, match=what):
        list(microphone_source(0.5, Teller()).blocks())
