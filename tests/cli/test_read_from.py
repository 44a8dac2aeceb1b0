"""What may be read, and what is refused before it is opened: pipes, devices, sockets, folders, odd encodings, -q."""

import io
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cli.mistakes import check
from genmodels import processes
from genmodels.errors import UsageError
from homes import TINY_TEXT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes and sockets that lie in folders are POSIX")


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("zero").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
    Path("deep.toml").write_text("x = " + "[" * 20_000)
    Path("deep.json").write_text("[" * 100_000)
    Path("hex.toml").write_text(f"seed = 0x{'f' * 6000}\n")
    Path("huge.toml").write_text(f"learning_rate = {'9' * 400}\n")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("file", ["pipe", "zero", "socket"])
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("train-text FILE", 3), ("train-text --config FILE", 2), ("train-vae --dataset FILE", 3),
        ("train-speech --dataset FILE", 3), ("train-vae --config FILE", 2), ("runs show FILE", 4),
    ],
)  # fmt: skip
def test_what_never_ends_or_never_begins_is_refused_at_once(cli, odd, line: str, code: int, file: str) -> None:
    outcome = cli(*line.replace("FILE", file).split())
    check(outcome, code, file)


@pytest.mark.timeout(60)
def test_a_prompt_is_no_device_either(cli, trained) -> None:
    os.mkfifo("pipe")
    for file in ("pipe", "/dev/zero"):
        check(cli("sample-text", "--prompt-file", file), 3, "not an ordinary file")


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("train-text --config deep.toml", 2, "nested too deep"),
        ("train-text --config deep.json", 2, "nested too deep"),
        ("train-text --config hex.toml", 2, "more than 128 bits"),
        ("train-text --config huge.toml", 2, "more than 128 bits"),
        (f"runs prune x --keep {'9' * 400}", 2, "is not an epoch"),
        (f"train-text --epochs {'9' * 400}", 2, "epochs is a number of more than"),
        (f"train-text --learning-rate {'9' * 400}", 2, "not a finite number"),
        ("train-text --encoding rot13", 3, "there is no encoding 'rot13'"),
        ("train-text --encoding zlib", 3, "there is no encoding 'zlib'"),
        ("train-text --encoding utf\0-8", 3, "there is no encoding"),
    ],
)  # fmt: skip
def test_numbers_files_and_encodings_beyond_all_measure_are_mistakes_and_no_bugs(cli, odd, line, code, told) -> None:
    check(cli(*line.split(" ")), code, told)


READ_BY = {  # a number that is set in the environment of each of several processes -> what reads it
    "WORLD_SIZE": processes.asked_for,
    "RANK": processes.world.__wrapped__,  # anew, whatever was found before
    "LOCAL_RANK": lambda: processes.own_device(torch.device("cuda"), "cuda"),
}


@pytest.mark.parametrize("name", READ_BY)
def test_an_environment_that_names_no_number_of_processes_is_a_sentence(cli, monkeypatch, name: str) -> None:
    wrong = "9" * 400 if name == "WORLD_SIZE" else "x"
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv(name, wrong)
    with pytest.raises(UsageError) as caught:
        READ_BY[name]()
    assert caught.value.what.startswith(f"{name} is {wrong!r} in the environment, but torchrun sets it to a number")
    assert caught.value.hint == f"unset {name}, or start the processes by genmodels --processes."
    if name == "WORLD_SIZE":
        check(cli("runs", "list"), 2, "WORLD_SIZE is '999")


def test_a_shell_s_pipe_is_a_corpus_and_a_prompt(cli, tmp_path, corpus_file) -> None:
    def handed(content: bytes) -> str:
        reader, writer = os.pipe()
        os.write(writer, content)
        os.close(writer)
        return f"/dev/fd/{reader}"

    text = corpus_file.read_bytes()
    outcome = cli("train-text", handed(text), *TINY_TEXT, "--epochs", "1", "--name", "piped")
    assert outcome.code == 0, outcome.err
    outcome = cli("sample-text", "--prompt-file", handed(b"the cat"), "--length", "5")
    assert outcome.out.startswith("the cat")
    assert cli("train-text", "--resume", "piped", "--epochs", "2", "-q").code == 0


def test_quiet_is_quiet_but_for_errors(cli, corpus_file) -> None:
    outcome = cli("train-text", "corpus.txt", *TINY_TEXT, "--name", "still")
    assert (outcome.code, outcome.err, outcome.out) == (0, "", "runs/still\n")
    outcome = cli("sample-text", "-q", "--length", "5", "--out", "new/text.txt")
    assert (outcome.code, outcome.err) == (0, "")
    check(cli("sample-text", "-q", "--run", "none"), 4, "there is no run none")
    assert "note: " in cli("sample-text", "--length", "5").err, "the next command is not"


def test_what_libtiff_writes_is_a_line_of_ours(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (28, 28), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, "TIFF", compression="tiff_adobe_deflate")
    damaged = bytearray(buffer.getvalue())
    damaged[30:120] = bytes(byte ^ 0x5A for byte in damaged[30:120])
    (tmp_path / "pictures" / "x.tif").write_bytes(damaged)
    command = [sys.executable, "-m", "genmodels", "train-vae", "--dataset", "pictures/"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "note: a library warns: ZIPDecode" in done.stderr
    assert {line.partition(": ")[0] for line in done.stderr.splitlines()} == {"note", "error", "hint"}
