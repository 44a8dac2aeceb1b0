"""What the runs of networks that listen can be asked, without the command line."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from contract.helpers import interrupt
from doors import family_of
from genmodels.analysis.word_errors import WordErrors
from genmodels.data.sound.features import heard
from genmodels.data.sound.sets.opening import open_words
from genmodels.errors import DataError, GenmodelsError, RunError, Stopped, UsageError
from genmodels.exhibit import Exhibit
from genmodels.families import open_run, open_runs, starting
from genmodels.families.speech import comparing
from genmodels.families.speech.comparing import LeaveOneOut, SpeechComparison, left_out_table, members_of
from genmodels.families.speech.context import context
from genmodels.families.speech.ears import listen_by, load_listener, open_ears
from genmodels.families.speech.errors import side_by_side, word_errors
from genmodels.families.speech.measuring import NOISES, Asked, measure
from genmodels.families.speech.run import SpeechRun
from genmodels.runs import RunDir, create_run
from genmodels.settings.speech import SpeechSettings
from genmodels.telling import Teller, silent
from genmodels.training.reporting import QuietReporter
from genmodels.training.speech import prepare
from genmodels.training.starting import plan_of, train
from homes import spoken, whistled, write_wav, write_words

TINY = {
    "parameters": 2500, "longest": 1, "utterances": 16, "tested_utterances": 2, "batch_size": 8, "epochs": 1,
    "threads": 1, "device": "cpu",
}  # fmt: skip


@pytest.fixture(scope="module")
def home(home_of) -> Path:
    return home_of("speech")


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def run(home: Path, told: list[str], monkeypatch: pytest.MonkeyPatch):
    """Opens a run that tells `told`."""
    monkeypatch.setenv("GENMODELS_CACHE", str(home / "cache"))
    return lambda name: open_run(home / "runs", name, SpeechRun, Teller(told.append))


def rows_are_mappings(exhibit: Exhibit) -> None:
    for table in exhibit.tables:
        assert all(isinstance(row, dict) for row in table.rows)
        assert len({len(cells) for cells in table.cells()}) == 1


def words_in(reading: dict[str, Any]) -> list[str]:
    return [word["word"] for word in reading["words"]]


# transcribe


def test_the_words_of_a_recording_come_in_order_with_their_times(run, home: Path, told: list[str]) -> None:
    exhibit = run("hears").transcribe(home / "three.wav", device="cpu")
    (reading,) = exhibit.facts["readings"]
    assert exhibit.facts["beam_width"] == 1
    assert list(reading) == ["name", "reading", "blank", "confidence", "seconds", "words"]
    assert " ".join(words_in(reading)) == reading["reading"]
    assert "low" in words_in(reading), "it has learned that much"
    assert reading["seconds"] == pytest.approx(1.12, abs=0.2)
    edges = [edge for word in reading["words"] for edge in word["seconds"]]
    assert edges == sorted(edges)
    assert 0 <= edges[0] < edges[-1] <= reading["seconds"] + 1e-3
    assert told == []
    alone = run("hears").transcribe([str(home / "three.wav")], decode="greedy", epoch=1)
    assert (alone.facts["epoch"], alone.facts["beam_width"]) == (1, 1)


def test_other_rates_and_channels_are_read_and_told(run, home: Path, told: list[str], tmp_path: Path) -> None:
    plain = spoken("low", 1, 98)
    write_wav(tmp_path / "plain.wav", plain)
    write_wav(tmp_path / "fast.wav", np.repeat(plain, 2), 16_000)
    exhibit = run("hears").transcribe([tmp_path / "plain.wav", tmp_path / "fast.wav", home / "stereo.wav"])
    seconds = [reading["seconds"] for reading in exhibit.facts["readings"]]
    assert seconds == [pytest.approx(seconds[0], abs=0.01)] * 3
    assert [sentence.partition("wav: ")[2] for sentence in told] == [
        "16,000 Hz: resampled to 8,000 Hz",
        "32,000 Hz, 2 channels: mixed and resampled to 8,000 Hz",
    ]


def test_utterances_of_test_clips_are_the_same_each_time(run, told: list[str]) -> None:
    exhibit = run("hears").transcribe(utterances=3, lengths=[1, 4], device="cpu")
    readings = exhibit.facts["readings"]
    assert [len(reading["truth"].split()) for reading in readings] == [1, 4, 1]
    assert all(reading["right"] == (reading["truth"] == reading["reading"]) for reading in readings)
    assert run("hears").transcribe(utterances=3, lengths=[1, 4]).facts == exhibit.facts
    assert run("hears").transcribe(utterances=3, lengths=[1, 4], seed=2).facts != exhibit.facts
    assert told == []
    rows_are_mappings(exhibit)
    usual = run("hears").transcribe()
    assert [len(reading["truth"].split()) for reading in usual.facts["readings"]] == [3, 5, 8]


def loud_is_low(rows: np.ndarray) -> np.ndarray:
    """Log-probabilities of a network that takes whatever is loud for the second word."""
    loud = rows[::2].mean(axis=1) > 0.3
    return np.log(np.where(loud[:, None], [0.01, 0.01, 0.97, 0.01], [0.97, 0.01, 0.01, 0.01]))


def test_a_long_recording_is_read_in_pieces_whose_times_go_on(
    run, told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ears = replace(open_ears(run("hears").epoch_checkpoint(None), "cpu"), listen=loud_is_low)
    monkeypatch.setattr("genmodels.families.speech.ears.open_ears", lambda *_: ears)
    second = np.pad(spoken("low", 0, 7), (1000, 7000))[:8000]
    recording = np.tile(second, 50)
    recording[20 * 8000 : 30 * 8000] = 0
    write_wav(tmp_path / "long.wav", recording)
    exhibit = run("hears").transcribe(tmp_path / "long.wav", decode="greedy")
    (reading,) = exhibit.facts["readings"]
    assert reading["seconds"] == 50.0
    starts = [word["seconds"][0] for word in reading["words"]]
    assert starts == sorted(starts)
    assert len(starts) == 40
    places = [1000 / 8000 + second for second in range(50) if not 20 <= second < 30]
    np.testing.assert_allclose(starts, places, atol=0.1)
    assert not [start for start in starts if 20.5 < start < 29.9], "there it is silent"
    (alone,) = run("hears").transcribe(tmp_path / "long.wav", decode="greedy").facts["readings"]
    assert alone == reading
    assert told[-1] == f"the figure shows the first 12 s of {tmp_path / 'long.wav'}"
    assert exhibit.save(tmp_path / "long.png").read_bytes().startswith(b"\x89PNG")


def test_silence_is_told_and_read_as_nothing(run, home: Path, told: list[str]) -> None:
    exhibit = run("hears").transcribe([home / "silent.wav"])
    (reading,) = exhibit.facts["readings"]
    assert (reading["reading"], reading["words"], reading["seconds"]) == ("", [], 1.0)
    assert (reading["blank"], reading["confidence"]) == (True, None)
    assert exhibit.draw is None
    assert told[-1] == f"{home / 'silent.wav'} is silent, so there is nothing to read"


def test_numpy_hears_what_the_network_itself_hears(run) -> None:
    rows = {kind: heard(spoken("rising", 2, 50), kind) for kind in ("mel", "mfcc")}
    for name in ("hears", "both", "narrow", "bobless"):
        checkpoint = run(name).epoch_checkpoint(None)
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


# eval-speech


def test_errors_are_told_by_length_noise_and_speaker(run, told: list[str], tmp_path: Path) -> None:
    exhibit = word_errors([run("hears")], utterances=6)
    parts = [row["part"] for row in exhibit.facts["results"]]
    assert parts[:8] == [
        "alone", "alone, known to be one", "1 word", "2 words", "3 words", "4 words", "1-2 words", "3-4 words",
    ]  # fmt: skip
    assert parts[8:12] == [f"noise {level} dB" for level in (20, 10, 5, 0)]
    assert set(parts[12:]) <= {"speaker ann", "speaker bob", "speaker cyd"}
    by_part = {row["part"]: row for row in exhibit.facts["results"]}
    assert by_part["alone"]["utterances"] == sum(by_part[part]["utterances"] for part in parts[12:]) == 7
    assert by_part["1-2 words"]["utterances"] == 12
    assert by_part["alone, known to be one"]["word_error_rate"] < 0.7, "guessing gives 2 of 3"
    (network,) = exhibit.facts["networks"]
    assert np.sum(network["confusion"]) == 7
    assert np.shape(network["confusion"]) == (3, 5)
    rows_are_mappings(exhibit)
    assert len(exhibit.tables) == 1
    assert word_errors([run("hears")], utterances=6).facts == exhibit.facts
    assert exhibit.save(tmp_path / "errors.csv").read_text().startswith("run,model,part,utterances,word_error_rate")
    assert told == []


def test_lengths_come_in_order_once_each(run) -> None:
    exhibit = word_errors([run("narrow")], [3, 1, 3], utterances=2, decode="beam", beam_width=3)
    assert exhibit.facts["beam_width"] == 3
    spans = [row["part"] for row in exhibit.facts["results"] if row["part"].endswith(("word", "words"))]
    assert spans == ["1 word", "3 words"]


def test_runs_that_differ_by_their_seed_are_one_with_its_spread(run, tmp_path: Path) -> None:
    asked = Asked([1, 3], 3, NOISES, 1, 1)
    one = measure(run("narrow"), "one", run("narrow").words(), asked, torch.device("cpu"))
    settings = one.about.settings
    two = replace(one, name="two", about=replace(one.about, settings=replace(settings, seed=77)))
    two = replace(two, by_length=dict.fromkeys(one.by_length, WordErrors(3, 0, 1, 4)))
    other = replace(one, name="other", about=replace(one.about, settings=replace(settings, dropout=0.5)))
    exhibit = side_by_side([one, two, other], "title", {})
    groups = exhibit.facts["groups"]
    assert [(group["network"], group["runs"]) for group in groups] == [
        ("window of 5 frames, one", 2), ("window of 5 frames, other", 1),
    ]  # fmt: skip
    rates = [one.by_length[1].word_error_rate, 0.25]
    assert groups[0]["usual"] == pytest.approx(np.mean(rates))
    assert groups[0]["spread"] == pytest.approx(np.std(rates, ddof=1))
    assert groups[1]["spread"] is None
    assert len(exhibit.tables) == 2
    assert b"<svg" in exhibit.save(tmp_path / "both.svg").read_bytes()
    single = side_by_side([one, replace(one, about=replace(one.about, settings=replace(settings, window=1)))], "t", {})
    assert [group["network"] for group in single.facts["groups"]] == ["window of 5 frames", "window of 1 frame"]


def test_another_set_is_read_with_the_words_that_are_known(run, told: list[str], tmp_path: Path) -> None:
    write_words(tmp_path / "more", ["ann", "bob", "cyd", "dan", "eve"], 12)
    for path in [path for who in ("ann", "bob", "cyd") for path in (tmp_path / "more").glob(f"*_{who}_*")]:
        path.unlink()  # whom the network learned from
    for path in sorted((tmp_path / "more").glob("low_*")):
        path.rename(path.with_name(path.name.replace("low", "deep")))
    exhibit = word_errors([run("narrow")], [1], utterances=2, on=str(tmp_path / "more"))
    clips = open_words(str(tmp_path / "more"), silent).test
    strange = sum(word == 0 for word in clips.words.tolist())
    assert 0 < strange < len(clips)
    assert told[-1].startswith(f"{strange} of {len(clips)} clips hold words that")
    assert exhibit.facts["results"][0]["utterances"] == len(clips) - strange
    assert {row["part"] for row in exhibit.facts["results"]} & {"speaker dan", "speaker eve"}
    for path in sorted((tmp_path / "more").iterdir()):
        path.rename(path.with_name("x" + path.name))
    with pytest.raises(DataError, match=r"holds none of the words that .*narrow knows: high, low, rising"):
        word_errors([run("narrow")], [1], utterances=2, on=str(tmp_path / "more"))


# training


def test_a_speaker_left_out_is_not_in_any_training_and_is_all_that_is_tested_on(run) -> None:
    words, bob = whistled(), 1
    task = prepare(SpeechSettings(leave_out="bob", parameters=2500, device="cpu"), words)
    for clips in (task.train.clips, task.measured.clips):
        assert set(clips.speakers.tolist()) == {0, 2}
    assert len(task.train.clips) + len(task.measured.clips) == 48
    tested = run("bobless").words().test
    assert set(tested.speakers.tolist()) == {bob}
    assert len(tested) == 24
    assert {row["part"] for row in word_errors([run("bobless")], [1], utterances=1).facts["results"]} == {
        "alone", "alone, known to be one", "1 word", "noise 20 dB", "noise 10 dB", "noise 5 dB", "noise 0 dB",
        "speaker bob",
    }  # fmt: skip


def test_without_validation_the_test_part_chooses_the_best_epoch() -> None:
    task = prepare(SpeechSettings(validation=0, parameters=2500, device="cpu"), whistled())
    assert task.held_out == "test"
    assert task.measured.clips is whistled().test
    assert len(task.train.clips) == len(whistled().train)


def asked(home: Path, **others: Any) -> dict[str, Any]:
    """What every comparison here takes."""
    return {"dataset": str(home / "words"), "given": TINY, "runs": home / "runs", **others}


@pytest.fixture
def kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache of the home."""
    monkeypatch.setenv("GENMODELS_CACHE", str(home / "cache"))


