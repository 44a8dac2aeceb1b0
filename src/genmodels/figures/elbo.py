"""The lower bound by epoch, and its two terms."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from genmodels.figures.colours import COLOURS
from genmodels.figures.style import FAINT, legend_below, style, titled_figure

PANELS = (
    ("elbo", "lower bound (ELBO)"),
    ("reconstruction", "reconstruction  E log p(x|z)"),
    ("kl", "KL(q(z|x) || p(z))"),
)
_STROKES = {"train": "--", "test": "-", "validation": "-"}


@dataclass(frozen=True)
class ElboCurve:
    """One run's course.

    Args:
        name: what the legend calls it.
        epochs: split -> epochs evaluated, ascending.
        values: (split, quantity) -> nats per image at those epochs.
    """

    name: str
    epochs: dict[str, list[int]]
    values: dict[tuple[str, str], list[float]]


def elbo_figure(curves: Sequence[ElboCurve], title: str) -> Figure:
    """Three panels side by side: the bound, the reconstruction term, the KL term; train dashed, held-out drawn through.

    The scale fits the epochs after the first update; an untrained model's value that lies far below is told in words.

    Args:
        curves: one for each run.
        title: names the data and the kind of targets.
    """
    with style():
        figure = titled_figure(10.5, 3.5, title)
        for axes, (quantity, label) in zip(figure.subplots(1, 3), PANELS, strict=True):
            _lines(axes, curves, quantity)
            _frame(axes, curves, quantity)
            axes.set(title=label, xlabel="epoch", ylabel="nats per image")
        legend_below(figure, figure.axes[0], 4)
        return figure


def _lines(axes: Axes, curves: Sequence[ElboCurve], quantity: str) -> None:
    """A line for each split of each run; a run has one colour."""
    for index, curve in enumerate(curves):
        for split, epochs in curve.epochs.items():
            axes.plot(
                epochs,
                curve.values[split, quantity],
                _STROKES[split],
                color=COLOURS[index % len(COLOURS)],
                marker="o",
                markersize=2.5,
                linewidth=1.3,
                label=split if len(curves) == 1 else f"{curve.name}, {split}",
            )


def _frame(axes: Axes, curves: Sequence[ElboCurve], quantity: str) -> None:
    """Whole epochs across; upwards what training reached, with the untrained value in words where it lies outside."""
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    trained = _trained(curves, quantity)
    if not trained:
        return
    margin = 0.06 * (max(trained) - min(trained)) or 1.0
    low, high = min(trained) - margin, max(trained) + margin
    axes.set_ylim(low, high)
    untrained = {round(value, 1) for value in _untrained(curves, quantity) if not low <= value <= high}
    if untrained:
        numbers = f"{min(untrained):g}" if len(untrained) == 1 else f"{min(untrained):g} to {max(untrained):g}"
        axes.text(0.98, 0.03, f"epoch 0: {numbers}", transform=axes.transAxes, ha="right", color=FAINT, fontsize=7.5)


def _trained(curves: Sequence[ElboCurve], quantity: str) -> list[float]:
    """The values after the first update."""
    return [
        value
        for curve in curves
        for (split, name), values in curve.values.items()
        for epoch, value in zip(curve.epochs[split], values, strict=True)
        if name == quantity and epoch > 0
    ]


def _untrained(curves: Sequence[ElboCurve], quantity: str) -> list[float]:
    """The values before it."""
    return [
        curve.values[split, quantity][0] for curve in curves for split in curve.epochs if curve.epochs[split][0] == 0
    ]
