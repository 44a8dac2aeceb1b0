"""Measures of drawn images against brute force and closed forms, in float64."""

import numpy as np
import pytest
import torch

from genmodels.analysis.sample_quality import (
    Yardstick,
    class_balance,
    doubts_about,
    frechet_distance,
    nearest_distances,
    precision_and_recall,
    separation,
    variety_of,
)
from genmodels.data.images.batches import Images
from genmodels.data.images.parts import Part

CPU = torch.device("cpu")


def features(count: int, size: int, seed: int = 0) -> np.ndarray:
    """Correlated numbers."""
    random = np.random.default_rng(seed)
    return random.normal(size=(count, size)) @ random.normal(size=(size, size))


def test_frechet_distance_is_the_trace_formula_with_a_general_matrix_root() -> None:
    ours, theirs = features(300, 5, 1), features(200, 5, 2) + 0.3
    first, second = np.cov(ours.T), np.cov(theirs.T)
    crossed = np.sqrt(np.linalg.eigvals(first @ second)).sum()
    moved = ((ours.mean(0) - theirs.mean(0)) ** 2).sum()
    wanted = moved + np.trace(first + second) - 2 * crossed
    assert frechet_distance(ours, theirs) == pytest.approx(wanted.real, rel=1e-9)


def test_frechet_distance_of_a_set_to_itself_is_0_and_to_a_moved_copy_the_square_of_the_way() -> None:
    ours = features(100, 4)
    assert frechet_distance(ours, ours) == pytest.approx(0.0, abs=1e-9)
    assert frechet_distance(ours, ours + np.array([3.0, 0, 0, 4.0])) == pytest.approx(25.0)


def test_frechet_distance_of_a_stretched_copy_is_that_of_the_deviations() -> None:
    white = features(400, 3)
    white = (white - white.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(white.T))).T  # covariance 1
    scales = np.array([1.0, 2.0, 0.5])
    assert frechet_distance(white, white * scales) == pytest.approx(((scales - 1) ** 2).sum(), rel=1e-9)


def test_frechet_distance_lives_with_features_that_never_move() -> None:
    ours = np.hstack([features(50, 2), np.zeros((50, 3))])
    assert frechet_distance(ours, ours + 1.0) == pytest.approx(5.0)


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


def test_nearest_distances_are_those_of_brute_force() -> None:
    random = np.random.default_rng(0)
    train = random.integers(0, 256, (25, 4, 3), dtype=np.uint8)
    images = random.random((6, 4, 3))
    wanted = [min(np.linalg.norm(image - other / 255) for other in train) for image in images]
    found = nearest_distances(torch.tensor(images), torch.tensor(train))
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_a_set_sorted_by_class_is_measured_like_a_mixed_one() -> None:
    """Only the first 2,000 are compared by neighbours, so their order must not matter."""
    random = np.random.default_rng(0)
    kinds = np.repeat([0, 1], 2_500)
    pixels = (random.integers(0, 60, (5_000, 4, 4)) + 180 * kinds[:, None, None]).astype(np.uint8)
    part = Part(pixels, None)
    images = [Images(part, "none", 1, CPU, stream) for stream in ("train", "test")]
    drawn = torch.tensor(pixels[random.permutation(5_000)]) / 255.0
    quality = Yardstick(*images, referee=None).measure(drawn)
    assert quality.precision > 0.9
    one_kind = torch.tensor(pixels[random.integers(0, 2_500, 5_000)]) / 255.0
    assert Yardstick(*images, referee=None).measure(one_kind).recall == pytest.approx(0.5, abs=0.1)


def test_class_balance_is_0_for_the_datas_shares_and_counts_a_lost_class() -> None:
    data = np.array([0.5, 0.25, 0.25])
    even = class_balance(np.array([0, 0, 1, 2]), data)
    assert (even.kl, even.present) == (0.0, 3)
    lost = class_balance(np.array([0, 0, 0, 1]), data)
    assert lost.kl == pytest.approx(0.75 * np.log(0.75 / 0.5) + 0.25 * np.log(0.25 / 0.25))
    assert lost.present == 2
    np.testing.assert_allclose(lost.shares, [0.75, 0.25, 0.0])


def test_a_class_with_less_than_a_tenth_of_its_share_is_lost() -> None:
    data = np.array([0.5, 0.5])
    assert class_balance(np.array([0] * 96 + [1] * 4), data).present == 1
    assert class_balance(np.array([0] * 94 + [1] * 6), data).present == 2


