import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from genmodels.errors import ResourceError
from genmodels.streams import Aside, Result

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="/dev/full is Linux's")
def test_a_full_stderr_takes_everything_and_a_full_stdout_says_so_once() -> None:
    with FULL.open("wb") as file:
        assert Aside(file.fileno(), "w", closefd=False).write(b"lost") == 4
        result = Result(file.fileno(), "w", closefd=False)
        with pytest.raises(ResourceError, match="stdout: No space left on device"):
            result.write(b"told")
        assert result.write(b"dropped") == 7


def test_a_reader_that_has_left_costs_stderr_nothing_and_breaks_the_pipe_of_stdout_once() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    assert Aside(writer, "w", closefd=False).write(b"lost") == 4
    result = Result(writer, "w", closefd=False)
    with pytest.raises(BrokenPipeError):
        result.write(b"gone")
    assert result.write(b"dropped") == 7
    os.close(writer)


def test_what_can_be_written_is_written() -> None:
    reader, writer = os.pipe()
    for kind in (Aside, Result):
        assert kind(writer, "w", closefd=False).write(b"here") == 4
        assert os.read(reader, 9) == b"here"
    os.close(reader)
    os.close(writer)


def prepared(code: str, redirections: str = "") -> subprocess.CompletedProcess[str]:
    program = f"import sys, os, warnings\nfrom genmodels.streams import prepare_streams\nprepare_streams()\n{code}"
    return subprocess.run(
        ["sh", "-c", f'exec "$0" -c "$1" {redirections}', sys.executable, program],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="POSIX shells")
@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-", "<&-"])
def test_no_file_gets_the_number_of_a_stream_that_was_closed(closed: str, tmp_path: Path) -> None:
    """Else a library in C that writes to stderr would write into that file."""
    target = tmp_path / "checkpoint"
    code = f"file = open({str(target)!r}, 'w'); file.write(str(file.fileno())); file.flush(); os.write(2, b'noise')"
    assert prepared(code, closed).returncode == 0
    assert target.read_text().isdecimal()
    assert int(target.read_text()) > 2


def test_what_a_library_warns_of_or_logs_is_one_line_of_ours() -> None:
    code = (
        "from genmodels.streams import tell_for_libraries; tell_for_libraries(); import logging\n"
        "warnings.warn('first\\n  second\\x1b[2J')\n"
        "log = logging.getLogger('other'); log.warning('%d\\nfonts', 3); log.info('never told')"
    )
    done = prepared(code)
    told = ["first second\\x1b[2J", "3 fonts"]
    assert done.stderr.splitlines() == [f"note: a library warns: {text}" for text in told]


def test_a_slow_reader_of_a_stream_that_does_not_block_gets_everything() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    data, received = os.urandom(1 << 20), bytearray()

    def read() -> None:
        while piece := os.read(reader, 1 << 16):
            received.extend(piece)

    thread = threading.Thread(target=read, daemon=True)
    stream = io.BufferedWriter(Result(writer, "w"))
    thread.start()
    stream.write(data)  # far more than a pipe holds
    stream.close()
    thread.join(timeout=10)
    os.close(reader)
    assert bytes(received) == data


def test_what_one_stream_does_not_know_stays_as_it_was() -> None:
    code = (
        "print(sys.stdout.encoding, sys.stderr.errors, sys.stdout.isatty(), sys.stdout.fileno(), sys.stderr.fileno())"
    )
    assert prepared(code).stdout.split()[1:] == ["backslashreplace", "False", "1", "2"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0", "80"),
        ("garbage", "80"),
        ("-5", "80"),
        ("", "80"),
        ("9" * 5000, "80"),
        ("1", "1"),
        ("132", "132"),
        (None, None),
    ],
)
def test_a_width_that_is_none_is_80_and_any_other_is_kept(
    given: str | None, kept: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS")
    if given is not None:
        monkeypatch.setenv("COLUMNS", given)
    monkeypatch.setenv("LINES", "40" if given is None else given)
    found = prepared("print(os.environ.get('COLUMNS'), os.environ['LINES'])").stdout.split()
    assert found == [str(kept), {"80": "24", None: "40"}.get(kept, kept)]
