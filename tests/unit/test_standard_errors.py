"""Standard errors beside the true deviation over thousands of simulated test sets, in float64."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from genmodels.analysis.standard_errors import (
    Each,
    difference,
    error_of_divergence,
    error_of_mean,
    error_of_ratio,
    error_of_share,
    mean_of_runs,
    rates,
    shares,
    together,
)

SETS = 2_000
Numbers = NDArray[np.float64]


def strips(random: np.random.Generator, lengths: Numbers) -> Numbers:
    """Errors in each strip: of hard ones many digits are misread together, and long ones are harder."""
    chance = random.beta(0.3, 0.7, len(lengths)) * np.minimum(1.0, 0.08 * lengths)
    return random.binomial(lengths.astype(int), chance).astype(np.float64)


def groups_of(count: int, lengths: int) -> tuple[Numbers, NDArray[np.int64]]:
    """So many strips of each length, and the groups that they are."""
    groups = np.repeat(np.arange(lengths), count)
    return 1.0 + 3.0 * groups, groups


def read(errors: Numbers, symbols: Numbers, groups: NDArray[np.int64]) -> Each:
    return Each((errors == 0).astype(float), errors, symbols, errors * 0.7 + symbols * 0.1, groups)


def test_errors_of_shares_rates_and_nats_of_strips_by_length_are_as_great_as_they_claim() -> None:
    random = np.random.default_rng(1)
    symbols, groups = groups_of(60, 5)
    found, claimed = [], []
    for _ in range(SETS):
        each = read(strips(random, symbols), symbols, groups)
        found.append((each.right.mean(), each.errors.sum() / symbols.sum(), each.nats.sum() / symbols.sum()))
        claimed.append((each.share_error, each.rate_error, each.nll_error))
    true = np.std(found, axis=0, ddof=1)
    assert np.mean(claimed, axis=0) == pytest.approx(true, rel=0.1)
    rate = float(np.mean(found, axis=0)[1])
    assert error_of_share(rate, int(symbols.sum())) < 0.7 * true[1], "the digits of a strip are not independent"


def test_that_long_strips_are_harder_is_no_chance() -> None:
    random = np.random.default_rng(5)
    symbols, groups = groups_of(100, 2)
    wrong = [random.binomial(1, np.where(groups == 0, 0.05, 0.95)).astype(float) for _ in range(SETS)]
    each = [read(one, symbols, groups) for one in wrong]
    true = np.std([one.right.mean() for one in each], ddof=1)
    assert np.mean([one.share_error for one in each]) == pytest.approx(true, rel=0.1)
    assert np.mean([one.as_one_group().share_error for one in each[:100]]) > 2.0 * true


def test_the_error_of_a_rate_over_utterances_of_any_length_is_as_great_as_it_claims() -> None:
    random = np.random.default_rng(2)
    found, claimed = [], []
    for _ in range(SETS):
        symbols = random.integers(1, 9, 150).astype(np.float64)
        each = Each.of(strips(random, symbols).astype(int).tolist(), symbols.astype(int).tolist())
        found.append(each.errors.sum() / symbols.sum())
        claimed.append(each.rate_error)
    assert np.mean(claimed) == pytest.approx(np.std(found, ddof=1), rel=0.1)


@pytest.mark.parametrize("parts", [shares, rates])
def test_the_error_of_a_paired_difference_is_as_great_as_it_claims_and_smaller_than_of_an_unpaired_one(parts) -> None:
    random = np.random.default_rng(3)
    symbols, groups = groups_of(60, 4)
    found, claimed, unpaired = [], [], []
    for _ in range(SETS):
        errors = strips(random, symbols)
        more = np.minimum(symbols, errors + random.binomial(1, 0.04, len(errors)))
        one, other = read(errors, symbols, groups), read(more, symbols, groups)
        by = difference(one, other, parts, same=True)
        assert by.paired
        found.append(by.value)
        claimed.append(by.standard_error or 0.0)
        unpaired.append(difference(one, other, parts, same=False).standard_error)
    true = np.std(found, ddof=1)
    assert np.mean(claimed) == pytest.approx(true, rel=0.1)
    assert np.mean(unpaired) > 1.5 * true


def test_two_standard_errors_and_several_trainings_decide_what_may_be_chance() -> None:
    one, other = Each.of([0] * 20, [1] * 20), Each.of([1] * 3 + [0] * 17, [1] * 20)
    by = difference(one, other, rates, same=True)
    assert by.value == pytest.approx(0.15)
    assert by.standard_error == pytest.approx(math.sqrt(0.15 * 0.85 / 19))
    assert by.may_be_chance
    assert not difference(one, Each.of([1] * 5 + [0] * 15, [1] * 20), rates, same=True).may_be_chance
    assert not difference(one, Each.of([1] * 20, [1] * 20), rates, same=True).may_be_chance, "each differs by one"
    assert difference(one, one, rates, same=True).may_be_chance
    single = difference(Each.of([0], [3]), Each.of([1], [3]), rates, same=True)
    assert (single.standard_error, single.may_be_chance) == (None, True), "a single utterance tells nothing"
    wider = difference(one, other, rates, same=True, more=0.01)
    assert wider.standard_error == pytest.approx(math.hypot(by.standard_error, 0.1))
    few = difference(one, other, rates, same=True, more=0.01, freedom=2)
    assert (few.freedom, few.things) == (2, 20)
    elsewhere = difference(one, Each.of([1, 0], [2, 1]), rates, same=True)
    assert not elsewhere.paired, "these are other utterances, whatever is said of them"


TENTHS = [0.1] * 10
LOST = {
    "balanced": (TENTHS, TENTHS, 1.25),
    "two to ten": ([0.19, 0.01, *TENTHS[2:]], TENTHS, 1.1),
    "90 in 100 of one class": ([0.9, *[0.1 / 9] * 9], TENTHS, 1.1),
    "two classes as in the data, 90 and 10": ([0.9, 0.1], [0.9, 0.1], 1.5),
    "two classes, 95 and 5 for 90 and 10": ([0.95, 0.05], [0.9, 0.1], 1.1),
    "one lost": ([0.0, *[1 / 9] * 9], TENTHS, 1.25),
    "five lost": ([0.2] * 5 + [0.0] * 5, TENTHS, 1.3),
    "eight lost": ([0.5] * 2 + [0.0] * 8, TENTHS, 1.5),
    "eight drawn once in 2,000": ([0.498] * 2 + [0.0005] * 8, TENTHS, 1.1),
}


@pytest.mark.parametrize(("drawn", "data", "most"), LOST.values(), ids=LOST)
def test_the_error_of_a_divergence_is_as_great_as_it_claims_also_where_classes_are_lost(drawn, data, most) -> None:
    random, shares_of_data, count = np.random.default_rng(4), np.array(data), 2_000
    counted = random.multinomial(count, drawn, SETS) / count
    logs = np.log(np.where(counted > 0, counted, 1.0) / shares_of_data)
    found = (counted * logs).sum(axis=1)
    claimed = np.array([error_of_divergence(p, shares_of_data, count) for p in counted])
    assert 0.95 < np.sqrt((claimed**2).mean()) / found.std(ddof=1) < most
    assert np.mean(np.abs(found - found.mean()) <= 2 * claimed) > 0.92


def test_the_jackknife_of_a_divergence_leaves_each_thing_out_once() -> None:
    things, data = np.array([0, 0, 0, 0, 0, 1, 1, 2]), np.array([0.2, 0.3, 0.5])

    def divergence(rest: NDArray[np.int64]) -> float:
        p = np.bincount(rest, minlength=3) / len(rest)
        return float((p[p > 0] * np.log(p[p > 0] / data[p > 0])).sum())

    without = np.array([divergence(np.delete(things, place)) for place in range(8)])
    spread = 7 / 8 * ((without - without.mean()) ** 2).sum()
    found = error_of_divergence(np.bincount(things) / 8, data, 8)
    assert found == pytest.approx(math.sqrt(spread - 2 / (2 * 8**2)))


def test_of_one_class_alone_nothing_is_told_and_a_class_that_nobody_has_has_no_part_in_the_error() -> None:
    assert error_of_divergence(np.array([1.0, 0.0]), np.array([0.5, 0.5]), 100) is None
    found = error_of_divergence(np.array([0.3, 0.7, 0.0]), np.array([0.5, 0.5, 0.0]), 100)
    assert found == pytest.approx(error_of_divergence(np.array([0.3, 0.7]), np.array([0.5, 0.5]), 100))


def test_single_lengths_have_the_textbook_errors() -> None:
    each = Each.of([0, 0, 1, 2, 0], [2, 2, 2, 2, 2], [0.1, 0.2, 3.0, 4.0, 0.5])
    assert each.share_error == pytest.approx(math.sqrt(0.6 * 0.4 / 5))
    assert each.rate_error == pytest.approx(np.std([0, 0, 1, 2, 0], ddof=1) / math.sqrt(5) / 2)
    assert each.nll_error == pytest.approx(error_of_mean(each.nats) / 2)
    assert error_of_mean(np.array([3.0])) == 0.0
    assert error_of_share(0.6, 5) == pytest.approx(each.share_error)
    assert error_of_share(0.0, 9) is error_of_share(1.0, 9) is None


def test_groups_beside_each_other_add_their_variances() -> None:
    one, other = Each.of([0, 1, 1], [1, 1, 1]), Each.of([0, 3, 1, 1], [3, 3, 3, 3])
    both = one.beside(other)
    total, variance = 15.0, 0.0
    rate = 7 / total
    for each in (one, other):
        rest = each.errors - rate * each.symbols
        variance += len(each) * rest.var(ddof=1)
    assert both.rate_error == pytest.approx(math.sqrt(variance) / total)
    assert both.groups.tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert set(both.as_one_group().groups.tolist()) == {0}
    assert Each().beside(one).groups.tolist() == [0, 0, 0]


def test_what_can_not_be_told_is_none() -> None:
    assert Each().rate_error is None
    assert Each.of([1], [2]).rate_error is None
    assert Each.of([0, 0, 0], [1, 2, 3]).rate_error is None, "without a single error"
    assert Each.of([0, 0], [1, 1]).share_error is None
    assert Each.of([0, 1], [1, 1]).nll_error is None, "not every network gives it"
    assert Each.of([1, 2], [0, 0]).rate_error is None, "nothing was said"
    alone = Each.of([0], [1]).beside(Each.of([1], [1]))
    assert alone.rate_error == Each.of([0, 1], [1, 1]).rate_error, "single things are taken for one group"
    assert together(None, None) is None
    assert together(0.3, None, 0.4) == pytest.approx(0.5)


def test_several_runs_are_the_mean_for_each_utterance() -> None:
    one, other = Each.of([0, 2], [2, 2], [1.0, 3.0]), Each.of([1, 1], [2, 2], [2.0, 2.0])
    both = mean_of_runs([one, other])
    assert (both.errors.tolist(), both.right.tolist(), both.nats.tolist()) == ([0.5, 1.5], [0.5, 0.0], [1.5, 2.5])
    assert both.symbols.tolist() == [2.0, 2.0]


def test_a_ratio_is_not_that_of_its_means_where_groups_are_unequal() -> None:
    above, below = np.array([1.0, 0.0, 4.0, 0.0]), np.array([1.0, 1.0, 4.0, 4.0])
    found = error_of_ratio(above, below, np.array([0, 0, 1, 1]))
    assert found == pytest.approx(math.sqrt(2 * 0.5 + 2 * 8.0) / 10)


def test_a_class_that_is_drawn_though_the_data_lack_it_is_as_unsure_as_it_weighs() -> None:
    drawn, data, count = [0.01, 0.49, 0.5], np.array([0.0, 0.5, 0.5]), 5_000
    counted = np.random.default_rng(5).multinomial(count, drawn, SETS) / count
    logs = np.log(np.where(counted > 0, counted, 1.0) / data.clip(min=1e-12))
    true = float((counted * logs).sum(axis=1).std(ddof=1))
    assert np.mean([error_of_divergence(p, data, count) for p in counted]) == pytest.approx(true, rel=0.1)


def test_strips_that_are_made_of_the_same_digits_are_as_unsure_as_other_digits_would_make_them() -> None:
    """Some digits are always misread, wherever they stand; what is estimated is the share of such digits."""
    random, lengths, found = np.random.default_rng(6), np.repeat(np.arange(1, 9), 60), []
    for _ in range(SETS):
        misread = random.random(1_000) < 0.03
        made_of = np.where(np.arange(8) < lengths[:, None], random.integers(0, 1_000, (len(lengths), 8)), -1)
        errors = np.where(made_of >= 0, misread[made_of], False).sum(axis=1)
        each = replace(Each.of(errors.tolist(), lengths.tolist(), made_of=made_of), groups=lengths)
        apart = replace(each, made_of=np.zeros((len(lengths), 0), np.int64))
        found.append((errors.sum() / lengths.sum(), each.rate_error or 0.0, apart.rate_error or 0.0))
    rates_found, claimed, independent = np.array(found).T
    true = rates_found.std(ddof=1)
    assert np.sqrt((claimed**2).mean()) == pytest.approx(true, rel=0.12)
    assert np.sqrt((independent**2).mean()) < 0.7 * true
    assert np.mean(np.abs(rates_found - rates_found.mean()) <= 2 * claimed) > 0.92


def test_the_error_of_things_with_parts_in_common_is_that_of_brute_force() -> None:
    made_of = np.array([[0, 1], [1, 2], [3, 3], [4, -1], [2, 1]])
    errors, symbols = np.array([1.0, 2.0, 0.0, 1.0, 3.0]), np.array([2.0, 2.0, 2.0, 1.0, 2.0])
    rest = errors - errors.sum() / symbols.sum() * symbols
    rest -= rest.mean()
    shared = [[len({*a.tolist()} & {*b.tolist()} - {-1}) for b in made_of] for a in made_of]
    held, kinds = np.diag(shared), 5
    more = [[shared[i][j] - held[i] * held[j] / kinds for j in range(5)] for i in range(5)]
    products = sum(rest[i] * rest[j] * more[i][j] for i in range(5) for j in range(5) if i != j)
    factor = (kinds - 1) / kinds * (held.sum() / (held * (1 - held / kinds)).sum()) ** 2
    found = Each.of([1, 2, 0, 1, 3], [2, 2, 2, 1, 2], made_of=made_of)
    assert found.rate_error == pytest.approx(math.sqrt(5 / 4 * (rest**2).sum() + factor * products) / 9)
    assert products > 0, "else nothing is tried here"


def test_what_things_are_made_of_stays_with_them() -> None:
    one, other = (
        Each.of([1, 0], [1, 1], made_of=np.array(rows), drawn_from=np.array(source))
        for rows, source in (([[1], [2]], [0, 1]), ([[3, 4], [5, -1]], [1, 2]))
    )
    assert one.beside(other).drawn_from.tolist() == [0, 1, 1, 2]
    elsewhere = other.made_of_others(10)
    assert elsewhere.made_of.tolist() == [[13, 14], [15, -1]]
    assert elsewhere.drawn_from.tolist() == [11, 12]
    assert one.beside(other).made_of.tolist() == [[1, -1], [2, -1], [3, 4], [5, -1]]
    assert mean_of_runs([one, one]).made_of.tolist() == [[1], [2]]
    assert Each().beside(one).made_of.tolist() == [[1], [2]]
