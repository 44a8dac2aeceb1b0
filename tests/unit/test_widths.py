"""Lines and points of runs are as wide in one figure as in another, and no line hides another."""

import re
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from genmodels.figures import widths
from genmodels.figures.colours import MARKERS
from genmodels.figures.curves import curves_figure
from genmodels.figures.elbo import elbo_figure
from genmodels.figures.gan import ERRORS, GanCourse, gan_figure
from genmodels.figures.lines import Curve
from genmodels.figures.on_one_another import ON_ONE_ANOTHER, WIDER
from genmodels.figures.style import sentence_of
from unit.figure_texts import KINDS, said

FIGURES = Path(__file__).parents[2] / "src" / "genmodels" / "figures"
NUMBERED = re.compile(r"(?:linewidth|markersize|markeredgewidth)(?:=|\": )(?!0\b)[0-9]")
OF_RUNS = (
    "curves of one run",
    "elbo",
    "gan",
    "gradients",
    "accuracy",
    "vanishing gradients",
    "word errors without speakers",
)


def long_lines(axes: Axes) -> list[Line2D]:
    """Those of what was measured: no levels, rings or names for a legend."""
    return [line for line in axes.lines if len(line.get_xdata()) > 2]


@pytest.mark.parametrize("path", sorted(FIGURES.glob("*.py")), ids=lambda path: path.stem)
def test_no_figure_has_widths_of_its_own(path: Path) -> None:
    assert NUMBERED.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("kind", OF_RUNS)
def test_what_was_measured_has_one_width_in_all_figures(kind: str) -> None:
    lines = [line for axes in KINDS[kind]("short", "short").axes for line in long_lines(axes)]
    assert lines
    beside = {widths.THIN, widths.RULE}  # what was logged while training
    assert min({line.get_linewidth() for line in lines} - beside) == widths.LINE, "wider are those that others lie on"
    assert (
        min([line.get_markersize() for line in lines if line.get_marker() in MARKERS] or [widths.MARKER])
        == widths.MARKER
    )


def test_a_run_below_another_is_as_wide_in_the_figure_of_its_bound_as_in_that_of_a_curve() -> None:
    epochs = [0.0, 1.0, 2.0, 3.0]
    below, above = (Curve(name, epochs, epochs, [-9.0, -3.0, -2.0, -1.0], "conv", "test") for name in ("one", "two"))
    of_curve = curves_figure({"ELBO": [below, above]}, "title")
    of_bound = elbo_figure({name: [below, above] for name in ("elbo", "reconstruction", "kl")}, "title")
    for figure in (of_curve, of_bound):
        assert [line.get_linewidth() for line in long_lines(figure.axes[0])] == [widths.LINE + WIDER, widths.LINE]
        assert sentence_of(ON_ONE_ANOTHER) in said(figure)


def game(steps: int) -> GanCourse:
    """A short game whose lines lie on one another."""
    points = [0.1 * step for step in range(steps)], [0.5] * steps
    by_epoch = [1.0], [0.3]
    return GanCourse(
        steps=dict.fromkeys(("score_real", "score_drawn", "discriminator_loss", "generator_loss"), points),
        epochs=dict.fromkeys((*ERRORS, *ERRORS.values(), "precision", "recall"), by_epoch),
        shares={}, data={}, epoch=1, probabilities=True,
    )  # fmt: skip


@pytest.mark.parametrize("steps", [1, 5])
def test_no_player_of_a_short_game_hides_the_other(steps: int) -> None:
    for axes in gan_figure(game(steps), "title").axes:
        real, drawn = axes.lines[:2]
        dots = len(real.get_xdata()) == 1
        assert not real.is_dashed()
        assert drawn.is_dashed(), "the first is seen in its gaps"
        assert not dots or real.get_markersize() > drawn.get_markersize(), "and around its only point"
        assert (real.get_marker() == drawn.get_marker()) == (not dots)
