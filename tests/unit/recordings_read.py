"""Recordings from bytes: what is read, what is told, and how they are refused."""

import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from genmodels.data.sound.formats.recordings import (
    Recording,
    from_bytes,
)
from genmodels.errors import DataError


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def read(content: bytes, name: str = "x.wav") -> tuple[Recording, list[str]]:
    told: list[str] = []
    return from_bytes(content, name, told.append), told


def refusal(content: bytes, name: str = "x.wav") -> tuple[str, str]:
    with pytest.raises(DataError) as raised:
        from_bytes(content, name, print)
    return raised.value.what, str(raised.value.hint)


@contextmanager
def sent(monkeypatch: pytest.MonkeyPatch, content: bytes) -> Iterator[None]:
    """A pipe in the place of standard input, into which something is written."""
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as file:
            file.write(content)

    writer = threading.Thread(target=write)
    with io.TextIOWrapper(os.fdopen(reading, "rb")) as stream, monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", stream)
        writer.start()
        yield
        writer.join()
