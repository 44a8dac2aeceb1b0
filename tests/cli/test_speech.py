"""train-speech, transcribe, eval-speech and plot-context through the real command line, on whistled words."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from contract.helpers import records_of
from homes import TINY_SPEECH

HOME = "speech"


def test_errors_are_recorded_for_each_length_and_beyond_the_trained_ones(home: Path) -> None:
    evaluations = [record for record in records_of(home / "runs/hears") if "steps" not in record]
    assert len(evaluations) == 4 * 3
    for record in evaluations:
        lengths = {"train": (1, 2), "validation": (1, 2), "longer": (3, 4)}[record["split"]]
        assert {f"word_error_rate/{n}" for n in lengths} <= record.keys()
    assert "heard as" in (home / "runs/hears/samples/epoch-0003.txt").read_text(encoding="utf-8")


def test_the_words_of_recordings_are_the_result_and_the_rest_is_told(at_home, home: Path, tmp_path: Path) -> None:
    files = ("three.wav", "silent.wav", "stereo.wav")
    outcome = at_home("transcribe", *files, "--run", "hears", "--out", tmp_path / "f.svg")
    assert outcome.code == 0, outcome.err
    head, *lines = [line.split("\t") for line in outcome.out.splitlines()]
    assert head[:3] == ["name", "reading", "confidence"]
    assert [line[0] for line in lines] == list(files)
    assert "low" in lines[0][1].split()
    assert lines[1][1:] == ["nothing", "-", "-"]
    assert outcome.err.splitlines() == [
        "note: silent.wav is silent, so there is nothing to read",
        "note: stereo.wav: 32,000 Hz, 2 channels: mixed and resampled to 8,000 Hz",
        f"figure: {tmp_path / 'f.svg'}",
    ]
    assert (tmp_path / "f.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("lying.wav", "note: lying.wav: its header promises 500.0 s, but it ends after 0.5 s"),
        ("named.mp3", "note: named.mp3 is a wav by its first bytes, and read as one"),
    ],
)
def test_what_is_amiss_with_a_recording_is_told_and_it_is_read(at_home, file: str, told: str) -> None:
    outcome = at_home("transcribe", file, "--run", "hears")
    assert outcome.code == 0, outcome.err
    assert outcome.err.splitlines()[0] == told
    assert outcome.out.splitlines()[1].startswith(f"{file}\t")


def test_json_holds_all_of_it(at_home, home: Path) -> None:
    outcome = at_home("transcribe", "three.wav", "--run", "hears", "--json", "--decode", "greedy")
    assert outcome.code == 0, outcome.err
    document = json.loads(outcome.out)
    assert (document["run"], document["decode"], document["beam_width"]) == ("runs/hears", "greedy", 1)
    assert (home / document["figure"]).read_bytes().startswith(b"\x89PNG")
    (reading,) = document["readings"]
    assert [word["word"] for word in reading["words"]] == reading["reading"].split()
    silent = at_home("transcribe", "silent.wav", "--run", "hears", "--json")
    assert "figure" not in json.loads(silent.out), "there is nothing to draw"


@pytest.mark.parametrize(
    "command",
    ["transcribe three.wav", "eval-speech --lengths 1 --utterances 1", "plot-context --utterances 1 --looked-at 1"],
)
def test_that_a_network_reads_next_to_nothing_is_said_beside_what_it_reads(at_home, command: str) -> None:
    told = "next to nothing is read by narrow ("
    outcome = at_home(*command.split(), "--run", "narrow")
    assert outcome.code == 0, outcome.err
    assert told in outcome.err
    assert "errors for all held-out words): more training is needed\n" in outcome.err
    assert told in at_home(*command.split(), "--run", "narrow", "--json").err
    assert "next to nothing" not in at_home(*command.split(), "--run", "hears").err


@pytest.mark.sweep
def test_a_recording_is_read_from_a_pipe(home: Path) -> None:
    command = [sys.executable, "-m", "genmodels", "transcribe", "-", "--run", "hears"]
    environment = os.environ | {"GENMODELS_CACHE": str(home / "cache")}
    done = subprocess.run(
        command, cwd=home, input=(home / "three.wav").read_bytes(), capture_output=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    heads, row = done.stdout.decode().splitlines()
    assert heads.startswith("name\t")
    name, reading, _, when = row.split("\t")
    assert (name, "low" in reading) == ("standard input", True)
    assert len(when.split()) == len(reading.split()), "a time for each word"
    empty = subprocess.run(command, cwd=home, input=b"", capture_output=True, check=False, env=environment)
    assert empty.returncode == 3
    assert empty.stderr.decode().splitlines() == [
        "error: standard input is empty", "hint: pipe a recording in, or name a file."
    ]  # fmt: skip


def test_names_of_recordings_cannot_write_lines_of_their_own(at_home, home: Path) -> None:
    name = "a\nerror: b\x1b.wav"
    (home / name).write_bytes((home / "three.wav").read_bytes())
    outcome = at_home("transcribe", name, "--run", "hears")
    assert outcome.code == 0, outcome.err
    assert len(outcome.out.splitlines()) == 2, "heads and a row"
    assert not any(line.startswith("error") for line in outcome.err.splitlines())
    assert "\x1b" not in outcome.out + outcome.err
    (home / name).write_bytes((home / "silent.wav").read_bytes())
    outcome = at_home("transcribe", name, "--run", "hears")
    assert not any(line.startswith("error") for line in outcome.err.splitlines())
    assert "\x1b" not in outcome.out + outcome.err


@pytest.mark.sweep  # as the family's tests try it too
def test_eval_speech_puts_runs_side_by_side(at_home, home: Path, tmp_path: Path) -> None:
    table, figure = tmp_path / "errors.csv", tmp_path / "errors.svg"
    arguments = ("eval-speech", "--run", "hears", "--run", "narrow", "--lengths", "1-2", "--utterances", 2)
    outcome = at_home(*arguments, "--csv", table, "--out", figure, "--json")
    assert outcome.code == 0, outcome.err
    rows = json.loads(outcome.out)["results"]
    assert {row["run"] for row in rows} == {"hears", "narrow"}
    with table.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(rows)
    assert b"<svg" in figure.read_bytes()
    shown = at_home(*arguments, "--decode", "beam", "--beam-width", 2)
    assert shown.code == 0, shown.err
    assert "alone, known to be one" in shown.out


def test_plot_context_is_a_table_and_a_figure(at_home, tmp_path: Path) -> None:
    arguments = ("--utterances", 2, "--looked-at", 1, "--out", tmp_path / "context.svg")
    outcome = at_home("plot-context", "--run", "narrow", "--run", "bobless", *arguments)
    assert outcome.code == 0, outcome.err
    assert "sees back (ms)" in outcome.out
    assert (tmp_path / "context.svg").exists()


@pytest.mark.sweep  # as the family's tests try it too
def test_every_speaker_is_left_out_in_turn(at_home, home: Path) -> None:
    tiny = [flag if flag != "64" else "8" for flag in TINY_SPEECH]
    outcome = at_home(
        "train-speech", "--dataset", "words", *tiny, "--model", "window", "--window", 5, "--epochs", 1,
        "--leave-one-out", "--name", "each", "-q",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert [line.split("\t")[0] for line in outcome.out.splitlines()[1:]] == ["ann", "bob", "cyd", "mean"]
    assert (home / "runs" / "each" / "comparison.png").exists()


def test_settings_of_a_file_and_minutes_are_followed(at_home, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.training.pace.MEASURED_SECONDS", 0.1)
    outcome = at_home(
        "train-speech", "--dataset", "words", *TINY_SPEECH[:-2], "--model", "window", "--window", 5,
        "--config", "good.toml", "--minutes", "0.005", "--name", "timed", "--json", "-q",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    document = json.loads((home / "runs/timed/run.json").read_text(encoding="utf-8"))
    assert document["settings"]["batch_size"]["value"] == 8
    assert json.loads(outcome.out)["seconds"] < 20


@pytest.mark.sweep  # as the family's tests try it too
def test_a_comparison_goes_on_where_it_was_stopped(at_home, home: Path) -> None:
    tiny = [flag if flag != "64" else "8" for flag in TINY_SPEECH]
    command = ("train-speech", "--dataset", "words", *tiny, "--compare", "window:1,window:3", "--epochs", 1, "-q")
    assert at_home(*command, "--name", "pair").code == 0
    again = at_home(*command, "--resume", "pair")
    assert again.code == 0, again.err
    other = at_home(*command, "--resume", "pair", "--longest", 1)
    assert other.code == 2
    assert "--longest 1 contradicts the run, which has 2" in other.err
    both = at_home(*command, "--resume", "pair", "--name", "other")
    assert (both.code, "--resume and --name contradict" in both.err) == (2, True)


def test_a_size_that_cannot_be_is_refused_before_any_speaker_is_left_out(at_home, home: Path) -> None:
    outcome = at_home("train-speech", "--dataset", "words", "--parameters", 1000, "--leave-one-out", "--name", "small")
    assert outcome.code == 2
    assert "--parameters 1000 are too few" in outcome.err
    assert "not trained yet" not in outcome.err
    assert not list((home / "runs").glob("small*"))
