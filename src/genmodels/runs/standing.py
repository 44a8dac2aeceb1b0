"""Where a run stands: how far it got, and whether it is being trained now."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from genmodels.runs.epochs import Length
from genmodels.runs.run_dir import Record, RunDir, train_command, typed

TRAINING, STOPPED, FINISHED, DAMAGED = "training now", "stopped", "finished", "damaged"
STATES = (TRAINING, STOPPED, FINISHED, DAMAGED)


@dataclass(frozen=True)
class Standing:
    """Where a run stands.

    Args:
        state: one of `STATES`, but for damaged runs, which have no standing.
        epochs: that were trained and evaluated; no whole number where the last one is cut short.
        planned: epochs in all, likewise; None while `--minutes` has not measured the speed.
    """

    state: str
    epochs: float
    planned: float | None


def is_finished(run: RunDir) -> bool:
    """Whether all that was planned is trained and evaluated, and the last epoch's weights are kept.

    Raises:
        RunError: run.json or the metrics are damaged.
    """
    return _is_finished(run, run.length(), run.evaluations())


def _is_finished(run: RunDir, length: Length, evaluated: Sequence[Record]) -> bool:
    if length.total_steps is None or not evaluated or evaluated[-1]["step"] != length.total_steps:
        return False
    # The record comes first: a full disk or a kill may lie between.
    return math.ceil(evaluated[-1]["epoch"]) in run.epochs()


MORE_EPOCHS = 10


def way_beyond(run: RunDir) -> str:
    """How training goes on where a run ends: a new one begins with its weights, on the same data."""
    recorded = typed(run.path / "run.json")
    train = f"genmodels {train_command(run.document()['family'])} --config {recorded} --init-from {run.quoted}"
    return f"a new run trains its weights further, on the same data: {train}"


def goes_on_told(run: RunDir, device: object) -> str:
    """That a run goes on, or that it ends here, and how training goes on then.

    Args:
        run: whose training is resumed.
        device: that it is trained on.
    """
    if not is_finished(run):
        return f"goes on with {run.path} on {device}"
    if not run.steps():
        return f"{run.path} is finished, and its training states are removed"
    more = math.ceil(run.length().epochs or 0) + MORE_EPOCHS
    return f"{run.path} is finished; with --epochs {more}, or --minutes for so many more, it goes on"


def standing_of(run: RunDir) -> Standing:
    """Where a run stands.

    Raises:
        RunError: run.json or the metrics are damaged.
    """
    return standing_by(run, run.length(), run.evaluations())


def standing_by(run: RunDir, length: Length, evaluated: Sequence[Record]) -> Standing:
    """The same, of a run whose run.json and evaluations are read already."""
    state = TRAINING if run.is_being_trained() else FINISHED if _is_finished(run, length, evaluated) else STOPPED
    return Standing(state, evaluated[-1]["epoch"] if evaluated else 0, length.epochs)
