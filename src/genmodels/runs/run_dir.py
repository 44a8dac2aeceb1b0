"""The run directory: the only thing that passes between commands.

runs/text-20261122-214500-3f2a/
  run.json         format, family, settings (each with where it came from), data, plan, versions, argv
  metrics.jsonl    one record a line
  checkpoints/     epoch-0000.250/ ...  epoch-0001/ ...  step-00012345/  and the pointer files `last` and `best`
  samples/         what the model wrote or drew at each epoch's end, and inside epochs
"""

import json
import math
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmodels.durable import append, disk_errors, make_ours, opened_whole, read_json, replace_file, to_json
from genmodels.errors import RunError
from genmodels.locks import is_locked, locked
from genmodels.paths import COMPARISON, PAGE, RUN_JSON
from genmodels.printable import one_line
from genmodels.runs.epochs import LATEST, Epoch, Length, chosen, epoch_in, folders_in, name_of, numbers_in, told
from genmodels.runs.reading import check_whole, records_of, text_of
from genmodels.runs.records import evaluations_in
from genmodels.runs.sealing import changed

RUN_FORMAT = 1
Record = dict[str, Any]


def typed(path: Path | str) -> str:
    """A path, or another word, as it can be typed into this platform's shell."""
    return subprocess.list2cmdline([str(path)]) if os.name == "nt" else shlex.quote(str(path))


def train_command(family: str) -> str:
    """What a user types to train a run of a family, which need not be known here."""
    return f"train-{one_line(family)}"


def no_run(path: Path) -> RunError:
    """What to say of a path that is no run."""
    return RunError(f"{path} is not a run directory", "genmodels runs list shows the runs there are.")


