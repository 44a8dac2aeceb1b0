"""Pictures of the user's own: what is a strip is read as it is, out of a page its tallest line of ink is cut."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from genmodels.data.images import own_strips
from genmodels.data.images.brightness import Brightness
from genmodels.data.images.found_ink import _without_dust
from genmodels.data.images.own_strips import (
    MOST_PIXELS_ACROSS,
    MOST_PIXELS_DOWN,
    SMALLEST_CANVAS,
    USUAL,
    OwnStrip,
    fit_picture,
)
from genmodels.data.images.parts import Part
from genmodels.data.images.strips import HEIGHT, StripMaker
from genmodels.errors import DataError

WHITE = 255


def fitted(pixels: np.ndarray) -> tuple[OwnStrip, list[str]]:
    """A picture as a strip, and what was told of it."""
    told: list[str] = []
    return fit_picture(np.clip(pixels, 0, WHITE).round().astype(np.uint8), "a.png", told.append), told


def page(*lines: tuple[int, int, int], size: tuple[int, int] = (300, 400)) -> np.ndarray:
    """White paper with lines of three "digits" each: rows from and to, and the column that they begin in."""
    pixels = np.full(size, float(WHITE))
    for top, bottom, left in lines:
        high = bottom - top
        for digit in range(3):
            start = left + digit * high
            pixels[top:bottom, start : start + high // 6] = pixels[top : top + high // 6, start : start + high // 2] = 0
    return pixels


def alike(one: torch.Tensor, other: torch.Tensor) -> float:
    """The mean difference of two strips, the narrower one filled up."""
    wide = max(one.shape[1], other.shape[1])
    return float(
        (functional.pad(one, (0, wide - one.shape[1])) - functional.pad(other, (0, wide - other.shape[1]))).abs().mean()
    )


def test_a_line_that_begins_at_the_edge_is_the_same_where_pieces_lie_beyond_the_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pixels = page((100, 140, 0))
    whole, _ = fitted(pixels)
    assert whole.left < -6, "there is room beyond the edge"
    monkeypatch.setattr(own_strips, "AT_ONCE", 3 * 64)  # three columns at a time
    pieces, _ = fitted(pixels)
    assert alike(pieces.strip, whole.strip) < 1e-3


def test_a_strip_is_turned_scaled_and_filled_up_and_that_is_said() -> None:
    pixels = np.full((64, 90), WHITE)
    pixels[16:48, 20:40] = 0
    own, told = fitted(pixels)
    assert own.strip.shape == (HEIGHT, 48)
    assert (own.across, own.left, own.cut) == (2.0, 0.0, None)
    assert float(own.strip[16, 15]) == pytest.approx(1.0, abs=0.01)
    assert float(own.strip[1, 1]) == 0.0
    assert told == ["a.png is dark on light: taken the other way round", "a.png is 64 pixels high: scaled to 32"]
    grey, _ = fitted(np.where(pixels == 0, 30, 200))
    torch.testing.assert_close(grey.strip, own.strip, msg="the ground of grey paper is taken away")


def test_a_picture_without_ink_is_empty_and_keeps_its_proportions() -> None:
    for level in (0, 140, 255):
        own, told = fitted(np.full((80, 300), level))
        assert own.strip.shape == (HEIGHT, 120), "it was drawn as a square, though all of it was looked at"
        assert not own.strip.any()
        assert (own.across, own.left, own.cut, told) == (2.5, 0.0, None, [])
    assert fitted(np.full((80, 20), 255))[0].strip.shape == (HEIGHT, SMALLEST_CANVAS)


def test_what_is_evenly_grey_is_empty_and_neither_dark_on_light_nor_light_on_dark() -> None:
    for level in (0, 140, 220, 255):
        own, told = fitted(np.full((32, 5), level))
        assert own.strip.shape == (HEIGHT, SMALLEST_CANVAS)
        assert not own.strip.any()
        assert told == []


def test_what_is_far_too_wide_is_refused() -> None:
    with pytest.raises(DataError, match="too wide"):
        fitted(np.zeros((1, MOST_PIXELS_ACROSS // 20)))


def test_what_is_far_too_high_is_refused() -> None:
    with pytest.raises(DataError, match="1x100001 pixels, too high"):
        fitted(np.zeros((MOST_PIXELS_DOWN + 1, 1)))


@pytest.mark.parametrize("at_once", [700, 3_000])
def test_a_page_is_read_in_pieces_as_it_is_at_once(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    uneven = page((60, 100, 5), (150, 250, 300), size=(300, 600)) - np.add.outer(
        np.linspace(0, 40, 300), np.linspace(0, 60, 600)
    )
    strip, blank = page((10, 190, 20), size=(200, 900)), np.full((90, 700), 200.0)
    pages = [page((100, 160, 60)), page((30, 50, 2)), uneven, blank, strip]
    whole = [fitted(pixels) for pixels in pages]
    for module in ("brightness", "found_ink", "own_strips"):
        monkeypatch.setattr(f"genmodels.data.images.{module}.AT_ONCE", at_once)
    for pixels, (own, told) in zip(pages, whole, strict=True):
        again, said = fitted(pixels)
        torch.testing.assert_close(again.strip, own.strip, atol=1e-5, rtol=0.0)
        assert (again.across, again.left, again.cut, said) == (own.across, own.left, own.cut, told)


@pytest.mark.parametrize("turned", [False, True])
def test_the_brightness_of_a_picture_is_that_of_its_numbers(monkeypatch: pytest.MonkeyPatch, turned: bool) -> None:
    for at_once, shape in ((40, (13, 29)), (1 << 20, (13, 29)), (7, (1, 30)), (7, (30, 1))):
        monkeypatch.setattr("genmodels.data.images.brightness.AT_ONCE", at_once)
        pixels = np.random.default_rng(sum(shape)).integers(3, 250, shape).astype(np.uint8)
        whole, picture = torch.from_numpy(pixels.astype(np.float32)).div(255.0), Brightness.of(pixels)
        if turned:
            whole, picture = 1.0 - whole, picture.worth(1.0 - picture.levels)
        assert torch.equal(picture.part(), whole)
        assert (picture.lowest, picture.highest, picture.median) == (whole.min(), whole.max(), whole.median())
        for factor in (1, 2, 5):
            means = functional.avg_pool2d(whole[None], factor, ceil_mode=True)[0]
            torch.testing.assert_close(picture.reduced(factor), means, atol=1e-6, rtol=0.0)


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_strips_as_in_training_are_read_as_they_are(scale: int) -> None:
    """Bit for bit, with their noise: nothing is cut, moved or made brighter; larger ones are scaled down alone."""
    bars = np.zeros((12, 28, 28), np.uint8)
    bars[:, 4:24, 12:16] = bars[:, 4:8, 8:20] = 255
    maker = StripMaker(Part(bars, np.arange(12) % 10), 1, torch.device("cpu"), "strips shown")
    for digits in range(1, 9):
        pixels = (maker.make(1, digits, digits, digits).images[0] * 255).round().to(torch.uint8)
        large = pixels.repeat_interleave(scale, dim=0).repeat_interleave(scale, dim=1)
        own, told = fitted(large.numpy())
        assert own.cut is None
        assert [sentence.split(": ")[-1] for sentence in told] == ["scaled to 32"] * (scale > 1)
        as_before = large.float() / 255
        as_before = ((as_before - as_before.median()) / (as_before.max() - as_before.median())).clamp(min=0.0)
        if scale > 1:
            as_before = functional.interpolate(as_before[None, None], pixels.shape, mode="bilinear", antialias=True)[
                0, 0
            ]
        assert torch.equal(own.strip, as_before.clamp(0.0, 1.0))


@pytest.mark.parametrize("factor", [1, 3])
def test_ink_is_cut_out_of_a_page_with_the_room_that_strips_have(factor: int) -> None:
    own, told = fitted(page((50, 83, 100)).repeat(factor, 0).repeat(factor, 1))
    size, place, whole = (
        f"{factor * a}{sign}{factor * b}" for a, b, sign in ((82, 33, "x"), (100, 50, ", "), (400, 300, "x"))
    )
    assert told[1] == f"a.png is cut to the ink: {size} at ({place}) of {whole}, scaled to 22 high"
    assert own.cut == (100 * factor, 50 * factor, 82 * factor, 33 * factor)
    rows = (own.strip > 0.5).any(dim=1).nonzero()
    assert int(rows.max() - rows.min()) + 1 == pytest.approx(USUAL, abs=1)
    first = int((own.strip > 0.5).any(dim=0).nonzero().min())
    assert own.left + first * own.across == pytest.approx(100 * factor, abs=2 * own.across), "where it is in the page"


def uneven(pixels: np.ndarray) -> np.ndarray:
    """Paper that light falls on from one side."""
    down, across = np.mgrid[0 : len(pixels), 0 : pixels.shape[1]] / pixels.shape[1]
    return pixels / WHITE * (100 + 130 * (0.6 * across + 0.4 * down) - 30 * across**2)


def framed(pixels: np.ndarray) -> np.ndarray:
    """A frame around a page and a line below its ink."""
    pixels = pixels.copy()
    pixels[10:290, [10, 11, 388, 389]] = pixels[[10, 11, 288, 289], 10:390] = pixels[110:112, 50:350] = 0
    return pixels


RANDOM = np.random.default_rng(1)
NOISE = RANDOM.normal(0, 1, (300, 400))
DUST = np.where(RANDOM.random((300, 400)) < 0.001, -150.0, 0.0)


@pytest.mark.parametrize(
    "changed",
    [lambda pixels: pixels + 10 * NOISE, uneven, lambda pixels: uneven(pixels) + 5 * NOISE, framed,
     lambda pixels: pixels + DUST, lambda pixels: WHITE - pixels],
    ids=["noise", "uneven light", "both", "a frame and a rule", "dust", "light on dark"],
)  # fmt: skip
def test_ink_is_found_whatever_the_paper(changed) -> None:
    clean, _ = fitted(page((50, 83, 100)))
    own, _ = fitted(changed(page((50, 83, 100))))
    assert own.cut is not None
    assert clean.cut is not None
    assert np.abs(np.subtract(own.cut, clean.cut)).max() <= 2
    assert alike(own.strip, clean.strip) < 0.05


@pytest.mark.parametrize(
    "paper", [np.full((300, 400), 250.0), 240 + 8 * NOISE, uneven(np.full((300, 400), 255.0)) + 4 * NOISE]
)
def test_a_page_without_ink_is_empty_with_noise_and_in_uneven_light(paper: np.ndarray) -> None:
    own, told = fitted(paper)
    assert not own.strip.any()
    assert not any("cut" in sentence for sentence in told)


def test_of_several_lines_the_highest_is_read_alone_and_told() -> None:
    own, told = fitted(page((50, 75, 100), (80, 113, 150), (200, 225, 50)))
    alone, _ = fitted(page((80, 113, 150)))
    assert "cut to the tallest of its 3 lines of ink, number 2 from above, and no other is read: 82x33" in told[1]
    torch.testing.assert_close(own.strip, alone.strip, msg="nothing of the line above is seen in it")


def told_of_lines(pixels: np.ndarray) -> list[str]:
    """What is told of a picture's lines."""
    return [sentence for sentence in fitted(pixels)[1] if " lines" in sentence]


