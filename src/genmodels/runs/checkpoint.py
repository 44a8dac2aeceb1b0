"""Checkpoints: tensors in safetensors files, everything else in JSON, a manifest of SHA-256 sums.

A checkpoint is a directory that appears whole or not at all. Nothing here imports torch, nothing unpickles.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.durable import (
    disk_errors,
    make_ours,
    published_directory,
    read_json,
    refuse_links,
    remove_directory,
    sync_directory,
    to_json,
    write_synced,
)
from genmodels.errors import DivergedError, RunError
from genmodels.leftovers import sweep_temporaries
from genmodels.ordinary import read_ordinary, strict_json
from genmodels.runs.epochs import name_of
from genmodels.runs.run_dir import RunDir
from genmodels.runs.standing import is_finished, way_beyond
from genmodels.runs.stock import Summed, pointer_of, seal_of

if TYPE_CHECKING:
    import numpy as np

Arrays = dict[str, "np.ndarray[Any, Any]"]
CHECKPOINT_FORMAT = 1
KEPT_STEPS = 2


@dataclass(frozen=True)
class Checkpoint:
    """What was read back.

    Args:
        path: the directory it came from.
        tensors: file name without suffix ("model", "optimizer") -> name -> array.
        state: the content of state.json.
    """

    path: Path
    tensors: dict[str, Arrays]
    state: dict[str, Any]


def write_checkpoint(path: Path, tensors: Mapping[str, Arrays], state: Mapping[str, Any]) -> None:
    """Publish a checkpoint directory, durably and as a whole.

    Raises:
        DivergedError: a tensor holds a number that is not finite; nothing is written.
        ResourceError: the disk is full or cannot be written; what was there stays.
    """
    from safetensors.numpy import save

    _refuse_non_finite(path, tensors)
    with disk_errors(path), published_directory(path) as folder:
        files = {f"{name}.safetensors": save(arrays) for name, arrays in tensors.items()}
        files["state.json"] = to_json({"format": CHECKPOINT_FORMAT, **state})
        for name, data in files.items():
            write_synced(folder / name, data)
        sums = {n: {"bytes": len(d), "sha256": hashlib.sha256(d).hexdigest()} for n, d in files.items()}
        write_synced(folder / "manifest.json", to_json({"format": CHECKPOINT_FORMAT, "files": sums}))


def _refuse_non_finite(path: Path, tensors: Mapping[str, Arrays]) -> None:
    import numpy as np

    for arrays in tensors.values():
        for name, array in arrays.items():
            if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
                raise DivergedError(f"{name} of {path.name} is not finite, so it was not saved")


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint after checking every byte of it against its manifest.

    Raises:
        RunError: missing, damaged, or written by a newer version.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    contents = _verified_files(path)
    tensors = {}
    for name, data in contents.items():
        if name.endswith(".safetensors"):
            try:
                tensors[name.removesuffix(".safetensors")] = load(data)
            except SafetensorError as error:
                raise _damaged(f"{path / name} is damaged: {error}", path) from error
    try:
        state = strict_json(contents["state.json"].decode("utf-8"))  # what was checked, whatever lies there by now
    except ValueError as error:
        raise RunError(f"{path / 'state.json'} is damaged: it is not valid JSON", "restore it from a copy.") from error
    return Checkpoint(path, tensors, state)


def _damaged(what: str, path: Path) -> RunError:
    """What is wrong with a checkpoint, and what else can be read: by the options that commands have for it."""
    run = RunDir(path.parent.parent)
    whole = f"what of it is whole is told by: genmodels runs verify {run.quoted}"
    if not any(name_of(number) != path.name for number in run.kept()):
        return RunError(what, f"the run keeps no other epoch; {whole}")
    ways = {option: f"{option} reads another; {whole}" for option in ("--epochs", "--epoch")}
    return RunError(what, f"--epoch or --epochs reads another; {whole}", ways | {"": whole})


def _verified_files(path: Path) -> dict[str, bytes]:
    manifest = read_json(path / "manifest.json")
    form = manifest.get("format") if isinstance(manifest, dict) else None
    if not isinstance(form, int) or form < 1:
        raise _damaged(f"{path / 'manifest.json'} is damaged: it names no format", path)
    if form > CHECKPOINT_FORMAT:
        raise RunError(f"{path} has checkpoint format {form}, newer than this version", "update genmodels.")
    try:
        expected = {str(n): (int(f["bytes"]), str(f["sha256"])) for n, f in manifest["files"].items()}
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise _damaged(f"{path / 'manifest.json'} is damaged", path) from error
    if not {"model.safetensors", "state.json"} <= expected.keys() or any(Path(n).name != n for n in expected):
        raise _damaged(f"{path / 'manifest.json'} is damaged: it names the wrong files", path)
    return {name: _verified(path / name, *facts) for name, facts in expected.items()}


def _verified(path: Path, size: int, sha256: str) -> bytes:
    try:
        found = path.stat().st_size
        data = read_ordinary(path) if found == size else b""
    except OSError as error:
        raise _damaged(f"{path} cannot be read: {error.strerror}", path.parent) from error
    if found != size:
        raise _damaged(f"{path} is damaged: {found} bytes instead of {size}", path.parent)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _damaged(f"{path} is damaged: its SHA-256 sum is not the recorded one", path.parent)
    return data


def save_training_state(
    run: RunDir,
    step: int,
    tensors: Mapping[str, Arrays],
    state: Mapping[str, Any],
    known: Summed | None = None,
) -> None:
    """Publish `step-...`, point `last` to it, and only then prune older training states."""
    name = f"step-{step:08d}"
    _sync_names(run)
    write_checkpoint(run.checkpoints / name, tensors, {**state, **seal_of(run, before=name, known=known)})
    with disk_errors(run.checkpoints):
        run.point("last", name)
        kept = run.steps()
        stale = [later for later in kept if later > step]  # damaged ones that a resume went back behind
        older = [earlier for earlier in kept if earlier < step][: -(KEPT_STEPS - 1)]
        for old in stale + older:
            remove_directory(run.checkpoints / f"step-{old:08d}")


def _sync_names(run: RunDir) -> None:
    """Before the first thing is saved: a loss of power takes away the records' file where its name is not synced."""
    if not run.steps() and not run.epochs():
        with disk_errors(run.path):
            sync_directory(run.path)