@pytest.mark.usefixtures("kept")
def test_every_speaker_in_turn_is_read_by_a_network_that_never_heard_it(home: Path) -> None:
    begun: list[str] = []
    real = RunDir.append_metrics

    def stop_in_the_second(self: RunDir, record: Any) -> None:
        real(self, record)
        if self.path.name not in begun:
            begun.append(self.path.name)
            if len(begun) == 2:
                interrupt()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunDir, "append_metrics", stop_in_the_second)
        with pytest.raises(Stopped):
            LeaveOneOut(**asked(home, name="each")).train()
    assert sorted(path.name for path in (home / "runs" / "each").iterdir()) == [
        ".lock",
        "ann",
        "bob",
        "comparison.json",
    ]
    exhibit = LeaveOneOut(**asked(home, resume="each")).train()
    *rows, mean = exhibit.facts["speakers"]
    assert [(row["speaker"], row["recordings"]) for row in rows] == [("ann", 24), ("bob", 24), ("cyd", 24)]
    assert mean["word_error_rate"] == pytest.approx(np.mean([row["word_error_rate"] for row in rows]))
    assert [run["leave_out"] for run in exhibit.facts["networks"]] == ["ann", "bob", "cyd"]
    rows_are_mappings(exhibit)
    with pytest.raises(UsageError, match="each exists already"):
        LeaveOneOut(**asked(home, name="each")).train()
    with pytest.raises(UsageError, match="is a comparison of speakers, trained by train-speech"):
        SpeechComparison(models=["rnn", "gru"], **asked(home, resume="each")).train()


