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

TEXTS_OF_EPOCH = 1.3  # rows of images that an epoch takes with its numbers

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
        return grid_figure(list(_rows(result, ink)), title, " ".join(filter(None, told)))

    return Exhibit("reconstruct", title, facts, draw=draw, remarks=[same_told(result.rows)] if picked else [])


def _rows(result: "Reconstruction", ink: str) -> "Iterator[GridRow]":
    """Images across, each with its class above it; below them a row for each epoch."""
    from genmodels.data.images.ink import on_paper
    from genmodels.figures.grid import GridRow, room_for_images
    from genmodels.figures.pictures import columns_for

    count, height, width = result.originals.shape
    names = result.names or [f"image {row}" for row in result.rows]
    across = columns_for(count, (round(height * (1 + TEXTS_OF_EPOCH * len(result.epochs))), width), room_for_images())
    for start in range(0, count, across):
        part = slice(start, start + across)
        yield GridRow(on_paper(result.originals[part], ink), "original", names[part], apart=True)
        for epoch, pictures, nats in zip(result.epochs, result.pictures, result.nats, strict=True):
            told = [_signed(value) for value in nats[part]]
            label = f"epoch {epoch}" + (f"\nmean {_signed(_mean(nats))}" if count > 1 else "")
            yield GridRow(on_paper(pictures[part], ink), label, below=told, apart=True)


def _signed(value: float) -> str:
    return f"{value:.1f}".replace("-", "−")


def _sentence(code: str, given: str) -> str:
    """What the numbers are."""
    also = f", {given}" if given else ""
    return f"Below each: log p(x|z{also}) in nats (best: 0), of image x by code z, {code} the encoder's q(z|x{also})."


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
