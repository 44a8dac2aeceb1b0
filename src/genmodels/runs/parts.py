"""Weights kept inside an epoch, each with what the model wrote or drew there: a bounded number of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from genmodels.durable import disk_errors, read_json, refuse_links, remove_directory
from genmodels.errors import RunError
from genmodels.runs.checkpoint import Arrays, write_checkpoint
from genmodels.runs.epochs import name_of
from genmodels.runs.run_dir import RunDir
from genmodels.runs.sealing import SEAL
from genmodels.runs.stock import Summed, seal_of

MOST_PARTS = 24
FEWEST_PARTS = 4  # however large they are
DAMAGED = 2**63  # finished steps, more than there can be
MOST_BYTES = 100 * 2**20  # of their weights together, beyond the fewest


def save_part(
    run: RunDir,
    number: float,
    tensors: Mapping[str, Arrays],
    state: Mapping[str, Any],
    known: Summed | None = None,
) -> None:
    """Publish the weights inside an epoch; then remove some of the older ones if they are too many or too large."""
    name = name_of(number)
    sealed = {SEAL: state[SEAL]} if SEAL in state else seal_of(run, before=name, every=False, known=known)
    write_checkpoint(run.checkpoints / name, tensors, {**state, **sealed})
    size = sum(array.nbytes for arrays in tensors.values() for array in arrays.values())
    most = max(FEWEST_PARTS, min(MOST_PARTS, MOST_BYTES // max(1, size)))
    parts = run.parts()
    remove_parts(run, sorted(set(parts) - set(spread(parts, most))))


def spread(numbers: Sequence[float], most: int) -> list[float]:
    """So many of some ascending numbers at most, spread as evenly as they come; the last is always among them.

    >>> spread([1, 2, 3, 4, 5, 6], 4)
    [2, 4, 5, 6]
    """
    left = list(numbers)
    while len(left) > most:
        before = [0.0, *left]
        gaps = [after - before[place] for place, after in enumerate(left[1:])]  # that each leaves if it goes
        del left[gaps.index(min(gaps))]
    return left


def forget_parts(run: RunDir, after: int) -> None:
    """Remove those saved after a step: training goes on from there, and keeps its own.

    Raises:
        ResourceError: the folder cannot be written.
    """
    remove_parts(run, [number for number in run.parts() if _step_of(run, number) > after])


def prune_parts(run: RunDir, keep: int | None) -> None:
    """Remove those of epochs older than the newest `keep`; None keeps every one."""
    newest = [] if keep is None else run.epochs()[-keep:]
    remove_parts(run, [number for number in run.parts() if newest and number < newest[0] - 1])


def newest_part(run: RunDir) -> int:
    """The finished steps of the newest one; 0 where there is none, or where that is damaged."""
    step = _step_of(run, run.parts()[-1]) if run.parts() else 0
    return step if step < DAMAGED else 0


def _step_of(run: RunDir, number: float) -> int:
    """The finished steps of a part; endless where it is damaged, so that it goes."""
    try:
        return int(read_json(run.checkpoints / name_of(number) / "state.json")["step"])
    except (RunError, KeyError, TypeError, ValueError):
        return DAMAGED


def remove_parts(run: RunDir, numbers: Sequence[float]) -> None:
    """Remove the weights of these parts, and what the model wrote or drew there.

    Raises:
        ResourceError: the folder cannot be written.
    """
    if numbers:
        refuse_links(run.checkpoints, run.samples_folder)
    with disk_errors(run.checkpoints):
        for number in numbers:
            remove_directory(run.checkpoints / name_of(number))
            for sample in run.samples_folder.glob(f"{name_of(number)}.*"):
                sample.unlink(missing_ok=True)
