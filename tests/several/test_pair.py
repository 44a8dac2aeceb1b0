"""The two processes that other tests use tell what went wrong, and are replaced."""

import pytest

from several.conftest import Pair


@pytest.mark.sweep  # each starts four processes
@pytest.mark.parametrize(("way", "told"), [
    ("hangs", "process 1 answered nothing; its errors:\nCurrent thread"),
    ("broken", "process 1 has ended; its errors:\n"),
])  # fmt: skip
def test_one_that_does_not_answer_is_told_with_its_errors_and_replaced(way: str, told: str, pair: Pair) -> None:
    assert pair.do("fare", ways=["done", "done"]) == ["done", "done"], "they have begun"
    with pytest.raises(pytest.fail.Exception) as caught:
        pair.do("fare", limit=2.0, ways=["done", way])
    if way == "hangs":  # one that has ended is told at once, maybe before the other one has answered
        assert 'process 0 answered "done"; its errors:\n' in str(caught.value)
    assert told in str(caught.value)
    assert ("ValueError: broken" in str(caught.value)) == (way == "broken")
    assert pair.do("fare", ways=["done", "done"]) == ["done", "done"]
