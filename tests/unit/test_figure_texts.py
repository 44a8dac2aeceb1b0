"""No text of any figure is cut or lies on another one."""

import pytest
from matplotlib.figure import Figure

from unit.figure_texts import KINDS, SHAPES, cut, grid, overlaps, tiles

MIXED = [("short", "short"), ("long", "long"), ("path", "long"), ("unbroken", "unbroken")]  # titles, names


def check(figure: Figure) -> None:
    assert cut(figure) == []
    assert overlaps(figure) == []


@pytest.mark.parametrize(("title", "names"), MIXED)
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_of_a_figure_is_cut_or_lies_on_another(kind: str, title: str, names: str) -> None:
    check(KINDS[kind](title, names))


@pytest.mark.parametrize(("title", "names"), MIXED)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [1, 2, 9, 64])
@pytest.mark.parametrize("draw", [grid, tiles])
def test_no_text_at_images_is_cut_or_lies_on_another(draw, count: int, shape: str, title: str, names: str) -> None:
    if draw is grid and count == 64:
        count = 20  # the widest sheet
    check(draw(count, shape, title, names))
