"""Sheets of images and of texts: where things stand, what is drawn when, and what is said of it."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from PIL import Image

from genmodels.analysis.reconstruction import Reconstruction
from genmodels.families.reconstructed import reconstructed
from genmodels.families.sheet import Sheet, Told
from genmodels.figures.colours import BLUE
from genmodels.figures.films import MOST_FRAMES, drawing_film, in_raster_order
from genmodels.figures.grid import FRAME, GridRow, grid_figure, room_for_images, tile_figure
from genmodels.figures.pictures import columns_for
from genmodels.figures.reading import reading_figure
from genmodels.figures.saving import rendered
from genmodels.figures.style import HIGH, WIDE, drawn_for, new_figure
from genmodels.figures.texts import MOST_LINES, TextCell, text_figure
from genmodels.figures.under_strips import ReadStrip
from genmodels.look import Look


def images(count: int, side: int = 6) -> np.ndarray:
    return np.linspace(0, 1, count * side * side, dtype=np.float32).reshape(count, side, side)


def sheet(count: int, epochs: int = 1, *, in_order: bool = False, names: list[str] | None = None) -> Sheet:
    return Sheet.of(
        {}, "drawn by a run", Told("Look.", in_order), images=[images(count)] * epochs,
        epochs=list(range(1, epochs + 1)), names=names,
    )  # fmt: skip


def texts_of(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


@pytest.mark.parametrize(
    ("count", "groups", "of", "columns"),
    [(1, 1, 1, 1), (2, 1, 1, 2), (10, 1, 1, 5), (64, 1, 1, 13), (64, 3, 1, 22), (10, 3, 1, 10), (30, 1, 10, 10),
     (4, 1, 10, 4)],
)  # fmt: skip
def test_images_lie_in_as_many_columns_as_make_them_largest(count: int, groups: int, of: int, columns: int) -> None:
    assert columns_for(count, (28, 28), room_for_images(), groups, of) == columns


@pytest.mark.parametrize("count", [1, 2, 10, 64])
@pytest.mark.parametrize("epochs", [1, 3])
def test_a_sheet_fills_a_screen(count: int, epochs: int) -> None:
    width, height = sheet(count, epochs).figure().get_size_inches()
    assert 1.3 < width / height < 2.5, "16:9 as far as images in rows can be"


def test_epochs_are_apart_and_each_is_named_once() -> None:
    (axes,) = sheet(64, 2).figure().axes
    tops = sorted({round(float(image.get_extent()[3]), 4) for image in axes.images})
    steps = np.diff(tops)
    assert len(tops) == 2 * (half := len(tops) // 2)
    assert steps[half - 1] > 1.2 * max(np.delete(steps, half - 1)), "the gap between two epochs"
    assert [label.get_text() for label in axes.get_yticklabels() if label.get_text()] == ["epoch 1", "epoch 2"]


def test_the_sentence_says_that_epochs_share_their_random_numbers_and_what_classes_are() -> None:
    said = " ".join(text.get_text().replace("\n", " ") for text in sheet(6, 2, names=["a", "b"] * 3).figure().texts)
    assert "Look. All epochs draw from the same random numbers" in said
    assert "the class that was asked for" in said
    assert "All epochs" not in " ".join(text.get_text() for text in sheet(6).figure().texts)


def test_a_class_keeps_its_column() -> None:
    (axes,) = sheet(12, names=["a", "b", "c"] * 4).figure().axes
    columns = {text.get_text(): set() for text in axes.texts}
    for text in axes.texts:
        columns[text.get_text()].add(round(text.get_position()[0], 3))
    assert not columns["a"] & columns["b"]


def frames_of(axes: Axes) -> list[tuple[float, ...]]:
    """Left, upper, right and lower edge of each line around an image."""
    (frames,) = axes.collections
    assert frames.get_edgecolor()[0] == pytest.approx(to_rgba(FRAME))
    return [tuple(path.get_extents().extents.tolist()) for path in frames.get_paths()]


def test_a_line_stands_around_each_tile_in_the_middle_between_two() -> None:
    (axes,) = tile_figure(images(3), 2, "t", gap=1).axes
    assert not any(spine.get_visible() for spine in axes.spines.values())
    assert frames_of(axes) == [(-1, -1, 6, 6), (6, -1, 13, 6), (-1, 6, 6, 13)]
    (alone,) = tile_figure(images(4), 2, "t").axes
    assert not alone.collections, "as there is no room for lines"
    film = sheet(4, in_order=True).film
    assert film is not None
    assert len(frames_of(next(iter(film("a title").frames)).axes[0])) == 4


def test_a_line_stands_around_each_image_of_a_grid() -> None:
    (axes,) = grid_figure([GridRow(images(2), "row"), GridRow(images(3), "another")], "t").axes
    assert len(axes.images) == 2 + 3
    for frame, image in zip(frames_of(axes), axes.images, strict=True):
        left, right, bottom, top = image.get_extent()
        assert frame == pytest.approx((left, top, right, bottom))


def test_a_part_of_each_image_is_shaded() -> None:
    (axes,) = grid_figure([GridRow(images(2), "row", shade=(0, 3, 6, 6))], "t").axes
    boxes = [(patch.get_xy(), patch.get_width(), patch.get_height()) for patch in axes.patches]
    assert len(boxes) == 2
    for (corner, width, height), image in zip(boxes, axes.images, strict=True):
        left, right, bottom, top = image.get_extent()
        assert corner == pytest.approx((left, (top + bottom) / 2))
        assert (width, height) == pytest.approx((right - left, (bottom - top) / 2))


def test_a_film_of_one_epoch_draws_pixel_after_pixel() -> None:
    film = sheet(3, in_order=True).film
    assert film is not None
    seen, titles = [], []
    for frame in film("a title").frames:
        data = np.ma.filled(frame.axes[0].images[0].get_array().astype(float), np.nan)
        seen.append(int(np.isnan(data).sum()) // 3)
        titles.append(frame.texts[0].get_text())
    assert seen[0] == 36
    assert seen[-1] == 0
    assert sorted(seen, reverse=True) == seen
    assert titles[-1] == "a title\npixel 36 of 36"
    assert titles[0] == "a title\npixel 0 of 36"


def test_a_film_has_few_frames_whatever_the_image_s_size() -> None:
    figure = tile_figure(images(1, 60), 1, "t\nl")
    film = drawing_film(figure, in_raster_order((60, 60)), lambda there: [there.astype(np.float32)])
    assert sum(1 for _ in film.frames) == MOST_FRAMES


@pytest.mark.parametrize("title", ["a title", "of a run whose name is as long as a path " * 6])
def test_every_frame_names_its_epoch_in_a_line_of_its_own(title: str) -> None:
    film = sheet(4, 3).film
    assert film is not None
    titles = [frame.texts[0].get_text().split("\n") for frame in film(title).frames]
    assert [lines[-1] for lines in titles] == ["epoch 1", "epoch 2", "epoch 3"]
    assert len({tuple(lines[:-1]) for lines in titles}) == 1


def test_a_film_is_saved_frame_by_frame(tmp_path: Path) -> None:
    sheet(1, in_order=True).save(tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as picture:
        assert picture.n_frames == 37


def test_letters_are_as_wide_at_any_number_of_dots(monkeypatch: pytest.MonkeyPatch) -> None:
    hinting = []
    figure = new_figure(WIDE, HIGH)
    monkeypatch.setattr(figure, "savefig", lambda *_, **__: hinting.append(mpl.rcParams["text.hinting"]))
    for look in (Look(), Look(100), Look(size=(1920, 1080))):
        rendered(figure, "png", look)
    assert hinting == ["none"] * 3, "as they were measured"


def cells(*texts: str, note: str = "") -> list[TextCell]:
    return [TextCell("GREMIO:\n", text, note) for text in texts]


def test_texts_stand_in_a_table_with_their_prompt_in_bold() -> None:
    figure = text_figure(
        [cells("the cat", "a dog"), cells("my hat", "on")], ["epoch 1", "epoch 2"], ["T = 0.5", "T = 1"], "t", "s"
    )
    (axes,) = figure.axes
    place = {text.get_text(): text.get_position() for text in axes.texts}
    assert place["the cat"][0] == place["my hat"][0] < place["a dog"][0] == place["on"][0]
    assert place["the cat"][1] == place["a dog"][1] < place["my hat"][1] == place["on"][1]
    assert place["epoch 1"][1] < place["the cat"][1] < place["epoch 2"][1] < place["my hat"][1]
    bold = [text for text in axes.texts if text.get_weight() == "bold"]
    assert [text.get_text() for text in bold] == ["GREMIO:"] * 4
    assert all(to_rgba(text.get_color()) == to_rgba(BLUE) for text in bold)


def test_a_prompt_and_what_follows_it_may_share_a_line() -> None:
    (axes,) = text_figure([[TextCell("The king", " and queen")]], ["epoch 1"], ["T = 1"], "t", "s").axes
    place = {text.get_text(): text.get_position() for text in axes.texts}
    assert place["The king"][1] == place[" and queen"][1]
    assert place["The king"][0] < place[" and queen"][0]


def test_no_character_of_a_text_is_lost_but_blanks_where_a_line_ends() -> None:
    words = " ".join(f"word{n}" for n in range(60)) + " " + "x" * 300
    figure = text_figure([[TextCell("", words)]], ["epoch 1"], ["T = 1"], "t", "s")
    lines = [text for text in texts_of(figure) if text not in {"epoch 1", "T = 1"}]
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert all(line.startswith(("word", "x")) for line in lines)


def test_a_long_text_ends_with_how_much_more_there_is() -> None:
    figure = text_figure([cells("a line\n" * 60, note="91 % words")], [""], ["T = 1"], "t", "s")
    assert texts_of(figure).count("a line") == MOST_LINES - 1
    left = len("GREMIO:\n" + "a line\n" * 60) - len("GREMIO:\n" + "a line\n" * (MOST_LINES - 1)) + 1
    assert f"… and {left} more characters\n91 % words" in texts_of(figure)


def test_what_could_hide_in_a_text_is_shown() -> None:
    figure = text_figure([cells("a\x1b[2Jb\u202ec")], [""], ["T = 1"], "t", "s")
    assert "a\\x1b[2Jb\\u202ec" in texts_of(figure)


@pytest.mark.parametrize(
    ("confidence", "told"), [(0.0, "0.0%"), (1e-9, "< 0.1%"), (0.5, "50.0%"), (0.99999, "> 99.9%"), (1.0, "100.0%")]
)
def test_a_reading_is_certain_only_where_it_is(confidence: float, told: str) -> None:
    strip = ReadStrip("a", images(1, 32)[0], ["7"], [(4.0, 20.0)], [0.97], confidence, None)
    assert f"a: 7 ({told})" in texts_of(reading_figure([strip], "t"))


def test_short_strips_stand_side_by_side_and_what_bars_and_numbers_are_is_said() -> None:
    strips = [
        ReadStrip(f"strip {k}", images(1, 32)[0], ["7"], [(4.0, 20.0)], [0.97], 0.9, "7" if k else "1", not k)
        for k in range(3)
    ]
    figure = reading_figure(strips, "t")
    assert len({round(axes.get_position().y1, 4) for axes in figure.axes}) == 1
    said = " ".join(text.get_text().replace("\n", " ") for text in figure.texts)
    assert "2 of 3 are read right" in said
    assert "“blank”" in said
    assert "orange" in said


def reconstruction(images: int, epochs: int) -> Reconstruction:
    pixels = np.full((images, 28, 28), 0.5, np.float32)
    names, numbers = [str(row) for row in range(images)], [1, 10, 20][:epochs]
    return Reconstruction(
        "digits", "none", list(range(images)), names, pixels, [*numbers], [pixels] * epochs, [[-80.0] * images] * epochs
    )


def drawn(result: Reconstruction, size: tuple[int, int] | None = None) -> Figure:
    with drawn_for(size):
        found = reconstructed("t", {}, result, "light", code="the mean of", given="", grey=False, picked=False)
        return found.figure()


@pytest.mark.parametrize(
    ("images", "epochs", "least"), [(1, 1, 0.3), (1, 3, 0.3), (3, 1, 0.35), (3, 3, 0.2), (10, 1, 0.15), (10, 3, 0.2)]
)
@pytest.mark.parametrize("size", [None, (1920, 1080)])
def test_reconstructions_fill_their_page(images: int, epochs: int, least: float, size: tuple[int, int] | None) -> None:
    figure = drawn(reconstruction(images, epochs), size)
    figure.fit(16 / 9)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    boxes = [image.get_window_extent() for image in axes.images]
    assert len(boxes) == images * (1 + epochs)
    width, height = figure.bbox.size
    assert sum(box.width * box.height for box in boxes) / (width * height) > least


def test_one_reconstructed_image_has_its_epochs_beside_it_and_ten_of_one_epoch_stand_in_two_groups() -> None:
    def places(result: Reconstruction) -> list[tuple[int, int]]:
        images = drawn(result).axes[0].images
        across = sorted({round(image.get_extent()[0], 3) for image in images})
        down = sorted({round(image.get_extent()[3], 3) for image in images})
        return [(len(down), len(across))]

    assert places(reconstruction(1, 3)) == [(1, 4)]
    assert places(reconstruction(3, 3)) == [(3, 4)]
    assert places(reconstruction(10, 1)) == [(4, 5)]
    assert places(reconstruction(10, 3)) == [(4, 10)]
