"""Images that a run draws to be measured, the same way wherever they are."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genmodels.families.images import ImageRun

if TYPE_CHECKING:
    from torch import Tensor

    from genmodels.data.images.image_set import ImageSet
    from genmodels.models.stored import Loaded


@dataclass(frozen=True)
class Form:
    """In which form images are measured, real and drawn alike.

    Args:
        binarize: the kind of targets: "none" for grey ones.
        levels: of grey; None: as many as the images have.
    """

    binarize: str
    levels: int | None = None

    @property
    def told(self) -> str:
        """The form as a title says it."""
        levels = "" if self.levels is None else f"in {self.levels} levels of grey"
        drawn = "" if self.binarize == "none" else "drawn as black and white"
        return " and ".join(filter(None, (levels, drawn))) or "grey"


def drawn_to_measure(
    run: ImageRun,
    loaded: "Loaded[Any, Any]",
    name: str,
    count: int,
    form: Form,
    seed: int,
    images: "ImageSet",
) -> "Tensor":
    """Images of a model, shape (count, Y, X); of one that is given classes, of these by their shares in the data.

    Args: as of `ImageRun.draw_from`; a name for progress, the form, and the set whose training part has the shares.
    """
    from torch import from_numpy

    from genmodels.models.pixel_model import shown_in
    from genmodels.sampling.images import as_targets, draw_classes

    labels = None
    if run.given and images.train.labels is not None:
        labels = draw_classes(images.train.labels, count, seed)
    with run.teller.counting(f"drawing from {name}", count) as advance:
        drawn = run.draw_from(loaded, count, seed, labels, advance=advance)
    grey = from_numpy(drawn) if form.levels is None else shown_in(from_numpy(drawn), form.levels)
    return as_targets(grey, form.binarize, seed)
