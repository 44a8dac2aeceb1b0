"""Shares and errors in whole sentences: nearly all is not all, and hardly any is not none."""

import pytest

from genmodels.telling import errors_told, of_hundred


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.0, "0"), (0.003, "0.3"), (0.00004, "0.004"), (0.612, "61"), (0.994, "99"), (0.997, "99.7"), (0.9996, "99.96"),
     (1.0, "100")],
)  # fmt: skip
def test_a_share_is_neither_none_nor_all_unless_it_is(share: float, told: str) -> None:
    assert of_hundred(share) == told


@pytest.mark.parametrize(
    ("rate", "told"),
    [(0.0, "0 errors"), (0.0004, "0.04 errors"), (0.01, "1 error"), (0.0312, "3.1 errors"), (0.0996, "10 errors"),
     (0.612, "61 errors"), (1.2, "120 errors"), (12.0, "1,200 errors")],
)  # fmt: skip
def test_errors_may_be_more_than_100_in_100_and_few_are_not_none(rate: float, told: str) -> None:
    assert errors_told(rate, "word") == f"{told} in 100 words"
