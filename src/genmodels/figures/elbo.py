"""The lower bound by epoch, and its two terms."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from genmodels.figures.style import COLOURS, FAINT, new_figure, style

PANELS = (
    ("elbo", "lower bound (ELBO)"),
    ("reconstruction", "reconstruction  E log p(x|z)"),
    ("kl", "KL(q(z|x) || p(z))"),
)
_LINES = {"train": "--", "test": "-", "validation": "-"}


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
        figure = new_figure(10.5, 3.5)
        figure.suptitle(title, fontsize=10)
        for axes, (quantity, label) in zip(figure.subplots(1, 3), PANELS, strict=True):
            for colour, curve in zip(_cycle(len(curves)), curves, strict=True):
                for split, epochs in curve.epochs.items():
                    name = split if len(curves) == 1 else f"{curve.name}, {split}"
                    axes.plot(
                        epochs, curve.values[split, quantity], _LINES[split], color=colour, marker="o", markersize=2.5,
                        linewidth=1.3, label=name,
                    )  # fmt: skip
            _frame(axes, curves, quantity)
            axes.set(title=label, xlabel="epoch", ylabel="nats per image")
        lines, names = figure.axes[0].get_legend_handles_labels()
        figure.legend(lines, names, loc="outside lower center", ncols=min(4, len(names)), fontsize=8)
        return figure


def _cycle(count: int) -> list[str]:
    return [COLOURS[index % len(COLOURS)] for index in range(count)]


def _frame(axes: Axes, curves: Sequence[ElboCurve], quantity: str) -> None:
    """Whole epochs across; upwards what training reached, with the untrained value in words where it lies outside."""
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    trained = [
        value
        for curve in curves
        for (split, name), values in curve.values.items()
        for epoch, value in zip(curve.epochs[split], values, strict=True)
        if name == quantity and epoch > 0
    ]
    if not trained:
        return
    margin = 0.06 * (max(trained) - min(trained)) or 1.0
    low, high = min(trained) - margin, max(trained) + margin
    axes.set_ylim(low, high)
    untrained = {
        round(curve.values[split, quantity][0], 1)
        for curve in curves
        for split in curve.epochs
        if curve.epochs[split][0] == 0 and not low <= curve.values[split, quantity][0] <= high
    }
    if untrained:
        numbers = f"{min(untrained):g}" if len(untrained) == 1 else f"{min(untrained):g} to {max(untrained):g}"
        axes.text(0.98, 0.03, f"epoch 0: {numbers}", transform=axes.transAxes, ha="right", color=FAINT, fontsize=7.5)
