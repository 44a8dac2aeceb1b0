"""The run directory: the only thing that passes between commands.

runs/text-20261122-214500-3f2a/
  run.json         format, family, settings (each with where it came from), data, plan, versions, argv
  metrics.jsonl    one record a line
  checkpoints/     epoch-0001/ ...  step-00012345/  and the pointer files `last` and `best`
  samples/         what the model wrote or drew at each epoch's end
"""

import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from genmodels.durable import disk_errors, locked, read_json, replace_file, sync_directory, to_json
from genmodels.errors import RunError, UsageError, did_you_mean

RUN_FORMAT = 1
Record = dict[str, Any]


@dataclass(frozen=True)
class RunDir:
    """One run on the disk.

    Args:
        path: the directory.
    """

    path: Path

    @property
    def name(self) -> str:
        """The directory's own name."""
        return self.path.name

    @property
    def checkpoints(self) -> Path:
        """Where the checkpoints and their pointer files are."""
        return self.path / "checkpoints"

    # -- run.json ---------------------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """The content of run.json.

        Raises:
            RunError: missing, damaged, or written by a newer version.
        """
        path = self.path / "run.json"
        if not self.path.is_dir() or not path.exists():
            raise RunError(f"{self.path} is not a run directory", "genmodels runs list shows the runs there are.")
        document = read_json(path)
        if not isinstance(document, dict) or not isinstance(document.get("format"), int):
            raise RunError(f"{path} is damaged: it names no format", "restore it from a copy.")
        if document["format"] > RUN_FORMAT:
            newer, known = document["format"], RUN_FORMAT
            raise RunError(f"{self.path} has run format {newer}; this version reads up to {known}", "update genmodels.")
        missing = {"family", "settings", "data", "created_at"} - document.keys()
        if missing:
            raise RunError(f"{path} is damaged: it lacks {', '.join(sorted(missing))}", "restore it from a copy.")
        entries = document["settings"]
        whole = {"value", "from"}
        shaped = isinstance(entries, dict) and all(isinstance(e, dict) and whole <= e.keys() for e in entries.values())
        if not shaped or not isinstance(document["data"], dict):
            raise RunError(f"{path} is damaged: it holds no valid settings or data", "restore it from a copy.")
        return document

    def update(self, **changes: Any) -> None:
        """Replace some entries of run.json, durably."""
        with disk_errors(self.path):
            replace_file(self.path / "run.json", to_json(self.document() | changes))

    def locked(self, notice: Callable[[str], None]) -> AbstractContextManager[None]:
        """Keep every other process from training this run."""
        return locked(self.path / ".lock", str(self.path), notice)

    @property
    def quoted(self) -> str:
        """The path as it can be typed into this platform's shell."""
        path = str(self.path)
        return subprocess.list2cmdline([path]) if os.name == "nt" else shlex.quote(path)

    # -- metrics ----------------------------------------------------------------------------------

    @property
    def metrics_path(self) -> Path:
        """The metrics file."""
        return self.path / "metrics.jsonl"

    def append_metrics(self, record: Record) -> None:
        """Add one line to metrics.jsonl."""
        line = json.dumps(record, allow_nan=False) + "\n"
        with (
            disk_errors(self.metrics_path),
            self.metrics_path.open("a", encoding="utf-8", newline="\n") as file,
        ):
            file.write(line)

    def metrics_size(self) -> int:
        """Bytes in metrics.jsonl now, synced to the disk; a checkpoint stores it."""
        if not self.metrics_path.exists():
            return 0
        with disk_errors(self.metrics_path), self.metrics_path.open("rb+") as file:
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
        with disk_errors(self.metrics_path), self.metrics_path.open("rb+") as file:
            if file.seek(0, os.SEEK_END) < size:
                raise RunError(f"{self.metrics_path} is shorter than its checkpoint says", "restore it from a copy.")
            file.truncate(size)

    def metrics(self) -> list[Record]:
        """All records; a torn last line is left out."""
        return list(_read_lines(self.metrics_path))

    def evaluations(self) -> list[Record]:
        """The records of evaluations; the others average training steps, and count them in `steps`."""
        return [record for record in self.metrics() if "steps" not in record]

    # -- checkpoints ------------------------------------------------------------------------------

    def pointer(self, name: str) -> str | None:
        """The checkpoint that `last` or `best` points to, or None before there is one."""
        path = self.checkpoints / name
        if not path.exists():
            return None
        target = path.read_text(encoding="utf-8", errors="replace").strip()
        if not re.fullmatch(r"(epoch-\d{4,}|step-\d{8,})", target):
            raise RunError(f"{path} is damaged: it points to {target!r}", "genmodels runs verify says what is whole.")
        return target

    def point(self, name: str, target: str) -> None:
        """Let `last` or `best` point to a checkpoint, atomically."""
        replace_file(self.checkpoints / name, f"{target}\n".encode())

    def epochs(self) -> list[int]:
        """Epochs whose weights were kept, ascending."""
        return sorted(_numbers(self.checkpoints, "epoch"))

    def steps(self) -> list[int]:
        """Steps whose training state is kept, ascending."""
        return sorted(_numbers(self.checkpoints, "step"))

    def epoch_checkpoint(self, epoch: int | None) -> Path:
        """The weights of an epoch; None means the best one.

        Raises:
            RunError: that epoch was not kept, or nothing was saved yet.
        """
        kept = self.epochs()
        if not kept:
            raise RunError(f"{self.path} has no finished epoch yet", "train it further: --resume goes on with it.")
        if epoch is None:
            best = self.pointer("best")
            return self.checkpoints / (best or f"epoch-{kept[-1]:04d}")
        if epoch not in kept:
            raise RunError(f"epoch {epoch} of {self.path} was not kept", f"kept are: {_ranges(kept)}.")
        return self.checkpoints / f"epoch-{epoch:04d}"

    def write_sample(self, name: str, data: bytes) -> None:
        """Keep what the model wrote or drew at an epoch's end."""
        folder = self.path / "samples"
        with disk_errors(folder):
            folder.mkdir(exist_ok=True)
            replace_file(folder / name, data)


