import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from genmodels.analysis.baselines import kneser_ney, order_within
from genmodels.analysis.mixture import count_for_mixing, fitted_weight, mixed
from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.data.text.streams import Split


def losses_of(seed: int, length: int = 500) -> np.ndarray:
    return np.random.default_rng(seed).gamma(2.0, 0.8, length)


def by_expectation_maximisation(first: np.ndarray, second: np.ndarray) -> float:
    weight, p, q = 0.5, np.exp(-first), np.exp(-second)
    for _ in range(3000):
        weight = (weight * p / (weight * p + (1 - weight) * q)).mean()
    return float(weight)


@pytest.mark.parametrize("seed", range(4))
def test_the_fitted_weight_is_the_one_that_expectation_maximisation_comes_to(seed: int) -> None:
    first, second = losses_of(seed), losses_of(seed + 10)
    found = fitted_weight(first, second)
    assert 0 < found < 1
    assert found == pytest.approx(by_expectation_maximisation(first, second), abs=1e-9)
    best = min(np.linspace(0, 1, 2001), key=lambda w: mixed(first, second, w).nll)
    assert found == pytest.approx(best, abs=1e-3)


def test_a_model_that_is_always_better_gets_all_the_weight() -> None:
    first = losses_of(0)
    assert fitted_weight(first, first + 0.1) == pytest.approx(1.0)
    assert fitted_weight(first + 0.1, first) == pytest.approx(0.0)
    assert mixed(first, first + 9.0, 1.0).nll == pytest.approx(first.mean(), rel=1e-15)
    assert mixed(first + 9.0, first, 0.0).nll == pytest.approx(first.mean(), rel=1e-15)


def test_a_mixture_is_the_logarithm_of_the_mean_probability_also_where_exp_underflows() -> None:
    mixture = mixed(np.array([1.0, 2000.0, 3.0]), np.array([2.0, 1.0, 1000.0]), 0.75)
    by_hand = [-math.log(0.75 * math.exp(-1) + 0.25 * math.exp(-2)), 1 - math.log(0.25), 3 - math.log(0.75)]
    assert mixture.losses == pytest.approx(by_hand)
    assert mixture.weight == 0.75
    assert mixture.gains == pytest.approx(np.array([1.0, 2000.0, 3.0]) - by_hand)
    assert math.isfinite(fitted_weight(np.array([1.0, 2000.0]), np.array([2000.0, 1.0])))


def test_two_models_that_know_different_things_know_more_together() -> None:
    first, second = np.tile([0.1, 3.0], 50), np.tile([3.0, 0.1], 50)
    weight = fitted_weight(first, second)
    assert weight == pytest.approx(0.5)
    assert mixed(first, second, weight).nll < 0.75 < first.mean()


def test_a_mixture_of_distributions_is_one() -> None:
    first, second = (np.random.default_rng(seed).dirichlet(np.ones(7)) for seed in (0, 1))
    assert np.exp(-mixed(-np.log(first), -np.log(second), 0.3).losses).sum() == pytest.approx(1.0)


def test_the_weight_is_fitted_on_text_that_was_not_counted_and_the_text_scored_after_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("the cat sat on the mat; a dog ran to the cat. " * 30 + "a cat ran to the dog on a mat. " * 9)
    corpus = open_corpus([str(path)], HowRead(), lambda _: None)
    train, scored = Split(corpus, 0, 1400), Split(corpus, 1400, corpus.length)
    found = count_for_mixing(train, scored)
    ids, size = corpus.read(0, corpus.length), len(corpus.vocabulary)
    assert found.order == order_within(ids[:1400], size)[0]
    assert (found.fitting.start, found.fitting.stop) == (1260, 1400)
    assert found.of_fitting == pytest.approx(-np.log(kneser_ney(ids[:1260], ids[1260:1400], size, found.order))[1:])
    assert found.of_scored == pytest.approx(-np.log(kneser_ney(ids[:1400], ids[1400:], size, found.order))[1:])


def test_counting_tells_what_it_does_and_comes_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("the cat sat on the mat; a dog ran. " * 20)
    corpus, asked, told = open_corpus([str(tmp_path / "t.txt")], HowRead(), lambda _: None), [], []

    @contextmanager
    def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
        asked.append((what, total))
        yield told.append

    count_for_mixing(Split(corpus, 0, 600), Split(corpus, 600, 700), counting)
    assert asked == [("counting n-grams", sum(told))]
