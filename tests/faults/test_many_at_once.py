"""Trainings that are begun together, in one folder of runs and with one cache that is empty yet."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from doors import Cli
from homes import CORPUS
from made_runs import listed

pytestmark = pytest.mark.faults
TRAIN = (
    "train-text", "corpus.txt", "--hidden-size", "16", "--embedding-size", "8", "--batch-size", "4", "--window", "16",
    "--epochs", "2", "--sample-length", "20", "--checkpoint-minutes", "0.002", "--threads", "1", "-q", "--name",
)  # fmt: skip


def weights(run: Path) -> dict[str, bytes]:
    last = (run / "checkpoints" / "last").read_text().strip()
    files = [*run.glob("checkpoints/epoch-*/*.safetensors"), *run.glob(f"checkpoints/{last}/*.safetensors")]
    return {str(path.relative_to(run)): path.read_bytes() for path in files}


@pytest.mark.parametrize(
    "many",
    [
        pytest.param(4, marks=[pytest.mark.sweep, pytest.mark.timeout(600)]),
        pytest.param(20, marks=[pytest.mark.nightly, pytest.mark.timeout(3600)]),
    ],
)
def test_runs_that_begin_at_once_all_finish_and_are_listed_and_whole_meanwhile(
    tmp_path: Path, own_cache: Path, cli: Cli, many: int
) -> None:
    (tmp_path / "corpus.txt").write_text(CORPUS)
    names = {f"r{number}" for number in range(many)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "genmodels", *TRAIN, name], cwd=tmp_path, env=os.environ.copy(), text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )
        for name in sorted(names)
    ]  # fmt: skip
    looks = 0
    while any(process.poll() is None for process in processes):
        for name in listed(cli, "--runs", tmp_path / "runs"):
            assert name in names
            outcome = cli("runs", "verify", name, "--runs", tmp_path / "runs")
            assert outcome.code == 0, outcome.err
            looks += 1
    assert looks > 0
    assert [(process.communicate()[1], process.returncode) for process in processes] == [("", 0)] * many
    assert {path.name for path in (tmp_path / "runs").iterdir()} == names
    assert (
        len(
            {
                json.dumps(sorted((k, v.hex()) for k, v in weights(path).items()))
                for path in (tmp_path / "runs").iterdir()
            }
        )
        == 1
    )
    assert not list((tmp_path / "runs").rglob(".tmp-*"))
    assert len(list((own_cache / "corpora").iterdir())) == 1
