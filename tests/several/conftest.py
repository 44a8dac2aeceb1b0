"""Two processes that wait for work, for all tests of one session."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

WORKER = Path(__file__).with_name("worker.py")
LIMIT = 60.0  # seconds within which both must answer
DUMPED = 1.0  # seconds in which a process that hangs writes where


class Pair:
    """Two processes that have met and do what they are asked for; after a failure there are two new ones."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.begun = folder, 0
        self.begin()

    def begin(self) -> None:
        self.begun += 1
        self.processes = [self._started(rank) for rank in range(2)]

    def _started(self, rank: int) -> "subprocess.Popen[str]":
        meeting = {"RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank)}
        meeting["GENMODELS_CACHE"] = str(self.folder / "cache")  # else a classifier of other tests may be in it
        with self._errors(rank).open("w", encoding="utf-8") as errors:
            return subprocess.Popen(
                [sys.executable, str(WORKER), str(self.folder / f"store-{self.begun}")], env={**os.environ, **meeting},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip

    def _errors(self, rank: int) -> Path:
        return self.folder / f"errors-{rank}"

    def do(self, what: str, limit: float = LIMIT, **asked: object) -> list[Any]:
        """What both answer, who call a function of `several.trained`; an end or silence of either is this test's."""
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write(json.dumps({"do": what, **asked}) + "\n")
            process.stdin.flush()
        lines = self._lines(limit)
        if len(lines) < len(self.processes) or "" in lines.values():
            pytest.fail(self._told(lines))
        return [json.loads(lines[rank]) for rank in sorted(lines)]

    def _lines(self, limit: float) -> dict[int, str]:
        """A line of each that answers in time, empty of one that ends, whom the others need not wait for."""
        outputs = {process.stdout: rank for rank, process in enumerate(self.processes)}
        found: dict[int, str] = {}
        end = time.monotonic() + limit
        while outputs and "" not in found.values():
            ready, _, _ = select.select(list(outputs), [], [], max(0.0, end - time.monotonic()))
            if not ready:
                break
            for output in ready:
                assert output is not None
                found[outputs.pop(output)] = output.readline()
        return found

    def _told(self, lines: dict[int, str]) -> str:
        """How each fared, with its errors and where it was; from here on there are two new ones."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGUSR1)
        time.sleep(DUMPED)
        told = []
        for rank in range(len(self.processes)):
            fared = "has ended" if lines.get(rank) == "" else f"answered {lines.get(rank, 'nothing')}"
            told.append(f"process {rank} {fared.strip()}; its errors:\n{self._errors(rank).read_text()}")
        self.end()
        self.begin()
        return "\n".join(told)

    def train(self, **asked: object) -> Any:
        """Have both train; what both found alike."""
        ours, theirs = self.do("train_case", **asked)
        assert ours == theirs
        return ours

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
