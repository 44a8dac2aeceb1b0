"""What people bring as a text: files, folders, standard input; what is taken and what is not is told."""

import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from cli.mistakes import check
from doors import ENTRY
from homes import CORPUS, TINY_TEXT

LOUD = [word for word in TINY_TEXT if word != "--quiet"]
TRAIN = f"{ENTRY}; import sys; sys.exit(run(sys.argv[1:]))"


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """A folder of three books whose last lines have no end, a hidden file, and other things."""
    folder = tmp_path / "books"
    folder.mkdir()
    for name in ("0.txt", "1.txt", "2.TXT", ".hidden.txt", "notes.md"):
        (folder / name).write_text(f"{CORPUS}{name} ends", encoding="utf-8")
    return folder


def test_a_training_tells_what_it_took_and_what_not(cli, books) -> None:
    outcome = cli("train-text", "books", "books/1.txt", *LOUD, "--name", "tiny")
    assert outcome.code == 0, outcome.err
    assert "books/0.txt, books/1.txt, books/2.TXT: 3 files, " in outcome.err
    assert (
        "; passed over: books/1.txt (given twice), books/.hidden.txt (hidden), books/notes.md (not *.txt)\n"
        in outcome.err
    )
    assert "note: put a line feed after 2 files that end without one\n" in outcome.err


def test_json_and_run_json_say_the_same(cli, books, tmp_path) -> None:
    outcome = cli("train-text", "books", "books/1.txt", *TINY_TEXT, "--name", "tiny", "--json")
    taken = json.loads(outcome.out)["data"]
    assert [Path(f).name for f in taken["files"]] == ["0.txt", "1.txt", "2.TXT"]
    assert [(p["reason"], p["count"]) for p in taken["passed_over"]] == [
        ("given twice", 1), ("hidden", 1), ("not *.txt", 1),
    ]  # fmt: skip
    data = json.loads((tmp_path / "runs" / "tiny" / "run.json").read_text())["data"]
    assert (data["sources"], data["passed_over"]) == (taken["files"], taken["passed_over"])
    assert taken["characters"] == data["characters"] == sum(
        len((books / name).read_text()) for name in ("0.txt", "1.txt", "2.TXT")
    ) + 2  # fmt: skip
    again = cli("train-text", "--resume", "tiny", "-q")
    assert again.code == 0, again.err


def test_a_folder_to_score_tells_it_too(cli, trained, books) -> None:
    for command in ("eval-text", "judge-text"):
        outcome = cli(command, "books", "--unknown", "skip")
        assert outcome.code == 0, outcome.err
        assert "note: read books/0.txt, books/1.txt, books/2.TXT: 3 files, " in outcome.err
        assert "books/.hidden.txt (hidden)" in outcome.err


@pytest.mark.sweep
def test_models_side_by_side_tell_it_in_json(cli, books) -> None:
    outcome = cli("train-text", "books", "--compare", "rnn,gru", *TINY_TEXT, "--json")
    assert outcome.code == 0, outcome.err
    assert len(json.loads(outcome.out)["data"]["files"]) == 3


def test_a_link_to_nothing_is_a_sentence(cli, books) -> None:
    (books / "gone.txt").symlink_to("nowhere.txt")
    for name in ("books", "books/gone.txt"):
        check(cli("train-text", name), 3, "books/gone.txt is a link to nowhere.txt, which is missing")


# -- standard input ----------------------------------------------------------------------------------


def with_input(folder: Path, *arguments: str, **how) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", TRAIN, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False, **how)


UNKNOWN_MODEL = ("train-text", "--model", "none")  # refused after standard input was looked at, before anything is read


@pytest.mark.skipif(os.name == "nt", reason="pipes can't be asked there")
def test_a_text_on_standard_input_is_never_left_for_the_built_in_one(tmp_path, corpus_file) -> None:
    with corpus_file.open("rb") as file:
        from_file = with_input(tmp_path, *UNKNOWN_MODEL, stdin=file)
    from_pipe = with_input(tmp_path, *UNKNOWN_MODEL, input=CORPUS.encode())
    for outcome, what in ((from_file, b"a file"), (from_pipe, b"a text")):
        assert outcome.returncode == 2
        assert outcome.stderr.startswith(b"error: " + what + b" waits on standard input, but nothing was named to read")
        assert b"hint: add - to read it" in outcome.stderr
        assert outcome.stdout == b""


