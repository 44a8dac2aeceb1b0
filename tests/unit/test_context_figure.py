"""The figure of context: errors by how much is heard, and where networks look."""

import numpy as np
import pytest

from genmodels.figures.context import ContextPoint, Gaze, context_figure


def point(label: str, past: float | None, future: float | None, *errors: float) -> ContextPoint:
    return ContextPoint(label, label, past, future, errors or (0.1,))


def gaze(median: list[float]) -> Gaze:
    share = np.array(median)
    return Gaze("g", "lstm", 10.0 * (np.arange(len(median)) - 2), share, share / 2, share * 2, (-20.0, 12.4))


POINTS = [
    point("lstm", None, 20.0), point("wide", 300.0, 300.0), point("both", None, None), point("narrow", 12.0, 12.0),
    point("rnn", None, 10.0),
]  # fmt: skip


def test_networks_stand_in_the_order_of_their_contexts() -> None:
    axes = context_figure(POINTS, [], "t").axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["narrow", "wide", "rnn", "lstm", "both"]
    assert [text.get_text() for text in axes.texts] == ["a window", "all the past", "all of it"]


def test_feedforward_and_recurrent_networks_have_a_marker_and_a_colour_of_their_own() -> None:
    figure = context_figure(POINTS, [], "t")
    means = [line for line in figure.axes[0].get_lines() if line.get_marker() in "so"]
    assert "".join(line.get_marker() for line in means) == "ssooo"
    assert len({line.get_color() for line in means}) == 2


def test_every_run_is_a_point_and_the_bar_reaches_from_the_least_to_the_most() -> None:
    axes = context_figure([point("a", 1.0, 1.0, 0.2, 0.1, 0.15)], [], "t").axes[0]
    bar, runs, mean = axes.get_lines()[:3]
    assert list(bar.get_ydata()) == pytest.approx([10, 20])
    assert list(runs.get_ydata()) == pytest.approx([20, 10, 15])
    assert list(mean.get_ydata()) == pytest.approx([15])


@pytest.mark.parametrize(
    ("errors", "scale"),
    [
        ((0.1, 0.9), "linear"),
        ((0.05, 0.9), "log"),
        ((0.0, 0.05, 0.9), "symlog"),
        ((0.0, 0.3), "linear"),
        ((0.0,), "linear"),
    ],
)
def test_rates_that_span_more_than_a_factor_of_ten_have_a_logarithmic_scale(errors, scale: str) -> None:
    axes = context_figure([point("a", 1.0, 1.0, *errors)], [], "t").axes[0]
    assert axes.get_yscale() == scale
    assert ("logarithmic" in axes.get_title(loc="left")) == (scale != "linear")
    low, high = axes.get_ylim()
    assert low < 100 * min(errors)
    assert high > 100 * max(errors)


def test_the_sentence_names_the_least_and_the_greatest_error() -> None:
    figure = context_figure([point("a", 1.0, 1.0, 0.1, 0.3), point("b", None, 1.0, 0.05)], [], "t")
    assert any(
        "from 20.0% (a) at most to 5.0% (b) at least" in text for text in [text.get_text() for text in figure.texts]
    )


def test_a_gaze_shows_median_quartiles_and_where_half_of_it_lies() -> None:
    axes = context_figure([], [gaze([0.0, 0.2, 0.5, 0.3, 0.0])], "t").axes[0]
    assert list(axes.get_lines()[0].get_ydata()) == pytest.approx([0, 20, 50, 30, 0])
    band = axes.collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx(100)
    assert [text.get_text() for text in axes.texts] == ["g: the middle half from −20 to +12 ms"]
    assert list(axes.get_lines()[-1].get_xdata()) == [-20.0, 12.4]
