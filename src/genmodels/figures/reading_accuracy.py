"""How well strips are read: accuracy by length, and by epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from genmodels.chance import NORMAL, interval
from genmodels.errors import in_turn
from genmodels.figures import widths
from genmodels.figures.colours import Stroke, strokes_of
from genmodels.figures.lines import (
    BAND,
    ONE_EPOCH,
    Curve,
    logged_told,
    share_interval,
    shows_one_epoch,
    sure_told,
)
from genmodels.figures.measures import measures_figure
from genmodels.figures.on_one_another import ON_ONE_ANOTHER, wider_below
from genmodels.figures.style import FAINT, HIGH, WIDE, legend_below, sentence_of, style, titled_figure
from genmodels.telling import LONGER, counted, in_percent

HEADINGS = {"sequence_accuracy": "Strips read without any error", "character_error_rate": "Errors for each digit"}
UPWARDS = ("share of the strips", "errors, as a share of the digits")
GREY = "#f0f0f0"  # ground under strips that are longer than any trained on
EDGE = 0.03  # of the highest value, below and above all: lines at 0 and at 100 % are not cut
LEAST_TOP = 0.01  # of an axis
BEHIND = 0.02  # of all: what lines differ by at most where none stays behind
FLAT = 0.005  # of all: a line that changes by less is flat
MOST_TOLD = 3  # readers in the sentence
BELOW = 1.0  # inches that legend and sentence take of the usual height


@dataclass(frozen=True)
class Read:
    """What a reader read of strips.

    Args:
        name: what the legend calls it.
        kind: of its model.
        longest: digits in the longest strip that it was trained on.
        accuracy: number of digits -> share of the strips read without error.
        errors: number of digits -> errors for each digit.
        strips: number of digits -> strips read.
        rate_errors: number of digits -> standard error of `errors`, 0 where it is not known.
        share_errors: likewise of `accuracy`; None where it is not known.
    """

    name: str
    kind: str
    longest: int
    accuracy: Mapping[int, float]
    errors: Mapping[int, float]
    strips: Mapping[int, int]
    rate_errors: Mapping[int, float] = field(default_factory=dict)
    share_errors: Mapping[int, float | None] = field(default_factory=dict)


def accuracy_figure(readers: Sequence[Read], title: str, remarks: Sequence[str] = ()) -> Figure:
    """Share of strips read without error, and errors for each digit, by the number of digits.

    Args:
        readers: each a line.
        title: names the strips.
        remarks: sentences on what to know of the readers.
    """
    strokes = strokes_of([one.kind for one in readers])
    accuracies, errors = _wider(readers)
    with style():
        figure = titled_figure(WIDE, HIGH - BELOW, title, " ".join([_sentence(readers), *map(sentence_of, remarks)]))
        right, wrong = figure.subplots(1, 2)
        for axes, heading, name in zip((right, wrong), HEADINGS.values(), UPWARDS, strict=True):
            axes.set(title=heading, xlabel="digits in the strip", ylabel=name)
        for one, stroke, *wider in zip(readers, strokes, accuracies, errors, strict=True):
            _draw_read(right, wrong, one, stroke, [widths.LINE + more for more in wider])
        for axes in (right, wrong):
            axes.yaxis.set_major_formatter(PercentFormatter(1.0))
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            top = max(axes.get_ylim()[1], (1.0 + EDGE) * axes.dataLim.y1, LEAST_TOP)
            if axes is right and not any(value for one in readers for value in one.accuracy.values()):
                top = 1.0 + EDGE  # else the ends of bands above nothing would look like a finding
            axes.set_ylim(-EDGE * top, top)
            end = axes.get_xlim()[1]
            longest, shorter = _ends(readers)
            for length in longest:
                axes.axvspan(length + 0.5, end, color=GREY, linewidth=0, zorder=0)
            for length in shorter:
                axes.axvline(length + 0.5, color=FAINT, linestyle="--", linewidth=widths.RULE, zorder=0)
            axes.set_xlim(right=end)
        legend_below(figure, right, 3)
        return figure


def _draw_read(right: Axes, wrong: Axes, one: Read, stroke: Stroke, wide: Sequence[float]) -> None:
    lengths, look = list(one.accuracy), stroke.settings
    bands = [
        share_interval(one.accuracy[length], one.strips[length], one.share_errors.get(length)) for length in lengths
    ]
    lows, highs = ([ends[side] for ends in bands] for side in (0, 1))
    right.fill_between(lengths, lows, highs, color=stroke.colour, alpha=BAND, linewidth=0)
    bands = [
        interval(rate, NORMAL * one.rate_errors.get(length, 0.0), length * one.strips[length])
        for length, rate in one.errors.items()
    ]
    lows, highs = ([ends[side] for ends in bands] for side in (0, 1))
    wrong.fill_between(list(one.errors), lows, highs, color=stroke.colour, alpha=BAND, linewidth=0)
    right.plot(lengths, list(one.accuracy.values()), label=one.name, **{**look, "linewidth": wide[0]})
    wrong.plot(list(one.errors), list(one.errors.values()), **{**look, "linewidth": wide[1]})


def _ends(readers: Sequence[Read]) -> tuple[list[int], list[int]]:
    """Digits in the longest strip of all that was trained on, and in those of other readers, where more were read."""
    furthest = max(length for one in readers for length in one.accuracy)
    ends = sorted({one.longest for one in readers})
    longest, shorter = ends[-1:], ends[:-1]
    return [end for end in longest if end < furthest], [end for end in shorter if end < furthest]


def _sentence(readers: Sequence[Read]) -> str:
    """What to look at, and how sure it is."""
    looks = [_changes_told(readers)]
    longest, shorter = _ends(readers)
    if longest:
        looks.append(f"Grey: longer than any strip trained on ({longest[0]} digits).")
    if shorter:
        told = in_turn([*map(str, shorter)], "or")
        looks.append(f"Right of upright dashes strips are longer than any that readers trained to {told} digits saw.")
    if any(map(any, _wider(readers))):
        looks.append(sentence_of(ON_ONE_ANOTHER))
    counts = sorted({count for one in readers for count in one.strips.values()})
    told = f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,}"
    looks.append(f"Bands: 95\u00a0% intervals for other strips of other digits; of each length {told} were read.")
    if any(rate == 0.0 for one in readers for rate in one.errors.values()):
        looks.append("Where no error was counted, there may be 3 in as many digits (the rule of three).")
    return " ".join(filter(None, looks))


def _changes_told(readers: Sequence[Read]) -> str:
    """How each line goes from the shortest strips to the longest, as it does; "" where all are of one length."""
    lengths = sorted({length for one in readers for length in one.accuracy})
    if len(lengths) == 1:
        return ""
    sides = {"Left": [one.accuracy for one in readers], "right": [one.errors for one in readers]}
    told = "; ".join(f"{side}: {_goes(readers, lines)}" for side, lines in sides.items())
    look = f"Look at how each line goes from {counted(lengths[0], 'digit')} to {lengths[-1]}. {told}."
    if any(error > 1.0 for one in readers for error in one.errors.values()):
        look += " Above 100\u00a0% there are more errors than digits: each digit too many is one as well."
    return look


def _goes(readers: Sequence[Read], lines: Sequence[Mapping[int, float]]) -> str:
    """Where lines begin and end, of the first readers; once where all go alike."""
    ways = []
    for line in lines:
        values = list(line.values())
        flat = max(values) - min(values) < FLAT
        first, last = in_percent(values[0]), in_percent(values[-1])
        ways.append(f"at about {first} throughout" if flat else f"from {first} to {last}")
    if len(set(ways)) == 1:
        return f"all {ways[0]}" if len(readers) > 1 else ways[0]
    told = [f"{one.name.partition(' (')[0]} {way}" for one, way in zip(readers[:MOST_TOLD], ways, strict=False)]
    more = [f"and {len(readers) - MOST_TOLD} more"] if len(readers) > MOST_TOLD else []
    return ", ".join([*told, *more])


def _wider(readers: Sequence[Read]) -> tuple[list[float], list[float]]:
    """Points that the lines of either panel are to be wider than usual."""
    return wider_below([one.accuracy for one in readers]), wider_below([one.errors for one in readers])


def course_figure(lines: Mapping[str, Sequence[Curve]], title: str) -> Figure:
    """Share of strips read without error, and errors for each digit, by epoch.

    Args:
        lines: "sequence_accuracy" and "character_error_rate", each of the same parts and epochs.
        title: names the run and its data.
    """
    shares = lines["sequence_accuracy"]
    looks = ["Look at how far longer strips than any trained on stay behind." if _longer_stay_behind(shares) else ""]
    looks.append(logged_told(shares))
    looks.append(ONE_EPOCH if shows_one_epoch(shares) else "")
    looks.append(sure_told(shares))
    panels = {heading: lines[name] for name, heading in HEADINGS.items()}
    return measures_figure(panels, "share", title, " ".join(filter(None, looks)), shares=True)


def _longer_stay_behind(lines: Sequence[Curve]) -> bool:
    """Whether of the longer strips fewer are read in the end than of any others, by more than a little."""
    ends = {line.part: line.values[-1] for line in lines if len(line.values)}
    others = [end for part, end in ends.items() if part != LONGER]
    return LONGER in ends and bool(others) and ends[LONGER] < min(others) - BEHIND
