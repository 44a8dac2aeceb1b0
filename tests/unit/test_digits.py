import hashlib
import itertools

import numpy as np
import pytest

from genmodels.data.images.digits import _FONTS, distance_field, render_digits


@pytest.fixture(scope="module")
def drawn():
    return render_digits(train=400, test=100)


def test_there_are_as_many_of_each_digit_in_both_parts(drawn) -> None:
    train, test = drawn
    assert train.pixels.shape == (400, 28, 28)
    assert train.pixels.dtype == np.uint8
    assert np.bincount(train.labels).tolist() == [40] * 10
    assert np.bincount(test.labels).tolist() == [10] * 10


def test_same_seed_same_pixels_and_another_seed_others(drawn) -> None:
    again, other = render_digits(400, 100), render_digits(400, 100, seed=3)
    assert hashlib.sha256(again[0].pixels).digest() == hashlib.sha256(drawn[0].pixels).digest()
    assert not np.array_equal(other[0].pixels, drawn[0].pixels)


def test_every_image_holds_ink_and_leaves_its_border_free(drawn) -> None:
    train, _ = drawn
    ink = (train.pixels > 127).sum(axis=(1, 2))
    assert ink.min() > 15
    assert ink.max() < 400
    assert train.pixels[:, 0].mean() < 1.0
    assert train.pixels[:, :, 0].mean() < 3.0
    centre = np.average(np.arange(28), weights=train.pixels.sum(axis=(0, 1)))
    assert 12.5 < centre < 14.5


def test_digits_of_a_class_are_alike_and_those_of_two_are_not(drawn) -> None:
    """A nearest class mean, found on train, names most of the test images."""
    train, test = drawn
    means = np.stack([train.pixels[train.labels == k].mean(axis=0) for k in range(10)])
    distances = ((test.pixels[:, None].astype(float) - means) ** 2).sum(axis=(2, 3))
    assert (distances.argmin(axis=1) == test.labels).mean() > 0.6


def test_the_distance_to_the_edge_is_exact() -> None:
    rng = np.random.default_rng(1)
    inked = rng.random((9, 11)) < 0.4
    found = distance_field(inked)
    points = list(itertools.product(range(9), range(11)))
    for y, x in points:
        others = [np.hypot(y - v, x - u) for v, u in points if inked[v, u] != inked[y, x]]
        assert found[y, x] == pytest.approx(min(others) * (1 if inked[y, x] else -1), abs=1e-5)


def test_matplotlib_installs_every_font_that_is_drawn_from() -> None:
    from pathlib import Path

    from matplotlib import get_data_path

    folder = Path(get_data_path()) / "fonts" / "ttf"
    assert [font for font in _FONTS if not (folder / f"{font}.ttf").is_file()] == []
