"""The networks that listen in NumPy: the same distributions as `models/listener.py` gives. Needs no torch.

Shapes: one sound at a time; T frames, C channels, H units, V words.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from genmodels.models.layers import STRIDE, Layers
from genmodels.runs.checkpoint import Arrays

Array = NDArray[np.float32]
EPSILON = 1e-5  # of nn.LayerNorm


def log_distributions(weights: Arrays, layers: Layers, rows: Array) -> NDArray[np.float64]:
    """Log-probabilities of blank and of each word, every 20 ms.

    Args:
        weights: of a listener, by name.
        layers: which it has.
        rows: features, shape (T, F).

    Returns:
        Shape (ceil(T / 2), V + 1).
    """
    state = _frames(weights, "front.", rows, stride=STRIDE, dilation=1)
    for index, dilation in enumerate(layers.dilations):
        state = state + _frames(weights, f"blocks.{index}.layer.", state, stride=1, dilation=dilation)
    if layers.cell is not None:
        state = _recurrent(weights, layers, state)
    logits = (state @ weights["output.weight"].T + weights["output.bias"]).astype(np.float64)
    highest = logits.max(axis=1, keepdims=True)
    return np.asarray(logits - highest - np.log(np.exp(logits - highest).sum(axis=1, keepdims=True)))


def _frames(weights: Arrays, name: str, frames: Array, stride: int, dilation: int) -> Array:
    """Convolution over time, normalisation over channels, ReLU: `genmodels.models.listener.Frames`."""
    taps = weights[f"{name}taps.weight"][:, :, 0]  # (C, F, width)
    width = taps.shape[2]
    around = dilation * (width - 1) // 2
    padded = np.pad(frames, ((around, around), (0, 0)))
    first = np.arange(0, len(frames), stride)[:, None]
    seen = padded[first + dilation * np.arange(width)]  # (T / stride, width, F)
    out = seen.reshape(len(first), -1) @ taps.transpose(2, 1, 0).reshape(-1, len(taps))
    centred = out - out.mean(axis=1, keepdims=True)
    normal = centred / np.sqrt((centred * centred).mean(axis=1, keepdims=True) + np.float32(EPSILON))
    return np.asarray(np.maximum(normal * weights[f"{name}norm.weight"] + weights[f"{name}norm.bias"], 0.0))


def _recurrent(weights: Arrays, layers: Layers, state: Array) -> Array:
    assert layers.cell is not None
    forward = _run(weights, layers.cell, "", state)
    if not layers.both_ways:
        return forward
    return np.concatenate([forward, _run(weights, layers.cell, "_reverse", state[::-1])[::-1]], axis=1)


def _run(weights: Arrays, cell: str, direction: str, inputs: Array) -> Array:
    """One direction of a recurrent layer from a zero state, shape (T, H)."""
    of_input, of_state, bias, bias_of_state = (
        weights[f"recurrent.{kind}_l0{direction}"] for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    return _CELLS[cell](inputs @ of_input.T + bias, np.ascontiguousarray(of_state), bias_of_state)


def _lstm(inputs: Array, of_state: Array, bias: Array) -> Array:
    hidden = of_state.shape[1]
    h, c, out = np.zeros(hidden, np.float32), np.zeros(hidden, np.float32), np.empty((len(inputs), hidden), np.float32)
    for t, given in enumerate(inputs + bias):
        gates = given + of_state @ h  # input, forget, candidate, output
        sigmoids = _sigmoid(gates)
        c = sigmoids[hidden : 2 * hidden] * c + sigmoids[:hidden] * np.tanh(gates[2 * hidden : 3 * hidden])
        h = sigmoids[3 * hidden :] * np.tanh(c)
        out[t] = h
    return out


def _gru(inputs: Array, of_state: Array, bias: Array) -> Array:
    hidden = of_state.shape[1]
    h, out = np.zeros(hidden, np.float32), np.empty((len(inputs), hidden), np.float32)
    for t, given in enumerate(inputs):
        own = of_state @ h + bias
        reset, update = np.split(_sigmoid(given[: 2 * hidden] + own[: 2 * hidden]), 2)
        candidate = np.tanh(given[2 * hidden :] + reset * own[2 * hidden :])
        h = candidate + update * (h - candidate)
        out[t] = h
    return out


def _rnn(inputs: Array, of_state: Array, bias: Array) -> Array:
    h, out = np.zeros(of_state.shape[1], np.float32), np.empty((len(inputs), of_state.shape[1]), np.float32)
    for t, given in enumerate(inputs + bias):
        h = np.tanh(given + of_state @ h)
        out[t] = h
    return out


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x))


_CELLS: Mapping[str, Callable[[Array, Array, Array], Array]] = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}
