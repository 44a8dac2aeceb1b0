"""What is said of a game: each sentence out of a record."""

from typing import Any

import pytest

from genmodels.settings.gan import GAN_PRESETS, GanSettings
from genmodels.training.gan_telling import another_referee, in_words, signs_of

RECORD = {
    "score_real": 0.75, "score_drawn": 0.25, "discriminator_loss": 0.5, "generator_loss": 1.25,
    "kernel_distance": 0.08, "kernel_distance_standard_error": 0.01, "precision": 0.9, "recall": 0.6,
    "nearest_squared": 3.0, "real/kernel_distance": -0.001, "real/kernel_distance_standard_error": 0.002,
    "real/precision": 0.95, "real/recall": 0.875, "real/nearest_squared": 4.0, "real/class_kl": 0.001,
    "variety": 0.9, "separation": 0.8, "class_kl": 0.125,
    "classes_present": 2, "share/0": 0.75, "share/1": 0.25,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "classes", "wanted"),
    [
        ({}, 2, []),
        ({"classes_present": 1}, 2, ["modes are lost: only 1 of 2 classes"]),
        ({"classes_present": 1}, None, []),
        ({"variety": 0.04}, 2, ["the images drawn are nearly all alike or all astray, with 4.0% of the variance"]),
        ({"recall": 0.0}, 2, ["the images drawn are nearly all alike or all astray"]),
        ({"variety": 0.05, "recall": 0.01}, 2, []),
        ({"separation": 0.995}, 2, ["the discriminator wins: it orders 99.5% of the pairs"]),
        ({"separation": 0.99}, 2, []),
        ({"separation": 0.3}, 2, ["the generator wins: the discriminator finds the drawn image more real in 70%"]),
        ({"separation": 0.4}, 2, []),
        ({"classes_present": 1, "separation": 1.0}, 3, ["modes are lost: only 1 of 3", "the discriminator wins"]),
    ],
)
def test_lost_modes_and_a_winner_are_told(changes: dict[str, Any], classes: int | None, wanted: list[str]) -> None:
    said = [sign.told for sign in signs_of(RECORD | changes, classes, GanSettings()) if sign.present]
    assert len(said) == len(wanted)
    assert all(sentence.startswith(beginning) for sentence, beginning in zip(said, wanted, strict=True))


def test_what_is_worth_trying_has_a_value_that_the_run_s_model_takes() -> None:
    bad = RECORD | {"classes_present": 1, "separation": 1.0}
    _, lost, won, _ = signs_of(bad, 2, GanSettings(seed=4))
    assert lost.told.endswith("; try --seed 5, --batch-size 64 or --r1 0.4")
    assert won.told.endswith("; try --r1 0.4")
    assert won.found == "the discriminator orders 100.0% of the pairs of a real and a drawn image rightly"
    *_, generator = signs_of(RECORD | {"separation": 0.1}, 2, GanSettings())
    assert generator.told.endswith("; try --r1 0.025 or --channels 64")
    *_, generator = signs_of(RECORD | {"separation": 0.1}, 2, GanSettings(**GAN_PRESETS["classic"]))
    assert generator.told.endswith("; try --hidden-size 1024"), "an mlp has no channels, and nothing is penalised"
    assert signs_of(bad, 2, GanSettings(**GAN_PRESETS["classic"]))[2].told.endswith("; try --r1 0.1")


def test_a_set_without_classes_has_no_count_of_them_to_look_at() -> None:
    signs = signs_of({"separation": 0.8, "variety": 0.5, "recall": 0.5}, None, GanSettings())
    assert [sign.name for sign in signs] == ["variety", "discriminator", "generator"]


def test_what_has_gone_is_told_as_that() -> None:
    assert [sign.told for sign in signs_of(RECORD, 2, GanSettings())] == [
        "the images drawn differ again, with 90.0% of the variance of real ones and a recall of 0.600",
        "all 2 classes are drawn again",
        "the discriminator no longer wins: it orders 80.0% of the pairs of a real and a drawn image rightly",
        "the generator no longer wins: the discriminator finds the drawn image more real in 20% of the pairs",
    ]


def test_another_classifier_is_told_with_both_names() -> None:
    said = another_referee("abc", "def")
    assert said.startswith("figures from here on are by the classifier abc, those of before by def: ")


def test_an_evaluation_is_told_in_three_lines_of_words() -> None:
    told = in_words(RECORD | {"share/2": 0.0}, ("cat", "dog", "cow"))
    assert told == (
        "drawn images (real ones): kernel distance 0.0800 ± 0.0100 (-0.0010), precision 90% (95%), "
        "recall 60% (88%)\n"
        "the discriminator gives real images 0.75, drawn ones 0.25; losses 0.500 and the generator's 1.250\n"
        "classes drawn, 2 of 3: cat 75%, dog 25%\n"
    )


def test_a_precision_that_says_nothing_is_told_as_that() -> None:
    told = in_words(RECORD | {"recall": 0.1}, None)
    assert "precision 90% (95%), which says nothing here, recall 10% (88%)\n" in told


def test_a_set_without_classes_has_no_line_of_them() -> None:
    assert in_words(RECORD, None).count("\n") == 2
    assert in_words({k: v for k, v in RECORD.items() if k != "class_kl"}, ("cat", "dog")).count("\n") == 2
