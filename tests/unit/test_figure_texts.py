"""No text of any figure is cut or lies on another one."""

import pytest
from matplotlib.figure import Figure

from genmodels.figures.fitting import width_of
from genmodels.figures.saving import rendered
from genmodels.figures.style import DOTS_PER_INCH, drawn_for, new_figure
from genmodels.look import Look
from unit.figure_texts import KINDS, SHAPES, compared, cut, grid, overlaps, places_of, tiles

LENGTHS = [("path", "long"), ("unbroken", "unbroken")]  # of titles, of names
SIZES = [(800, 800), (1280, 720), (500, 1000), (1800, 600)]
RARE = [pytest.param(*lengths, marks=pytest.mark.sweep) for lengths in [("short", "short"), *LENGTHS]]


def check(figure: Figure) -> None:
    places = places_of(figure)
    assert len(places) > 0
    assert cut(figure, places) == []
    assert overlaps(places) == []
    title = figure.texts[0].get_window_extent() if figure.texts else None
    assert title is None or figure.bbox.height - title.y1 >= 0.1 * figure.dpi, "no edge of a projector cuts into it"


@pytest.mark.parametrize(("title", "names"), [("long", "long"), *RARE])
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_of_a_figure_is_cut_or_lies_on_another(kind: str, title: str, names: str) -> None:
    check(KINDS[kind](title, names))


@pytest.mark.parametrize("lengths", [("short", "short"), pytest.param(("long", "long"), marks=pytest.mark.sweep)])
@pytest.mark.parametrize("size", [(1920, 1080), *(pytest.param(size, marks=pytest.mark.sweep) for size in SIZES)])
@pytest.mark.parametrize(
    "kind",
    [kind if place % 6 == 3 else pytest.param(kind, marks=pytest.mark.sweep) for place, kind in enumerate(KINDS)],
)
def test_no_text_is_cut_or_lies_on_another_in_a_figure_of_another_size(
    kind: str, size: tuple[int, int], lengths: tuple[str, str]
) -> None:
    with drawn_for(size):
        figure = KINDS[kind](*lengths)
    rendered(figure, "png", Look(size=size))
    wide, high = figure.get_size_inches()
    assert wide / high == pytest.approx(size[0] / size[1])
    figure.dpi = size[0] / wide  # as it is written, at which letters may be wider than they were measured
    check(figure)
    assert figure.texts[0].get_window_extent().y1 > 0.95 * figure.bbox.height, "the title is above"


@pytest.mark.parametrize("size", [6.0, 7.5, 9.0, 10.5, 14.0])
def test_a_text_is_as_wide_as_it_was_measured_at_any_number_of_dots(size: float) -> None:
    text = "± its standard error over images, which are the same for all, so what runs differ by is surer than that"
    for dots in (80, 133, DOTS_PER_INCH, 206, 400):
        figure = new_figure(12.0, 1.0)
        figure.dpi = dots
        figure.text(0.0, 0.5, text, fontsize=size)
        ((_, box),) = places_of(figure)
        assert box.width / dots == pytest.approx(width_of(text, size), rel=0.005), dots


def test_few_runs_fill_a_page_with_more_lines_of_images() -> None:
    def lines_at(size: tuple[int, int], runs: int) -> int:
        with drawn_for(size):
            figure = compared("short", "short", runs)
        return len(figure.axes[0].images) // (12 * runs)

    assert [lines_at((1920, 1080), runs) for runs in (3, 4, 7)] == [2, 1, 1]
    assert [lines_at(size, 3) for size in [(500, 1000), (1800, 450)]] == [4, 1]


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
