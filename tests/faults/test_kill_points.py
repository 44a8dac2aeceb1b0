"""Trainings of each family killed at random moments: what comes of them has the bits of one that nothing stopped.

The clock stands still, so that the records are the same to the byte too.
"""

import hashlib
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from contract.cases import CASES
from contract.helpers import At, Case, contents, fit, new_run
from faults.shim import Died, Disk, on, works_here
from genmodels.runs import RunDir
from genmodels.runs.accepting import check_as_left
from genmodels.runs.verifying import problems_of

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not works_here(), reason="descriptors are followed by /proc"),
]
FAMILIES = list({case.family: case for case in reversed(CASES)}.values())
POINTS = [
    pytest.param(2, marks=pytest.mark.sweep),
    pytest.param(100, marks=[pytest.mark.nightly, pytest.mark.timeout(3600)]),
]


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.training.clock.Clock.now", lambda _: 0.0)


def sums(run: RunDir) -> dict[str, str]:
    """The SHA-256 sums of weights, moments and records."""
    last = run.checkpoints / str(run.pointer("last"))
    files = [run.metrics_path, *run.checkpoints.glob("epoch-*/*.safetensors"), *last.glob("*.safetensors")]
    return {str(path.relative_to(run.path)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("points", POINTS)
@pytest.mark.parametrize("case", FAMILIES, ids=lambda case: case.family)
def test_killed_at_random_calls_and_steps_it_ends_with_the_same_bits(case: Case, tmp_path: Path, points: int) -> None:
    whole = new_run(tmp_path, "whole", case.family)
    with on(Disk(whole.path)) as disk:
        fit(case.make(tmp_path, 1), whole)
    expected, chance = sums(whole), random.Random(f"{case.family} {points}")
    steps = max(record["step"] for record in whole.metrics())
    for point in range(points):
        run = new_run(tmp_path, f"r{point}", case.family)
        while True:
            at = chance.randrange(1, disk.count + 1)
            failing = Disk(run.path, at)

            def die(failing: Disk = failing) -> None:
                failing.dead = True
                raise Died

            step = chance.randrange(1, steps + 1) if chance.random() < 0.5 else None
            try:
                with on(failing):
                    fit(case.make(tmp_path, 1), run, At(step, die))
                break
            except Died:
                assert problems_of(run) == {}, (point, at, step)
                check_as_left(run, pytest.fail)
        assert sums(run) == expected, point
        assert not list(run.path.rglob(".tmp-*"))
        assert contents(run) == contents(whole)


TRAIN = {
    "text": ("train-text", "--hidden-size", "16", "--embedding-size", "8", "--batch-size", "4", "--window", "16"),
    "vae": ("train-vae", "--dataset", "digits", "--model", "mlp", "--hidden-size", "16"),
    "gan": ("train-gan", "--dataset", "digits", "--channels", "4"),
    "pixelrnn": ("train-pixelrnn", "--dataset", "digits", "--channels", "4", "--layers", "2"),
    "reader": ("train-reader", "--dataset", "digits", "--strips", "200", "--tested-strips", "20"),
}


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("family", TRAIN)
def test_killed_by_the_system_again_and_again_it_ends_with_the_same_bits(tmp_path: Path, family: str) -> None:
    (tmp_path / "corpus.txt").write_text("the cat sat on the mat and the dog ran.\n" * 200)
    command, *settings = TRAIN[family]
    if family == "text":
        settings.insert(0, "corpus.txt")
    program = [sys.executable, "-m", "genmodels", command]
    begin = [*program, *settings, "--epochs", "3", "--checkpoint-minutes", "0.002", "-q"]

    def started(*arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            arguments, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
        )

    process = started(*begin, "--name", "whole")
    assert process.wait(timeout=600) == 0
    run, chance, killed = tmp_path / "runs" / "r", random.Random(family), 0
    while killed < 5:
        going = [*program, "--resume", "r", "-q"]
        process = started(*(going if run.exists() else [*begin, "--name", "r"]))
        time.sleep(chance.uniform(2.0, 8.0))
        if process.poll() is not None:
            assert process.returncode == 0
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed += 1
        assert not run.exists() or problems_of(RunDir(run)) == {}
    process = started(*(going if run.exists() else [*begin, "--name", "r"]))
    assert process.wait(timeout=600) == 0
    ours, theirs = sums(RunDir(run)), sums(RunDir(tmp_path / "runs" / "whole"))
    assert {name: one for name, one in ours.items() if name != "metrics.jsonl"} == {
        name: one for name, one in theirs.items() if name != "metrics.jsonl"
    }