@pytest.mark.parametrize(("given", "device"), [({"device": "cpu"}, "cpu"), ({}, "cuda:3")])
@pytest.mark.parametrize("kind", [SpeechComparison, LeaveOneOut])
def test_a_comparison_is_measured_where_asked_or_where_it_was_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type, given: dict, device: str
) -> None:
    settings = {"device": "cuda:3", "leave_out": "ann", "longest": 1}
    document = {"settings": {name: {"value": value, "from": "flag"} for name, value in settings.items()}, "data": {}}
    run = SpeechRun(create_run(tmp_path, "speech", document, "one").path)

    def measured(*_: Any, device: str = "auto") -> None:
        raise RunError(f"measured on {device}", "")

    monkeypatch.setattr(comparing, "word_errors", measured)
    models = {"models": ["rnn", "gru"]} if kind is SpeechComparison else {}
    with pytest.raises(RunError, match=f"^measured on {device}$"):
        kind(given=given, runs=tmp_path, **models).result([run], None)


@pytest.mark.usefixtures("kept")
def test_models_of_equal_size_are_trained_alike_and_put_side_by_side(home: Path) -> None:
    models = ["window:1", "window:5", "rnn"]
    exhibit = SpeechComparison(models=models, **asked(home, name="sizes")).train()
    runs = [SpeechRun(home / "runs" / "sizes" / name) for name in ("window-1", "window-5", "rnn")]
    sizes = []
    for one in runs:
        model, _ = load_listener(one.epoch_checkpoint(None), torch.device("cpu"))
        sizes.append(sum(parameter.numel() for parameter in model.parameters()))
    assert all(0.9 * TINY["parameters"] < size <= TINY["parameters"] for size in sizes)
    assert [group["network"] for group in exhibit.facts["groups"]] == [
        "window of 1 frame", "window of 5 frames", "rnn",
    ]  # fmt: skip
    again = SpeechComparison(**asked(home, resume="sizes"))
    assert again.train().facts == exhibit.facts
    assert [row["network"] for row in again.table(exhibit).rows] == ["window of 1 frame", "window of 5 frames", "rnn"]
    every = open_runs(home / "runs", ["sizes"], SpeechRun, Teller())
    assert [run.name for run in every] == ["sizes/window-1", "sizes/window-5", "sizes/rnn"]
    by_pattern = open_runs(home / "runs", ["sizes/w*"], SpeechRun, Teller())
    assert [run.name for run in by_pattern] == ["sizes/window-1", "sizes/window-5"]


