"""Strips of the same digits and utterances of the same clips or speakers: how much less they tell than others."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from genmodels.analysis.clusters import freedom_of, in_common
from genmodels.analysis.standard_errors import Each, difference, rates
from genmodels.chance import errors_of_chance, fewest, known_by, within_told

SETS = 1_000
Ids = NDArray[np.int64]


def utterances(random: np.random.Generator, speakers: NDArray[np.float64], clips: float, lengths: Ids) -> Each:
    """Each of one speaker's 50 clips, some of which are harder to hear by `clips` logits, as are some speakers."""
    hard = random.normal(0.0, clips, (len(speakers), 50)) + speakers[:, None]
    who = random.integers(0, len(speakers), len(lengths))
    which = random.integers(0, 50, (len(lengths), int(lengths.max())))
    wrong = random.random(which.shape) < 1.0 / (1.0 + np.exp(2.2 - hard[who[:, None], which]))
    there = np.arange(which.shape[1]) < lengths[:, None]
    made_of = np.where(there, 50 * who[:, None] + which, -1)
    each = Each.of((wrong & there).sum(axis=1).tolist(), lengths.tolist(), made_of=made_of, drawn_from=who)
    return replace(each, groups=lengths)


def told_over_true(sets: list[Each]) -> tuple[float, float]:
    """The root mean square of what is told over the true deviation; how often what may be chance holds the mean."""
    found = np.array([each.errors.sum() / each.symbols.sum() for each in sets])
    claimed = np.array([each.rate_error or 0.0 for each in sets])
    within = errors_of_chance(sets[0].freedom) * claimed
    return (
        float(np.sqrt((claimed**2).mean()) / found.std(ddof=1)),
        float(np.mean(np.abs(found - found.mean()) <= within)),
    )


@pytest.mark.parametrize("unlike", [0.0, 1.0], ids=["speakers alike", "speakers unlike"])
@pytest.mark.parametrize(("clips", "longest"), [(0.0, 5), (1.5, 5), (1.5, 10), (4.0, 10)])
def test_utterances_of_few_speakers_are_as_unsure_as_other_clips_of_theirs_would_make_them(
    clips: float, longest: int, unlike: float
) -> None:
    random, speakers = np.random.default_rng(1), np.linspace(-unlike, unlike, 6)
    lengths = np.repeat(np.arange(longest - 4, longest + 1), 100)
    told, within = told_over_true([utterances(random, speakers, clips, lengths) for _ in range(SETS)])
    assert 0.93 < told < 1.12
    assert within > 0.93


def test_long_utterances_of_few_clips_are_no_surer_though_every_two_share_some() -> None:
    random = np.random.default_rng(2)
    sets = [utterances(random, np.zeros(1), 2.0, np.full(300, 20)) for _ in range(SETS)]
    told, within = told_over_true(sets)
    assert 0.9 < told < 1.1
    assert within > 0.9


@pytest.mark.parametrize(("speakers", "least"), [(10, 0.92), (30, 0.93)])
def test_as_many_errors_as_students_t_has_cover_also_where_the_speakers_are_few(speakers: int, least: float) -> None:
    random, lengths, sets = np.random.default_rng(3), np.repeat(np.arange(1, 6), 100), []
    for _ in range(2 * SETS):
        each = utterances(random, random.normal(0.0, 0.7, speakers), 0.7, lengths)
        sets.append(replace(each, made_of=each.drawn_from[:, None], drawn_from=np.zeros_like(each.drawn_from)))
    assert {each.freedom for each in sets} == {speakers - 1}
    told, within = told_over_true(sets)
    assert 0.95 < told < 1.05
    assert within > least


def test_things_of_one_part_each_have_the_usual_variance_of_clusters() -> None:
    random, speakers = np.random.default_rng(4), np.repeat(np.arange(7), [3, 5, 9, 2, 8, 4, 6])
    values = random.normal(size=len(speakers)) + random.normal(size=7)[speakers]
    values -= values.mean()
    clustered = 7 / 6 * sum(values[speakers == who].sum() ** 2 for who in range(7))
    found = in_common(values, speakers[:, None] + 11, np.zeros_like(speakers))
    assert found == pytest.approx(clustered - (values**2).sum())
    assert in_common(values, np.repeat(speakers[:, None], 3, axis=1), speakers * 0) == pytest.approx(found)


def test_each_source_has_its_own_parts_and_those_with_one_alone_add_nothing() -> None:
    made_of, source = np.array([[0], [0], [1], [1], [5], [5], [6], [9], [9]]), np.array([0] * 4 + [3] * 3 + [4] * 2)
    values = np.array([1.0, 2.0, -3.0, 1.0, 2.0, 1.0, -4.0, 0.5, -0.5])
    alone = [in_common(np.where(source == one, values, 0.0), made_of, source) for one in (0, 3, 4)]
    assert in_common(values, made_of, source) == pytest.approx(sum(alone))
    assert alone[0] > 0
    assert alone[2] == 0.0
    assert in_common(np.array([1.0, -1.0]), np.array([[0, 1], [1, 0]]), np.zeros(2, np.int64)) == 0.0, "all share all"


def test_degrees_of_freedom_are_the_parts_less_one_of_each_source() -> None:
    assert freedom_of(np.zeros((4, 0), np.int64), np.zeros(4, np.int64)) == 0
    assert freedom_of(np.array([[0, 1], [7, -1], [1, 0]]), np.zeros(3, np.int64)) == 2
    assert freedom_of(np.array([[0, 1], [7, 8], [-1, -1]]), np.array([0, 1, 2])) == 2
    assert freedom_of(np.array([[3], [3]]), np.array([0, 0])) == 1, "one clip tells nothing of others"


def test_a_difference_is_known_by_the_fewest_of_speakers_and_trainings() -> None:
    by_ten = [Each.of([n % 3 == k for n in range(40)], [1] * 40, made_of=np.arange(40)[:, None] % 10) for k in (0, 1)]
    assert difference(*by_ten, rates, same=True).freedom == 9
    assert difference(*by_ten, rates, same=False, more=0.1, freedom=4).freedom == 4
    unknown = Each.of([0, 1] * 20, [1] * 40)
    assert difference(by_ten[0], unknown, rates, same=False).freedom == 9
    assert difference(unknown, by_ten[0], rates, same=False).freedom == 9
    assert difference(unknown, unknown, rates, same=True).freedom == 0
    assert fewest(0, 0) == 0
    by = replace(difference(*by_ten, rates, same=True), value=2.1, standard_error=1.0)
    assert by.may_be_chance
    assert not replace(by, freedom=0).may_be_chance


def test_few_degrees_of_freedom_are_told_and_many_are_not() -> None:
    assert known_by(9) == {"degrees_of_freedom": 9}
    assert known_by(0) == known_by(100) == {}
    assert within_told(1) == "13.97 standard errors (Student's t, 1 degree of freedom)"
    assert within_told(19) == "2.14 standard errors (Student's t, 19 degrees of freedom)"
    assert within_told(100) == within_told(0) == "two standard errors"
