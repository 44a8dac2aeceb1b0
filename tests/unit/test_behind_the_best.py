"""What language models are behind the best of them, and where that may be chance."""

import numpy as np
import pytest

from genmodels.families.text.comparing import _beside_the_best, _ties_told

BLOCKS, LENGTH = 20, 512


def losses(mean: float, seed: int, shared: np.ndarray) -> np.ndarray:
    return mean + shared + np.random.default_rng(seed).normal(0.0, 0.3, len(shared))


@pytest.fixture
def hard_parts() -> np.ndarray:
    """Parts of a text are harder than others for every model."""
    return np.repeat(np.random.default_rng(0).normal(0.0, 0.5, BLOCKS), LENGTH)


def beside(*found: np.ndarray) -> list[dict]:
    named = zip("abcd", found, strict=False)
    return _beside_the_best([({"model": name, "nll": float(one.mean())}, one) for name, one in named])


def test_the_best_is_first_and_what_others_are_behind_is_paired(hard_parts: np.ndarray) -> None:
    worse, best = losses(1.55, 1, hard_parts), losses(1.50, 2, hard_parts)
    first, second = beside(worse, best)
    assert (first["model"], second["model"]) == ("b", "a")
    assert "nll_behind" not in first
    assert second["nll_behind"] == pytest.approx(worse.mean() - best.mean())
    means = (worse - best).reshape(BLOCKS, LENGTH).mean(axis=1)
    assert second["nll_behind_standard_error"] == pytest.approx(means.std(ddof=1) / BLOCKS**0.5)
    assert second["nll_standard_error"] > 10 * second["nll_behind_standard_error"], "the hard parts are hard for both"
    assert _ties_told([first, second]) == []


def test_models_that_another_text_might_turn_are_no_different(hard_parts: np.ndarray) -> None:
    rows = beside(losses(1.5, 1, hard_parts), losses(1.5, 2, hard_parts), losses(1.9, 3, hard_parts))
    assert _ties_told(rows) == [
        f"{rows[0]['model']} and {rows[1]['model']} can't be told apart: within 2.14 standard errors (Student's t, 19 "
        "degrees of freedom) of what they differ by"
    ]


def test_an_error_by_few_blocks_ties_what_many_would_tell_apart() -> None:
    def row(behind: float, **more: int) -> dict:
        return {"model": "rnn", "nll_behind": behind, "nll_behind_standard_error": 0.01, **more}

    first = {"model": "lstm"}
    assert _ties_told([first, row(0.0210, blocks=20)]) != [], "2.14 errors by Student's t"
    assert _ties_told([first, row(0.0220, blocks=20)]) == []
    assert _ties_told([first, row(0.0225, blocks=10)]) != []
    assert _ties_told([first, row(0.0210)]) == [], "kept by an earlier version, which did not tell"
    assert "within two standard errors of" in _ties_told([first, row(0.0190)])[0]


def test_of_a_short_text_nothing_is_called_a_tie() -> None:
    rows = beside(np.full(100, 1.5), np.full(100, 1.6))
    assert rows[1]["nll_behind_standard_error"] is None
    assert _ties_told(rows) == []
    assert _ties_told([{"model": "lstm", "nll": 1.5}, {"model": "rnn", "nll": 1.6}]) == [], "kept by an earlier version"
