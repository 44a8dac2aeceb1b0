"""Weights as a page holds them: the smallest encoding in which the network still does the same."""

import base64
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.families.alive import Network, Weights

Array = NDArray[np.float32]
INT8_ERROR, FLOAT16_ERROR = 0.02, 0.01  # of a logit, at most
INT8_LARGEST, INT12_LARGEST, INT16_LARGEST = 127, 2047, 32767


@dataclass(frozen=True)
class Packed:
    """A network as a page holds it.

    Args:
        name: of the network.
        encoding: one of `ENCODINGS`.
        error: the largest difference of a logit that it brings.
        arrays: by name: shape, base64 of the numbers, and of those by rows base64 of a scale for each row.
    """

    name: str
    encoding: str
    error: float
    arrays: Mapping[str, Mapping[str, Any]]

    def to_record(self) -> dict[str, Any]:
        """For the page's script."""
        return {"name": self.name, "encoding": self.encoding, "error": self.error, "arrays": self.arrays}


def _base64(array: NDArray[Any]) -> str:
    """In the byte order of the page."""
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return base64.b64encode(np.ascontiguousarray(little).tobytes()).decode("ascii")


def _scales(array: Array, largest: int) -> Array:
    """What a step of whole numbers is worth in each row, shape (rows,)."""
    rows = array.reshape(array.shape[0], -1)
    scales: Array = (np.abs(rows).max(axis=1) / largest).astype(np.float32)
    return np.where(scales > 0, scales, np.float32(1.0))


def _pack_by_rows(array: Array, kind: str, largest: int) -> dict[str, Any]:
    if array.ndim < 2:  # biases are few, and count for much
        return _pack_float32(array)
    scales = _scales(array, largest)
    steps = np.rint(array.reshape(len(array), -1) / scales[:, None]).astype(np.int32)
    held = _in_pairs(steps) if kind == "int12" else steps.astype(_DTYPES[kind])
    return {"shape": array.shape, "kind": kind, "numbers": _base64(held), "scales": _base64(scales)}


def _in_pairs(steps: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Whole numbers from -2048 to 2047, two in three bytes: the low eight bits of both around four of each."""
    low, high = np.pad(steps.ravel() & 0xFFF, (0, steps.size % 2)).reshape(-1, 2).T
    return np.stack([low & 0xFF, low >> 8 | (high & 0xF) << 4, high >> 4], axis=1).astype(np.uint8)


def _of_pairs(raw: NDArray[np.uint8], count: int) -> NDArray[np.int32]:
    """Those numbers again, without the last one where an odd number of them was packed."""
    first, middle, last = raw.reshape(-1, 3).astype(np.int32).T
    steps = np.stack([first | (middle & 0xF) << 8, middle >> 4 | last << 4], axis=1).ravel()[:count]
    return np.where(steps > INT12_LARGEST, steps - 4096, steps)


def _pack_float16(array: Array) -> dict[str, Any]:
    return {"shape": array.shape, "kind": "float16", "numbers": _base64(array.astype(np.float16))}


def _pack_float32(array: Array) -> dict[str, Any]:
    return {"shape": array.shape, "kind": "float32", "numbers": _base64(array)}


_DTYPES = {"int8": "<i1", "int12": "u1", "int16": "<i2", "float16": "<f2", "float32": "<f4"}


def unpacked(packed: Mapping[str, Any]) -> Array:
    """The numbers that the page's script gets out of one array."""
    raw = np.frombuffer(base64.b64decode(packed["numbers"]), _DTYPES[packed["kind"]])
    numbers = (_of_pairs(raw, math.prod(packed["shape"])) if packed["kind"] == "int12" else raw).astype(np.float32)
    if "scales" in packed:
        scales = np.frombuffer(base64.b64decode(packed["scales"]), "<f4")
        numbers = (numbers.reshape(len(scales), -1) * scales[:, None]).ravel()
    return numbers.reshape(packed["shape"])


ENCODINGS: Mapping[str, tuple[Callable[[Array], dict[str, Any]], float]] = {
    "int8 by rows": (partial(_pack_by_rows, kind="int8", largest=INT8_LARGEST), INT8_ERROR),
    "int12 by rows": (partial(_pack_by_rows, kind="int12", largest=INT12_LARGEST), FLOAT16_ERROR),
    "float16": (_pack_float16, FLOAT16_ERROR),
    "int16 by rows": (partial(_pack_by_rows, kind="int16", largest=INT16_LARGEST), FLOAT16_ERROR),
    "float32": (_pack_float32, math.inf),
}
"""What is tried, the smallest first, with the error of a logit from which on the next is tried.

int16 by rows is as large as float16 and lies nearer to most weights; it holds networks whose logits are large, as
those of a GAN's dark corners are.
"""


def pack(network: Network) -> Packed:
    """A network in the smallest encoding that changes no logit by more than it may.

    The network is run with the weights as the page will decode them; float32 is what it was trained in.
    """
    for encoding, (packing, most) in ENCODINGS.items():
        with np.errstate(over="ignore"):  # beyond float16: the next encoding holds it
            arrays = {name: packing(np.asarray(array, np.float32)) for name, array in network.weights.items()}
        decoded: Weights = {name: unpacked(array) for name, array in arrays.items()}
        error = _error(network, decoded)
        if error < most or most == math.inf:
            return Packed(network.name, encoding, error, arrays)
    raise AssertionError("float32 holds every network")


def _error(network: Network, decoded: Weights) -> float:
    finite = all(np.isfinite(array).all() for array in decoded.values())
    error = network.differs(decoded) if finite else math.inf
    return math.inf if math.isnan(error) else error
