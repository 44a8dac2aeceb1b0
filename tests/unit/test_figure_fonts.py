"""Characters of texts from anywhere: from a font that has them, as a box that is told of, or as an escape."""

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from matplotlib.font_manager import FontEntry, fontManager
from matplotlib.ft2font import FT2Font
from PIL import Image

from genmodels.diagnosis import fonts as diagnosed
from genmodels.figures import fonts
from genmodels.figures.fitting import fitted, spread, width_of, wrap
from genmodels.figures.fonts import SANS, dress, families_for, lacking, lacking_told, shown
from genmodels.figures.grid import tile_figure
from genmodels.figures.saving import FORMATS, rendered, save_animation, save_figure
from genmodels.figures.style import titled_figure
from unit.figure_texts import grid, names_of

CIRCLED, IDEOGRAPH = "\u24b6", "\u65e5"  # in STIXGeneral, which matplotlib brings along; in none of its fonts


@pytest.fixture
def only_shipped(monkeypatch: pytest.MonkeyPatch) -> list[FontEntry]:
    """The fonts that matplotlib brings along, and no others; nothing is remembered of them."""
    entries = [entry for entry in fontManager.ttflist if "mpl-data" in entry.fname]
    monkeypatch.setattr(fontManager, "ttflist", entries)
    for remembered in (fonts._characters_of_family, fonts._found):
        remembered.cache_clear()
    return entries


def test_the_usual_font_alone_is_used_where_it_has_all_characters(only_shipped) -> None:
    assert families_for("Fréchet, Ελλάδα, Москва") == (SANS,)


def test_a_character_that_the_usual_font_lacks_comes_from_one_that_has_it(only_shipped) -> None:
    assert families_for(f"a {CIRCLED}") == (SANS, "STIXGeneral")
    assert lacking([CIRCLED]) == ""
    figure = titled_figure(3.0, 2.0, f"a {CIRCLED}")
    box = titled_figure(3.0, 2.0, f"a {IDEOGRAPH}")
    assert dress(figure) == ""
    assert rendered(figure, "png") != rendered(box, "png")


def test_preferred_fonts_are_asked_first_and_those_of_boxes_never(only_shipped, monkeypatch) -> None:
    (stix,) = [e.fname for e in only_shipped if e.name == "STIXGeneral" and "STIXGeneral.ttf" in e.fname]
    (blank,) = [e.fname for e in only_shipped if e.name.startswith("Last Resort")]
    more = [FontEntry(fname=stix, name=name, weight=400) for name in ("A Font", "Noto Sans CJK JP", "Noto Sans")]
    monkeypatch.setattr(fontManager, "ttflist", [*only_shipped, *more, FontEntry(fname=blank, name="Last Resort 2")])
    assert families_for(CIRCLED) == (SANS, "Noto Sans CJK JP")
    assert lacking(IDEOGRAPH) == IDEOGRAPH


def test_a_file_that_is_no_font_after_all_is_passed_over(only_shipped, monkeypatch, tmp_path) -> None:
    (tmp_path / "broken.ttf").write_text("no font")
    broken = FontEntry(fname=str(tmp_path / "broken.ttf"), name="Noto Sans", weight=400)
    monkeypatch.setattr(fontManager, "ttflist", [broken, *only_shipped])
    assert families_for(CIRCLED) == (SANS, "STIXGeneral")


def test_characters_that_no_font_has_are_told_in_one_sentence(only_shipped, tmp_path) -> None:
    told: list[str] = []
    save_figure(titled_figure(3.0, 2.0, "日本語です a"), tmp_path / "a.png", told.append)
    assert told == [
        "no font here has す で 日 and 2 other characters: the figure shows boxes in their place; "
        "install a font that has them, such as Noto Sans CJK"
    ]
    assert lacking_told("\u0915").startswith("no font here has \u0915: ")
    assert lacking_told("\u0915").endswith("such as Noto Sans")
    assert " and 1 other character:" in lacking_told("日本語で")
    told.clear()
    save_figure(titled_figure(3.0, 2.0, "Fréchet"), tmp_path / "b.png", told.append)
    assert told == []


def test_doctor_names_the_fonts_that_figures_would_take_whatever_they_are_called(only_shipped, monkeypatch) -> None:
    korean, whole = "no CJK in its name.ttf", fonts._characters_of_file
    monkeypatch.setattr(
        fonts, "_characters_of_file", lambda file: frozenset("\ud55c\uad6d") if file == korean else whole(file)
    )
    named = [
        FontEntry(fname=korean, name="My Own", weight=400),
        FontEntry(fname="empty.ttf", name="SimSun", weight=400),
    ]
    monkeypatch.setattr(fontManager, "ttflist", [*only_shipped, *named])
    told = {fact.name: (fact.value, fact.shown) for fact in diagnosed.fonts().facts}
    boxes = (None, "none: figures show boxes for such characters")
    assert told["figures are written in"] == (SANS, SANS)
    assert (told["Chinese"], told["Japanese"], told["Korean"]) == (boxes, boxes, (["My Own"], "My Own"))


HOSTILE = (
    "a\x08b\x1b[31m\x00c \ud800 \ufffe \u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd \U0001f600 <&> $x_1$ \tend"
)


@pytest.mark.parametrize("kind", FORMATS)
def test_no_character_breaks_a_file(kind: str) -> None:
    images = np.zeros((1, 4, 4), np.float32)
    content = rendered(grid_of(images, HOSTILE), kind)
    if kind == "svg":
        ET.fromstring(content)
    assert len(content) > 0


