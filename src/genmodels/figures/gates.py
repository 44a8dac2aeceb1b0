"""Gates as heat maps under the characters of a text."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from genmodels.figures.fitting import Fitted, fitted, width_of
from genmodels.figures.style import style, titled_figure

WIDEST_UNIT = 1.4  # inches
Array = NDArray[np.float64]
MARKS = {"\n": "\u21b5", "\t": "\u2192", " ": "\u00b7"}  # what would show as nothing
MEANINGS = {
    "keep": "keep gate f  (forget: 0 erases the cell)",
    "write": "write gate i  (input: 1 lets the new in)",
    "read": "read gate o  (output: 1 shows the cell)",
}


def gate_figure(text: str, gates: Mapping[str, Array], cells: Array, units: Sequence[str], title: str) -> Figure:
    """One panel for each gate and one for the cell: units downwards, characters across.

    Args:
        text: T characters.
        gates: name -> shape (T, U), between 0 and 1.
        cells: c_t, shape (T, U), shown as tanh(c_t).
        units: U labels.
        title: names run and text.
    """
    labels = fitted(units, [(WIDEST_UNIT, 7.0), (1.5 * WIDEST_UNIT, 7.0)])
    row = max(0.17, labels.height)
    panels = [(MEANINGS[name], values, "viridis", 0.0) for name, values in gates.items()]
    panels.append(("cell  tanh(c)", np.tanh(cells), "RdBu_r", -1.0))
    with style():
        height = 1.0 + len(panels) * (0.42 + row * len(units))
        maps = max(0.115 * len(text), *(width_of(name, 8.0) for name, *_ in panels))
        figure = titled_figure(1.2 + labels.widest + maps, height, title)
        for axes, (name, values, colours, lowest) in zip(figure.subplots(len(panels), 1), panels, strict=True):
            image = axes.imshow(values.T, aspect="auto", cmap=colours, vmin=lowest, vmax=1.0, interpolation="nearest")
            axes.set_title(name, fontsize=8, loc="left")
            _label(axes, text, labels)
            figure.colorbar(image, ax=axes, fraction=0.02, pad=0.01, ticks=[lowest, 1.0]).ax.tick_params(labelsize=7)
        return figure


def _label(axes: Axes, text: str, units: Fitted) -> None:
    """The characters above the map, the units beside it."""
    axes.grid(visible=False)
    shown = [MARKS.get(c, c if c.isprintable() else "\ufffd") for c in text]
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(text)), shown, fontsize=7, family="monospace")
    axes.set_yticks(range(len(units.texts)), units.texts, fontsize=units.size)
    axes.tick_params(length=0)
