"""How long a run took: training and evaluating, and in all."""

from genmodels.runs.run_dir import RunDir
from genmodels.runs.seals import state_in
from genmodels.runs.stock import pointer_of
from genmodels.telling import duration


def spent_told(run: RunDir, seconds: float) -> str:
    """How long it was trained and evaluated, and in all, from when it was asked for, where that is more.

    Args:
        run: it; what a training state counts is not known once they are removed.
        seconds: of training and evaluating, over all sessions.
    """
    state = state_in(run.checkpoints / str(pointer_of(run, "last"))) or {}
    before = float(state.get("progress", {}).get("seconds_before", 0.0))
    trained, in_all = duration(seconds), duration(seconds + before)
    return f"{trained} of training and evaluating" + ("" if in_all == trained else f", {in_all} in all")
