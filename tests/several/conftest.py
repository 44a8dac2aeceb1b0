"""Two processes that wait for trainings, for all tests of one session."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

WORKER = Path(__file__).with_name("worker.py")


class Pair:
    """Two processes that have met and train what they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes = [self._started(rank) for rank in range(2)]

    def _started(self, rank: int) -> "subprocess.Popen[str]":
        meeting = {"RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank)}
        meeting["GENMODELS_CACHE"] = str(self.folder / "cache")  # else a classifier of other tests may be in it
        with (self.folder / f"errors-{rank}").open("w", encoding="utf-8") as errors:
            return subprocess.Popen(
                [sys.executable, str(WORKER), str(self.folder / "store")], env={**os.environ, **meeting},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip

    def train(self, **asked: object) -> None:
        """Have both train; an error of either is this test's."""
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
        answers = [process.stdout.readline() for process in self.processes if process.stdout is not None]
        assert answers == ["done\n"] * 2, "".join(path.read_text() for path in self.folder.glob("errors-*"))

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                assert stream is not None
                stream.close()


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two processes that have met."""
    found = Pair(tmp_path_factory.mktemp("pair"))
    yield found
    found.end()
