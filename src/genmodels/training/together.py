"""What is recorded and told of a training by several processes."""

import os
import shlex
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from genmodels.errors import RunError
from genmodels.processes import world
from genmodels.runs import RunDir
from genmodels.runs.listing import list_runs
from genmodels.telling import counted

if TYPE_CHECKING:
    import torch


def launch_of(argv: Sequence[str]) -> str:
    """What tells one start of several processes from others, also where torchrun starts them again."""
    return f"{os.environ.get('TORCHELASTIC_RUN_ID', '')} {shlex.join(argv)}"


def begun_before(runs: Path, argv: Sequence[str]) -> str | None:
    """The run that these processes began before torchrun started them again; None where they are new, or began none."""
    if not world().any(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") != "0"):
        return None
    launch = launch_of(argv)
    same = [run for run in list_runs(runs) if _recorded_launch(run) == launch] if _has_a_name() else []
    return world().text_of_first(str(same[-1].path) if same else "") or None


def _has_a_name() -> bool:
    """Whether this start has an id of its own; without --rdzv-id or --standalone torchrun calls all of them none."""
    return os.environ.get("TORCHELASTIC_RUN_ID", "none") not in {"", "none"}


def _recorded_launch(run: RunDir) -> str | None:
    with suppress(RunError):
        return str(run.document().get("launch"))
    return None


def processes_told(device: "torch.device") -> str:
    """How many processes train together, and what each holds before the first step."""
    import torch

    from genmodels.device import memory_held

    among, held = world(), memory_held(device)
    of_each = among.gathered(torch.tensor([held or 0]), among.count).tolist()
    each = "" if held is None else f"; they hold {', '.join(f'{size / 2**20:,.0f}' for size in of_each)} MiB now"
    threads = counted(torch.get_num_threads(), "thread")
    return f"{among.count} processes train together, each with {threads} on {device.type}{each}"