def grid_of(images, text: str):
    from genmodels.figures.grid import labelled_grid

    return labelled_grid([images], [text], [[text]], text, [text])


def test_what_could_hide_is_shown_as_an_escape() -> None:
    assert shown("a\x08\u202e\ud800\t$\n") == r"a\x08\u202e\ud800 $" + "\n"
    assert shown("\U0001f468\u200d\U0001f469") == "\U0001f468\u200d\U0001f469"


def test_a_text_is_wrapped_at_words_and_a_word_is_broken_only_where_it_must() -> None:
    text = "some words in a row/of/a/path"
    width = width_of("some words in", 9.0) + 0.01
    assert wrap(text, width, 9.0) == "some words in\na row/of/a/\npath"
    assert wrap("unbroken" * 3, width, 9.0) == "unbroken" * 3
    broken = wrap("unbroken" * 3, width, 9.0, anywhere=True)
    assert broken.replace("\n", "") == "unbroken" * 3
    assert all(width_of(line, 9.0) <= width for line in broken.split("\n"))
    assert wrap("", 1.0, 9.0) == ""
    assert wrap("one\ntwo", 9.0, 9.0) == "one\ntwo"


def test_nothing_of_a_text_is_lost_however_narrow_its_place() -> None:
    for text in (HOSTILE, *names_of(3, "unbroken"), "a  b", "/" * 30):
        (narrow,) = fitted([text], [(0.001, 9.0)]).texts
        assert narrow.replace("\n", "").replace(" ", "") == shown(text).replace(" ", "")


def test_the_first_form_that_fits_is_taken() -> None:
    wide, narrow = width_of("eight or", 9.0) + 0.01, width_of("eight or", 7.0) + 0.01
    assert fitted(["eight or"], [(wide, 9.0), (9.0, 7.0)]).size == 9.0
    assert fitted(["eight or"], [(narrow, 9.0), (narrow, 7.0)]).size == 7.0
    assert fitted(["eight or"], [(narrow, 9.0), (narrow, 7.0)], lines=2).texts == ["eight\nor"]


def test_labels_are_spread_until_none_lies_on_another() -> None:
    assert spread([1.0, 3.0], [1.0, 1.0], 0.0, 4.0) == [1.0, 3.0]
    assert spread([1.0, 1.2, 1.4], [1.0] * 3, 0.0, 4.0) == [1.0, 2.0, 3.0]
    assert spread([3.6, 3.8], [1.0, 1.0], 0.0, 4.0) == [2.5, 3.5]
    assert spread([0.1, 0.2], [1.0, 1.0], 0.0, 1.0) == [0.5, 1.5]


def test_frames_of_an_animation_are_of_equal_size_though_their_titles_are_not(tmp_path: Path) -> None:
    images = np.eye(8, dtype=np.float32)[None]
    titles = ["short", "a title that is so long that it takes a line more than the other one, and then some"]
    save_animation([tile_figure(images, 1, title) for title in titles], tmp_path / "a.gif")
    lower = []
    with Image.open(tmp_path / "a.gif") as frames:
        assert frames.n_frames == 2
        for index in range(2):
            frames.seek(index)
            pixels = np.asarray(frames.convert("L"))
            lower.append(pixels[-120:, pixels.shape[1] // 2 - 100 : pixels.shape[1] // 2 + 100])
    assert lower[0].shape == lower[1].shape
    assert np.abs(lower[0].astype(int) - lower[1]).mean() < 3.0


def test_a_wide_picture_does_not_shrink_the_others() -> None:
    from genmodels.figures.reading import reading_figure
    from genmodels.figures.under_strips import SYMBOL
    from unit.figure_texts import strip

    alone = reading_figure([strip("a", 60, ["1"]), strip("b", 900, ["1"])], "t")
    beside = reading_figure([strip("a", 60, ["1"]), strip("b", 3000, [str(k) for k in range(50)])], "t")
    widths = [figure.axes[0].images[0].get_window_extent().width for figure in (alone, beside)]
    assert widths[0] == pytest.approx(widths[1], abs=1.0)
    symbols = [text.get_text() for axes in beside.axes[1:] for text in axes.texts if text.get_fontsize() == SYMBOL]
    assert [s for s in symbols if s.isdigit()] == [str(k) for k in range(50)]
    columns = sum(axes.images[0].get_array().shape[1] for axes in beside.axes[1:])
    assert columns == 3000


@pytest.mark.parametrize("classes", [3, 20, 21, 47, 62, 110])
def test_every_class_of_a_legend_has_a_colour_and_shape_of_its_own(classes: int) -> None:
    from unit.figure_texts import scatter

    plane = scatter("short", "short", classes).axes[0]
    looks = {
        (tuple(group.get_facecolor()[0].round(3)), group.get_paths()[0].vertices.tobytes())
        for group in plane.collections
    }
    assert len(looks) == classes
    assert len(plane.get_legend().get_texts()) == classes


def test_a_font_is_read_once(only_shipped, monkeypatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(fonts, "FT2Font", lambda file: opened.append(file) or FT2Font(file))
    fonts._characters_of_file.cache_clear()
    for _ in range(3):
        families_for(f"x{CIRCLED}")
    assert len(opened) == len(set(opened)) > 1
    opened.clear()
    rendered(grid(1, "square", "short", "short"), "png")
    assert opened == []
