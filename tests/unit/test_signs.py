"""Signs that a training goes wrong are told once, when they have lasted, and again when they have gone."""

import json
from typing import Any

import pytest

from genmodels.settings.vae import VaeSettings
from genmodels.training.beginnings import Beginning
from genmodels.training.plan import Plan
from genmodels.training.signs import ENOUGH_STEPS, LASTING, Sign, news_of, reads_little


def plan_of(epochs: int | None, steps: int = 2 * ENOUGH_STEPS) -> Plan:
    """Epochs of so many steps."""
    return Plan(steps, None if epochs is None else epochs * steps, None, 0, 1)


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
        plan = plan_of(epochs or len(course) + 9)
        found += [(epoch, said) for said in news_of([sign], seen, plan, epoch * plan.steps_per_epoch)]
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


def test_steps_of_the_run_that_it_began_from_count_too() -> None:
    plan = plan_of(1, steps=100)
    (few,) = news_of([], {}, plan, 100, had=ENOUGH_STEPS - 101)
    assert few.startswith("after 100 steps (1 epoch) and 299 before, of the run that it began from, the model")
    assert few.endswith("try --epochs 3")
    assert news_of([], {}, plan, 100, had=ENOUGH_STEPS - 100) == []


def test_a_short_training_is_told_at_its_end_what_held_all_along() -> None:
    assert told("x", epochs=1) == [(1, "it is there")]
    assert told("xx", epochs=2) == [(2, "since epoch 1, it is there")]
    assert told(".x", epochs=2) == []


def test_a_training_that_ends_well_is_told_so() -> None:
    assert told("xxxx.", epochs=5) == [(3, "since epoch 1, it is there"), (5, "it is gone")]


def test_while_the_length_is_not_known_nothing_is_told_early() -> None:
    seen: dict[str, dict[str, Any]] = {}
    assert news_of([Sign("collapse", True, "it is there")], seen, plan_of(None), 2 * ENOUGH_STEPS) == []


def test_signs_do_not_mix() -> None:
    seen: dict[str, dict[str, Any]] = {}
    for epoch in range(1, 4):
        signs = [Sign("a", True, "a"), Sign("b", epoch > 1, "b")]
        news = news_of(signs, seen, plan_of(9), epoch * 2 * ENOUGH_STEPS)
    assert news == ["since epoch 1, a"]


@pytest.mark.parametrize(
    ("steps_per_epoch", "trained", "wanted"),
    [
        (469, 33, "after 33 steps (0.07 epochs) KL 0.7; D wins, which may be because it is hardly trained: "
                  "try --epochs 3"),
        (469, 399, "after 399 steps (0.85 epochs)"),
        (350, 349, "after 349 steps (0.997 epochs)"),
        (5, 25, "after 25 steps (5 epochs)"),
        (5, 25, "try --epochs 80"),
        (469, 1, "after 1 step (0.002 epochs)"),
    ],
)  # fmt: skip
def test_a_model_that_is_hardly_trained_is_told_that_alone_at_its_end(
    steps_per_epoch: int, trained: int, wanted: str
) -> None:
    plan = Plan(steps_per_epoch, trained, None, 0, 1)
    signs = [Sign("a", True, "it has collapsed", "KL 0.7"), Sign("b", True, "lost", "D wins"), Sign("c", False, "fine")]
    seen: dict[str, dict[str, Any]] = {}
    news = [news_of(signs, seen, plan, step) for step in range(1, trained + 1) if plan.ends_epoch(step)]
    assert all(said == [] for said in news[:-1]), "not before the end"
    (told,) = news[-1]
    assert wanted in told
    assert "collapsed" not in told
    assert not any(sign["told"] for sign in seen.values()), "a training that goes on may find more"


def test_a_whole_epoch_of_enough_steps_is_a_finding() -> None:
    plan = Plan(ENOUGH_STEPS, ENOUGH_STEPS, None, 0, 1)
    assert news_of([Sign("a", True, "it has collapsed", "KL 0.7")], {}, plan, ENOUGH_STEPS) == ["it has collapsed"]


def test_a_setting_far_above_the_usual_is_told_beside_the_short_training() -> None:
    plan = Plan(469, 33, None, 0, 1)
    high = VaeSettings(beta=1000.0, learning_rate=0.02).far_above_usual("beta", "learning_rate")
    signs = [Sign(name, True, "lost", found, high) for name, found in (("a", "KL 0.7"), ("b", "D wins"))]
    (told,) = news_of(signs, {}, plan, 33)
    assert told.endswith(
        "KL 0.7; D wins, which may be because it is hardly trained or --beta 1000 is far above the usual 1: "
        "try --epochs 3 and --beta 1"
    )


@pytest.mark.parametrize("signs", [[], [Sign("a", False, "fine")]])
def test_a_family_without_a_sign_hears_of_few_steps_too(signs: list[Sign]) -> None:
    plan = Plan(469, 40, None, 0, 1)
    assert news_of(signs, {}, plan, 40) == ["after 40 steps (0.085 epochs) the model is hardly trained: try --epochs 3"]
    assert news_of(signs, {}, Plan(20, 400, None, 0, 1), 40) == [], "not before the end"
    assert news_of(signs, {}, Plan(ENOUGH_STEPS, ENOUGH_STEPS, None, 0, 1), ENOUGH_STEPS) == []


def test_what_a_short_training_is_told_to_do_is_enough_to_compare_it() -> None:
    per_epoch = 131  # of which three are enough steps for a sign
    (told,) = news_of([], {}, Plan(per_epoch, per_epoch, None, 0, 1), per_epoch)
    assert told.endswith("try --epochs 4")
    assert 3 * per_epoch < ENOUGH_STEPS <= 4 * per_epoch


def test_a_network_that_reads_next_to_nothing_is_a_sign() -> None:
    plan = Plan(469, 40, None, 0, 1)
    (early,) = news_of([reads_little(1.0, 0.0, "digits")], {}, plan, 40)
    assert "it reads next to nothing, 100.0% errors for all digits, which may be because it is hardly trained" in early
    assert reads_little(0.95, 0.1, "words").present
    assert not reads_little(0.5, 0.0, "words").present


def test_a_sign_names_as_many_epochs_as_its_model_needs_and_is_no_finding_before() -> None:
    plan = Plan(75, 300, None, 0, 1)
    slow, begins = reads_little(1.0, 0.0, "digits"), Beginning("crnn", "to read", 600)
    (early,) = news_of([slow], {}, plan, 300, begins)
    assert early.endswith("which may be because it is hardly trained: try --epochs 8")
    (later,) = news_of(
        [slow], {"reading": {"present": True, "since": 1, "told": False}}, Plan(75, 600, None, 0, 1), 600, begins
    )
    assert "another --learning-rate may help" in later
