"""Runs of networks that listen: recordings that were moved, epochs, and mistakes."""

import shutil
from pathlib import Path

import pytest

from doors import family_of
from families.listening import TINY, begun
from families.refusals import refused
from genmodels.errors import DataError, GenmodelsError, RunError, UsageError
from genmodels.families import starting
from genmodels.families.speech.comparing import LeaveOneOut
from genmodels.families.speech.context import context
from genmodels.families.speech.errors import word_errors
from genmodels.families.speech.run import SpeechRun
from genmodels.settings.speech import SpeechSettings
from genmodels.telling import silent
from genmodels.training.speech import prepare
from homes import spoken, whistled, write_wav, write_words


def test_recordings_that_were_moved_are_named_and_others_refused(tmp_path: Path, monkeypatch) -> None:
    run = begun(tmp_path)
    here = run.transcribe(utterances=2, lengths=[2]).facts
    (tmp_path / "own").rename(tmp_path / "moved")
    assert run.at(tmp_path / "moved").transcribe(utterances=2, lengths=[2]).facts == here
    assert run.transcribe(utterances=2, lengths=[2]).facts == here, "the cache has them still"
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "another"))
    with pytest.raises(DataError, match="are gone") as caught:
        run.transcribe(utterances=1)
    assert "--dataset PATH" in caught.value.hint
    shutil.copytree(tmp_path / "moved", tmp_path / "own")
    write_wav(tmp_path / "own" / "low_ann_0.wav", spoken("low", 0, 555))
    for asked in (lambda: run.transcribe(utterances=1), lambda: run.restore(silent)):
        with pytest.raises(DataError, match="have changed"):
            asked()
    with pytest.raises(DataError, match="are not those of the run"):
        run.at(tmp_path / "own")


def test_the_course_tells_errors_by_epoch(opened) -> None:
    course = opened("hears").course()
    assert [(r["epoch"], r["split"]) for r in course.facts["evaluations"]] == [
        (epoch, split) for epoch in range(4) for split in ("train", "validation", "longer")
    ]
    records = course.facts["evaluations"]
    assert {"word_error_rate", "sequence_accuracy", "nll"} <= records[0].keys()
    assert records[-2]["word_error_rate"] < 0.8


def test_a_run_without_a_finished_epoch_says_so(home: Path, tmp_path: Path) -> None:
    run = SpeechRun(tmp_path / "begun")
    run.path.mkdir()
    (run.path / "run.json").write_bytes((home / "runs" / "hears" / "run.json").read_bytes())
    for asked in (run.transcribe, run.course, lambda: word_errors([run]), lambda: context([run])):
        with pytest.raises(RunError, match="no finished epoch yet"):
            asked()


def test_a_damaged_epoch_is_refused(opened, home: Path) -> None:
    broken = shutil.copytree(home / "runs" / "both", home / "runs" / "broken")
    for path in broken.glob("checkpoints/epoch-*/*.safetensors"):
        data = bytearray(path.read_bytes())
        data[-5] ^= 0xFF
        path.write_bytes(bytes(data))
    for asked in (lambda: opened("broken").transcribe(home / "three.wav"), lambda: word_errors([opened("broken")])):
        with pytest.raises(RunError) as caught:
            asked()
        assert caught.value.hint


@pytest.mark.parametrize(
    ("asked", "kind", "fragment"),
    [
        (lambda run: run.transcribe(decode="beem"), UsageError, "decode='beem'"),
        (lambda run: run.transcribe(decode="greedy", beam_width=4), UsageError, "means nothing to --decode greedy"),
        (lambda run: run.transcribe(decode="beam", beam_width=1), UsageError, "beam_width is 1, but it must be "),
        (lambda run: run.transcribe([]), UsageError, "names no recording"),
        (lambda run: run.transcribe("a.wav", utterances=2), UsageError, "contradict each other"),
        (lambda run: run.transcribe(["-", "a.wav", "-"]), UsageError, "standard input is named twice"),
        (lambda run: run.transcribe(utterances=0), UsageError, "utterances is 0, but it must be from 1 to 100,000"),
        (lambda run: run.transcribe(utterances=True), UsageError, "utterances is True, but it must be a whole number"),
        (lambda run: run.transcribe(lengths=[0]), UsageError, "lengths=0: an utterance has a word at least"),
        (lambda run: run.transcribe(lengths=[]), UsageError, "lengths names none"),
        (lambda run: run.transcribe(lengths=["3"]), UsageError, "lengths is '3', but it must be a whole number"),
        (lambda run: run.transcribe(lengths=[65]), UsageError, "65 words are too many"),
        (lambda run: run.transcribe(seed=-1), UsageError, "seed is -1, but it must be 0 or more"),
        (lambda run: run.transcribe(epoch=7), RunError, "epoch 7"),
        (lambda run: run.transcribe("none.wav"), DataError, "there is no file none.wav"),
        (lambda run: run.transcribe(device="gpu"), GenmodelsError, "'gpu' is not a device"),
        (lambda run: word_errors([run], [0]), UsageError, "lengths=0"),
        (lambda run: word_errors([run], utterances=0), UsageError, "utterances is 0"),
        (lambda run: word_errors([run], on="nowhere"), DataError, "there is no set of words nowhere"),
        (lambda run: word_errors([run], decode="x"), UsageError, "decode='x'"),
        (lambda _: word_errors([]), UsageError, "no run is named"),
        (lambda _: context([]), UsageError, "no run is named"),
        (lambda run: context([run], looked_at=0), UsageError, "looked_at is 0"),
        (lambda run: context([run], utterances=0), UsageError, "utterances is 0"),
        (lambda run: run.draw(), RunError, "is a speech run"),
    ],
)  # fmt: skip
def test_every_mistake_has_its_sentence(opened, asked, kind: type[GenmodelsError], fragment: str) -> None:
    with refused(kind, fragment):
        asked(opened("hears"))


def test_sets_that_cannot_leave_a_speaker_out_are_refused(tmp_path: Path) -> None:
    settings = SpeechSettings(leave_out="bob", device="cpu")
    for speakers, fragment in (
        (None, "is not known"),
        (("bob",), "has no other speaker"),
        (("ann",), "no speaker bob"),
    ):
        with pytest.raises(UsageError, match=fragment) as caught:
            prepare(settings, whistled(speakers))
        assert caught.value.hint
    write_words(tmp_path / "alone", ["ann"], 8)
    with pytest.raises(DataError, match="only ann speaks, so none can be left out"):
        LeaveOneOut(dataset=str(tmp_path / "alone"), given=TINY, runs=tmp_path / "runs").train()


def test_settings_that_mean_nothing_are_refused(tmp_path: Path) -> None:
    write_words(tmp_path / "words")
    common = {"dataset": str(tmp_path / "words"), "preset": None, "config": None, "name": None, "notice": silent}
    for given, told in (
        ({"window": 5}, "--window 5 means nothing to --model tdnn"),
        ({"parameters": 3000, "hidden_size": 8}, "--parameters 3000 and --hidden-size 8 contradict each other"),
    ):
        with pytest.raises(UsageError, match=told):
            starting.new_run(family_of("speech"), given, runs=tmp_path / "runs", **common)
    assert not (tmp_path / "runs").exists()
