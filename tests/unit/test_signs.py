"""Signs that a training goes wrong are told once, when they have lasted, and again when they have gone."""

import json
from typing import Any

from genmodels.training.signs import LASTING, Sign, news_of


def told(course: str, epochs: int | None = None) -> list[tuple[int, str]]:
    """Which sentence is told after which epoch.

    Args:
        course: of a training, a character for each epoch: "x" where the sign is present.
        epochs: of the whole training; None: more than were seen.
    """
    seen: dict[str, dict[str, Any]] = {}
    found = []
    for epoch, what in enumerate(course, 1):
        sign = Sign("collapse", what == "x", "it is gone" if what == "." else "it is there")
        found += [(epoch, said) for said in news_of([sign], seen, epoch, epochs or len(course) + 9)]
        seen = json.loads(json.dumps(seen))  # as a training state keeps it
    return found


def test_what_lasts_is_told_once() -> None:
    assert LASTING == 3
    assert told("xxxxxxxxx") == [(3, "since epoch 1, it is there")]
    assert told("..xxxxxxx") == [(5, "since epoch 3, it is there")]


def test_what_passes_is_not_told() -> None:
    assert told("xx.xx.xx.x.x.") == []
    assert told(".........") == []


def test_what_was_told_and_goes_is_told_as_gone_once_that_lasts() -> None:
    assert told("xxxx.x....") == [(3, "since epoch 1, it is there"), (9, "since epoch 7, it is gone")]


def test_what_comes_again_for_long_is_told_again() -> None:
    assert [epoch for epoch, _ in told("xxx...xxx")] == [3, 6, 9]


def test_a_short_training_is_told_at_its_end_what_held_all_along() -> None:
    assert told("x", epochs=1) == [(1, "it is there")]
    assert told("xx", epochs=2) == [(2, "since epoch 1, it is there")]
    assert told(".x", epochs=2) == []


def test_a_training_that_ends_well_is_told_so() -> None:
    assert told("xxxx.", epochs=5) == [(3, "since epoch 1, it is there"), (5, "it is gone")]


def test_while_the_length_is_not_known_nothing_is_told_early() -> None:
    seen: dict[str, dict[str, Any]] = {}
    assert news_of([Sign("collapse", True, "it is there")], seen, 1, None) == []


def test_signs_do_not_mix() -> None:
    seen: dict[str, dict[str, Any]] = {}
    for epoch in range(1, 4):
        signs = [Sign("a", True, "a"), Sign("b", epoch > 1, "b")]
        news = news_of(signs, seen, epoch, 9)
    assert news == ["since epoch 1, a"]
