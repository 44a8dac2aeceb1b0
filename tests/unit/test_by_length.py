"""The parts of held-out data that a network which reads is measured on."""

import pytest

from genmodels.training.by_length import as_recorded, parts_by_length


@pytest.mark.parametrize("held_out", ["test", "validation"])
def test_a_reader_is_measured_on_both_parts_and_at_twice_the_length(held_out: str) -> None:
    parts = parts_by_length(("seen", "others"), held_out, longest=4, tested=18, longer_share=2)
    assert {name: (maker, list(lengths)) for name, (maker, lengths, _) in parts.items()} == {
        "train": ("seen", [1, 2, 3, 4]),
        held_out: ("others", [1, 2, 3, 4]),
        "longer": ("others", [5, 6, 7, 8]),
    }
    assert [count for _, _, count in parts.values()] == [2, 5, 3], "18 over four lengths, a quarter and a half of them"


def test_what_can_not_be_told_is_not_recorded() -> None:
    record = {"nll": 0.5, "nll_standard_error": 0.1, "word_error_rate": None, "rate_standard_error": 0.2}
    assert as_recorded(record) == {"nll": 0.5, "nll_standard_error": 0.1, "rate_standard_error": 0.2}
