"""How gradients fade with distance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from genmodels.errors import in_many, in_turn
from genmodels.figures import widths
from genmodels.figures.colours import Stroke, strokes_of
from genmodels.figures.style import (
    FAINT,
    HIGH,
    INK,
    NOTE,
    WIDE,
    in_digits,
    in_powers,
    legend_below,
    logarithmic,
    sentence_of,
    style,
    titled_figure,
)

COMPARED_AT = 50  # characters: the distance at which gradients are put side by side
SYMBOLS = {"hidden": "dL/dhₜ", "cell": "dL/dcₜ"}
LETTERS = {"hidden": "hₜ", "cell": "cₜ"}
DASHES = {"hidden": "-", "cell": "--"}
FADED = 1e-16  # of the largest norm: what lies below is nothing beside it, and would press the rest together
MARKS = 8  # along a line, where lines are told apart by them
TALL = HIGH - 0.8  # inches: the legend and what is below need some


@dataclass(frozen=True, eq=False)
class FadingCurve:
    """One line of the figure.

    Args:
        name: of the run, or of what else has the network.
        kind: of its model, which has a colour.
        quantity: "hidden" for dL/dh, "cell" for dL/dc.
        quartiles: lower quartile, median, upper quartile by lag, shape (3, lags + 1).
        trained: how long the network was, for the legend; "" where it was not.
    """

    name: str
    kind: str
    quantity: str
    quartiles: NDArray[np.float64]
    trained: str = ""

    @property
    def network(self) -> str:
        """What texts call the network."""
        return f"{self.name} ({self.kind})"

    @property
    def label(self) -> str:
        """What the legend calls the line."""
        kind = f"{self.kind}, {self.trained}" if self.trained else self.kind
        return f"{self.name} ({kind}), {SYMBOLS[self.quantity]}"

    def left_at(self, lag: int) -> float | None:
        """The median there as a share of that at lag 1; None where that is 0."""
        median = self.quartiles[1]
        return float(median[lag] / median[1]) if median[1] > 0.0 else None


def gradient_figure(
    curves: Sequence[FadingCurve],
    title: str,
    windows_told: str,
    remarks: Sequence[str] = (),
    symbols: Sequence[str] = ("character",),
) -> Figure:
    """Norm of the gradient against the distance, on a logarithmic scale: medians as lines, quartiles as bands.

    Args:
        curves: one for each network and quantity, all as far.
        title: names runs and text.
        windows_told: over what the medians are: "128 windows of 200 characters".
        remarks: what else is to be known, said below.
        symbols: what a network reads one after the other: characters, bytes, or one one and another the other.
    """
    last = len(curves[0].quartiles[1]) - 1
    lag = min(COMPARED_AT, last)
    networks = {curve.network: curve.kind for curve in curves}
    strokes = dict(zip(networks, strokes_of(list(networks.values())), strict=True))
    one, many = in_turn(symbols, "or"), in_many(symbols)
    said = [_sentence(curves, lag, one), *map(sentence_of, remarks), _letters_told(curves, windows_told, one)]
    with style():
        figure = titled_figure(WIDE, TALL, title, " ".join(said))
        axes = figure.subplots()
        marked = _marked(lag, last, list(strokes.values()))
        for curve in curves:
            _line_and_band(axes, curve, strokes[curve.network], marked)
        axes.set_ylim(*_limits(curves))  # before the scale: where all is 0 there would be none
        logarithmic(axes)
        axes.set_xlim(0, last)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        axes.set(xlabel=f"distance T − t ({many})", ylabel="norm of the gradient of the loss L at T")
        axes.axvline(lag, color=FAINT, linewidth=widths.RULE, linestyle=":")
        axes.annotate(f"distance {lag}", (lag, 1.0), (0, 3), xycoords=axes.get_xaxis_transform(),
                      textcoords="offset points", ha="right" if lag == last else "center", va="bottom",
                      fontsize=NOTE, color=INK)  # fmt: skip
        legend_below(figure, axes, 2)
        return figure


def _line_and_band(axes: Axes, curve: FadingCurve, stroke: Stroke, marked: Sequence[int]) -> None:
    """The median with marks at some distances, and the quartiles."""
    lower, median, upper = curve.quartiles
    lags = np.arange(len(median))
    axes.fill_between(lags, lower, upper, color=stroke.colour, alpha=0.18, linewidth=0)
    inside = "none" if curve.quantity == "cell" else stroke.colour  # so that a mark below that of a cell is seen
    axes.plot(lags, median, DASHES[curve.quantity], color=stroke.colour, label=curve.label, markevery=list(marked),
              marker=stroke.marker, markersize=widths.MARKER, markerfacecolor=inside)  # fmt: skip


def _marked(lag: int, last: int, strokes: Sequence[Stroke]) -> list[int]:
    """The distance compared; others too where lines of one colour are told apart by their marks alone."""
    step = max(1, last // MARKS)
    return list(range(lag % step, last + 1, step)) if any(stroke.nth for stroke in strokes) else [lag]


def _faded(curves: Sequence[FadingCurve]) -> float:
    """The norm down to which nothing is shown."""
    return FADED * max(float(curve.quartiles.max()) for curve in curves)


def _limits(curves: Sequence[FadingCurve]) -> tuple[float, float]:
    """From what is still something beside the largest norm, to that."""
    values = np.concatenate([curve.quartiles.ravel() for curve in curves])
    highest = float(values.max()) or 1.0
    seen = values[values > _faded(curves)]
    return (float(seen.min()) / 2 if seen.size else highest / 10), 2 * highest


def _sentence(curves: Sequence[FadingCurve], lag: int, symbol: str) -> str:
    """What is left of the gradients at the distance at which they are compared."""
    shares = {curve: share for curve in curves if (share := curve.left_at(lag)) is not None}
    if not shares:
        return f"No gradient reaches even the state one {symbol} earlier."
    most, least = (pick(shares, key=lambda curve: shares[curve]) for pick in (max, min))
    faded = _faded(curves)
    keeps = {
        curve: share_told(shares[curve]) + (" (too little to be shown)" if curve.quartiles[1][lag] <= faded else "")
        for curve in (most, least)
    }
    looks = f"Look at distance {lag}: of its value at distance 1, {_named(most)} keeps "
    looks += keeps[most] if most is least else f"most, {keeps[most]}, and {_named(least)} least, {keeps[least]}"
    cut = any(curve.quartiles.min() <= faded for curve in curves)
    return f"{looks}." + (f" Nothing below {in_powers(FADED)} of the greatest norm is shown." if cut else "")


def _named(curve: FadingCurve) -> str:
    return f"the gradient at {LETTERS[curve.quantity]} of {curve.network}"


def share_told(share: float) -> str:
    """A share in per cent, and where that is next to nothing as a power of ten.

    >>> share_told(1.25), share_told(0.996), share_told(0.123), share_told(0.0041), share_told(3e-7), share_told(0.0)
    ('125%', '100%', '12%', '0.41%', '3×10⁻⁷', '0')
    """
    if share == 0.0:
        return "0"
    return f"{in_digits(100 * share, 2)}%" if share >= 1e-4 else in_powers(share, 1)


def _letters_told(curves: Sequence[FadingCurve], windows_told: str, symbol: str) -> str:
    """What the letters are, and the lines."""
    cell = ", cₜ the cell of an LSTM" if any(curve.quantity == "cell" for curve in curves) else ""
    return (
        f"L is the loss −log p of a window's last {symbol}, at place T; hₜ is the hidden state{cell}, at a place t "
        f"before it. Lines: medians of {windows_told}; bands: the middle half of them."
    )
