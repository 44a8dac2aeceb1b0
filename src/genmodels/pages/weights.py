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
LARGE = 250_000  # numbers: of a network with more it is worth the time to find how many bits each array needs
FEWEST_BITS, TRIED_BITS, MOST_BITS = 8, 10, 16
FINER = 0.25  # bits more that all arrays get until the error is small enough


@dataclass(frozen=True)
class Packed:
    """A network as a page holds it.

    Args:
        name: of the network.
        encoding: one of `ENCODINGS`, or how many bits its arrays have.
        error: the largest difference of a logit that it brings.
        arrays: by name: shape, base64 of the numbers, and of those by rows base64 of a scale for each row.
    """

    name: str
    encoding: str
    error: float
    arrays: Mapping[str, Mapping[str, Any]]

    @property
    def size(self) -> int:
        """Letters that its numbers take."""
        return sum(len(array["numbers"]) for array in self.arrays.values())

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


def _pack_by_rows(array: Array, bits: int) -> dict[str, Any]:
    if array.ndim < 2:  # biases are few, and count for much
        return _pack_float32(array)
    scales = _scales(array, 2 ** (bits - 1) - 1)
    steps = np.rint(array.reshape(len(array), -1) / scales[:, None]).astype(np.int16)
    held = {"kind": "int", "bits": bits, "numbers": _base64(_in_bits(steps, bits)), "scales": _base64(scales)}
    return {"shape": array.shape, **held}


def _in_bits(steps: NDArray[np.int16], bits: int) -> NDArray[np.uint8]:
    """The lowest bits of whole numbers one after the other, of each the lowest first, up to whole bytes."""
    every = np.unpackbits(steps.astype("<i2").view(np.uint8).reshape(-1, 2), axis=1, bitorder="little")
    return np.packbits(every[:, :bits], bitorder="little")


def _of_bits(raw: NDArray[np.uint8], count: int, bits: int) -> NDArray[np.int32]:
    """Those numbers again."""
    every = np.unpackbits(raw, bitorder="little")[: count * bits].reshape(count, bits)
    numbers = np.zeros(count, np.int32)
    for bit in range(bits):
        worth = -(1 << bit) if bit == bits - 1 else 1 << bit  # the highest is the sign
        numbers += every[:, bit] * np.int32(worth)
    return numbers


def _pack_float16(array: Array) -> dict[str, Any]:
    return {"shape": array.shape, "kind": "float16", "numbers": _base64(array.astype(np.float16))}


def _pack_float32(array: Array) -> dict[str, Any]:
    return {"shape": array.shape, "kind": "float32", "numbers": _base64(array)}


_DTYPES = {"int": "u1", "float16": "<f2", "float32": "<f4"}


def unpacked(packed: Mapping[str, Any]) -> Array:
    """The numbers that the page's script gets out of one array."""
    raw = np.frombuffer(base64.b64decode(packed["numbers"]), _DTYPES[packed["kind"]])
    if packed["kind"] != "int":
        return raw.astype(np.float32).reshape(packed["shape"])
    steps = _of_bits(raw, math.prod(packed["shape"]), packed["bits"])
    scales = np.frombuffer(base64.b64decode(packed["scales"]), "<f4")
    numbers: Array = (steps.astype(np.float32).reshape(len(scales), -1) * scales[:, None]).reshape(packed["shape"])
    return numbers


ENCODINGS: Mapping[str, tuple[Callable[[Array], dict[str, Any]], float]] = {
    "int8 by rows": (partial(_pack_by_rows, bits=8), INT8_ERROR),
    "int12 by rows": (partial(_pack_by_rows, bits=12), FLOAT16_ERROR),
    "float16": (_pack_float16, FLOAT16_ERROR),
    "int16 by rows": (partial(_pack_by_rows, bits=16), FLOAT16_ERROR),
    "float32": (_pack_float32, math.inf),
}
"""What is tried, the smallest first, with the error of a logit from which on the next is tried.

int16 by rows is as large as float16 and lies nearer to most weights; it holds networks whose logits are large, as
those of a GAN's dark corners are.
"""


