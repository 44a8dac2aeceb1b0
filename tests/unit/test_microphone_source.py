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


def library(heard: np.ndarray | Exception) -> SimpleNamespace:
    def rec(frames: int, **asked: object) -> np.ndarray:
        assert (frames, asked["samplerate"], asked["channels"], asked["dtype"]) == (4000, 8000, 1, "int16")
        if isinstance(heard, Exception):
            raise heard
        return heard

    return SimpleNamespace(rec=rec, PortAudioError=NoMicrophoneError)


def test_nobody_is_told_to_speak_before_the_turn_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", library(np.arange(4000, dtype=np.int16)[:, None]))
    told: list[str] = []
    source = microphone_source(0.5, Teller(notice=told.append))
    assert told == []
    (samples,) = source.blocks()
    assert told == ["listening for 0.5 s: speak now"]
    assert samples.tolist() == list(range(4000))


@pytest.mark.parametrize(
    ("module", "what"),
    [(None, "which is not installed"), (library(NoMicrophoneError("no device")), "can't be used: no device")],
)
def test_what_is_missing_is_a_sentence(monkeypatch: pytest.MonkeyPatch, module: object, what: str) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    with pytest.raises(ResourceError, match=what):
        list(microphone_source(0.5, Teller()).blocks())
