"""What language models are behind the best of them, and where that may be chance."""

import numpy as np
import pytest

from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.data.text.streams import Split
from genmodels.families.text.comparing import _beside_the_best, _counted_better, _far_gradients, _ties_told, tables_of
from genmodels.models.recurrent_lm import RecurrentLM

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
        f"{rows[0]['model']} and {rows[1]['model']} can't be told apart: within 2.67 standard errors (Student's t, 19 "
        "degrees of freedom; any 2 of 3 compared) of what they differ by"
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


def test_the_more_models_are_compared_the_more_may_be_chance() -> None:
    best = {"model": "lstm"}
    behind = {"model": "rnn", "nll_behind": 0.025, "nll_behind_standard_error": 0.01, "blocks": 20}
    far = {"model": "uniform", "nll_behind": 3.0, "nll_behind_standard_error": 0.01, "blocks": 20}
    assert _ties_told([best, behind]) == []
    assert "lstm and rnn can't be told apart" in _ties_told([best, behind, far])[0]


def test_what_only_counts_is_told_to_be_better_only_where_that_is_no_chance(hard_parts: np.ndarray) -> None:
    found = [losses(1.500, 1, hard_parts), losses(1.501, 2, hard_parts), losses(1.6, 3, hard_parts)]
    named = [("7-gram", {}), ("near", {"run": "x"}), ("far", {"run": "y"})]
    rows = _beside_the_best([
        ({"model": name, "nll": float(one.mean()), **more}, one)
        for (name, more), one in zip(named, found, strict=True)
    ])  # fmt: skip
    counted = {row["model"]: row.get("nll_behind_counted") for row in rows}
    assert counted == {
        "7-gram": None,
        "near": pytest.approx(found[1].mean() - found[0].mean()),
        "far": pytest.approx(found[2].mean() - found[0].mean()),
    }
    (told,) = _counted_better(rows)
    assert told.endswith("and lies below far")


def test_what_an_earlier_version_called_characters_a_second_is_shown_under_the_name_of_now() -> None:
    rows = [{"model": "lstm", "run": "x", "nll": 1.5, "chars_per_second": 20_047}]
    assert tables_of("t", {"comparison": rows})[-1].rows[0]["chars_per_second_in_all"] == 20_047


@pytest.mark.parametrize(
    ("cell", "told"), [("lstm", {"gradient_at_50", "cell_gradient_at_50"}), ("gru", {"gradient_at_50"})]
)
def test_the_gradient_of_an_lstms_cell_is_a_fact_of_its_own(cell: str, told: set[str]) -> None:
    model, text = RecurrentLM(4, cell, 1, 8, 4, 0.0, 0.0), open_corpus([], HowRead(), print, text="abcd" * 100)
    found = _far_gradients(model, Split(text, 0, text.length))
    assert found.keys() == told
    assert len(set(found.values())) == len(told), "of the cell it is another"


def test_of_a_short_text_nothing_is_called_a_tie_and_it_is_told_that_nothing_is_sure() -> None:
    rows = beside(np.full(100, 1.5), np.full(100, 1.6))
    assert rows[1]["nll_behind_standard_error"] is None
    assert _ties_told(rows) == ["the validation text is too short to tell how sure the differences are"]
    assert _ties_told([{"model": "lstm", "nll": 1.5}, {"model": "rnn", "nll": 1.6}]) == [], "kept by an earlier version"
