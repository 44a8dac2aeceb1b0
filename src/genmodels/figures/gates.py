"""Gates as heat maps under the characters of a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from genmodels.errors import in_turn
from genmodels.figures.fitting import Fitted, fitted, line_height
from genmodels.figures.fonts import MONOSPACE
from genmodels.figures.panels import ROW as OF_NAME
from genmodels.figures.panels import Page
from genmodels.figures.style import HEADING, INK, LABEL, MARGIN, NOTE, style

Array = NDArray[np.float64]
MARKS = {"\n": "\u21b5", "\t": "\u2192", " ": "\u00b7"}  # what would show as nothing
HIDDEN = "\ufffd"
MARKED = {"\n": "a line end", "\t": "a tab", " ": "a blank"}
CELL = "cell c, as tanh(c)"
MEANINGS = {
    "keep": "keep gate f (forget gate): 0 erases the cell, 1 keeps it",
    "write": "write gate i (input gate): 0 keeps the new out, 1 lets it in",
    "read": "read gate o (output gate): 0 hides the cell, 1 shows it",
}
EQUATION = (  # the blanks in each of the two break no line
    "cₜ\u00a0=\u00a0f\u00a0·\u00a0cₜ₋₁\u00a0+\u00a0i\u00a0·\u00a0what is new; the unit's output is "
    "o\u00a0·\u00a0tanh(cₜ)."
)
CORRELATION = "r: correlation of a unit's cell with what is named, on text that did not choose the unit"
TURNED = "×−1: shown with the sign turned, as the cell falls where there is more of it"
REDDER = ": redder where there is more of what is named"
FOLLOWS = 0.3  # correlation along the passage that is shown, from which a picture shows it
FALLS = 0.5  # of a keep gate: what is lower erases more than it keeps
AFTER = 10  # characters after which it is told what is left
BEFORE = 6  # characters that name the place after them, at least
PITCH, ROW, APART = 0.1, 0.17, 0.12  # inches of a character and of a unit; between panels
LEAST = 6.0  # inches of a map
NAMES, SHARES = 2.1, 1.4  # inches of the texts left and right of the maps, at most
BAR, BAR_ROOM = 0.9, 0.3  # inches of a scale, and of the numbers at its ends


@dataclass(frozen=True)
class ShownUnit:
    """A row of the figure: a unit, and what its cell follows; one that follows two things has two rows.

    Args:
        number: counted from 0.
        feature: what it follows; None where nobody looked, or nothing was found.
        correlation: of its cell with that.
        here: the same along the passage; None where the feature is the same throughout.
    """

    number: int
    feature: str | None = None
    correlation: float = 0.0
    here: float | None = None

    @property
    def sign(self) -> int:
        """What its cell is multiplied with, so that more of the feature is red."""
        return -1 if self.correlation < 0 else 1

    @property
    def follows_here(self) -> bool:
        """Whether the picture shows what is named."""
        return self.here is not None and self.sign * self.here >= FOLLOWS

    @property
    def label(self) -> str:
        """What stands left of its row."""
        return ", ".join(filter(None, (self.feature, f"unit\u00a0{self.number}")))

    @property
    def told(self) -> str:
        """How closely its cell follows what is named, and whether it is shown with its sign turned."""
        if self.feature is None:
            return ""
        return f"r = {_signed(self.correlation)}{' (×−1)' if self.sign < 0 else ''}"


@dataclass(frozen=True)
class _Panel:
    """A map: units downwards, characters across.

    Args:
        heading: over it.
        values: shape (T, U).
        colours: name of a colour map.
        lowest: value at the scale's lower end; the upper one is 1.
    """

    heading: str
    values: Array
    colours: str
    lowest: float


def gate_figure(
    text: str, gates: Mapping[str, Array], cells: Array, units: Sequence[ShownUnit], title: str, remark: str = "",
    symbol: str = "character",
) -> Figure:  # fmt: skip
    """One panel for the cell and one for each gate: units downwards, characters across.

    Args:
        text: T characters.
        gates: name -> shape (T, U), between 0 and 1.
        cells: c_t, shape (T, U), shown as tanh(c_t), where a feature is followed with its sign.
        units: U of them.
        title: names run and text.
        remark: said before all else below.
        symbol: what each of them stands for: a character, or a byte.
    """
    marks = [MARKS.get(c, c if c.isprintable() else HIDDEN) for c in text]
    turned = np.tanh(cells) * np.array([unit.sign for unit in units])
    named = [unit for unit in units if unit.feature]
    heading = CELL + (REDDER if named and all(unit.follows_here for unit in named) else "")
    panels = [_Panel(heading, turned, "RdBu_r", -1.0)]
    panels += [_Panel(MEANINGS[name], values, "viridis", 0.0) for name, values in gates.items()]
    names, shares = (
        fitted(texts, [(room, NOTE)], 2)
        for texts, room in (([unit.label for unit in units], NAMES), ([unit.told for unit in units], SHARES))
    )
    row = max(ROW, OF_NAME * names.height, OF_NAME * shares.height)
    above = line_height(HEADING) + line_height(NOTE) + 0.05  # heading and characters
    width, high = max(PITCH * len(text), LEAST), row * len(units)
    left = names.widest + 2 * MARGIN
    right = shares.widest + (2 if shares.widest else 1) * MARGIN
    said = (remark, _sentence(marks, gates["keep"], units, symbol), _explained(text, units, symbol))
    sentence = " ".join(filter(None, said))
    with style():
        page = Page.titled(left + width + right, len(panels) * (above + high + APART), title, sentence)
        for index, panel in enumerate(panels):
            bottom = (len(panels) - 1 - index) * (above + high + APART) + APART
            axes = page.panel(left, bottom, width, high)
            _draw(axes, panel, marks, names)
            _say_over(page, panel, (left, bottom + high + above), width)
            if index == 0 and shares.widest:
                for place, told in enumerate(shares.texts):
                    middle = bottom + high - (place + 0.5) * row
                    page.write(left + width + MARGIN, middle, told, va="center", fontsize=NOTE, color=INK)
        return page.figure


def _draw(axes: Axes, panel: _Panel, marks: Sequence[str], names: Fitted) -> None:
    """The map, the characters above it, the units beside it."""
    axes.imshow(panel.values.T, aspect="auto", cmap=panel.colours, vmin=panel.lowest, vmax=1.0, interpolation="nearest")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(marks)), marks, fontsize=NOTE, family=MONOSPACE)
    axes.set_yticks(range(len(names.texts)), names.texts, fontsize=names.size)
    axes.tick_params(length=0, pad=2)


def _say_over(page: Page, panel: _Panel, corner: tuple[float, float], width: float) -> None:
    """A panel's heading at the left, its scale at the right of the same line.

    Args:
        page: that has it.
        panel: which.
        corner: upper left one of what lies above the map, inches.
        width: of the map.
    """
    left, top = corner
    room = width - BAR - 2 * BAR_ROOM
    heading = fitted([panel.heading], [(room, HEADING), (room, LABEL), (room, NOTE)])
    middle = top - line_height(HEADING) / 2
    page.write(left, middle, heading.texts[0], va="center", fontsize=heading.size, color=INK)
    start = left + width - BAR - BAR_ROOM
    bar = page.panel(start, middle - 0.06, BAR, 0.12)
    bar.imshow(np.linspace(panel.lowest, 1.0, 64)[None], aspect="auto", cmap=panel.colours, vmin=panel.lowest, vmax=1.0)
    bar.set_axis_off()
    for place, value, side in ((start - 0.05, panel.lowest, "right"), (start + BAR + 0.05, 1.0, "left")):
        page.write(place, middle, f"{value:.0f}".replace("-", "−"), ha=side, va="center", fontsize=NOTE, color=INK)


def _sentence(marks: Sequence[str], keep: Array, units: Sequence[ShownUnit], symbol: str) -> str:
    """What to look at: the unit that follows something here most closely, and where it forgets."""
    named = [unit for unit in units if unit.feature]
    following = [place for place, unit in enumerate(units) if unit.follows_here]
    if following:
        best = max(following, key=lambda place: abs(units[place].here or 0.0))
        unit = units[best]
        forgets = _lowest_told(marks, keep[:, best])
        return (
            f"Look at unit {unit.number}: its cell follows “{unit.feature}” here, r = {_signed(unit.here or 0.0)} "
            f"in this passage{f'; its keep gate is lowest, {forgets}' if forgets else ''}."
            f"{_others_told([unit for unit in named if not unit.follows_here])}"
        )
    lowest = int(keep[1:].min(axis=0).argmin())
    forgets = _lowest_told(marks, keep[:, lowest])
    parts = [_not_here(named)] if named else []
    if forgets:
        whose = f"that of unit {units[lowest].number} is lowest, {forgets}"
        parts.append(f"Look at where a keep gate falls, as there a unit forgets: {whose}.")
    elif not named:
        parts.append(_kept_told(keep, units, symbol))
    return " ".join(parts)


def _others_told(units: Sequence[ShownUnit]) -> str:
    """Those whose correlation is low here, where others' are not."""
    measured = [unit for unit in units if unit.here is not None]
    if not measured:
        return ""
    told = in_turn([f"{_signed(u.here or 0.0)} of unit {u.number} with “{u.feature}”" for u in measured])
    return f" Over this passage as a whole, r is low: {told}."


