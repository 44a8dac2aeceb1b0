"""One character at a time in NumPy: the lean step that writes text on a CPU.

PyTorch's fused kernels are made for long sequences; called once per character their overhead is many times
the arithmetic. Here the input of the first layer is a table lookup (embedding times input weights, done
once), each layer is one matrix-vector product, and every buffer is reused. A sigmoid is computed as
(1 + tanh(x / 2)) / 2 with the halves folded into the weights, so that one tanh serves all gates.

Shapes: one text at a time works on vectors, (H,); a batch of N on matrices, (N, H).
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.runs.checkpoint import Arrays
from genmodels.settings.text import TextSettings

Array = NDArray[np.float32]
_EPSILON = 1e-5  # of nn.LayerNorm
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

    With A = V g, subtracting the mean of h from h is subtracting each row's mean from A, so
    logits = A' h / sqrt(var(h) + eps) + (V b + d). One more row gives the mean that the variance needs.
    """

    def __init__(self, weights: Arrays) -> None:
        linear, scale = weights["readout.linear.weight"], weights["readout.norm.weight"]
        scaled = linear * scale  # (V, H)
        self.share = 1.0 / scaled.shape[1]
        mean_row = np.full((1, scaled.shape[1]), self.share, np.float32)
        self.matrix = np.concatenate([scaled - scaled.mean(axis=1, keepdims=True), mean_row])
        self.bias = linear @ weights["readout.norm.bias"] + weights["readout.linear.bias"]
        self.vocabulary_size, self.hidden_size = scaled.shape

    def __call__(self, hidden: Array) -> Array:
        """Logits of shape (V,) or (N, V)."""
        product = apply_matrix(self.matrix, hidden)
        logits, mean = product[..., :-1], product[..., -1]
        if hidden.ndim == 1:  # plain numbers cost less than arrays of one
            logits *= 1.0 / math.sqrt(float(np.dot(hidden, hidden)) * self.share - float(mean) ** 2 + _EPSILON)
        else:
            variance = np.vecdot(hidden, hidden) * np.float32(self.share) - mean * mean
            logits /= np.sqrt(variance + np.float32(_EPSILON))[:, None]
        logits += self.bias
        return logits


class _RecurrentStep(Step):
    """What the three cells share: a buffer and the hidden units of each layer, the read-out."""

    def __init__(self, weights: Arrays, layers: int, width: int) -> None:
        self.readout = LeanReadout(weights)
        self.hidden_size, self.vocabulary_size = self.readout.hidden_size, self.readout.vocabulary_size
        self.layers, self.width = layers, width
        self.reset()

    def reset(self) -> None:
        """Forget everything; one text."""
        self.buffers = [np.zeros(self.width, np.float32) for _ in range(self.layers)]
        self.hidden = [np.zeros(self.hidden_size, np.float32) for _ in range(self.layers)]
        self._make_views()

    def repeat(self, rows: int) -> None:
        """Go on with `rows` copies of the present state, as a batch."""
        self.buffers = [np.repeat(buffer[None], rows, axis=0) for buffer in self.buffers]
        self.hidden = [np.repeat(hidden[None], rows, axis=0) for hidden in self.hidden]
        self._make_views()

    def _make_views(self) -> None:
        """Name the parts of the buffers, for a cell that has any."""


def apply_matrix(matrix: Array, x: Array, out: Array | None = None) -> Array:
    """A matrix (O, I) times one vector (I,), or times each of N rows (N, I); so one vector is read at full speed."""
    product: Array = np.dot(matrix, x, out=out) if x.ndim == 1 else np.matmul(x, matrix.T, out=out)
    return product


def _gate_order(matrix: Array, hidden_size: int) -> Array:
    """PyTorch's rows i, f, g, o -> o, i, f, g, the first three halved for the sigmoid."""
    i, f, g, o = (matrix[k * hidden_size : (k + 1) * hidden_size] for k in range(4))
    return np.concatenate([0.5 * o, 0.5 * i, 0.5 * f, g])


