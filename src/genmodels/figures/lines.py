"""The lines of runs: a colour for each kind of model, stroke and markers of each part of the data, the best ringed."""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from matplotlib.axes import Axes

from genmodels.chance import NORMAL
from genmodels.errors import in_turn
from genmodels.figures import widths
from genmodels.figures.colours import MARKERS, strokes_of
from genmodels.figures.fitting import fitted, in_even_lines
from genmodels.figures.gone_on import AGAIN, GONE_ON, mark_gone_on
from genmodels.figures.style import INK, LABEL, NOTE, TICK, HouseFigure
from genmodels.telling import LONGER, WHILE_TRAINING, epoch_told, longer_told

SURE = (
    "Bands: 95\u00a0% intervals for all such data; the same sample is measured after every epoch, so what changes "
    "along a line is surer than that."
)
LINES = {frozenset({True}): "Lines", frozenset({False}): "Thin", frozenset({True, False}): "Without points"}
LOGGED = "on training data, logged while training, by weights of the moment"
WORSE = "which may look worse than what is measured after an epoch"
ONE_EPOCH = "After the training began it was measured once, which shows no trend."
TESTED = ("test", "validation")  # the parts whose scores count, one of which a run has
STROKES = {"train": "--", "test": "-", "validation": "-", LONGER: ":", WHILE_TRAINING: "-"}
FILLS: Mapping[str, Mapping[str, Any]] = {  # of markers, which tell single points and lines on one another apart
    "train": {"markerfacecolor": "white"}, LONGER: {"fillstyle": "bottom", "markerfacecoloralt": "white"},
}  # fmt: skip
THIN: Mapping[str, Any] = {"linewidth": widths.THIN, "alpha": 0.55, "marker": ""}
PLAIN: Mapping[str, Any] = {"linewidth": widths.LINE, "alpha": 0.9}  # where no other line shows the course
THIN_NAMED: Mapping[str, Any] = {"linewidth": widths.RULE, "marker": ""}  # in a legend, where a hair would not be seen
BAND = 0.18  # opacity
RING: Mapping[str, Any] = {
    "marker": "o", "markersize": widths.RING, "fillstyle": "none", "markeredgewidth": widths.LINE, "linestyle": "none",
}  # fmt: skip
MOST_LABEL_LINES = 3
MARKS = 20  # of a line, at most
BEGINNING = 0.1  # of a training: what comes before is left out of a closer look
CLOSER = 0.6  # of the whole scale: what needs more of it is not looked at more closely
BAND_SEEN = 0.025  # of a scale: a band that is less high is hidden by its line
SPAN_FACTOR = 50.0  # between the least and the greatest value, from which a scale is logarithmic


@dataclass(frozen=True)
class Curve:
    """One run's course on one part of its data.

    Args:
        name: what the legend calls the run.
        epochs: ascending, whole or not.
        minutes: of training and evaluating until each.
        values: of the score at each.
        kind: of the run's model, such as "lstm", which gives it its colour.
        part: of the data, such as "test"; "" where there is but one.
        low: where the value for all such data lies at least, with 95 % confidence; none where that is not known.
        high: where it lies at most.
        best: place of the run's best epoch, or None.
        better: min or max, whichever picks the better of some values.
        hindrances: what makes a value look worse than it is after an epoch, such as "dropout".
        sparse: whether the run was measured but once after it began, while what was logged shows its course: then the
            one has points without a line, and the other a line that is plainly seen.
        again: epochs after which the finished run was gone on with, each of which is marked.
    """

    name: str
    epochs: Sequence[float]
    minutes: Sequence[float]
    values: Sequence[float]
    kind: str | None = None
    part: str = ""
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    best: int | None = None
    better: Callable[[Iterable[float]], float] = min
    hindrances: Sequence[str] = ()
    sparse: bool = False
    again: Sequence[float] = ()

    def after(self, beginning: float) -> "Curve":
        """What lies at or after a number of epochs."""
        kept = [place for place, epoch in enumerate(self.epochs) if epoch >= beginning]
        first = kept[0] if kept else len(self.epochs)
        cut: dict[str, Any] = {
            name: list(getattr(self, name))[first:] for name in ("epochs", "minutes", "values", "low", "high")
        }
        best = None if self.best is None or self.best < first else self.best - first
        return replace(self, best=best, again=[epoch for epoch in self.again if epoch >= beginning], **cut)


