"""The same step by calling the network once per character: for other devices, and as the oracle."""

import numpy as np
import torch

from genmodels.models.language_model import LanguageModel, State
from genmodels.sampling.steps import Array, RowIds, Step


class TorchStep(Step):
    """Calls `LanguageModel.forward` with T = 1.

    Args:
        model: in evaluation mode, on its device.
    """

    def __init__(self, model: LanguageModel) -> None:
        self.model, self.vocabulary_size = model, model.vocabulary_size
        self.device = next(model.parameters()).device
        self.reset()

    def reset(self) -> None:
        """Forget everything; one text."""
        self.batched = False
        self.state: State = self.model.initial_state(1)

    def repeat(self, rows: int) -> None:
        """Go on with copies of the present state; the batch is dimension 1 of each tensor."""
        self.batched = True
        self.state = tuple(s.repeat_interleave(rows, dim=1) for s in self.state)

    @torch.no_grad()
    def next(self, ids: RowIds) -> Array:
        """Logits of the next character, shape (V,) or (N, V)."""
        rows = torch.from_numpy(np.atleast_1d(np.asarray(ids, np.int64))).to(self.device)
        logits, self.state = self.model(rows[:, None], self.state)
        found: Array = logits[:, 0].float().cpu().numpy()
        return found if self.batched else found[0]
