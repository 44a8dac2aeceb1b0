"""The figure of finished images: as large as a screen allows, however many there are."""

import numpy as np
import pytest

from genmodels.analysis.completion import Completion
from genmodels.families.completed import completed
from unit.figure_texts import said


def completion(count: int, drawn: int, nats: list[float] | None = None) -> Completion:
    order = np.zeros((8, 8), dtype=np.int64)
    order[4:] = np.arange(1, 33).reshape(4, 8)
    images = np.zeros((count, 8, 8), dtype=np.float32)
    return Completion("bottom", 4, images, order, np.zeros((drawn, count, 8, 8), np.float32), nats or [1.0] * count)


def made(count: int, drawn: int = 5):
    return completed("title", {}, completion(count, drawn), [f"{number:03}.png" for number in range(count)], "light")


def places_of(figure) -> list[tuple[float, float, float, float]]:
    """Left, right, bottom and top of each image, inches."""
    (axes,) = figure.axes
    return [image.get_extent() for image in axes.images]


@pytest.mark.parametrize(("count", "drawn"), [(1, 1), (1, 5), (2, 5), (3, 3), (10, 5), (12, 2)])
def test_a_few_images_fill_a_screen(count: int, drawn: int) -> None:
    figure = made(count, drawn).figure()
    wide, high = figure.get_size_inches()
    assert wide / high >= 1.4
    assert len(places_of(figure)) == count * (2 + drawn + (drawn > 1))
    left, right, *_ = places_of(figure)[0]
    assert round(right - left, 6) >= 0.42


def test_one_image_is_large_and_each_picture_of_it_is_named() -> None:
    figure = made(1).figure()
    left, right, *_ = places_of(figure)[0]
    assert right - left > 1.2
    (axes,) = figure.axes
    texts = {text.get_text() for text in axes.texts}
    assert {"the truth", "given", "drawn 1", "drawn 5", "mean of the 5", "1.0"} <= texts


def test_many_images_stand_in_groups_and_none_is_tiny() -> None:
    figure = made(24).figure()
    places = places_of(figure)
    assert len(places) == 24 * 8
    assert {round(right - left, 3) for left, right, *_ in places} == {0.6}
    assert len({round(left, 3) for left, *_ in places}) == 12
    (axes,) = figure.axes
    texts = [text.get_text() for text in axes.texts]
    assert sum(text.endswith(".png") for text in texts) == 24


@pytest.mark.parametrize("count", [1, 3, 24])
def test_a_film_changes_the_images_of_the_figure(count: int) -> None:
    film = made(count, 2).film("title")
    frames = [[np.isnan(np.ma.filled(i.get_array(), np.nan)).sum() for i in f.axes[0].images] for f in film.frames]
    assert len(frames) > 5
    assert sum(frames[0]) > sum(frames[-1]), "what is not drawn yet is tinted"


@pytest.mark.parametrize(
    ("count", "picked", "where"),
    [(1, True, "Left of the image stands its class; it is the first test image of its class."),
     (1, False, "Left of the image stands its class; it is test image 5."),
     (2, False, "Left of each image's row stands its class; they are test images 5 and 6."),
     (10, True, "Above each image stands its class; each is the first test image of its class.")],
)  # fmt: skip
def test_it_is_told_where_the_classes_stand_and_which_images_they_are(count: int, picked: bool, where: str) -> None:
    labels, rows = [f"class {number}" for number in range(count)], range(5, 5 + count)
    figure = completed("title", {}, completion(count, 3), labels, "light", rows, picked=picked).figure()
    (axes,) = figure.axes
    assert where in said(figure)
    beside = [label.get_text() for label in axes.get_yticklabels()]
    assert (labels[0] in beside) == where.startswith("Left")
    assert "stands its class" not in said(completed("title", {}, completion(count, 3), labels, "light").figure())


def test_digits_in_the_sentence_are_told_apart_from_counts() -> None:
    figure = completed("title", {}, completion(2, 1, [154.4, 71.3]), ["3", "1"], "light").figure()
    assert "from 71.3 (the\u00a01) to 154.4 (the\u00a03)." in figure.texts[-1].get_text().replace("\n", " ")
    named = completed("title", {}, completion(2, 1, [2.0, 1.0]), ["b.png", "a.png"], "light").figure()
    assert "from 1.0 (a.png) to 2.0 (b.png)." in named.texts[-1].get_text().replace("\n", " ")
