"""Drawn images as a figure, as numbers in an .npz, or as a GIF."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.durable import save_file
from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit
from genmodels.look import USUAL, Look
from genmodels.paths import path_of
from genmodels.telling import Notice, silent

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


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
    epochs: Sequence[int] = field(default=(), kw_only=True)
    labels: Sequence[int] | None = field(default=None, kw_only=True)
    names: Sequence[str] | None = field(default=None, kw_only=True)
    ink: str = field(default="light", kw_only=True)

    @property
    def shown(self) -> "list[NDArray[np.float32]]":
        """The images as figures draw them: 1 is black."""
        from genmodels.data.images.ink import on_paper

        return [on_paper(images, self.ink) for images in self.images]

    @classmethod
    def of(
        cls,
        run: Path,
        title: str,
        images: "Sequence[NDArray[np.float32]]",
        epochs: Sequence[int],
        labels: Sequence[int] | None,
        names: Sequence[str] | None,
        ink: str,
    ) -> "Sheet":
        """The images of a run as an exhibit; arguments as those of the class."""
        facts = {"run": str(run), "epochs": list(epochs), "count": len(images[0]), "labels": labels}

        def draw(title: str) -> "Figure":
            return _figure(sheet.shown, epochs, title, names)

        sheet = cls(
            "samples", title, facts, draw=draw, images=images, epochs=epochs, labels=labels, names=names, ink=ink
        )
        return sheet

    def save(self, path: str | Path, notice: Notice = silent, look: Look = USUAL) -> Path:
        """Write a figure (.png, .pdf, .svg), the numbers (.npz) or, of several epochs, an animation (.gif).

        Args:
            path: of the file.
            notice: is told of characters in the figure that no font here has.
            look: title and size of the figure, where they are to be other than its own.

        Raises:
            UsageError: another ending, or an animation of one epoch.
            ResourceError: the file can't be written.
        """
        target = path_of(path)
        writer = _WRITERS.get(target.suffix.lower())
        if writer is None:
            return super().save(target, notice, look)
        writer(self, target, notice, look)
        return target

    @property
    def endings(self) -> tuple[str, ...]:
        """Those of the figure, .npz, and .gif where something moves."""
        return (*super().endings, ".npz", *([".gif"] if len(self.images) > 1 else []))

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


def check_animation(path: Path, epochs: int) -> None:
    """Look at an animation's name before anything is drawn.

    Raises:
        UsageError: another ending than .gif, or nothing that moves.
    """
    if path.suffix.lower() != ".gif":
        raise UsageError(f"--animate {path} is no .gif", "end it in .gif.")
    if epochs < 2:
        raise UsageError(f"--animate {path}: one epoch does not move", "name several, such as --epochs 1-2.")


def _figure(
    images: "Sequence[NDArray[np.float32]]", epochs: Sequence[int], title: str, names: Sequence[str] | None
) -> "Figure":
    """One epoch: a square of images; several: a row for each."""
    from genmodels.figures.grid import labelled_grid, tile_figure

    if len(images) == 1 and names is None:
        columns = max(1, round(len(images[0]) ** 0.5))
        return tile_figure(images[0], columns, f"{title}, epoch {epochs[0]}")
    width = min(len(images[0]), 20 if len(images) > 1 else 10)
    rows, labels, captions = [], [], []
    for sheet, epoch in zip(images, epochs, strict=True):
        for start in range(0, len(sheet), width):
            rows.append(sheet[start : start + width])
            labels.append(f"epoch {epoch}" if start == 0 else "")
            captions.append(None if names is None else names[start : start + width])
    return labelled_grid(rows, labels, captions, title)


def _save_arrays(sheet: Sheet, target: Path, notice: Notice, look: Look) -> None:
    del notice, look
    import numpy as np

    file = io.BytesIO()
    np.savez_compressed(file, **sheet.arrays())  # type: ignore[arg-type]  # a name that is no array's is never given
    save_file(target, file.getvalue())


def _save_animation(sheet: Sheet, target: Path, notice: Notice, look: Look) -> None:
    """A frame for each epoch, all of the same size."""
    from genmodels.figures.grid import tile_figure
    from genmodels.figures.saving import save_animation

    check_animation(target, len(sheet.images))
    columns = max(1, round(len(sheet.images[0]) ** 0.5))
    titles = [f"{look.title or sheet.title}, epoch {epoch}" for epoch in sheet.epochs]
    frames = [tile_figure(images, columns, title) for images, title in zip(sheet.shown, titles, strict=True)]
    save_animation(frames, target, notice, look)


_WRITERS: dict[str, Callable[[Sheet, Path, Notice, Look], None]] = {".npz": _save_arrays, ".gif": _save_animation}
