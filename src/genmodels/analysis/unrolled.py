"""Recurrent layers one step at a time, with the weights of the fused ones: what the kernels hide can be looked at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genmodels.models.recurrent_lm import RecurrentLM
from genmodels.telling import Advance, silent


@dataclass(frozen=True)
class Moment:
    """What one layer holds after one character.

    Args:
        hidden: h_t, shape (B, H).
        cell: c_t of an LSTM, shape (B, H); None elsewhere.
        gates: each gate by its name, shape (B, H), between 0 and 1; empty for the tanh network.
    """

    hidden: Tensor
    cell: Tensor | None
    gates: dict[str, Tensor]


def _tanh_step(of_input: Tensor, of_hidden: Tensor, before: Moment) -> Moment:
    """h_t = tanh(W x_t + U h_{t-1} + b)."""
    del before
    return Moment(torch.tanh(of_input + of_hidden), None, {})


def _gru_step(of_input: Tensor, of_hidden: Tensor, before: Moment) -> Moment:
    """h_t = (1 - z) * n + z * h_{t-1}, with n = tanh(W x_t + b + r * (U h_{t-1} + b'))."""
    input_r, input_z, input_n = of_input.chunk(3, dim=-1)
    hidden_r, hidden_z, hidden_n = of_hidden.chunk(3, dim=-1)
    r, z = torch.sigmoid(input_r + hidden_r), torch.sigmoid(input_z + hidden_z)
    n = torch.tanh(input_n + r * hidden_n)
    return Moment((1.0 - z) * n + z * before.hidden, None, {"keep": z, "reset": r})


def _lstm_step(of_input: Tensor, of_hidden: Tensor, before: Moment) -> Moment:
    """c_t = f * c_{t-1} + i * g, h_t = o * tanh(c_t): the gates f keep, i write and o read the cell."""
    assert before.cell is not None
    i, f, g, o = (of_input + of_hidden).chunk(4, dim=-1)
    write, keep, read = torch.sigmoid(i), torch.sigmoid(f), torch.sigmoid(o)
    cell = keep * before.cell + write * torch.tanh(g)
    return Moment(read * torch.tanh(cell), cell, {"keep": keep, "write": write, "read": read})


STEPS: dict[str, Callable[[Tensor, Tensor, Moment], Moment]] = {
    "rnn": _tanh_step,
    "gru": _gru_step,
    "lstm": _lstm_step,
}


def unroll(model: RecurrentLM, ids: Tensor, advance: Advance = silent) -> list[list[Moment]]:
    """Read windows of text from an empty state, without dropout, and keep what each layer holds at each step.

    Every h_t and c_t is a tensor of its own in the graph, so that a loss can be differentiated with respect to it.

    Args:
        model: any recurrent model.
        ids: int64 of shape (B, T).
        advance: is told of each step of each layer.

    Returns:
        A list of T moments for each layer, the first layer first; the logits are `model.readout` of the last one's h.
    """
    x = model.embedding(ids.t())  # (T, B, E)
    layers = []
    for layer in model.layers:
        moments = list(_unroll_layer(model.cell, layer, x, advance))
        x = torch.stack([moment.hidden for moment in moments])  # (T, B, H)
        layers.append(moments)
    return layers


def _unroll_layer(kind: str, layer: nn.Module, x: Tensor, advance: Advance) -> Iterator[Moment]:
    """One layer's moments over inputs (T, B, I)."""
    into, inside = layer.get_parameter("weight_ih_l0"), layer.get_parameter("weight_hh_l0")
    of_inputs = x @ into.t() + layer.get_parameter("bias_ih_l0")  # (T, B, gates H), all steps at once
    bias, zeros = layer.get_parameter("bias_hh_l0"), x.new_zeros(x.shape[1], inside.shape[1])
    moment = Moment(zeros, zeros, {})
    for of_input in of_inputs:
        moment = STEPS[kind](of_input, moment.hidden @ inside.t() + bias, moment)
        advance(1)
        yield moment