@pytest.mark.skipif(os.name == "nt", reason="pipes can't be asked there")
@pytest.mark.parametrize("stdin", ["none", "empty file", "closed", "ended pipe", "read file"])
def test_nothing_on_standard_input_leaves_the_built_in_text(tmp_path, corpus_file, stdin) -> None:
    empty = tmp_path / "void"
    empty.touch()
    if stdin == "closed":
        outcome = with_input(tmp_path, *UNKNOWN_MODEL, preexec_fn=lambda: os.close(0))
    elif stdin == "ended pipe":
        outcome = with_input(tmp_path, *UNKNOWN_MODEL, input=b"")
    elif stdin == "none":
        outcome = with_input(tmp_path, *UNKNOWN_MODEL, stdin=subprocess.DEVNULL)
    else:
        with (empty if stdin == "empty file" else corpus_file).open("rb") as file:
            file.seek(0, os.SEEK_END)
            outcome = with_input(tmp_path, *UNKNOWN_MODEL, stdin=file)
    assert outcome.stderr.startswith(b"error: --model 'none'"), outcome.stderr


@pytest.mark.skipif(os.name == "nt", reason="pipes can't be asked there")
def test_an_open_pipe_is_not_waited_for(tmp_path) -> None:
    reading, writing = os.pipe()
    try:
        outcome = with_input(tmp_path, *UNKNOWN_MODEL, stdin=reading)
    finally:
        os.close(writing)
        os.close(reading)
    told, error = outcome.stderr.splitlines()[:2]
    assert told.startswith(b"note: nothing was named to read; standard input is read where - stands")
    assert error.startswith(b"error: --model 'none'")


@pytest.mark.sweep
def test_a_file_that_is_named_is_read_whatever_waits(tmp_path, corpus_file) -> None:
    small = ("--hidden-size", "4", "--epochs", "1", "--batch-size", "2", "--window", "16")
    outcome = with_input(tmp_path, "train-text", "corpus.txt", *small, input=b"something else")
    assert outcome.returncode == 0, outcome.stderr
    assert f"corpus corpus.txt: {len(CORPUS):,} characters".encode() in outcome.stderr


@pytest.mark.parametrize(
    "command", [*(pytest.param(name, marks=pytest.mark.sweep) for name in ("eval-text", "judge-text")), "sample-text"]
)
def test_what_asks_a_run_says_that_standard_input_is_not_read(tmp_path, trained, corpus_file, command) -> None:
    with corpus_file.open("rb") as file:
        outcome = with_input(tmp_path, command, *(("--length", "100") if command != "eval-text" else ()), stdin=file)
    assert outcome.returncode == 0, outcome.stderr
    assert b"note: standard input is read where - stands in place of a file; here it is not" in outcome.stderr


def test_a_prompt_file_may_be_standard_input(tmp_path, trained) -> None:
    outcome = with_input(tmp_path, "sample-text", "--prompt-file", "-", "--length", "5", input=b"the cat ")
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.startswith(b"the cat ")


def test_only_a_bare_dash_is_standard_input_for_a_prompt(tmp_path, trained) -> None:
    (tmp_path / "-").write_text("a dog", encoding="utf-8")
    outcome = with_input(tmp_path, "sample-text", "--prompt-file", "./-", "--length", "5", input=b"the cat ")
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.startswith(b"a dog")


@pytest.mark.parametrize("command", ["eval-text", "judge-text"])
def test_a_run_that_knows_no_line_feed_gets_none_between_files(cli, tmp_path, command) -> None:
    line = CORPUS.replace("\n", " ")
    (tmp_path / "line.txt").write_text(line, encoding="utf-8")
    assert cli("train-text", "line.txt", *TINY_TEXT, "--name", "line").code == 0
    (tmp_path / "many").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "many" / name).write_text(f"{line[:500]}t", encoding="utf-8")
    outcome = cli(command, "many")
    assert outcome.code == 0, outcome.err
    assert "many/a.txt, many/b.txt: 2 files, 1,002 characters" in outcome.err
    assert "line feed" not in outcome.err


@pytest.mark.skipif(shutil.which("gunzip") is None, reason="gunzip is not installed")
@pytest.mark.parametrize(
    "command", ["eval-text", *(pytest.param(one, marks=pytest.mark.sweep) for one in ("train-text", "judge-text"))]
)
def test_the_hint_for_a_packed_text_can_be_followed(cli, trained, tmp_path, command) -> None:
    import gzip

    (tmp_path / "a b.txt.gz").write_bytes(gzip.compress(CORPUS.encode()))
    refused = cli(command, "a b.txt.gz")
    check(refused, 3, "a b.txt.gz is gzip by its first bytes")
    assert "put `gunzip -c 'a b.txt.gz' |` before the command, and - in place of the file" in refused.err
    more = " ".join(TINY_TEXT) if command == "train-text" else ""
    line = f"gunzip -c 'a b.txt.gz' | {sys.executable} -c '{TRAIN}' {command} - {more}"
    followed = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, check=False)
    assert followed.returncode == 0, followed.stderr


