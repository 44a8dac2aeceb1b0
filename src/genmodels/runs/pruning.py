"""What a run keeps and can do without: training states of a finished one, weights of most epochs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from genmodels.durable import disk_errors, remove_directory, sync_directory
from genmodels.leftovers import sweep_temporaries
from genmodels.runs.changing import bytes_in
from genmodels.runs.epochs import Epoch, name_of
from genmodels.runs.run_dir import RunDir
from genmodels.runs.sealing import PRUNED
from genmodels.runs.standing import is_finished
from genmodels.telling import Notice


@dataclass(frozen=True)
class Spare:
    """What a run can do without.

    Args:
        run: it.
        epochs: whole ones and parts of one, whose weights go, ascending.
        kept: epochs whose weights stay.
        states: whether the training states go; then it can't be trained further, but it is finished.
        paths: what is deleted.
        bytes: that this frees.
    """

    run: RunDir
    epochs: Sequence[float]
    kept: Sequence[float]
    states: bool
    paths: Sequence[Path]
    bytes: int


def spare_of(run: RunDir, keep: Collection[Epoch] = ()) -> Spare:
    """What a run can do without: all weights but the best, the last and some epochs' own, and a finished run's states.

    Args:
        run: that nobody trains now.
        keep: epochs whose weights are to stay; one that it lacks is passed over.

    Raises:
        RunError: it is damaged, also where what would stay is.
    """
    there = run.kept()
    named = {number for number in map(run.number_kept, keep) if number is not None}
    wanted = {*named, *run.epochs()[-1:], *_best(run)} or set(there[-1:])
    kept, epochs = [e for e in there if e in wanted], [e for e in there if e not in wanted]
    states = run.steps() if is_finished(run) else []
    names = [*(f"step-{step:08d}" for step in states), *map(name_of, epochs)]
    paths = [run.checkpoints / name for name in names]
    if any(path.is_symlink() for path in (run.checkpoints, run.samples_folder, *paths)):
        return Spare(run, (), there, False, (), 0)  # what a link leads to is not ours to delete
    if paths:
        _check_whole(run, sorted({*kept, *_best(run)}))
    return Spare(run, epochs, kept, bool(states), paths, sum(map(bytes_in, paths)))


def _best(run: RunDir) -> list[int]:
    best = run.pointer("best")
    return [] if best is None else [int(best.partition("-")[2])]  # always a whole one


def _check_whole(run: RunDir, epochs: Sequence[float]) -> None:
    """Look at every byte of what stays, so that the only good weights are never deleted.

    Raises:
        RunError: it is damaged.
    """
    from genmodels.runs.checkpoint import read_checkpoint

    for epoch in epochs:
        read_checkpoint(run.checkpoints / name_of(epoch))


def _record(run: RunDir, epochs: Sequence[str]) -> None:
    """Note in run.json which epochs go, before they do: what else goes is missed."""
    before = run.document().get(PRUNED)
    if epochs:
        run.update(**{PRUNED: sorted({*(before if isinstance(before, list) else ()), *epochs})})


def prune_run(run: RunDir, keep: Collection[Epoch], notice: Notice) -> Spare:
    """Delete what a run can do without; gives back what that was.

    Args:
        run: it.
        keep: see `spare_of`.
        notice: is told where the file system has no locks.

    Raises:
        RunError: it is damaged, or is being trained.
        ResourceError: the folder can't be written.
    """
    from genmodels.runs.parts import remove_parts  # with what reads and writes checkpoints, as `_check_whole` does

    with run.locked(notice), disk_errors(run.checkpoints, "check who may write in that folder."):
        spare = spare_of(run, keep)
        if not spare.paths:
            return spare
        sweep_temporaries(run.checkpoints)
        if spare.states:  # before the states: a pointer to what is gone would be damage
            (run.checkpoints / "last").unlink(missing_ok=True)
            sync_directory(run.checkpoints)
        parts = [number for number in spare.epochs if not isinstance(number, int)]
        _record(run, [name_of(number) for number in spare.epochs if isinstance(number, int)])
        for path in spare.paths:
            if path.name not in map(name_of, parts):
                remove_directory(path)
        remove_parts(run, parts)  # and their samples
    return spare
