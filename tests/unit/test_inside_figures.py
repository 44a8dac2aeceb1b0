"""What figures of gates and gradients show: lines, colours, texts."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from genmodels.families.text import vanishing
from genmodels.figures.colours import KINDS
from genmodels.figures.gates import ShownUnit, gate_figure
from genmodels.figures.gradients import FadingCurve, gradient_figure, share_told
from genmodels.figures.style import in_powers
from genmodels.figures.vanishing import WayBack, vanishing_figure

Array = NDArray[np.float64]


def fading(name: str, kind: str, quantity: str = "hidden", factor: float = 0.9, lags: int = 120) -> FadingCurve:
    median = factor ** np.arange(lags + 1.0)
    return FadingCurve(name, kind, quantity, np.stack([median / 2, median, 2 * median]))


def foot_of(figure: Figure) -> str:
    """The sentence at the foot, in one line."""
    begun = ("Look at", "cₜ\u00a0=\u00a0f")
    told = (text.get_text().replace("\n", " ") for text in figure.texts)
    return next(text for text in told if any(part in text for part in begun))


def line_of(axes: Axes, label: str):
    (line,) = [line for line in axes.get_lines() if line.get_label() == label]
    return line


def test_gradients_are_put_side_by_side_at_distance_50() -> None:
    curves = [fading("a", "rnn", factor=0.5), fading("b", "lstm"), fading("b", "lstm", "cell", 0.95)]
    figure = gradient_figure(curves, "t", "64 windows of 200 characters")
    (axes,) = figure.axes
    told = foot_of(figure)
    assert f"cₜ of b (lstm) keeps most, {0.95**49:.1%}"[:-2] in told
    assert "hₜ of a (rnn) least, 2×10⁻¹⁵." in told
    assert "medians of 64 windows of 200 characters" in told
    assert "L is the loss" in told
    assert [text.get_text() for text in axes.texts] == ["distance 50"]
    assert list(line_of(axes, "b (lstm), dL/dcₜ").get_markevery()) == [50]


def test_the_legend_of_why_gradients_fade_lies_on_no_curve_and_a_dotted_line_on_the_solid_one_is_seen() -> None:
    share = 0.5 ** np.arange(61.0)
    ways = {"real": share, "direct": share**2, "through": share}
    networks = [
        WayBack(kind, kind, state, {**ways, **({"bound": share} if kind == "rnn" else {})}, np.ones(10) / 10, 0.5, 0.1,
                np.linspace(2, 0.1, 8))
        for kind, state in (("rnn", "hidden"), ("lstm", "cell"))
    ]  # fmt: skip
    figure = vanishing_figure(networks, "t")
    assert [axes.get_legend() for axes in figure.axes] == [None] * 6
    (legend,) = figure.legends
    dashes = [(line.get_linestyle(), line.get_color()) for line in legend.get_lines()]
    assert len(set(dashes)) == 4
    drawn = {line.get_linestyle(): line for line in figure.axes[3].get_lines() if len(line.get_xdata())}
    assert drawn[":"].get_color() != drawn["-"].get_color()
    assert drawn[":"].get_zorder() > drawn["-"].get_zorder()


def test_a_kind_of_network_has_its_colour_and_a_quantity_its_dashes() -> None:
    curves = [fading("a", "gru"), fading("b", "lstm"), fading("b", "lstm", "cell"), fading("c", "lstm")]
    (axes,) = gradient_figure(curves, "t", "64 windows").axes
    lines = {label: line_of(axes, label) for label in [curve.label for curve in curves]}
    assert [line.get_color() for line in lines.values()] == [KINDS["gru"], *[KINDS["lstm"]] * 3]
    assert [line.get_linestyle() for line in lines.values()] == ["-", "-", "--", "-"]
    marks = {label: (line.get_marker(), len(line.get_markevery())) for label, line in lines.items()}
    assert marks["b (lstm), dL/dhₜ"] == marks["b (lstm), dL/dcₜ"]
    assert marks["c (lstm), dL/dhₜ"][0] != marks["b (lstm), dL/dhₜ"][0]
    assert marks["c (lstm), dL/dhₜ"][1] > 1, "lines of one colour are told apart all along"
    hollow = [label for label, line in lines.items() if line.get_markerfacecolor() == "none"]
    assert hollow == ["b (lstm), dL/dcₜ"], "through it the mark of another network is seen"


def test_what_is_shorter_than_50_is_compared_where_it_ends() -> None:
    figure = gradient_figure([fading("a", "rnn", lags=19)], "t", "64 windows")
    assert f"Look at distance 19: of its value at distance 1, the gradient at hₜ of a (rnn) keeps {0.9**18:.0%}." in (
        foot_of(figure)
    )
    assert all(float(tick).is_integer() for tick in figure.axes[0].get_xticks())


def test_what_has_faded_to_nothing_does_not_press_the_rest_together() -> None:
    gone = fading("a", "rnn", factor=0.1)
    gone.quartiles[:, 100:] = 0.0
    figure = gradient_figure([gone, fading("b", "lstm")], "t", "64 windows")
    (axes,) = figure.axes
    low, high = axes.get_ylim()
    assert 1e-17 < low < 1e-14
    assert 2 < high < 10
    assert "hₜ of a (rnn) least, 10⁻⁴⁹ (too little to be shown)." in foot_of(figure)
    assert "Nothing below 10⁻¹⁶ of the greatest norm is shown." in foot_of(figure)
    whole = foot_of(gradient_figure([fading("b", "lstm")], "t", "64 windows"))
    assert "shown" not in whole


def test_a_gradient_of_nothing_is_told() -> None:
    nothing = FadingCurve("a", "rnn", "hidden", np.zeros((3, 20)))
    texts = [text.get_text() for text in gradient_figure([nothing], "t", "64 windows").texts]
    assert any("No gradient reaches even the state one character earlier." in text for text in texts)


@pytest.mark.parametrize(
    ("share", "expected"),
    [(1.25, "125%"), (0.123, "12%"), (0.0041, "0.41%"), (3e-7, "3×10⁻⁷"), (1e-9, "10⁻⁹"), (0.0, "0")],
)
def test_shares_are_told_in_per_cent_or_powers_of_ten(share: float, expected: str) -> None:
    assert share_told(share) == expected


def test_powers_of_ten_need_no_mathematics() -> None:
    assert (in_powers(0.00234), in_powers(0.00234, 1), in_powers(100.0)) == ("2.34×10⁻³", "2×10⁻³", "10²")


def gates_of(text: str, units: list[ShownUnit], cells: Array, keep: Array | None = None, remark: str = "") -> Figure:
    half = np.full(cells.shape, 0.5)
    gates = {"keep": half if keep is None else keep, "write": half, "read": half}
    return gate_figure(text, gates, cells, units, "t", remark)


def maps_of(figure: Figure) -> list[Axes]:
    """The panels, without their scales."""
    return [axes for axes in figure.axes if axes.axison]


def test_a_cell_that_falls_as_the_feature_rises_is_turned_so_that_more_is_red() -> None:
    cells = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    units = [ShownUnit(5, "position in line", -0.8), ShownUnit(7, "inside quotes", 0.6)]
    figure = gates_of("abc", units, cells)
    panel = maps_of(figure)[0]
    shown = panel.get_images()[0].get_array()
    np.testing.assert_allclose(shown[0], -np.tanh([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(shown[1], np.tanh([1.0, 2.0, 3.0]))
    assert panel.get_images()[0].get_cmap().name == "RdBu_r"
    assert [label.get_text() for label in panel.get_yticklabels()] == [
        "position in line, unit\u00a05", "inside quotes, unit\u00a07",
    ]  # fmt: skip
    beside = {text.get_text() for text in figure.texts}
    assert {"r = −0.80 (×−1)", "r = 0.60"} <= beside, "as on the terminal"
    assert "r: correlation of a unit's cell with what is named" in foot_of(figure)
    assert "×−1: shown with the sign turned" in foot_of(figure)


def test_a_unit_that_follows_two_things_in_opposite_ways_has_a_row_for_each() -> None:
    rows = [ShownUnit(22, "capital letter", -0.54, -0.6), ShownUnit(22, "position in line", 0.43, 0.5)]
    figure = gates_of("abc", rows, np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]))
    panel = maps_of(figure)[0]
    of_capitals, of_position = np.asarray(panel.get_images()[0].get_array())
    np.testing.assert_allclose(of_capitals, -of_position)
    assert [label.get_text() for label in panel.get_yticklabels()] == [
        "capital letter, unit\u00a022", "position in line, unit\u00a022",
    ]  # fmt: skip
    assert {"r = −0.54 (×−1)", "r = 0.43"} <= {text.get_text() for text in figure.texts}
    assert "Look at unit 22: its cell follows “capital letter” here, r = −0.60" in foot_of(figure)


def test_the_sentence_and_the_heading_promise_only_what_the_passage_shows() -> None:
    cells = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    shown = [ShownUnit(5, "position in line", -0.8, -0.4), ShownUnit(7, "inside quotes", 0.6, 0.9)]
    figure = gates_of("abc", shown, cells)
    assert "Look at unit 7: its cell follows “inside quotes” here, r = 0.90 in this passage." in foot_of(figure)
    assert any("redder where there is more" in text.get_text() for text in figure.texts)
    assert "r is low" not in foot_of(figure)
    one_not = [ShownUnit(5, "position in line", -0.8, -0.1), shown[1]]
    told = "Over this passage as a whole, r is low: −0.10 of unit 5 with “position in line”."
    assert told in foot_of(gates_of("abc", one_not, cells))
    against = [ShownUnit(142, "capital letter", 0.6, -0.45), ShownUnit(7, "inside quotes", 0.6)]
    figure = gates_of("abc", against, cells)
    texts = foot_of(figure)
    assert "In this passage the cells do not follow what they follow on other text: unit 142 “capital" in texts
    assert "(r = −0.45 here)" in texts
    assert not any("redder" in text.get_text() for text in figure.texts)
    nothing = gates_of("abc", [ShownUnit(7, "inside quotes", 0.6)], np.ones((3, 1)))
    assert "Nothing that is named changes in this passage" in foot_of(nothing)


def test_where_nothing_is_turned_or_followed_nothing_is_said_of_it() -> None:
    cells = np.ones((3, 1))
    assert "×−1" not in foot_of(gates_of("abc", [ShownUnit(5, "capital letter", 0.5)], cells))
    closed = np.full((3, 1), 0.1)
    named = foot_of(gates_of("abc", [ShownUnit(5)], cells, closed))
    assert "correlation" not in named
    assert "Look at where a keep gate falls" in named
    remarked = foot_of(gates_of("abc", [ShownUnit(5)], cells, closed, remark="Nothing found."))
    assert remarked.startswith("Nothing found. Look")


def test_only_signs_that_occur_are_explained() -> None:
    cells = np.ones((3, 1))
    assert "Signs: ↵ a line end, · a blank." in foot_of(gates_of("a \n", [ShownUnit(5)], cells))
    assert "Signs: → a tab, \ufffd a character that can't be shown." in foot_of(
        gates_of("\t\aa", [ShownUnit(5)], cells)
    )
    assert "Signs" not in foot_of(gates_of("abc", [ShownUnit(5)], cells))


def test_the_sentence_names_the_lowest_keep_gate_of_the_closest_unit_by_what_stands_before_it() -> None:
    keep = np.array([[0.1, 0.01], [0.2, 0.9], [0.8, 0.4]])
    units = [ShownUnit(5, "position in line", 0.8, 0.8), ShownUnit(7, "inside quotes", 0.6, 0.6)]
    told = foot_of(gates_of("ab\n", units, np.ones((3, 2)), keep))
    assert "r = 0.80 in this passage; its keep gate is lowest, 0.20, at “b” after “a”." in told
    keep[1] = 0.9
    of_named = foot_of(gates_of("ab\n", [ShownUnit(5), ShownUnit(7)], np.ones((3, 2)), keep))
    assert "that of unit 7 is lowest, 0.40, at “↵” after “ab”." in of_named


def test_a_place_is_told_by_as_many_characters_as_it_takes() -> None:
    text = "he saw the cat, I saw the cat."
    keep = np.ones((len(text), 1))
    keep[-1] = 0.0
    told = foot_of(gates_of(text, [ShownUnit(5)], np.ones((len(text), 1)), keep))
    assert "at “.” after “he·cat”." in told
    keep[-1], keep[-2] = 1.0, 0.0
    told = foot_of(gates_of(text, [ShownUnit(5)], np.ones((len(text), 1)), keep))
    assert "at “t” after “I·saw·the·ca”." in told


def test_a_gate_that_is_open_throughout_and_the_first_character_are_not_pointed_at() -> None:
    keep = np.array([[0.1], [0.8], [0.79]])
    follows = ShownUnit(142, "capital letter", 0.6, 0.6)
    assert "keep gate is lowest" not in foot_of(gates_of("abc", [follows], np.ones((3, 1)), keep))
    told = foot_of(gates_of("abc", [ShownUnit(5)], np.ones((3, 1)), keep))
    assert f"and 10 of them, on average, {(0.8 * 0.79) ** 5:.0%} (unit 5)." in told, "more than half, but not for long"
    several = gates_of("abc", [ShownUnit(5), ShownUnit(7)], np.ones((3, 2)), np.hstack([keep, np.full((3, 1), 0.99)]))
    assert "10% (unit 5) to 90% (unit 7)." in foot_of(several)


def test_each_column_of_why_gradients_fade_has_a_line_below_the_table() -> None:
    assert set(vanishing.LEGEND) == {*vanishing.HEADINGS, "bound"}
