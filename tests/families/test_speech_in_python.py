"""Networks that listen, in a Python program: trained alike, stopped and gone on with, named by patterns, refused."""

import json
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest

import genmodels
from genmodels.data.sound.sets.opening import open_words
from genmodels.errors import DataError, RunError, UsageError
from genmodels.training.reporting import QuietReporter
from homes import PITCHES, spoken, write_wav, write_words

SMALL = {
    "model": "window", "window": 3, "parameters": 1500, "longest": 2, "utterances": 32, "tested_utterances": 4,
    "epochs": 1, "batch_size": 8, "threads": 1,
}  # fmt: skip
ALIKE = {name: value for name, value in SMALL.items() if name not in {"model", "window"}}
MEASURED = {"lengths": [1, 3], "utterances": 2, "device": "cpu"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with words, and two runs on them."""
    folder = tmp_path_factory.mktemp("speech")
    write_words(folder / "words", ["ann", "bob"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        patch.chdir(folder)
        for name, seed in (("pair-a", 1), ("pair-b", 2)):
            genmodels.train_speech(Path("words"), name=name, seed=seed, notice=lambda _: None, **SMALL)
    return folder


@pytest.fixture(autouse=True)
def desk(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Stopping(QuietReporter):
    """Interrupts the second training, as Ctrl-C does."""

    def __init__(self) -> None:
        super().__init__()
        self.trainings = 0

    def advanced(self, step: int) -> None:
        self.trainings += step == 2
        if self.trainings == 2:
            signal.raise_signal(signal.SIGINT)


def test_a_program_and_a_command_line_train_the_same_bits(cli, desk: Path) -> None:
    flags = [word for name, value in SMALL.items() for word in (f"--{name.replace('_', '-')}", value)]
    assert cli("train-speech", "--dataset", "words", *flags, "--name", "theirs", "-q").code == 0
    ours, theirs = (path.read_bytes() for path in weights_of(desk, "pair-a", "theirs"))
    assert ours == theirs
    heard = genmodels.open_run("theirs", genmodels.SpeechRun).transcribe(utterances=2, lengths=[2])
    told = json.loads(cli("transcribe", "--run", "theirs", "--utterances", 2, "--lengths", 2, "--json").out)
    assert {name: value for name, value in told.items() if name != "figure"} == heard.facts


def weights_of(folder: Path, *names: str) -> list[Path]:
    """The weights of each run after its one epoch."""
    return [folder / "runs" / name / "checkpoints" / "epoch-0001" / "model.safetensors" for name in names]


@pytest.mark.parametrize(
    ("call", "asked", "expected"),
    [
        (genmodels.compare_speech, {"models": ["window:1", "gru"], **ALIKE}, ["window-1", "gru"]),
        (genmodels.leave_one_out, SMALL, ["ann", "bob"]),
    ],
    ids=["compare_speech", "leave_one_out"],
)
def test_a_series_that_is_stopped_goes_on_by_the_same_call(desk: Path, call, asked: dict, expected: list[str]) -> None:
    with pytest.raises(genmodels.Stopped) as caught:
        call(dataset="words", name="two", reporter=Stopping(), **asked)
    assert caught.value.hint == "the same call with resume='two' in place of a name goes on."
    first = weights_of(desk, f"two/{expected[0]}")[0].stat().st_mtime_ns
    told: list[str] = []
    exhibit = call(dataset="words", resume="two", notice=told.append, **asked)
    assert [Path(network["path"]).name for network in exhibit.facts["networks"]] == expected
    assert weights_of(desk, f"two/{expected[0]}")[0].stat().st_mtime_ns == first, (
        "what was trained is not trained again"
    )
    assert told


def test_runs_are_compared_by_pattern_name_path_and_themselves(desk: Path) -> None:
    run = genmodels.open_run("pair-b", genmodels.SpeechRun)
    ways = [
        "pair-*", ["pair-*", "pair-a", run], ["pair-a", run], [desk / "runs" / "pair-a", "pair-b", "pair-*"]
    ]  # fmt: skip
    told: list[str] = []
    results = [genmodels.compare_word_errors(way, notice=told.append, **MEASURED).facts["results"] for way in ways]
    assert results[0] == results[1] == results[2] == results[3]
    assert {row["run"] for row in results[0]} == {"pair-a", "pair-b"}
    groups = genmodels.compare_word_errors("pair-*", **MEASURED).tables[1].rows
    assert [(row["network"], row["runs"]) for row in groups] == [("window of 3 frames", 2)], "they differ by their seed"
    looked = genmodels.compare_context("pair-*", utterances=2, looked_at=1, device="cpu", notice=told.append)
    assert [row["past_ms"] for row in looked.tables[0].rows] == [22.5, 22.5]


def test_another_set_is_listened_to_with_the_words_that_are_known(desk: Path) -> None:
    write_words(desk / "others", ["cyd"], takes=12)
    told: list[str] = []
    heard = genmodels.compare_word_errors("pair-a", on=desk / "others", notice=told.append, **MEASURED)
    assert {row["part"] for row in heard.facts["results"]} >= {"alone", "speaker cyd"}
    (desk / "strange").mkdir()
    for number in range(24):
        write_wav(desk / "strange" / f"unheard_dan_{number}.wav", spoken("low", 0, number))
    with pytest.raises(DataError, match=f"holds none of the words that .* knows: {', '.join(sorted(PITCHES))}"):
        genmodels.compare_word_errors("pair-a", on=desk / "strange", notice=told.append, **MEASURED)


def test_a_run_without_a_speaker_that_listens_to_its_own_set_hears_that_speaker_alone(desk: Path) -> None:
    quiet = {"notice": lambda _: None}
    run = genmodels.train_speech("words", leave_out="ann", **SMALL, **quiet)
    own, on_it = (genmodels.compare_word_errors([run], on=on, **MEASURED, **quiet) for on in (None, "words"))
    assert on_it.facts["results"] == own.facts["results"], "clips of the others' test part were trained on"
    assert [row["part"] for row in own.facts["results"] if "speaker" in row["part"]] == ["speaker ann"]
    looked = genmodels.compare_context([run, "pair-*"], utterances=2, looked_at=1, device="cpu", **quiet)
    assert [row["label"] for row in looked.tables[0].rows] == ["window 3, without ann", "window 3", "window 3"]


def test_clips_that_were_learned_from_are_not_measured_though_their_set_has_grown(desk: Path) -> None:
    learned = genmodels.open_run("pair-a", genmodels.SpeechRun).words().train
    shutil.copytree(desk / "words", desk / "grown")
    write_words(desk / "grown", ["ann", "bob", "cyd"], takes=12)  # the test part is another one now
    told: list[str] = []
    heard = genmodels.compare_word_errors("pair-a", on=desk / "grown", notice=told.append, **MEASURED)
    (sentence,) = [one for one in told if one.startswith("left out")]
    test = open_words(str(desk / "grown"), told.append).test
    among = sum(
        any(np.array_equal(test.clip(i), learned.clip(j)) for j in range(len(learned))) for i in range(len(test))
    )
    assert 0 < among < len(test)
    assert f"left out {among} of {len(test)} test clips" in sentence
    (alone,) = [row["utterances"] for row in heard.facts["results"] if row["part"] == "alone"]
    assert alone == len(test) - among


def test_a_speaker_may_be_called_by_a_question_mark(desk: Path) -> None:
    write_words(desk / "who", ["ann", "bob"])
    lines = [f"{file.name},{file.stem.split('_')[0]},{'?' if 'bob' in file.stem else 'ann'}"
             for file in sorted((desk / "who").glob("*.wav"))]  # fmt: skip
    (desk / "who" / "list.csv").write_text("\n".join(["path,words,speaker", *lines]), encoding="utf-8")
    quiet = {"notice": lambda _: None}
    run = genmodels.train_speech(desk / "who" / "list.csv", leave_out="?", **SMALL, **quiet)
    heard = genmodels.compare_word_errors([run], **MEASURED, **quiet).facts["results"]
    assert [row["part"] for row in heard if "speaker" in row["part"]] == ["speaker ?"]


def test_what_no_recording_holds_has_no_row(desk: Path) -> None:
    (desk / "pairs").mkdir()
    lines = ["path,words,speaker"]
    for number in range(30):
        words, who = [list(PITCHES)[(number + shift) % 3] for shift in (0, 1)], number % 2
        sound = np.concatenate([spoken(word, who, number) for word in words])
        write_wav(desk / "pairs" / f"{number}.wav", sound)
        lines.append(f"{number}.wav,{' '.join(words)},{['ann', 'bob'][who]}")
    (desk / "pairs" / "list.csv").write_text("\n".join(lines), encoding="utf-8")
    table = genmodels.leave_one_out(desk / "pairs" / "list.csv", notice=lambda _: None, **SMALL)
    assert [row["known"] for row in table.tables[0].rows] == [None] * 3, "there is no recording of one word"
    assert "alone, known to be one" not in {row["part"] for row in table.facts["results"]}


@pytest.mark.parametrize(
    ("ask", "kind", "told"),
    [
        (lambda: genmodels.train_speech("words", epoch=3), UsageError, "there is no setting 'epoch'"),
        (lambda: genmodels.train_speech("wrods"), DataError, "there is no set of words wrods"),
        (lambda: genmodels.train_speech(""), DataError, "--dataset is empty"),
        (lambda: genmodels.compare_speech("lstm", "words"), UsageError, "does not name two or more"),
        (
            lambda: genmodels.compare_speech(None, "words"),
            UsageError,
            "models is None, but it must be a text",
        ),
        (lambda: genmodels.compare_speech(["lstm"], "words"), UsageError, "does not name two or more"),
        (lambda: genmodels.compare_speech(["lstm", "gur"], "words"), UsageError, "there is no model 'gur'"),
        (lambda: genmodels.compare_speech(["gru", "window:4"], "words"), UsageError, "window:4 has no middle"),
        (lambda: genmodels.compare_speech(["window", "window:21"], "words"), UsageError, "are the same network"),
        (lambda: genmodels.compare_speech(["gru", "window:1023"], "words", parameters=2000), UsageError, "are too few"),
        (lambda: genmodels.compare_speech(["gru", "rnn"], "words", config="c.toml"), UsageError, "of different size"),
        (lambda: genmodels.leave_one_out("words", leave_out="ann"), UsageError, "contradict each other"),
        (lambda: genmodels.leave_one_out("words", resume="none"), RunError, "there is no comparison none in runs"),
        (lambda: genmodels.compare_word_errors(None), UsageError, "None names no run"),
        (lambda: genmodels.compare_word_errors([]), UsageError, "no run is named"),
        (lambda: genmodels.compare_word_errors("trio-*"), RunError, "no run in runs is called trio-*"),
        (lambda: genmodels.compare_context("pair-a", looked_at=0), UsageError, "looked_at is 0"),
    ],
)
def test_what_does_not_do_is_a_sentence_and_leaves_nothing(desk: Path, ask, kind: type, told: str) -> None:
    (desk / "c.toml").write_text("hidden_size = 5", encoding="utf-8")
    before = sorted((desk / "runs").iterdir())
    with pytest.raises(kind) as caught:
        ask()
    assert told in caught.value.what
    assert sorted((desk / "runs").iterdir()) == before