@dataclass(frozen=True)
class RunDir:
    """One run on the disk.

    Args:
        path: the directory.

    Example:
        >>> run = genmodels.RunDir(pathlib.Path("runs/story"))
        >>> run.epochs()
        [1, 2, 3]
        >>> run.evaluations()[-1]["split"]
        'validation'
    """

    path: Path

    @property
    def name(self) -> str:
        """What it is called in the folder of the runs: "story", or "cells/lstm" in a comparison."""
        own, folder = self.path.name, self.path.parent
        return f"{folder.absolute().name}/{own}" if (folder / COMPARISON).exists() else own

    @property
    def checkpoints(self) -> Path:
        """Where the checkpoints and their pointer files are."""
        return self.path / "checkpoints"

    @property
    def samples_folder(self) -> Path:
        """Where what the model wrote or drew is."""
        return self.path / "samples"

    # -- run.json ---------------------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """The content of run.json.

        Raises:
            RunError: missing, damaged, or written by a newer version.
        """
        path = self.path / RUN_JSON
        if not self.path.is_dir() or not os.path.lexists(path):
            raise no_run(self.path)
        document = read_json(path)
        if not isinstance(document, dict) or not isinstance(document.get("format"), int):
            raise RunError(f"{path} is damaged: it names no format", "restore it from a copy.")
        if document["format"] > RUN_FORMAT:
            newer, known = document["format"], RUN_FORMAT
            raise RunError(f"{self.path} has run format {newer}; this version reads up to {known}", "update genmodels.")
        check_whole(document, path)
        return document

    def update(self, **changes: Any) -> None:
        """Replace some entries of run.json, durably."""
        with disk_errors(self.path):
            replace_file(self.path / RUN_JSON, to_json(changed(self.document(), **changes)))

    def locked(self, notice: Callable[[str], None]) -> AbstractContextManager[None]:
        """Keep every other process from training this run."""
        return locked(self.path / ".lock", str(self.path), notice)

    def is_being_trained(self) -> bool:
        """Whether a process trains this run now, by its lock, which the system frees however that process ends."""
        return is_locked(self.path / ".lock")

    def plan(self) -> dict[str, Any]:
        """How long it is trained, as run.json has it; without total_steps, or empty, while --minutes measures."""
        plan = self.document().get("plan")
        return plan if isinstance(plan, dict) else {}

    def length(self) -> Length:
        """How long it is trained, and what its epochs have come to; see `plan`."""
        return Length.of(self.document())

    def figure_path(self, name: str) -> Path:
        """Where a figure of the run goes unless told otherwise."""
        return self.path / "figures" / f"{name}.png"

    @property
    def page_path(self) -> Path:
        """Where its page goes unless told otherwise, by `report` as by a training with --report: there is but one."""
        return self.path / PAGE

    @property
    def quoted(self) -> str:
        """The path as it can be typed into this platform's shell."""
        return typed(self.path)

    # -- metrics ----------------------------------------------------------------------------------

    @property
    def metrics_path(self) -> Path:
        """The metrics file."""
        return self.path / "metrics.jsonl"

    def append_metrics(self, record: Record) -> None:
        """Add one line to metrics.jsonl."""
        line = json.dumps(record, allow_nan=False) + "\n"
        with disk_errors(self.metrics_path):
            append(self.metrics_path, line.encode())

    def metrics_size(self) -> int:
        """Bytes in metrics.jsonl now, synced to the disk; a checkpoint stores it."""
        if not self.metrics_path.exists():
            return 0
        with disk_errors(self.metrics_path), opened_whole(self.metrics_path) as file:
            os.fsync(file.fileno())
            return file.seek(0, os.SEEK_END)

    def truncate_metrics(self, size: int) -> None:
        """Forget the lines written after a checkpoint, so that a resumed run writes each line once."""
        if not self.metrics_path.exists():
            if size > 0:
                raise RunError(
                    f"{self.metrics_path} is missing, but its checkpoint counts {size} bytes of it",
                    "restore it from a copy.",
                )
            return
        with disk_errors(self.metrics_path), opened_whole(self.metrics_path) as file:
            if (there := file.seek(0, os.SEEK_END)) < size:
                raise RunError(f"{self.metrics_path} is shorter than its checkpoint says", "restore it from a copy.")
            if there > size:  # else nothing in it is new, which its time says too
                file.truncate(size)

    def metrics(self) -> list[Record]:
        """All records; a torn last line is left out."""
        return list(records_of(self.metrics_path))

    def evaluations(self) -> list[Record]:
        """The records of evaluations, each with the epochs that were trained until it as its "epoch".

        The others average training steps, and count them in `steps`.

        Raises:
            RunError: run.json or the metrics are damaged.
        """
        return evaluations_in(self.metrics(), self.length())

    # -- checkpoints ------------------------------------------------------------------------------

    def pointer(self, name: str) -> str | None:
        """The checkpoint that `last` or `best` points to, or None before there is one."""
        path = self.checkpoints / name
        if not path.exists():
            return None
        target = text_of(path).removesuffix("\n")
        if not re.fullmatch(r"epoch-\d{4,18}" if name == "best" else r"step-\d{8,18}", target):
            raise RunError(f"{path} is damaged: it points to {target!r}", "genmodels runs verify says what is whole.")
        return target

    def point(self, name: str, target: str) -> None:
        """Let `last` or `best` point to a checkpoint, atomically."""
        with disk_errors(self.checkpoints):
            replace_file(self.checkpoints / name, f"{target}\n".encode())

    def epochs(self) -> list[int]:
        """Epochs whose weights were kept at their end, ascending."""
        return sorted(number for number in numbers_in(self.checkpoints) if isinstance(number, int))

    def parts(self) -> list[float]:
        """Parts of epochs at which weights were kept inside one, such as 0.25, ascending."""
        return sorted(number for number in numbers_in(self.checkpoints) if isinstance(number, float))

    def kept(self) -> list[float]:
        """Both: whose weights can be asked for, ascending."""
        return sorted(numbers_in(self.checkpoints))

    def kept_told(self) -> str:
        """The same for a sentence, by what was trained: 0.5, 1-3, 3.571."""
        return told(self.length().all_reached(self.kept()))

    def steps(self) -> list[int]:
        """Steps whose training state is kept, ascending."""
        return sorted(_numbers(self.checkpoints, "step"))

    def epoch_checkpoint(self, epoch: Epoch | None) -> Path:
        """The weights of an epoch.

        Args:
            epoch: its number; of a part of one, the nearest that was kept; "latest"; None means the best epoch.

        Raises:
            RunError: that epoch was not kept or not reached yet, or nothing was saved yet.
            UsageError: it is no epoch.
        """
        kept = self.kept()
        if not kept:
            self.document()  # or it is no run at all
            raise RunError(f"{self.path} has no finished epoch yet", self.way_on())
        if epoch is not None:
            number = self.number_kept(epoch)
            if number is None:
                raise self._without_weights(float(epoch))
            return self.checkpoints / name_of(number)
        if not self.epochs():
            reads = f"reads the newest weights inside it, of epoch {kept[-1]}."
            ways = {option: f"{option} {LATEST} {reads}" for option in ("--epochs", "--epoch")} | {"": self.way_on()}
            raise RunError(f"{self.path} has no finished epoch yet", f"its epoch {LATEST!r} {reads}", ways)
        return self.checkpoints / (self.pointer("best") or name_of(self.epochs()[-1]))

    def number_kept(self, epoch: Epoch) -> float | None:
        """The number by which an epoch's weights lie on the disk; None where they don't.

        Args:
            epoch: see `epoch_checkpoint`; a last one that was cut short goes by its number and by what was trained.

        Raises:
            UsageError: it is no epoch.
        """
        kept = self.kept()
        called = dict(zip(self.length().all_reached(kept), kept, strict=True))
        number = chosen(epoch, sorted({*called, *kept})) if kept else None
        return None if number is None else called.get(number, number)

    def way_on(self) -> str:
        """A hint: how the run gets further than it is."""
        if self.is_being_trained():
            return f"{one_line(self.name)} is being trained now: ask again when it has got further."
        return f"{self._resumed} goes on with it."

    @property
    def _resumed(self) -> str:
        """The command that goes on with the run."""
        return f"genmodels {train_command(self.document()['family'])} --resume {self.quoted}"

    def _without_weights(self, epoch: float) -> RunError:
        """What to say of an epoch that has no weights: it lies ahead, will never come, or was not kept."""
        length = self.length()
        planned, kept = length.epochs, length.all_reached(self.kept())
        reached = max([*(record["epoch"] for record in self.evaluations()), *kept])
        there = f"kept are: {told(kept)}"
        if epoch <= reached:
            return RunError(f"epoch {epoch:g} of {self.path} was not kept", f"{there}.")
        if planned is not None and epoch > planned:
            ended = reached >= planned
            ends = f"it {'ended' if ended else 'ends'} after {planned}"
            way = f"{self._resumed if ended else 'a new run with'} --epochs {math.ceil(epoch)} gets so far."
            return RunError(f"epoch {epoch:g} of {self.path} is not reached yet: {ends}", f"{there}; {way}")
        far = f"{reached:g}" if planned is None else f"{reached:g} of {planned}"
        return RunError(
            f"epoch {epoch:g} of {self.path} is not reached yet: it is at epoch {far}", f"{self.way_on()} {there}."
        )

    def write_sample(self, name: str, data: bytes) -> None:
        """Keep what the model wrote or drew."""
        with disk_errors(self.samples_folder):
            make_ours(self.samples_folder)
            replace_file(self.samples_folder / name, data)


def _numbers(folder: Path, kind: str) -> Iterator[int]:
    """Numbers parsed from directory names alone, never from a whole path."""
    named = re.compile(rf"{kind}-\d{{1,18}}")
    yield from (int(name.partition("-")[2]) for name in folders_in(folder, named))


def epoch_of(checkpoint: Path, state: Mapping[str, Any]) -> float:
    """Epochs that the weights in a run's folder of checkpoints were trained, whole ones or not.

    Args:
        checkpoint: the weights' own folder.
        state: what stands beside them.

    Raises:
        RunError: run.json is missing or damaged.
        TypeError: the state tells no number.
    """
    return RunDir(checkpoint.parent.parent).length().reached(epoch_in(state))
