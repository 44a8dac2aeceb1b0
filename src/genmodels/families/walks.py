"""Walks through the space of codes, each with its title, its figure and, where something moves, its film."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
UNUSED = 0.01  # nats: a dimension with less says next to nothing of an image
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
    sentence = (
        f"Look at where one kind of picture turns into another. Each is decoded from the code at its place"
        f"{'' if walk.loaded.settings.latent_size <= 2 else ', with 0 in all other dimensions'}; steps are equal in "
        f"probability under N(0, 1), up to ±{values[-1]:.2f}. --kind scatter shows where images lie here."
    )

    def draw(title: str) -> "Figure":
        from genmodels.figures.latent import manifold_figure

        return manifold_figure(pictures, values, (across, up), title, sentence)

    return Shown(f"The plane of codes z{across}, z{up}, decoded{of_class} by {walk.called}", draw)


def _scatter(walk: Walk) -> Shown:
    from genmodels.analysis.latent import quantiles

    codes, classes, plane = walk.codes, walk.loaded.classes, walk.plane
    edge = float(quantiles(2)[1])
    sentence = _scatter_told(walk)

    def draw(title: str) -> "Figure":
        from genmodels.figures.latent import scatter_figure

        return scatter_figure(codes.means, codes.labels, classes, codes.kl_by_dimension, plane, title, sentence, edge)

    return Shown(f"Codes of {len(codes.means):,} test images in {walk.called}", draw)


def _scatter_told(walk: Walk) -> str:
    """How far classes lie apart, and how much the dimensions carry."""
    from genmodels.analysis.latent import overlap

    codes, classes, told = walk.codes, walk.loaded.classes, []
    kl, sum_ = codes.kl_by_dimension, codes.kl_by_dimension.sum()
    if codes.labels is not None and classes is not None:
        found = overlap(codes.means[:, list(walk.plane)], codes.labels)
        looks = "Look at where classes lie apart and where on each other"
        if walk.loaded.settings.conditional:
            looks = "Classes may lie on each other: encoder and decoder are given the class, so no code need tell it"
        told.append(f"{looks}: {found.own:.0%} of the images lie nearest to the middle of their own class")
        if found.mistaken is not None:
            one, other = (classes[label] for label in found.mistaken)
            told[-1] += f", and the others most often are {one} nearest to that of {other}"
        told[-1] += "."
    most = codes.busiest(1)[0]
    unused = int((kl < UNUSED).sum())
    told.append(
        f"KL is how much the code tells of an image: z{most} carries most, {kl[most]:.2f} of {sum_:.2f} nats"
        + (f", and {unused} of {len(kl)} dimensions less than {UNUSED} each." if unused else ".")
    )
    told.append("Dashed: the plane that --kind manifold draws.")
    return " ".join(told)


def _interpolate(walk: Walk) -> Shown:
    import numpy as np

    from genmodels.analysis.latent import interpolation, turning_point

    loaded, names = walk.loaded, [walk.named(row) for row in walk.images]
    pair, steps = walk.batch(walk.images), walk.row
    first, last = pair.images.cpu().numpy()
    pictures, filmed = (interpolation(loaded.model, pair, count) for count in (steps, walk.filmed))
    row = loaded.on_paper(np.stack([first, *pictures, last]))
    turned = turning_point(pictures)
    sentence = (
        f"Look at what is between {names[0]} and {names[1]}: pictures decoded from 0% to 100% of the line between "
        "their codes"
        + ("." if turned is None else f"; from {_shares(steps)[turned]} on they are nearer to the last than the first.")
    )
    title = f"From {names[0]} to {names[1]}: {walk.called}"
    if loaded.settings.conditional and pair.labels is not None and loaded.classes is not None:
        title += f", all decoded as class {loaded.classes[int(pair.labels[0])]}"

    def draw(title: str) -> "Figure":
        from genmodels.figures.grid import GridRow, grid_figure

        return grid_figure([GridRow(row, above=[names[0], *_shares(steps), names[1]])], title, sentence)

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
    most, least = (pick(dimensions, key=lambda d: kl[d]) for pick in (max, min))
    sentence = (
        f"Look at what each dimension of the code changes while all others stay as they are: z{most} carries "
        f"{kl[most]:.2f} nats of KL" + (f", z{least} {kl[least]:.2f}." if most != least else ".")
    )

    def draw(title: str) -> "Figure":
        from genmodels.figures.grid import labelled_grid

        return labelled_grid(pictures, labels, [None] * len(pictures), title, values, sentence)

    def film(title: str) -> "Film":
        import numpy as np

        from genmodels.figures.films import walking_film

        where = [f"each at {value}" for value in told]
        figure = _moving_figure(np.stack([one[0] for one in filmed]), labels, f"{title}\n{where[0]}", sentence)
        return walking_film(figure, list(enumerate(filmed)), where)

    return Shown(f"The code of {walk.named(row)}, one dimension moved at a time: {walk.called}", draw, film, walk.row)


def _signed(values: Sequence[float]) -> list[str]:
    return [f"{value:+.2f}".replace("-", "−") for value in values]


def _moving_figure(pictures: "Pictures", labels: Sequence[str], title: str, sentence: str) -> "Figure":
    """Images side by side in as many rows as make them large.

    Args:
        pictures: shape (N, Y, X).
        labels: above each; none where all are empty.
        title: the last line of which changes.
        sentence: below.
    """
    from genmodels.figures.grid import ROOM, GridRow, grid_figure
    from genmodels.figures.pictures import columns_for

    height, width = pictures.shape[1:]
    across = columns_for(len(pictures), (height, width), ROOM)
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
    sentence = (
        "Look at what lies between two random codes, 0% and 100% of each row, along a great circle, as codes lie near "
        "a sphere: does every picture on the way look like one that could be among the images?"
    )

    def draw(title: str) -> "Figure":
        from genmodels.figures.grid import labelled_grid

        return labelled_grid(rows, [""] * WALKS, [None] * WALKS, title, _shares(count), sentence)

    def film(title: str) -> "Film":
        import numpy as np

        from genmodels.figures.films import walking_film

        told = _on_the_way(len(filmed[0]))
        first = np.stack([one[0] for one in filmed])
        figure = _moving_figure(first, [""] * WALKS, f"{title}\n{told[-1]}", sentence)
        return walking_film(figure, list(enumerate(filmed)), told)

    return Shown(f"Ways between random codes of {called}", draw, film, count)


KINDS: Mapping[str, Callable[[Walk], Shown]] = {
    "manifold": _manifold,
    "interpolate": _interpolate,
    "traverse": _traverse,
    "scatter": _scatter,
}
