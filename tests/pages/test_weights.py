import math

import numpy as np
import pytest

from genmodels.families.alive import Network
from genmodels.pages.weights import pack, unpacked

RANDOM = np.random.default_rng(0)
MATRIX = RANDOM.normal(size=(5, 7)).astype(np.float32)
BIAS = RANDOM.normal(size=5).astype(np.float32)


def network(differs, weights=None) -> Network:
    return Network("it", weights or {"matrix": MATRIX, "bias": BIAS}, differs, lambda _: np.zeros(1, np.float32))


def linear(weights) -> float:
    """How far the outputs of a linear layer lie apart."""
    return float(np.abs((weights["matrix"] - MATRIX).sum(axis=1) + weights["bias"] - BIAS).max())


def test_the_smallest_encoding_is_taken_that_changes_no_logit_by_more_than_it_may() -> None:
    held = {scale: pack(network(lambda w, s=scale: s * linear(w))) for scale in (1e-3, 5.0, 8.0, 20.0, 1e3)}
    kinds = ["int8 by rows", "int12 by rows", "float16", "int16 by rows", "float32"]
    assert [one.encoding for one in held.values()] == kinds
    assert held[1e-3].error < 0.02
    assert held[5.0].error < 0.01
    assert held[8.0].error < 0.01
    assert held[20.0].error < 0.01
    assert held[1e3].error == 0.0


@pytest.mark.parametrize(
    ("scale", "most"), [(1e-3, 0.5 / 127), (5.0, 0.5 / 2047), (8.0, 2.0**-10), (20.0, 0.5 / 32767), (1e3, 0.0)]
)
def test_what_is_decoded_is_near_to_what_was_packed(scale: float, most: float) -> None:
    arrays = pack(network(lambda w: scale * linear(w))).arrays
    decoded = {name: unpacked(array) for name, array in arrays.items()}
    assert {name: array.shape for name, array in decoded.items()} == {"matrix": (5, 7), "bias": (5,)}
    assert np.all(np.abs(decoded["matrix"] - MATRIX) <= most * np.abs(MATRIX).max(axis=1, keepdims=True) + 1e-7)


@pytest.mark.parametrize("columns", [2, 3])
def test_numbers_of_12_bits_are_two_in_three_bytes_to_their_last(columns: int) -> None:
    steps = np.arange(-2047, 2048)[: columns * 1365].reshape(-1, columns)
    steps[:, 0] = 2047  # so that a step is worth 1
    weights = {"matrix": steps.astype(np.float32)}
    packed = pack(network(lambda w: 0.0 if np.array_equal(w["matrix"], weights["matrix"]) else 1.0, weights))
    assert packed.encoding == "int12 by rows"
    assert len(packed.arrays["matrix"]["numbers"]) == 4 * math.ceil(steps.size * 1.5 / 3)


def test_a_network_that_would_do_something_else_is_held_in_full() -> None:
    def differs(weights) -> float:
        return (
            0.0 if all(np.array_equal(weights[n], a) for n, a in {"matrix": MATRIX, "bias": BIAS}.items()) else math.inf
        )

    assert pack(network(differs)).encoding == "float32"


def test_weights_beyond_float16_and_an_error_that_is_no_number_are_held_in_full() -> None:
    large = {"matrix": MATRIX * 1e6}
    assert pack(network(lambda w: float(np.abs(w["matrix"] - large["matrix"]).max()), large)).encoding == "float32"
    assert pack(network(lambda _: math.nan, {"matrix": MATRIX})).encoding == "float32"


def test_a_row_of_zeros_stays_one() -> None:
    zeros = {"matrix": np.zeros((2, 3), np.float32)}
    held = pack(network(lambda w: float(np.abs(w["matrix"]).max()), zeros))
    assert held.encoding == "int8 by rows"
    assert np.array_equal(unpacked(held.arrays["matrix"]), zeros["matrix"])