@pytest.mark.parametrize(
    ("lines", "told"),
    [([], False), ([(3, 28)], False), ([(3, 14), (16, 28)], True), ([(0, 10), (11, 20), (21, 32)], True),
     ([(4, 28), (30, 31)], False)],
)  # fmt: skip
def test_lines_in_what_has_the_height_of_a_strip_are_told_to_be_read_as_one(
    lines: list[tuple[int, int]], told: bool
) -> None:
    pixels = np.full((32, 60), WHITE)
    for first, last in lines:
        pixels[first:last, 10:50:3] = 0
    wanted = f"a.png has ink in {len(lines)} lines, one below the other, but is read as one: cut it between them"
    assert (wanted in told_of_lines(pixels)) == told


@pytest.mark.parametrize("step", [40, 20], ids=["apart", "a little over each other"])
def test_digits_on_a_slope_are_one_line(step: int) -> None:
    pixels = np.full((100, 120), WHITE)
    for digit in range(3):
        left = 4 + step * digit
        pixels[2 + 32 * digit : 30 + 32 * digit, left : left + 23 : 2] = 0
    assert told_of_lines(pixels) == []
    pixels[66:94, 4:110:2] = 0
    assert "tallest of its 3 lines" in told_of_lines(pixels)[0], "the first two lie above the widest"


