"""Where a run stands: how far it got, and whether it is being trained now."""

from collections.abc import Sequence
from dataclasses import dataclass

from genmodels.runs.run_dir import Record, RunDir

TRAINING, STOPPED, FINISHED, DAMAGED = "training now", "stopped", "finished", "damaged"
STATES = (TRAINING, STOPPED, FINISHED, DAMAGED)


@dataclass(frozen=True)
class Standing:
    """Where a run stands.

    Args:
        state: one of `STATES`, but for damaged runs, which have no standing.
        epochs: that were evaluated.
        planned: epochs in all; None while `--minutes` has not measured the speed.
    """

    state: str
    epochs: int
    planned: int | None


def is_finished(run: RunDir) -> bool:
    """Whether all that was planned is trained and evaluated, and the last epoch's weights are kept.

    Raises:
        RunError: run.json or the metrics are damaged.
    """
    return _is_finished(run, run.evaluations())


def _is_finished(run: RunDir, evaluated: Sequence[Record]) -> bool:
    total = run.plan().get("total_steps")
    if total is None or not evaluated or evaluated[-1]["step"] != total:
        return False
    return evaluated[-1]["epoch"] in run.epochs()  # the record comes first: a full disk or a kill may lie between


def standing_of(run: RunDir) -> Standing:
    """Where a run stands.

    Raises:
        RunError: run.json or the metrics are damaged.
    """
    evaluated = run.evaluations()
    state = TRAINING if run.is_being_trained() else FINISHED if _is_finished(run, evaluated) else STOPPED
    return Standing(state, int(evaluated[-1]["epoch"]) if evaluated else 0, run.planned_epochs())