@pytest.mark.parametrize(
    ("models", "fragment"),
    [
        (["lstm"], "does not name two or more different models"),
        (["lstm", "lstm"], "does not name two or more different models"),
        (["window:5", "window:5"], "does not name two or more different models"),
        (["lstm", "lsmt"], "there is no model 'lsmt'"),
        (["lstm", ""], "there is no model ''"),
        (["lstm", "window:x"], "'window:x' is no model"),
        (["lstm", "window:"], "'window:' is no model"),
        (["lstm:5", "gru"], "'lstm:5' is no model"),
        ([], "--compare"),
    ],
)
def test_models_that_cannot_be_compared_are_refused(models: list[str], fragment: str) -> None:
    with pytest.raises(UsageError) as caught:
        members_of(models)
    assert fragment in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("window", ["window:4", "window:0", "window:5000", "window:51"])
@pytest.mark.usefixtures("kept")
def test_a_window_that_cannot_be_is_refused_before_anything_is_trained(home: Path, window: str) -> None:
    few = "--parameters 2500 are too few for --model window"
    with pytest.raises(UsageError, match=rf"--compare .*: {window} (has|is)|{few}"):
        SpeechComparison(models=["rnn", window], **asked(home, name="never")).train()
    assert not list((home / "runs").glob("never*"))