def test_a_class_that_the_data_lacks_is_not_counted() -> None:
    assert class_balance(np.array([0, 1]), np.array([1.0, 0.0])).present == 1


@pytest.fixture
def parts() -> tuple[Images, Images]:
    """Two parts of a set without labels."""
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (90, 9, 7), dtype=np.uint8)
    train, test = Part(pixels[:50], None), Part(pixels[50:], None)
    return Images(train, "none", 1, CPU, "train"), Images(test, "none", 1, CPU, "test")


def test_a_set_without_classes_is_measured_without_them(parts: tuple[Images, Images]) -> None:
    train, test = parts
    yardstick = Yardstick(train, test, None)
    assert yardstick.count == 40
    quality = yardstick.measure(test.pixels.float() / 255.0)
    assert quality.classes is None
    assert quality.frechet_distance == pytest.approx(0.0, abs=1e-6)
    assert quality.frechet_floor > 0.001
    assert (quality.precision, quality.recall) == (1.0, 1.0)
    assert quality.nearest_distance == pytest.approx(quality.nearest_real)
    assert not [name for name in quality.to_record() if "class" in name or "share" in name]


def test_copies_of_training_images_are_noticed(parts: tuple[Images, Images]) -> None:
    train, test = parts
    quality = Yardstick(train, test, None).measure(train.pixels[:40].float() / 255.0)
    assert quality.nearest_distance == pytest.approx(0.0, abs=0.01)
    assert quality.nearest_real > 1.0


def test_only_so_many_images_are_compared(parts: tuple[Images, Images]) -> None:
    assert Yardstick(*parts, None, most=12).count == 12


def test_variety_is_the_drawn_images_share_of_the_real_ones_variance() -> None:
    real = np.random.default_rng(1).normal(size=(500, 3))
    assert variety_of(0.5 * real + 7, real) == pytest.approx(0.25)
    assert variety_of(real[:1].repeat(9, axis=0), real) == pytest.approx(0.0, abs=1e-12)
    assert variety_of(real, np.ones((4, 3))) == 1.0, "of a set that does not vary nothing can be said"


def test_few_images_and_images_that_show_nothing_of_the_real_ones_are_doubted() -> None:
    good, alike, astray = ({"recall": r, "variety": v} for r, v in ((0.5, 0.05), (0.9, 0.01), (0.0, 0.9)))
    assert doubts_about(1000, {"a": good, "b": {"recall": 0.5}}) == []
    (few,) = doubts_about(999, {"a": good})
    assert few.startswith("999 images are too few to trust")
    (told,) = doubts_about(5000, {"a": good, "b": alike, "c": astray})
    assert told.startswith(
        "the images that b and c draw are nearly all alike or show next to nothing of the variety of real ones"
    )
    assert doubts_about(5000, {"c": astray})[0].startswith("the images that c draws are")
    assert doubts_about(5000, dict.fromkeys("cde", astray))[0].startswith("the images that c, d and e draw are")


def test_of_images_that_are_all_alike_no_recall_is_said_to_be_too_high() -> None:
    good, alike = ({"recall": recall, "variety": 0.5} for recall in (0.5, 0.0))
    assert doubts_about(8, {"a": good})[0].endswith("the Fréchet distance comes out far too great, "
                                                    "precision and recall too high")  # fmt: skip
    assert doubts_about(8, {"a": alike})[0].endswith("the Fréchet distance comes out far too great")
    assert doubts_about(8, {"a": alike, "b": good})[0].endswith(", precision and recall of b too high")


def test_where_no_precision_is_shown_none_is_doubted() -> None:
    drawn = {"a": {"recall": 0.5, "variety": 0.5}, "b": {"recall": 0.0, "variety": 0.9}}
    few, alike = doubts_about(8, drawn, precision=False)
    assert "precision" in " ".join(doubts_about(8, drawn))
    assert few.endswith("the Fréchet distance comes out far too great")
    assert alike.endswith("next to nothing of the variety of real ones")


def test_of_few_images_the_frechet_distance_is_far_too_great() -> None:
    random = np.random.default_rng(1)
    ours, theirs = random.normal(size=(2, 2000, 64))
    assert frechet_distance(ours[:100], theirs[:100]) > 5 * frechet_distance(ours, theirs)