def _kept_told(keep: Array, units: Sequence[ShownUnit], symbol: str) -> str:
    """What is left of a cell where no gate erases more than it keeps.

    At the first character there is no cell yet that could be kept.
    """
    left = np.exp(AFTER * np.log(keep[1:]).mean(axis=0))
    least, most = int(left.argmin()), int(left.argmax())
    told = f"{left[least]:.0%} (unit {units[least].number})"
    told += f" to {left[most]:.0%} (unit {units[most].number})" if len(units) > 1 else ""
    return (
        f"No keep gate falls below {FALLS}: each {symbol} leaves more than half of what a cell held, and {AFTER} of "
        f"them, on average, {told}."
    )


def _not_here(units: Sequence[ShownUnit]) -> str:
    """That what units follow elsewhere is not what this passage shows of them."""
    measured = [unit for unit in units if unit.here is not None]
    if not measured:
        return "Nothing that is named changes in this passage, so it does not show what these units follow."
    told = ", ".join(f"unit {u.number} “{u.feature}” (r = {_signed(u.here or 0.0)} here)" for u in measured)
    return f"In this passage the cells do not follow what they follow on other text: {told}."


def _lowest_told(marks: Sequence[str], keep: Array) -> str:
    """Where a gate is lowest, by the characters before it; "" where it is open throughout.

    At the first character there is no cell yet that could be kept.
    """
    place = 1 + int(keep[1:].argmin())
    if keep[place] >= FALLS:
        return ""
    text = "".join(marks)
    begin = max(0, place - BEFORE)
    while begin > 0 and text.find(text[begin : place + 1]) < begin:
        begin -= 1
    return f"{keep[place]:.2f}, at “{marks[place]}” after “{text[begin:place]}”"


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _explained(text: str, units: Sequence[ShownUnit], symbol: str) -> str:
    """The letters and signs that occur."""
    told = [EQUATION]
    if any(unit.feature for unit in units):
        told.append(f"{CORRELATION}{f'; {TURNED}' if any(unit.sign < 0 for unit in units) else ''}.")
    signs = [f"{MARKS[c]} {meaning}" for c, meaning in MARKED.items() if c in text]
    if any(c not in MARKS and not c.isprintable() for c in text):
        signs.append(f"{HIDDEN} a {symbol} that can't be shown")
    return " ".join([*told, *([f"Signs: {', '.join(signs)}."] if signs else [])])