def test_a_table_of_speakers_is_of_runs_that_left_one_out(run) -> None:
    with pytest.raises(UsageError, match="was trained with every speaker"):
        left_out_table([run("bobless"), run("hears")])


# plot-context


def test_the_context_says_what_a_network_sees_and_where_it_looks(run, told: list[str], tmp_path: Path) -> None:
    exhibit = context([run("narrow"), run("bobless"), run("both")], utterances=4, looked_at=2)
    narrow, forwards, both = exhibit.facts["networks"]
    assert (narrow["past_ms"], narrow["future_ms"]) == (32.5, 32.5)
    assert (forwards["past_ms"], forwards["future_ms"]) == ("all", 32.5)
    assert (both["past_ms"], both["future_ms"]) == ("all", "all")
    assert narrow["utterances"] == 4
    assert -25 <= narrow["looks_from_ms"] < narrow["looks_to_ms"] <= 25
    assert forwards["looks_from_ms"] < narrow["looks_from_ms"]
    assert [look["words"] for look in exhibit.facts["looks"]] == [10, 10, 10]
    assert b"<svg" in exhibit.save(tmp_path / "context.svg").read_bytes()
    rows_are_mappings(exhibit)
    assert told == []
    whose = "narrow, bobless and both (speech recogniser)"
    assert exhibit.title == f"How much {whose} hear at once, how well they read words, and where they look"
    context([run("narrow"), run("both")], utterances=3, looked_at=1)
    assert told == ["each network reads 4 utterances, not 3: as many of each of 2 lengths"]
    (alone,) = context([run("narrow")], utterances=4, looked_at=2).facts["networks"]
    assert alone | {"run": ""} == narrow | {"run": ""}, "whatever stands beside it"


