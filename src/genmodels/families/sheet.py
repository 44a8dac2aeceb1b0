"""Drawn images as a figure, as numbers in an .npz, or as a GIF."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit
from genmodels.family import family_of
from genmodels.look import USUAL, Look
from genmodels.named_files import forced, save_file
from genmodels.paths import path_of
from genmodels.runs import RunDir
from genmodels.telling import Counting, Notice, silent, uncounted

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from genmodels.figures.films import Film

MOST_TOGETHER = 20  # classes that have a column of their own
STILL = "one epoch does not move"
OF_EPOCHS = "All epochs draw from the same random numbers: follow one place from epoch to epoch."
OF_CLASSES = "Below each image is the class that was asked for."


@dataclass(frozen=True)
class Told:
    """What is said of drawn images.

    Args:
        sentence: how they were drawn, and what to look at.
        in_order: whether they were drawn pixel after pixel, row by row.
    """

    sentence: str
    in_order: bool = False


@dataclass(frozen=True, repr=False)
class Sheet(Exhibit):
    """Images of each epoch.

    Args:
        images: for each epoch an array (N, Y, X) from 0 to 1, as in the image set: 0 is black.
        epochs: their numbers.
        labels: class of each image, or None.
        names: the same by name.
        ink: what the pictures of the run's set are drawn with; see `genmodels.data.images.ink`.

    Example:
        >>> sheet = genmodels.open_run("first", genmodels.VaeRun).samples(epochs=[1, 2], count=4)
        >>> sheet.images[0].shape[0], list(sheet.epochs)
        (4, [1, 2])
        >>> sheet.save("learning.gif")
        PosixPath('learning.gif')
    """

    images: "Sequence[NDArray[np.float32]]" = field(default=(), kw_only=True)
    epochs: Sequence[float] = field(default=(), kw_only=True)
    labels: Sequence[int] | None = field(default=None, kw_only=True)
    names: Sequence[str] | None = field(default=None, kw_only=True)
    ink: str = field(default="light", kw_only=True)

    @property
    def shown(self) -> "list[NDArray[np.float32]]":
        """The images as figures draw them: 1 is black."""
        from genmodels.data.images.ink import on_paper

        return [on_paper(images, self.ink) for images in self.images]

    @classmethod
    def of(cls, facts: Mapping[str, Any], title: str, told: Told, **of_class: Any) -> "Sheet":
        """The images of a run as an exhibit.

        Args:
            facts: which run, epochs and classes.
            title: of which run and data.
            told: what is said of the images.
            of_class: arguments of this class.
        """

        def draw(title: str) -> "Figure":
            return _figure(sheet.shown, sheet.epochs, title, sheet.names, told)

        def film(title: str) -> "Film":
            return _drawing(sheet, title, told) if len(sheet.epochs) == 1 else _learning(sheet, title, told)

        moves = len(of_class["epochs"]) > 1 or told.in_order
        sheet = cls("samples", title, facts, draw=draw, film=film if moves else None, **of_class)
        return sheet

    def save(
        self, path: str | Path, notice: Notice = silent, look: Look = USUAL, counting: Counting = uncounted,
        force: bool = False,
    ) -> Path:  # fmt: skip
        """Write a figure (.png, .pdf, .svg), the numbers (.npz) or an animation (.gif).

        Of several epochs the animation has a frame for each; of one epoch of a model that draws pixel after pixel it
        shows how that goes.

        Args:
            path: of the file.
            notice: is told of characters in the figure that no font here has.
            look: title and size of the figure, where they are to be other than its own.
            counting: how far an animation is.
            force: replace also what genmodels did not write, or was changed since.

        Raises:
            UsageError: another ending, or an animation of one epoch that is drawn at once.
            ResourceError: the file can't be written.
        """
        target = path_of(path)
        if target.suffix.lower() == ".gif" and self.film is None:
            raise UsageError(f"{target}: {STILL}", "draw several epochs: .samples(epochs=[1, 2]), or epochs='all'.")
        if target.suffix.lower() != ".npz":
            return super().save(target, notice, look, counting, force)
        with forced(force):
            _save_arrays(self, target)
        return target

    @property
    def endings(self) -> tuple[str, ...]:
        """Those of the figure, and .npz."""
        return (*super().endings, ".npz")

    def arrays(self) -> "dict[str, NDArray[Any]]":
        """The numbers: "images" float32 (epochs, N, Y, X), "epochs", and "labels" where there are some."""
        import numpy as np

        labels = {} if self.labels is None else {"labels": np.array(self.labels)}
        return {"images": np.stack(self.images), "epochs": np.array(self.epochs), **labels}

    @property
    def arrays_told(self) -> str:
        """What an .npz holds."""
        shape = (len(self.images), *self.images[0].shape)
        return f"images: float32 {shape} (epochs, images, rows, columns), from 0 to 1"


def check_target(path: Path) -> None:
    """Look at a sheet's file before anything is drawn.

    Raises:
        UsageError: its ending is none that can be written.
    """
    from genmodels.figures.saving import check_format

    if path.suffix.lower() != ".npz":
        check_format(path)


def check_animation(path: Path, run: RunDir, *, moves: bool) -> None:
    """Look at an animation's name before anything is drawn.

    Args:
        path: of the file.
        run: whose images are to move.
        moves: whether there are several epochs, or images that are drawn pixel after pixel.

    Raises:
        UsageError: another ending than .gif, or nothing that moves.
    """
    from genmodels.figures.saving import check_film

    check_film(path)
    if not moves:
        raise UsageError(f"--animate {path}: {STILL}", _how_to_move(run))


def _how_to_move(run: RunDir) -> str:
    """A hint: how several epochs of a run can be had."""
    if len(run.kept()) > 1:
        return f"give --epochs all; kept are: {run.kept_told()}."
    train = f"genmodels {family_of(run.document()['family']).train_command}"
    more = "--epochs 10 keeps more, and with --preview-every 20steps parts of epochs too"
    return f"{run.path} has kept one alone: a new run of {train} {more}."


def _figure(
    images: "Sequence[NDArray[np.float32]]",
    epochs: Sequence[float],
    title: str,
    names: Sequence[str] | None,
    told: Told,
) -> "Figure":
    """One epoch: images edge to edge, or with their classes; several: a group of rows for each."""
    from genmodels.figures.grid import GridRow, grid_figure, room_for_images, tile_figure
    from genmodels.figures.pictures import columns_for

    several = len(images) > 1
    count, shape = images[0].shape[0], images[0].shape[1:]
    sentence = " ".join([told.sentence, *[OF_EPOCHS] * several, *[OF_CLASSES] * (names is not None)])
    if not several and names is None:
        return tile_figure(images[0], columns_for(count, shape, room_for_images()), title, sentence=sentence, gap=1)
    classes = 1 if names is None else len(dict.fromkeys(names))
    together = classes if 1 < classes <= MOST_TOGETHER else 1  # so that a class has a column
    width = columns_for(count, shape, room_for_images(), len(images), together)
    rows = []
    for sheet, epoch in zip(images, epochs, strict=True):
        for start in range(0, count, width):
            label = f"epoch {epoch}" if several and start == 0 else ""
            below = None if names is None else names[start : start + width]
            rows.append(GridRow(sheet[start : start + width], label, below=below, apart=start == 0))
    return grid_figure(rows, title, sentence)


def _learning(sheet: Sheet, title: str, told: Told) -> "Film":
    """A frame for each epoch, all of the same size."""
    from genmodels.figures.films import Film

    pairs = zip(sheet.shown, sheet.epochs, strict=True)
    frames = (_figure([images], [epoch], f"{title}\nepoch {epoch}", sheet.names, told) for images, epoch in pairs)
    return Film(frames, len(sheet.epochs))


def _drawing(sheet: Sheet, title: str, told: Told) -> "Film":
    """A frame for some more pixels, in the order in which they were drawn."""
    import numpy as np

    from genmodels.figures.films import drawing_film, in_raster_order, pixels_told
    from genmodels.figures.grid import room_for_images
    from genmodels.figures.pictures import columns_for, tiled

    (images,) = sheet.shown
    count, rows, columns = images.shape
    side = columns_for(count, (rows, columns), room_for_images())
    whole = rows * columns
    figure = _figure([images], sheet.epochs, f"{title}\n{pixels_told(whole, whole)}", None, told)

    def until(there: "NDArray[np.bool_]") -> "list[NDArray[np.float32]]":
        return [tiled(np.where(there, images, np.float32(np.nan)), side, 1, 0)]

    return drawing_film(figure, in_raster_order((rows, columns)), until)


def _save_arrays(sheet: Sheet, target: Path) -> None:
    import numpy as np

    file = io.BytesIO()
    np.savez_compressed(file, **sheet.arrays())  # type: ignore[arg-type]  # a name that is no array's is never given
    save_file(target, file.getvalue())
