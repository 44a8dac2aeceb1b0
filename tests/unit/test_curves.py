"""The lines of runs: by epoch and by time, coloured by kind, ringed where they are best, shown closer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from genmodels.figures.colours import KINDS
from genmodels.figures.curves import curves_figure
from genmodels.figures.elbo import elbo_figure
from genmodels.figures.gan import GanCourse, gan_figure
from genmodels.figures.lines import (
    LONGER,
    SURE,
    WHILE_TRAINING,
    WORSE,
    Curve,
    closer_look,
    logged_told,
    share_interval,
)
from genmodels.figures.on_one_another import WIDER, WIDEST, wider_below
from genmodels.figures.reading_accuracy import Read, accuracy_figure
from unit.figure_texts import said

SCORE = "loss (nats per character)"
EPOCHS = list(range(21))
LOSSES = [4.2, *(1.4 + 0.6 / epoch for epoch in EPOCHS[1:])]
DISTANCES = tuple(
    f"{whose}kernel_distance{error}" for whose in ("", "real/") for error in ("", "_standard_error")
)  # fmt: skip


def course(name: str = "run", kind: str = "lstm", part: str = "validation", **changes) -> Curve:
    told = {"epochs": EPOCHS, "minutes": [epoch / 2 for epoch in EPOCHS], "values": LOSSES, **changes}
    return Curve(name, kind=kind, part=part, **told)


def drawn(curves: list[Curve], levels: Mapping[str, float] | None = None, title: str = "t") -> Figure:
    return curves_figure({SCORE: curves}, title, levels or {})


def bounds(curves: list[Curve]) -> Figure:
    return elbo_figure(dict.fromkeys(("elbo", "reconstruction", "kl"), curves), "t")


def lines(figure: Figure, panel: int) -> list[Line2D]:
    """What is drawn in a panel, without what only the legend needs."""
    return [line for line in figure.axes[panel].get_lines() if len(line.get_xdata()) > 1]


def flat(text: str) -> str:
    return text.replace("\n", " ")


def names(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_a_score_is_drawn_by_epoch_and_by_minutes_from_the_untrained_model_on() -> None:
    figure = drawn([course()], title="a title")
    (by_epoch,), (by_minutes,) = lines(figure, 0), lines(figure, 1)
    assert list(by_epoch.get_xdata()) == EPOCHS
    assert list(by_minutes.get_xdata()) == [epoch / 2 for epoch in EPOCHS]
    assert list(by_epoch.get_ydata()) == list(by_minutes.get_ydata()) == LOSSES
    assert figure.get_suptitle() == "a title"
    assert "loss" in figure.axes[0].get_ylabel()


def test_what_follows_the_beginning_is_shown_closer_and_no_line_comes_from_outside() -> None:
    figure = drawn([course(), course("short", "rnn", epochs=[0, 1, 2], minutes=[0, 5, 9],
                                             values=[4.2, 1.9, 1.7])])  # fmt: skip
    closer = figure.axes[2]
    assert [line.get_xdata()[0] for line in lines(figure, 2)] == [1, 1], "all from the epoch that the label names"
    assert flat(closer.get_ylabel()) == f"{SCORE}, closer: from epoch 1 on"
    lengths = [len(line) for line in closer.get_ylabel().split("\n")]
    assert min(lengths) > 0.5 * max(lengths), "no line of one word"
    low, high = closer.get_ylim()
    assert all(low <= value <= high for line in lines(figure, 2) for value in line.get_ydata())
    assert high < 2.5


def test_a_closer_look_names_no_epoch_behind_its_first_point() -> None:
    parts = [0.8656 * epoch for epoch in EPOCHS]
    assert "closer: from epoch 2.596 on" in flat(drawn([course(epochs=parts)]).axes[2].get_ylabel())


@pytest.mark.parametrize("last", [3, 17, 20, 60])
def test_epochs_are_counted_in_ones_twos_fives_or_tens_and_no_tick_lies_behind_the_last(last: int) -> None:
    figure = drawn([course(epochs=list(range(last + 1)), minutes=list(range(last + 1)), values=[4.0] * (last + 1))])
    axes = figure.axes[0]
    low, high = axes.get_xlim()
    ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
    assert max(ticks) <= last
    assert (ticks[1] - ticks[0]) in {1, 2, 5, 10}


def test_a_run_that_was_measured_once_has_points_and_the_logged_line_is_plain() -> None:
    band = {"low": [4.1, 1.8], "high": [4.3, 2.0]}
    once = course(epochs=[0, 1], minutes=[0, 1], values=[4.2, 1.9], best=1, sparse=True, **band)
    logged = course(part=WHILE_TRAINING, epochs=[0.2, 0.6, 1], minutes=[0.2, 0.6, 1], values=[3, 2, 1.9], sparse=True)
    for figure in (drawn([once, logged]), bounds([once, logged])):
        points, line = figure.axes[0].get_lines()[0], figure.axes[0].get_lines()[2]
        assert not figure.axes[0].collections, "no band joins two points either"
        assert (points.get_linestyle(), points.get_marker()) == ("None", "o")
        assert line.get_linestyle() == "-"
        assert line.get_linewidth() > 1.5
        shown = {line.get_label(): line for line in figure.legends[0].get_lines()}
        assert (shown["validation"].get_linestyle(), shown["while training"].get_linewidth()) == ("None", 1.8)
        assert "Lines: on training data, logged while training" in said(figure)
    usual = drawn([replace(once, sparse=False), replace(logged, sparse=False)])
    assert usual.axes[0].get_lines()[0].get_linestyle() == "-"
    assert "Thin: on training data" in said(usual)


def test_a_kind_of_model_has_its_marker_wherever_it_is_shown() -> None:
    markers = [[lines(drawn([course(kind, kind) for kind in kinds]), 0)[place].get_marker() for place in range(3)]
               for kinds in (("rnn", "gru", "lstm"), ("lstm", "rnn", "gru"))]  # fmt: skip
    assert markers == [["s", "^", "o"], ["o", "s", "^"]]


def test_a_course_that_fills_its_scale_is_shown_once() -> None:
    assert len(drawn([course(values=list(np.linspace(4.2, 1.2, 21)))]).axes) == 2
    assert closer_look([course(epochs=[0, 1], minutes=[0, 1], values=[4.2, 1.9])]) is None


@pytest.mark.parametrize(("factor", "scale"), [(0.5, "log"), (0.99, "linear")])
def test_a_score_that_falls_through_powers_of_ten_has_a_logarithmic_scale(factor: float, scale: str) -> None:
    figure = drawn([course(values=[90 * factor**epoch for epoch in EPOCHS])])
    assert figure.axes[0].get_yscale() == scale
    rising = drawn([course(values=[0.01, *[0.56] * 20])])
    assert rising.axes[0].get_yscale() == "linear", "what is near the highest value needs no powers"


def test_a_kind_of_model_has_its_colour_and_a_part_its_stroke() -> None:
    runs = [course(name, kind, part) for name, kind in (("a", "rnn"), ("b", "lstm"), ("c", "lstm"))
            for part in ("train", "test")]  # fmt: skip
    strokes = lines(drawn(runs), 0)
    colours = [line.get_color().lower() for line in strokes]
    assert colours[:4] == [KINDS["rnn"].lower()] * 2 + [KINDS["lstm"].lower()] * 2
    assert colours[4] != colours[2], "a second run of a kind is darker"
    assert [line.get_linestyle() for line in strokes] == ["--", "-"] * 3
    assert len({line.get_marker() for line in strokes[2:]}) == 2
    again = lines(drawn(runs[2:]), 0)
    assert again[0].get_color().lower() == KINDS["lstm"].lower(), "whatever its place in the list"
    assert names(drawn(runs)) == ["a", "b", "c", "train", "test"]


def test_single_points_of_the_parts_of_the_data_are_told_apart_by_their_markers_and_the_legend_shows_how() -> None:
    once = {"name": "a", "epochs": [1.0], "minutes": [1.0], "kind": "crnn"}
    parts = ("train", "test", LONGER)
    figure = drawn([Curve(**once, values=[1.0 + place / 50], part=part) for place, part in enumerate(parts)])

    def fills(lines: Sequence[Line2D]) -> list[tuple[object, ...]]:
        return [(line.get_fillstyle(), line.get_markerfacecolor(), line.get_markerfacecoloralt()) for line in lines]

    points = [line for line in figure.axes[0].get_lines() if len(line.get_xdata()) == 1]
    assert len(set(fills(points))) == len({line.get_linestyle() for line in points}) == 3
    assert {line.get_color().lower() for line in points} == {KINDS["crnn"].lower()}
    assert fills(figure.legends[0].legend_handles) == fills(points)


def test_the_best_epoch_is_ringed_and_told() -> None:
    figure = drawn([course(best=12), course("other", "rnn", best=3)])
    (ring, other) = [line for line in figure.axes[0].get_lines() if line.get_fillstyle() == "none"][:2]
    assert (list(ring.get_xdata()), list(ring.get_ydata())) == ([12], [LOSSES[12]])
    assert list(other.get_xdata()) == [3]
    assert names(figure)[-1] == "best epoch"
    assert "run 1.450 after 12 epochs (6 min 00 s), other 1.600 after 3 epochs (1 min 30 s)" in said(figure)


def test_an_epoch_that_was_cut_short_is_called_as_everywhere() -> None:
    cut = course(epochs=[0, 971 / 980], minutes=[0, 1], values=[4.3, 1.681], best=1)
    assert "1.681 after 0.99 epochs (1 min 00 s)" in said(drawn([cut]))


def test_no_sentence_writes_a_number_of_everyday_by_its_power_of_ten() -> None:
    epochs = [0, 999, 1200, 2400]
    long = course(epochs=epochs, minutes=[0, 130.4, 1300, 2600], values=[-99999.0, -12345.6, -12300, -12200], best=1)
    figure = drawn([long])
    assert "−12,346 after 999 epochs (2 h 10 min)" in said(figure)
    assert flat(figure.axes[2].get_ylabel()) == f"{SCORE}, closer: from epoch 999 on"
    told = said(elbo_figure({key: [replace(long, best=2)] for key in ("elbo", "reconstruction", "kl")}, "t"))
    assert "after epoch 1,200" in told


@pytest.mark.parametrize(("value", "told"), [(999.97, "1000"), (999.4, "999.4"), (1.5, "1.500"), (12345.6, "12,346")])
def test_the_best_is_told_in_four_digits_without_a_point_that_nothing_follows(value: float, told: str) -> None:
    assert f": {told} after 1 epoch (" in said(drawn([course(values=[9e9, value, *[9e9] * 19], best=1)]))


def test_one_epoch_is_drawn_and_said_to_be_one() -> None:
    one = course(epochs=[1], minutes=[2.0], values=[1.9], best=0)
    figure = drawn([one], {"uniform": 1.8}, "t")
    assert any(list(line.get_xdata()) == [1] for line in figure.axes[0].get_lines())
    assert "it was measured once" in said(figure)
    assert "it was measured once" not in said(drawn([course(best=2)]))


def test_runs_of_one_kind_are_told_apart_where_one_part_is_drawn_and_the_legend_shows_how() -> None:
    several = [course("a"), course("b", minutes=[minute * 4 for minute in EPOCHS]), course("c", "rnn")]
    once = course("once", "gru", epochs=[1], minutes=[2.0], values=[1.9])
    figure = drawn([*several, once])
    shown = {line.get_label(): line for line in figure.legends[0].get_lines()}
    assert list(shown) == ["a", "b", "c", "once"], "no stroke is left for the one part"
    assert [shown[name].get_linestyle() for name in "abc"] == ["-", "--", "-"]
    assert shown["a"].get_color() != shown["b"].get_color()
    assert (shown["once"].get_linestyle(), shown["once"].get_marker()) == ("None", "^")
    assert [line.get_linestyle() for line in lines(figure, 0)[:3]] == ["-", "--", "-"]


def test_runs_of_other_kinds_have_markers_of_their_own_and_one_that_lies_below_another_is_wider() -> None:
    below, above = course("cells/gru", "gru"), course("cells/lstm", "lstm")
    other = course("cells/rnn", "rnn", values=[value + 0.5 for value in LOSSES])
    figure = drawn([below, above, other])
    shown = {line.get_label(): line for line in figure.legends[0].get_lines()}
    assert [shown[name].get_marker() for name in shown] == ["^", "o", "s"]
    widths = [shown[name].get_linewidth() for name in shown]
    assert widths[0] == widths[1] + WIDER
    assert widths[1] == widths[2]
    assert [line.get_linewidth() for line in lines(figure, 0)[:3]] == widths
    assert "Where lines lie on one another, the wider one is seen below the narrower." in said(figure)
    assert "lie on one another" not in said(drawn([below, other]))


@pytest.mark.parametrize("draw", [drawn, bounds])
def test_several_runs_that_were_measured_once_are_told_as_several(draw: Callable[..., Figure]) -> None:
    once = {"epochs": [0, 1], "minutes": [0.0, 1.0], "values": [4.2, 1.9]}
    told = said(draw([course("a", **once), course("b", **once)]))
    assert "Each was measured once after its training began" in told
    assert "it was measured once" not in told


def test_a_best_epoch_behind_the_untrained_model_is_told() -> None:
    told = {"epochs": [0, 1, 2], "minutes": [0.0, 1.0, 2.0], "best": 1}
    worse = said(drawn([course(values=[3.266, 4.004, 4.1], **told)]))
    assert (
        "4.004 after 1 epoch (1 min 00 s), the best of the trained epochs, but worse than untrained (3.266)." in worse
    )
    assert "worse than untrained" not in said(drawn([course(values=[4.266, 4.004, 4.1], **told)]))
    risen = course(values=[-300.0, -310.0, -320.0], better=max, **told)
    assert "worse than untrained (−300.0)" in said(bounds([risen]))
    other = course("b", values=[-400.0, -310.0, -320.0], better=max, **told)
    several = said(bounds([risen, other]))
    assert (
        f"Best of {risen.name} on {risen.part}: −310.00 after epoch 1, the best of the trained epochs, but" in several
    )
    assert "Best of b" not in several
    once = course(values=[-300.0, -310.0], better=max, **{**told, "epochs": [0, 1], "minutes": [0.0, 1.0]})
    assert "but worse than untrained (−300.0)" in said(bounds([once]))
    assert "worse" not in said(drawn([course(values=[1.0, 2.0, 1.5], better=max, **told)]))


def test_another_score_at_the_best_epoch_is_called_by_its_name() -> None:
    told = {"epochs": [0, 1], "minutes": [0.0, 1.0], "values": [0.1, 0.204], "best": 1}
    figure = curves_figure({"accuracy (share)": [course(**told)]}, "t", ringed="best epoch by nll")
    assert "Ringed, the best epoch by nll on validation: accuracy 0.2040 after 1 epoch" in said(figure)
    assert "validation: 0.2040 after" in said(curves_figure({"accuracy (share)": [course(**told)]}, "t"))


@pytest.mark.parametrize(("longest", "unit", "last"), [(1.5, "seconds", 90), (9, "minutes", 9), (240, "hours", 4)])
def test_time_is_counted_in_what_people_would_and_named_for_what_it_is(longest: float, unit: str, last: float) -> None:
    (_, axes) = drawn([course(minutes=np.linspace(0, longest, 21), values=np.linspace(4.2, 1.2, 21))]).axes
    assert axes.get_xlabel() == f"{unit} of training and evaluating"
    assert axes.get_lines()[0].get_xdata()[-1] == pytest.approx(last)


def test_scores_of_several_kinds_have_rows_from_the_untrained_model_on_and_what_to_know_is_said() -> None:
    scores = {"loss": [course("a")], "kernel distance": [course("b", "dcgan", "test")]}
    figure = curves_figure(scores, "t", remarks=["their data differ"])
    assert [axes.get_ylabel() for axes in figure.axes[::2]] == ["loss", "kernel distance"]
    assert [line.get_xdata()[0] for panel in (0, 2) for line in lines(figure, panel)] == [0, 0]
    assert said(figure).endswith("Their data differ.")


def test_what_makes_training_look_worse_is_said_of_runs_that_have_it() -> None:
    logged = course(part=WHILE_TRAINING, epochs=[0.5, 1.0], minutes=[1, 2], values=[3.0, 2.5])
    assert "dropout" not in said(drawn([course(), logged]))
    assert WORSE not in said(drawn([course(), logged]))
    dropped = replace(logged, name="other", hindrances=["with dropout"])
    told = said(drawn([course(), logged, course("other"), dropped]))
    assert f"by weights of the moment, with dropout (other), {WORSE}." in told
    below = replace(dropped, values=[2.0, 1.5])
    told = said(drawn([course("other"), below]))
    assert "Thin: on training data, logged while training, by weights of the moment." in told
    assert WORSE not in told, "it lies below what was measured"


@pytest.mark.parametrize(("sign", "better"), [(1, min), (-1, max)])
def test_a_score_that_gets_worse_does_not_turn_what_better_is(sign: int, better: Callable[..., float]) -> None:
    def told(trained: list[float]) -> str:
        losses = {"validation": [2.0, 2.3, 2.6], WHILE_TRAINING: trained}
        return logged_told([
            course(part=part, epochs=[1, 2, 3], minutes=[1, 2, 3], values=[sign * value for value in values],
                   better=better, hindrances=["with dropout"])
            for part, values in losses.items()
        ])  # fmt: skip

    assert WORSE not in told([1.9, 1.7, 1.5])
    assert WORSE not in told([2.0, 2.3, 2.6])
    assert WORSE in told([2.9, 2.8, 2.7])


def test_what_was_only_logged_while_training_is_not_said_to_be_measured_after_epochs() -> None:
    logged = course(part=WHILE_TRAINING, epochs=[0.5, 1.0, 1.5, 2.0], minutes=[1, 2, 3, 4], values=[3.0, 2.0, 1.5, 1.2])
    untrained = course(epochs=[0], minutes=[0], values=[4.2])
    for curves in ([logged], [untrained, logged]):
        told = said(drawn(curves))
        assert "logged while training" in told
        assert "after an epoch" not in told
        assert "it was measured once" not in told


def test_a_part_of_the_first_epoch_has_parts_on_its_axis() -> None:
    begun = course(part=WHILE_TRAINING, epochs=[0.1, 0.2], minutes=[1, 2], values=[3.0, 2.0])
    figure = drawn([begun])
    assert figure.axes[0].get_xlabel() == "part of the first epoch"
    figure.draw_without_rendering()
    ticks = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert all(not tick.endswith("0") or tick == "0" for tick in ticks), ticks
    assert "logged while training" in said(figure)


def test_a_single_point_is_seen() -> None:
    once = course(part=WHILE_TRAINING, epochs=[0.1], minutes=[1], values=[3.0])
    assert drawn([once]).axes[0].get_lines()[0].get_marker() == "o"
    steps = dict.fromkeys(("score_real", "score_drawn", "discriminator_loss", "generator_loss"), ([0.1], [0.5]))
    distances = dict.fromkeys(DISTANCES, ([0.0, 0.1], [9.0, 5.0]))
    axes = gan_figure(GanCourse(steps, distances, {"a": 1.0}, {"a": 1.0}, 1, True, 100, at=0.1), "t").axes
    assert [line.get_marker() for line in axes[1].get_lines()] == ["s", "o"]
    ring = next(line for line in axes[2].get_lines() if line.get_fillstyle() == "none")
    assert (list(ring.get_xdata()), list(ring.get_ydata()), ring.get_label()) == ([0.1], [5.0], "epoch 1")


def test_a_game_shows_what_was_measured_after_epochs_as_points_beside_means_while_training() -> None:
    names = ("score_real", "score_drawn", "discriminator_loss", "generator_loss")
    distances = dict.fromkeys(DISTANCES, ([0.0, 1.0], [9.0, 5.0]))
    measured = {name: ([0.0, 1.0], [0.5, 0.1 * place]) for place, name in enumerate(names)}
    short = GanCourse(dict.fromkeys(names, ([1.0], [0.4])), distances, {"a": 1.0}, {"a": 1.0}, 1, True, 100,
                      measured=measured)  # fmt: skip
    for axes, (one, other) in zip(gan_figure(short, "t").axes, (names[:2], names[2:]), strict=False):
        *means, first, second = [line for line in axes.get_lines() if line.get_linestyle() != ":"]
        assert [list(line.get_xydata().ravel()) for line in means] == [[0.0, 0.4, 1.0, 0.4]] * 2, "across its stretch"
        for line, name in ((first, one), (second, other)):
            assert (list(line.get_xdata()), list(line.get_ydata())) == measured[name]
            assert (line.get_linestyle(), line.get_marker() in "so") == ("None", True)
    told = said(gan_figure(short, "t"))
    assert "means over some steps each, taken while training. Points there were measured on held-out images" in told
    assert "Points there" not in said(gan_figure(replace(short, measured={}), "t")), "of a run that lacks them"


@pytest.mark.parametrize(("distances", "is_told"), [((2.5, 2.9, 3.1), True), ((2.5, 2.4, 3.1), False)])
def test_a_gan_whose_images_were_nearer_before_it_was_trained_says_so(
    distances: tuple[float, ...], is_told: bool
) -> None:
    steps = dict.fromkeys(
        ("score_real", "score_drawn", "discriminator_loss", "generator_loss"), ([1.0, 2.0], [0.5] * 2)
    )
    courses = dict.fromkeys(DISTANCES, ([0.0, 1.0, 2.0], distances))
    told = said(gan_figure(GanCourse(steps, courses, {"a": 1.0}, {"a": 1.0}, 1, True), "t"))
    assert ("The best kernel distance after training, 2.9, is worse than untrained (2.5)." in told) == is_told


def test_losses_that_end_elsewhere_than_the_log_are_told() -> None:
    points = ([0.5, 1.0], [0.5, 0.6])
    steps = dict.fromkeys(("score_real", "score_drawn", "discriminator_loss", "generator_loss"), points)
    drawn_ = GanCourse(steps, dict.fromkeys(DISTANCES, points), {"a": 1.0}, {"a": 1.0}, 1, True)
    assert "elsewhere than the log" not in said(gan_figure(drawn_, "t"))
    told = said(gan_figure(replace(drawn_, joined=6), "t"))
    assert "the last 6 steps are averaged with those before, so the lines may end elsewhere than the log." in told


def test_a_class_that_is_never_drawn_and_one_that_always_is_have_intervals_too() -> None:
    steps = dict.fromkeys(("score_real", "score_drawn", "discriminator_loss", "generator_loss"), ([0.1], [0.5]))
    distances = dict.fromkeys(DISTANCES, ([0.0, 1.0], [9.0, 5.0]))
    shares = {"never": 0.0, "always": 1.0}
    axes = gan_figure(GanCourse(steps, distances, shares, {"never": 0.5, "always": 0.5}, 1, True, 100), "t").axes[3]
    bars = axes.containers[1].lines[2][0].get_segments()
    shown = [(float(low), float(high)) for (_, low), (_, high) in bars]
    assert shown == [pytest.approx(share_interval(share, 100)) for share in shares.values()]
    assert axes.get_ylim()[1] > 1.0


def test_how_sure_a_value_is_shows_as_a_band_and_is_explained() -> None:
    sure = course(low=[value - 0.1 for value in LOSSES], high=[value + 0.1 for value in LOSSES])
    figure = drawn([sure])
    assert len(figure.axes[0].collections) == 1
    assert SURE in said(figure)
    assert SURE not in said(drawn([course()]))
    once = {"epochs": [0, 0.8], "minutes": [0, 5], "values": [209.3, 88.0], "low": [208.4, 87.6], "high": [210.1, 88.4]}
    thin = {"epochs": [0.1, 0.4, 0.8], "minutes": [1, 3, 5], "values": [97.0, 90.0, 88.0], "part": WHILE_TRAINING}
    assert SURE not in said(drawn([course(**once), course(**thin)])), "a band that its line hides, and a point"


def test_levels_stand_right_of_the_panels_and_those_above_every_curve_are_left_out() -> None:
    figure = drawn([course()], {"uniform": 4.19, "5-gram": 1.5, "far": 9.0})
    assert [text.get_text() for text in figure.axes[1].texts] == ["5-gram", "uniform"]
    assert [text.get_text() for text in figure.axes[3].texts] == ["5-gram"]
    assert all(text.get_position()[0] > 1 for text in figure.axes[1].texts)


def test_names_of_levels_stand_beside_their_lines_on_a_logarithmic_axis_too() -> None:
    steep = course(values=[4.0 * 10.0**-epoch for epoch in range(len(EPOCHS))])
    levels = {"uniform": 2.1, "3-gram": 0.05}
    axes = drawn([steep], levels).axes[1]
    assert axes.get_yscale() == "log"
    for text in axes.texts:
        _, middle = (axes.transData - axes.transAxes).transform((1.0, levels[text.get_text()]))
        assert text.get_position()[1] == pytest.approx(middle, abs=0.05)
    assert len(axes.texts) == 2


def read_by(longest: int, furthest: int) -> Read:
    lengths = range(1, furthest + 1)
    return Read(f"to {longest}", "crnn", longest, *(dict.fromkeys(lengths, value) for value in (0.9, 0.1, 100)))


@pytest.mark.parametrize(
    ("trained_to", "grey", "dashed", "told"),
    [
        ((4, 8), [8.5], [4.5], ["longer than any strip trained on (8 digits)", "readers trained to 4 digits"]),
        ((4, 6, 8), [8.5], [4.5, 6.5], ["longer than any strip trained on (8 digits)", "to 4 or 6 digits"]),
        ((8, 8), [8.5], [], ["longer than any strip trained on (8 digits)"]),
        ((4, 12), [], [4.5], ["readers trained to 4 digits"]),
        ((12,), [], [], []),
    ],
)
def test_where_each_reader_has_seen_no_longer_strips_is_shown(
    trained_to: tuple[int, ...], grey: list[float], dashed: list[float], told: list[str]
) -> None:
    figure = accuracy_figure([read_by(longest, 12) for longest in trained_to], "t")
    for axes in figure.axes:
        assert [patch.get_x() for patch in axes.patches] == grey
        assert [line.get_xdata()[0] for line in axes.get_lines() if len(set(line.get_xdata())) == 1] == dashed
    assert [part in said(figure) for part in told] == [True] * len(told)
    assert ("Grey" in said(figure), "upright dashes" in said(figure)) == (bool(grey), bool(dashed))


def test_lines_at_the_ends_are_not_cut_and_those_on_each_other_are_both_seen() -> None:
    lengths = range(1, 5)
    flat = [dict.fromkeys(lengths, value) for value in (1.0, 0.0, 0.0)]
    perfect, other = (Read(name, name, 8, flat[0], flat[1], dict.fromkeys(lengths, 9)) for name in ("crnn", "cnn"))
    figure = accuracy_figure([perfect, other], "t")
    for axes, value in zip(figure.axes, (1.0, 0.0), strict=True):
        low, high = axes.get_ylim()
        assert low < value < high
        widths = [line.get_linewidth() for line in axes.get_lines()]
        assert widths[0] >= widths[1] + 1.5, "the one below is seen at the edges"
    assert "Where lines lie on one another" in said(figure)
    alone = accuracy_figure([perfect], "t")
    assert "Where lines lie" not in said(alone)


def test_what_goes_upwards_has_a_name_and_a_line_of_nearly_equal_values_is_not_cut() -> None:
    errors = {1: 0.82, 8: 0.8201}
    one = Read("cnn", "cnn", 8, {1: 0.0, 8: 0.0}, errors, dict.fromkeys(errors, 9))
    shares, wrong = accuracy_figure([one], "t").axes
    assert (shares.get_ylabel(), wrong.get_ylabel()) == ("share of the strips", "errors, as a share of the digits")
    assert wrong.get_ylim()[1] > 0.84


def test_a_reader_without_an_error_has_a_band_as_far_as_the_rule_of_three_lets_it() -> None:
    lengths = (1, 2)
    perfect = Read("crnn", "crnn", 8, dict.fromkeys(lengths, 1.0), dict.fromkeys(lengths, 0.0), {1: 300, 2: 300})
    figure = accuracy_figure([perfect], "t")
    band = figure.axes[1].collections[0].get_paths()[0].vertices
    assert band[band[:, 0] == 1, 1].max() == pytest.approx(0.01)
    assert band[band[:, 0] == 2, 1].max() == pytest.approx(0.005), "of twice as many digits"
    assert "Where no error was counted, there may be 3 in as many digits" in said(figure)


def test_how_lines_go_is_told_as_they_do_and_what_more_than_all_errors_are() -> None:
    lengths = (1, 8)
    accuracies, errors, strips = ({1: 0.5, 8: 0.0}, {1: 0.0, 8: 0.001}), ({1: 1.2, 8: 0.91}, {1: 1.0, 8: 1.0}), (9, 9)
    readers = [
        Read(name, name, 8, right, wrong, dict.fromkeys(lengths, many))
        for name, right, wrong, many in zip(("crnn", "cnn"), accuracies, errors, strips, strict=True)
    ]
    told = said(accuracy_figure(readers, "t"))
    assert "from 1 digit to 8. Left: crnn from 50.0% to 0.0%, cnn at about 0.0% throughout; right: " in told
    assert "right: crnn from 120.0% to 91.0%, cnn at about 100.0% throughout." in told
    assert "Above 100\u00a0% there are more errors than digits" in told
    alone = said(accuracy_figure(readers[1:], "t"))
    assert "Left: at about 0.0% throughout; right: at about 100.0% throughout. " in alone
    assert "Above 100" not in alone


def test_a_legend_says_what_is_longer_than_what() -> None:
    figure = drawn([course(part="validation"), course(part="longer", values=[2 * value for value in LOSSES])])
    assert [text.get_text() for text in figure.legends[0].get_texts()][:2] == [
        "validation", "validation, longer than trained on",
    ]  # fmt: skip


@pytest.mark.parametrize(("share", "count"), [(0.0, 50), (0.5, 400), (0.98, 250), (1.0, 10)])
def test_the_interval_of_a_share_is_wilson_s(share: float, count: int) -> None:
    low, high = share_interval(share, count)
    assert 0 <= low <= share <= high <= 1
    for end in (low, high):  # where the share lies 1.96 standard errors away, by the error at the end itself
        if 0 < end < 1:
            assert abs(share - end) == pytest.approx(1.96 * np.sqrt(end * (1 - end) / count))


def test_lines_on_one_another_grow_wider_downwards_and_no_wider_than_can_be_looked_at() -> None:
    one, other, apart = {1: 0.5, 2: 0.5}, {1: 0.5, 2: 0.504}, {1: 0.1, 2: 1.0}
    assert wider_below([one, apart, other]) == [WIDER, 0.0, 0.0]
    assert wider_below([one, {1: 0.5, 2: 0.9}]) == [0.0, 0.0], "lines that meet are both seen"
    assert wider_below([{3: 0.2}, {3: 0.2}]) == [WIDER, 0.0], "single points too"
    chain = [{1: 0.0, 2: 0.0}, {1: 0.0, 2: 0.0, 3: 1.0, 4: 1.0}, {3: 1.0, 4: 1.0}]
    assert wider_below(chain) == [2 * WIDER, WIDER, 0.0]
    widths = wider_below([one] * 20)
    assert widths == sorted(widths, reverse=True)
    assert widths[0] == pytest.approx(WIDEST)
    assert wider_below([]) == []


def test_how_sure_errors_for_each_digit_are_is_a_band_as_of_the_share() -> None:
    lengths = (1, 2)
    one = Read("a", "crnn", 2, {1: 0.9, 2: 0.8}, {1: 0.1, 2: 0.01}, dict.fromkeys(lengths, 100), {1: 0.02, 2: 0.01})
    figure = accuracy_figure([one], "t")
    band = figure.axes[1].collections[0].get_paths()[0].vertices
    assert [band[band[:, 0] == length, 1].max() for length in lengths] == pytest.approx([0.1392, 0.0296])
    assert [band[band[:, 0] == length, 1].min() for length in lengths] == pytest.approx([0.0608, 0.0])
    assert "Bands: 95\u00a0% intervals for other strips of other digits; of each length 100 were read." in said(figure)


def test_where_nothing_is_read_right_the_axis_goes_to_all() -> None:
    def top(value: float) -> float:
        none = Read("a", "crnn", 2, *({1: share, 2: share} for share in (value, 1.0 - value)), {1: 30, 2: 30})
        return accuracy_figure([none], "t").axes[0].get_ylim()[1]

    assert top(0.0) > 1.0
    assert top(0.2) < 0.6