class LSTMStep(_RecurrentStep):
    """c = i * g + f * c, h = o * tanh(c).

    The gates of a layer and its cell state share one buffer, o i f g c, so that i * g and f * c are one product.
    """

    def __init__(self, weights: Arrays, layers: int) -> None:
        hidden = weights["readout.linear.weight"].shape[1]
        self.matrices: list[Array] = []  # layer 0: (4H, H); above: (4H, 2H) for [x; h]
        self.inputs: list[Array] = []  # layer 0: the table (V, 4H); above: the bias (4H,)
        for k in range(layers):
            w = _gate_order(weights[f"layers.{k}.weight_ih_l0"], hidden)
            u = _gate_order(weights[f"layers.{k}.weight_hh_l0"], hidden)
            bias = _gate_order(weights[f"layers.{k}.bias_ih_l0"] + weights[f"layers.{k}.bias_hh_l0"], hidden)
            self.matrices.append(u if k == 0 else np.concatenate([w, u], axis=1))
            self.inputs.append(weights["embedding.weight"] @ w.T + bias if k == 0 else bias)
        super().__init__(weights, layers, width=5 * hidden)

    def _make_views(self) -> None:
        size = self.hidden_size
        self.views = []
        for buffer, hidden in zip(self.buffers, self.hidden, strict=True):
            parts = [buffer[..., k * size : (k + 1) * size] for k in range(5)]
            z, sigmoids = buffer[..., : 4 * size], buffer[..., : 3 * size]
            both, other = buffer[..., size : 3 * size], buffer[..., 3 * size :]  # i, f and g, c
            self.views.append((z, sigmoids, both, other, parts[0], parts[4], hidden))
        self.products = np.empty_like(both)
        self.i_g, self.f_c = self.products[..., :size], self.products[..., size:]

    def next(self, ids: RowIds) -> Array:
        """Logits of the next character."""
        below = self.hidden[0]
        for k, (z, sigmoids, both, other, o, c, h) in enumerate(self.views):
            if k == 0:
                apply_matrix(self.matrices[0], h, z)
                np.add(z, self.inputs[0][ids], z)
            else:
                apply_matrix(self.matrices[k], np.concatenate((below, h), axis=-1), z)
                np.add(z, self.inputs[k], z)
            np.tanh(z, z)
            np.multiply(sigmoids, 0.5, sigmoids)
            np.add(sigmoids, 0.5, sigmoids)
            np.multiply(both, other, self.products)
            np.add(self.i_g, self.f_c, c)
            np.tanh(c, h)
            np.multiply(h, o, h)
            below = h
        return self.readout(below)


class TanhStep(_RecurrentStep):
    """h = tanh(W x + U h + b)."""

    def __init__(self, weights: Arrays, layers: int) -> None:
        self.matrices, self.inputs = [], []
        for k in range(layers):
            w, u = weights[f"layers.{k}.weight_ih_l0"], weights[f"layers.{k}.weight_hh_l0"]
            bias = weights[f"layers.{k}.bias_ih_l0"] + weights[f"layers.{k}.bias_hh_l0"]
            self.matrices.append(u if k == 0 else np.concatenate([w, u], axis=1))
            self.inputs.append(weights["embedding.weight"] @ w.T + bias if k == 0 else bias)
        super().__init__(weights, layers, width=0)

    def next(self, ids: RowIds) -> Array:
        """Logits of the next character."""
        below = self.hidden[0]
        for k, h in enumerate(self.hidden):
            z = apply_matrix(self.matrices[k], h if k == 0 else np.concatenate((below, h), axis=-1))
            z += self.inputs[k][ids] if k == 0 else self.inputs[k]
            below = np.tanh(z, h)
        return self.readout(below)


