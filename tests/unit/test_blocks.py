import math

import numpy as np
import pytest

from genmodels.analysis.blocks import standard_error

Array = np.ndarray


def autoregressive(count: int, length: int, phi: float) -> Array:
    """Series x_t = phi x_{t-1} + e_t of variance 1 / (1 - phi^2) from their first value on, (count, length)."""
    noise = np.random.default_rng(0).standard_normal((count, length))
    series = np.empty_like(noise)
    series[:, 0] = noise[:, 0] / math.sqrt(1 - phi**2)
    for t in range(1, length):
        series[:, t] = phi * series[:, t - 1] + noise[:, t]
    return series


def true_deviation(length: int, phi: float) -> float:
    """Of the mean of such a series: var = (1 + 2 sum_k (1 - k / N) phi^k) / (N (1 - phi^2))."""
    lags = np.arange(1, length)
    return math.sqrt((1 + 2 * ((1 - lags / length) * phi**lags).sum()) / (length * (1 - phi**2)))


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("length", [2600, 30_000])
def test_the_error_of_a_correlated_series_is_its_true_deviation_within_a_fifth(phi: float, length: int) -> None:
    series = autoregressive(80, length, phi)
    truth = true_deviation(length, phi)
    assert series.mean(axis=1).std() == pytest.approx(truth, rel=0.25), "the closed form is right"
    estimated = math.sqrt(np.mean([standard_error(one) ** 2 for one in series]))
    assert estimated == pytest.approx(truth, rel=0.2)
    as_if_independent = np.mean([one.std() / math.sqrt(length) for one in series])
    assert (as_if_independent < 0.6 * truth) == (phi > 0), "which is what the blocks are for"


def test_the_error_is_that_of_the_blocks_means_whatever_is_left_over() -> None:
    series = np.repeat(np.arange(10.0), 256)
    assert standard_error(series) == pytest.approx(np.arange(10.0).std(ddof=1) / math.sqrt(10))
    long = np.random.default_rng(1).standard_normal(20 * 300 + 17).astype(np.float32)
    means = [block.mean() for block in np.array_split(long.astype(np.float64), 20)]
    assert standard_error(long) == pytest.approx(np.std(means, ddof=1) / math.sqrt(20), rel=1e-12)


def test_of_a_short_text_nobody_knows_how_sure_it_is() -> None:
    assert standard_error(np.zeros(2559)) is None
    assert standard_error(np.zeros(2560)) == 0
    assert standard_error(np.zeros(0)) is None
