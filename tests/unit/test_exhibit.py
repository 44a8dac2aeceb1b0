"""Exhibits and their tables: what a person, a spreadsheet, a notebook and a page get of one result."""

import base64
import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from genmodels.errors import ResourceError, UsageError
from genmodels.exhibit import FIGURES, Exhibit, Row, Table, short, written
from genmodels.families.sheet import Sheet, Told
from genmodels.families.text.sheet import TextSheet
from genmodels.figures.saving import FORMATS
from genmodels.figures.style import new_figure
from genmodels.spreadsheets import ALONE, FORMULA, text_of
from genmodels.telling import duration

HOSTILE = '<script>alert(1)</script> & "quoted"\n\x1b[2J'
PNG = b"\x89PNG\r\n\x1a\n"


def some_figure(title: str = "") -> Figure:
    figure = new_figure(1.0, 1.0)
    figure.suptitle(title)
    figure.subplots().plot([0, 1])
    return figure


def exhibit(**changes: object) -> Exhibit:
    table = Table("losses", {"epoch": "", "nll": ".2f"}, [{"epoch": 1, "nll": 1.234, "beside": "x"}, {"epoch": 2}])
    facts = {"run": "runs/ü", "losses": [1.234]}
    return Exhibit(
        **{"name": "loss", "title": "Loss", "facts": facts, "tables": [table], "draw": some_figure} | changes
    )


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (None, ".2f", "-"),
        (0.125, "", "0.125"),
        (0.12345, ".2f", "0.12"),
        (7, ".2f", "7"),
        (True, ".2f", "True"),
        (1234567, ",", "1,234,567"),
        (1234567, "", "1234567"),
        ("mlp", ".2f", "mlp"),
        ("", "", ""),
        (1.5, "short", "1.5000"),
        (2.5e7, "short", "2.500e+07"),
        (float("nan"), ".3f", "nan"),
        ([1, 2], "", "[1, 2]"),
    ],
)
def test_a_value_is_written_as_its_column_says(value: object, form: str, text: str) -> None:
    assert written(value, form) == text


def test_numbers_that_would_take_a_line_are_written_with_powers_of_ten() -> None:
    assert [short(value) for value in (-0.5, 999_999.0, 1e6, -1e9)] == [
        "-0.5000", "999999.0000", "1.000e+06", "-1.000e+09"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.4, "59 s"), (59.7, "1 min 00 s"), (185, "3 min 05 s"), (3600, "1 h 00 min"), (7800, "2 h 10 min")],
)
def test_a_span_reads_as_people_say_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def twice(row: Row) -> str:
    return str(2 * row["n"])


def test_cells_follow_the_columns_and_a_missing_value_is_a_dash() -> None:
    table = Table("t", {"n": "", "twice": twice, "loss": ".1f"}, [{"loss": 0.25, "n": 1}, {"n": 2}], {"n": "number"})
    assert table.heads == ["number", "twice", "loss"]
    assert table.cells() == [["1", "2", "0.2"], ["2", "4", "-"]]


CELLS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(CELLS, st.floats(allow_nan=False))))
@example([("=1+2", -1.5), ("-1.5", 0.0), ("'=1", 0.0), ("@SUM(A1)", 0.0), ("\t=1", 0.0)])
@example([("a\rb", 1.0), ("\r", 2.0), ("\r\n", 3.0), ("c\n", 4.0)])  # Python 3.11 quotes no lone \r
def test_a_spreadsheet_gets_every_value_back(values: list[tuple[str, float]]) -> None:
    table = Table(
        "t", {"name": "", "loss": ".1f"}, [{"name": name, "loss": loss, "beside": 1} for name, loss in values]
    )
    text = table.as_csv().decode("utf-8")
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(text_of(row["name"]), float(row["loss"])) for row in read] == values
    names = [row["name"] for row in read if row["name"] not in ALONE]
    assert not any(name.startswith(FORMULA) and not is_number(name) for name in names), "no formulas"
    assert text.startswith("name,loss\n")


