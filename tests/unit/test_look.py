"""How a figure looks where a person wants other than its maker's choices."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genmodels.errors import UsageError
from genmodels.figures.colours import KINDS, strokes_of
from genmodels.figures.grid import GridRow, grid_figure
from genmodels.figures.saving import LEAST_WIDTH, rendered, save_animation, save_figure
from genmodels.figures.style import HouseFigure, drawn_for, legend_below, style, titled_figure, told_below
from genmodels.figures.texts import TextCell, text_figure
from genmodels.look import USUAL, Look, parse_size
from unit.figure_texts import KINDS as KINDS_OF_FIGURES


def figure() -> HouseFigure:
    return titled_figure(4.0, 2.0, "a title", "Look at this sentence.")


def pixels(content: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(content)).size


@pytest.mark.parametrize("kind", KINDS_OF_FIGURES)
def test_every_figure_with_a_title_of_one_s_own_begins_its_sentence_with_its_own(kind: str) -> None:
    with told_below("what is plotted\nof which run"):
        shown = KINDS_OF_FIGURES[kind]("short", "short")
    sentences = [text.get_text().replace("\n", " ") for text in shown.texts]
    assert any(text.startswith("what is plotted of which run.") for text in sentences)
    assert not any("what is plotted" in text.get_text() for text in KINDS_OF_FIGURES[kind]("short", "short").texts)


@pytest.mark.parametrize("size", [(1920, 1080), (640, 480), (301, 997)])
def test_a_size_is_met_to_the_pixel_whatever_the_figure_s_shape(size: tuple[int, int]) -> None:
    assert pixels(rendered(figure(), "png", Look(size=size))) == size


def test_curves_fill_a_page_of_another_shape_and_the_sentence_stays_below_them() -> None:
    shown = figure()
    axes = shown.subplots()
    rendered(shown, "png", Look(size=(500, 900)))
    sentence, place = shown.texts[1].get_window_extent(), axes.get_position()
    assert place.height > 0.75
    assert place.width > 0.8
    assert 0 < sentence.y0 < sentence.y1 < axes.get_tightbbox().y0 < 0.2 * shown.bbox.height


@pytest.mark.parametrize(
    ("kind", "size"), [("gan of one epoch", (640, 360)), ("readings", (1080, 1920)), ("walks", (2400, 600))]
)
def test_a_title_keeps_away_from_the_upper_edge_and_from_what_is_below_it(kind: str, size: tuple[int, int]) -> None:
    with drawn_for(size):
        shown = KINDS_OF_FIGURES[kind]("long", "short")
    picture = np.asarray(Image.open(io.BytesIO(rendered(shown, "png", Look(size=size)))).convert("L"))
    dots = size[0] / shown.get_figwidth()
    assert np.flatnonzero((picture < 200).any(axis=1))[0] >= 0.1 * dots, "the first row with any ink"
    with style():
        highest = max(axes.get_tightbbox().y1 for axes in shown.axes)
        assert shown.texts[0].get_window_extent().y0 >= highest - 1


@pytest.mark.parametrize("size", [(900, 900), (500, 1000), (2000, 600)])
def test_images_are_laid_out_anew_for_a_page_of_another_shape_and_keep_their_own(size: tuple[int, int]) -> None:
    def grid() -> HouseFigure:
        return grid_figure([GridRow(np.zeros((10, 28, 28), np.float32), f"row {k}") for k in range(6)], "a", "b")

    usual, shares = grid(), []
    with drawn_for(size):
        fitted = grid()
    for shown in (usual, fitted):
        rendered(shown, "png", Look(size=size))
        picture = shown.axes[0].images[0].get_window_extent()
        assert picture.width == pytest.approx(picture.height, rel=0.01)
        shares.append(picture.width * picture.height / (shown.bbox.width * shown.bbox.height))
        assert shown.texts[1].get_window_extent().y1 < shown.axes[0].get_window_extent().y0
    assert shares[1] > shares[0] * (1.2 if size[0] < 2 * size[1] else 1.0) - 1e-9


def placed(shown: HouseFigure) -> np.ndarray:
    """Corners of all axes and places of what is written beside them, in inches from the first axes."""
    with style():
        shown.draw_without_rendering()
        boxes = [axes.get_window_extent() for axes in shown.axes]
        boxes += [text.get_window_extent() for text in shown.texts[2:]]
    return (np.array([box.extents for box in boxes]) - np.tile(boxes[0].p0, 2)) / shown.dpi


@pytest.mark.parametrize("kind", ["gates", "context", "spikes", "word errors", "texts", "readings", "groups"])
def test_what_is_placed_by_hand_stays_together_on_a_page_of_another_shape(kind: str) -> None:
    shown = KINDS_OF_FIGURES[kind]("short", "short")
    assert isinstance(shown, HouseFigure)
    before = placed(shown)
    shown.fit(700 / 1500)
    np.testing.assert_allclose(placed(shown), before, atol=0.02)


@pytest.mark.parametrize(("shown", "kind"), [("gates", "svg"), ("elbo", "png")])
def test_a_figure_that_is_saved_again_is_the_same(shown: str, kind: str) -> None:
    figure, look = KINDS_OF_FIGURES[shown]("short", "short"), Look(size=(500, 700))
    first, size = rendered(figure, kind, look), figure.get_size_inches()
    assert rendered(figure, kind, look) == first
    assert figure.get_size_inches() == pytest.approx(size, abs=1e-12)


def test_letters_are_larger_where_a_page_is_high_enough_for_narrower_columns() -> None:
    def sheet() -> float:
        rows = [[TextCell("", "word " * 90)] * 3] * 2
        return float(text_figure(rows, ["1", "2"], ["a", "b", "c"], "t", "s").get_figwidth())

    with drawn_for((800, 800)):
        on_a_square = sheet()
    assert on_a_square < sheet()


def test_dots_count_for_each_inch_and_by_itself_a_picture_is_wide_enough_for_a_projector() -> None:
    wide, high = figure().get_size_inches()
    assert pixels(rendered(figure(), "png", Look(dots=50))) == (int(50 * wide), int(50 * high))
    assert pixels(rendered(figure(), "png"))[0] >= 1200


@pytest.mark.parametrize(("look", "width"), [(USUAL, LEAST_WIDTH), (Look(dots=50), 200), (Look(size=(640, 360)), 640)])
def test_an_animation_is_as_wide_as_a_picture_must_be_unless_it_is_told_otherwise(
    look: Look, width: int, tmp_path: Path
) -> None:
    save_animation([figure(), figure()], tmp_path / "a.gif", look=look)
    with Image.open(tmp_path / "a.gif") as film:
        assert (film.n_frames, film.size[0]) == (1, pytest.approx(width, abs=5))


@pytest.mark.parametrize(
    ("wishes", "what"),
    [
        ({"dots": 5}, "--dpi 5 is not from 20 to 1200"),
        ({"dots": 100, "size": (400, 300)}, "both say how large"),
        ({"size": (50, 300)}, "--size 50x300 has a side"),
        ({"size": (20_000, 20_000)}, "has more than 100,000,000 pixels"),
        ({"title": ""}, "title='' is empty"),
        ({"title": "  "}, "is empty"),
    ],
)
def test_wishes_that_can_t_be_met_are_named(wishes: dict, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        Look(**wishes)


def test_a_size_is_read_as_people_write_it() -> None:
    assert parse_size("1920x1080") == parse_size("1920X1080") == parse_size("1920×1080") == (1920, 1080)
    for wrong in ("1920", "axb", "1x2x3", "-4x5", ""):
        with pytest.raises(UsageError, match="no width and height"):
            parse_size(wrong)


def test_sentence_and_legend_stand_below_the_axes_and_not_on_each_other() -> None:
    shown = figure()
    axes = shown.subplots()
    axes.plot([0, 1], label="a line")
    axes.set_xlabel("epoch")
    legend_below(shown, axes, 3)
    shown.draw_without_rendering()
    sentence = shown.texts[1].get_window_extent()
    legend = shown.legends[0].get_window_extent()
    assert sentence.y0 >= 0
    assert sentence.y1 < legend.y0 + 1
    assert legend.y1 < axes.get_tightbbox().y0 + 1


def test_text_in_an_svg_is_text() -> None:
    assert b"a title</text>" in rendered(figure(), "svg")


def test_a_kind_has_its_colour_wherever_it_stands_and_several_of_a_kind_differ_by_their_dashes() -> None:
    first, second, third = strokes_of(["lstm", "rnn", "lstm"])
    assert first.colour == third.colour == KINDS["lstm"] != second.colour
    assert first.settings["linestyle"] != third.settings["linestyle"]
    assert strokes_of(["rnn"])[0].colour == second.colour


def test_unknown_kinds_take_colours_that_are_free() -> None:
    lstm, other, none = strokes_of(["lstm", "something", None])
    assert len({lstm.colour, other.colour, none.colour}) == 3


@pytest.mark.parametrize("look", [Look(size=(100, 100)), Look(dots=20)])
def test_letters_that_can_t_be_read_are_told_with_a_size_that_shows_them(tmp_path: Path, look: Look) -> None:
    told: list[str] = []
    save_figure(figure(), tmp_path / "small.png", told.append, look)
    (sentence,) = told
    assert sentence.startswith("small.png: the smallest letters are ")
    found = re.search(r"enough would be --(?:size (\d+)x(\d+)|dpi (\d+))$", sentence)
    assert found is not None, sentence
    better = Look(dots=int(found[3])) if found[3] else Look(size=(int(found[1]), int(found[2])))
    for name, wish in (("a.png", better), ("b.png", USUAL), ("c.svg", look)):
        save_figure(figure(), tmp_path / name, told.append, wish)
    assert told == [sentence]


def test_a_film_too_small_to_read_is_told_once(tmp_path: Path) -> None:
    told: list[str] = []
    save_animation([figure() for _ in range(3)], tmp_path / "w.gif", told.append, Look(size=(120, 100)))
    assert len(told) == 1
    assert told[0].startswith("w.gif: the smallest letters are ")
