"""Only ordinary files are opened, and JSON holds numbers that a program can compute with."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from genmodels.ordinary import check_ordinary, is_handed, open_ordinary, read_ordinary, strict_json

POSIX = pytest.mark.skipif(os.name == "nt", reason="pipes and sockets that lie in folders are POSIX")


def bound(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)  # the name of a socket must be short


@POSIX
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (os.mkfifo, "it is a pipe"),
        (Path.mkdir, "it is a folder"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a device"),
        (lambda path: path.symlink_to("/dev/random"), "it is a device"),
        (bound, "it is a socket"),
        (lambda path: path.symlink_to("nowhere"), "No such file"),
    ],
)
@pytest.mark.timeout(10)
def test_what_would_be_waited_for_or_never_ends_is_refused_unopened(tmp_path, monkeypatch, make, told) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x"
    make(path)
    for read in (open_ordinary, read_ordinary, check_ordinary):
        with pytest.raises(OSError, match=told):
            read(path)


@POSIX
def test_a_file_that_becomes_a_pipe_while_it_is_looked_at_is_refused_too(tmp_path, monkeypatch) -> None:
    file, pipe = tmp_path / "file", tmp_path / "pipe"
    file.write_bytes(b"x")
    os.mkfifo(pipe)
    before = os.open
    monkeypatch.setattr("os.open", lambda path, *rest: before(pipe if path == file else path, *rest))
    with pytest.raises(OSError, match="it is a pipe"):
        open_ordinary(file)


@POSIX
def test_an_ordinary_file_a_link_to_one_and_the_null_device_are_read(tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("file")
    assert read_ordinary(tmp_path / "file") == read_ordinary(tmp_path / "link") == b"abc"
    assert read_ordinary(Path(os.devnull)) == b""


@POSIX
def test_a_pipe_that_was_handed_to_this_process_is_read_where_that_is_meant(tmp_path) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"abc")
    os.close(writer)
    path = Path(f"/dev/fd/{reader}")
    assert is_handed(path)
    assert not is_handed(tmp_path)
    with pytest.raises(OSError, match="it is a pipe"):
        read_ordinary(path)
    assert read_ordinary(path, piped=True) == b"abc"
    os.close(reader)


@pytest.mark.parametrize(
    "text", ["NaN", "[-Infinity]", "1e400", "9" * 400, "-" + "9" * 30, "[" * 100_000, "{", '{"x": ' * 50_000, ""]
)
def test_json_that_no_program_of_ours_wrote_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        strict_json(text)


def test_numbers_of_ours_are_read_as_they_were_written() -> None:
    assert strict_json(f'[{2**63 - 1}, {-(2**63)}, 1e-300, 0.1, -0.0, "x", null, true]') == [
        2**63 - 1, -(2**63), 1e-300, 0.1, -0.0, "x", None, True,
    ]  # fmt: skip


CAUGHT = """
import os, sys
from genmodels.streams import be_quiet, caught_in_c, prepare_streams
prepare_streams()
with caught_in_c():
    os.write(2, b"C \\x1b[2J\\nC \\x1b[2J\\nother\\n")
    sys.stderr.write("of Python\\n")
    sys.stderr.flush()
be_quiet(True)
with caught_in_c():
    os.write(2, b"unheard\\n")
os.write(2, b"raw\\n")
"""


def test_what_a_library_in_c_writes_is_told_once_on_a_line_of_ours() -> None:
    done = subprocess.run([sys.executable, "-c", CAUGHT], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == [
        "of Python", "note: a library warns: C \\x1b[2J", "note: a library warns: other", "raw",
    ]  # fmt: skip
