"""The figure of context: errors by how much is heard, and where networks look."""

from dataclasses import replace

import numpy as np
import pytest

from genmodels.figures import widths
from genmodels.figures.colours import KINDS
from genmodels.figures.context import PALE, ContextPoint, Gaze, context_figure
from unit.figure_texts import said


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


def test_feedforward_and_recurrent_networks_have_a_marker_and_a_kind_of_model_its_colour() -> None:
    kinds = ("window", "lstm", "rnn")
    points = [ContextPoint(kind, kind, 9.0 if kind == "window" else None, 9.0, [0.1]) for kind in kinds]
    share = np.array([0.0, 1.0, 0.0])
    gazes = [Gaze(kind, kind, np.array([-10.0, 0, 10]), share, share, share, (-1.0, 1.0)) for kind in kinds]
    figure = context_figure(points, gazes, "t")
    means = [line for line in figure.axes[0].get_lines() if line.get_marker() in {"s", "o"}]
    assert [line.get_marker() for line in means] == ["s", "o", "o"]
    assert [line.get_color() for line in means] == [KINDS[kind] for kind in kinds]
    looked = [axes.get_lines()[0].get_color() for axes in figure.axes if "share" not in axes.get_label()][-3:]
    assert looked == [KINDS[kind] for kind in kinds]


def test_a_line_is_drawn_down_to_where_there_is_nothing() -> None:
    share = np.array([0.0, 0.0, 0.5, 0.5, 0.0, 0.0])
    one = Gaze("g", "window", 10.0 * np.arange(-3, 3), share, share, share, (-10.0, 0.0))
    assert one.seen == (-20.0, 10.0)
    low, high = context_figure([], [one], "t").axes[0].get_xlim()
    assert low < -20
    assert high > 10


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


def test_the_bar_of_a_single_run_is_its_interval_over_utterances() -> None:
    single = replace(point("a", 1.0, 1.0, 0.2), standard_error=0.02)
    several = replace(point("b", None, 1.0, 0.1, 0.14), standard_error=0.02)
    figure = context_figure([single, several], [], "t")
    thin = [line for line in figure.axes[0].get_lines() if line.get_linewidth() == widths.RULE]
    bars = [line.get_ydata() for line in thin]
    assert list(bars[0]) == pytest.approx([100 * (0.2 - 1.96 * 0.02), 100 * (0.2 + 1.96 * 0.02)])
    assert list(bars[1]) == pytest.approx([10.0, 14.0])
    by_ten = context_figure([replace(single, freedom=9), several], [], "t").axes[0].get_lines()
    wider = next(line.get_ydata() for line in by_ten if line.get_linewidth() == widths.RULE)
    assert wider[1] - 20 == pytest.approx(100 * 0.02 * 1.96 * 1.16, rel=1e-3)
    assert "a thin bar is the 95\u00a0% interval over utterances; of several runs it reaches from" in said(figure)
    assert "a thin bar reaches from" in said(context_figure([several], [], "t"))
    assert "thin bar" not in said(context_figure([point("a", 1.0, 1.0, 0.2)], [], "t"))


def test_without_an_error_a_bar_reaches_as_far_as_the_rule_of_three_lets_it() -> None:
    figure = context_figure([replace(point("a", 1.0, 1.0, 0.0), words=300), point("b", None, 1.0, 0.1)], [], "t")
    bar = next(line for line in figure.axes[0].get_lines() if line.get_linewidth() == widths.RULE)
    assert list(bar.get_ydata()) == pytest.approx([0.0, 1.0])
    assert "where no error was counted, there may be 3 in as many words (the rule of three)" in said(figure)


def test_of_networks_that_do_not_read_nothing_is_found() -> None:
    unread = [point("a", 1.0, 1.0, 2.27), point("b", None, 1.0, 0.999)]
    told = said(context_figure(unread, [gaze([0.0, 0.2, 0.5, 0.3, 0.0])], "t"))
    assert "None of these networks reads yet: their word error rates are 99\u00a0% or more, so neither" in told
    assert "at most" not in told
    assert "when it says a word" not in told
    assert "dark bar" not in told
    assert "a does not read yet: its word error rate is 227\u00a0%, so" in said(context_figure(unread[:1], [], "t"))
    assert "reads yet" not in said(context_figure([*unread, point("c", None, None, 0.3)], [], "t"))


def test_where_a_network_looks_that_reads_next_to_nothing_is_pale_and_says_why() -> None:
    mute = ContextPoint("mute", "window", 1.0, 1.0, [1.0], right=0.0, said=0.01)
    wild = ContextPoint("wild", "rnn", None, 1.0, [0.8], right=0.0, said=0.9)
    good = ContextPoint("good", "lstm", None, 1.0, [0.2], right=0.5, said=1.0)
    looks = [replace(gaze([0.0, 0.2, 0.5, 0.3, 0.0]), label=one.label, says=one.says) for one in (mute, wild, good)]
    figure = context_figure([mute, wild, good], looks, "t")
    panels = [
        axes for axes in figure.axes if any(text.get_text().startswith(("mute", "wild", "good")) for text in axes.texts)
    ][-3:]
    assert [axes.texts[0].get_text() for axes in panels] == [
        "mute: says next to no word", "wild: says mostly wrong words", "good: the middle half from −20 to +12 ms",
    ]  # fmt: skip
    assert [axes.get_lines()[0].get_alpha() for axes in panels] == [PALE, PALE, 1.0]
    assert [len(axes.get_lines()) for axes in panels] == [2, 2, 3], "only the last has a bar"
    told = said(figure)
    assert "Pale: mute says next to no word; wild says mostly wrong words, so where they look tells nothing." in told
    assert "mute) to" not in told, "no width of a bar that is not there"
    none = said(context_figure([mute, wild], looks[:2], "t"))
    assert "More training steps are needed. Here mute says next to no word; wild says mostly wrong words." in none


def test_ties_are_named_as_ties_and_what_is_nearly_all_is_not_all() -> None:
    points = [point("a", 1.0, 1.0, 0.9998), point("b", None, 1.0, 0.9997), point("c", None, None, 0.3)]
    assert "from > 99.9% (a and b) at most to 30.0% (c) at least" in said(context_figure(points, [], "t"))


def test_networks_of_several_trainings_are_joined_by_no_line_and_their_difference_is_said() -> None:
    points = [point("narrow", 12.0, 12.0), point("wide", 300.0, 300.0)]
    figure = context_figure(points, [], "t", ["they were not trained alike, from 65 steps (narrow) to 400 (wide)"])
    assert [line for line in figure.axes[0].get_lines() if len(set(line.get_xdata())) > 1] == []
    assert "They were not trained alike, from 65 steps (narrow) to 400 (wide)." in said(figure)


def test_a_difference_within_noise_is_no_finding_and_one_bar_is_one() -> None:
    near = [ContextPoint("a", "window", 1.0, 1.0, [0.31]), ContextPoint("b", "lstm", None, 1.0, [0.29])]
    tied = said(context_figure(near, [], "t", may_be_chance=True))
    assert "from 29.0% to 31.0% of the words, they differ by no more than chance" in tied
    told = said(context_figure(near, [gaze([0.0, 0.2, 0.5, 0.3, 0.0])], "t"))
    assert "from 31.0% (a) at most to 29.0% (b) at least; and at the dark bar: a quarter of what the network" in told
    assert "lies before it, a quarter after" in told
