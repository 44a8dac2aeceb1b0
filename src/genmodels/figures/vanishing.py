"""Why gradients fade: what becomes of them lag by lag, and what each step multiplies them with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from genmodels.errors import in_many
from genmodels.figures import widths
from genmodels.figures.colours import Stroke, strokes_of
from genmodels.figures.fitting import fitted
from genmodels.figures.gradients import COMPARED_AT, share_told
from genmodels.figures.style import (
    FAINT,
    HEADING,
    INK,
    NOTE,
    WIDE,
    in_digits,
    legend_below,
    logarithmic,
    sentence_of,
    style,
    titled_figure,
)

Array = NDArray[np.float64]
HIGH, OF_ROW = 0.6, 2.3  # inches of title and axis names, and of each network
WIDTH, LEAST_TITLE = 3.4, 7.0  # inches of a network's name, and points where it is long
LEAST = 1e-16  # of the gradient at distance 0: what is smaller would press the rest together
FACTORS = {"rnn": "tanh′(a)", "gru": "z, the GRU's gate that keeps", "lstm": "f, the LSTM's gate that keeps"}
LETTERS = {"hidden": "h", "cell": "c"}
WAYS: Mapping[str, tuple[str, str]] = {  # what is drawn -> its dashes and its name
    "real": ("-", "what is there"),
    "direct": ("--", "along {} alone, through the factors"),
    "through": (":", "through the gates and the candidate"),
    "bound": ("-.", "bound: product of max tanh′(a) · σ₁(U)"),
}
BLACK = ("through", "bound")  # that may lie on the coloured ones
ORDER = {"real": 2.0, "direct": 2.1, "through": 2.2, "bound": 2.3}  # in which lines lie on one another


@dataclass(frozen=True, eq=False)
class WayBack:
    """One network of the figure.

    Args:
        name: of the run, or of what else has the network.
        kind: of its model, which has a colour.
        state: "hidden" or "cell".
        ways: a key of `WAYS` -> share of the gradient at distance 0 by lag, shape (lags + 1,).
        histogram: share of the factors in equal parts of 0 to 1.
        mean: of the factors.
        near_zero: share of them below 0.1.
        singular_values: of U, the largest first.
    """

    name: str
    kind: str
    state: str
    ways: Mapping[str, Array]
    histogram: Array
    mean: float
    near_zero: float
    singular_values: Array


def vanishing_figure(
    networks: Sequence[WayBack], title: str, remarks: Sequence[str] = (), symbols: Sequence[str] = ("character",)
) -> Figure:
    """A row for each network: shares by lag on a logarithmic scale, the factors' histogram, U's singular values.

    Args:
        networks: each a row.
        title: names runs and text.
        remarks: what else is to be known, said below.
        symbols: as of `gradient_figure`.
    """
    said = " ".join([_sentence(networks), *map(sentence_of, remarks)])
    strokes = strokes_of([one.kind for one in networks])
    with style():
        figure = titled_figure(WIDE, HIGH + OF_ROW * len(networks), title, said)
        rows = figure.subplots(len(networks), 3, squeeze=False, width_ratios=(1.9, 1.0, 1.0))
        for one, stroke, (lags, factors, values) in zip(networks, strokes, rows, strict=True):
            _shares(lags, one, stroke.colour)
            _factors(factors, one, stroke.colour)
            _singular_values(values, one, stroke.colour)
        many = in_many(symbols)
        rows[-1][0].set_xlabel(f"distance T − t ({many})")
        rows[-1][2].set_xlabel("singular values by size")
        legend_below(figure, rows[0][0], _name_ways(rows[0][0], networks, strokes))
        return figure


def _name_ways(axes: Axes, networks: Sequence[WayBack], strokes: Sequence[Stroke]) -> int:
    """Give axes what a legend for all panels needs, where no line of theirs is hidden; how many entries there are."""
    states = {LETTERS[one.state] for one in networks}
    state = states.pop() if len(states) == 1 else "the state"
    shown = [way for way in WAYS if any(way in one.ways for one in networks)]
    for way in shown:
        dashes, name = WAYS[way]
        colour = strokes[0].colour if len(networks) == 1 and way not in BLACK else INK
        axes.plot([], [], dashes, color=colour, label=name.format(state))
    return len(shown)


def _shares(axes: Axes, one: WayBack, colour: str) -> None:
    highest = 1.0
    for way, shares in one.ways.items():
        dashes, _ = WAYS[way]
        shown = np.where(shares > 0, shares, np.nan)  # at distance 0 nothing has come through gates
        axes.plot(shown, dashes, color=INK if way in BLACK else colour, zorder=ORDER[way])
        highest = max(highest, float(shares.max()))
    logarithmic(axes)
    least = min(float(shares[shares > LEAST].min()) for shares in one.ways.values() if (shares > LEAST).any())
    axes.set_ylim(least / 2, 3 * min(highest, 1e3))
    axes.set_xlim(0, len(one.ways["real"]) - 1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    title = fitted([f"{one.name} ({one.kind})"], [(WIDTH, HEADING), (WIDTH, NOTE), (WIDTH, LEAST_TITLE)], 2)
    axes.set_title(title.texts[0], fontsize=title.size)
    axes.set_ylabel(f"|dL/d{LETTERS[one.state]}ₜ|, share of distance 0")


def _factors(axes: Axes, one: WayBack, colour: str) -> None:
    edges = np.linspace(0, 1, len(one.histogram) + 1)
    axes.stairs(one.histogram, edges, fill=True, color=colour)
    axes.axvline(one.mean, color=INK, linewidth=widths.RULE, linestyle="--")
    axes.set_xlim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_title(f"mean {one.mean:.2f}; below 0.1: {one.near_zero:.0%}")
    axes.set(xlabel=FACTORS[one.kind], ylabel="share of all")


def _singular_values(axes: Axes, one: WayBack, colour: str) -> None:
    values = one.singular_values
    axes.plot(np.arange(1, len(values) + 1), values, color=colour)
    axes.axhline(1.0, color=FAINT, linewidth=widths.RULE, linestyle=":")
    axes.set_xlim(1, max(2, len(values)))
    axes.set_ylim(0, 1.1 * max(1.0, float(values[0])))
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.set_title(f"U: from {in_digits(float(values[0]), 2)} to {in_digits(float(values[-1]), 2)}")
    axes.set_ylabel("singular value of U")


def _sentence(networks: Sequence[WayBack]) -> str:
    """What is left of each gradient, and what its steps are made of."""
    lag = min(COMPARED_AT, len(networks[0].ways["real"]) - 1)
    told = []
    for one in networks:
        real = share_told(float(one.ways["real"][lag]))
        factor = {"rnn": "tanh′", "gru": "z", "lstm": "f"}[one.kind]
        told.append(f"{one.name} ({one.kind}) {real}, with a mean {factor} of {one.mean:.2f}")
    return (
        f"At distance {lag} is left of the gradient at distance 0: {'; '.join(told)}. A step multiplies it unit by "
        "unit with the factor; in a tanh network also with U, the matrix from state to state, elsewhere what goes "
        "through the gates is added. Medians over the windows."
    )
