"""Why a gradient fades on its way back: what each step multiplies it with, in the cell that is there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from genmodels.analysis.gradients import Array, in_double, read_windows
from genmodels.analysis.unrolled import Moment, unroll
from genmodels.data.text.streams import Split
from genmodels.models.recurrent_lm import RecurrentLM

NEAR_ZERO = 0.1  # a factor below that is called so
BINS = 40  # of the factors' histogram, from 0 to 1
QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, eq=False)
class Steps:
    """What became of a gradient step by step, and what the steps are made of.

    The state s is the hidden one, h, of a tanh network and a GRU, and the cell c of an LSTM; a lag is T - t.

    Args:
        model: the cell: "rnn", "gru" or "lstm".
        state: "hidden" or "cell".
        real: |dL/ds_t| / |dL/ds_T| by lag, quartiles over the windows, shape (3, lags + 1).
        direct: likewise of what comes along the state itself, through its factors alone; None for a tanh network, which
            has no such way.
        through: likewise of the rest, which comes through the gates and the candidate; None for a tanh network.
        bound: what the real share can be at most, likewise; None but for a tanh network.
        histogram: share of the factors in each of `BINS` equal parts of 0 to 1.
        mean: of the factors.
        near_zero: share of them below `NEAR_ZERO`.
        singular_values: of the matrix U that takes h_{t-1} into the candidate, the largest first, shape (H,).
    """

    model: str
    state: str
    real: Array
    direct: Array | None
    through: Array | None
    bound: Array | None
    histogram: Array
    mean: float
    near_zero: float
    singular_values: Array


def steps_back(
    model: RecurrentLM, split: Split, windows: int, window: int, lags: int, advance: Callable[[int], None]
) -> Steps:
    """Take the way of the last character's gradient apart, in the last layer, over windows of a text.

    With a_t what goes into the tanh, and g_t = dL_T/ds_t:

    * tanh network, h_t = tanh(W x_t + U h_{t-1} + b): g_{t-1} = U' diag(tanh'(a_t)) g_t and nothing else. So
      |g_t| / |g_T| is at most the product over the steps of max tanh'(a) times the largest singular value of U
      (Pascanu et al. 2013, arXiv 1211.5063). The factors are tanh'(a) = 1 - h^2.
    * LSTM, c_t = f c_{t-1} + i g: along the cell g_{t-1} = f_t g_t, unit by unit; all else goes through h_{t-1} into
      the gates and the candidate. The factors are f.
    * GRU, h_t = (1 - z) n + z h_{t-1}: along the state g_{t-1} = z_t g_t; all else goes through the gates and n. The
      factors are z.

    What goes through is the difference of two gradients, so the shares of both ways need not add up to the whole.

    Computed on the CPU in float64.

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
    return _together(twin, [_way_back(twin, ids, lags) for ids in read_windows(split, windows, window, advance)])


def _together(model: RecurrentLM, found: "Sequence[_Found]") -> Steps:
    """What all windows gave."""
    shares = {name: np.concatenate([one.shares[name] for one in found]) for name in found[0].shares}
    spread = {name: np.quantile(values, QUARTILES, axis=0) for name, values in shares.items()}
    factors = np.concatenate([one.factors for one in found])
    return Steps(
        model=model.cell,
        state="cell" if model.cell == "lstm" else "hidden",
        real=spread["real"],
        direct=spread.get("direct"),
        through=spread.get("through"),
        bound=spread.get("bound"),
        histogram=np.histogram(factors, BINS, (0.0, 1.0))[0] / len(factors),
        mean=float(factors.mean()),
        near_zero=float((factors < NEAR_ZERO).mean()),
        singular_values=torch.linalg.svdvals(recurrent_matrix(model)).numpy(),
    )


def recurrent_matrix(model: RecurrentLM) -> Tensor:
    """U of the last layer's candidate, (H, H): in the GRU that of n, in the LSTM that of g, else the only one."""
    matrices, candidate = CANDIDATES[model.cell]
    return model.layers[-1].get_parameter("weight_hh_l0").detach().chunk(matrices)[candidate]


# As PyTorch orders them: of a GRU r, z, n, of an LSTM i, f, g, o.
CANDIDATES = {"rnn": (1, 0), "gru": (3, 2), "lstm": (4, 2)}


@dataclass(frozen=True, eq=False)
class _Found:
    """What some windows gave: shares by name, (B, lags + 1) each, and all factors, (N,)."""

    shares: dict[str, Array]
    factors: Array


def factor_of(cell: str, moment: Moment) -> Tensor:
    """What the state's own way multiplies a gradient with in one step, (B, H); see `steps_back`."""
    return 1.0 - moment.hidden.square() if cell == "rnn" else moment.gates["keep"]


def _way_back(model: RecurrentLM, ids: Tensor, lags: int) -> _Found:
    """Windows (B, T + 1)."""
    with torch.enable_grad():
        model.embedding.weight.requires_grad_()  # so that there is a graph at all
        nearest_first = unroll(model, ids[:, :-1])[-1][: -lags - 2 : -1]
        loss = functional.cross_entropy(model.readout(nearest_first[0].hidden), ids[:, -1], reduction="sum")
        states = [moment.hidden if moment.cell is None else moment.cell for moment in nearest_first]
        gradients = torch.stack(torch.autograd.grad(loss, states))  # (lags + 1, B, H), that at T first
    factors = torch.stack([factor_of(model.cell, moment).detach() for moment in nearest_first[:-1]])  # (lags, B, H)
    last = gradients[0].norm(dim=1)  # (B,)
    shares = {"real": gradients.norm(dim=2) / last}
    if model.cell == "rnn":
        largest = float(torch.linalg.matrix_norm(recurrent_matrix(model), ord=2))
        shares["bound"] = _products(factors.amax(dim=2) * largest)
    else:
        direct = _products(factors) * gradients[0]
        shares |= {"direct": direct.norm(dim=2) / last, "through": (gradients - direct).norm(dim=2) / last}
    return _Found({name: share.t().numpy() for name, share in shares.items()}, factors.flatten().numpy())


def _products(factors: Tensor) -> Tensor:
    """Of the first 0, 1, 2, ... factors along the first dimension."""
    return torch.cat([torch.ones_like(factors[:1]), factors.cumprod(dim=0)])
