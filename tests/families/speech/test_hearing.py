"""What networks that listen hear in recordings, without the command line."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from families.listening import rows_are_mappings, words_in
from genmodels.data.sound.features import heard
from genmodels.families.speech.ears import listen_by, load_listener, open_ears
from homes import spoken, write_wav


def test_the_words_of_a_recording_come_in_order_with_their_times(opened, home: Path, notices: list[str]) -> None:
    exhibit = opened("hears").transcribe(home / "three.wav", device="cpu")
    (reading,) = exhibit.facts["readings"]
    assert exhibit.facts["beam_width"] == 1
    assert list(reading) == ["name", "reading", "blank", "confidence", "seconds", "words"]
    assert " ".join(words_in(reading)) == reading["reading"]
    assert "low" in words_in(reading), "it has learned that much"
    assert reading["seconds"] == pytest.approx(1.12, abs=0.2)
    edges = [edge for word in reading["words"] for edge in word["seconds"]]
    assert edges == sorted(edges)
    assert 0 <= edges[0] < edges[-1] <= reading["seconds"] + 1e-3
    assert notices == []
    alone = opened("hears").transcribe([str(home / "three.wav")], decode="greedy", epoch=1)
    assert (alone.facts["epoch"], alone.facts["beam_width"]) == (1, 1)


def test_other_rates_and_channels_are_read_and_told(opened, home: Path, notices: list[str], tmp_path: Path) -> None:
    plain = spoken("low", 1, 98)
    write_wav(tmp_path / "plain.wav", plain)
    write_wav(tmp_path / "fast.wav", np.repeat(plain, 2), 16_000)
    exhibit = opened("hears").transcribe([tmp_path / "plain.wav", tmp_path / "fast.wav", home / "stereo.wav"])
    seconds = [reading["seconds"] for reading in exhibit.facts["readings"]]
    assert seconds == [pytest.approx(seconds[0], abs=0.01)] * 3
    assert [sentence.partition("wav: ")[2] for sentence in notices] == [
        "16,000 Hz: resampled to 8,000 Hz",
        "32,000 Hz, 2 channels: mixed and resampled to 8,000 Hz",
    ]


def test_utterances_of_test_clips_are_the_same_each_time(opened, notices: list[str]) -> None:
    exhibit = opened("hears").transcribe(utterances=3, lengths=[1, 4], device="cpu")
    readings = exhibit.facts["readings"]
    assert [len(reading["truth"].split()) for reading in readings] == [1, 4, 1]
    assert all(reading["right"] == (reading["truth"] == reading["reading"]) for reading in readings)
    assert opened("hears").transcribe(utterances=3, lengths=[1, 4]).facts == exhibit.facts
    assert opened("hears").transcribe(utterances=3, lengths=[1, 4], seed=2).facts != exhibit.facts
    assert notices == []
    rows_are_mappings(exhibit)
    usual = opened("hears").transcribe()
    assert [len(reading["truth"].split()) for reading in usual.facts["readings"]] == [3, 5, 8]


def loud_is_low(rows: np.ndarray) -> np.ndarray:
    """Log-probabilities of a network that takes whatever is loud for the second word."""
    loud = rows[::2].mean(axis=1) > 0.3
    return np.log(np.where(loud[:, None], [0.01, 0.01, 0.97, 0.01], [0.97, 0.01, 0.01, 0.01]))


def test_a_long_recording_is_read_in_pieces_whose_times_go_on(
    opened, notices: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ears = replace(open_ears(opened("hears").epoch_checkpoint(None), "cpu"), listen=loud_is_low)
    monkeypatch.setattr("genmodels.families.speech.ears.open_ears", lambda *_: ears)
    second = np.pad(spoken("low", 0, 7), (1000, 7000))[:8000]
    recording = np.tile(second, 50)
    recording[20 * 8000 : 30 * 8000] = 0
    write_wav(tmp_path / "long.wav", recording)
    exhibit = opened("hears").transcribe(tmp_path / "long.wav", decode="greedy")
    (reading,) = exhibit.facts["readings"]
    assert reading["seconds"] == 50.0
    starts = [word["seconds"][0] for word in reading["words"]]
    assert starts == sorted(starts)
    assert len(starts) == 40
    places = [1000 / 8000 + second for second in range(50) if not 20 <= second < 30]
    np.testing.assert_allclose(starts, places, atol=0.1)
    assert not [start for start in starts if 20.5 < start < 29.9], "there it is silent"
    (alone,) = opened("hears").transcribe(tmp_path / "long.wav", decode="greedy").facts["readings"]
    assert alone == reading
    assert notices[-1] == f"the figure shows the first 12 s of {tmp_path / 'long.wav'}"
    assert exhibit.save(tmp_path / "long.png").read_bytes().startswith(b"\x89PNG")


def test_silence_is_told_and_read_as_nothing(opened, home: Path, notices: list[str]) -> None:
    exhibit = opened("hears").transcribe([home / "silent.wav"])
    (reading,) = exhibit.facts["readings"]
    assert (reading["reading"], reading["words"], reading["seconds"]) == ("", [], 1.0)
    assert (reading["blank"], reading["confidence"]) == (True, None)
    assert exhibit.draw is None
    assert notices[-1] == f"{home / 'silent.wav'} is silent, so there is nothing to read"


def test_numpy_hears_what_the_network_itself_hears(opened) -> None:
    rows = {kind: heard(spoken("rising", 2, 50), kind) for kind in ("mel", "mfcc")}
    for name in ("hears", "both", "narrow", "bobless"):
        checkpoint = opened(name).epoch_checkpoint(None)
        ears = open_ears(checkpoint, "cpu")
        model, about = load_listener(checkpoint, torch.device("cpu"))
        assert about == ears.about
        theirs = listen_by(model, torch.device("cpu"), rows[about.settings.features])
        np.testing.assert_allclose(ears.listen(rows[about.settings.features]), theirs, atol=1e-4)


WITHOUT_TORCH = """
import sys
from pathlib import Path
from genmodels.families import open_run, open_runs, starting
from genmodels.families.speech.run import SpeechRun
from genmodels.telling import Teller
found = open_run(Path("runs"), "hears", SpeechRun, Teller(print)).transcribe(sys.argv[1:])
assert len(found.facts["readings"]) == 2
loaded = sorted({name.partition(".")[0] for name in sys.modules} & {"torch", "matplotlib", "scipy", "typer"})
raise SystemExit(f"loaded {loaded}" if loaded else 0)
"""


def test_recordings_are_read_on_a_cpu_without_torch(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, "three.wav", "stereo.wav"], cwd=home, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
