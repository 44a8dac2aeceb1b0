"""Images that a pixel model finished: as a figure, and as a film of how their hidden part is drawn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from genmodels.exhibit import Exhibit
from genmodels.families.picked import classes_told, same_told

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
MOST_ACROSS = 12  # images; more are drawn in several groups, which makes a figure larger than a screen
LEAST_SIDE = 0.6  # inches of an image in such a figure


def completed(
    title: str,
    facts: "Mapping[str, Any]",
    result: "Completion",
    labels: Sequence[str],
    ink: str,
    known: Sequence[int] | None = None,
    *,
    picked: bool = False,
) -> Exhibit:
    """Completions as one result.

    Args:
        title: of which run and images.
        facts: the same for a program, with the result's.
        result: originals, completions and nats.
        labels: what to call each image.
        ink: what the pictures of the run's set are drawn with.
        known: numbers of test images that are labelled by their classes; None where they are called otherwise.
        picked: whether nobody asked for these, so that it is told how to have them again.
    """

    def draw(title: str) -> "Figure":
        classes = "" if known is None else f" {classes_told(known, picked, _place_of_classes(result))}"
        return _figure(result, title, labels, ink, classes)

    def film(title: str) -> "Film":
        from genmodels.figures.films import drawing_film, pixels_told

        whole = int(result.order.max())
        figure = draw(f"{title}\n{pixels_told(whole, whole)}")
        return drawing_film(
            figure, result.order, lambda there: [i for row in _rows(result, labels, ink, there) for i in row.images]
        )

    mean = sum(result.nats) / len(result.nats)
    remarks = [f"{mean:.2f} nats per image for the true hidden part, given the rest"]
    remarks += [same_told(known)] if known is not None and picked else []
    return Exhibit(f"complete-{result.hide}", title, facts, draw=draw, film=film, remarks=remarks)


def _figure(result: "Completion", title: str, labels: Sequence[str], ink: str, classes: str) -> "Figure":
    """All images under a title; the sentence below ends with what is said of their classes."""
    from genmodels.figures.grid import LEAST_SIDE as USUAL_SIDE
    from genmodels.figures.grid import grid_figure

    everything, least = result.order <= result.order.max(), USUAL_SIDE if len(labels) <= MOST_ACROSS else LEAST_SIDE
    return grid_figure(list(_rows(result, labels, ink, everything)), title, _sentence(result, labels) + classes, least)


def _place_of_classes(result: "Completion") -> str:
    if _columns(result) is not None:
        return "Above each image"
    return "Left of the image" if len(result.originals) == 1 else "Left of each image's row"


def _columns(result: "Completion") -> int | None:
    """Images beside each other, with their pictures below; None where each has a row of its own, which is larger."""
    from genmodels.figures.grid import room_for_images
    from genmodels.figures.pictures import columns_for

    room, (count, height, width) = room_for_images(), result.originals.shape
    rows, pictures = len(result.drawn) + BESIDE_DRAWN, len(_names(result))
    across = columns_for(count, (height * rows, width), room)
    groups = max(-(-count // across), -(-count // MOST_ACROSS))
    upright = min(room[0] / (-(-count // groups) * width), room[1] / (groups * rows * height))
    beside = min(room[0] / (pictures * width), room[1] / ((count + 1) * height))
    return None if count == 1 or beside > upright else -(-count // groups)


def _names(result: "Completion") -> list[str]:
    """What is shown of every image."""
    count = len(result.drawn)
    drawn = [f"drawn {number + 1}" for number in range(count)]
    return ["the truth", "given", *drawn, *([f"mean of the {count}"] if count > 1 else [])]


def _rows(result: "Completion", labels: Sequence[str], ink: str, there: "Pixels") -> "Iterator[GridRow]":
    """The images, what is left of them, their completions and the mean of these, as large as a screen allows.

    Args:
        result: of all images.
        labels: of the images.
        ink: what they are drawn with.
        there: the pixels that are drawn already, shape (Y, X).
    """
    from genmodels.figures.grid import room_for_images
    from genmodels.figures.pictures import columns_for

    parts, columns = dict(zip(_names(result), _pictures(result, ink, there), strict=True)), _columns(result)
    if len(labels) == 1:
        return _of_one(parts, labels[0], result, columns_for(len(parts), result.originals.shape[1:], room_for_images()))
    return _across(parts, labels, result) if columns is None else _down(parts, labels, result, columns)


def _pictures(result: "Completion", ink: str, there: "Pixels") -> "Iterator[NDArray[np.float32]]":
    """What is shown of every image, as `_names` calls it."""
    import numpy as np

    from genmodels.data.images.ink import on_paper

    def seen(images: "NDArray[np.float32]", shown: "Pixels") -> "NDArray[np.float32]":
        return on_paper(np.where(shown, images, np.float32(np.nan)), ink)

    yield on_paper(result.originals, ink)
    yield seen(result.originals, result.order == 0)
    for drawn in result.drawn:
        yield seen(drawn, there)
    if len(result.drawn) > 1:
        yield seen(result.mean, there)


def _of_one(
    parts: "Mapping[str, NDArray[np.float32]]", label: str, result: "Completion", across: int
) -> "Iterator[GridRow]":
    """All of one image, so many beside each other."""
    import numpy as np

    from genmodels.figures.grid import GridRow

    heads, images = list(parts), np.concatenate(list(parts.values()))
    below = [f"{result.nats[0]:.1f}", *[""] * (across - 1)]
    for start in range(0, len(heads), across):
        part = slice(start, start + across)
        first = start == 0
        yield GridRow(images[part], label if first else "", heads[part], below if first else None, not first,
                      _hidden_part(result))  # fmt: skip


def _across(
    parts: "Mapping[str, NDArray[np.float32]]", labels: Sequence[str], result: "Completion"
) -> "Iterator[GridRow]":
    """A row for each image."""
    import numpy as np

    from genmodels.figures.grid import GridRow

    heads, shade = list(parts), _hidden_part(result)
    for number, label in enumerate(labels):
        below = [f"{result.nats[number]:.1f}", *[""] * (len(heads) - 1)]
        images = np.stack([of_part[number] for of_part in parts.values()])
        yield GridRow(images, label, heads if number == 0 else None, below, shade=shade)


def _down(
    parts: "Mapping[str, NDArray[np.float32]]", labels: Sequence[str], result: "Completion", across: int
) -> "Iterator[GridRow]":
    """A column for each image, in groups of so many."""
    from genmodels.figures.grid import GridRow

    nats, shade = [f"{value:.1f}" for value in result.nats], _hidden_part(result)
    for start in range(0, len(labels), across):
        part = slice(start, start + across)
        for name, images in parts.items():
            first = name == "the truth"
            apart = name in {"given", "mean of the " + str(len(result.drawn))} or (first and start > 0)
            above, below = (labels[part], nats[part]) if first else (None, None)
            yield GridRow(images[part], name, above, below, apart, shade)


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
        "Below the truth: −log\u00a0p(its hidden part | the rest) in nats; the lower, the better it was foreseen"
    )
    pairs = sorted(zip(result.nats, labels, strict=True))
    (least, best), (most, worst) = pairs[0], pairs[-1]
    if f"{least:.1f}" != f"{most:.1f}":
        told += f": from {least:.1f} ({_in_words(best)}) to {most:.1f} ({_in_words(worst)})"
    return told + "."


def _in_words(label: str) -> str:
    """What a sentence calls an image: one of a digit by it, with an article that tells it from a count."""
    return f"the\u00a0{label}" if label.isdecimal() else label
