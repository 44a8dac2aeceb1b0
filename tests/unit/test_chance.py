"""Differences between runs that may be chance, in facts and in sentences."""

import numpy as np
import pytest

from genmodels.analysis.standard_errors import Difference, Each
from genmodels.families.chance import (
    Compared,
    chance_told,
    differences,
    distances_apart,
    distances_told,
    ties_told,
)

SHARES, ERRORS = {"sequence_accuracy": "strips read without any error"}, {"word_error_rate": "word error rates"}


def wrong(*places: int) -> Each:
    """Forty strips of two digits; in those one digit is wrong."""
    return Each.of([int(place in places) for place in range(40)], [2] * 40)


def test_the_best_is_held_against_each_other_and_what_may_be_chance_is_told() -> None:
    runs = [
        Compared("near", wrong(1, 2, 3), "test"), Compared("best", wrong(1, 2), "test"),
        Compared("far", wrong(*range(20)), "test"),
    ]  # fmt: skip
    found = differences(runs, "sequence_accuracy", "1-8 digits")
    assert [(r["best"], r["other"], r["may_be_chance"]) for r in found] == [
        ("best", "near", True), ("best", "far", False),
    ]  # fmt: skip
    assert found[0]["difference"] == pytest.approx(-1 / 40)
    assert chance_told(found, "strips", SHARES) == [
        "1-8 digits: strips read without any error can't be told apart for best and for near (2.5\u00a0±\u00a02.5%, "
        "paired by strips): within 2.43 standard errors (any 2 of 3 compared) of the difference"
    ]
    assert chance_told(found, "strips", {"character_error_rate": "errors"}) == []


def test_of_errors_the_fewest_are_best_and_other_utterances_are_not_paired() -> None:
    runs = [Compared("a", wrong(1, 2, 3), "one"), Compared("b", wrong(1, 2), "other")]
    (found,) = differences(runs, "word_error_rate", "2 words")
    assert (found["best"], found["paired"], found["difference"]) == ("b", False, pytest.approx(1 / 80))
    assert (
        "for a (1.2\u00a0±\u00a02.7%, other utterances, so not paired)" in chance_told([found], "utterances", ERRORS)[0]
    )


def test_another_training_may_make_a_difference_that_utterances_do_not() -> None:
    pair = [Compared("a", wrong(), "same"), Compared("b", wrong(*range(10)), "same")]
    assert not differences(pair, "word_error_rate", "x")[0]["may_be_chance"]
    trained = [Compared(one.name, one.read, one.what, trainings=2, spread=0.02) for one in pair]
    assert differences(trained, "word_error_rate", "x")[0]["may_be_chance"]


def test_many_that_are_no_different_are_counted_and_names_are_made_safe() -> None:
    runs = [Compared("a\x1b[31m", wrong(), "same"), *(Compared(f"r{n}", wrong(), "same") for n in range(5))]
    (told,) = chance_told(differences(runs, "word_error_rate", "all"), "utterances", ERRORS)
    assert "for a\\x1b[31m and for r0 (0.0%, paired by utterances), r1" in told
    near = "within 2.96 standard errors (any 2 of 6 compared) of the difference"
    assert told.endswith(f"r2 (0.0%, paired by utterances), and 2 more: {near}")


def test_what_is_known_by_few_speakers_is_told_with_students_t_and_so_are_several_kinds() -> None:
    by = np.arange(40)[:, None] % 10
    read = [Each.of([int(n in places) for n in range(40)], [2] * 40, made_of=by) for places in ((1, 2, 3), (1, 2))]
    found = differences([Compared(f"r{n}", one, "same") for n, one in enumerate(read)], "word_error_rate", "all")
    assert found[0]["degrees_of_freedom"] == 9
    wanted = "within 2.32 standard errors (Student's t, 9 degrees of freedom) of the difference"
    assert chance_told(found, "utterances", ERRORS)[0].endswith(wanted)
    other = {**found[0], "other": "x"}
    del other["degrees_of_freedom"]
    assert chance_told([*found, other], "utterances", ERRORS)[0].endswith(
        "9 degrees of freedom) or two standard errors of the difference"
    )


def test_one_run_alone_and_runs_that_read_nothing_have_no_differences() -> None:
    assert differences([Compared("a", wrong(), "same")], "word_error_rate", "all") == []
    assert differences([Compared("a", wrong(), "same"), Compared("b", Each(), "same")], "word_error_rate", "all") == []


