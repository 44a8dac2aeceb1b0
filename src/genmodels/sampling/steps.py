"""One character at a time in NumPy: the lean step that writes text on a CPU.

PyTorch's fused kernels are made for long sequences; called once per character their overhead is many times
the arithmetic. Here the input of the first layer is a table lookup (embedding times input weights, done
once), each layer is one matrix-vector product, and every buffer is reused. A sigmoid is computed as
(1 + tanh(x / 2)) / 2 with the halves folded into the weights, so that one tanh serves all gates.

Shapes: one text at a time works on vectors, (H,); a batch of N on matrices, (N, H).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.checkpoint import Arrays
from genmodels.settings import TextSettings

Array = NDArray[np.float32]
_EPSILON = np.float32(1e-5)  # of nn.LayerNorm
RowIds = Any  # an int for one text, an int array of shape (N,) for a batch


class Step(ABC):
    """Feeds characters to a model one by one and keeps its state."""

    vocabulary_size: int

    @abstractmethod
    def reset(self) -> None:
        """Forget everything; one text."""

    @abstractmethod
    def repeat(self, rows: int) -> None:
        """Go on with `rows` copies of the present state, as a batch."""

    @abstractmethod
    def next(self, ids: RowIds) -> Array:
        """Logits of the next character, shape (V,) or (N, V); valid until the next call."""


class LeanReadout:
    """Layer normalisation and the linear map as one matrix product.

    With A = g V^T, subtracting the mean of h from h is subtracting each column's mean from A, so
    logits = h A' / sqrt(var(h) + eps) + (b V^T + d).
    """

    def __init__(self, weights: Arrays) -> None:
        scaled = weights["readout.linear.weight"].T * weights["readout.norm.weight"][:, None]  # (H, V)
        self.matrix = np.ascontiguousarray(scaled - scaled.mean(axis=0))
        self.bias = weights["readout.linear.weight"] @ weights["readout.norm.bias"] + weights["readout.linear.bias"]
        self.share = np.float32(1.0 / len(scaled))

    def __call__(self, hidden: Array) -> Array:
        """Logits of shape (V,) or (N, V)."""
        logits: Array = np.dot(hidden, self.matrix)
        mean = np.add.reduce(hidden, axis=-1, keepdims=True) * self.share
        squares = np.vecdot(hidden, hidden)[..., None] * self.share
        logits *= 1.0 / np.sqrt(squares - mean * mean + _EPSILON)
        logits += self.bias
        return logits


class _RecurrentStep(Step):
    """What the three cells share: the table of the first layer, the states, the read-out."""

    def __init__(self, weights: Arrays, layers: int, states: int) -> None:
        self.readout = LeanReadout(weights)
        self.hidden_size, self.vocabulary_size = self.readout.matrix.shape
        self.layers, self.states_per_layer = layers, states
        self.reset()

    def reset(self) -> None:
        count = self.layers * self.states_per_layer
        self.states = [np.zeros(self.hidden_size, np.float32) for _ in range(count)]
        self._make_buffers(())

    def repeat(self, rows: int) -> None:
        self.states = [np.repeat(state[None], rows, axis=0) for state in self.states]
        self._make_buffers((rows,))

    def _make_buffers(self, shape: tuple[int, ...]) -> None:
        """Room for what a step computes, for one text or a batch."""


def _gate_order(matrix: Array, hidden_size: int) -> Array:
    """PyTorch's rows i, f, g, o -> i, f, o, g, the first three halved for the sigmoid."""
    i, f, g, o = (matrix[k * hidden_size : (k + 1) * hidden_size] for k in range(4))
    return np.concatenate([0.5 * i, 0.5 * f, 0.5 * o, g])


class LSTMStep(_RecurrentStep):
    """c = f * c + i * g, h = o * tanh(c)."""

    def __init__(self, weights: Arrays, layers: int) -> None:
        hidden = weights["readout.linear.weight"].shape[1]
        self.matrices: list[Array] = []  # layer 0: (H, 4H); above: (2H, 4H) for [x; h]
        self.inputs: list[Array] = []  # layer 0: the table (V, 4H); above: the bias (4H,)
        for k in range(layers):
            w = _gate_order(weights[f"layers.{k}.weight_ih_l0"], hidden)
            u = _gate_order(weights[f"layers.{k}.weight_hh_l0"], hidden)
            bias = _gate_order(weights[f"layers.{k}.bias_ih_l0"] + weights[f"layers.{k}.bias_hh_l0"], hidden)
            self.matrices.append(np.ascontiguousarray(u.T if k == 0 else np.concatenate([w, u], axis=1).T))
            self.inputs.append(weights["embedding.weight"] @ w.T + bias if k == 0 else bias)
        super().__init__(weights, layers, states=2)

    def _make_buffers(self, shape: tuple[int, ...]) -> None:
        size = self.hidden_size
        z = np.empty((*shape, 4 * size), np.float32)
        self.z, self.sigmoids = z, z[..., : 3 * size]
        self.i, self.f, self.o, self.g = (z[..., k * size : (k + 1) * size] for k in range(4))
        self.below_and_own = np.empty((*shape, 2 * size), np.float32)

    def next(self, ids: RowIds) -> Array:
        """Logits of the next character."""
        z, x = self.z, self.states[0]
        for k in range(self.layers):
            h, c = self.states[2 * k], self.states[2 * k + 1]
            if k == 0:
                np.dot(h, self.matrices[0], out=z)
                z += self.inputs[0][ids]
            else:
                np.concatenate((x, h), axis=-1, out=self.below_and_own)
                np.dot(self.below_and_own, self.matrices[k], out=z)
                z += self.inputs[k]
            np.tanh(z, out=z)
            self.sigmoids *= 0.5
            self.sigmoids += 0.5
            c *= self.f
            self.g *= self.i
            c += self.g
            np.tanh(c, out=h)
            h *= self.o
            x = h
        return self.readout(x)


