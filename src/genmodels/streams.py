"""The standard streams as a program can rely on them: open, stderr never in the way, and stdout's failure a sentence.

Python gives none where the caller closed one (`>&-`), and its own last flush turns a full disk into exit code 120.
"""

import contextlib
import errno
import io
import os
import select
import sys
import tempfile
import warnings
from collections.abc import Iterator
from typing import Any, TextIO

from genmodels.errors import ResourceError
from genmodels.printable import one_line

USUAL_SIZE = {"COLUMNS": "80", "LINES": "24"}
STDERR = 2  # its number in every process
MOST_CAUGHT, LINES_TOLD = 1 << 16, 3  # bytes, and lines that differ, of what a library in C wrote
LARGEST_SIZE = 10_000  # a line of a table that wide still fits into memory


class Patient(io.FileIO):
    """A file that waits where whoever reads it is slow and made it one that does not block."""

    upon: TextIO  # held, as it closes the descriptor when nobody holds it

    def write(self, data: Any, /) -> int:
        """Write a piece, or as much of it as goes at once."""
        while (count := super().write(data)) is None:
            select.select((), (self.fileno(),), ())
        return count


class Aside(Patient):
    """stderr: that nobody reads it any more, or that its disk is full, must not cost the result.

    It writes under a number of its own, so that what a library in C writes to 2 can be caught: see `caught_in_c`.
    """

    def fileno(self) -> int:
        """The number that everybody knows it by."""
        return STDERR

    def write(self, data: Any, /) -> int:
        """Write what can be written; the rest is lost without a word."""
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


class Result(Patient):
    """stdout: what can't be delivered is told once, and what follows it is dropped."""

    failed = False

    def write(self, data: Any, /) -> int:
        """Write a piece of the result.

        Raises:
            BrokenPipeError: whoever read it has gone away.
            ResourceError: it can't be written, as on a full disk.
        """
        if self.failed:
            return memoryview(data).nbytes
        try:
            return super().write(data)
        except OSError as error:
            self.failed = True
            if error.errno == errno.EPIPE:
                raise
            what = f"the result cannot be written to stdout: {error.strerror}"
            raise ResourceError(what, "let it go elsewhere, e.g. into another file.") from error


def prepare_streams() -> None:
    """Make the standard streams reliable, for a process that is the command line's own."""
    _open_the_closed()
    sys.stdout, sys.stderr = _upon(Result, sys.stdout), _upon(Aside, sys.stderr)
    for name, usual in USUAL_SIZE.items():
        _mend_size(name, usual)


def _open_the_closed() -> None:
    """Put the null device where the caller closed a stream.

    Otherwise the next file that is opened would get that stream's number, and whatever a library in C writes to
    stderr would end up in a checkpoint.
    """
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - to the end


def _upon(kind: type[Patient], stream: TextIO) -> TextIO:
    """A stream like this one upon another kind of file; one that is no file of Python's own stays as it is."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    raw = getattr(stream.buffer, "raw", stream.buffer)  # with `python -u` nothing stands between
    if type(raw) is not io.FileIO:
        return stream
    file = kind(os.dup(raw.fileno()) if kind is Aside else raw.fileno(), "w", closefd=kind is Aside)
    file.upon = stream
    return io.TextIOWrapper(
        io.BufferedWriter(file),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering or stream.write_through,
    )


def _mend_size(name: str, usual: str) -> None:
    """Put the usual size of a terminal in the place of one that is none: Rich takes every number as it is."""
    given = os.environ.get(name)
    if given is not None and not (given.isdecimal() and 0 < int(given[:9]) <= LARGEST_SIZE):
        os.environ[name] = usual


def tell_for_libraries() -> None:
    """Let what libraries warn of and log be a line of ours each, without the place in their source."""
    import logging  # noqa: PLC0415 - not for a bare --version

    class Logged(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            _tell(record.getMessage())

    logging.lastResort = Logged(logging.WARNING)
    warnings.showwarning = lambda message, *_, **__: _tell(str(message))


def _tell(message: str) -> None:
    if not is_quiet() and sys.stderr is not None:
        sys.stderr.write(f"note: a library warns: {one_line(' '.join(message.split()))}\n")


@contextlib.contextmanager
def caught_in_c() -> Iterator[None]:
    """Within it what a library in C writes to stderr, past Python, is caught; each line is told once, as a warning is.

    Where there is no such descriptor, as in some notebooks, nothing is caught.
    """
    try:
        caught = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
    except OSError:
        yield
        return
    try:
        before = os.dup(STDERR)
    except OSError:
        caught.close()
        yield
        return
    try:
        os.dup2(caught.fileno(), STDERR)
        yield
    finally:
        os.dup2(before, STDERR)
        os.close(before)
        with caught:
            caught.seek(0)
            lines = caught.read(MOST_CAUGHT).decode("utf-8", "replace").splitlines()
        for line in list(dict.fromkeys(filter(str.strip, lines)))[:LINES_TOLD]:
            _tell(line)


class _Volume:
    """How much is said on stderr: everything, or errors alone."""

    quiet = False


def be_quiet(wanted: bool) -> bool:
    """Let nothing be said on stderr but errors, until `be_quiet(False)`; gives back what was asked for."""
    _Volume.quiet = wanted
    return wanted


def is_quiet() -> bool:
    """Whether nothing is to be said on stderr but errors."""
    return _Volume.quiet