Looks = Mapping[str, Mapping[str, Any]]
"""How the lines of each run are drawn: colour and marker, and dashes where no part of the data has dashes."""


def looks_of(curves: Sequence[Curve]) -> Looks:
    """A colour for each run by the kind of its model; several of a kind have other shades and markers.

    Where only one part of the data is drawn, or several that are drawn alike, they have other dashes too.
    """
    kinds = {curve.name: curve.kind for curve in curves}
    strokes, free = strokes_of(list(kinds.values())), len({_stroke_of(curve.part) for curve in curves}) == 1
    return {
        name: {key: value for key, value in stroke.settings.items() if free or key != "linestyle"}
        | {"color": stroke.shade}
        for name, stroke in zip(kinds, strokes, strict=True)
    }


def _stroke_of(part: str) -> tuple[str, bool]:
    """The dashes of a part of the data, and whether its line is thin."""
    return STROKES.get(part, "-"), part == WHILE_TRAINING


def draw_curves(axes: Axes, curves: Sequence[Curve], looks: Looks, across: Callable[[Curve], Sequence[float]]) -> None:
    """Each run's lines, with a band where it is known how sure it is, and a ring around its best epoch.

    A mark from below to above stands where a finished run was gone on with.

    Args:
        axes: to draw in.
        curves: the lines.
        looks: of their runs.
        across: what of a curve lies across: its epochs or its minutes.
    """
    mark_gone_on(axes, curves, looks, across)
    for curve in curves:
        look, places = looks[curve.name], across(curve)
        if curve.low and not curve.sparse:
            axes.fill_between(places, curve.low, curve.high, color=look["color"], alpha=BAND, linewidth=0)
        axes.plot(places, curve.values, **_settings(curve, look))
        if curve.best is not None:
            place, value = places[curve.best], curve.values[curve.best]
            axes.plot([place], [value], color=look["color"], clip_on=False, zorder=3, **RING)


def _settings(curve: Curve, look: Mapping[str, Any]) -> dict[str, Any]:
    stroke = {"linestyle": STROKES.get(curve.part, "-"), **look}
    if curve.part == WHILE_TRAINING:
        thin = {**THIN, **(PLAIN if curve.sparse else {})}
        return {**stroke, **thin, "marker": "" if len(curve.values) > 1 else stroke["marker"]}
    stroke = {**stroke, "linestyle": "none"} if curve.sparse else stroke
    return {**stroke, **FILLS.get(curve.part, {}), "markevery": max(1, math.ceil(len(curve.values) / MARKS))}


def name_curves(axes: Axes, curves: Sequence[Curve], looks: Looks, ringed: str) -> int:
    """Give axes what a legend needs: the runs by their colours, the parts of the data by their strokes, the ring.

    Args:
        axes: that get lines without points.
        curves: that are drawn.
        looks: of their runs.
        ringed: what the legend calls the ring.

    Returns:
        How many entries there are.
    """
    plain = {"color": INK if len(looks) > 1 else next(iter(looks.values()))["color"], "linewidth": widths.LINE}
    entries = [*_run_entries(curves, looks), *_part_entries(curves, looks, plain)]
    if any(curve.best is not None for curve in curves):
        entries.append((ringed, {**plain, **RING, "markersize": widths.RING_NAMED}))
    if any(curve.again for curve in curves):
        entries.append((GONE_ON, {**plain, **AGAIN}))
    for name, settings in entries:
        axes.plot([], [], label=name, **settings)
    return len(entries)


