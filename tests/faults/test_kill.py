"""Real processes, really stopped and killed: nothing is lost and the end is the same."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are POSIX"),
]
TRAIN = (
    "--hidden-size", "16", "--embedding-size", "8", "--batch-size", "4", "--window", "16", "--epochs", "40",
    "--sample-length", "20", "--checkpoint-minutes", "0.002",
)  # fmt: skip


def start(folder: Path, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "genmodels", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_step(run: Path, number: int, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        last = run / "checkpoints" / "last"
        if last.exists() and int(last.read_text().split("-")[1]) >= number:
            return
        time.sleep(0.01)
    pytest.fail(f"step {number} was not reached: {process.communicate()}")


def weights(run: Path) -> dict[str, bytes]:
    last = (run / "checkpoints" / "last").read_text().strip()
    folders = [*sorted((run / "checkpoints").glob("epoch-*")), run / "checkpoints" / last]
    return {f"{f.name}/{p.name}": p.read_bytes() for f in folders for p in sorted(f.glob("*.safetensors"))}


@pytest.fixture
def whole(tmp_path: Path, corpus_file: Path) -> Path:
    """The run that was never stopped."""
    process = start(tmp_path, "train-text", str(corpus_file), *TRAIN, "--name", "whole")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return tmp_path / "runs" / "whole"


@pytest.mark.sweep
def test_killed_and_stopped_again_and_again_it_ends_with_the_same_bits(
    tmp_path: Path, corpus_file: Path, whole: Path
) -> None:
    run = tmp_path / "runs" / "r"
    plan = [
        (signal.SIGKILL, 60, -9),
        (signal.SIGINT, 200, 130),
        (signal.SIGKILL, 420, -9),
        (signal.SIGTERM, 700, 143),
    ]
    arguments = ["train-text", str(corpus_file), *TRAIN, "--name", "r"]
    for number, step, code in plan:
        process = start(tmp_path, *arguments)
        wait_for_step(run, step, process)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        assert process.returncode == code, err
        assert "Traceback" not in err
        if code > 0:
            assert "everything is saved" in err
            assert f"hint: genmodels train-text --resume {run.relative_to(tmp_path)} goes on." in err
        assert out == ""
        arguments = ["train-text", "--resume", "r"]
    process = start(tmp_path, *arguments)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert weights(run) == weights(whole)
    assert not list(run.rglob(".tmp*"))
    verify = subprocess.run(
        [sys.executable, "-m", "genmodels", "runs", "verify", "r"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert verify.returncode == 0


def test_a_second_interrupt_stops_at_once_and_breaks_nothing(tmp_path: Path, corpus_file: Path) -> None:
    process = start(tmp_path, "train-text", str(corpus_file), *TRAIN, "--epochs", "4000", "--name", "r")
    wait_for_step(tmp_path / "runs" / "r", 50, process)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert time.monotonic() - begin < 10
    verify = subprocess.run(
        [sys.executable, "-m", "genmodels", "runs", "verify", "r"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert verify.returncode == 0


@pytest.mark.sweep
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, corpus_file: Path) -> None:
    train = start(tmp_path, "train-text", str(corpus_file), *TRAIN, "--epochs", "1")
    train.communicate(timeout=60)
    (run,) = (tmp_path / "runs").iterdir()
    with start(tmp_path, "sample-text", "--run", run.name, "--length", "1000000") as writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        writer.stdout.read(10)
        writer.stdout.close()
        assert writer.wait(timeout=30) == 141
        assert writer.stderr.read() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_a_sentence(tmp_path: Path, corpus_file: Path) -> None:
    train = start(tmp_path, "train-text", str(corpus_file), *TRAIN, "--epochs", "1")
    train.communicate(timeout=60)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "genmodels", "sample-text", "--length", "20"],
            cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 5
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


STRACE = "/usr/bin/strace"
RENAMED, REMOVED = "rename,renameat,renameat2", "mkdir,unlink,rmdir"


@pytest.mark.skipif(not Path(STRACE).exists(), reason="needs strace")
@pytest.mark.parametrize(
    "call",
    ["write", *(pytest.param(call, marks=pytest.mark.sweep) for call in ("openat", "fsync", RENAMED, REMOVED))],
)
def test_a_writer_killed_at_any_file_system_call_leaves_a_whole_state(tmp_path: Path, call: str) -> None:
    """Die at the Nth call of each kind while a third state is saved over two; then a whole one must be found."""
    setup = (
        "import numpy as np, pathlib\n"
        "from genmodels.runs import create_run, RunDir\n"
        "from genmodels.runs.checkpoint import *\n"
        "t = {'model': {'w': np.ones(9, np.float32)}}\n"
    )
    make = setup + "run = create_run(pathlib.Path('runs'), 'text', {'settings': {}, 'data': {}}, 'r')\n"
    make += "save_training_state(run, 1, t, {}); save_training_state(run, 2, t, {})\n"
    save = setup + "run = RunDir(pathlib.Path('runs/r'))\nimport safetensors.numpy, os\n"
    save += "os.stat('begin-here') if os.path.exists('never') else None\nsave_training_state(run, 3, t, {})\n"
    read = setup + "print(load_training_state(RunDir(pathlib.Path('runs/r')), print).path.name)\n"
    subprocess.run([sys.executable, "-c", make], cwd=tmp_path, check=True)
    base = _calls_before(tmp_path, setup, call)
    killed = 0
    for nth in range(base + 1, base + 30):
        done = subprocess.run(
            [STRACE, "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={nth}",
             sys.executable, "-c", save], cwd=tmp_path, capture_output=True, check=False,
        )  # fmt: skip
        found = subprocess.run([sys.executable, "-c", read], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert found.stdout.strip() in {"step-00000002", "step-00000003"}, found.stdout
        if done.returncode == 0:
            break
        if b"ptrace" in done.stderr:
            pytest.skip("strace may not trace here")
        killed += 1
    assert killed > 0


def _calls_before(folder: Path, code: str, call: str) -> int:
    """How many such calls Python makes before it saves anything."""
    log = folder / "strace.log"
    subprocess.run(
        [STRACE, "-f", "-o", str(log), "-e", f"trace={call}", sys.executable, "-c", code + "import safetensors.numpy"],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    calls = [line for line in log.read_text().splitlines() if "(" in line and "---" not in line]
    log.unlink()
    return max(0, len(calls) - 3)