def _read_lines(path: Path) -> Iterator[Record]:
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        record = _record_in(line)
        if record is not None:
            yield record
        elif number < len(lines):
            raise RunError(f"line {number} of {path} is damaged", "restore the file from a copy.")


def _record_in(line: str) -> Record | None:
    """The record that a line holds, or None where it is torn or no record."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(record, dict) and {"epoch", "step", "split"} <= record.keys()
    return record if whole else None


def _numbers(folder: Path, kind: str) -> Iterator[int]:
    """Numbers parsed from directory names alone, never from a whole path."""
    if not folder.is_dir():
        return
    for entry in folder.iterdir():
        match = re.fullmatch(rf"{kind}-(\d+)", entry.name)
        if match is not None and entry.is_dir():
            yield int(match.group(1))


def _ranges(numbers: list[int]) -> str:
    """Ascending numbers, shortened: 1-5, 10, 20."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def check_name(name: str, root: Path) -> None:
    """Check the name of a new run.

    Raises:
        UsageError: it is taken, reserved, or not a plain directory name.
    """
    if name == "last":
        raise UsageError("--name 'last' is reserved: it means the newest run", "choose another name.")
    if not re.fullmatch(r"[\w.+][\w.+-]*", name) or name in {".", ".."}:
        raise UsageError(f"--name {name!r} cannot name a run", "use letters, digits, '_', '.', '+' and, inside, '-'.")
    if (root / name).exists():
        raise _taken(root / name)


def _taken(path: Path) -> UsageError:
    return UsageError(f"{path} exists already", "choose another --name, or --resume it; nothing was overwritten.")


def create_run(root: Path, family: str, document: dict[str, Any], name: str | None = None) -> RunDir:
    """Make a new run directory and its run.json; never touches one that exists.

    Raises:
        UsageError: the name is taken or is not a plain directory name.
        ResourceError: the folder cannot be written.
    """
    now = datetime.now(UTC)
    if name is not None:
        check_name(name, root)
    head = {"format": RUN_FORMAT, "family": family, "created_at": now.isoformat()}
    content = to_json(head | document)
    path = root / (name or f"{family}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}")
    with disk_errors(path):
        root.mkdir(parents=True, exist_ok=True)
        try:
            path.mkdir()
        except FileExistsError as error:
            raise _taken(path) from error
        try:
            (path / "checkpoints").mkdir()
            replace_file(path / "run.json", content)
            sync_directory(root)
        except OSError:
            shutil.rmtree(path, ignore_errors=True)  # so that the name is free for the next attempt
            raise
    return RunDir(path)


def list_runs(root: Path) -> list[RunDir]:
    """Every run under a folder, oldest first; what is not a run is left out, a damaged one is listed last."""
    if not root.is_dir():
        return []
    found = [RunDir(p) for p in root.iterdir() if p.is_dir() and (p / "run.json").exists()]
    return sorted(found, key=_created_at)


def _created_at(run: RunDir) -> tuple[str, str]:
    try:
        return str(run.document()["created_at"]), run.name
    except RunError:
        return "~", run.name


def find_run(root: Path, reference: str | None, *families: str) -> RunDir:
    """The run that a user means: a path, a name under `root`, or (None or "last") the newest of some families.

    Args:
        root: where runs are.
        reference: a path, a name, "last" or None.
        families: those that the command can use; none for any.

    Raises:
        RunError: there is none, or it is of another family.
    """
    if reference is None or reference == "last":
        return _newest(root, families)
    if reference == "":
        raise UsageError("the run's name is empty", "give a name or path, or 'last'.")
    path = Path(reference)
    if not (path / "run.json").exists() and (root / reference / "run.json").exists():
        path = root / reference
    if not path.exists():
        names = [run.name for run in list_runs(root)]
        hint = did_you_mean(reference, names) or f"genmodels runs list --runs {root} shows what there is."
        raise RunError(f"there is no run {reference}", hint)
    run = RunDir(path)
    found = run.document()["family"]
    if families and found not in families:
        wanted = " or ".join(families)
        raise RunError(f"{path} is a {found} run, but this command needs a {wanted} run", "give another --run.")
    return run


def _newest(root: Path, families: tuple[str, ...]) -> RunDir:
    damaged: list[RunError] = []
    for run in reversed(list_runs(root)):
        try:
            if families and run.document()["family"] not in families:
                continue
        except RunError as error:
            damaged.append(error)
            continue
        if damaged:  # which of them is the newest can't be told
            raise RunError(damaged[0].what, f"name the run that you mean, e.g. {run.quoted}.")
        return run
    kind = f"{' or '.join(families)} " if families else ""
    command = f"genmodels train-{families[0] if families else 'text'} makes one; --runs says where runs are."
    raise RunError(f"there is no {kind}run in {root}", command)
