"""An image set: what run.json keeps of it, which test images are shown, what their classes are called."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from genmodels.data.images.parts import Part
from genmodels.settings.fields import check_numbers
from genmodels.telling import Notice

SHOWN = 10  # test images, where none are named
DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class ImageSet:
    """Images to train on and images to test on.

    Args:
        name: what figures call it, e.g. "MNIST".
        source: what --dataset said: a known name or a path.
        train: the training part.
        test: the test part.
        classes: a name for each label, or None where there are no labels.
        fingerprint: SHA-256 over sizes, pixels and labels.
    """

    name: str
    source: str
    train: Part
    test: Part
    classes: tuple[str, ...] | None
    fingerprint: str

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns) of an image."""
        return self.train.pixels.shape[1], self.train.pixels.shape[2]


BUILT_IN = "digits"


def describe_images(images: ImageSet) -> dict[str, Any]:
    """What run.json keeps of an image set: enough to find it again and to notice a change."""
    labels = images.train.labels
    counted = None if images.classes is None or labels is None else np.bincount(labels, minlength=len(images.classes))
    return {
        "name": images.name,
        "sources": [images.source],
        "fingerprint": images.fingerprint,
        "images": [len(images.train.pixels), len(images.test.pixels)],
        "shape": list(images.shape),
        "classes": None if images.classes is None else list(images.classes),
        "class_counts": None if counted is None else counted.tolist(),
    }


def choose_test_images(images: ImageSet, rows: Sequence[int] | None, notice: Notice) -> list[int]:
    """Numbers of test images: those asked for, or the first of each class, at most ten.

    Raises:
        UsageError: there is no such image, or none is named.
    """
    count, labels = len(images.test.pixels), images.test.labels
    if rows is not None:
        return check_numbers("--images", rows, count, " test images")
    if labels is None:
        notice(f"{images.name} has no classes: took the first {SHOWN} test images")
        return list(range(min(SHOWN, count)))
    return [int(row) for row in np.unique(labels, return_index=True)[1][:SHOWN]]


def class_names(images: ImageSet, rows: Sequence[int]) -> list[str] | None:
    """The classes of some test images by name; None where the set has none."""
    labels = images.test.labels
    if labels is None or images.classes is None:
        return None
    return [images.classes[int(labels[row])] for row in rows]
