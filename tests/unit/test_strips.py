"""Strips are composed as said, from nothing but seed, stream and step."""

import numpy as np
import pytest
import torch

from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.parts import Part
from genmodels.data.images.strips import (
    COLUMN,
    HEIGHT,
    NEAREST,
    PATCH,
    SLANT,
    STRETCH,
    TILT,
    StripMaker,
    canvas_width,
    ink_boxes,
    light_on_dark,
    warped,
)
from genmodels.errors import DataError

CPU = torch.device("cpu")


def part(count: int = 30) -> Part:
    """Upright bars of three widths: class k is 4 k + 4 pixels wide and 20 high."""
    labels = np.arange(count) % 3
    pixels = np.zeros((count, 28, 28), dtype=np.uint8)
    for image, label in zip(pixels, labels, strict=True):
        image[4:24, 10 : 14 + 4 * label] = 255
    return Part(pixels, labels)


@pytest.fixture
def maker() -> StripMaker:
    return StripMaker(part(), 1, CPU, "train")


def runs_of_ink(image: torch.Tensor) -> list[tuple[int, int]]:
    """First and last column of each stretch of ink."""
    inked = [False, *(image > 0.4).any(dim=0).tolist(), False]
    edges = [x for x in range(1, len(inked)) if inked[x] != inked[x - 1]]
    return list(zip(edges[::2], edges[1::2], strict=True))


@pytest.mark.parametrize("digits", [1, 3, 8])
def test_strips_have_the_canvas_asked_for_and_values_between_0_and_1(maker: StripMaker, digits: int) -> None:
    strips = maker.make(5, digits, digits + 1, 0)
    assert strips.images.shape == (5, HEIGHT, canvas_width(digits + 1))
    assert strips.labels.shape == (5, digits)
    assert canvas_width(digits) % COLUMN == 0
    assert float(strips.images.min()) >= 0
    assert float(strips.images.max()) <= 1


