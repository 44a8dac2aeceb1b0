"""How much sound networks hear at once: their errors by context, and how far back and ahead each one looks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import NDArray

from genmodels.chance import NONE_TOLD, deviations, interval
from genmodels.errors import in_turn
from genmodels.figures import widths
from genmodels.figures.colours import strokes_of
from genmodels.figures.fitting import Fitted, fitted
from genmodels.figures.panels import SMALLEST, Keys, Page, head, size_of
from genmodels.figures.style import FAINT, HEADING, INK, LABEL, MARGIN, TICK, sentence_of, style
from genmodels.telling import SILENT, in_percent, reads_nothing

SLOT, MOST, LEAST = 0.85, 8.0, 3.6  # inches of a network on the left, and of all of them
HIGH = 3.8  # inches of the panel on the left, at least
GAZES, GAZE, OVER = 5.0, 0.62, 0.26  # inches of the panels on the right: width, height, and of the name over each
AXIS, ABOVE, BELOW = 0.75, 0.5, 0.55  # inches left of panels, above and below them
BESIDE = 0.14  # inches from the mean of some runs to the runs
SEEN = 0.01  # of the highest share: what lies below everywhere is not shown
LOWER = 3.0  # a logarithmic scale goes so far below the least rate at most
SPAN_FACTOR = 10.0  # between the least and the greatest rate, from which the scale is logarithmic
KINDS = ("a window", "all the past", "all of it")
LOOKS: tuple[dict[str, Any], ...] = (
    {"color": INK, "marker": "s", "linestyle": "none", "markersize": widths.POINT},
    {"color": INK, "marker": "o", "linestyle": "none", "markersize": widths.POINT},
)
GAZES_HEADING = "Where each network looks when it says a word (own scales)"
UNREAD_HEADING = "What the score of a spoken word depends on (own scales)"
NO_WORD, WRONG_WORDS = "next to no word", "mostly wrong words"  # that a network says which reads next to nothing
PALE = 0.35  # opacity of where such a network looks
LEGEND = ("feedforward: hears a window", "recurrent: carries a state")


@dataclass(frozen=True)
class ContextPoint:
    """Networks of one kind and context.

    Args:
        label: what stands below them.
        model: their kind.
        past_ms: of sound that they hear before a moment; None for all of it.
        future_ms: the same after it.
        errors: word error rates, one for each run; 0 without an error.
        right: share of the utterances that were read without any error.
        said: words that were read, right or wrong, for each that there was; None where nobody counted.
        standard_error: of their mean; None where it is not known.
        freedom: its degrees of freedom; 0: many.
        words: that a run was to read; 0 where nobody counted.
    """

    label: str
    model: str
    past_ms: float | None
    future_ms: float | None
    errors: Sequence[float]
    right: float = 1.0
    said: float | None = None
    standard_error: float | None = None
    freedom: int = 0
    words: int = 0

    @property
    def kind(self) -> int:
        """Whether a window is heard, all of one side, or all of both: 0, 1, 2."""
        return (self.past_ms is None) + (self.future_ms is None)

    @property
    def look(self) -> int:
        """Whether it is feedforward or recurrent: 0 or 1."""
        return min(self.kind, 1)

    @property
    def mean(self) -> float:
        """Of its runs' rates."""
        return float(np.mean(self.errors))

    @property
    def ends(self) -> tuple[float, float]:
        """Of its bar: the least and the greatest rate of several runs, the 95 % interval of a single one's."""
        if len(self.errors) > 1:
            return min(self.errors), max(self.errors)
        return interval(self.errors[0], deviations(self.freedom) * (self.standard_error or 0.0), self.words)

    @property
    def says(self) -> str:
        """What networks say that read next to nothing, so that where they look tells nothing; "" of others."""
        if not reads_nothing(self.mean, self.right):
            return ""
        return NO_WORD if self.said is not None and self.said < SILENT else WRONG_WORDS


@dataclass(frozen=True)
class Gaze:
    """Where a network looks when it says a word: the gradient of a word's score with respect to each frame.

    Args:
        label: what stands above it.
        model: its kind.
        lags_ms: from the moment at which the word is said, ascending; the past is negative.
        median: over words, of the share that each lag has in the gradient's norm.
        lower: first quartile.
        upper: third quartile.
        half: lags between which the middle half of the medians' sum lies.
        says: see `ContextPoint.says`.
    """

    label: str
    model: str
    lags_ms: NDArray[np.float64]
    median: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    half: tuple[float, float]
    says: str = ""

    @property
    def seen(self) -> tuple[float, float]:
        """The lags at which, and outside of which, nothing is to be seen."""
        there = np.flatnonzero(self.upper >= SEEN * self.upper.max())
        first, last = max(0, there[0] - 1), min(len(self.lags_ms) - 1, there[-1] + 1)  # lines come down to nothing
        return float(self.lags_ms[first]), float(self.lags_ms[last])


