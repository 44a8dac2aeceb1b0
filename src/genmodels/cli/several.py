"""A training by several processes: --processes starts them as torchrun does, each with the same command line."""

import logging
import os
import platform
import sys
import time
import uuid
from collections.abc import Container, Sequence
from pathlib import Path

from genmodels.cli.console import say_in_any_case, show_error
from genmodels.errors import GenmodelsError, Stopped, UsageError
from genmodels.processes import asked_for

FLAG = "--processes"
OTHERS_FIRST = 3.0  # seconds within which the first process tells an error that all have
KILLED = 128  # plus the number of the signal that ended a process


def starts_several(processes: int | None, argv: Sequence[str]) -> int | None:
    """Train by several processes of this machine, if so many are asked for.

    Args:
        processes: that --processes asks for, or None.
        argv: the command line, without the program's name.

    Returns:
        Their exit code; None where this process is to train.

    Raises:
        UsageError: torchrun has started several already.
    """
    if processes is None:
        return None
    if asked_for():
        what = f"{FLAG} {processes} inside of torchrun would start processes in each of its own"
        raise UsageError(what, f"leave {FLAG} out: torchrun's --nproc-per-node says how many there are.")
    return None if processes == 1 else _launched(processes, without_flag(argv))


def check_alone(command: str | None, trainings: Container[str]) -> None:
    """Only trainings are made by several processes together.

    Raises:
        UsageError: torchrun has started several of another command.
    """
    if asked_for() and command not in trainings:
        what = f"torchrun has started several processes, but only trainings are made together, not {command!r}"
        raise UsageError(what, "start it without torchrun.")


def silenced() -> None:
    """From here on this process, for which another one speaks, says nothing."""
    sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until it ends


def told_of_follower(error: GenmodelsError) -> int:
    """Tell an error of a process that says nothing else, unless all have it: then it is ended before.

    Returns:
        Its exit code.
    """
    if isinstance(error, Stopped):
        return error.exit_code
    time.sleep(OTHERS_FIRST)
    sys.stderr = sys.__stderr__
    say_in_any_case(f"process {os.environ.get('RANK')} on {platform.node()}:")
    show_error(error)
    return error.exit_code


def without_flag(argv: Sequence[str]) -> list[str]:
    """A command line without --processes and its value.

    >>> without_flag(["train-text", "a.txt", "--processes", "4", "--minutes=2"])
    ['train-text', 'a.txt', '--minutes=2']
    """
    rest, kept = iter(argv), []
    for word in rest:
        if word == FLAG:
            next(rest, None)
        elif not word.startswith(f"{FLAG}="):
            kept.append(word)
    return kept


def _launched(processes: int, argv: Sequence[str]) -> int:
    """The exit code of so many processes of `python -m genmodels`, by torchrun's launcher: the first error's."""
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    logging.disable(logging.CRITICAL)  # each process tells its own error; this one does nothing more but wait
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // processes)))
    config = LaunchConfig(
        min_nodes=1, max_nodes=1, nproc_per_node=processes, run_id=uuid.uuid4().hex, rdzv_backend="c10d",
        rdzv_endpoint="localhost:0", max_restarts=0, monitor_interval=0.1,
    )  # fmt: skip
    try:
        elastic_launch(config, sys.executable)("-m", "genmodels", *argv)
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        if failure.exitcode >= 0:
            return int(failure.exitcode)
        say_in_any_case(f"error: process {rank} was ended by signal {-failure.exitcode}")
        say_in_any_case("hint: what was saved is kept; --resume goes on.")
        return KILLED - int(failure.exitcode)
    except SignalException as stopped:
        return KILLED + int(stopped.sigval)
    return 0
