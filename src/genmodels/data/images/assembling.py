"""Arrays and labels as files hold them -> the parts of an image set: one scale, one numbering."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from genmodels.data.images.ink import mixed_grounds
from genmodels.data.images.labels import as_labels, numbered
from genmodels.data.images.parts import MOST_IMAGES, Part, Parts, Pixels
from genmodels.data.images.scale import LEAST_WHITE, as_bytes
from genmodels.errors import DataError


@dataclass(frozen=True)
class Stored:
    """One part as files hold it.

    Args:
        pixels: shape (N, Y, X), of any type.
        labels: see `as_labels`; None where there are none.
        name: what a sentence calls the labels.
        lacking: what a sentence says where it alone lacks labels: "the pictures of test/ lie in no class folders".
        loose: what it says of pictures without a class among others that have one: "stray.png in no class folder".
        names: of the images, where they have some.
    """

    pixels: NDArray[Any]
    labels: NDArray[Any] | None
    name: str = "the labels"
    lacking: str = "a part has no labels"
    loose: str = ""
    names: Sequence[str] = ()


def assembled(
    train: Stored,
    test: Stored | None,
    where: str,
    *,
    guesses: Sequence[str] = (),
    unused: Mapping[str, str] | None = None,
    white: int | None = None,
    classes: Sequence[str] | None = None,
) -> Parts:
    """An image set out of its parts.

    Args:
        train: the training part.
        test: the test part, or None.
        where: what an error calls the set.
        guesses: what was guessed or changed so far; such sentences name no place, as they are kept by content.
        unused: what the files hold and was not used -> why.
        white: the value that is white, where it is known.
        classes: names of the labels 0, 1, ..., where they are known.

    Raises:
        DataError: the scale can't be told, or labels don't fit.
    """
    parts = [train] if test is None else [train, test]
    _check_count(parts, where)
    pixels, told = as_bytes([part.pixels for part in parts], where, white)
    _check_content(pixels[0], where)
    told = [*guesses, *told, *_dim_told(pixels), *mixed_grounds(pixels[0], train.names)]
    labels = [None if p.labels is None else as_labels(p.labels, len(p.pixels), p.name) for p in parts]
    known = [found for found in labels if found is not None]
    if 0 < len(known) < len(parts) or any(part.loose for part in parts):
        why = next(part.loose or part.lacking for part in parts if part.labels is None)
        told.append(f"{why}: images are taken without their classes")
    if len(known) < len(parts):
        made = [Part(bytes_, None) for bytes_ in pixels]
        return Parts(made[0], made[1] if test is not None else None, None, tuple(told), unused or {}, parts[-1].names)
    numbers, names = numbered(known, classes)
    strange = [] if classes is not None else sorted({int(n) for n in numbers[-1]} - {int(n) for n in numbers[0]})
    if strange:
        told.append(f"no training image is of class {names[strange[0]]!r}, but test images are")
    made = [Part(bytes_, numbers_) for bytes_, numbers_ in zip(pixels, numbers, strict=True)]
    return Parts(made[0], made[1] if test is not None else None, names, tuple(told), unused or {}, parts[-1].names)


def _check_count(parts: Sequence[Stored], where: str) -> None:
    """Refuse more images than can be numbered in little memory.

    Raises:
        DataError: they are more.
    """
    if (count := max(len(part.pixels) for part in parts)) > MOST_IMAGES:
        raise DataError(f"{where} holds {count:,} images, more than {MOST_IMAGES:,}", "use fewer of them.")


def _check_content(pixels: Pixels, where: str) -> None:
    """Refuse images of which every pixel is the same.

    Raises:
        DataError: they are.
    """
    if pixels.size and pixels.min() == pixels.max():
        raise DataError(f"all pixels of the images in {where} are {pixels.min()}", "give images that show something.")


def _dim_told(parts: Sequence[Pixels]) -> list[str]:
    """A sentence where one part is much darker than the other."""
    highs = [int(pixels.max(initial=0)) for pixels in parts]
    if not 0 < min(highs) < LEAST_WHITE <= max(highs):
        return []
    return [f"training images go up to {highs[0]} of 255, test images up to {highs[-1]}"]
