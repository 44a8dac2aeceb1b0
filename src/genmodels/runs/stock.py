"""What is there of a run when something is saved: the seal that is saved with it."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genmodels.errors import RunError
from genmodels.ordinary import read_ordinary
from genmodels.runs.epochs import name_of
from genmodels.runs.run_dir import RunDir
from genmodels.runs.sealing import SEAL, number_in, sum_of, values_of


def seal_of(
    run: RunDir,
    best: str | None = None,
    *,
    before: str = "",
    every: bool = True,
    document: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What is to be saved in a state.json beside all else: the seal, or nothing where run.json has none.

    Args:
        run: it, as it is now.
        best: the epoch that `best` is about to point to; None: the one to which it points.
        before: the name of what is saved, which counts what was there before it; none: all that is there.
        every: whether all epochs are counted, as by a training state; else the newest one, which counts that before it.
        document: its run.json, where another is about to be written.
    """
    with contextlib.suppress(RunError):  # it is saved all the same; that it has no seal is told later
        document = document or run.document()
    number = None if document is None else number_in(document)
    if document is None or number is None:
        return {}
    content = read_ordinary(run.metrics_path) if run.metrics_path.exists() else b""
    is_epoch, own = before.startswith("epoch"), float(before.partition("-")[2] or "inf")
    epochs = [name_of(epoch) for epoch in run.epochs() if not is_epoch or epoch < own]
    states = [f"step-{step:08d}" for step in run.steps() if is_epoch or step < own]
    return {SEAL: {
        "number": number,
        "run": values_of(document),
        "metrics": {"bytes": len(content), "sha256": sum_of(content)},
        "epochs": sums_in(run, epochs if every else epochs[-1:]),
        "best": best or pointer_of(run, "best"),
        "previous": sums_in(run, states[-1:]),
    }}  # fmt: skip


def sums_in(run: RunDir, names: list[str]) -> dict[str, str]:
    """The sums of some checkpoints' manifests, and with them of all that is in them; without those that lack one."""
    found = {name: sum_of_manifest(run.checkpoints / name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def sum_of_manifest(checkpoint: Path) -> str | None:
    """The sum of a checkpoint's manifest; None where it can't be read."""
    with contextlib.suppress(OSError):
        return sum_of(read_ordinary(checkpoint / "manifest.json"))
    return None


def pointer_of(run: RunDir, name: str) -> str | None:
    """Where a pointer points to; None also where it is damaged."""
    with contextlib.suppress(RunError, OSError):
        return run.pointer(name)
    return None
