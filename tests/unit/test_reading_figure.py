"""The figure of readings: each label under its bar, and a sentence that is true of what is drawn."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure

from genmodels.analysis.reading import beam, greedy, read_columns
from genmodels.figures.reading import reading_figure
from genmodels.figures.under_strips import PIXELS_TO_INCH, ReadStrip

PLAIN = "in all others it says “blank”"


def strip(symbols: list[str], pitch: int, *, overruled: int = 0) -> ReadStrip:
    image = np.zeros((32, pitch * len(symbols)), dtype=np.float32)
    spans = [(pitch * place + 4.0, pitch * place + 12.0) for place in range(len(symbols))]
    return ReadStrip("a.png", image, symbols, spans, [0.98] * len(symbols), 0.9, None, overruled=overruled)


def sentence(figure: Figure) -> str:
    return " ".join(text.get_text().replace("\n", " ") for text in figure.texts)


def test_the_number_below_a_digit_is_a_probability_only_of_a_network_with_places() -> None:
    columns, places = strip(["1", "2"], 18), replace(strip(["1", "2"], 18), spans=None)
    assert "the network's output for it in its surest column" in sentence(reading_figure([columns], "t"))
    assert "below a digit that of the digit" in sentence(reading_figure([places], "t"))


@pytest.mark.parametrize("names", [["1", "2"], ["many", "several"], ["none at all", "seventeen"], ["kitchen table"]])
def test_each_label_stands_under_its_own_bar_and_within_the_figure(names: list[str]) -> None:
    pitch = 18
    figure = reading_figure([strip([names[place % len(names)] for place in range(12)], pitch)], "title")
    figure.draw_without_rendering()
    (axes,) = figure.axes
    labels = [text for text in axes.texts if text.get_text().replace("\n", " ") in names]
    assert len(labels) == 12
    for place, label in enumerate(labels):
        box = label.get_window_extent().transformed(axes.transData.inverted())
        assert box.x0 <= (pitch * place + 8.0) / PIXELS_TO_INCH <= box.x1, "its bar's middle is above it"
        assert label.get_window_extent().x1 <= figure.bbox.x1
    boxes = [label.get_window_extent() for label in labels]
    assert not any(one.overlaps(other) for one in boxes for other in boxes if one is not other)


@pytest.mark.parametrize("paper", [0.0, 0.2])
def test_a_long_strip_goes_on_in_the_next_line_between_two_digits(paper: float) -> None:
    image = np.full((32, 40 * 30), paper, dtype=np.float32)
    rng = np.random.default_rng(1)
    spans = []
    for place in range(40):  # each has ink on both sides of where it is seen, as networks see digits
        left = 30 * place + int(rng.integers(0, 8))
        image[6:26, left : left + 21] = 1.0
        spans.append((left + 8.0, left + 12.0))
    read = ReadStrip("a.png", image, list("0123456789" * 4), spans, [0.98] * 40, 0.9, None)
    lines = [axes.images[0].get_array() for axes in reading_figure([read], "title").axes]
    assert len(lines) > 1
    assert sum(line.shape[1] for line in lines) == image.shape[1]
    for before, after in pairwise(lines):
        assert min(before[10, -1], after[10, 0]) == np.float32(paper), "no digit is cut in two"


def test_a_strip_of_digits_that_are_wider_than_a_line_or_were_not_read_is_shown_whole() -> None:
    image = np.ones((32, 3000), dtype=np.float32)
    for symbols, spans in (("", []), ("1", [(2900.0, 2950.0)]), ("12", [(10.0, 700.0), (2400.0, 2410.0)])):
        read = ReadStrip("a.png", image, list(symbols), spans, [0.9] * len(symbols), 0.9, None)
        axes = reading_figure([read], "title").axes
        assert sum(one.images[0].get_array().shape[1] for one in axes) == 3000
        assert len(axes) < 12


def test_a_label_has_the_colour_of_its_bar() -> None:
    (axes,) = reading_figure([strip(["several"] * 6, 9)], "title").axes
    bars = [line.get_color() for line in axes.lines[1:]]
    assert bars == [text.get_color() for text in axes.texts if text.get_text() == "several"]
    assert len(set(bars)) > 1, "labels on two levels"


def test_what_bars_span_is_told_as_it_is() -> None:
    assert PLAIN in sentence(reading_figure([strip(["1", "2"], 20)], "title"))
    told = sentence(reading_figure([strip(["1", "2"], 20, overruled=3)], "title"))
    assert PLAIN not in told
    assert "In 3 columns the network finds another output likelier" in told


def test_what_was_cut_out_of_a_page_is_said_to_be_all_that_was_seen() -> None:
    told = "Of a larger picture the tallest line of ink was cut out"
    assert told in sentence(reading_figure([replace(strip(["1"], 20), cut=True), strip(["2"], 20)], "title"))
    assert told not in sentence(reading_figure([strip(["1"], 20)], "title"))


def test_columns_are_counted_in_which_the_reading_s_path_is_not_the_likeliest() -> None:
    log_p = np.log(np.array([[0.6, 0.4], [0.6, 0.4], [0.9, 0.1]]))  # blank alone: 0.324; "0" by five paths: more
    assert (greedy(log_p), beam(log_p, 4)) == ([], [0])
    assert read_columns(log_p, 1).overruled == 0
    assert read_columns(log_p, 4).overruled == 1


def test_only_numbers_that_are_there_are_explained() -> None:
    blank = ReadStrip("a.png", np.zeros((32, 40), np.float32), [], [], [], None, None)
    nothing = ReadStrip("a.png", np.zeros((32, 40), np.float32), [], [], [], 0.9, None)
    assert "percentage" not in sentence(reading_figure([blank], "title"))
    assert "the probability of the whole reading." in sentence(reading_figure([nothing], "title"))


def test_few_strips_are_drawn_larger_so_that_title_and_sentence_do_not_outweigh_them() -> None:
    few, many = (reading_figure([strip(["1", "2"], 40)] * count, "t") for count in (2, 30))
    for figure in (few, many):
        figure.draw_without_rendering()
    heights = [figure.axes[0].images[0].get_window_extent().height / figure.dpi for figure in (few, many)]
    assert heights[0] == pytest.approx(2 * heights[1], rel=0.01)
    assert few.get_size_inches()[0] >= 7.5


def test_strips_of_nearly_one_width_stand_in_columns_and_others_as_close_as_they_may() -> None:
    alike = [strip(["1"] * (4 + place % 2), 18) for place in range(12)]
    lefts = {round(axes.get_position().x0, 4) for axes in reading_figure(alike, "t").axes}
    assert len(lefts) < 7, "one for each column"
    unlike = [strip(["1"] * (2 + 13 * (place % 2)), 18) for place in range(24)]
    first = sorted({round(axes.get_position().x0, 4) for axes in reading_figure(unlike, "t").axes})
    steps = [after - before for before, after in pairwise(first)]
    assert max(steps) > 1.5 * min(steps), "each has the room that it needs"