class TanhStep(_RecurrentStep):
    """h = tanh(W x + U h + b)."""

    def __init__(self, weights: Arrays, layers: int) -> None:
        self.matrices, self.inputs = [], []
        for k in range(layers):
            w, u = weights[f"layers.{k}.weight_ih_l0"], weights[f"layers.{k}.weight_hh_l0"]
            bias = weights[f"layers.{k}.bias_ih_l0"] + weights[f"layers.{k}.bias_hh_l0"]
            self.matrices.append(np.ascontiguousarray(u.T if k == 0 else np.concatenate([w, u], axis=1).T))
            self.inputs.append(weights["embedding.weight"] @ w.T + bias if k == 0 else bias)
        super().__init__(weights, layers, states=1)

    def next(self, ids: RowIds) -> Array:
        """Logits of the next character."""
        x = self.states[0]
        for k, h in enumerate(self.states):
            source = h if k == 0 else np.concatenate((x, h), axis=-1)
            z = np.dot(source, self.matrices[k])
            z += self.inputs[k][ids] if k == 0 else self.inputs[k]
            x = np.tanh(z, out=h)
        return self.readout(x)


class GRUStep(_RecurrentStep):
    """n = tanh(W x + r * (U h + b)), h = (1 - z) * n + z * h; gates in the order r, z, n."""

    def __init__(self, weights: Arrays, layers: int) -> None:
        hidden = weights["readout.linear.weight"].shape[1]
        half = np.repeat(np.array([0.5, 0.5, 1.0], np.float32), hidden)
        self.own: list[Array] = []  # (H, 3H)
        self.own_bias: list[Array] = []
        self.below: list[Array] = []  # above layer 0: (H, 3H)
        self.inputs: list[Array] = []  # layer 0: the table (V, 3H); above: the bias (3H,)
        for k in range(layers):
            w, bias = weights[f"layers.{k}.weight_ih_l0"].T * half, weights[f"layers.{k}.bias_ih_l0"] * half
            self.own.append(np.ascontiguousarray(weights[f"layers.{k}.weight_hh_l0"].T * half))
            self.own_bias.append(weights[f"layers.{k}.bias_hh_l0"] * half)
            self.below.append(np.ascontiguousarray(w))
            self.inputs.append(weights["embedding.weight"] @ w + bias if k == 0 else bias)
        super().__init__(weights, layers, states=1)

    def next(self, ids: RowIds) -> Array:
        """Logits of the next character."""
        size, x = self.hidden_size, self.states[0]
        for k, h in enumerate(self.states):
            a = self.inputs[0][ids] if k == 0 else np.dot(x, self.below[k]) + self.inputs[k]
            b = np.dot(h, self.own[k])
            b += self.own_bias[k]
            gates = np.tanh(a[..., : 2 * size] + b[..., : 2 * size])
            gates *= 0.5
            gates += 0.5
            n = b[..., 2 * size :] * gates[..., :size]
            n += a[..., 2 * size :]
            np.tanh(n, out=n)
            np.subtract(h, n, out=h)
            np.multiply(h, gates[..., size:], out=h)
            x = np.add(h, n, out=h)
        return self.readout(x)


class FeedforwardStep(Step):
    """tanh layers over the last n characters; the first layer is n table lookups and a sum."""

    def __init__(self, weights: Arrays, layers: int) -> None:
        first, embedding = weights["layers.0.weight"], weights["embedding.weight"]
        self.context = first.shape[1] // embedding.shape[1]
        pieces = np.split(first, self.context, axis=1)  # each (H, E)
        self.tables = np.stack([embedding @ piece.T for piece in pieces])  # (n, V + 1, H)
        self.places = np.arange(self.context)
        self.first_bias = weights["layers.0.bias"]
        names = [f"layers.{k}" for k in range(1, layers)]
        self.above = [(np.ascontiguousarray(weights[f"{n}.weight"].T), weights[f"{n}.bias"]) for n in names]
        self.readout = LeanReadout(weights)
        self.vocabulary_size = self.readout.matrix.shape[1]
        self.reset()

    def reset(self) -> None:
        """Forget everything; one text."""
        self.seen = np.zeros(self.context, np.int64)  # row 0 is padding

    def repeat(self, rows: int) -> None:
        """Go on with copies of the characters seen, as a batch."""
        self.seen = np.repeat(self.seen[None], rows, axis=0)

    def next(self, ids: RowIds) -> Array:
        """Logits of the next character."""
        self.seen[..., :-1] = self.seen[..., 1:]
        self.seen[..., -1] = ids + 1
        x: Array = self.tables[self.places, self.seen].sum(axis=-2)
        x += self.first_bias
        for matrix, bias in self.above:
            x = np.dot(np.tanh(x, out=x), matrix)
            x += bias
        return self.readout(np.tanh(x, out=x))


_STEPS: dict[str, Callable[[Arrays, int], Step]] = {
    "feedforward": FeedforwardStep,
    "rnn": TanhStep,
    "gru": GRUStep,
    "lstm": LSTMStep,
}


def step_of(settings: TextSettings, weights: Arrays) -> Step:
    """The lean step of a trained model.

    Args:
        settings: which model it is.
        weights: its state_dict as arrays.
    """
    return _STEPS[settings.model](weights, settings.layers)