def context_figure(
    points: Sequence[ContextPoint],
    gazes: Sequence[Gaze],
    title: str,
    remarks: Sequence[str] = (),
    *,
    may_be_chance: bool = False,
) -> Figure:
    """Word error rates by how much of the sound a network hears; beside them, how far back and ahead each one looks.

    Args:
        points: one for each network; they are put in the order of their contexts.
        gazes: one for each network that was asked.
        title: above both.
        remarks: sentences on what to know before one is held against another.
        may_be_chance: whether the best and the worst of the networks differ by no more than chance can make them.
    """
    assert points or gazes, "there must be something to draw"
    ordered = sorted(points, key=_order)
    width = min(MOST, max(LEAST, SLOT * len(ordered))) if ordered else 0.0
    slot = 0.92 * width / max(1, len(ordered))
    names = fitted([point.label for point in ordered], [(slot, LABEL), (slot, TICK), (slot, SMALLEST)], 3)
    low = BELOW + names.height
    high = max(HIGH + low, (GAZE + OVER) * len(gazes) + BELOW)
    left = AXIS + width + 2 * MARGIN if ordered else 0.0
    whole = left + (AXIS + GAZES + MARGIN if gazes else 0.0)
    kinds = sorted({point.look for point in ordered})
    keys = Keys.of([LEGEND[kind] for kind in kinds], whole - 2 * MARGIN)
    with style():
        said = " ".join([_sentence(ordered, gazes, may_be_chance), *map(sentence_of, remarks)])
        page = Page.titled(whole, ABOVE + high + keys.height, title, said)
        if ordered:
            _draw_errors(page.panel(AXIS, keys.height + low, width, high - low), ordered, names)
            keys.draw(page, 0.0, [LOOKS[kind] for kind in kinds])
        if gazes:
            heading = UNREAD_HEADING if _unread(ordered) else GAZES_HEADING
            _draw_gazes(page, gazes, heading, (left + AXIS, keys.height + BELOW), high - BELOW)
        return page.figure


def _order(point: ContextPoint) -> tuple[int, float]:
    """Windows by their width, then those that hear all on one side by what they hear on the other, then all of it."""
    return point.kind, (point.past_ms or 0.0) + (point.future_ms or 0.0)


def _unread(points: Sequence[ContextPoint]) -> bool:
    """Whether none of the networks reads."""
    return bool(points) and all(point.says for point in points)


def _sentence(points: Sequence[ContextPoint], gazes: Sequence[Gaze], may_be_chance: bool) -> str:
    """What to look at, and what the numbers say."""
    if _unread(points):
        lowest = math.floor(round(100 * min(point.mean for point in points), 6))  # errors, which may be more than words
        several = f"None of these networks reads yet: their word error rates are {lowest}\u00a0% or more"
        alone = f"{points[0].label} does not read yet: its word error rate is {100 * points[0].mean:.0f}\u00a0%"
        which = several if len(points) > 1 else alone
        why = f"{which}, so neither errors nor looks tell anything. More training steps are needed."
        return f"{why} Here {_says_told(points)}."
    looking, unread = [gaze for gaze in gazes if not gaze.says], [point for point in points if point.says]
    bars = _dark_bars_told(looking, "and at" if points else "Look at")
    told = "; ".join([*_errors_told(points, may_be_chance), *bars, *_bars_told(points)])
    whose = "it looks" if len(unread) == 1 else "they look"
    return f"{told}. Pale: {_says_told(unread)}, so where {whose} tells nothing." if unread else f"{told}."


def _says_told(points: Sequence[ContextPoint]) -> str:
    """Networks that read next to nothing: those that say nothing, and those that confuse words."""
    named = {says: [point.label for point in points if point.says == says] for says in (NO_WORD, WRONG_WORDS)}
    return "; ".join(
        f"{in_turn(names)} {'says' if len(names) == 1 else 'say'} {says}" for says, names in named.items() if names
    )


