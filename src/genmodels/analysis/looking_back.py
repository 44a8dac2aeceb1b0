"""How far back each guess of a passage looks: the gradient of its loss with respect to each earlier letter."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from genmodels.models.language_model import LanguageModel, State

Array = NDArray[np.float64]


def looking_back(model: LanguageModel, ids: NDArray[np.integer], first: int, lags: int) -> Array:
    """|dL_t / de_s|: how much the loss of letter t would change with the embedding of each letter s before it.

    The state from which the `lags` letters before t are read is carried through all letters before them, and counts
    as given. The gradient says what the guess depends on near this text; a letter on which it does not depend has 0.

    Args:
        model: any; computed on the CPU in float32.
        ids: shape (N,), of a text.
        first: the first letter whose guess is looked at, at least `lags`.
        lags: how many letters before it.

    Returns:
        Shape (N - first, lags): the nearest letter first.
    """
    assert lags <= first < len(ids)
    model = model.cpu().eval()
    rows = torch.from_numpy(ids.astype(np.int64))
    starts = list(range(first - lags, len(ids) - lags))  # where each window begins
    windows = torch.stack([rows[start : start + lags] for start in starts])  # (B, lags)
    state = _states_at(model, rows, starts)
    embedded: list[Tensor] = []
    embedding = model.get_submodule("embedding")
    hook = embedding.register_forward_hook(lambda _module, _inputs, output: embedded.append(output))
    try:
        with torch.enable_grad():
            logits, _ = model(windows, state)
            loss = functional.cross_entropy(logits[:, -1], rows[first:], reduction="sum")
            (gradient,) = torch.autograd.grad(loss, embedded[0])  # (padding and lags, B, E)
    finally:
        hook.remove()
    reach: Array = gradient[-lags:].norm(dim=2).t().flip(1).double().numpy()
    return reach


@torch.no_grad()
def _states_at(model: LanguageModel, ids: Tensor, starts: list[int]) -> State:
    """The state before each of some letters, side by side: the batch is dimension 1."""
    wanted, found = set(starts), []
    state = model.initial_state(1)
    for place in range(max(starts) + 1):
        if place in wanted:
            found.append(state)
        _, state = model(ids[None, place : place + 1], state)
    return tuple(torch.cat(parts, dim=1) for parts in zip(*found, strict=True))
