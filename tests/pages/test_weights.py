import math

import numpy as np
import pytest

from genmodels.families.alive import Network
from genmodels.pages import weights as weights_of_pages
from genmodels.pages.weights import _pack_by_rows, pack, unpacked

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


@pytest.mark.parametrize("bits", range(8, 17))
def test_numbers_of_any_bits_are_one_after_the_other_to_their_last(bits: int) -> None:
    most = 2 ** (bits - 1) - 1
    steps = np.unique(np.linspace(-most, most, 255).round())[:254].reshape(2, 127)
    steps[:, 0] = most  # so that a step is worth 1
    packed = _pack_by_rows(steps.astype(np.float32), bits)
    assert len(packed["numbers"]) == 4 * math.ceil(math.ceil(254 * bits / 8) / 3)
    assert np.array_equal(unpacked(packed), steps)


def large() -> dict[str, np.ndarray]:
    """Weights of three layers, of which the last counts the most."""
    return {name: RANDOM.normal(size=(40, 50)).astype(np.float32) for name in ("first", "second", "last")}


@pytest.mark.parametrize("error", [1.0, 8.0])
def test_a_large_network_has_as_many_bits_in_each_array_as_that_needs(
    monkeypatch: pytest.MonkeyPatch, error: float
) -> None:
    monkeypatch.setattr(weights_of_pages, "LARGE", 5_000)
    weights = large()

    def differs(others) -> float:
        apart = {name: float(((others[name] - weights[name]) ** 2).mean()) for name in weights}
        return error * (apart["first"] + apart["second"] + 400 * apart["last"]) ** 0.5

    packed = pack(Network("it", weights, differs, lambda _: np.zeros(1, np.float32)))
    bits = {name: array["bits"] for name, array in packed.arrays.items()}
    assert bits["last"] >= bits["first"] + 4
    assert packed.encoding == f"int{min(bits.values())} to int{max(bits.values())} by rows"
    assert packed.error == differs({name: unpacked(array) for name, array in packed.arrays.items()}) < 0.01
    fewer = {name: unpacked(_pack_by_rows(weights[name], max(8, many - 1))) for name, many in bits.items()}
    assert differs(fewer) > 0.01, "with a bit less it would not do"


def test_a_large_network_that_must_be_held_in_full_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_of_pages, "LARGE", 5_000)
    weights = large()
    same = lambda others: 0.0 if all(np.array_equal(others[name], weights[name]) for name in weights) else math.inf  # noqa: E731
    assert pack(Network("it", weights, same, lambda _: np.zeros(1, np.float32))).encoding == "float32"
    small = {"matrix": RANDOM.normal(size=(120, 50)).astype(np.float32)}
    needs_12 = lambda others: 4.0 * float(np.abs(others["matrix"] - small["matrix"]).max())  # noqa: E731
    monkeypatch.setattr(weights_of_pages, "LARGE", 6_000)
    assert pack(Network("it", small, needs_12, lambda _: np.zeros(1, np.float32))).encoding == "int12 by rows"


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