def save_epoch(
    run: RunDir,
    epoch: int,
    tensors: Mapping[str, Arrays],
    state: Mapping[str, Any],
    known: Summed | None = None,
    *,
    is_best: bool = False,
) -> None:
    """Publish the weights of an epoch, and if it is the best point `best` to it."""
    name = name_of(epoch)
    run.metrics_size()  # synced: its records are never lost before it
    _sync_names(run)
    best = name if is_best else None
    seal = seal_of(run, best, before=name, every=False, known=known)
    write_checkpoint(run.checkpoints / name, tensors, {**state, **seal})
    if is_best:
        run.point("best", name)


def prune_epochs(run: RunDir, keep: int | None) -> None:
    """Remove all but the newest `keep` epochs and the best; None keeps every one."""
    if keep is None:
        return
    with disk_errors(run.checkpoints):
        for epoch in run.epochs()[:-keep]:
            if run.pointer("best") != name_of(epoch):
                remove_directory(run.checkpoints / name_of(epoch))


def forget_epochs(run: RunDir, after: int, best: int | None) -> None:
    """Remove those later than an epoch: training goes on from there, maybe by another plan.

    Args:
        run: whose lock is held.
        after: the newest that stays.
        best: the best of those, or None.
    """
    later = [epoch for epoch in run.epochs() if epoch > after]
    if not later:
        return
    with disk_errors(run.checkpoints):
        if best is None:
            (run.checkpoints / "best").unlink(missing_ok=True)
            sync_directory(run.checkpoints)  # before the epochs go: a pointer to what is gone would be damage
        else:
            run.point("best", name_of(best))
        for epoch in later:
            remove_directory(run.checkpoints / name_of(epoch))


def forget_states(run: RunDir, after: int) -> None:
    """Remove the training states of later steps, behind which a training goes back, as they are damaged.

    Args:
        run: whose lock is held.
        after: the step from which it goes on.
    """
    with disk_errors(run.checkpoints):
        for step in (later for later in run.steps() if later > after):
            remove_directory(run.checkpoints / f"step-{step:08d}")


def load_training_state(run: RunDir, notice: Callable[[str], None]) -> Checkpoint | None:
    """The newest training state that is whole, after mending what a killed process left behind.

    Args:
        run: whose lock is held.
        notice: is told of each damaged state that is passed over.

    Returns:
        None where the run has not got to its first state.

    Raises:
        RunError: the run got further, but no whole state is left.
    """
    refuse_links(run.checkpoints, run.samples_folder)
    with disk_errors(run.path):
        for folder in (run.path, run.checkpoints, run.samples_folder):
            sweep_temporaries(folder)
    steps = run.steps()
    for step in reversed(steps):
        path = run.checkpoints / f"step-{step:08d}"
        try:
            return _pointed_to(run, read_checkpoint(path))
        except RunError as error:
            notice(f"passed over a checkpoint: {error.what}")
    further = any(record["step"] > 0 for record in run.metrics())
    if not steps and not further and not run.epochs() and run.pointer("last") is None:
        make_ours(run.checkpoints)
        return None
    if not steps and is_finished(run):
        what = f"{run.path} is finished, and its training states are removed: nothing is left to train"
        raise RunError(what, f"what is kept of its epochs can be used as before; {way_beyond(run)}")
    raise RunError(
        f"{run.path} has no whole training state to resume from", "begin a new run; its finished epochs can be used."
    )


def _pointed_to(run: RunDir, newest: Checkpoint) -> Checkpoint:
    """The newest state, to which `last` points: a process may have died between the two."""
    if pointer_of(run, "last") != newest.path.name:
        run.point("last", newest.path.name)
    return newest
