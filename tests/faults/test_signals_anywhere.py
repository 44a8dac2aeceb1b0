"""Signals at any moment of a training, from the first import on: it ends soon and in words, and goes on to its end.

The moments are parts of the time that the whole takes, which is measured before: imports, the reading of the data into
an empty cache, a GAN's classifier, the training, its evaluations, the last files.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from genmodels.runs import RunDir
from genmodels.runs.verifying import problems_of
from homes import CORPUS, TINY_GAN, shapes, write_set

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform != "linux", reason="what a process has used is read from /proc"),
]
TRAININGS = {
    "text": (
        "train-text", "corpus.txt", "--hidden-size", "16", "--embedding-size", "8", "--batch-size", "4",
        "--window", "16", "--epochs", "3", "--sample-length", "20", "--checkpoint-minutes", "0.002",
    ),
    "gan": ("train-gan", "--dataset", "set.npz", *TINY_GAN, "--epochs", "2", "--checkpoint-minutes", "0.002"),
}  # fmt: skip
SIGNALS = {signal.SIGINT: {130, -2}, signal.SIGTERM: {143, -15}, signal.SIGHUP: {129, -1}}
SOON = 2.0  # seconds of a processor after a second Ctrl-C: one, and as much again where many programs share it
PATIENCE = 150.0  # seconds on the clock, on a machine that may be busy
MOMENTS = [
    pytest.param(1, marks=[pytest.mark.sweep, pytest.mark.timeout(600)]),
    pytest.param(34, marks=[pytest.mark.nightly, pytest.mark.timeout(3600)]),
]


def usual() -> None:
    """Signals mean to a new process what they mean at a terminal, whatever started the tests."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def started(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    with (folder / "err").open("w") as err:
        return subprocess.Popen(
            [sys.executable, "-m", "genmodels", *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=err,
            env=os.environ | {"GENMODELS_CACHE": str(folder / "cache")}, text=True,
            preexec_fn=usual,  # noqa: PLW1509 - there is no other thread
        )  # fmt: skip


def used(process: "subprocess.Popen[str]") -> float:
    """Seconds of processors that it has taken; 0 where it has ended."""
    try:
        facts = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, facts[11:13])) / os.sysconf("SC_CLK_TCK")


def place(folder: Path) -> Path:
    folder.mkdir()
    (folder / "corpus.txt").write_text(CORPUS)
    write_set(folder / "set.npz", *shapes(8, 8, 240), 200)
    return folder


def weights(run: Path) -> dict[str, bytes]:
    last = (run / "checkpoints" / "last").read_text().strip()
    files = [*run.glob("checkpoints/epoch-*/*.safetensors"), *run.glob(f"checkpoints/{last}/*.safetensors")]
    return {str(path.relative_to(run)): path.read_bytes() for path in files}


def ended(process: "subprocess.Popen[str]", within: float = PATIENCE) -> tuple[int, float]:
    """Its code, and what it has taken of processors in all."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        pid, status, facts = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, facts.ru_utime + facts.ru_stime
        time.sleep(0.005)
    process.kill()
    process.wait()
    pytest.fail("it does not end")


def stopped(folder: Path, arguments: Sequence[str], after: float, number: signal.Signals, second: float | None) -> str:
    """Send a signal after a time, and another one; gives back what was said."""
    process = started(folder, *arguments, "--name", "r")
    time.sleep(after)
    before = 0.0
    if process.poll() is None:
        process.send_signal(number)
        if second is not None:
            time.sleep(second)
            before = used(process)
            process.send_signal(number)
    code, total = (process.returncode, 0.0) if process.returncode is not None else ended(process)
    said = (folder / "err").read_text()
    assert code in SIGNALS[number] | {0}, (code, said)
    assert "bug" not in said, said
    in_python = re.search(r"Traceback|Exception ignored|Fatal Python error", said)
    assert in_python is None or "genmodels" not in said, said  # what comes before a line of ours is Python's
    if second is not None and before:
        assert total - before < SOON, (total - before, said)
    return said


def goes_on(folder: Path, arguments: Sequence[str], whole: Path) -> None:
    """What was stopped is whole, and comes to the same end."""
    run = folder / "runs" / "r"
    assert [path.name for path in (folder / "runs").glob("[!.]*")] in ([], ["r"])
    if run.exists():
        assert problems_of(RunDir(run)) == {}
    process = started(folder, *((arguments[0], "--resume", "r") if run.exists() else (*arguments, "--name", "r")))
    assert ended(process)[0] in {0, 2}, (folder / "err").read_text()  # 2: it was finished
    assert weights(run) == weights(whole)
    assert problems_of(RunDir(run)) == {}
    assert not list(run.rglob(".tmp-*"))


@pytest.fixture(scope="module")
def wholes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, float]]:
    """Trainings that nothing stopped, each with the seconds that it took."""
    made: dict[str, tuple[Path, float]] = {}

    def whole(name: str) -> tuple[Path, float]:
        if name not in made:
            folder, begun = place(tmp_path_factory.mktemp(name) / "whole"), time.monotonic()
            code, _ = ended(started(folder, *TRAININGS[name], "--name", "r"))
            assert code == 0, (folder / "err").read_text()
            made[name] = folder / "runs" / "r", time.monotonic() - begun
        return made[name]

    return whole


@pytest.mark.parametrize("moments", MOMENTS)
@pytest.mark.parametrize("name", TRAININGS)
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_at_any_moment_ends_it_soon_and_costs_nothing(
    tmp_path: Path, wholes: Callable[[str], tuple[Path, float]], moments: int, name: str, number: signal.Signals
) -> None:
    arguments, chance = TRAININGS[name], random.Random(f"{name} {number} {moments}")
    whole, takes = wholes(name)
    for moment in range(moments):
        folder = place(tmp_path / f"{moment}")
        second = chance.uniform(0.0, 0.3) if number == signal.SIGINT and chance.random() < 0.5 else None
        stopped(folder, arguments, chance.uniform(0.0, takes), number, second)
        if moment % 2 == 0:
            goes_on(folder, arguments, whole)
        shutil.rmtree(folder)
