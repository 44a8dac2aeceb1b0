"""What is said of word error rates: between which lengths they are told, and for which networks."""

from dataclasses import replace

import numpy as np
import pytest

from genmodels.figures.confusion import Confusion
from genmodels.figures.error_curves import ErrorCurves, told_of


def told(*groups: ErrorCurves) -> str:
    return told_of(groups, Confusion(np.zeros((2, 4), int), ("yes", "no"), 3.0), [])


def network(label: str, longest: int, rates: dict[int, float]) -> ErrorCurves:
    return ErrorCurves(label, 1, longest, {length: [rate] for length, rate in rates.items()}, {}, {})


@pytest.mark.parametrize(
    ("lengths", "longest", "wanted"),
    [
        ((5, 8), (4,), "how the errors change from 5 words to 8 words: 5.0% to 8.0%"),
        ((1, 4, 5, 8), (4,), "how the errors change from 1-4 words to 5-8 words: 3.4% to 6.8%"),
        ((1, 4, 5, 8, 9), (4, 8), "how the errors change from 1-4 words to 9 words: all 3.4% to 9.0%"),
        ((1, 4, 8), (4, 8), "how the errors change from 1 word to 8 words: all 1.0% to 8.0%"),
        ((3,), (4,), "the errors with 3 words: 3.0%."),
    ],
)
def test_between_which_lengths_errors_change_is_the_same_for_all_networks(
    lengths: tuple[int, ...], longest: tuple[int, ...], wanted: str
) -> None:
    rates = {length: 0.01 * length for length in lengths}
    assert told(*[network(f"to {most}", most, rates) for most in longest]).startswith(f"Look at {wanted}")


def test_right_of_several_dashes_it_is_told_whose_utterances_are_longer() -> None:
    rates = {length: 0.01 * length for length in (1, 4, 8)}
    alone, other = network("a", 4, rates), network("b", 8, rates)
    assert "utterances have more words than any that was trained on" in told(alone)
    assert "more words than any that networks trained on up to 4 heard" in told(alone, other)
    assert "dashes" not in told(other)


def test_networks_that_misread_all_alike_are_told_once() -> None:
    flat, steep = {1: 1.0, 8: 1.0}, {1: 0.5, 8: 1.0}
    same = told(network("window 1", 4, flat), network("window 8", 4, flat))
    assert "from 1 word to 8 words: all 100.0% both times; where lines lie on one another, the wider" in same
    other = told(network("window 1", 4, flat), network("lstm", 4, steep))
    assert "lstm 50.0% to 100.0% (how sure that is, is not known), window 1 100.0% both times" in other


def test_what_is_nearly_all_is_not_told_as_all() -> None:
    nearly = told(network("a", 4, {1: 0.9997, 8: 0.9998}), network("b", 4, {1: 0.9996, 8: 0.9997}))
    assert "all > 99.9% both times" in nearly


def test_a_change_that_may_be_chance_is_told_as_none() -> None:
    near = replace(network("lstm", 8, {8: 0.166, 16: 0.150}), sure_by_length={8: 0.008, 16: 0.006})
    assert "from 8 words to 16 words: 16.6% to 15.0% (no clear change)" in told(near)
    sure = replace(near, sure_by_length={8: 0.0045, 16: 0.0055})
    assert "16.6% to 15.0%;" in told(sure)
    assert "16.6% to 15.0% (no clear change)" in told(replace(sure, freedom=9)), "2.25 errors by ten speakers"
    noisy = replace(network("a", 8, {}), by_noise={None: [0.2], 0.0: [0.22]}, sure_by_noise={None: 0.002, 0.0: 0.01})
    assert "20.0% to 22.0% (no clear change)" in told(noisy)
    louder = replace(noisy, by_noise={None: [0.2], 0.0: [0.2225]})
    assert "no clear change" not in told(louder)
    assert "no clear change" in told(replace(louder, freedom=9))


def test_the_error_over_several_lengths_is_that_of_their_weighted_sum() -> None:
    one = replace(network("a", 8, {1: 0.4, 3: 0.2}), sure_by_length={1: 0.04, 3: 0.02})
    rate = one.rate_over([1, 3])
    assert rate.value == pytest.approx((0.4 + 3 * 0.2) / 4)
    assert rate.standard_error == pytest.approx((0.04 + 3 * 0.02) / 4), "they share clips"
    assert replace(one, sure_by_length={1: 0.04}).rate_over([1, 3]).standard_error is None, "of one it is not known"


def test_how_sure_a_change_is_that_has_no_error_is_told_not_to_be_known() -> None:
    unknown = replace(network("lstm", 8, {8: 0.0, 16: 0.150}), sure_by_length={8: 0.0, 16: 0.006})
    assert "0.0% to 15.0% (how sure that is, is not known)" in told(unknown)


def test_of_no_error_at_all_the_rule_of_three_is_told() -> None:
    assert "where no error was counted, there may be 3 in as many words" in told(network("a", 8, {8: 0.0, 16: 0.1}))
    assert "rule of three" not in told(network("a", 8, {8: 0.01, 16: 0.1}))


def test_it_is_told_how_many_words_are_behind_rates_with_and_without_noise() -> None:
    one = replace(network("a", 8, {8: 0.1}), by_noise={None: [0.2], 0.0: [0.5]}, words_in_noise={None: 3600, 0.0: 468})
    assert "“clean” is measured on 3,600 words, each level of noise on 468" in told(one)
    assert "clean" not in told(replace(one, words_in_noise={None: 468, 0.0: 468}))
    assert "clean" not in told(replace(one, words_in_noise={}))
