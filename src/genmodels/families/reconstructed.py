"""Images and what a variational autoencoder makes of them, epoch by epoch, as a figure."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genmodels.exhibit import Exhibit
from genmodels.families.picked import same_told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure

    from genmodels.analysis.reconstruction import Reconstruction
    from genmodels.figures.grid import GridRow

_DRAWN = "Originals: one draw of grey ones, in black and white."
ORIGINALS = {"dynamic": _DRAWN, "static": _DRAWN, "threshold": "Originals: grey ones, cut into black and white."}


def reconstructed(
    title: str,
    facts: Mapping[str, Any],
    result: "Reconstruction",
    ink: str,
    *,
    code: str,
    given: str,
    grey: bool,
    picked: bool,
) -> Exhibit:
    """Reconstructions as one result.

    Args:
        title: of which run and images.
        facts: the same for a program, with the result's.
        result: images, and what each epoch made of them.
        ink: what the pictures of the run's set are drawn with.
        code: what z is to q(z|x): "the mean of", or "drawn from".
        given: what encoder and decoder are given besides, such as "class"; "" for nothing.
        grey: whether any of the pictures has grey pixels in its set.
        picked: whether nobody asked for these images, so that it is told how to have them again.
    """

    def draw(title: str) -> "Figure":
        from genmodels.figures.grid import grid_figure

        told = [_sentence(code, given), ORIGINALS.get(result.binarize, "") if grey else ""]
        return grid_figure(_laid_out(result, ink), title, " ".join(filter(None, told)))

    return Exhibit("reconstruct", title, facts, draw=draw, remarks=[same_told(result.rows)] if picked else [])


def _laid_out(result: "Reconstruction", ink: str) -> "Sequence[GridRow]":
    """The rows that show the images largest: images across in groups of as many, or a row for each image."""
    from genmodels.figures.grid import best_laid_out

    count = len(result.originals)
    widths = dict.fromkeys(-(-count // groups) for groups in range(1, count + 1))
    candidates = [list(_across(result, ink, width)) for width in widths] + [list(_down(result, ink))]
    return candidates[best_laid_out(candidates)]


def _across(result: "Reconstruction", ink: str, across: int) -> "Iterator[GridRow]":
    """Images across, each with its class above it; below them a row for each epoch."""
    from genmodels.data.images.ink import on_paper
    from genmodels.figures.grid import GridRow

    names, alone = _names(result), len(result.epochs) == 1
    for start in range(0, len(names), across):
        part = slice(start, start + across)
        yield GridRow(on_paper(result.originals[part], ink), "original", names[part], apart=True)
        for label, pictures, nats in zip(_epochs(result), result.pictures, result.nats, strict=True):
            yield GridRow(on_paper(pictures[part], ink), label, below=_told(nats[part]), apart=not alone)


def _down(result: "Reconstruction", ink: str) -> "Iterator[GridRow]":
    """A row for each image, with its class at its left: the original, and what each epoch made of it."""
    import numpy as np

    from genmodels.data.images.ink import on_paper
    from genmodels.figures.grid import GridRow

    heads, nats = ["original", *_epochs(result)], zip(*map(_told, result.nats), strict=True)
    for number, (name, told) in enumerate(zip(_names(result), nats, strict=True)):
        images = np.stack([of_all[number] for of_all in (result.originals, *result.pictures)])
        yield GridRow(on_paper(images, ink), name, heads if number == 0 else None, ["", *told])


def _names(result: "Reconstruction") -> list[str]:
    """What each image is called."""
    return result.names or [f"image {row}" for row in result.rows]


def _epochs(result: "Reconstruction") -> list[str]:
    """What each epoch is called, with the mean of its numbers where there are several."""
    several = len(result.originals) > 1
    pairs = zip(result.epochs, result.nats, strict=True)
    return [f"epoch {epoch}" + (f"\nmean {_signed(_mean(nats))}" if several else "") for epoch, nats in pairs]


def _told(nats: Sequence[float]) -> list[str]:
    return [_signed(value) for value in nats]


def _signed(value: float) -> str:
    return f"{value:.1f}".replace("-", "−")


def _sentence(code: str, given: str) -> str:
    """What the numbers are."""
    also = f", {given}" if given else ""
    return f"Below each: log p(x|z{also}) in nats (best: 0), of image x by code z, {code} the encoder's q(z|x{also})."


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