def is_number(text: str) -> bool:
    try:
        return str(float(text)) != "" and text == text.strip()
    except ValueError:
        return False


def test_a_standard_error_stands_by_its_number_for_people_and_in_a_column_of_its_own_for_programs() -> None:
    columns = {"run": "", "right": ".4f", "nats": ".2f", "right_error": ".4f", "nats_error": ".2f"}
    rows = [
        {"run": "a", "right": 0.978, "right_error": 0.0043, "nats": 3.0, "nats_error": 0.25},
        {"run": "b", "right": 1.0, "right_error": None, "nats": None, "nats_error": 0.1},
    ]
    table = Table(
        "t", columns, rows, legend={"nats": "lower is better"}, spoken={"right": ".1%", "right_error": ".1%"},
        errors={"right": "right_error", "nats": "nats_error"},
    )  # fmt: skip
    assert table.spoken_heads == ["run", "right", "nats"]
    assert table.spoken_cells() == [
        ["a", "97.8\u00a0±\u00a00.4%", "3.00\u00a0±\u00a00.25"], ["b", "100.0%", "-"],
    ]  # fmt: skip
    assert table.heads == list(columns)
    assert table.cells()[0] == ["a", "0.9780", "3.00", "0.0043", "0.25"]
    assert table.meanings == {"nats": "lower is better"}
    assert table.as_csv().decode().splitlines()[2] == "b,1.0,,,0.1"


def test_a_spreadsheet_gets_an_empty_cell_where_a_value_is_missing() -> None:
    table = Table("t", {"a": "", "b": ".1f"}, [{"a": 1}, {"a": None, "b": 2.25}], {"a": "another heading"})
    assert table.as_csv() == b"a,b\n1,\n,2.25\n"


def test_html_shows_hostile_text_and_obeys_none_of_it() -> None:
    table = Table(HOSTILE, {HOSTILE: ""}, [{HOSTILE: HOSTILE}])
    for shown in (table, exhibit(title=HOSTILE, tables=[table], draw=None, remarks=[HOSTILE])):
        text = shown._repr_html_()
        assert "<script" not in text
        assert "\x1b" not in text
        assert "&lt;script&gt;" in text


def test_a_notebook_gets_figure_table_and_remarks() -> None:
    hidden = Table("for a spreadsheet", {"secret": ""}, [{"secret": 1}], shown=False)
    text = exhibit(tables=[*exhibit().tables, hidden], remarks=["mind the gap"])._repr_html_()
    encoded = text.partition('src="data:image/png;base64,')[2].partition('"')[0]
    assert base64.b64decode(encoded).startswith(PNG)
    assert "<td>1.23</td>" in text
    assert "<p>mind the gap</p>" in text
    assert "secret" not in text
    assert "<pre>" not in text


def test_a_notebook_gets_the_facts_where_there_is_nothing_else() -> None:
    bare = exhibit(tables=[], draw=None)
    assert bare._repr_png_() is None
    assert "runs/ü" in bare._repr_html_()
    assert "<img" not in bare._repr_html_()
    drawn = exhibit()._repr_png_()
    assert drawn is not None
    assert drawn.startswith(PNG)


def test_a_notebook_that_asks_for_the_page_and_the_picture_has_one_drawing() -> None:
    drawings = []

    def draw(title: str) -> Figure:
        drawings.append(some_figure(title))
        return drawings[-1]

    shown = exhibit(draw=draw)
    same = replace(shown)
    assert shown._repr_png_() is shown._repr_png_()
    assert "<img" in shown._repr_html_()
    assert len(drawings) == 1
    assert shown == same, "what was drawn is no part of what it says"


def test_it_names_itself_in_one_line() -> None:
    assert repr(exhibit(title="two\nlines")).count("\n") == 0
    assert repr(exhibit()) == "<Exhibit loss: Loss>"


