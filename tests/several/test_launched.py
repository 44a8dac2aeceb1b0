"""--processes and torchrun, as users type them; processes that fail, hang or are killed."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import homes
from genmodels.runs import RunDir

TINY = (
    "train-text", "corpus.txt", "--hidden-size", "8", "--batch-size", "4", "--window", "16", "--preview-every", "never",
    "--threads", "1", "--sample-length", "5",
)  # fmt: skip


OTHERS = {
    "vae": ("train-vae", "--dataset", "digits", *homes.TINY_VAE),
    "pixelrnn": ("train-pixelrnn", "--dataset", "digits", *homes.TINY_PIXELS),
    "gan": ("train-gan", "--dataset", "digits", *homes.TINY_GAN, "--batch-size", "200"),  # 20: 3,000 steps an epoch
    "reader": ("train-reader", "--dataset", "digits", *homes.TINY_READER, "--model", "cnn"),
    "speech": ("train-speech", "--dataset", "voices", *homes.TINY_SPEECH),
}
"""Small trainings of the other families."""


def arguments(*more: str) -> list[str]:
    return [sys.executable, "-m", "genmodels", *TINY, *more]


ON_ONE_MACHINE = ("--standalone", "--nproc-per-node", "2")


def torchrun(*more: str, where: tuple[str, ...] = ON_ONE_MACHINE, training: tuple[str, ...] = TINY) -> list[str]:
    return [sys.executable, "-m", "torch.distributed.run", *where, *more, "-m", "genmodels", *training]


def as_on_two_machines() -> tuple[str, ...]:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        meeting = f"localhost:{free.getsockname()[1]}"
    return ("--nnodes", "2", "--nproc-per-node", "1", "--rdzv-backend", "c10d", "--rdzv-endpoint", meeting)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "corpus.txt").write_text("the cat sat on the mat and the dog sat on the log\n" * 400, encoding="utf-8")
    return tmp_path


def answered(command: list[str], home: Path, seconds: float = 100.0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=seconds, check=False)


def rank_of(process: int) -> str | None:
    try:
        environment = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    return next((entry[5:].decode() for entry in environment if entry.startswith(b"RANK=")), None)


def workers(name: str) -> dict[str, int]:
    """The processes that train a run, by rank."""
    found = {}
    for path in Path("/proc").iterdir():
        try:
            typed = (path / "cmdline").read_bytes().split(b"\0") if path.name.isdigit() else []
        except OSError:
            continue
        if name.encode() in typed and (rank := rank_of(int(path.name))) is not None:
            found[rank] = int(path.name)
    return found


def started(
    command: list[str], home: Path, name: str, seconds: float = 100.0
) -> "tuple[subprocess.Popen[str], dict[str, int]]":
    """A training whose first epoch is over, and its processes."""
    process = subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    run, end = RunDir(home / "runs" / name), time.monotonic() + seconds
    try:
        while not (run.path.exists() and run.pointer("best")):
            assert time.monotonic() < end
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.05)
    except AssertionError:
        process.kill()
        for worker in workers(name).values():  # else they train on, beside all other tests
            os.kill(worker, signal.SIGKILL)
        raise
    return process, workers(name)


def test_processes_train_one_run_which_goes_on_with_one(home: Path) -> None:
    done = answered(arguments("--epochs", "1", "--processes", "2", "--name", "two", "--json"), home)
    assert done.returncode == 0, done.stderr
    assert "2 processes train together, each with 1 thread on cpu; they hold" in done.stderr
    assert json.loads(done.stdout)["best_epoch"] == 1
    run = RunDir(home / "runs" / "two")
    assert run.document()["processes"] == 2
    assert {"chars_per_second/0", "chars_per_second/1"} <= run.metrics()[1].keys()
    assert [record["epoch"] for record in run.metrics() if record["split"] == "validation"] == [0, 1]
    command = [sys.executable, "-m", "genmodels", "train-text", "--resume", "two", "--epochs", "2"]
    longer = answered(command, home)
    assert longer.returncode == 0, longer.stderr
    assert run.metrics()[-1]["epoch"] == 2


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        (("--processes", "0"), 2, "--processes is 0, but it must be from 1 to 1,024"),
        (("--processes", "2", "--compare", "rnn,lstm"), 2, "leave --processes out, or train one model."),
        pytest.param(("--processes", "5"), 2, "--batch-size 4 is too small for 5 processes", marks=pytest.mark.sweep),
    ],
)
def test_mistakes_are_told_once(home: Path, typed: tuple[str, ...], code: int, told: str) -> None:
    done = answered(arguments(*typed), home)
    assert done.returncode == code
    assert done.stderr.count(told) == 1
    assert "Traceback" not in done.stderr
    assert not (home / "runs").exists()


@pytest.mark.sweep
def test_torchrun_and_other_commands(home: Path) -> None:
    command = [*torchrun()[: -len(TINY)], "sample-text"]
    done = answered(command, home)
    assert done.returncode != 0
    assert "only trainings are made together, not 'sample-text'" in done.stderr


@pytest.mark.sweep
@pytest.mark.faults
@pytest.mark.parametrize("machines", [1, 2])
def test_a_run_whose_process_was_killed_ends_for_all_and_torchrun_starts_it_again(machines: int, home: Path) -> None:
    """Each launcher of several machines starts its own processes again, and counts how often it did."""
    ending = ("--epochs", "3", "--checkpoint-minutes", "0.01", "--name", "again")
    where = (*as_on_two_machines(), "--rdzv-id", "again") if machines == 2 else ON_ONE_MACHINE
    command = [*torchrun("--max-restarts", "1", where=where), *ending]
    others = [subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL) for _ in range(machines - 1)]
    process, ranks = started(command, home, "again")
    os.kill(ranks["1"], signal.SIGKILL)
    told, _ = process.communicate(timeout=150)
    assert [process.returncode, *(other.wait(60) for other in others)] == [0] * machines, told
    calm = answered([*torchrun(), *(word.replace("again", "calm") for word in ending)], home)
    assert calm.returncode == 0, calm.stderr
    again, undisturbed = (RunDir(home / "runs" / name) for name in ("again", "calm"))
    assert [path.name for path in sorted((home / "runs").iterdir())] == ["again", "calm"]
    last = "checkpoints/epoch-0003/model.safetensors"
    assert (again.path / last).read_bytes() == (undisturbed.path / last).read_bytes()


@pytest.mark.nightly
@pytest.mark.faults
@pytest.mark.parametrize("family", OTHERS)
def test_every_family_ends_as_if_undisturbed_where_torchrun_started_it_again(family: str, home: Path) -> None:
    ending = ("--epochs", "4", "--checkpoint-minutes", "0.01", "--threads", "1", "--preview-every", "never", "--name")
    training = OTHERS[family]
    command = [*torchrun("--max-restarts", "1", training=training), *ending, "again"]
    process, ranks = started(command, home, "again", 300.0)  # a GAN's classifier comes first
    os.kill(ranks["1"], signal.SIGKILL)
    told, _ = process.communicate(timeout=300)
    assert process.returncode == 0, told
    calm = answered([*torchrun(training=training), *ending, "calm"], home, 300.0)
    assert calm.returncode == 0, calm.stderr
    again, undisturbed = (RunDir(home / "runs" / name) for name in ("again", "calm"))
    last = "checkpoints/epoch-0004/model.safetensors"
    assert (again.path / last).read_bytes() == (undisturbed.path / last).read_bytes()


def ended_by(number: int, home: Path, name: str, rank: str = "1") -> tuple[int, str]:
    """How two processes end within a minute of a signal to one of them: the exit code, and what is told."""
    process, ranks = started(arguments("--epochs", "500", "--processes", "2", "--name", name), home, name)
    os.kill(ranks[rank], number)
    begun = time.monotonic()
    told, _ = process.communicate(timeout=100)
    assert time.monotonic() - begun < 60
    return process.returncode, told


@pytest.mark.faults
def test_a_process_that_was_killed_ends_all_with_a_sentence(home: Path) -> None:
    code, told = ended_by(signal.SIGKILL, home, "killed")
    assert code == 128 + signal.SIGKILL
    assert "process 1 was ended by signal 9" in told
    assert workers("killed") == {}


@pytest.mark.sweep
@pytest.mark.faults
@pytest.mark.parametrize("rank", ["1", "0"])
def test_a_process_that_hangs_ends_all_within_a_minute(rank: str, home: Path) -> None:
    code, told = ended_by(signal.SIGSTOP, home, "hung", rank)
    assert code == 5
    assert "as another one has not answered in time" in told


@pytest.mark.sweep
@pytest.mark.faults
def test_a_first_process_that_can_not_write_ends_all_with_its_own_sentence(home: Path) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))

    begun, flags = time.monotonic(), ("--hidden-size", "96", "--processes", "2", "--name", "full")
    done = subprocess.run(
        arguments(*flags), cwd=home, capture_output=True, text=True, timeout=100, check=False, preexec_fn=small_files
    )
    assert time.monotonic() - begun < 60
    assert done.returncode == 5, done.stderr
    assert done.stderr.count("error:") == 1, done.stderr
    assert "cannot write" in done.stderr
    assert workers("full") == {}


@pytest.mark.sweep
@pytest.mark.faults
def test_an_interrupt_saves_once_and_is_told_once(home: Path) -> None:
    process, _ = started(arguments("--epochs", "500", "--processes", "2", "--name", "stopped"), home, "stopped")
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=100)
    assert process.returncode == 130
    assert told.count("everything is saved in runs/stopped") == 1
    assert "error" not in told
    assert "torch" not in told, "what PyTorch's launcher logs is not for users"


@pytest.mark.sweep
def test_four_processes_draw_the_curve_of_one(home: Path) -> None:
    for name, processes in (("one", "1"), ("four", "4")):
        done = answered(arguments("--epochs", "1", "--processes", processes, "--name", name), home, 170)
        assert done.returncode == 0, done.stderr
    one, four = (RunDir(home / "runs" / name).metrics() for name in ("one", "four"))
    assert [record["nll"] for record in four] == pytest.approx([record["nll"] for record in one], rel=1e-5)
