"""A language model for other programs: letters and a state in, logits and the state after them out."""

from typing import TYPE_CHECKING

from genmodels.errors import DataError
from genmodels.families.graph import BATCH, RECORDED, Graph, cpu
from genmodels.families.text.run import TextRun
from genmodels.families.text.splits import recorded_splits
from genmodels.runs.epochs import Epoch

if TYPE_CHECKING:
    from torch import Tensor

LED_IN, READ = 24, 24  # letters that are read before, so that there is a state, and those that it is tried on
TIME = "time"


def text_graph(run: TextRun, epoch: Epoch | None) -> Graph:
    """An epoch's network, or the best one's, tried on held-out text; on any letters where that is gone.

    Raises:
        RunError: that epoch was not kept.
    """
    import torch

    loaded = run.load(run.epoch_checkpoint(epoch), cpu())
    model, ids = loaded.model, _recorded(run, len(loaded.vocabulary))
    letter, numbered = ("byte", "") if loaded.vocabulary.is_bytes else ("letter", " by their number in `vocabulary`")
    with torch.inference_mode():
        state = model(ids[:, :LED_IN], model.initial_state(RECORDED))[1]
    before, after = ([f"{name}_{index}" for index in range(len(state))] for name in ("state", "next_state"))

    def call(ids: "Tensor", *state: "Tensor") -> "list[Tensor]":
        logits, later = model(ids, state)
        return [logits, *later]

    return Graph(
        model=model,
        call=call,
        inputs={"ids": ids[:, LED_IN:], **{name: one.clone() for name, one in zip(before, state, strict=True)}},
        outputs=["logits", *after],
        free={"ids": {0: BATCH, 1: TIME}, "logits": {0: BATCH, 1: TIME}}
        | {name: {1: BATCH} for name in before + after},
        about={
            "ids": f"int64 (batch, time): {letter}s{numbered}",
            **{name: _state_told(one) for name, one in zip(before, state, strict=True)},
            "logits": f"float32 (batch, time, {letter}s): of the {letter} after each",
            **dict.fromkeys(after, f"the state after the last {letter}, for what follows"),
        },
    )


def _state_told(state: "Tensor") -> str:
    kind = "int64" if state.dtype.is_floating_point is False else "float32"
    return f"{kind} ({state.shape[0]}, batch{''.join(f', {size}' for size in state.shape[2:])}): zeros before a text"


def _recorded(run: TextRun, letters: int) -> "Tensor":
    """Ids, shape (RECORDED, LED_IN + READ)."""
    import numpy as np
    import torch

    width = LED_IN + READ
    try:
        split = recorded_splits(run)[1]
    except DataError:
        split = None
    if split is None or split.stop - split.start < width:
        return torch.randint(letters, (RECORDED, width), generator=torch.Generator().manual_seed(1))
    starts = np.linspace(split.start, split.stop - width, RECORDED).astype(int).tolist()
    return torch.from_numpy(np.stack([split.corpus.read(start, start + width) for start in starts]).astype(np.int64))