def test_bars_stand_from_left_to_right_in_the_order_of_the_labels(
    maker: StripMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genmodels.data.images.strips.GAPS", (4, 10))  # so that no two touch
    monkeypatch.setattr("genmodels.data.images.strips.INK_HEIGHTS", (20.0, 20.0))
    for step in range(10):
        strips = maker.make(3, 4, 6, step)
        for image, labels in zip(strips.images, strips.labels.tolist(), strict=True):
            found = runs_of_ink(image)
            assert len(found) == 4
            widths = [last - first for first, last in found]
            assert all(abs(width - (4 * label + 4)) <= 1 for width, label in zip(widths, labels, strict=True))


def test_the_same_step_gives_the_same_strips_and_others_give_others(maker: StripMaker) -> None:
    again, other_seed = StripMaker(part(), 1, CPU, "train"), StripMaker(part(), 2, CPU, "train")
    other_stream = StripMaker(part(), 1, CPU, "test")
    first = maker.make(4, 5, 5, 7).images
    maker.make(4, 5, 5, 8)
    assert torch.equal(first, again.make(4, 5, 5, 7).images)
    for maker_, step in ((maker, 8), (other_seed, 7), (other_stream, 7)):
        assert not torch.equal(first, maker_.make(4, 5, 5, step).images)


def test_no_digits_leave_an_empty_canvas_with_noise(maker: StripMaker) -> None:
    strips = maker.make(3, 0, 2, 0)
    assert strips.labels.shape == (3, 0)
    assert float(strips.images.max()) < 0.6
    assert float(strips.images.mean()) < 0.1


def test_neighbours_overlap_at_times_but_stay_apart_by_their_left_edges(maker: StripMaker) -> None:
    from genmodels.data.images.strips import _places

    width = torch.full((500, 6), 9.0)
    starts = _places(width, canvas_width(6), torch.Generator().manual_seed(0))
    ways = starts.diff(dim=1)
    assert float(ways.min()) >= NEAREST - 1e-3
    assert float(ways.min()) < 9.0
    assert float((starts + width).max()) <= canvas_width(6)
    assert float(starts.min()) >= 0


def test_digits_too_wide_for_the_canvas_are_moved_together() -> None:
    from genmodels.data.images.strips import _places

    starts = _places(torch.full((50, 8), 28.0), canvas_width(8), torch.Generator().manual_seed(0))
    assert float((starts + 28).max()) <= canvas_width(8) + 1


def test_ink_boxes_are_the_first_and_last_rows_and_columns_with_ink() -> None:
    pixels = torch.zeros(2, 6, 9, dtype=torch.uint8)
    pixels[0, 1:4, 2:7] = 200
    pixels[1, 5, 0] = 255
    assert ink_boxes(pixels).tolist() == [[1, 3, 2, 6], [5, 5, 0, 0]]


def test_pictures_without_ink_are_no_digits() -> None:
    given = part(6)
    given.pixels[2] = 0
    maker = StripMaker(given, 1, CPU, "train")
    assert len(maker.pixels) == len(maker.labels) == 5


def test_images_without_any_ink_are_refused_with_their_brightest_pixel() -> None:
    given = part(6)
    given.pixels[:] = given.pixels // 16
    with pytest.raises(DataError, match="differ from the ground by at most 15 of 255") as caught:
        StripMaker(given, 1, CPU, "train")
    assert caught.value.hint == "scale them to 0 to 255."


def test_sets_that_are_dark_on_light_are_turned_as_a_whole() -> None:
    def turned(train: Part, test: Part) -> tuple[ImageSet, list[str]]:
        told: list[str] = []
        return light_on_dark(ImageSet("bars", "bars", train, test, ("0", "1", "2"), "x"), told.append), told

    dark = Part(255 - part(6).pixels, part(6).labels)
    images, told = turned(part(6), part(9))
    assert np.array_equal(images.train.pixels, part(6).pixels)
    assert told == []
    images, told = turned(dark, part(9))
    assert np.array_equal(images.train.pixels, part(6).pixels)
    assert np.array_equal(images.test.pixels, 255 - part(9).pixels), "what training has decides"
    assert told == ["the images of bars are dark on light: taken the other way round"]


def test_a_digit_keeps_its_ink_when_scaled(maker: StripMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.data.images.strips.NOISE", 0.0)
    monkeypatch.setattr("genmodels.data.images.strips.BRIGHTNESS", (1.0, 1.0))
    monkeypatch.setattr("genmodels.data.images.strips.INK_HEIGHTS", (16.0, 16.0))
    strips = maker.make(20, 1, 1, 3)
    ink = strips.images.sum(dim=(1, 2))
    wanted = (16.0 / 20.0) ** 2 * 20 * (4 * strips.labels[:, 0] + 4)
    torch.testing.assert_close(ink, wanted, rtol=0.03, atol=1.0)


def test_warped_strips_are_others_of_the_same_labels_and_size(maker: StripMaker) -> None:
    plain, other = maker.make(4, 3, 4, 5), StripMaker(part(), 1, CPU, "train", warp=1.0).make(4, 3, 4, 5)
    assert torch.equal(plain.labels, other.labels)
    assert plain.images.shape == other.images.shape
    assert not torch.equal(plain.images, other.images)
    again = StripMaker(part(), 1, CPU, "train", warp=1.0).make(4, 3, 4, 5)
    assert torch.equal(other.images, again.images)


def test_a_warp_is_an_affine_map_of_the_size_said() -> None:
    places = torch.randn(1, 1, HEIGHT, PATCH, 2, dtype=torch.float64).expand(2_000, -1, -1, -1, -1)
    seen = warped(places, 2.0, torch.Generator().manual_seed(0))
    maps = torch.linalg.lstsq(places.reshape(2_000, -1, 2), seen.reshape(2_000, -1, 2)).solution  # (2000, 2, 2)
    torch.testing.assert_close(places.reshape(2_000, -1, 2) @ maps, seen.reshape(2_000, -1, 2))
    stretch, tilt = maps[:, 0, 0] - 1, maps[:, 0, 1] / maps[:, 0, 0]
    slant = maps[:, 1, 0]
    for drawn, size in ((stretch, STRETCH), (tilt, TILT), (slant, SLANT)):
        assert float(drawn.std()) == pytest.approx(2 * size, rel=0.06)
        assert abs(float(drawn.mean())) < 0.2 * size


def test_an_upright_bar_is_slanted_but_stays_in_its_place(maker: StripMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.data.images.strips.NOISE", 0.0)
    monkeypatch.setattr("genmodels.data.images.strips.BRIGHTNESS", (1.0, 1.0))
    for name in ("TILT", "STRETCH"):
        monkeypatch.setattr(f"genmodels.data.images.strips.{name}", 0.0)
    plain, slanted = (StripMaker(part(), 1, CPU, "train", warp).make(40, 1, 1, 2).images for warp in (0.0, 0.5))
    middles = [(image.sum(1) * torch.arange(image.shape[2])).sum(1) / image.sum((1, 2)) for image in (plain, slanted)]
    torch.testing.assert_close(*middles, atol=0.7, rtol=0.0)
    torch.testing.assert_close(plain.sum((1, 2)), slanted.sum((1, 2)), rtol=0.05, atol=1.0)
    assert float((plain - slanted).abs().amax(dim=(1, 2)).median()) > 0.3


def test_a_strip_is_as_bright_as_was_drawn(maker: StripMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.data.images.strips.NOISE", 0.0)
    found = []
    for brightness in (1.0, 0.5):
        monkeypatch.setattr("genmodels.data.images.strips.BRIGHTNESS", (brightness, brightness))
        found.append(maker.make(6, 2, 4, 1).images)
    assert float(found[0].max()) > 0.9
    torch.testing.assert_close(found[1], 0.5 * found[0])
