"""One score of any number of runs, or several that are not alike, by epoch and by time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from genmodels.errors import in_turn
from genmodels.figures import widths
from genmodels.figures.across import count_epochs, time_across
from genmodels.figures.fitting import fitted, line_height, spread
from genmodels.figures.lines import (
    ONE_EPOCH,
    Curve,
    Looks,
    closer_look,
    draw_curves,
    label_upwards,
    last_epoch,
    logged_told,
    looks_of,
    name_curves,
    row_labels,
    shows_one_epoch,
    sure_told,
    wants_logarithm,
)
from genmodels.figures.on_one_another import ON_ONE_ANOTHER, wider_below
from genmodels.figures.overfitting import show_overfitting
from genmodels.figures.style import (
    FAINT,
    HIGH,
    INK,
    NOTE,
    WIDE,
    HouseFigure,
    in_digits,
    legend_below,
    logarithmic,
    sentence_of,
    style,
    titled_figure,
)
from genmodels.telling import WHILE_TRAINING, duration, epoch_told

MORE = 0.6  # inches of height for a closer look
ANOTHER = 2.4  # inches of the panels of each further score
ROWS = (1.0, 1.7)  # heights of the whole course and of the closer look, to each other
LEVEL_ROOM = 1.15  # inches of the names of levels
RINGED = "best epoch"
LEVEL_WITHIN = 0.5  # of a scale: how far below it a level may lie to be shown
MOST_TOLD = 4  # runs in the sentence
ONE_EPOCH_EACH = "Each was measured once after its training began, which shows no trend."
NO_LEVELS: Mapping[str, float] = MappingProxyType({})


def curves_figure(
    scores: Mapping[str, Sequence[Curve]],
    title: str,
    levels: Mapping[str, float] = NO_LEVELS,
    ringed: str = RINGED,
    remarks: Sequence[str] = (),
) -> Figure:
    """Scores against epochs and against time, side by side.

    Below a single score stands closer what comes after the beginning; of several scores each has a row.

    Args:
        scores: name and unit of a score -> its curves, of each run and part of the data.
        title: names the runs and their data.
        levels: baselines of a single score by name; those above every curve are left out.
        ringed: what the legend calls a ringed epoch.
        remarks: sentences on what to know before one run is held against another.
    """
    curves = [curve for of_score in scores.values() for curve in of_score]
    start, looks = closer_look(curves) if len(scores) == 1 else None, told_apart(scores.values())
    rows = list(scores.values()) if start is None else [curves, [curve.after(start) for curve in curves]]
    labels = list(scores) if start is None else row_labels(next(iter(scores)), start)
    high = HIGH - 1.2 + (MORE * (len(rows) - 1) if len(scores) == 1 else ANOTHER * (len(rows) - 1))
    with style():
        said = _sentence(scores, ringed, remarks)
        figure = titled_figure(WIDE, high, title, " ".join(filter(None, [said, *overlaid_told(looks)])))
        ratios = ROWS[: len(rows)] if len(scores) == 1 else None
        grid = figure.subplots(len(rows), 2, squeeze=False, sharey="row", height_ratios=ratios).tolist()
        for (left, right), shown in zip(grid, rows, strict=True):
            _draw_row(left, right, shown, looks, time_across(curves))
            for level in _levels_within(levels, shown).values():
                for axes in (left, right):
                    axes.axhline(level, color=FAINT, linestyle=":", linewidth=widths.RULE)
        for columns, shown in _named_below(grid, rows, alone=len(scores) == 1):
            count_epochs([left for left, _ in columns], last_epoch(shown))
            columns[-1][1].set_xlabel(time_across(curves)[1])
            _begin_at_nothing(columns[0], shown)
        _finish(figure, grid, dict(zip(labels, rows, strict=True)), looks, levels, ringed)
        return figure


def told_apart(scores: Iterable[Sequence[Curve]]) -> Looks:
    """The looks of several runs, wider where a line would be hidden by a later one.

    Args:
        scores: the curves of each score, which have panels of their own.
    """
    panels = list(scores)
    looks = looks_of([curve for of_score in panels for curve in of_score])
    if len(looks) == 1:
        return looks
    wider = dict.fromkeys(looks, 0.0)
    for of_score in panels:
        least = min(value for curve in of_score for value in curve.values)
        for part in {curve.part for curve in of_score} - {WHILE_TRAINING}:
            alike = [curve for curve in of_score if curve.part == part and not curve.sparse]
            lines = [{e: v - least for e, v in zip(c.epochs, c.values, strict=True)} for c in alike]
            for curve, more in zip(alike, wider_below(lines), strict=True):
                wider[curve.name] = max(wider[curve.name], more)
    return {
        name: {**look} | ({"linewidth": widths.LINE + wider[name]} if wider[name] else {})
        for name, look in looks.items()
    }


def overlaid_told(looks: Looks) -> list[str]:
    """What to know where lines lie on one another, as a sentence; none where no line is wider for that."""
    return [sentence_of(ON_ONE_ANOTHER)] if any("linewidth" in look for look in looks.values()) else []


def _draw_row(left: Axes, right: Axes, curves: Sequence[Curve], looks: Looks, time: tuple[float, str]) -> None:
    """The curves by epoch, and by time."""
    draw_curves(left, curves, looks, lambda curve: curve.epochs)
    draw_curves(right, curves, looks, lambda curve: [time[0] * minutes for minutes in curve.minutes])


def _named_below(
    grid: Sequence[Sequence[Axes]], rows: Sequence[Sequence[Curve]], *, alone: bool
) -> Iterator[tuple[Sequence[Sequence[Axes]], Sequence[Curve]]]:
    """The rows of panels that share the names of their axes across: all of a single score, else each."""
    if alone:
        yield grid, rows[0]
    else:
        yield from (([panels], shown) for panels, shown in zip(grid, rows, strict=True))


def _begin_at_nothing(panels: Sequence[Axes], curves: Sequence[Curve]) -> None:
    """Panels of a whole course have the beginning of the training at their left edge."""
    for axes in panels:
        axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
        if wants_logarithm(curves):
            logarithmic(axes)


def _finish(
    figure: HouseFigure,
    grid: Sequence[Sequence[Axes]],
    rows: Mapping[str, Sequence[Curve]],
    looks: Looks,
    levels: Mapping[str, float],
    ringed: str,
) -> None:
    """Name what goes upwards, the lines, and last, when nothing moves any more, the levels."""
    label_upwards(figure, dict(zip([left for left, _ in grid], rows, strict=True)))
    curves = [curve for shown in rows.values() for curve in shown]
    if (entries := name_curves(grid[0][0], curves, looks, ringed)) > 0:
        legend_below(figure, grid[0][0], entries)
    for (_, right), shown in zip(grid, rows.values(), strict=True):
        _name_levels(figure, right, _levels_within(levels, shown))


def _sentence(scores: Mapping[str, Sequence[Curve]], ringed: str, remarks: Sequence[str]) -> str:
    """What to look at: where each run is best, how lines were measured, what to know before they are compared."""
    named = {id(c): score.partition(" (")[0] for score, of_score in scores.items() for c in of_score}
    curves = [curve for of_score in scores.values() for curve in of_score]
    several = len({curve.name for curve in curves}) > 1
    best = [curve for curve in curves if curve.best is not None]
    looks = []
    if best:
        told = [
            " ".join([curve.name] * several + [named[id(curve)]] * (ringed != RINGED) + [_best_told(curve)])
            + (worse_told(curve) if ringed == RINGED else "")
            for curve in best[:MOST_TOLD]
        ]
        more = [f"and {len(best) - MOST_TOLD} more"] if len(best) > MOST_TOLD else []
        parts_told = in_turn([*dict.fromkeys(curve.part or "held-out data" for curve in best)], "or")
        looks.append(f"Ringed, the {ringed} on {parts_told}: {', '.join([*told, *more])}.")
    if once := one_epoch_told(curves):
        looks.append(once)
    elif ringed == RINGED and show_overfitting(curves):
        looks.append("The gap between train and held-out data grows: that is overfitting.")
    looks.append(logged_told(curves))
    looks += dict.fromkeys(sure_told(of_score) for of_score in scores.values())
    looks += map(sentence_of, remarks)
    return " ".join(filter(None, looks))


def one_epoch_told(curves: Sequence[Curve]) -> str:
    """That one run, or each of several, was measured but once; "" where one was measured more often."""
    if not shows_one_epoch(curves):
        return ""
    return ONE_EPOCH if len({curve.name for curve in curves}) == 1 else ONE_EPOCH_EACH


def worse_told(curve: Curve) -> str:
    """What to add to a best epoch behind the untrained model, as only trained ones are chosen from; else ""."""
    if curve.best is None or curve.epochs[0] > 0.0:
        return ""
    untrained, best = curve.values[0], curve.values[curve.best]
    if untrained == best or curve.better((untrained, best)) == best:
        return ""
    return f", the best of the trained epochs, but worse than untrained ({_value_told(untrained)})"


def _best_told(curve: Curve) -> str:
    assert curve.best is not None, "asked of curves that have one"
    value, epoch, minutes = (of[curve.best] for of in (curve.values, curve.epochs, curve.minutes))
    after = f"{epoch_told(epoch)} {'epoch' if epoch == 1 else 'epochs'}"
    return f"{_value_told(value)} after {after} ({duration(60 * minutes)})"


def _value_told(value: float) -> str:
    shown = float(f"{value:.4g}")
    return f"{shown:#.4g}" if 1e-3 <= abs(shown) < 1e3 else in_digits(value, 4)  # zeros stay, to be compared


def _levels_within(levels: Mapping[str, float], curves: Sequence[Curve]) -> dict[str, float]:
    """The levels that curves reach, and those a little below them."""
    values = [value for curve in curves for value in curve.values]
    least, most = min(values), max(values)
    lowest = least - LEVEL_WITHIN * (most - least)
    return {name: level for name, level in levels.items() if lowest <= level <= most}


def _name_levels(figure: Figure, axes: Axes, levels: Mapping[str, float]) -> None:
    """Names right of the lines of the levels, where nothing is drawn; those of levels close together move apart."""
    if not levels:
        return
    figure.draw_without_rendering()
    order = sorted(levels, key=lambda name: levels[name])
    inches = axes.get_window_extent().height / figure.dpi
    names = fitted(order, [(LEVEL_ROOM, NOTE)], 2)
    heights = [line_height(names.size) * (text.count("\n") + 1) for text in names.texts]
    to_axes = axes.transData - axes.transAxes  # whatever the scale
    middles = to_axes.transform([(axes.get_xlim()[1], levels[name]) for name in order])[:, 1]
    places = spread([middle * inches for middle in middles.tolist()], heights, 0.0, inches)
    for text, middle in zip(names.texts, places, strict=True):
        axes.text(1.015, middle / inches, text, transform=axes.transAxes, ha="left", va="center", fontsize=names.size,
                  color=INK)  # fmt: skip