@pytest.mark.parametrize(
    ("name", "begin"),
    [("a.png", PNG), ("A.PNG", PNG), ("a.pdf", b"%PDF"), ("a.svg", b"<?xml"), ("a.csv", b"epoch,nll\n1,1.234\n")],
)
def test_the_ending_says_what_is_saved(tmp_path: Path, name: str, begin: bytes) -> None:
    assert exhibit().save(tmp_path / name) == tmp_path / name
    assert (tmp_path / name).read_bytes().startswith(begin)


def test_facts_are_saved_as_json(tmp_path: Path) -> None:
    target = exhibit().save(str(tmp_path / "facts.json"))
    assert json.loads(target.read_text(encoding="utf-8")) == exhibit().facts


def test_a_table_is_saved_whatever_its_ending(tmp_path: Path) -> None:
    assert exhibit().save_table(tmp_path / "table.txt").read_bytes() == exhibit().tables[0].as_csv()


def test_what_there_is_not_is_refused_with_a_hint(tmp_path: Path) -> None:
    bare = exhibit(tables=[], draw=None)
    for ask, fragment in (
        (bare.figure, "has no figure"),
        (lambda: bare.save(tmp_path / "a.png"), "has no figure"),
        (lambda: bare.save(tmp_path / "a.csv"), "has no table"),
        (lambda: exhibit().save(tmp_path / "a.gif"), "a.gif has no known ending"),
        (lambda: sheet(1).save(tmp_path / "a.gif"), "one epoch does not move"),
        (lambda: exhibit().save(tmp_path / "none"), "none has no known ending"),
    ):
        with pytest.raises(UsageError, match=fragment) as caught:
            ask()
        assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({}, "end it in .png, .pdf, .svg, .csv or .json."),
        ({"draw": None}, "end it in .csv or .json."),
        ({"tables": []}, "end it in .png, .pdf, .svg or .json."),
        ({"tables": [], "draw": None}, "end it in .json."),
    ],
)
def test_an_unknown_ending_is_answered_by_those_of_what_there_is(
    tmp_path: Path, changes: dict[str, object], hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        exhibit(**changes).save(tmp_path / "x.foo")
    assert caught.value.what == f"{tmp_path / 'x.foo'} has no known ending"
    assert caught.value.hint == hint


def sheet(epochs: int, *, in_order: bool = False) -> Sheet:
    images = [np.zeros((2, 3, 3), np.float32)] * epochs
    return Sheet.of({}, "t", Told("Look.", in_order), images=images, epochs=list(range(1, epochs + 1)))


def test_sheets_name_their_own_endings_too() -> None:
    moving, still, drawn_in_order = sheet(2), sheet(1), sheet(1, in_order=True)
    texts = TextSheet("texts", "t", {}, exhibit().tables)
    for one in (moving, drawn_in_order):
        assert one.endings == (".png", ".pdf", ".svg", ".gif", ".json", ".npz")
    assert still.endings == (".png", ".pdf", ".svg", ".json", ".npz")
    assert texts.endings == (".csv", ".json", ".txt")


def test_the_endings_of_a_figure_are_those_that_figures_have() -> None:
    assert tuple(f".{kind}" for kind in FORMATS) == FIGURES


@pytest.mark.parametrize("name", ["x.png", "x.csv", "x.json"])
def test_a_folder_that_is_missing_is_made(tmp_path: Path, name: str) -> None:
    exhibit().save(tmp_path / "a" / "new" / name)
    assert [path.name for path in (tmp_path / "a" / "new").iterdir()] == [name]


def test_sheets_make_their_folder_too(tmp_path: Path) -> None:
    TextSheet("texts", "t", {}).save(tmp_path / "texts" / "x.txt")
    sheet(1).save(tmp_path / "images" / "x.npz")
    assert sorted(path.name for path in tmp_path.rglob("x.*")) == ["x.npz", "x.txt"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for name in ("a.csv", "a.json", "a.png"):
        with pytest.raises(ResourceError):
            exhibit().save(tmp_path / "file" / name)


def test_every_drawing_is_a_new_one() -> None:
    one = exhibit()
    assert one.figure() is not one.figure()
