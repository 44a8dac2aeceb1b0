"""The lines of runs: by epoch and by time, coloured by kind, ringed where they are best, shown closer."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from genmodels.figures.colours import KINDS
from genmodels.figures.curves import curves_figure
from genmodels.figures.elbo import elbo_figure
from genmodels.figures.gan import GanCourse, gan_figure
from genmodels.figures.lines import SURE, WHILE_TRAINING, Curve, closer_look, share_interval
from genmodels.figures.reading_accuracy import Read, accuracy_figure
from unit.figure_texts import said

EPOCHS = list(range(21))
LOSSES = [4.2, *(1.4 + 0.6 / epoch for epoch in EPOCHS[1:])]


def course(name: str = "run", kind: str = "lstm", part: str = "validation", **changes) -> Curve:
    told = {"epochs": EPOCHS, "minutes": [epoch / 2 for epoch in EPOCHS], "values": LOSSES, **changes}
    return Curve(name, kind=kind, part=part, **told)


def lines(figure: Figure, panel: int) -> list[Line2D]:
    """What is drawn in a panel, without what only the legend needs."""
    return [line for line in figure.axes[panel].get_lines() if len(line.get_xdata()) > 1]


def names(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_a_score_is_drawn_by_epoch_and_by_minutes_from_the_untrained_model_on() -> None:
    figure = curves_figure([course()], {}, "a title", "loss (nats per character)")
    (by_epoch,), (by_minutes,) = lines(figure, 0), lines(figure, 1)
    assert list(by_epoch.get_xdata()) == EPOCHS
    assert list(by_minutes.get_xdata()) == [epoch / 2 for epoch in EPOCHS]
    assert list(by_epoch.get_ydata()) == list(by_minutes.get_ydata()) == LOSSES
    assert figure.get_suptitle() == "a title"
    assert "loss" in figure.axes[0].get_ylabel()


def test_what_follows_the_beginning_is_shown_closer_and_no_line_comes_from_outside() -> None:
    figure = curves_figure([course(), course("short", "rnn", epochs=[0, 1, 2], minutes=[0, 5, 9],
                                             values=[4.2, 1.9, 1.7])], {}, "t")  # fmt: skip
    closer = figure.axes[2]
    assert [line.get_xdata()[0] for line in lines(figure, 2)] == [1, 1], "all from the epoch that the label names"
    assert closer.get_ylabel() == "closer, from epoch 1 on"
    low, high = closer.get_ylim()
    assert all(low <= value <= high for line in lines(figure, 2) for value in line.get_ydata())
    assert high < 2.5


def test_a_course_that_fills_its_scale_is_shown_once() -> None:
    assert len(curves_figure([course(values=list(np.linspace(4.2, 1.2, 21)))], {}, "t").axes) == 2
    assert closer_look([course(epochs=[0, 1], minutes=[0, 1], values=[4.2, 1.9])]) is None


@pytest.mark.parametrize(("factor", "scale"), [(0.5, "log"), (0.99, "linear")])
def test_a_score_that_falls_through_powers_of_ten_has_a_logarithmic_scale(factor: float, scale: str) -> None:
    figure = curves_figure([course(values=[90 * factor**epoch for epoch in EPOCHS])], {}, "t")
    assert figure.axes[0].get_yscale() == scale
    rising = curves_figure([course(values=[0.01, *[0.56] * 20])], {}, "t")
    assert rising.axes[0].get_yscale() == "linear", "what is near the highest value needs no powers"


def test_a_kind_of_model_has_its_colour_and_a_part_its_stroke() -> None:
    runs = [course(name, kind, part) for name, kind in (("a", "rnn"), ("b", "lstm"), ("c", "lstm"))
            for part in ("train", "test")]  # fmt: skip
    drawn = lines(curves_figure(runs, {}, "t"), 0)
    colours = [line.get_color().lower() for line in drawn]
    assert colours[:4] == [KINDS["rnn"].lower()] * 2 + [KINDS["lstm"].lower()] * 2
    assert colours[4] != colours[2], "a second run of a kind is darker"
    assert [line.get_linestyle() for line in drawn] == ["--", "-"] * 3
    assert len({line.get_marker() for line in drawn[2:]}) == 2
    again = lines(curves_figure(runs[2:], {}, "t"), 0)
    assert again[0].get_color().lower() == KINDS["lstm"].lower(), "whatever its place in the list"
    assert names(curves_figure(runs, {}, "t")) == ["a", "b", "c", "train", "test"]


def test_the_best_epoch_is_ringed_and_told() -> None:
    figure = curves_figure([course(best=12), course("other", "rnn", best=3)], {}, "t")
    (ring, other) = [line for line in figure.axes[0].get_lines() if line.get_fillstyle() == "none"][:2]
    assert (list(ring.get_xdata()), list(ring.get_ydata())) == ([12], [LOSSES[12]])
    assert list(other.get_xdata()) == [3]
    assert names(figure)[-1] == "best epoch"
    assert "run 1.45 after 12 epochs (6 min), other 1.6 after 3 epochs (1.5 min)" in said(figure)


def test_no_sentence_writes_a_number_of_everyday_by_its_power_of_ten() -> None:
    epochs = [0, 999, 1200, 2400]
    long = course(epochs=epochs, minutes=[0, 130.4, 1300, 2600], values=[-99999.0, -12345.6, -12300, -12200], best=1)
    figure = curves_figure([long], {}, "t")
    assert "−12,346 after 999 epochs (130 min)" in said(figure)
    assert figure.axes[2].get_ylabel() == "closer, from epoch 999 on"
    told = said(elbo_figure({key: [replace(long, best=2)] for key in ("elbo", "reconstruction", "kl")}, "t"))
    assert "after epoch 1,200" in told


def test_one_epoch_is_drawn_and_said_to_be_one() -> None:
    one = course(epochs=[1], minutes=[2.0], values=[1.9], best=0)
    figure = curves_figure([one], {"uniform": 1.8}, "t")
    assert any(list(line.get_xdata()) == [1] for line in figure.axes[0].get_lines())
    assert "One epoch was measured" in said(figure)
    assert "One epoch was measured" not in said(curves_figure([course(best=2)], {}, "t"))


def test_what_was_only_logged_while_training_is_not_said_to_be_measured_after_epochs() -> None:
    logged = course(part=WHILE_TRAINING, epochs=[0.5, 1.0, 1.5, 2.0], minutes=[1, 2, 3, 4], values=[3.0, 2.0, 1.5, 1.2])
    untrained = course(epochs=[0], minutes=[0], values=[4.2])
    for curves in ([logged], [untrained, logged]):
        told = said(curves_figure(curves, {}, "t"))
        assert "logged while training" in told
        assert "after an epoch" not in told
        assert "One epoch was measured" not in told
    assert "than what is measured after an epoch" in said(curves_figure([course(), logged], {}, "t"))


def test_a_part_of_the_first_epoch_has_parts_on_its_axis() -> None:
    begun = course(part=WHILE_TRAINING, epochs=[0.1, 0.2], minutes=[1, 2], values=[3.0, 2.0])
    figure = curves_figure([begun], {}, "t")
    assert figure.axes[0].get_xlabel() == "part of the first epoch"
    assert "logged while training" in said(figure)


def test_a_single_point_is_seen() -> None:
    once = course(part=WHILE_TRAINING, epochs=[0.1], minutes=[1], values=[3.0])
    assert curves_figure([once], {}, "t").axes[0].get_lines()[0].get_marker() == "o"
    steps = dict.fromkeys(("score_real", "score_drawn", "discriminator_loss", "generator_loss"), ([0.1], [0.5]))
    distances = dict.fromkeys(("frechet_distance", "frechet_floor"), ([0.0, 0.1], [9.0, 5.0]))
    axes = gan_figure(GanCourse(steps, distances, {"a": 1.0}, {"a": 1.0}, 1, True, 100, at=0.1), "t").axes
    assert [line.get_marker() for line in axes[1].get_lines()] == ["o", "o"]
    ring = next(line for line in axes[2].get_lines() if line.get_fillstyle() == "none")
    assert (list(ring.get_xdata()), list(ring.get_ydata()), ring.get_label()) == ([0.1], [5.0], "epoch 1")


def test_a_class_that_is_never_drawn_and_one_that_always_is_have_intervals_too() -> None:
    steps = dict.fromkeys(("score_real", "score_drawn", "discriminator_loss", "generator_loss"), ([0.1], [0.5]))
    distances = dict.fromkeys(("frechet_distance", "frechet_floor"), ([0.0, 1.0], [9.0, 5.0]))
    shares = {"never": 0.0, "always": 1.0}
    axes = gan_figure(GanCourse(steps, distances, shares, {"never": 0.5, "always": 0.5}, 1, True, 100), "t").axes[3]
    bars = axes.containers[1].lines[2][0].get_segments()
    drawn = [(float(low), float(high)) for (_, low), (_, high) in bars]
    assert drawn == [pytest.approx(share_interval(share, 100)) for share in shares.values()]
    assert axes.get_ylim()[1] > 1.0


def test_how_sure_a_value_is_shows_as_a_band_and_is_explained() -> None:
    sure = course(low=[value - 0.1 for value in LOSSES], high=[value + 0.1 for value in LOSSES])
    figure = curves_figure([sure], {}, "t")
    assert len(figure.axes[0].collections) == 1
    assert SURE in said(figure)
    assert SURE not in said(curves_figure([course()], {}, "t"))


def test_levels_stand_right_of_the_panels_and_those_above_every_curve_are_left_out() -> None:
    figure = curves_figure([course()], {"uniform": 4.19, "5-gram": 1.5, "far": 9.0}, "t")
    assert [text.get_text() for text in figure.axes[1].texts] == ["5-gram", "uniform"]
    assert [text.get_text() for text in figure.axes[3].texts] == ["5-gram"]
    assert all(text.get_position()[0] > 1 for text in figure.axes[1].texts)


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
    assert "Where lines lie on each other" in said(figure)
    alone = accuracy_figure([perfect], "t")
    assert "Where lines lie" not in said(alone)


@pytest.mark.parametrize(("share", "count"), [(0.0, 50), (0.5, 400), (0.98, 250), (1.0, 10)])
def test_the_interval_of_a_share_is_wilson_s(share: float, count: int) -> None:
    low, high = share_interval(share, count)
    assert 0 <= low <= share <= high <= 1
    for end in (low, high):  # where the share lies 1.96 standard errors away, by the error at the end itself
        if 0 < end < 1:
            assert abs(share - end) == pytest.approx(1.96 * np.sqrt(end * (1 - end) / count))