Entry = tuple[str, dict[str, Any]]
"""A name in a legend, and how its line is drawn."""


def _run_entries(curves: Sequence[Curve], looks: Looks) -> list[Entry]:
    """Each of several runs: a line where it has one, a marker where it has single points alone."""
    if len(looks) == 1:
        return []
    longest = {name: max(len(curve.values) for curve in curves if curve.name == name) for name in looks}
    return [(name, {"linestyle": "-", **look} | _as_points(longest[name])) for name, look in looks.items()]


def _part_entries(curves: Sequence[Curve], looks: Looks, plain: Mapping[str, Any]) -> list[Entry]:
    """The parts of the data by their strokes and markers, unless the dashes are those of several runs."""
    alike: dict[tuple[str, bool], list[Curve]] = {}
    for curve in curves:
        if curve.part:
            alike.setdefault(_stroke_of(curve.part), []).append(curve)
    if len(looks) > 1 and len(alike) == 1:
        return []
    entries = []
    for (stroke, thin), drawn in alike.items():
        name = in_turn([*dict.fromkeys(_part_told(curve.part, curves) for curve in drawn)], "or")
        own = looks[drawn[0].name]["marker"] if len(looks) == 1 else MARKERS[0]
        marker = {"marker": own, **FILLS.get(drawn[0].part, {})}
        named = {**THIN_NAMED, **({"linewidth": PLAIN["linewidth"]} if any(curve.sparse for curve in drawn) else {})}
        settings = {**plain, "linestyle": stroke, **marker, **(named if thin else {})}
        longest = max(1 if curve.sparse and not thin else len(curve.values) for curve in drawn)
        entries.append((name, settings | _as_points(longest)))
    return entries


def _part_told(part: str, curves: Sequence[Curve]) -> str:
    """What a legend calls a part of the data: the longer strips or utterances are made of what is held out too."""
    if part != LONGER:
        return part
    held_out = next((curve.part for curve in curves if curve.part in TESTED), "held out")
    return longer_told(held_out)


def _as_points(longest: int) -> dict[str, Any]:
    """What shows in a legend that nothing is drawn but single points."""
    return {} if longest > 1 else {"linestyle": "none"}


def closer_look(curves: Sequence[Curve]) -> float | None:
    """The epoch from which on all curves are to be shown closer: after a tenth of the shortest training.

    Returns:
        None where that needs most of the whole scale, so that a closer look shows nothing more.
    """
    if wants_logarithm(curves):
        return None
    ends = [max(max(c.epochs) for c in curves if c.name == name) for name in {curve.name for curve in curves}]
    later = [curve.after(BEGINNING * min(ends)) for curve in curves]
    if all(len(curve.values) < 2 for curve in later) or _span(later) > CLOSER * _span(curves):
        return None
    return min(epoch for curve in later for epoch in curve.epochs)


def row_labels(unit: str, start: float | None) -> list[str]:
    """What stands left of the whole course, and of the closer look from an epoch on where there is one.

    >>> row_labels("loss (nats per character)", 2.0)
    ['loss (nats per character)', 'loss (nats per character), closer: from epoch 2 on']
    """
    return [unit] if start is None else [unit, f"{unit}, closer: from epoch {epoch_told(start)} on"]


def wants_logarithm(curves: Sequence[Curve]) -> bool:
    """Whether values are so far apart, and most of them so near the lowest, that only logarithms show them all."""
    values = [value for curve in curves for value in curve.values]
    low, high = min(values), max(values)
    return 0 < SPAN_FACTOR * low < high and median(values) < (low + high) / 2


def last_epoch(curves: Sequence[Curve]) -> float:
    """How far the longest training went."""
    return max(epoch for curve in curves for epoch in curve.epochs)


def _most_measured(curves: Sequence[Curve]) -> int:
    """After how many epochs a part of the data was measured at most, beside the untrained model."""
    measured = [curve.epochs for curve in curves if curve.part != WHILE_TRAINING]
    return max((sum(epoch > 0 for epoch in epochs) for epochs in measured), default=0)