def pack(network: Network) -> Packed:
    """A network in the smallest encoding that changes no logit by more than it may.

    The network is run with the weights as the page will decode them; float32 is what it was trained in. A large one
    that takes more than 8 bits a number gets as many for each array as that one needs.
    """
    packed = _evenly(network)
    sizes = {name: array.size for name, array in network.weights.items() if array.ndim > 1}
    if sum(sizes.values()) <= LARGE or packed.encoding in ("int8 by rows", "float32"):
        return packed
    fitted = _by_need(network, sizes)
    return packed if fitted is None or fitted.size >= packed.size else fitted


def _by_need(network: Network, sizes: Mapping[str, int]) -> Packed | None:
    """A network of which each array has as many bits as it needs; None where 16 are not enough.

    The error that an array brings halves with each bit, and independent errors add up as squares: so the fewest bits in
    all are those at which each number of each array brings as much.

    Args:
        network: with its weights.
        sizes: numbers of each array that is packed by rows.
    """
    errors = {name: _error(network, _decoded(_packed(network, {name: TRIED_BITS}))) for name in sizes}
    needs = {
        name: math.log2(max(error, 1e-12) / math.sqrt(sizes[name])) if error < math.inf else math.inf
        for name, error in errors.items()
    }
    before: dict[str, int] = {}
    for finer in np.arange(0.0, 32.0, FINER):
        wanted = {name: min(max(TRIED_BITS + need + finer, FEWEST_BITS), MOST_BITS) for name, need in needs.items()}
        bits = {name: round(many) for name, many in wanted.items()}
        foreseen = sum((error * 2.0 ** (TRIED_BITS - bits[name])) ** 2 for name, error in errors.items()) ** 0.5
        if bits == before or (FLOAT16_ERROR < foreseen < math.inf):
            continue
        before = bits
        if _error(network, _decoded(_packed(network, bits))) < FLOAT16_ERROR:
            return _trimmed(network, bits, sizes)
    return None


def _trimmed(network: Network, bits: dict[str, int], sizes: Mapping[str, int]) -> Packed:
    """A network with a bit less for each array in turn that can spare it, the largest first: needs were rounded."""
    error = _error(network, _decoded(_packed(network, bits)))
    for name in sorted(bits, key=lambda one: -sizes[one]):
        fewer = bits | {name: max(FEWEST_BITS, bits[name] - 1)}
        if (found := _error(network, _decoded(_packed(network, fewer)))) < FLOAT16_ERROR:
            bits, error = fewer, found
    encoding = f"int{min(bits.values())} to int{max(bits.values())} by rows"
    return Packed(network.name, encoding, error, _packed(network, bits))


def _packed(network: Network, bits: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Arrays of so many bits, all others in full."""
    arrays = {name: np.asarray(array, np.float32) for name, array in network.weights.items()}
    return {
        name: _pack_by_rows(array, bits[name]) if name in bits else _pack_float32(array)
        for name, array in arrays.items()
    }


def _decoded(arrays: Mapping[str, Mapping[str, Any]]) -> Weights:
    return {name: unpacked(array) for name, array in arrays.items()}


def _evenly(network: Network) -> Packed:
    """A network in the smallest encoding that is one for all of its arrays."""
    for encoding, (packing, most) in ENCODINGS.items():
        with np.errstate(over="ignore"):  # beyond float16: the next encoding holds it
            arrays = {name: packing(np.asarray(array, np.float32)) for name, array in network.weights.items()}
        error = _error(network, _decoded(arrays))
        if error < most or most == math.inf:
            return Packed(network.name, encoding, error, arrays)
    raise AssertionError("float32 holds every network")


def _error(network: Network, decoded: Weights) -> float:
    finite = all(np.isfinite(array).all() for array in decoded.values())
    error = network.differs(decoded) if finite else math.inf
    return math.inf if math.isnan(error) else error
