"""The lower bound by epoch, and its two terms."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from genmodels.figures.courses import courses_figure
from genmodels.figures.lines import ONE_EPOCH, Curve, logged_told, shows_one_epoch
from genmodels.figures.style import in_digits

PANELS = {
    "elbo": "lower bound (ELBO)",
    "reconstruction": "reconstruction, E log p(x|z)",
    "kl": "KL(q(z|x) || p(z))",
}
WHAT = (
    "log p(x) is at least the reconstruction, E log p(x|z) with z from the encoder's q(z|x), minus the KL of q(z|x) "
    "from p(z) = N(0, I); higher is better."
)


def elbo_figure(lines: Mapping[str, Sequence[Curve]], title: str) -> Figure:
    """Three panels side by side: the bound, the reconstruction, the KL; train is dashed, held-out drawn through.

    Args:
        lines: "elbo", "reconstruction" and "kl", each of the same runs, parts and epochs.
        title: names the runs, the data and the kind of targets.
    """
    panels = {heading: lines[name] for name, heading in PANELS.items()}
    return courses_figure(panels, "nats per image", title, _sentence(lines["elbo"]))


def _sentence(bounds: Sequence[Curve]) -> str:
    """What the panels are, why test may lie above train, and how far a run came."""
    looks = [WHAT]
    best = [line for line in bounds if line.best is not None]
    if best and "train" in {line.part for line in bounds}:
        part = best[0].part
        looks.append(
            f"Train and {part} are measured alike, after the epoch and by the same weights: where {part} lies above "
            "train, its images are the easier ones; a gap that grows is overfitting."
        )
    looks.append(logged_told(bounds))
    if shows_one_epoch(bounds):
        looks.append(ONE_EPOCH)
    elif len(best) == 1 and best[0].best is not None:
        line, place = best[0], best[0].best
        looks.append(f"Best on {line.part}: {line.values[place]:.2f} after epoch {in_digits(line.epochs[place])}.")
    return " ".join(filter(None, looks))
