"""Walks through the space of codes, each with its title, its figure and, where something moves, its film."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genmodels.families.walks_told import interpolation_told, manifold_told, scatter_told, traversal_told, ways_told

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from genmodels.analysis.latent import Codes
    from genmodels.data.images.batches import Batch, Images
    from genmodels.figures.films import Film
    from genmodels.models.stored import Loaded

    Pictures = NDArray[np.float32]

WALKS = 6  # pairs of a GAN's codes
STEPS = 11  # images in a walk
FILMED = 24  # pictures in one direction of an animation
PLANE = 20  # images in a row of the plane
PLANES = ("manifold", "scatter")  # kinds that show two dimensions, across and up


@dataclass(frozen=True)
class Shown:
    """A walk as it is shown.

    Args:
        title: of which run and data.
        draw: makes the figure under a title.
        film: makes the animation under a title, where something moves.
        steps: images in a row.
    """

    title: str
    draw: "Callable[[str], Figure]"
    film: "Callable[[str], Film] | None" = None
    steps: int = STEPS


@dataclass(frozen=True)
class Walk:
    """What every kind of figure is drawn from.

    Args:
        loaded: the model.
        test: its test images.
        codes: where the first of them lie.
        called: the run and what it has learned from.
        images: numbers of test images.
        dimensions: of the code, the ones asked for, or those that carry most KL.
        steps: images in a row, or None for the kind's usual number.
        label: class to draw, for a conditional model.
    """

    loaded: "Loaded[Any, Any]"
    test: "Images"
    codes: "Codes"
    called: str
    images: Sequence[int]
    dimensions: Sequence[int]
    steps: int | None
    label: int | None

    def batch(self, rows: Sequence[int]) -> "Batch":
        """Test images by number."""
        from genmodels.data.images.batches import rows_of

        return rows_of(self.test, rows)

    @property
    def row(self) -> int:
        """Images in the row of a walk."""
        return STEPS if self.steps is None else self.steps

    @property
    def filmed(self) -> int:
        """Pictures in one direction of an animation."""
        return FILMED if self.steps is None else self.steps

    @property
    def plane(self) -> tuple[int, int]:
        """Two of the dimensions: across and up."""
        across, up = self.dimensions
        return across, up

    def named(self, row: int) -> str:
        """A test image by its number, and its class where that is known."""
        label = self.batch([row]).labels
        if label is None or self.loaded.classes is None:
            return f"test image {row}"
        return f"test image {row} (class {self.loaded.classes[int(label[0])]})"


def _manifold(walk: Walk) -> Shown:
    from genmodels.analysis.latent import manifold, quantiles

    size, (across, up) = PLANE if walk.steps is None else walk.steps, walk.plane
    device = walk.test.pixels.device
    pictures = walk.loaded.on_paper(manifold(walk.loaded.model, (across, up), size, walk.label, device))
    values = quantiles(size).tolist()
    names = walk.loaded.classes
    of_class = "" if walk.label is None or names is None else f" as class {names[walk.label]}"
    sentence = manifold_told(pictures, walk.plane, walk.codes, values[-1])

    def draw(title: str) -> "Figure":
        from genmodels.figures.latent import manifold_figure

        return manifold_figure(pictures, values, (across, up), title, sentence)

    return Shown(f"The plane of codes z{across}, z{up}, decoded{of_class} by {walk.called}", draw)


def _scatter(walk: Walk) -> Shown:
    from genmodels.analysis.latent import quantiles

    codes, classes, plane = walk.codes, walk.loaded.classes, walk.plane
    edge = float(quantiles(2)[1])
    sentence = scatter_told(codes, plane, classes, bool(walk.loaded.settings.conditional))

    def draw(title: str) -> "Figure":
        from genmodels.figures.latent import scatter_figure

        return scatter_figure(codes.means, codes.labels, classes, codes.kl_by_dimension, plane, title, sentence, edge)

    return Shown(f"Codes of {len(codes.means):,} test images in {walk.called}", draw)


def _interpolate(walk: Walk) -> Shown:
    import numpy as np

    from genmodels.analysis.latent import interpolation

    loaded, names = walk.loaded, [walk.named(row) for row in walk.images]
    pair, steps = walk.batch(walk.images), walk.row
    first, last = pair.images.cpu().numpy()
    pictures, filmed = (interpolation(loaded.model, pair, count) for count in (steps, walk.filmed))
    row = loaded.on_paper(np.stack([first, *pictures, last]))
    sentence = interpolation_told(pictures, names, _shares(steps), walk.codes)
    title = f"From {names[0]} to {names[1]}: {walk.called}"
    if loaded.settings.conditional and pair.labels is not None and loaded.classes is not None:
        title += f", all decoded as class {loaded.classes[int(pair.labels[0])]}"

    def draw(title: str) -> "Figure":
        return _large_images(row, [names[0], *_shares(steps), names[1]], title, sentence)

    def film(title: str) -> "Film":
        from genmodels.figures.films import walking_film
        from genmodels.figures.grid import GridRow, grid_figure

        told = _on_the_way(len(filmed))
        shown = GridRow(row[[0, 1, -1]], above=[names[0], "on the way", names[1]])
        figure = grid_figure([shown], f"{title}\n{told[-1]}", sentence)
        return walking_film(figure, [(1, loaded.on_paper(filmed))], told)

    return Shown(title, draw, film, steps)


def _shares(steps: int) -> list[str]:
    return [f"{k / (steps - 1):.0%}" for k in range(steps)]


def _on_the_way(steps: int) -> list[str]:
    return [f"{share} of the way" for share in _shares(steps)]


def _traverse(walk: Walk) -> Shown:
    from genmodels.analysis.latent import quantiles, traversal

    loaded, kl = walk.loaded, walk.codes.kl_by_dimension
    row, dimensions = walk.images[0], list(walk.dimensions)
    pictures, filmed = (
        [loaded.on_paper(one) for one in traversal(loaded.model, walk.batch([row]), dimensions, count)]
        for count in (walk.row, walk.filmed)
    )
    labels = [f"z{d} ({kl[d]:.2f} nats)" for d in dimensions]
    values, told = (_signed(quantiles(count).tolist()) for count in (walk.row, walk.filmed))
    sentence = traversal_told(dict(zip(dimensions, pictures, strict=True)))

    def draw(title: str) -> "Figure":
        from genmodels.figures.grid import labelled_grid

        return labelled_grid(pictures, labels, [None] * len(pictures), title, values, sentence)

    def film(title: str) -> "Film":
        import numpy as np

        from genmodels.figures.films import walking_film

        where = [f"each at {value}" for value in told]
        figure = _large_images(np.stack([one[0] for one in filmed]), labels, f"{title}\n{where[0]}", sentence)
        return walking_film(figure, list(enumerate(filmed)), where)

    return Shown(f"The code of {walk.named(row)}, one dimension moved at a time: {walk.called}", draw, film, walk.row)


def _signed(values: Sequence[float]) -> list[str]:
    return [f"{value:+.2f}".replace("-", "−") for value in values]


def _large_images(pictures: "Pictures", labels: Sequence[str], title: str, sentence: str) -> "Figure":
    """Images side by side in as many rows as make them large.

    Args:
        pictures: shape (N, Y, X).
        labels: above each; none where all are empty.
        title: above; of a film, its last line changes.
        sentence: below.
    """
    from genmodels.figures.grid import GridRow, grid_figure, room_for_images
    from genmodels.figures.pictures import columns_for

    height, width = pictures.shape[1:]
    across = columns_for(len(pictures), (height, width), room_for_images())
    rows = []
    for start in range(0, len(pictures), across):
        part = slice(start, start + across)
        rows.append(GridRow(pictures[part], above=labels[part] if any(labels) else None))
    return grid_figure(rows, title, sentence)


def between_codes(loaded: "Loaded[Any, Any]", called: str, steps: int | None, seed: int) -> Shown:
    """The ways between random codes of a generator.

    Args:
        loaded: a GAN.
        called: the run and what it has learned from.
        steps: images in a row; None: the usual number.
        seed: of the codes.
    """
    from genmodels.analysis.latent import generator_walks

    count, filmed_count = (STEPS, FILMED) if steps is None else (steps, steps)
    rows, filmed = (
        [loaded.on_paper(row) for row in generator_walks(loaded.model, WALKS, number, seed)]
        for number in (count, filmed_count)
    )
    sentence = ways_told(rows)

    def draw(title: str) -> "Figure":
        from genmodels.figures.grid import labelled_grid

        return labelled_grid(rows, [""] * WALKS, [None] * WALKS, title, _shares(count), sentence)

    def film(title: str) -> "Film":
        import numpy as np

        from genmodels.figures.films import walking_film

        told = _on_the_way(len(filmed[0]))
        first = np.stack([one[0] for one in filmed])
        figure = _large_images(first, [""] * WALKS, f"{title}\n{told[-1]}", sentence)
        return walking_film(figure, list(enumerate(filmed)), told)

    return Shown(f"Ways between random codes of {called}", draw, film, count)


KINDS: Mapping[str, Callable[[Walk], Shown]] = {
    "manifold": _manifold,
    "interpolate": _interpolate,
    "traverse": _traverse,
    "scatter": _scatter,
}
