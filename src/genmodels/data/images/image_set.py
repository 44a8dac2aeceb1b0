"""An image set: what run.json keeps of it, which test images are shown, what their classes are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.data.images.dividing import BY_CLASS, SHUFFLED
from genmodels.data.images.ink import TOLD, ink_of
from genmodels.data.images.parts import Part
from genmodels.data.passed_over import PassedOver, Taken, recorded
from genmodels.errors import RunError, listed
from genmodels.settings.fields import check_numbers
from genmodels.telling import Notice, each_number_once

SHOWN = 10  # test images, where none are named


@dataclass(frozen=True)
class HowRead:
    """How the files of an image set are read, and divided.

    Args:
        levels: so many grey levels a pixel model was asked for: whole numbers from 0 up to one less may be levels;
            None: none were asked for.
        grey: whether images in colour are taken as grey, or refused.
        division: how images are held out, to test on where nothing says which, and by --val-images: `BY_CLASS`, or
            `SHUFFLED` as the runs were whose run.json says nothing of it.
    """

    levels: int | None = None
    grey: bool = False
    division: str = BY_CLASS

    @classmethod
    def recorded(cls, described: Mapping[str, Any]) -> "HowRead":
        """How a run read them, by what `describe_images` gave.

        Raises:
            RunError: it is divided in a way that is unknown here.
        """
        division = described.get("division", SHUFFLED)
        if division not in {SHUFFLED, BY_CLASS}:
            raise RunError(
                f"run.json divides its images {division!r}, which this version does not know", "update genmodels."
            )
        return cls(described.get("levels"), bool(described.get("grey", False)), division)


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
        reading: what was noted when its files were read: "held_out", "guesses", "unused".
        taken: what was taken of the files that were given; None for a known set.
        how: it was read and divided.
    """

    name: str
    source: str
    train: Part
    test: Part
    classes: tuple[str, ...] | None
    fingerprint: str
    reading: Mapping[str, Any] = field(default_factory=dict)
    taken: Taken | None = None
    how: HowRead = HowRead()

    @cached_property
    def ink(self) -> str:
        """What its pictures are drawn with: "light" ink on dark ground, "dark" ink, or "neither"."""
        return ink_of(self.train.pixels)

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns) of an image."""
        return self.train.pixels.shape[1], self.train.pixels.shape[2]


BUILT_IN = "digits"


def taken_of(images: ImageSet, unit: str, passed_over: Mapping[str, str], guesses: Sequence[str]) -> Taken:
    """What was taken of the files of a set, for the first lines of a training.

    Args:
        images: the set.
        unit: what its files hold: "pictures" or "images".
        passed_over: what was given but not read -> why.
        guesses: what was guessed before anything was read.
    """
    train, test = len(images.train.pixels), len(images.test.pixels)
    rows, columns = images.shape
    if images.reading.get("held_out"):
        count = f"{train + test:,} {unit} of {columns}x{rows}, {test:,} of them held out to test on"
    else:
        count = f"{train:,} {unit} of {columns}x{rows} to train on and {test:,} to test on"
    names = images.classes or ()
    many = (
        f"in {len(names)} class{'es' if len(names) > 1 else ''} ({listed(names, SHOWN)})"
        if names
        else "without classes"
    )
    what = f"{images.name}: {count}, {many}, {TOLD[images.ink]}"
    unused = {**passed_over, **images.reading.get("unused", {})}
    told = [*guesses, *images.reading.get("guesses", ())]
    return Taken(what, [PassedOver(name, why) for name, why in unused.items()], told)


def describe_images(images: ImageSet) -> dict[str, Any]:
    """What run.json keeps of an image set: enough to find it again and to notice a change."""
    labels = images.train.labels
    taken = images.taken
    given = {} if taken is None else {"taken": taken.what, "passed_over": recorded(taken.passed_over)}
    counted = None if images.classes is None or labels is None else np.bincount(labels, minlength=len(images.classes))
    return {
        "name": images.name,
        "sources": [images.source],
        "fingerprint": images.fingerprint,
        "images": [len(images.train.pixels), len(images.test.pixels)],
        "shape": list(images.shape),
        "classes": None if images.classes is None else list(images.classes),
        "class_counts": None if counted is None else counted.tolist(),
        "ink": images.ink,
        "levels": images.how.levels,
        "grey": images.how.grey,
        "division": images.how.division,
        **given,
    }


def choose_test_images(images: ImageSet, rows: Sequence[int] | None, notice: Notice) -> list[int]:
    """Numbers of test images: those asked for, or the first of each class, at most ten.

    Raises:
        UsageError: there is no such image, or none is named.
    """
    count, labels = len(images.test.pixels), images.test.labels
    if rows is not None:
        return each_number_once(check_numbers("--images", rows, count, " test images"), "image", notice)
    if labels is None:
        notice(f"{images.name} has no classes: took the first {SHOWN} test images")
        return list(range(min(SHOWN, count)))
    return [int(row) for row in np.unique(labels, return_index=True)[1][:SHOWN]]


def has_grey(pixels: NDArray[np.uint8]) -> bool:
    """Whether any pixel is neither black nor white."""
    return bool(((pixels > 0) & (pixels < 255)).any())


def class_names(images: ImageSet, rows: Sequence[int]) -> list[str] | None:
    """The classes of some test images by name; None where the set has none."""
    labels = images.test.labels
    if labels is None or images.classes is None:
        return None
    return [images.classes[int(labels[row])] for row in rows]
