"""Real images of both sides: those that a model learned from, and those beside which what it draws is measured."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from genmodels.analysis.classifying import learned_rows
from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.parts import Part
from genmodels.models.pixel_model import shown_in


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


def sides_of(
    images: ImageSet, trained: NDArray[np.int64] | None = None, validated: NDArray[np.int64] | None = None
) -> Sides:
    """What drawn images are compared with.

    Args:
        images: the set.
        trained: numbers of the training images that a model learned from; None: all.
        validated: numbers of those that were held out of them; None: the test images are.
    """
    learned = learned_rows(images)
    trained = np.arange(len(images.train.pixels)) if trained is None else trained
    held_out = images.test if validated is None else images.train.take(np.setdiff1d(validated, learned))
    return Sides(images.train.take(trained), images.train.take(np.setdiff1d(trained, learned)), held_out)
