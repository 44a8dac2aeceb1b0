"""How far back a loss reaches: the gradient of the last step's loss with respect to each earlier state."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from genmodels.analysis.unrolled import unroll
from genmodels.data.text.streams import Split
from genmodels.errors import DataError
from genmodels.models.recurrent_lm import RecurrentLM
from genmodels.models.weights import unfilled
from genmodels.telling import counted

Array = NDArray[np.float64]
AT_ONCE = 16  # windows differentiated together, which bounds the memory
RATIO_LAGS = (10, 50, 100)


@dataclass(frozen=True)
class Fading:
    """The norm of a gradient against the distance it has come.

    Args:
        model: the cell: "rnn", "gru" or "lstm".
        quantity: "hidden" for dL_T/dh_t, "cell" for dL_T/dc_t.
        quartiles: lower quartile, median and upper quartile over the windows, shape (3, lags + 1); column k is lag
            k = T - t.
    """

    model: str
    quantity: str
    quartiles: Array

    @property
    def median(self) -> Array:
        """Over the windows, by lag."""
        middle: Array = self.quartiles[1]
        return middle

    def ratio(self, lag: int) -> float | None:
        """The median at a lag, as a share of that at lag 1; None beyond the last lag, or where that is 0."""
        known = lag < len(self.median) and self.median[1] > 0.0
        return float(self.median[lag] / self.median[1]) if known else None

    def to_record(self) -> dict[str, float | str | None]:
        """The names used in ``--json``."""
        ratios = {f"ratio_at_{lag}": self.ratio(lag) for lag in RATIO_LAGS}
        return {"model": self.model, "quantity": self.quantity, **ratios}


def fading(
    model: RecurrentLM, split: Split, windows: int, window: int, lags: int, advance: Callable[[int], None]
) -> list[Fading]:
    """Norms of dL_T/dh_t, and of dL_T/dc_t for an LSTM, over windows of a text.

    L_T is the negative log-likelihood at the last step of a window alone; h_t and c_t are those of the last layer.
    Where the network is h_t = tanh(W x_t + U h_{t-1} + b), the gradient is a product of Jacobians diag(1 - h^2) U,
    which shrinks or grows by a factor each step (Hochreiter 1991; Bengio et al. 1994; Pascanu et al. 2013, arXiv
    1211.5063). An LSTM's cell is carried by the keep gate: dc_t/dc_{t-1} = diag(f_t) along the cell alone.

    Computed on the CPU in float64, so that what has faded is not rounded to zero.

    Args:
        model: recurrent; a copy of it is used.
        split: text to take the windows from, evenly spaced.
        windows: how many, each from an empty state.
        window: T, characters of each.
        lags: the largest distance T - t, below `window`.
        advance: is told the number of windows done.

    Raises:
        DataError: the text is too short.
    """
    twin = in_double(model)
    norms = [_norms(twin, ids, lags) for ids in read_windows(split, windows, window, advance)]
    quartiles = np.quantile(np.concatenate(norms, axis=1), (0.25, 0.5, 0.75), axis=1)  # (3, quantities, lags + 1)
    quantities = ("hidden", "cell")[: quartiles.shape[1]]
    return [Fading(model.cell, quantity, quartiles[:, index]) for index, quantity in enumerate(quantities)]


def read_windows(split: Split, windows: int, window: int, advance: Callable[[int], None]) -> Iterator[Tensor]:
    """Windows of a text with the character after each, evenly spaced, `AT_ONCE` at most: int64, (B, T + 1).

    Args:
        split: the text.
        windows: how many.
        window: T, characters of each.
        advance: is told the number of windows that are done with, as the next ones are asked for.

    Raises:
        DataError: the text is too short.
    """
    if len(split) < window + windows:
        has = counted(len(split), split.corpus.vocabulary.symbol)
        raise DataError(
            f"the text has {has}, too few for {windows} windows of {window}",
            f"at least {window + windows:,} are needed; a smaller --window needs fewer.",
        )
    starts = np.linspace(split.start, split.stop - window - 1, windows).astype(np.int64)
    for some in np.array_split(starts, math.ceil(windows / AT_ONCE)):
        ids = np.stack([split.corpus.read(int(start), int(start) + window + 1) for start in some])
        yield torch.from_numpy(ids).long()
        advance(len(some))


def in_double(model: RecurrentLM) -> RecurrentLM:
    """The same network in float64 on the CPU."""
    sizes = (model.vocabulary_size, model.cell, len(model.layers), model.hidden_size)
    twin = unfilled(lambda: RecurrentLM(*sizes, model.embedding.embedding_dim, 0.0, 0.0))
    twin.load_state_dict({name: tensor.cpu() for name, tensor in model.state_dict().items()})
    return twin.double().eval().requires_grad_(requires_grad=False)


def _norms(model: RecurrentLM, ids: Tensor, lags: int) -> Array:
    """Norms by quantity, window and lag, shape (1 or 2, B, lags + 1), for windows (B, T + 1)."""
    with torch.enable_grad():
        model.embedding.weight.requires_grad_()  # so that there is a graph at all
        moments = unroll(model, ids[:, :-1])[-1]
        loss = functional.cross_entropy(model.readout(moments[-1].hidden), ids[:, -1], reduction="sum")
        nearest_first = moments[: -lags - 2 : -1]
        states = [moment.hidden for moment in nearest_first]
        states += [moment.cell for moment in nearest_first if moment.cell is not None]
        gradients = torch.autograd.grad(loss, states)
    norms = torch.stack([gradient.norm(dim=1) for gradient in gradients])  # (quantities (lags + 1), B)
    by_quantity: Array = norms.view(-1, lags + 1, len(ids)).transpose(1, 2).numpy()
    return by_quantity
