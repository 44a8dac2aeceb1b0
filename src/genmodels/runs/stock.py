"""What is there of a run when something is saved: the seal that is saved with it."""

import contextlib
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genmodels.errors import RunError
from genmodels.ordinary import open_ordinary, read_ordinary
from genmodels.runs.epochs import name_of
from genmodels.runs.run_dir import RunDir
from genmodels.runs.sealing import SEAL, number_in, sum_of, values_of


class Summed:
    """SHA-256 sums of what a training has written: each byte of its records is read once, and each epoch's manifest.

    So what another hand changes while a run is trained is not sealed with the rest: the sum is that of what was there.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget what was read: training goes back, so that something else may come to stand where some was read."""
        self._size, self._digest = 0, hashlib.sha256()
        self._manifests: dict[str, str | None] = {}

    def manifest(self, checkpoint: Path) -> str | None:
        """See `sum_of_manifest`."""
        if self._manifests.get(checkpoint.name) is None:
            self._manifests[checkpoint.name] = sum_of_manifest(checkpoint)
        return self._manifests[checkpoint.name]

    def forget(self, name: str) -> None:
        """A checkpoint is about to be written, maybe in the place of another."""
        self._manifests.pop(name, None)

    def records(self, path: Path) -> tuple[int, str]:
        """The bytes that metrics.jsonl has, and their sum; where it is missing, or shorter than it was, all anew."""
        size = path.stat().st_size if path.exists() else 0
        if size < self._size:
            self.begin()
        if size > self._size:
            with open_ordinary(path) as file:
                file.seek(self._size, os.SEEK_SET)
                for block in iter(lambda: file.read(1 << 20), b""):
                    self._digest.update(block)
                    self._size += len(block)
        return self._size, self._digest.hexdigest()


def seal_of(
    run: RunDir,
    best: str | None = None,
    *,
    before: str = "",
    every: bool = True,
    known: Summed | None = None,
    document: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What is to be saved in a state.json beside all else: the seal, or nothing where run.json has none.

    Args:
        run: it, as it is now.
        best: the epoch that `best` is about to point to; None: the one to which it points.
        before: the name of what is saved, which counts what was there before it; none: all that is there.
        every: whether all epochs are counted, as by a training state; else the newest one, which counts that before it.
        known: what was read of it before; None: all of it is read.
        document: its run.json, where another is about to be written.
    """
    with contextlib.suppress(RunError):  # it is saved all the same; that it has no seal is told later
        document = document or run.document()
    number = None if document is None else number_in(document)
    if document is None or number is None:
        return {}
    known = known or Summed()
    known.forget(before)
    size, digest = known.records(run.metrics_path)
    is_epoch, own = before.startswith("epoch"), float(before.partition("-")[2] or "inf")
    epochs = [name_of(epoch) for epoch in run.epochs() if not is_epoch or epoch < own]
    states = [f"step-{step:08d}" for step in run.steps() if is_epoch or step < own]
    return {SEAL: {
        "number": number,
        "run": values_of(document),
        "metrics": {"bytes": size, "sha256": digest},
        "epochs": sums_in(run, epochs if every else epochs[-1:], known),
        "best": best or pointer_of(run, "best"),
        "previous": sums_in(run, states[-1:], Summed()),
    }}  # fmt: skip


def sums_in(run: RunDir, names: list[str], known: Summed) -> dict[str, str]:
    """The sums of some checkpoints' manifests, and with them of all that is in them; without those that lack one."""
    found = {name: known.manifest(run.checkpoints / name) for name in names}
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
