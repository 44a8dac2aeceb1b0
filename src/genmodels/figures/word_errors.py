"""How many words are misread: by their number, by the noise, by the speaker, and which ones for which."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from genmodels.chance import deviations, interval
from genmodels.errors import in_turn
from genmodels.figures import widths
from genmodels.figures.colours import strokes_of
from genmodels.figures.confusion import Confusion
from genmodels.figures.error_curves import (
    ErrorCurves,
    ends_of,
    speakers_of,
    told_of,
    unit_of,
    wider_by_length,
    wider_by_noise,
)
from genmodels.figures.fitting import Fitted, width_of
from genmodels.figures.panels import LEADER, Keys, Page, as_names, head, name_rows, size_of
from genmodels.figures.style import FAINT, INK, MARGIN, NOTE, TICK, style
from genmodels.telling import in_percent

WIDE, NARROW, HIGH = 6.3, 5.2, 3.6  # inches of a panel with its axis, beside one other or two; of its height
ROW, HIGHEST = 0.125, 5.5  # inches of a row of the confusions, and of all of them at most
AXIS, BELOW, ABOVE, UNITS = 0.7, 0.6, 0.5, 0.4  # inches left of a panel, below it, above it; left of its names
NAMES = 1.2  # inches of the speakers' names
MOST_SPEAKERS, MOST_POINTS = 25, 75  # rows, and rows times groups, that can be told apart
CLEAN = "clean"
RATE = "word error rate (%)"
HEADROOM = 1.16  # of the highest rate: what a note over the lines needs
EDGE = 0.03  # of the highest rate, beyond it: a line there is not cut


@dataclass(frozen=True)
class _Panel:
    """A panel that has data.

    Args:
        draw: fills its axes.
        left: inches left of them.
        below: inches below them.
        high: inches that they have, at least.
    """

    draw: Callable[[Axes], None]
    left: float = AXIS
    below: float = BELOW
    high: float = HIGH


def errors_figure(
    groups: Sequence[ErrorCurves],
    confusions: Sequence[NDArray[np.int64]],
    words: Sequence[str],
    title: str,
    remarks: Sequence[str] = (),
) -> Figure:
    """Word error rates by number of words, by noise and by speaker, and which word is read as which.

    A panel without data is left out; there must be one that has some.

    Args:
        groups: of runs; each is a line.
        confusions: of each network that knows these words, which it heard alone: rows said, columns read as each word,
            as nothing, as several or others; (V, V + 2). They are counted together, but for who says next to nothing.
        words: V of them.
        title: above all.
        remarks: sentences on what to know before one is held against another.
    """
    high = min(HIGHEST, max(HIGH, ROW * len(words)))
    table = Confusion.of(confusions, words, high)
    panels = _panels(groups, table)
    columns = 2 if len(panels) > 3 else len(panels)
    pitch = NARROW if columns == 3 else WIDE
    rows = [panels[first : first + columns] for first in range(0, len(panels), columns)]
    keys = Keys.of([_legend(group) for group in groups], columns * pitch - 2 * MARGIN)
    with style():
        heights = [max(panel.high for panel in row) for row in rows]
        belows = [max(panel.below for panel in row) for row in rows]
        bottom = sum(heights) + sum(belows) + ABOVE * len(rows) + keys.height
        page = Page.titled(columns * pitch, bottom, title, told_of(groups, table, remarks))
        for row, high, below in zip(rows, heights, belows, strict=True):
            bottom -= ABOVE + high
            for column, panel in enumerate(row):
                width = pitch - panel.left - 2 * MARGIN
                panel.draw(page.panel(column * pitch + panel.left, bottom, width, high))
            bottom -= below
        keys.draw(page, 0.0, _looks(groups))
        return page.figure


def _panels(groups: Sequence[ErrorCurves], table: Confusion) -> list[_Panel]:
    panels = []
    if any(group.by_length for group in groups):
        panels.append(_Panel(lambda axes: _by_length(axes, groups)))
    if any(group.by_noise for group in groups):
        panels.append(_Panel(lambda axes: _by_noise(axes, groups)))
    if speakers := _worst_speakers(groups):
        panels.append(_Panel(lambda axes: _by_speaker(axes, groups), UNITS + _speaker_names(speakers).widest + LEADER))
    if table.counts.any():
        panels.append(_Panel(table.draw, UNITS + table.rows.widest + LEADER, table.below, table.high))
    assert panels, "there must be something to draw"
    return panels


def _legend(group: ErrorCurves) -> str:
    return f"{group.label} (mean of {group.runs} runs)" if group.runs > 1 else group.label


Look = Mapping[str, Any]
"""How the lines of a group are drawn."""


def _looks(groups: Sequence[ErrorCurves], wider: Sequence[float] | None = None) -> list[Look]:
    """The colour of each group's kind; several of a kind have other shades, dashes and markers.

    Args:
        groups: that are drawn.
        wider: points that the lines of a panel are wider than usual; None: none is.
    """
    strokes = strokes_of([group.kind for group in groups])
    return [
        {
            **stroke.settings,
            "color": stroke.shade,
            "markersize": widths.MARKER + widths.LARGER * more,
            "linewidth": widths.LINE + more,
        }
        for stroke, more in zip(strokes, wider or [0.0] * len(groups), strict=True)
    ]


def _line_and_band(
    axes: Axes,
    places: Sequence[float],
    rates: Sequence[Sequence[float]],
    halves: Sequence[float],
    words: Sequence[int],
    look: Look,
) -> None:
    """The mean of the runs, and from the least to the most of them or, of one, how sure it is; in per cent.

    Args:
        axes: to draw on.
        places: along them.
        rates: of the runs at each place.
        halves: of the 95 % interval of a single run at each place.
        words: that there were at each place; 0 where nobody counted.
        look: of the line.
    """
    ends = [_ends(*one) for one in zip(rates, halves, words, strict=True)]
    low, high = ([end[side] for end in ends] for side in (0, 1))
    if len(places) > 1:
        axes.fill_between(places, low, high, color=look["color"], alpha=0.18, linewidth=0)
    else:
        axes.vlines(places, low, high, color=look["color"], linewidth=widths.RULE)
    axes.plot(places, [100 * float(np.mean(values)) for values in rates], **look)


def _ends(rates: Sequence[float], half: float, words: int) -> tuple[float, float]:
    """From the least to the most of some runs, and of a single one its 95 % interval; in per cent."""
    low, high = interval(rates[0], half, words) if len(rates) == 1 else (min(rates), max(rates))
    return 100 * low, 100 * high


def _from_zero(shown: tuple[float, float], highest: float) -> tuple[float, float]:
    """Limits from below nothing to beyond all; something must be seen where all are nothing.

    Args:
        shown: what axes show by themselves, whose margins are next to nothing where all rates are nearly alike.
        highest: rate that there is.
    """
    top = max(shown[1], (1 + EDGE) * highest, 1.0)
    return -0.02 * top, top


def _by_length(axes: Axes, groups: Sequence[ErrorCurves]) -> None:
    for group, look in zip(groups, _looks(groups, wider_by_length(groups)), strict=True):
        lengths = sorted(group.by_length)
        halves = [deviations(group.freedom) * group.sure_by_length.get(length, 0.0) for length in lengths]
        words = [group.words_by_length.get(length, 0) for length in lengths]
        _line_and_band(axes, lengths, [group.by_length[length] for length in lengths], halves, words, look)
    everywhere = {length for group in groups for length in group.by_length}
    if len(everywhere) == 1:  # a scale of its own would count parts of words
        axes.set_xlim(min(everywhere) - 1, max(everywhere) + 1)
    axes.set(xlabel=f"{unit_of(groups)} in the utterance", ylabel=RATE)
    axes.xaxis.set_major_locator(MaxNLocator(10, integer=True, steps=[1, 2, 5, 10]))
    head(axes, f"Word error rate by number of {unit_of(groups)}")
    axes.set_ylim(_from_zero(axes.get_ylim(), axes.dataLim.y1))
    ends = ends_of(groups)
    if ends:
        axes.set_ylim(top=HEADROOM * axes.get_ylim()[1])
    for end in ends:
        axes.axvline(end + 0.5, color=FAINT, linestyle="--", linewidth=widths.RULE)
    if ends:
        told = f"trained on up to {in_turn([*map(str, ends)], 'or')}"
        _note_at(axes, told, ends[0] + 0.5)


def _note_at(axes: Axes, text: str, place: float) -> None:
    """A note at the upper end of a line, on the side that has room."""
    width = size_of(axes)[0]
    low, high = axes.get_xlim()
    share = (place - low) / (high - low)
    before = share * width > width_of(text, NOTE) + 0.1
    axes.text(share + (-0.06 if before else 0.06) / width, 0.98, text, transform=axes.transAxes, va="top",
              ha="right" if before else "left", fontsize=NOTE, color=INK)  # fmt: skip


def _by_noise(axes: Axes, groups: Sequence[ErrorCurves]) -> None:
    """Signal-to-noise ratios to the right; apart from them, as it is none, what has no noise."""
    ratios = sorted({ratio for group in groups for ratio in group.by_noise if ratio is not None})
    clean = (ratios[-1] if ratios else 0.0) + max(np.diff(ratios), default=10.0)
    places = {ratio: clean if ratio is None else ratio for group in groups for ratio in group.by_noise}
    for group, look in zip(groups, _looks(groups, wider_by_noise(groups)), strict=True):
        ordered = sorted(group.by_noise, key=lambda ratio: places[ratio])
        for part in ([one for one in ordered if one is not None], [one for one in ordered if one is None]):
            if part:
                halves = [deviations(group.freedom) * group.sure_by_noise.get(one, 0.0) for one in part]
                rates = [group.by_noise[one] for one in part]
                words = [group.words_in_noise.get(one, 0) for one in part]
                _line_and_band(axes, [places[one] for one in part], rates, halves, words, look)
    if ratios and None in places:
        axes.axvline((ratios[-1] + clean) / 2, color=FAINT, linewidth=widths.THIN, linestyle=":")
    ticks = _apart(axes, sorted(places.items(), key=lambda item: -item[1]))
    axes.set_xticks([place for place, _ in ticks], [name for _, name in ticks])
    axes.set(xlabel="signal-to-noise ratio (dB)", ylabel=RATE)
    head(axes, "Word error rate by noise")
    axes.set_ylim(_from_zero(axes.get_ylim(), axes.dataLim.y1))


def _apart(axes: Axes, places: Sequence[tuple[float | None, float]]) -> list[tuple[float, str]]:
    """The ticks whose names have room beside each other, from the right one on."""
    low, high = axes.get_xlim()
    inch = (high - low) / size_of(axes)[0]
    chosen: list[tuple[float, str]] = []
    edge = np.inf
    for ratio, place in places:
        name = CLEAN if ratio is None else f"{ratio:g}".replace("-", "−")
        half = (width_of(name, TICK) / 2 + 0.04) * inch
        if place + half <= edge:
            chosen.append((place, name))
            edge = place - half
    return chosen


def _worst_speakers(groups: Sequence[ErrorCurves]) -> list[str]:
    return list(speakers_of(groups))[: min(MOST_SPEAKERS, MOST_POINTS // len(groups))]


def _speaker_names(shown: Sequence[str]) -> Fitted:
    return as_names(shown, NAMES, HIGH / len(shown))


def _by_speaker(axes: Axes, groups: Sequence[ErrorCurves]) -> None:
    """A row for each speaker, the worst above."""
    speakers, shown = speakers_of(groups), _worst_speakers(groups)
    for index, (group, line) in enumerate(zip(groups, _looks(groups), strict=True)):
        look = {
            **line,
            "linestyle": "none",
            "markersize": widths.MARKER if len(shown) < 15 else widths.SMALL,
            "linewidth": widths.LINE,
        }
        shift = 0.0 if len(groups) == 1 else 0.6 * (index / (len(groups) - 1) - 0.5)
        for row, name in enumerate(shown):
            rates = 100 * np.asarray(group.by_speaker.get(name, ()))
            if rates.size:
                place = row + 0.5 + shift
                half = deviations(0) * group.sure_by_speaker.get(name, 0.0)
                ends = _ends(group.by_speaker[name], half, group.words_by_speaker.get(name, 0))
                axes.plot(ends, [place] * 2, color=look["color"], linewidth=widths.RULE)
                axes.plot([rates.mean()], [place], **look)
    axes.set(xlim=_from_zero(axes.get_xlim(), axes.dataLim.x1), ylim=(len(shown), 0), yticks=[], xlabel=RATE)
    for row in range(1, len(shown)):
        axes.axhline(row, color="#e6e6e6", linewidth=widths.HAIR)
    name_rows(axes, _speaker_names(shown), list(range(len(shown))))
    left = list(speakers.values())[len(shown) :]
    most = in_percent(max(left, default=0.0))
    others = f": the {len(shown)} worst of {len(speakers)}; the others have at most {most}" if left else ""
    head(axes, f"Word error rate by speaker{others}")
