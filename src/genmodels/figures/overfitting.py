"""Whether the lines of a run show it: on held-out data it falls behind what it reaches on those it was trained on."""

from collections.abc import Sequence
from itertools import pairwise

from genmodels.figures.lines import TESTED, Curve

CLEAR = 2.0  # times the usual change of a gap from one evaluation to the next: what grew by more is no noise


def show_overfitting(curves: Sequence[Curve]) -> bool:
    """Whether one of several runs shows it, in lines of the score by which their best epochs are chosen."""
    held_out = [curve for curve in curves if curve.part in TESTED and curve.best is not None]
    trained = {curve.name: curve for curve in curves if curve.part == "train"}
    return any(curve.name in trained and _overfits(trained[curve.name], curve) for curve in held_out)


def _overfits(train: Curve, held_out: Curve) -> bool:
    """Whether a run learned, and then its gap grew by more than noise and is there at the end."""
    seen, better = dict(zip(train.epochs, train.values, strict=True)), 1.0 if held_out.better is max else -1.0
    measured = dict(zip(held_out.epochs, held_out.values, strict=True))
    gaps = [better * (seen[epoch] - value) for epoch, value in measured.items() if epoch > 0 and epoch in seen]
    changes = [abs(after - before) for before, after in pairwise(gaps)]
    if not changes or (0 in measured and better * (held_out.values[-1] - measured[0]) <= 0):
        return False
    usual = sum(changes) / len(changes)
    return gaps[-1] > _noise(held_out, usual) and gaps[-1] - gaps[0] > CLEAR * usual


def _noise(held_out: Curve, usual: float) -> float:
    """What a gap may be by chance: half of its interval where that is known, else its usual change."""
    return (held_out.high[-1] - held_out.low[-1]) / 2 if held_out.low else usual
