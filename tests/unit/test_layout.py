"""Where a table's cells stand on a screen of any width."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmodels.cli.layout import Line, lines_of, wrapped


def drawn(heads: list[str], rows: list[list[str]], width: int, *, tall: bool = False) -> list[str]:
    return [line.text for line in lines_of(heads, rows, width, "-", tall=tall)]


def test_numbers_stand_to_the_right_and_texts_to_the_left() -> None:
    assert drawn(["run", "nll"], [["a", "1.25"], ["long", "10.5"]], 80) == [
        "run    nll",
        "----------",
        "a     1.25",
        "long  10.5",
    ]


def test_a_number_and_its_standard_error_are_never_parted_and_stand_to_the_right() -> None:
    sure = "97.8\u00a0±\u00a00.4%"
    assert drawn(["run", "right"], [["a", sure], ["b", "100.0%"]], 80)[2:] == [f"a    {sure}", "b         100.0%"]
    assert sure in [line.strip() for line in drawn(["a long name of a run", "right"], [["crnn", sure]], 12)]


def test_heads_are_marked_and_the_line_below_them_is_none() -> None:
    assert lines_of(["a b"], [["1"]], 1, "-") == [Line("a", True), Line("b", True), Line("-"), Line("1")]


def test_long_texts_give_way_first_and_at_blanks() -> None:
    assert drawn(["name", "what it is"], [["first", "one two three four"]], 18) == [
        "name   what it is",
        "------------------",
        "first  one two",
        "       three four",
    ]


def test_a_table_too_wide_is_turned() -> None:
    assert drawn(["model", "first measure", "second measure", "third"], [["lstm", "1.5", "20", "3"]], 22) == [
        "model           lstm",
        "--------------------",
        "first measure    1.5",
        "second measure    20",
        "third              3",
    ]


def test_a_table_too_wide_either_way_is_cut_into_pieces_that_begin_with_the_first_column() -> None:
    rows = [[str(row), "10000000", "20000000", "30000000"] for row in range(3)]
    assert drawn(["epoch", "a", "b", "c"], rows, 26) == [
        "epoch         a         b",
        "-------------------------",
        "    0  10000000  20000000",
        "    1  10000000  20000000",
        "    2  10000000  20000000",
        "",
        "epoch         c",
        "---------------",
        "    0  30000000",
        "    1  30000000",
        "    2  30000000",
    ]


def test_a_tall_table_shows_each_row_as_a_column() -> None:
    assert drawn(["text", "copy"], [["one", "3"], ["two", "14"]], 80, tall=True)[0] == "text  one  two"


def test_a_word_wider_than_the_screen_has_a_line_for_itself_and_is_whole() -> None:
    assert drawn(["what", "value"], [["data", "/a/path/that/is/long, b"]], 12) == [
        "what",
        "  data",
        "value",
        "  /a/path/that/is/long,",
        "  b",
    ]


def test_signs_that_take_two_columns_are_counted_as_two() -> None:
    lines = drawn(["word", "n"], [["\u6f22\u5b57", "1"], ["ab", "2"]], 80)
    assert lines[2:] == ["\u6f22\u5b57  1", "ab    2"]


def test_lines_of_a_cell_stay_lines() -> None:
    assert wrapped("one two\nthree", 80) == ["one two", "three"]


WORDS = st.text(string.ascii_letters + string.digits + ".,-_/%", min_size=1, max_size=30)
TEXTS = st.lists(WORDS, max_size=4).map(" ".join)


@given(heads=st.lists(TEXTS, min_size=1, max_size=9), data=st.data(), width=st.integers(1, 130), tall=st.booleans())
def test_no_word_is_ever_broken_or_lost_and_no_line_is_too_wide(
    heads: list[str], data: st.DataObject, width: int, tall: bool
) -> None:
    rows = data.draw(st.lists(st.lists(TEXTS, min_size=len(heads), max_size=len(heads)), max_size=5))
    lines = drawn(heads, rows, width, tall=tall)
    missing = [word for row in [heads, *rows] for cell in row for word in cell.split()]
    shown = [word for line in lines for word in line.split()]
    for word in missing if rows else []:
        assert word in shown
        shown.remove(word)
    for line in lines if rows else []:
        assert len(line) <= width or len(line.split()) <= 1


@pytest.mark.parametrize("width", [1, 20, 80])
def test_a_table_without_rows_still_has_its_heads(width: int) -> None:
    assert "epoch" in " ".join(drawn(["epoch", "nll"], [], width))


LISTED = [
    ["crnn", "reader crnn", "nll 0.04 nats/digit"],
    ["text-20261122-214500-3f2a", "text lstm", "nll 1.45 nats/char"],
]


def test_rows_take_a_line_each_where_they_can_and_a_long_name_has_its_own() -> None:
    lines = lines_of(["run", "family", "best"], LISTED, 38, "-", in_lines=True)
    assert [line.text for line in lines] == [
        "run   family       best",
        "--------------------------------------",
        "crnn  reader crnn  nll 0.04 nats/digit",
        "text-20261122-214500-3f2a",
        "      text lstm    nll 1.45 nats/char",
    ]


def test_few_cells_are_wrapped_rather_than_all_of_a_column() -> None:
    rows = [["a", "one model", "nll 1"], ["b", "one model", "nll 2"], ["c", "another kind of model", "nll 3"]]
    lines = lines_of(["run", "family", "best"], rows, 21, "-", in_lines=True)
    assert [line.text for line in lines][2:] == [
        "a    one model  nll 1",
        "b    one model  nll 2",
        "c    another    nll 3",
        "     kind of",
        "     model",
    ]


def test_where_all_fits_nothing_hangs_over() -> None:
    lines = lines_of(["run", "family", "best"], LISTED, 80, "-", in_lines=True)
    assert [line.text for line in lines][3] == "text-20261122-214500-3f2a  text lstm    nll 1.45 nats/char"
