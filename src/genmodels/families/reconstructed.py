"""Images and what a variational autoencoder makes of them, epoch by epoch, as a figure."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genmodels.exhibit import Exhibit
from genmodels.families.images import picked_told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure

    from genmodels.analysis.reconstruction import Reconstruction
    from genmodels.figures.grid import GridRow

TEXTS_OF_EPOCH = 1.3  # rows of images that an epoch takes with its numbers

_DRAWN = "Originals are one draw of grey pictures in black and white, each pixel as often black as it is dark."
ORIGINALS = {"dynamic": _DRAWN, "static": _DRAWN, "threshold": "Originals are grey pictures cut into black and white."}


def reconstructed(
    title: str, facts: Mapping[str, Any], result: "Reconstruction", ink: str, code: str, given: str
) -> Exhibit:
    """Reconstructions as one result.

    Args:
        title: of which run and images.
        facts: the same for a program, with the result's.
        result: images, and what each epoch made of them.
        ink: what the pictures of the run's set are drawn with.
        code: what z is to q(z|x): "the mean of", or "drawn from".
        given: what encoder and decoder are given besides, such as "class"; "" for nothing.
    """

    def draw(title: str) -> "Figure":
        from genmodels.figures.grid import grid_figure

        told = [
            _sentence(result, code, given),
            ORIGINALS.get(result.binarize, ""),
            "" if result.names is None else picked_told(result.rows),
        ]
        return grid_figure(list(_rows(result, ink)), title, " ".join(filter(None, told)))

    return Exhibit("reconstruct", title, facts, draw=draw)


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
            yield GridRow(on_paper(pictures[part], ink), f"epoch {epoch}", below=told, apart=True)


def _signed(value: float) -> str:
    return f"{value:.1f}".replace("-", "−")


def _sentence(result: "Reconstruction", code: str, given: str) -> str:
    """What the numbers are, and their means after the first and the last epoch shown."""
    also = f", {given}" if given else ""
    told = (
        f"x is an image, z its code, here {code} the encoder's q(z|x{also}). Below each picture: log p(x|z{also}) in "
        "nats, the nearer to 0 the better; on average "
    )
    means = [
        f"{_signed(_mean(nats))} after epoch {epoch}" for epoch, nats in zip(result.epochs, result.nats, strict=True)
    ]
    return told + ", ".join(dict.fromkeys((means[0], means[-1]))) + "."


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
