"""Which epoch is the best one where the one that was it can't be it any more."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from genmodels.family import first_best
from genmodels.runs import Record, RunDir
from genmodels.runs.accepting import is_lost
from genmodels.runs.epochs import name_of

if TYPE_CHECKING:
    from genmodels.family import Family


class Progress(Protocol):
    """Of where training stands what is asked here; see `genmodels.training.ledger.Progress`."""

    evaluated: int
    best_epoch: int | None
    best_score: float | None


def best_instead(run: RunDir, family: "Family", progress: Progress, evaluations: Sequence[Record]) -> str | None:
    """The same where the weights of the best epoch can't be read any more; None too where they can, or none is."""
    if progress.best_epoch is None or not is_lost(run, progress.best_epoch):
        return None
    return choose_best(run, family, progress, evaluations)


def choose_best(run: RunDir, family: "Family", progress: Progress, evaluations: Sequence[Record]) -> str | None:
    """The best of the epochs up to the last one evaluated whose weights are kept and whole; `progress` has it then.

    Args:
        run: whose epochs they are.
        family: its row, which says what is better.
        progress: where training stands.
        evaluations: of what is held out.

    Returns:
        The name of its checkpoint; None where no such epoch is left, so that the next one will be the best.
    """
    kept = [epoch for epoch in run.epochs() if epoch <= progress.evaluated]
    scores = {record["epoch"]: record[family.score] for record in evaluations if record["epoch"] in kept}
    while (found := first_best(scores.items(), family.best)) is not None:
        epoch, progress.best_score = found
        progress.best_epoch = epoch
        if not is_lost(run, epoch):
            return name_of(epoch)
        del scores[epoch]
    progress.best_epoch = progress.best_score = None
    return None