@pytest.mark.parametrize(
    ("boxes", "lines"),
    [([(10, 90, 20, 380), (120, 165, 20, 380)], 2), ([(10, 90, 5, 60), (120, 190, 100, 390)], 2),
     ([(10, 60, 5, 150), (75, 125, 200, 390), (140, 190, 5, 150)], 3),
     ([(10, 60, 5, 45), (75, 125, 60, 100), (140, 190, 5, 45)], 3)],
    ids=["a lower second", "short over long, farther right", "the middle one indented", "single digits, to and fro"],
)  # fmt: skip
def test_lines_are_told_whatever_their_heights_and_wherever_they_begin(
    boxes: list[tuple[int, int, int, int]], lines: int
) -> None:
    pixels = np.full((200, 400), WHITE)
    for top, bottom, left, right in boxes:
        pixels[top:bottom, left:right:3] = 0
    assert f"of its {lines} lines" in told_of_lines(pixels)[0]


def test_a_thin_1_is_no_rule() -> None:
    pixels = page((50, 83, 100))
    pixels[50:83, 210:211] = 0
    assert fitted(pixels)[0].cut == (100, 50, 111, 33)


def test_a_digit_that_the_pen_left_within_is_one_line() -> None:
    pixels = np.full((28, 28), WHITE)
    pixels[9:13, 11:26] = pixels[14:28, 9:19] = 0
    assert told_of_lines(pixels) == []


def test_where_there_is_nothing_but_a_rule_or_ink_it_is_taken_for_what_it_is() -> None:
    paper = torch.zeros(40, 200, dtype=torch.bool)
    paper[20:22, 10:190] = True
    assert torch.equal(_without_dust(paper), paper), "a rule alone may be a dash"
    dot = paper.clone()
    dot[5:35, 5:25] = True
    assert torch.equal(_without_dust(dot).nonzero().amax(0), torch.tensor([34, 189])), "they hang together"
    apart = dot & (torch.arange(200) < 8)
    assert torch.equal(_without_dust(apart | (paper & (torch.arange(200) > 20))), apart), "a rule beside something"
    assert torch.equal(_without_dust(torch.ones(5, 7, dtype=torch.bool)), torch.ones(5, 7, dtype=torch.bool))