def _dark_bars_told(gazes: Sequence[Gaze], look: str) -> list[str]:
    """What the dark bars are, and how wide."""
    if not gazes:
        return []
    bars = ("bar", "the network", "it") if len(gazes) == 1 else ("bars", "a network", "each")
    told = f"{look} the dark {bars[0]}: a quarter of what {bars[1]} looks at lies before {bars[2]}, a quarter after"
    widths = {gaze.label: gaze.half[1] - gaze.half[0] for gaze in gazes}
    narrow, wide = (pick(widths, key=lambda label: widths[label]) for pick in (min, max))
    if widths[narrow] == widths[wide]:
        return [told]
    return [told, f"they are {widths[narrow]:.0f} ms ({narrow}) to {widths[wide]:.0f} ms ({wide}) wide"]


def _errors_told(points: Sequence[ContextPoint], may_be_chance: bool) -> list[str]:
    """What the rates say: nothing where they lie so near that other utterances could turn them."""
    if not points:
        return []
    if len(points) == 1:
        return [f"Look at the errors of {points[0].label}, {in_percent(points[0].mean)} of the words"]
    best, worst = (pick(points, key=lambda point: point.mean) for pick in (min, max))
    low, high = in_percent(best.mean), in_percent(worst.mean)
    if low == high:
        return [f"Look at the errors: {low} of the words with each network"]
    if may_be_chance:
        return [
            f"Look at the errors: from {low} to {high} of the words, they differ by no more than chance can make them"
        ]
    most, least = (in_turn([p.label for p in points if in_percent(p.mean) == told]) for told in (high, low))
    return [
        f"Look at how the errors change as more of the sound is heard: from {high} ({most}) at most to {low} ({least}) "
        "at least"
    ]


def _bars_told(points: Sequence[ContextPoint]) -> list[str]:
    """What the bars at the errors are, where there are any."""
    single = any(len(point.errors) == 1 and point.ends[0] < point.ends[1] for point in points)
    told = ["a thin bar is the 95\u00a0% interval over utterances"] if single else []
    told += [NONE_TOLD] if any([*point.errors] == [0.0] for point in points) else []
    if any(len(point.errors) > 1 for point in points):
        told.append(f"{'of several runs it' if single else 'a thin bar'} reaches from the best run to the worst")
    return told


def _colours_of(models: Sequence[str]) -> dict[str, str]:
    """Of each kind of model."""
    kinds = list(dict.fromkeys(models))
    return {kind: stroke.colour for kind, stroke in zip(kinds, strokes_of(kinds), strict=True)}


def _draw_errors(axes: Axes, points: Sequence[ContextPoint], names: Fitted) -> None:
    """Means with bars from the least to the most of the runs, or of one how sure it is, and a point for each run."""
    beside, colours = BESIDE * len(points) / size_of(axes)[0], _colours_of([point.model for point in points])
    for place, point in enumerate(points):
        rates = 100 * np.asarray(point.errors, dtype=np.float64)
        look = {**LOOKS[point.look], "color": colours[point.model]}
        axes.plot([place] * 2, [100 * end for end in point.ends], color=look["color"], linewidth=widths.RULE)
        if len(rates) > 1:
            places = np.full(len(rates), place + beside)
            axes.plot(places, rates, ".", color=look["color"], markersize=widths.MARKER, alpha=0.8)
        axes.plot([place], [rates.mean()], **look)

    axes.set(xlim=(-0.5, len(points) - 0.5), ylabel="word error rate (%)")
    axes.set_xticks(range(len(points)), names.texts, fontsize=names.size)
    axes.set_xlabel("sound that is heard at once", fontsize=LABEL)
    head(axes, "Errors by how much of the sound is heard" + _logarithmic_where_wide(axes, points))
    _name_kinds(axes, [point.kind for point in points])


def _logarithmic_where_wide(axes: Axes, points: Sequence[ContextPoint]) -> str:
    """Give the axes a scale for the rates, with room above; gives back what is to be told of it."""
    rates = [100 * rate for point in points for rate in point.errors]
    highest = max([*(100 * point.ends[1] for point in points), 1.0])
    lowest = min((rate for rate in rates if rate > 0), default=100.0)
    if highest <= SPAN_FACTOR * lowest:
        axes.set_ylim(-0.02 * highest, 1.25 * highest)
        return ""
    if min(rates) > 0:
        axes.set_yscale("log")
        least = min(max(100 * point.ends[0], lowest / LOWER) for point in points)  # of bars that reach down to nothing
        axes.set_ylim(least / 1.3, highest * (highest / lowest) ** 0.25)
    else:  # a logarithm of nothing there is not: below the least rate the scale is linear
        axes.set_yscale("symlog", linthresh=lowest, linscale=0.4)
        axes.set_ylim(-0.1 * lowest, highest * (highest / lowest) ** 0.25)
    ticks = [digit * 10.0**power for power in range(-3, 4) for digit in (1, 2, 5)]
    bottom, top = max(axes.get_ylim()[0], 0.7 * lowest), axes.get_ylim()[1]
    axes.set_yticks([*([] if min(rates) > 0 else [0.0]), *(tick for tick in ticks if bottom <= tick <= top)])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    return " (logarithmic scale)"


