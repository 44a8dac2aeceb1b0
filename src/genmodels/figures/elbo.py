"""The lower bound by epoch, and its two terms."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from genmodels.figures.curves import one_epoch_told, worse_told
from genmodels.figures.lines import TESTED, Curve, logged_told, sure_told
from genmodels.figures.measures import measures_figure
from genmodels.figures.overfitting import show_overfitting
from genmodels.figures.style import sentence_of
from genmodels.telling import epoch_told


def elbo_figure(
    lines: Mapping[str, Sequence[Curve]], title: str, given: str = "", remarks: Sequence[str] = ()
) -> Figure:
    """Three panels side by side: the bound, the reconstruction, the KL; train is dashed, held-out drawn through.

    Args:
        lines: "elbo", "reconstruction" and "kl", each of the same runs, parts and epochs.
        title: names the runs, the data and the kind of targets.
        given: what encoder and decoder are given besides, such as "class"; "" for nothing.
        remarks: what else is to be known, said below.
    """
    also = f", {given}" if given else ""
    panels = {
        "lower bound (ELBO)": lines["elbo"],
        f"reconstruction, E log p(x|z{also})": lines["reconstruction"],
        f"KL(q(z|x{also}) || p(z))": lines["kl"],
    }
    said = [_what(given, also), _sentence(lines["elbo"]), *map(sentence_of, remarks)]
    return measures_figure(panels, "nats per image", title, " ".join(filter(None, said)))


def _what(given: str, also: str) -> str:
    """What the panels are."""
    of = f"x|{given}" if given else "x"
    return (
        f"log p({of}) is at least the reconstruction, E log p(x|z{also}) with z from the encoder's q(z|x{also}), minus "
        f"the KL of q(z|x{also}) from p(z) = N(0, I); higher is better."
    )


def _sentence(bounds: Sequence[Curve]) -> str:
    """Whether test lies above train, for which a reader is to find the reason; if a run overfits; how far it came."""
    looks = []
    best = [line for line in bounds if line.best is not None]
    if best and "train" in {line.part for line in bounds}:
        part = best[0].part
        looks.append(f"Train and {part} are measured alike, after the epoch and by the same weights")
        if _lie_above_train(bounds):
            looks[-1] += f": look where {part} lies above train, and ask why"
        looks[-1] += "; the gap that grows is overfitting." if show_overfitting(bounds) else "."
    looks.append(logged_told(bounds))
    if once := one_epoch_told(bounds):
        looks.append(once)
    looks += [_best_told(line, len(best)) for line in best if worse_told(line) or (len(best) == 1 and not once)]
    looks.append(sure_told(bounds))
    return " ".join(filter(None, looks))


def _best_told(line: Curve, runs: int) -> str:
    """The bound of a run after its best epoch, and whether it was better untrained."""
    assert line.best is not None, "asked of lines that have one"
    of = f" of {line.name}" if runs > 1 else ""
    after = f"{line.values[line.best]:.2f} after epoch {epoch_told(line.epochs[line.best])}"
    return f"Best{of} on {line.part}: {after}{worse_told(line)}."


def _lie_above_train(bounds: Sequence[Curve]) -> bool:
    """Whether held-out images of any run have the higher bound somewhere, by more than chance where that is known."""
    seen = {
        (line.name, epoch): value
        for line in bounds
        if line.part == "train"
        for epoch, value in zip(line.epochs, line.values, strict=True)
    }
    return any(
        value > seen.get((line.name, epoch), value)
        for line in bounds
        if line.part in TESTED
        for epoch, value in zip(line.epochs, line.low or line.values, strict=True)
    )