class GRUStep(_RecurrentStep):
    """n = tanh(W x + r * (U h + b)), h = (1 - z) * n + z * h; gates in the order r, z, n."""

    def __init__(self, weights: Arrays, layers: int) -> None:
        hidden = weights["readout.linear.weight"].shape[1]
        half = np.repeat(np.array([0.5, 0.5, 1.0], np.float32), hidden)
        self.own: list[Array] = []  # (3H, H)
        self.own_bias: list[Array] = []
        self.below: list[Array] = []  # above layer 0: (3H, H)
        self.inputs: list[Array] = []  # layer 0: the table (V, 3H); above: the bias (3H,)
        for k in range(layers):
            w, bias = weights[f"layers.{k}.weight_ih_l0"] * half[:, None], weights[f"layers.{k}.bias_ih_l0"] * half
            self.own.append(weights[f"layers.{k}.weight_hh_l0"] * half[:, None])
            self.own_bias.append(weights[f"layers.{k}.bias_hh_l0"] * half)
            self.below.append(w)
            self.inputs.append(weights["embedding.weight"] @ w.T + bias if k == 0 else bias)
        super().__init__(weights, layers, width=0)

    def next(self, ids: RowIds) -> Array:
        """Logits of the next character."""
        size, x = self.hidden_size, self.hidden[0]
        for k, h in enumerate(self.hidden):
            a = self.inputs[0][ids] if k == 0 else apply_matrix(self.below[k], x) + self.inputs[k]
            b = apply_matrix(self.own[k], h)
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
        self.above = [(weights[f"{n}.weight"], weights[f"{n}.bias"]) for n in names]
        self.readout = LeanReadout(weights)
        self.vocabulary_size = self.readout.vocabulary_size
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
            x = apply_matrix(matrix, np.tanh(x, out=x))
            x += bias
        return self.readout(np.tanh(x, out=x))


_STEPS: dict[str, Callable[[Arrays, int], Step]] = {
    "feedforward": FeedforwardStep,
    "rnn": TanhStep,
    "gru": GRUStep,
    "lstm": LSTMStep,
}
_GATES = {"rnn": 1, "gru": 3, "lstm": 4}


def weight_shapes(settings: TextSettings, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
    """The shape of every weight of the network that the settings describe."""
    v, e, h = vocabulary_size, settings.embedding_size, settings.hidden_size
    readout = {"norm.weight": (h,), "norm.bias": (h,), "linear.weight": (v, h), "linear.bias": (v,)}
    shapes: dict[str, tuple[int, ...]] = {f"readout.{name}": shape for name, shape in readout.items()}
    gates = _GATES.get(settings.model)
    shapes["embedding.weight"] = (v + 1, e) if gates is None else (v, e)  # the feedforward one has a padding row
    for k in range(settings.layers):
        if gates is None:
            shapes[f"layers.{k}.weight"] = (h, settings.context * e if k == 0 else h)
            shapes[f"layers.{k}.bias"] = (h,)
            continue
        shapes[f"layers.{k}.weight_ih_l0"] = (gates * h, e if k == 0 else h)
        shapes[f"layers.{k}.weight_hh_l0"] = (gates * h, h)
        shapes |= {f"layers.{k}.bias_{side}_l0": (gates * h,) for side in ("ih", "hh")}
    return shapes


def step_of(settings: TextSettings, weights: Arrays, vocabulary_size: int) -> Step:
    """The lean step of a trained model.

    Args:
        settings: which model it is.
        weights: its state_dict as arrays.
        vocabulary_size: V.

    Raises:
        ValueError: the weights are not those of such a model.
    """
    wanted = weight_shapes(settings, vocabulary_size)
    found = {name: array.shape for name, array in weights.items()}
    wrong = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if wrong:
        raise ValueError(f"{wrong[0]} has shape {found.get(wrong[0])} instead of {wanted.get(wrong[0])}")
    return _STEPS[settings.model](weights, settings.layers)