# -- words ---------------------------------------------------------------------------------------------


@pytest.mark.sweep
def test_judging_a_text_without_spaces_says_that_words_cannot_be_told(cli, tmp_path) -> None:
    (tmp_path / "thai.txt").write_text("สวัสดีชาวโลกทุกคน\nวันนี้อากาศดี\n" * 600, encoding="utf-8")
    assert cli("train-text", "thai.txt", *TINY_TEXT).code == 0
    outcome = cli("judge-text", "--length", 100, "--temp", 1)
    assert outcome.code == 0, outcome.err
    assert "words can't be told in Thai" in outcome.err
    assert outcome.out.splitlines()[1].split("\t")[1] == "-"
    results = json.loads(cli("judge-text", "--length", 100, "--temp", 1, "--json").out)["results"]
    assert {(r["real_words"], r["distinct_1"], r["repetition"], r["without_words"]) for r in results} == {
        (None, None, None, "Thai")
    }
    sheet = cli("sample-text", "--judge", "--length", 100)
    assert "words can't be told in Thai" in sheet.err
    gates = cli("plot-gates")
    assert gates.code == 0, gates.err
    assert "words can't be told in Thai" in gates.err
    assert "position in word" not in gates.out


# -- seed phrases --------------------------------------------------------------------------------------

ODD = {
    "bytes that are no text": (b"caf\xe9 \xff\xfe noir\n" * 200, ("--bytes",)),
    "bytes cut anywhere": ("на краю ночи😀".encode() * 150, ("--bytes",)),
    "bytes with line ends of old": (b"one two\rthree four\r\n" * 150, ("--bytes",)),
    "a mark in the middle": (b"one two\n\xef\xbb\xbf\n" * 200, ()),
    "nothing but marks": (b"a\xef\xbb\xbf" * 900, ()),
    "replacement characters and no space": ("未\ufffd知".encode() * 500, ()),
    "line ends alone": (b"\n\n\n\n\n" * 400, ()),
    "old line ends": (b"one two\rthree\r" * 200, ()),
    "decomposed": (unicodedata.normalize("NFD", "é à ü\n").encode() * 400, ()),
}


@pytest.mark.parametrize("odd", ODD)
def test_a_run_can_always_read_its_own_seed_phrase(cli, tmp_path, odd) -> None:
    data, how = ODD[odd]
    (tmp_path / "odd.txt").write_bytes(data)
    made = cli("train-text", "odd.txt", *TINY_TEXT, *how, "--name", "odd")
    assert made.code == 0, made.err
    for again in (
        cli("sample-text", "--length", 5), cli("sample-text", "--temp", "0.5,1", "--length", 5, "--json"),
        cli("train-text", "--resume", "odd", "-q"),
        cli("train-text", "odd.txt", "--init-from", "odd", *TINY_TEXT, "--name", "child"),
        cli("sample-text", "--run", "child", "--length", 5),
    ):  # fmt: skip
        assert again.code == 0, again.err


def test_a_seed_phrase_that_is_given_back_as_a_prompt_is_read(cli, tmp_path) -> None:
    import genmodels

    for text in ("\n\ufeff\n" * 700, "a\ufeffb \n" * 300, "so \ud83d\ude00 it goes\n" * 100):
        run = genmodels.train_text(text=text, epochs=1, hidden_size=4, batch_size=2, window=8, progress=False)
        phrase = run.document()["prompt"]
        assert len(run.sample(phrase, length=3)[0].text) == 3


def test_a_text_that_the_run_was_trained_on_is_told(cli, trained, tmp_path) -> None:
    corpus = (tmp_path / "corpus.txt").read_text(encoding="utf-8")
    whole = cli("eval-text", "corpus.txt")
    assert re.search(r"note: runs/tiny was trained on \d\d % of corpus.txt, so it does better there", whole.err), (
        whole.err
    )
    (tmp_path / "part.txt").write_text(corpus[300:500], encoding="utf-8")
    for command in ("eval-text", "judge-text"):
        assert "note: runs/tiny was trained on part.txt: that tells nothing" in cli(command, "part.txt").err
    (tmp_path / "other.txt").write_text(corpus[300:400][::-1] * 2, encoding="utf-8")
    assert "was trained on" not in cli("eval-text", "other.txt").err
    assert "was trained on" not in cli("eval-text").err