def _name_kinds(axes: Axes, kinds: Sequence[int]) -> None:
    """Lines between windows, all of one side and all of both, and what each part is."""
    inch = size_of(axes)[0] / len(kinds)
    for kind in sorted(set(kinds)):
        first, count = kinds.index(kind), kinds.count(kind)
        if first:
            axes.axvline(first - 0.5, color=FAINT, linewidth=widths.THIN, linestyle=":")
        room = count * inch - 0.08
        name = fitted([KINDS[kind]], [(room, LABEL), (room, TICK), (room, SMALLEST)], 2)
        axes.text(first + (count - 1) / 2, 0.985, name.texts[0], transform=axes.get_xaxis_transform(), ha="center",
                  va="top", fontsize=name.size, color=INK)  # fmt: skip


def _draw_gazes(page: Page, gazes: Sequence[Gaze], title: str, corner: tuple[float, float], height: float) -> None:
    """Panels below each other with one axis of time."""
    low, high = (pick(gaze.seen[side] for gaze in gazes) for side, pick in enumerate((min, max)))
    margin = 0.03 * max(high - low, 1.0)
    pitch, colours = height / len(gazes), _colours_of([gaze.model for gaze in gazes])
    for index, gaze in enumerate(gazes):
        bottom = corner[1] + height - (index + 1) * pitch
        axes = page.panel(corner[0], bottom, GAZES, pitch - OVER, xlim=(min(low, 0) - margin, max(high, 0) + margin))
        _draw_gaze(axes, gaze, colours[gaze.model])
        axes.tick_params(labelbottom=index == len(gazes) - 1)
    axes.set_xlabel("time from where the word is said (ms); the past is negative", fontsize=LABEL)
    page.write(corner[0] - AXIS + 0.15, corner[1] + height / 2, "share of the gradient's norm (%)", rotation=90,
               ha="center", va="center", fontsize=LABEL, color=INK)  # fmt: skip
    room = GAZES
    heading = fitted([title], [(room, HEADING), (room, LABEL), (room, TICK)])
    page.write(corner[0], corner[1] + height + 0.05, heading.texts[0], fontsize=heading.size, color=INK)


def _draw_gaze(axes: Axes, gaze: Gaze, colour: str) -> None:
    """The median, its quartiles as a band, a bar under its middle half; pale, without a bar, where it tells nothing."""
    seen = PALE if gaze.says else 1.0
    axes.fill_between(gaze.lags_ms, 100 * gaze.lower, 100 * gaze.upper, color=colour, alpha=0.2 * seen, linewidth=0)
    axes.plot(gaze.lags_ms, 100 * gaze.median, color=colour, linewidth=widths.LINE, alpha=seen)
    axes.axvline(0.0, color=FAINT, linewidth=widths.THIN, linestyle="--")
    top = 115 * float(gaze.upper.max()) or 1.0
    axes.set_ylim(-0.12 * top, top)
    axes.yaxis.set_major_locator(MaxNLocator(2, steps=[1, 2, 5, 10]))
    told = f"{gaze.label}: says {gaze.says}"
    if not gaze.says:
        axes.plot(gaze.half, [-0.06 * top] * 2, color=INK, linewidth=widths.BAR, solid_capstyle="butt")
        first, last = map(_signed, gaze.half)
        told = f"{gaze.label}: the middle half from {first} to {last} ms"
    room = size_of(axes)[0]
    name = fitted([told], [(room, LABEL), (room, TICK), (room, SMALLEST)])
    axes.text(0.0, 1.02, name.texts[0], transform=axes.transAxes, va="bottom", fontsize=name.size, color=INK)


def _signed(milliseconds: float) -> str:
    return f"{milliseconds:+.0f}".replace("-", "−") if abs(milliseconds) >= 0.5 else "0"
