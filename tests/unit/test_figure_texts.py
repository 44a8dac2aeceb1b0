"""No text of any figure is cut or lies on another one."""

import pytest
from matplotlib.figure import Figure

from genmodels.figures.style import HouseFigure, drawn_for, new_figure
from unit.figure_texts import KINDS, SHAPES, cut, grid, overlaps, places_of, tiles

LENGTHS = [("path", "long"), ("unbroken", "unbroken")]  # of titles, of names
SIZES = [(1200, 675), (500, 1000), (1800, 600)]
RARE = [pytest.param(*lengths, marks=pytest.mark.sweep) for lengths in [("short", "short"), *LENGTHS]]


def check(figure: Figure) -> None:
    places = places_of(figure)
    assert len(places) > 0
    assert cut(figure, places) == []
    assert overlaps(places) == []


@pytest.mark.parametrize(("title", "names"), [("long", "long"), *RARE])
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_of_a_figure_is_cut_or_lies_on_another(kind: str, title: str, names: str) -> None:
    check(KINDS[kind](title, names))


@pytest.mark.parametrize("size", [(800, 800), *(pytest.param(size, marks=pytest.mark.sweep) for size in SIZES)])
@pytest.mark.parametrize(
    "kind",
    [kind if place % 6 == 0 else pytest.param(kind, marks=pytest.mark.sweep) for place, kind in enumerate(KINDS)],
)
def test_no_text_is_cut_or_lies_on_another_in_a_figure_of_another_size(kind: str, size: tuple[int, int]) -> None:
    with drawn_for(size):
        figure = KINDS[kind]("short", "short")
    assert isinstance(figure, HouseFigure)
    figure.fit(size[0] / size[1])
    wide, high = figure.get_size_inches()
    assert wide / high == pytest.approx(size[0] / size[1])
    check(figure)
    assert figure.texts[0].get_window_extent().y1 > 0.95 * figure.bbox.height, "the title is above"


@pytest.mark.sweep
@pytest.mark.parametrize(("title", "names"), LENGTHS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [1, 2, 9, 20])
def test_no_text_of_a_grid_is_cut_or_lies_on_another(count: int, shape: str, title: str, names: str) -> None:
    check(grid(count, shape, title, names))


@pytest.mark.sweep
@pytest.mark.parametrize("title", [title for title, _ in LENGTHS])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [1, 2, 9, 64])
def test_no_text_at_tiles_is_cut_or_lies_on_another(count: int, shape: str, title: str) -> None:
    check(tiles(count, shape, title))


def test_the_check_finds_a_text_that_is_cut_and_one_that_lies_on_another() -> None:
    figure = new_figure(2.0, 2.0)
    figure.text(0.9, 0.5, "too far to the right")
    figure.text(0.2, 0.2, "one")
    figure.text(0.2, 0.2, "other")
    places = places_of(figure)
    assert cut(figure, places) == ["too far to the right"]
    assert overlaps(places) == [("one", "other")]