def test_distances_within_so_many_standard_errors_of_what_they_differ_by_can_not_be_told_apart() -> None:
    rows = [{"run": name, "kernel_distance": value} for name, value in (("vae", 0.1), ("gan", 0.03), ("mlp", 0.05))]
    asked: list[tuple[int, int]] = []

    def by(best: int, other: int) -> Difference:
        asked.append((best, other))
        return Difference(rows[other]["kernel_distance"] - rows[best]["kernel_distance"], 0.012, paired=True)

    found = distances_apart(rows, "kernel_distance", by)
    assert asked == [(1, 0), (1, 2)], "each is held against the least"
    assert [(r["best"], r["other"], r["may_be_chance"]) for r in found] == [("gan", "vae", False), ("gan", "mlp", True)]
    assert found[1]["difference_standard_error"] == 0.012
    assert distances_told(found) == [
        "the kernel distances of gan and of mlp (0.0200\u00a0±\u00a00.0120) can't be told apart: within 2.43 standard "
        "errors (any 2 of 3 compared) of the difference, which is paired by the real images"
    ]
    assert distances_told(found[:1]) == []


@pytest.mark.parametrize("networks", [2, 5])
def test_of_equal_networks_few_are_told_apart_however_many_are_compared(networks: int) -> None:
    """Each is wrong in a tenth of 200 strips, by chance alone."""
    random, told = np.random.default_rng(3), 0
    for _ in range(400):
        wrong_ = (random.random((networks, 200)) < 0.1).astype(int)
        runs = [Compared(f"r{n}", Each.of([*one], [1] * 200), "same") for n, one in enumerate(wrong_)]
        told += any(not one["may_be_chance"] for one in differences(runs, "word_error_rate", "all"))
    assert told / 400 < 0.075, "4.6 % within the noise of 400; of five by two errors it would be a quarter"


def test_a_single_training_beside_several_is_taken_to_vary_as_they_do() -> None:
    alone, several = Compared("a", wrong(), "same"), Compared("b", wrong(*range(10)), "same", trainings=3, spread=0.02)
    (found,) = differences([alone, several], "word_error_rate", "x")
    assert found["difference_standard_error"] > (0.02 * (1 + 1 / 3)) ** 0.5
    assert found["may_be_chance"]


@pytest.mark.parametrize("trainings", [2, 3, 5])
def test_of_a_few_trainings_no_more_are_called_different_by_chance_than_of_many(trainings: int) -> None:
    random = np.random.default_rng(7)
    one, other = random.normal(size=(2, 20_000, trainings))
    error = np.sqrt((one.var(axis=1, ddof=1) + other.var(axis=1, ddof=1)) / trainings)
    by = one.mean(axis=1) - other.mean(axis=1)
    found = [Difference(b, e, False, 2 * trainings - 2).may_be_chance for b, e in zip(by, error, strict=True)]
    assert np.mean(found) == pytest.approx(0.9545, abs=0.005)


@pytest.mark.parametrize(("measure", "said"), [("word_error_rate", ""), ("sequence_accuracy", " any without an error")])
def test_networks_that_read_nothing_do_not_tie(measure: str, said: str) -> None:
    everywhere = [Compared(name, Each.of([2] * 40, [2] * 40), "same") for name in ("a", "b")]
    found = [one for of in ("1-8 words", "9-16 words") for one in differences(everywhere, measure, of)]
    assert all(one["may_be_chance"] for one in found)
    wanted = [f"1-8 words and 9-16 words: none of them reads{said} yet"]
    told = {measure: "rates"}
    assert chance_told(found, "utterances", told) == ties_told(found, told) == wanted
    assert (
        chance_told([{k: v for k, v in one.items() if k != "reached"} for one in found], "utterances", told) != wanted
    )


def test_a_figure_has_the_ties_of_the_same_networks_in_one_short_sentence() -> None:
    runs = [Compared(f"r{n}", wrong(1), "same") for n in range(5)]
    found = [one for of in ("1-8 words", "9-16 words") for one in differences(runs, "word_error_rate", of)]
    assert ties_told(found, ERRORS) == [
        "1-8 words and 9-16 words: the word error rates of r0, r1, r2 and 2 more can't be told apart"
    ]
