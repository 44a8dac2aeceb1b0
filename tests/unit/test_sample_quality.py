"""Measures of drawn images against brute force and closed forms, in float64."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from genmodels.analysis.classifying import MOST_LEARNED, learned_rows
from genmodels.analysis.doubts import doubts_about, precision_says_nothing
from genmodels.analysis.sample_quality import (
    Yardstick,
    class_balance,
    nearest_squares,
    precision_and_recall,
    separation,
    variety_of,
)
from genmodels.analysis.sides import Sides, choosing_sides, halves_of_test, sides_of
from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.parts import Part
from genmodels.errors import DataError

CPU = torch.device("cpu")


def features(count: int, size: int, seed: int = 0) -> np.ndarray:
    """Correlated numbers."""
    random = np.random.default_rng(seed)
    return random.normal(size=(count, size)) @ random.normal(size=(size, size))


def brute_precision(drawn: np.ndarray, real: np.ndarray) -> float:
    """Share of drawn points within the distance of some real point to its third nearest neighbour."""
    inside = 0
    for point in drawn:
        for index, there in enumerate(real):
            others = sorted(np.linalg.norm(real[other] - there) for other in range(len(real)) if other != index)
            if np.linalg.norm(point - there) <= others[2]:
                inside += 1
                break
    return inside / len(drawn)


def test_precision_and_recall_are_those_of_brute_force() -> None:
    drawn, real = features(40, 3, 1), features(30, 3, 2)
    found = precision_and_recall(drawn, real)
    assert found == pytest.approx((brute_precision(drawn, real), brute_precision(real, drawn)))
    assert 0 < found[0] < 1


def test_precision_and_recall_tell_one_mode_from_all_and_from_none() -> None:
    random = np.random.default_rng(0)
    left, right = random.normal(size=(60, 2)), random.normal(size=(60, 2)) + 100
    real = np.concatenate([left, right])
    precision, recall = precision_and_recall(random.normal(size=(120, 2)), real)
    assert precision > 0.9
    assert 0.4 < recall <= 0.5
    assert precision_and_recall(real + 1000, real) == (0.0, 0.0)


def test_separation_counts_the_pairs_and_halves_the_ties() -> None:
    random = np.random.default_rng(0)
    real, drawn = random.integers(0, 9, 50), random.integers(-2, 7, 40)
    wanted = np.mean([(r > d) + 0.5 * (r == d) for r in real for d in drawn])
    assert separation(torch.tensor(real), torch.tensor(drawn)) == pytest.approx(wanted)
    assert separation(torch.ones(5), torch.ones(3)) == 0.5
    assert separation(torch.ones(5), torch.zeros(3)) == 1.0


def test_nearest_squares_are_those_of_brute_force() -> None:
    random = np.random.default_rng(0)
    train = random.integers(0, 256, (25, 4, 3), dtype=np.uint8)
    images = random.random((6, 4, 3))
    wanted = [min(np.linalg.norm(image - other / 255) ** 2 for other in train) for image in images]
    found = nearest_squares(torch.tensor(images), torch.tensor(train), drawn=False)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_copies_drawn_as_black_and_white_are_0_away_on_average_and_other_images_as_far_as_if_grey() -> None:
    random = np.random.default_rng(0)
    train = (random.random((40, 12, 12)) * 255).astype(np.uint8)
    others = (random.random((400, 12, 12)) * 255).astype(np.uint8)
    kept = torch.tensor(train)

    def drawn(pixels: np.ndarray) -> torch.Tensor:
        return torch.tensor((random.random(pixels.shape) * 255 < pixels).astype(np.float32))

    copies = nearest_squares(drawn(train.repeat(10, axis=0)), kept, drawn=True)
    assert copies.mean() == pytest.approx(0.0, abs=4 * copies.std() / np.sqrt(400))
    one = torch.tensor(train[:1])  # of several the nearest would be looked for
    grey = nearest_squares(torch.tensor(others) / 255.0, one, drawn=False)
    black = nearest_squares(drawn(others), one, drawn=True)
    noise = (others / 255.0 * (1 - others / 255.0)).sum(axis=(1, 2)) - float((one / 255.0 * (1 - one / 255.0)).sum())
    assert (black - noise).mean() == pytest.approx(grey.mean(), abs=4 * black.std() / np.sqrt(400))


def test_a_set_sorted_by_class_is_measured_like_a_mixed_one() -> None:
    """Only the first 2,000 are compared by neighbours, so their order must not matter."""
    random = np.random.default_rng(0)
    kinds = np.repeat([0, 1], 2_500)
    pixels = (random.integers(0, 60, (5_000, 4, 4)) + 180 * kinds[:, None, None]).astype(np.uint8)
    part = Part(pixels, None)
    sides = Sides(part, part, part)
    drawn = torch.tensor(pixels[random.permutation(5_000)]) / 255.0
    quality = Yardstick(sides, "none", None, CPU).measure(drawn)
    assert quality.precision > 0.9
    one_kind = torch.tensor(pixels[random.integers(0, 2_500, 5_000)]) / 255.0
    assert Yardstick(sides, "none", None, CPU).measure(one_kind).recall == pytest.approx(0.5, abs=0.1)


def test_class_balance_is_0_for_the_datas_shares_and_counts_a_lost_class() -> None:
    data = np.array([0.5, 0.25, 0.25])
    even = class_balance(np.array([0, 0, 1, 2]), data)
    assert (even.kl, even.present) == (0.0, 3)
    lost = class_balance(np.array([0, 0, 0, 1]), data)
    assert lost.kl == pytest.approx(0.75 * np.log(0.75 / 0.5) + 0.25 * np.log(0.25 / 0.25))
    assert lost.present == 2
    assert lost.kl_error > 0
    np.testing.assert_allclose(lost.shares, [0.75, 0.25, 0.0])


def test_a_class_with_less_than_a_tenth_of_its_share_is_lost() -> None:
    data = np.array([0.5, 0.5])
    assert class_balance(np.array([0] * 96 + [1] * 4), data).present == 1
    assert class_balance(np.array([0] * 94 + [1] * 6), data).present == 2


def test_a_class_that_the_data_lacks_is_not_counted() -> None:
    assert class_balance(np.array([0, 1]), np.array([1.0, 0.0])).present == 1


@pytest.fixture
def sides() -> Sides:
    """Two parts of a set without labels."""
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (90, 9, 7), dtype=np.uint8)
    return Sides(Part(pixels[:50], None), Part(pixels[:50], None), Part(pixels[50:], None))


def test_a_set_without_classes_is_measured_without_them(sides: Sides) -> None:
    yardstick = Yardstick(sides, "none", None, CPU)
    assert yardstick.count == 40
    quality = yardstick.measure(torch.tensor(sides.held_out.pixels) / 255.0)
    assert quality.classes is None
    assert quality.kernel_distance < abs(yardstick.real.kernel_distance), "the same images are nearer than others"
    assert (quality.precision, quality.recall) == (1.0, 1.0)
    assert quality.nearest_squared == pytest.approx(yardstick.real.nearest_squared, rel=1e-5)
    assert "precision_standard_error" not in quality.to_record(), "of all images nothing is known"
    some = yardstick.measure(torch.rand(40, 9, 7))
    shares = {"precision": some.precision, "recall": some.recall}
    record = yardstick.to_record(some)
    for name, share in shares.items():
        told = record.get(f"{name}_standard_error")
        assert told == (pytest.approx((share * (1 - share) / 40) ** 0.5) if 0 < share < 1 else None)
    assert not [name for name in yardstick.to_record(quality) if "class" in name or "share" in name]


def test_copies_of_training_images_are_noticed(sides: Sides) -> None:
    yardstick = Yardstick(sides, "none", None, CPU)
    quality = yardstick.measure(torch.tensor(sides.train.pixels[:40]) / 255.0)
    assert quality.nearest_squared == pytest.approx(0.0, abs=0.01)
    assert yardstick.real.nearest_squared > 1.0


@pytest.mark.parametrize("binarize", ["dynamic", "static", "threshold"])
def test_copies_are_noticed_whatever_the_targets_are(sides: Sides, binarize: str) -> None:
    """What is drawn are the training images in the form of the targets, drawn anew where they are."""
    yardstick = Yardstick(sides, binarize, None, CPU, most=30)
    grey, random = torch.tensor(sides.train.pixels[:30]) / 255.0, torch.Generator().manual_seed(5)
    copies = torch.bernoulli(grey, generator=random) if binarize == "dynamic" else yardstick.train.pixels[:30] / 255.0
    quality = yardstick.measure(copies)
    assert quality.nearest_squared == pytest.approx(0.0, abs=1.5)
    assert yardstick.real.nearest_squared > 3.0


def test_only_so_many_images_are_compared(sides: Sides) -> None:
    assert Yardstick(sides, "none", None, CPU, most=12).count == 12


def labelled(count: int, tested: int = 10) -> ImageSet:
    """An image set of two classes, whose images are numbered by their pixels."""
    pixels = np.arange(count + tested, dtype=np.uint32).view(np.uint8).reshape(-1, 2, 2)
    labels = np.arange(count + tested) % 2
    train, test = Part(pixels[:count], labels[:count]), Part(pixels[count:], labels[count:])
    return ImageSet("numbers", "numbers", train, test, ("even", "odd"), "numbers")


@pytest.mark.parametrize(("count", "learned"), [(41, 20), (3 * MOST_LEARNED, MOST_LEARNED)])
def test_the_classifier_learns_from_none_of_the_images_that_are_compared(count: int, learned: int) -> None:
    images = labelled(count)
    rows = learned_rows(images)
    assert len(rows) == learned
    assert abs(2 * images.train.labels[rows].sum() - learned) <= 2, "of each class alike"
    validated = np.arange(0, count, 3)
    trained = np.setdiff1d(np.arange(count), validated)
    for sides, of_model in (
        (sides_of(images), np.arange(count)),
        (choosing_sides(images, trained, validated), trained),
    ):
        numbers = {
            name: set(part.pixels.reshape(-1, 4).view(np.uint32).ravel().tolist()) for name, part in vars(sides).items()
        }
        assert numbers["train"] == set(of_model.tolist())
        assert numbers["beside"] == numbers["train"] - set(rows.tolist())
        assert not numbers["held_out"] & (numbers["train"] | set(rows.tolist()))
    assert numbers["held_out"] == set(validated.tolist()) - set(rows.tolist())


def test_no_image_that_chooses_an_epoch_is_one_that_is_reported_on() -> None:
    images = labelled(40, tested=21)
    chooses, reported = halves_of_test(images)
    assert sorted([*chooses, *reported]) == list(range(21))
    assert len(chooses) == 10
    assert images.test.labels is not None
    assert abs(2 * images.test.labels[chooses].sum() - 10) <= 2, "of each class alike"
    choosing = choosing_sides(images, np.arange(40)).held_out.pixels
    assert np.array_equal(choosing, images.test.pixels[chooses])
    assert np.array_equal(sides_of(images).held_out.pixels, images.test.pixels[reported])


def test_test_images_that_can_not_be_halved_are_refused() -> None:
    with pytest.raises(DataError, match="has 3 test images, too few"):
        sides_of(labelled(40, tested=3))


def test_a_set_without_classes_has_no_classifier_to_leave_images_for() -> None:
    images = replace(labelled(40), classes=None)
    assert len(learned_rows(images)) == 0
    assert len(sides_of(images).beside.pixels) == 40


def test_variety_is_the_drawn_images_share_of_the_real_ones_variance() -> None:
    real = np.random.default_rng(1).normal(size=(500, 3))
    assert variety_of(0.5 * real + 7, real) == pytest.approx(0.25)
    assert variety_of(real[:1].repeat(9, axis=0), real) == pytest.approx(0.0, abs=1e-12)
    assert variety_of(real, np.ones((4, 3))) == 1.0, "of a set that does not vary nothing can be said"


def test_few_images_and_images_that_show_nothing_of_the_real_ones_are_doubted() -> None:
    good, alike, astray = ({"recall": r, "variety": v} for r, v in ((0.5, 0.05), (0.9, 0.01), (0.0, 0.9)))
    assert doubts_about(1000, {"a": good, "b": {"recall": 0.5}}) == []
    (few,) = doubts_about(999, {"a": good})
    assert few.startswith("999 images are few: of fewer than 1,000 precision and recall come out too high")
    assert doubts_about(999, {}) == [few], "before anything is drawn"
    (told,) = doubts_about(5000, {"a": good, "b": alike, "c": astray})
    assert told.startswith("the images that b and c draw are nearly all alike or show few of the modes of real ones")
    assert doubts_about(5000, {"c": astray})[0].startswith("the images that c draws are")
    assert doubts_about(5000, dict.fromkeys("cde", astray))[0].startswith("the images that c, d and e draw are")


def test_of_images_that_are_all_alike_no_recall_is_said_to_be_too_high() -> None:
    good, alike = ({"recall": recall, "variety": 0.5} for recall in (0.5, 0.0))
    assert [told[:14] for told in doubts_about(8, {"a": alike})] == ["the images tha"]
    assert "precision and recall of b come out" in doubts_about(8, {"a": alike, "b": good})[0]


def test_where_no_precision_is_shown_none_is_doubted() -> None:
    drawn = {"a": {"recall": 0.5, "variety": 0.5}, "b": {"recall": 0.0, "variety": 0.9}}
    assert "precision" in " ".join(doubts_about(8, drawn))
    (alike,) = doubts_about(8, drawn, precision=False)
    assert alike.endswith("few of the modes of real ones")


def test_precision_says_nothing_where_one_mode_of_ten_is_drawn_and_something_where_two_are() -> None:
    random = np.random.default_rng(0)
    centres = 3 * random.normal(size=(10, 16))  # so near that one mode has more than a twentieth of the variance

    def drawn(modes: int, spread: float = 1.0) -> np.ndarray:
        return centres[random.integers(0, modes, 1000)] + spread * random.normal(size=(1000, 16))

    def measured(images: np.ndarray) -> dict[str, float]:
        precision, recall = precision_and_recall(images, real)
        return {"precision": precision, "recall": recall, "variety": variety_of(images, real)}

    real = drawn(10)
    ceiling = {"real/recall": measured(drawn(10))["recall"]}
    one, two, ten, shrunk = measured(drawn(1)), measured(drawn(2)), measured(drawn(10)), measured(drawn(10, 0.3))
    assert one["precision"] > 0.9 * ten["precision"], "as high as where all are drawn"
    assert shrunk["precision"] > ten["precision"], "and higher where only the middle of each is"
    doubted = [precision_says_nothing({**found, **ceiling}) for found in (one, two, ten, shrunk)]
    assert doubted == [True, False, False, True]
    assert precision_says_nothing({"precision": 0.912, "recall": 0.010}), "though more than nothing is covered"
    assert not precision_says_nothing({"recall": 0.05, "real/recall": 0.3}), "beside what real images have"
    assert precision_says_nothing({"recall": 0.9, "variety": 0.01})


def test_images_without_classes_are_known_by_the_means_of_their_parts(sides: Sides) -> None:
    images = torch.rand(5, 16, 24, dtype=torch.float64)
    features, _ = Yardstick(sides, "none", None, CPU)._read(images)
    np.testing.assert_allclose(features, images.view(5, 8, 2, 8, 3).mean(dim=(2, 4)).flatten(1), rtol=1e-12)


def test_which_real_images_are_compared_does_not_hang_on_what_others_draw(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genmodels.analysis.sample_quality.COMPARED_PIXELS", 3)
    nearest = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        nearest.append(Yardstick(sides, "none", None, CPU).real.nearest_squared)
    assert nearest[0] == nearest[1]


def test_sides_in_few_levels_are_the_same_images_with_fewer_greys() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 3, 4), dtype=np.uint8)
    sides = Sides(Part(pixels[:2], np.array([0, 1])), Part(pixels[2:4], None), Part(pixels[4:], None))
    for count, step in ((2, 255), (4, 85)):
        seen = sides.in_levels(count)
        for part, other in zip(vars(sides).values(), vars(seen).values(), strict=True):
            assert other.pixels.dtype == np.uint8
            assert set(np.unique(other.pixels)) <= set(range(0, 256, step))
            assert np.abs(other.pixels.astype(int) - part.pixels).max() <= 256 / count
            assert other.labels is part.labels
    assert all((seen == own).all() for seen, own in zip(
        (part.pixels for part in vars(sides.in_levels(256)).values()), (pixels[:2], pixels[2:4], pixels[4:]),
        strict=True,
    ))  # fmt: skip
