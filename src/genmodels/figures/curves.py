"""A score of one run or several, by epoch and by time."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genmodels.figures.fitting import fitted, line_height, spread
from genmodels.figures.lines import (
    ONE_EPOCH,
    SURE,
    Curve,
    closer_look,
    count_epochs,
    draw_curves,
    label_upwards,
    last_epoch,
    levels_within,
    logged_told,
    looks_of,
    name_curves,
    row_labels,
    shows_one_epoch,
    wants_logarithm,
)
from genmodels.figures.style import (
    FAINT,
    HIGH,
    INK,
    NOTE,
    WIDE,
    in_digits,
    legend_below,
    logarithmic,
    style,
    titled_figure,
)

__all__ = ["Curve", "curves_figure"]

MORE = 0.6  # inches of height for a second row of panels
ROWS = (1.0, 1.7)  # heights of the whole course and of the closer look, to each other
LEVEL_ROOM = 1.15  # inches of the names of levels
RINGED = "best epoch"
MOST_TOLD = 4  # runs in the sentence


def curves_figure(
    curves: Sequence[Curve],
    levels: Mapping[str, float],
    title: str,
    unit: str = "loss (nats per character)",
    ringed: str = RINGED,
) -> Figure:
    """A score against epochs and against minutes, side by side; below it closer what comes after the beginning.

    Args:
        curves: of each run and part of the data.
        levels: baselines by name; those above every curve are left out.
        title: names the runs.
        unit: of the score, with its name.
        ringed: what the legend calls a ringed epoch.
    """
    start, looks = closer_look(curves), looks_of(curves)
    rows = [curves] if start is None else [curves, [curve.after(start) for curve in curves]]
    with style():
        figure = titled_figure(WIDE, HIGH - 1.2 + MORE * (len(rows) - 1), title, _sentence(curves, ringed))
        grid = figure.subplots(len(rows), 2, squeeze=False, sharey="row", height_ratios=ROWS[: len(rows)])
        for (left, right), shown in zip(grid, rows, strict=True):
            draw_curves(left, shown, looks, lambda curve: curve.epochs)
            draw_curves(right, shown, looks, lambda curve: curve.minutes)
            for level in levels_within(levels, shown).values():
                for axes in (left, right):
                    axes.axhline(level, color=FAINT, linestyle=":", linewidth=1.2)
        count_epochs([left for left, _ in grid], last_epoch(curves))
        grid[-1][1].set_xlabel("minutes of training")
        for axes in grid[0]:
            axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
            if wants_logarithm(curves):
                logarithmic(axes)
        label_upwards(figure, dict(zip(grid[:, 0], row_labels(unit, start), strict=True)))
        if (entries := name_curves(grid[0][0], curves, looks, ringed)) > 0:
            legend_below(figure, grid[0][0], entries)
        for (_, right), shown in zip(grid, rows, strict=True):
            _name_levels(figure, right, levels_within(levels, shown))
        return figure


def _sentence(curves: Sequence[Curve], ringed: str) -> str:
    """What to look at: where each run is best, and how the lines were measured."""
    parts, several = {curve.part for curve in curves}, len({curve.name for curve in curves}) > 1
    best = [curve for curve in curves if curve.best is not None]
    looks = []
    if best:
        told = [f"{curve.name} {_best_told(curve)}" if several else _best_told(curve) for curve in best[:MOST_TOLD]]
        more = [f"and {len(best) - MOST_TOLD} more"] if len(best) > MOST_TOLD else []
        parts_told = " or ".join(dict.fromkeys(curve.part or "held-out data" for curve in best))
        looks.append(f"Ringed, the {ringed} on {parts_told}: {', '.join([*told, *more])}.")
    if shows_one_epoch(curves):
        looks.append(ONE_EPOCH)
    elif "train" in parts and best:
        looks.append("A gap between train and held-out data that grows is overfitting.")
    looks.append(logged_told(curves))
    if any(curve.low for curve in curves):
        looks.append(SURE)
    return " ".join(filter(None, looks))


def _best_told(curve: Curve) -> str:
    assert curve.best is not None, "asked of curves that have one"
    value, epoch, minutes = (of[curve.best] for of in (curve.values, curve.epochs, curve.minutes))
    after = f"{in_digits(epoch)} {'epoch' if epoch == 1 else 'epochs'}"
    return f"{in_digits(value, 4)} after {after} ({in_digits(minutes, 2)} min)"


def _name_levels(figure: Figure, axes: Axes, levels: Mapping[str, float]) -> None:
    """Names right of the lines of the levels, where nothing is drawn; those of levels close together move apart."""
    if not levels:
        return
    figure.draw_without_rendering()
    order = sorted(levels, key=lambda name: levels[name])
    low, high = axes.get_ylim()
    inches = axes.get_window_extent().height / figure.dpi
    names = fitted(order, [(LEVEL_ROOM, NOTE)], 2)
    heights = [line_height(names.size) * (text.count("\n") + 1) for text in names.texts]
    places = spread([(levels[name] - low) / (high - low) * inches for name in order], heights, 0.0, inches)
    for text, middle in zip(names.texts, places, strict=True):
        axes.text(1.015, middle / inches, text, transform=axes.transAxes, ha="left", va="center", fontsize=names.size,
                  color=INK)  # fmt: skip