def shows_one_epoch(curves: Sequence[Curve]) -> bool:
    """Whether it was measured after one epoch and no more, beside the untrained model."""
    return _most_measured(curves) == 1


def logged_told(curves: Sequence[Curve]) -> str:
    """What is to know of lines that were logged while training; "" where there are none.

    What makes them look worse than what is measured after an epoch is told of runs that have it and look so.
    """
    logged = [curve for curve in curves if curve.part == WHILE_TRAINING]
    hindered = [curve for curve in logged if curve.hindrances and _looks_worse(curve, curves)]
    if not logged:
        return ""
    told = f"{LINES[frozenset(curve.sparse for curve in logged)]}: {LOGGED}"
    if not hindered or _most_measured(curves) == 0:
        return f"{told}."
    what = in_turn([*dict.fromkeys(what for curve in hindered for what in curve.hindrances)])
    whose = "" if len(hindered) == len(logged) else f" ({', '.join(curve.name for curve in hindered)})"
    return f"{told}, {what}{whose}, {WORSE}."


def _looks_worse(logged: Curve, curves: Sequence[Curve]) -> bool:
    """Whether what was logged of a run by the end of its epochs lies behind what was measured there."""
    pairs = [
        (value, logged.values[place - 1])
        for curve in curves
        if curve.name == logged.name and curve.part != WHILE_TRAINING
        for epoch, value in zip(curve.epochs, curve.values, strict=True)
        if (place := bisect_right(logged.epochs, epoch)) > 0 and epoch <= logged.epochs[-1]
    ]
    measured, seen = (sum(pair[side] for pair in pairs) for side in (0, 1))
    return measured != seen and logged.better((measured, seen)) == measured


def sure_told(curves: Sequence[Curve]) -> str:
    """What the bands are; "" where there are none, or none that can be seen in the whole course or a closer look."""
    closer = [] if (start := closer_look(curves)) is None else [[curve.after(start) for curve in curves]]
    for shown in [curves, *closer]:
        lines = [curve for curve in shown if len(curve.values) > 1 and not curve.sparse]  # single points have no band
        heights = [high - low for curve in lines for low, high in zip(curve.low, curve.high, strict=True)]
        if max(heights, default=0.0) > BAND_SEEN * _span(shown):
            return SURE
    return ""


def share_interval(share: float, count: int, error: float | None = None) -> tuple[float, float]:
    """Wilson's 95 % interval of a share that was counted in a sample.

    Args:
        share: it.
        count: of things in the sample.
        error: its standard error, where things have something in common: then they tell as much as fewer would.

    >>> [round(end, 3) for end in share_interval(0.0, 100)]
    [0.0, 0.037]
    >>> share_interval(0.5, 100, 0.1) == share_interval(0.5, 25)
    True
    """
    worth = count if not error else min(float(count), max(1.0, share * (1 - share) / error**2))
    more = NORMAL**2 / worth
    middle = (share + more / 2) / (1 + more)
    half = NORMAL / (1 + more) * math.sqrt(share * (1 - share) / worth + more / (4 * worth))
    return max(0.0, middle - half), min(1.0, middle + half)


def label_upwards(figure: HouseFigure, labels: Mapping[Axes, str]) -> None:
    """Name axes that go upwards, in as many lines as their heights ask for."""
    figure.draw_without_rendering()
    rooms = {axes: axes.get_window_extent().height / figure.dpi for axes in labels}
    for axes, label in labels.items():
        made = fitted([label], [(rooms[axes], LABEL), (rooms[axes], TICK), (rooms[axes], NOTE)], MOST_LABEL_LINES)
        axes.set_ylabel(in_even_lines(label, made).texts[0], fontsize=made.size)


def _span(curves: Sequence[Curve]) -> float:
    """From the least to the greatest value."""
    values = [value for curve in curves for value in curve.values]
    return max(values) - min(values)
