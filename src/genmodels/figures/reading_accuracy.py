"""How well strips are read: accuracy by length, and by epoch."""

from collections.abc import Mapping, Sequence
from itertools import cycle

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from genmodels.figures.colours import COLOURS
from genmodels.figures.style import FAINT, legend_below, style, titled_figure

BELOW = 0.14  # of the height: from one note to the next


def accuracy_figure(
    curves: Mapping[str, Mapping[int, float]],
    errors: Mapping[str, Mapping[int, float]],
    longest: Sequence[int],
    title: str,
) -> Figure:
    """Share of strips read without error, and errors for each digit, by the number of digits.

    Args:
        curves: model -> length -> sequence accuracy.
        errors: model -> length -> character error rate.
        longest: digits in the longest strip trained on; more than one number where the models differ.
        title: above both.
    """
    furthest = max(length for by_length in curves.values() for length in by_length)
    with style():
        figure, panels = _two_panels(curves, errors, title, "digits in the strip")
        for axes, height in zip(panels, (0.5, 0.93), strict=True):
            for index, length in enumerate(n for n in sorted(longest) if n < furthest):
                axes.axvline(length + 0.5, color=FAINT, linestyle=":", linewidth=1.0)
                axes.text(
                    length + 0.6, height - BELOW * index, f"more than the\n{length} trained on",
                    transform=axes.get_xaxis_transform(),
                    fontsize=7.5, color=FAINT, va="center",
                )  # fmt: skip
        return figure


def course_figure(
    curves: Mapping[str, Mapping[int, float]], errors: Mapping[str, Mapping[int, float]], title: str
) -> Figure:
    """Share of strips read without error, and errors for each digit, by epoch.

    Args:
        curves: part of the strips -> epoch -> sequence accuracy.
        errors: part of the strips -> epoch -> character error rate.
        title: above both.
    """
    with style():
        return _two_panels(curves, errors, title, "epoch")[0]


def _two_panels(
    curves: Mapping[str, Mapping[int, float]], errors: Mapping[str, Mapping[int, float]], title: str, along: str
) -> tuple[Figure, list[Axes]]:
    """Both measures beside each other, with one legend."""
    figure = titled_figure(9.5, 3.6, title)
    panels = (
        (curves, "Strips read without any error", "share"),
        (errors, "Errors for each digit", "character error rate"),
    )
    both = list(figure.subplots(1, 2))
    for axes, (values, heading, unit) in zip(both, panels, strict=True):
        for colour, (name, line) in zip(cycle(COLOURS), values.items(), strict=False):
            axes.plot(list(line), list(line.values()), color=colour, marker="o", markersize=3, label=name)
        axes.set(title=heading, xlabel=along, ylabel=unit)
        axes.set_ylim(bottom=-0.02 * axes.get_ylim()[1])
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_below(figure, both[0], 3)
    return figure, both
