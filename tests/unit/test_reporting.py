"""How long several trainings take in all."""

import pytest

from genmodels.training.reporting import Several


@pytest.mark.parametrize(
    ("minutes", "taken", "seconds", "left", "wanted"),
    [(1.0, [], 10.0, None, 50.0 + 120.0), (1.0, [60.0], 70.0, None, 60.0), (1.0, [], 10.0, 30.0, 50.0 + 120.0),
     (None, [], 10.0, None, None), (None, [50.0], 10.0, 20.0, 20.0 + 40.0)],
    ids=["by the clock", "beyond its time", "whatever is foretold", "nothing known", "as those before on average"],
)  # fmt: skip
def test_the_time_of_all_is_what_is_left_of_this_one_and_of_those_to_come(
    minutes: float | None, taken: list[float], seconds: float, left: float | None, wanted: float | None
) -> None:
    assert Several(("a", "b", "c"), minutes, taken).left(seconds, left) == wanted
