"""Images that a run draws to be measured, the same way wherever they are."""

from typing import TYPE_CHECKING, Any

from genmodels.families.images import ImageRun

if TYPE_CHECKING:
    from torch import Tensor

    from genmodels.data.images.image_set import ImageSet
    from genmodels.models.stored import Loaded


def drawn_to_measure(
    run: ImageRun, loaded: "Loaded[Any, Any]", name: str, count: int, binarize: str, seed: int, images: "ImageSet"
) -> "Tensor":
    """Images of a model, shape (count, Y, X); of one that is given classes, of these by their shares in the data.

    Args:
        run: whose they are.
        loaded: its model.
        name: what is drawn from, for its progress.
        count: how many.
        binarize: in the form of which targets.
        seed: of every random number.
        images: whose training part has the shares.
    """
    from torch import from_numpy

    from genmodels.sampling.images import as_targets, draw_classes

    labels = None
    if run.given and images.train.labels is not None:
        labels = draw_classes(images.train.labels, count, seed)
    with run.teller.counting(f"drawing from {name}", count) as advance:
        drawn = run.draw_from(loaded, count, seed, labels, advance=advance)
    return as_targets(from_numpy(drawn), binarize, seed)
