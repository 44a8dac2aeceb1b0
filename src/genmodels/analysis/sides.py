"""Real images of both sides: those that a model learned from, and those beside which what it draws is measured."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from genmodels.analysis.classifying import learned_rows
from genmodels.data.images.dividing import rows_held_out
from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.parts import Part
from genmodels.errors import DataError
from genmodels.models.pixel_model import shown_in
from genmodels.randomness import derive_seed
from genmodels.telling import counted

SEED = 1
FEWEST_COMPARED = 2  # images of either half


@dataclass(frozen=True)
class Sides:
    """Real images of both sides; the classifier learned from none that are compared.

    Args:
        train: all that a model learned from: copies are looked for among them.
        beside: those of them that the classifier did not learn from.
        held_out: images that neither learned from.
    """

    train: Part
    beside: Part
    held_out: Part

    def in_levels(self, count: int) -> "Sides":
        """The same images with so many levels of grey."""

        def seen(part: Part) -> Part:
            pixels = (shown_in(torch.tensor(part.pixels) / 255.0, count) * 255.0).round()
            return Part(pixels.to(torch.uint8).numpy(), part.labels)

        return Sides(seen(self.train), seen(self.beside), seen(self.held_out))


def sides_of(images: ImageSet) -> Sides:
    """What drawn images are compared with wherever it is reported, by whichever images a run's epochs were chosen.

    Raises:
        DataError: see `halves_of_test`.
    """
    return _sides(images, np.arange(len(images.train.pixels)), images.test.take(halves_of_test(images)[1]))


def choosing_sides(images: ImageSet, trained: NDArray[np.int64], validated: NDArray[np.int64] | None = None) -> Sides:
    """What drawn images are compared with while a model trains, which its best epoch is chosen by: none of the others.

    Args:
        images: the set.
        trained: numbers of the training images that a model learned from.
        validated: numbers of those that were held out of them; None: a half of the test images are.

    Raises:
        DataError: see `halves_of_test`.
    """
    if validated is None:
        return _sides(images, trained, images.test.take(halves_of_test(images)[0]))
    return _sides(images, trained, images.train.take(np.setdiff1d(validated, learned_rows(images))))


def _sides(images: ImageSet, trained: NDArray[np.int64], held_out: Part) -> Sides:
    beside = np.setdiff1d(trained, learned_rows(images))
    return Sides(images.train.take(trained), images.train.take(beside), held_out)


def halves_of_test(images: ImageSet) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the test images that epochs are chosen by, and of those that are reported on: of each class alike.

    The least of many distances is the luckiest one, too, so it must not be told of the images that it was found with.

    Raises:
        DataError: they are too few to be halved.
    """
    count = len(images.test.pixels)
    if count < 2 * FEWEST_COMPARED:
        raise DataError(
            f"{images.name} has {counted(count, 'test image')}, too few: one half chooses the best epoch of a GAN, and "
            "beside the other one drawn images are measured",
            f"give at least {2 * FEWEST_COMPARED}.",
        )
    chooses = rows_held_out(images.test, count // 2, derive_seed(SEED, "images that choose", 0))
    return chooses, np.setdiff1d(np.arange(count), chooses)
