"""Whether other programs keep the cores busy: threads that wait for each other are slow then."""

import os
import time
from functools import cache
from pathlib import Path

from genmodels.processes import world

LOOKS, APART = 5, 0.02  # times, and seconds between them: what wants to run for a moment keeps no core busy
LOAD = Path("/proc/loadavg")  # of Linux; nothing is said elsewhere


@cache
def busy_told() -> str | None:
    """What would be faster where all cores are busy; None where they are not, or nobody knows. Looked at once.

    With 6 threads of others on two cores a reader made two steps a second with one thread, and one in ten seconds with
    two. It is not chosen without being asked for, as the number of threads decides the order of sums.
    """
    others, cores = wanting_to_run(), os.cpu_count() or 1
    if cores < 2 or others is None or others < cores:
        return None
    return (
        f"other programs keep all {cores} cores of this machine busy, where threads that wait for each other are slow: "
        "--threads 1 may be several times as fast"
    )


def quicker(threads: int, device: str) -> list[str]:
    """Options by which a training takes less time, besides those of its length: for advice that names both.

    Args:
        threads: with which it computes.
        device: the kind of its device.
    """
    can_have_fewer = threads > 1 and device == "cpu" and world().is_alone
    return ["--threads 1"] if can_have_fewer and busy_told() else []


def threads_told() -> str | None:
    """The same of what PyTorch computes with several threads now; None where it has one."""
    import torch  # noqa: PLC0415 - loaded by whoever computes, and not by who only begins

    return busy_told() if torch.get_num_threads() > 1 else None


def wanting_to_run() -> int | None:
    """Threads of other programs that run or wait for a core, the fewest of some looks; None where nobody knows."""
    seen = []
    for look in range(LOOKS):
        if look:
            time.sleep(APART)
        try:
            running, _, _ = LOAD.read_text(encoding="ascii").split()[3].partition("/")
            seen.append(int(running) - 1)  # without this thread
        except (OSError, ValueError, IndexError):
            return None
    return max(0, min(seen))