# where the recordings are


def begun(folder: Path, **others: Any) -> SpeechRun:
    """A run on words of its own, trained for a moment."""
    write_words(folder / "own")
    run, task = starting.new_run(
        family_of("speech"), TINY | others, dataset=str(folder / "own"), preset=None, config=None, name="begun",
        runs=folder / "runs", notice=silent,
    )  # fmt: skip
    train(task, family_of("speech"), plan_of(run, task, task.settings), run, QuietReporter())
    return SpeechRun(run.path)


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


def test_the_course_tells_errors_by_epoch(run) -> None:
    course = run("hears").course()
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


def test_a_damaged_epoch_is_refused(run, home: Path) -> None:
    broken = shutil.copytree(home / "runs" / "both", home / "runs" / "broken")
    for path in broken.glob("checkpoints/epoch-*/*.safetensors"):
        data = bytearray(path.read_bytes())
        data[-5] ^= 0xFF
        path.write_bytes(bytes(data))
    for asked in (lambda: run("broken").transcribe(home / "three.wav"), lambda: word_errors([run("broken")])):
        with pytest.raises(RunError) as caught:
            asked()
        assert caught.value.hint


@pytest.mark.parametrize(
    ("asked", "kind", "fragment"),
    [
        (lambda run: run.transcribe(decode="beem"), UsageError, "--decode 'beem'"),
        (lambda run: run.transcribe(decode="greedy", beam_width=4), UsageError, "means nothing to --decode greedy"),
        (lambda run: run.transcribe(decode="beam", beam_width=1), UsageError, "--beam-width is 1, but it must be >= 2"),
        (lambda run: run.transcribe([]), UsageError, "names no recording"),
        (lambda run: run.transcribe("a.wav", utterances=2), UsageError, "contradict each other"),
        (lambda run: run.transcribe(["-", "a.wav", "-"]), UsageError, "standard input is named twice"),
        (lambda run: run.transcribe(utterances=0), UsageError, "--utterances is 0, but it must be >= 1"),
        (lambda run: run.transcribe(utterances=True), UsageError, "--utterances is True, but it must be an int"),
        (lambda run: run.transcribe(lengths=[0]), UsageError, "--lengths 0: an utterance has a word at least"),
        (lambda run: run.transcribe(lengths=[]), UsageError, "--lengths"),
        (lambda run: run.transcribe(lengths=["3"]), UsageError, "--lengths is '3', but it must be an int"),
        (lambda run: run.transcribe(lengths=[65]), UsageError, "65 words are too many"),
        (lambda run: run.transcribe(seed=-1), UsageError, "--seed is -1, but it must be >= 0"),
        (lambda run: run.transcribe(epoch=7), RunError, "epoch 7"),
        (lambda run: run.transcribe("none.wav"), DataError, "there is no file none.wav"),
        (lambda run: run.transcribe(device="gpu"), GenmodelsError, "'gpu' is not a device"),
        (lambda run: word_errors([run], [0]), UsageError, "--lengths 0"),
        (lambda run: word_errors([run], utterances=0), UsageError, "--utterances is 0"),
        (lambda run: word_errors([run], on="nowhere"), DataError, "there is no set of words nowhere"),
        (lambda run: word_errors([run], decode="x"), UsageError, "--decode 'x'"),
        (lambda _: word_errors([]), UsageError, "no run is named"),
        (lambda _: context([]), UsageError, "no run is named"),
        (lambda run: context([run], looked_at=0), UsageError, "--looked-at is 0"),
        (lambda run: context([run], utterances=0), UsageError, "--utterances is 0"),
        (lambda run: run.draw(), RunError, "is a speech run"),
    ],
)  # fmt: skip
def test_every_mistake_has_its_sentence(run, asked, kind: type[GenmodelsError], fragment: str) -> None:
    with pytest.raises(kind) as caught:
        asked(run("hears"))
    assert fragment in str(caught.value)
    assert caught.value.hint


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
