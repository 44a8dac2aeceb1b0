"""Images that a pixel model finished: as a figure, and as a film of how their hidden part is drawn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from genmodels.exhibit import Exhibit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from genmodels.analysis.completion import Completion
    from genmodels.figures.films import Film
    from genmodels.figures.grid import GridRow

    Pixels = NDArray[np.bool_]

BESIDE_DRAWN = 4  # rows: the truth, what is given, the mean, and about what texts and gaps take


def completed(title: str, facts: "Mapping[str, Any]", result: "Completion", labels: Sequence[str], ink: str) -> Exhibit:
    """Completions as one result.

    Args:
        title: of which run and images.
        facts: the same for a program, with the result's.
        result: originals, completions and nats.
        labels: what to call each image.
        ink: what the pictures of the run's set are drawn with.
    """

    def draw(title: str) -> "Figure":
        return _figure(result, title, labels, ink)

    def film(title: str) -> "Film":
        from genmodels.figures.films import drawing_film, pixels_told

        whole = int(result.order.max())
        figure = _figure(result, f"{title}\n{pixels_told(whole, whole)}", labels, ink)
        return drawing_film(
            figure, result.order, lambda there: [i for row in _rows(result, labels, ink, there) for i in row.images]
        )

    mean = sum(result.nats) / len(result.nats)
    told = [f"{mean:.2f} nats per image for the true hidden part, given the rest"]
    return Exhibit(f"complete-{result.hide}", title, facts, draw=draw, film=film, remarks=told)


def _figure(result: "Completion", title: str, labels: Sequence[str], ink: str) -> "Figure":
    from genmodels.figures.grid import grid_figure

    everything = result.order <= result.order.max()
    return grid_figure(list(_rows(result, labels, ink, everything)), title, _sentence(result, labels))


def _rows(result: "Completion", labels: Sequence[str], ink: str, there: "Pixels") -> "Iterator[GridRow]":
    """Images across, and below each one what is left of it, its completions and their mean.

    Args:
        result: of all images.
        labels: of the images.
        ink: what they are drawn with.
        there: the pixels that are drawn already, shape (Y, X).
    """
    import numpy as np

    from genmodels.data.images.ink import on_paper
    from genmodels.figures.grid import ROOM, GridRow
    from genmodels.figures.pictures import columns_for

    def seen(images: "NDArray[np.float32]", shown: "Pixels") -> "NDArray[np.float32]":
        return on_paper(np.where(shown, images, np.float32(np.nan)), ink)

    count, height, width = result.originals.shape
    given, shade = result.order == 0, _hidden_part(result)
    nats = [f"{value:.1f}" for value in result.nats]
    rows = len(result.drawn) + BESIDE_DRAWN
    across = columns_for(count, (height * rows, width), ROOM)
    for start in range(0, count, across):
        part = slice(start, start + across)
        originals = result.originals[part]
        yield GridRow(on_paper(originals, ink), "the truth", labels[part], nats[part], start > 0, shade)
        yield GridRow(seen(originals, given), "given", apart=True, shade=shade)
        for number, drawn in enumerate(result.drawn):
            yield GridRow(seen(drawn[part], there), f"drawn {number + 1}", shade=shade)
        if len(result.drawn) > 1:
            mean = seen(result.mean[part], there)
            yield GridRow(mean, f"mean of the {len(result.drawn)}", apart=True, shade=shade)


def _hidden_part(result: "Completion") -> tuple[float, float, float, float]:
    """Its edges in pixels: left, top, right, bottom."""
    import numpy as np

    down, across = np.nonzero(result.order)
    return float(across.min()), float(down.min()), float(across.max() + 1), float(down.max() + 1)


def _sentence(result: "Completion", labels: Sequence[str]) -> str:
    """What is shaded, what the numbers are, and which image was expected most and least."""
    across = "columns" if result.hide in {"left", "right"} else "rows"
    kept = f"{result.kept} {across if result.kept > 1 else across[:-1]}"
    told = (
        f"Shaded is the part that was hidden ({result.hide}; {kept} kept), then drawn pixel by pixel given the rest. "
        "Below the truth: −log p(its hidden part | the rest) in nats; the lower, the better it was foreseen"
    )
    pairs = sorted(zip(result.nats, labels, strict=True))
    (least, best), (most, worst) = pairs[0], pairs[-1]
    if f"{least:.1f}" != f"{most:.1f}":
        told += f": {least:.1f} for {best} at least, {most:.1f} for {worst} at most"
    return told + "."
