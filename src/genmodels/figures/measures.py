"""Several measures of the same runs by epoch, side by side; below them closer what follows the beginning."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from genmodels.figures.across import count_epochs
from genmodels.figures.curves import overlaid_told, told_apart
from genmodels.figures.fitting import fitted
from genmodels.figures.lines import (
    Curve,
    closer_look,
    draw_curves,
    label_upwards,
    last_epoch,
    name_curves,
    row_labels,
)
from genmodels.figures.style import HEADING, LABEL, TICK, WIDE, legend_below, style, titled_figure

HIGH, MORE = 3.6, 1.1  # inches of the panels, and of a second row of them
ROWS = (1.0, 1.5)  # heights of the whole course and of the closer look, to each other
BESIDE = 0.65  # inches of each panel that its numbers take


def measures_figure(
    panels: Mapping[str, Sequence[Curve]], unit: str, title: str, sentence: str, *, shares: bool = False
) -> Figure:
    """A panel for each measure; the first one decides where the closer look begins.

    Args:
        panels: heading -> the lines of the same runs, parts and epochs.
        unit: of all measures.
        title: names the runs and their data.
        sentence: what to look at.
        shares: whether the measures are shares, written in per cent.
    """
    first = next(iter(panels.values()))
    looks, start = told_apart(panels.values()), closer_look(first)
    beginnings, room = [0.0] if start is None else [0.0, start], WIDE / len(panels) - BESIDE
    with style():
        figure = titled_figure(
            WIDE, HIGH + MORE * (len(beginnings) - 1), title, " ".join([sentence, *overlaid_told(looks)])
        )
        grid = figure.subplots(len(beginnings), len(panels), squeeze=False, height_ratios=ROWS[: len(beginnings)])
        for column, (heading, lines) in zip(grid.T, panels.items(), strict=True):
            for axes, beginning in zip(column, beginnings, strict=True):
                draw_curves(axes, [line.after(beginning) for line in lines], looks, lambda curve: curve.epochs)
                if shares:
                    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
            count_epochs(list(column), last_epoch(first))
            made = fitted([heading], [(room, HEADING), (room, LABEL), (room, TICK)], 2)
            column[0].set_title(made.texts[0], fontsize=made.size)
        label_upwards(figure, dict(zip(grid[:, 0], row_labels(unit, start), strict=True)))
        legend_below(figure, grid[0][0], name_curves(grid[0][0], first, looks, "best epoch"))
        return figure
