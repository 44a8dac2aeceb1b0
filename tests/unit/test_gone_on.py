"""Where a finished run was gone on with is marked in every figure of its course, in its colour."""

from dataclasses import replace

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from genmodels.families.best import best_of
from genmodels.families.course import Course, best_epoch, remarks_on
from genmodels.families.repeating import commands_of
from genmodels.families.summary import evaluations_table
from genmodels.family import first_best
from genmodels.figures.colours import KINDS
from genmodels.figures.curves import curves_figure
from genmodels.figures.elbo import elbo_figure
from genmodels.figures.gan import ERRORS, GanCourse, gan_figure
from genmodels.figures.gone_on import GONE_ON
from genmodels.figures.lines import Curve
from genmodels.runs.epochs import Length
from genmodels.runs.records import evaluations_in

EPOCHS = list(range(11))
ONE = Curve(
    "one", EPOCHS, [2.0 * epoch for epoch in EPOCHS], [10.0 - epoch for epoch in EPOCHS], "lstm", "test", again=[6]
)


def marks(axes: Axes) -> list[tuple[float, str]]:
    """Where lines from below to above stand, and their colours."""
    upright = [line for line in axes.lines if list(line.get_ydata()) == [0, 1] and len(set(line.get_xdata())) == 1]
    return [(float(line.get_xdata()[0]), to_hex(line.get_color())) for line in upright]


def names(axes: Axes) -> list[str]:
    return [text.get_text() for legend in axes.figure.legends for text in legend.get_texts()]


def test_a_mark_stands_at_its_epoch_and_at_its_time_once_for_all_lines_of_a_run() -> None:
    train = replace(ONE, part="train", epochs=EPOCHS[1:], minutes=ONE.minutes[1:], values=ONE.values[1:])
    other = replace(ONE, name="two", kind="gru", values=[11.0 - epoch for epoch in EPOCHS], again=[3, 8])
    left, right = curves_figure({"loss": [ONE, train, other]}, "title").axes[:2]
    blue, green = (KINDS[kind].lower() for kind in ("lstm", "gru"))
    assert marks(left) == [(6.0, blue), (3.0, green), (8.0, green)]
    assert marks(right) == [(12.0, blue), (6.0, green), (16.0, green)]
    assert names(left).count(GONE_ON) == 1


def test_a_run_that_was_trained_at_once_has_no_mark_and_the_legend_no_name_for_it() -> None:
    axes = curves_figure({"loss": [replace(ONE, again=[])]}, "title").axes
    assert [marks(one) for one in axes] == [[]] * len(axes)
    assert GONE_ON not in names(axes[0])


def test_a_closer_look_has_the_marks_that_lie_in_it() -> None:
    assert list(ONE.after(5).again) == [6]
    assert list(ONE.after(7).again) == []


def test_a_mark_beyond_a_line_that_ends_before_stands_at_its_end() -> None:
    short = replace(ONE, epochs=EPOCHS[:5], minutes=ONE.minutes[:5], values=ONE.values[:5])
    assert marks(curves_figure({"loss": [short]}, "title").axes[0])[0][0] == 4.0


def test_all_panels_of_a_bound_have_the_mark() -> None:
    figure = elbo_figure({name: [ONE] for name in ("elbo", "reconstruction", "kl")}, "title")
    assert {place for axes in figure.axes for place, _ in marks(axes)} == {6.0}
    assert all(marks(axes) for axes in figure.axes[:3])


@pytest.mark.parametrize("again", [[1.5], []])
def test_the_panels_of_a_game_have_the_mark_and_one_names_it(again: list[float]) -> None:
    points = ([0.0, 1.0, 2.0, 3.0], [1.0, 0.5, 0.4, 0.3])
    steps = dict.fromkeys(("score_real", "score_drawn", "discriminator_loss", "generator_loss"), points)
    measured = dict.fromkeys(("kernel_distance", "real/kernel_distance", *ERRORS.values()), points)
    course = GanCourse(steps, measured, {"a": 1.0}, {"a": 1.0}, 1, True, 100, again=again)
    panels = gan_figure(course, "title").axes
    assert [[place for place, _ in marks(axes)] for axes in panels] == [again, again, again, []]
    named = [axes for axes in panels if GONE_ON in [text.get_text() for text in axes.get_legend().get_texts()]]
    assert named == panels[:1] * len(again)


def course(name: str, *again: int) -> Course:
    """A run of ten epochs of ten steps, gone on with after some."""
    plan = {"steps_per_epoch": 10, "again": [10 * epoch for epoch in again]}
    return Course(name, "lstm", "nll", "loss", [], [], plan, None, None)


def test_where_runs_were_gone_on_with_is_told_by_their_names_where_there_are_several() -> None:
    told = "with a learning rate that warmed up again"
    assert remarks_on([course("one", 3)]) == [f"gone on with after epoch 3, {told}"]
    assert remarks_on([course("one", 3, 5)]) == [f"gone on with after epochs 3 and 5, {told}"]
    both = [course("one", 3), course("two", 3, 7), course("three")]
    assert remarks_on(both) == [
        "gone on with, while the learning rate warmed up again: one after epoch 3; two after epochs 3 and 7"
    ]
    assert remarks_on([course("one", 3), course("three")]) == [
        "gone on with, while the learning rate warmed up again: one after epoch 3"
    ]
    assert remarks_on([course("three")]) == []


def test_what_was_measured_where_training_ended_and_went_on_stays_and_is_not_the_best() -> None:
    found = evaluations_in(
        [
            {"epoch": epoch, "step": step, "split": "test", "nll": nll}
            for epoch, step, nll in [(0, 0, 9.0), (1, 3, 1.0), (1, 10, 2.0), (2, 12, 3.0)]
        ],
        Length(12, 10),
    )
    assert [(one["epoch"], one["nll"]) for one in found] == [(0, 9.0), (0.3, 1.0), (1, 2.0), (1.2, 3.0)]
    assert best_of("text", found)["best_epoch"] == best_epoch(found, "nll", min) == 1
    (table,) = [evaluations_table([*found[:2], found[1]])]
    assert "gone_on" not in table.columns


def test_the_commands_of_a_run_of_an_earlier_version_say_what_they_do_not_know() -> None:
    document = {"family": "text", "argv": ["train-text", "a b.txt"], "plan": {"again": [3, 9]}}
    known = {**document, "lengthened": [{"minutes": 2.5}]}
    assert commands_of("one", {"family": "text", "argv": []}) == []
    assert commands_of("one", {**document, "plan": None}) == ["genmodels train-text 'a b.txt'"]
    unknown = "genmodels train-text --resume one ...   (how long is not recorded)"
    assert commands_of("one", document)[1:] == [unknown, unknown]
    assert commands_of("one", known)[1:] == [unknown, "genmodels train-text --resume one --minutes 2.5"]


def test_of_epochs_that_are_as_good_the_first_is_the_best() -> None:
    scored = [(1, 2.0), (2, 1.0), (3, 1.0), (4, 2.0)]
    assert first_best(scored, min) == (2, 1.0)
    assert first_best(scored, max) == (1, 2.0)
    assert first_best(iter(scored[2:]), min) == (3, 1.0)
    assert first_best([], min) is None
