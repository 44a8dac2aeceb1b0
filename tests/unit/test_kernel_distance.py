"""The kernel distance and what two of them differ by, against brute force and simulation, in float64."""

from collections.abc import Callable

import numpy as np
import pytest

from genmodels.analysis.kernel_distance import distance_difference, kernel_distance

Random = np.random.Generator
Draw = Callable[[Random, int], tuple[np.ndarray, np.ndarray]]
SETS = 200


def features(count: int, size: int, seed: int = 0) -> np.ndarray:
    """Correlated numbers."""
    random = np.random.default_rng(seed)
    return random.normal(size=(count, size)) @ random.normal(size=(size, size))


def brute_kernel_distance(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Mean over all pairs i != j of k(x_i, x_j) + k(y_i, y_j) - k(x_i, y_j) - k(x_j, y_i)."""

    def kernel(one: np.ndarray, other: np.ndarray) -> float:
        return float((one @ other / len(one) + 1) ** 3)

    x, y = ours, theirs
    return float(np.mean([
        kernel(x[i], x[j]) + kernel(y[i], y[j]) - kernel(x[i], y[j]) - kernel(x[j], y[i])
        for i in range(len(x)) for j in range(len(x)) if i != j
    ]))  # fmt: skip


def test_kernel_distance_is_that_of_brute_force_however_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = features(30, 5, 1), features(30, 5, 2) + 0.3
    found, error = kernel_distance(ours, theirs)
    assert found == pytest.approx(brute_kernel_distance(ours, theirs), rel=1e-12)
    monkeypatch.setattr("genmodels.analysis.kernel_distance.AT_ONCE", 7)
    assert kernel_distance(ours, theirs) == pytest.approx((found, error), rel=1e-12)


@pytest.mark.parametrize("count", [20, 200])
@pytest.mark.parametrize("moved", [0.0, 0.5])
def test_kernel_distance_is_right_on_average_whatever_the_number_of_images_and_its_error_is_told(
    count: int, moved: float
) -> None:
    """k(x, y) of N(0, 1) and N(m, 1) in one dimension: 3 m^2 + 3 m^4 + m^6 is the squared distance of the moments."""
    random = np.random.default_rng(count)
    pairs = [(random.normal(size=(count, 1)), random.normal(size=(count, 1)) + moved) for _ in range(400)]
    found, told = np.array([kernel_distance(*pair) for pair in pairs]).T
    # E (xy + 1)^3 = sum over k of C(3, k) E x^k E y^k, so the distance is that of the first three moments
    moments = (moved, moved**2, moved**3 + 3 * moved)
    wanted = 3 * moments[0] ** 2 + 3 * moments[1] ** 2 + moments[2] ** 2
    deviation = found.std()
    assert found.mean() == pytest.approx(wanted, abs=4 * deviation / np.sqrt(400))
    assert np.sqrt((told**2).mean()) == pytest.approx(deviation, rel=0.35)


def test_kernel_distance_sees_other_shapes_than_the_mean_and_the_spread() -> None:
    random = np.random.default_rng(0)
    skewed = random.choice([-0.5, 2.0], p=[0.8, 0.2], size=(2_000, 1))  # of mean 0 and variance 1
    distance, error = kernel_distance(skewed, random.normal(size=(2_000, 1)))
    assert distance > 5 * error


def test_the_difference_of_two_distances_is_that_of_the_distances_however_it_is_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, one, other = features(60, 5, 1), features(60, 5, 2) + 0.3, features(60, 5, 3)
    found, error = distance_difference(one, other, real)
    assert found == pytest.approx(kernel_distance(other, real)[0] - kernel_distance(one, real)[0], rel=1e-9)
    monkeypatch.setattr("genmodels.analysis.kernel_distance.AT_ONCE", 7)
    assert distance_difference(one, other, real) == pytest.approx((found, error), rel=1e-9)
    assert distance_difference(one, one, real) == (0.0, 0.0)


def alike(random: Random, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Two models that are wrong in one direction."""
    return random.normal(size=(count, 4)) + 0.4, random.normal(size=(count, 4)) + 0.4


def opposite(random: Random, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Two that are wrong in opposite ones."""
    return random.normal(size=(count, 4)) - 0.4, random.normal(size=(count, 4)) + 0.4


def of_the_same_codes(random: Random, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Two epochs of one generator, which draw from the same codes."""
    codes = random.normal(size=(count, 4))
    return codes + 0.3, codes + 0.3 + 0.1 * random.normal(size=(count, 4))


@pytest.mark.parametrize(
    ("draw", "least", "most"), [(alike, 1.05, 2), (opposite, 0.5, 0.9), (of_the_same_codes, 8, 50)]
)
def test_the_error_of_a_difference_is_as_great_as_it_claims_where_independence_would_claim_another(
    draw: Draw, least: float, most: float
) -> None:
    random, found = np.random.default_rng(1), []
    for _ in range(SETS):
        real, (one, other) = random.normal(size=(150, 4)), draw(random, 150)
        apart = np.hypot(kernel_distance(one, real)[1], kernel_distance(other, real)[1])
        found.append((*distance_difference(one, other, real), apart))
    differences, claimed, independent = np.array(found).T
    true = differences.std(ddof=1)
    assert np.sqrt((claimed**2).mean()) == pytest.approx(true, rel=0.15)
    assert np.mean(np.abs(differences - differences.mean()) <= 2 * claimed) == pytest.approx(0.95, abs=0.05)
    assert least * true < np.sqrt((independent**2).mean()) < most * true
