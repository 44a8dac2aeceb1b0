"""Language models that are as good as untrained: what is said where one looks inside of them."""

from typing import TYPE_CHECKING

from genmodels.bytewise import reads_bytes
from genmodels.families.run import Run
from genmodels.families.text.splits import recorded_splits
from genmodels.runs.records import HELD_OUT
from genmodels.telling import counted
from genmodels.training.beginnings import steps_before
from genmodels.training.signs import ENOUGH_STEPS

if TYPE_CHECKING:
    from genmodels.models.stored import LoadedText


def untrained_told(run: Run, loaded: "LoadedText") -> str:
    """That a network is hardly trained, by the rule of all trainings, or predicts no better than guessing; else "".

    Args:
        run: of the network.
        loaded: its weights after some epoch, which may be one's part, of which no loss was measured.
    """
    step = int(loaded.state["step"]) + steps_before(run.document())
    if step < ENOUGH_STEPS:
        few = f"{counted(step, 'step')}, where {ENOUGH_STEPS} are a beginning"
        return f"the network is hardly trained ({few}): what is seen in it says next to nothing"
    losses = [float(loaded.state[part]["nll"]) for part in HELD_OUT if "nll" in loaded.state.get(part, {})]
    if not losses or losses[0] < (guessing := _guessing(run)):
        return ""
    unit = "byte" if reads_bytes(run.document()) else "character"
    beside = f"{losses[0]:.3f} nats per {unit}, and guessing by how often each occurs has {guessing:.3f}"
    return f"the network predicts no better than guessing ({beside}): what is seen in it says next to nothing"


def _guessing(run: Run) -> float:
    """The loss on validation text of counting single characters, nats per character."""
    from genmodels.analysis.baselines import MOST_COUNTED, unigram

    train, held_out = recorded_splits(run)
    begin = max(train.start, train.stop - MOST_COUNTED)
    counted_ids = train.corpus.read(begin, train.stop)
    ids = held_out.corpus.read(held_out.start, held_out.stop)
    import numpy as np

    return -float(np.log(unigram(counted_ids, ids, len(train.corpus.vocabulary))).mean())
