"""What is to be seen in walks through the space of codes, as it was measured: where nothing changes, that."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genmodels.analysis.latent import Codes

    Pictures = NDArray[np.float32]

UNUSED = 0.01  # nats: a dimension with less says next to nothing of an image
TOGETHER = 0.1  # standard deviation of codes in a plane: where it is less they lie on each other
NAMED = 4  # dimensions in a sentence


def manifold_told(pictures: "Pictures", plane: tuple[int, int], codes: "Codes", edge: float) -> str:
    """What the plane of codes shows.

    Args:
        pictures: that were decoded.
        plane: the dimensions across and up.
        codes: of images.
        edge: the greatest value of either.
    """
    looks, (across, up) = _alike(pictures), plane
    if looks:
        looks += f": the decoder makes next to nothing of z{across} and z{up}, which carry {_carried(codes, plane)}"
    return (
        f"{looks or 'Look at where one kind of picture turns into another'}. Each is decoded from the code at its place"
        f"{'' if len(codes.kl_by_dimension) <= 2 else ', with 0 in all other dimensions'}; steps are equal in "
        f"probability under N(0, 1), up to ±{edge:.2f}. --kind scatter shows where images lie here."
    )


def interpolation_told(pictures: "Pictures", names: Sequence[str], shares: Sequence[str], codes: "Codes") -> str:
    """What lies between two images.

    Args:
        pictures: on the way.
        names: of the images.
        shares: of the way, where each picture is.
        codes: of images.
    """
    from genmodels.analysis.latent import turning_point

    way = "pictures decoded from 0% to 100% of the line between their codes"
    alike = _alike(pictures)
    if alike:
        every = range(len(codes.kl_by_dimension))
        told = f"the decoder makes next to nothing of the way, and the code carries {_carried(codes, every)}"
        return f"{alike}; they are {way}: {told}."
    turned = turning_point(pictures)
    by = "by the sum of the squared differences of their pixels"
    nearer = "" if turned is None else f"; from {shares[turned]} on they are nearer to the last than to the first, {by}"
    return f"Look at what is between {names[0]} and {names[1]}: {way}{nearer}."


def traversal_told(rows: Mapping[int, "Pictures"]) -> str:
    """What each dimension changes.

    Args:
        rows: dimension -> the pictures along it.
    """
    from genmodels.analysis.latent import VISIBLE, most_change

    changes = {dimension: most_change(pictures) for dimension, pictures in rows.items()}
    still = [dimension for dimension, change in changes.items() if change < VISIBLE]
    most, least = (pick(changes, key=lambda dimension: changes[dimension]) for pick in (max, min))
    if len(still) == len(changes):
        return (
            f"Along no row a pixel changes by more than {_share(changes[most])} of the way from black to white: the "
            "decoder makes next to nothing of these dimensions. In brackets: the KL of each, what it tells of an image."
        )
    told = f"a pixel by up to {_share(changes[most])} of the way from black to white under z{most}"
    if len(still) == 1 or (not still and most != least):
        told += f", by {_share(changes[least])} at most under z{least}"
    elif still:
        named = ", ".join(f"z{dimension}" for dimension in still[:NAMED]) + (", ..." if len(still) > NAMED else "")
        told += f", by less than {VISIBLE:.0%} under {len(still)} of them ({named})"
    return (
        f"Look at what each dimension of the code changes while all others stay as they are: {told}. "
        "In brackets: its KL, what it tells of an image."
    )


def ways_told(rows: Sequence["Pictures"]) -> str:
    """What lies between random codes of a generator."""
    import numpy as np

    alike = _alike(np.concatenate(rows))
    if alike:
        return f"{alike}, whatever the code: the generator makes next to nothing of it."
    return (
        "Look at what lies between two random codes, from 0% to 100% of the way along a great circle, as codes lie "
        "near a sphere: does every picture on the way look like one that could be among the images?"
    )


def sheets_told(sheets: Sequence["Pictures"], network: str) -> str:
    """That pictures of random codes do not differ, where that is so within every sheet; else nothing.

    Args:
        sheets: pictures of one epoch each; of a single picture there is nothing to be said.
        network: that made them of the codes.
    """
    from genmodels.analysis.latent import most_change

    if any(len(pictures) < 2 or not _alike(pictures) for pictures in sheets):
        return ""
    alike = _alike(max(sheets, key=most_change))
    told = alike if len(sheets) == 1 else f"After each of these epochs {alike[:1].lower()}{alike[1:]}"
    return f"{told}, whatever the code: the {network} makes next to nothing of it."


def scatter_told(codes: "Codes", plane: tuple[int, int], classes: Sequence[str] | None, conditional: bool) -> str:
    """How far classes lie apart, and how much the dimensions carry.

    Args:
        codes: of images.
        plane: the dimensions across and up.
        classes: names of the labels.
        conditional: whether encoder and decoder are given the class.
    """
    kl, told = codes.kl_by_dimension, []
    spread = float(codes.means[:, list(plane)].std(axis=0).max())
    if spread < TOGETHER:
        told.append(f"The codes of all images lie on each other, with a standard deviation of {spread:.2g} at most.")
    elif codes.labels is not None and classes is not None:
        told.append(_classes_told(codes, plane, classes, conditional))
    most, unused = codes.busiest(1)[0], int((kl < UNUSED).sum())
    if unused == len(kl):
        told.append(f"KL is how much the code tells of an image: less than {UNUSED} nats in every dimension.")
    else:
        told.append(
            f"KL is how much the code tells of an image: z{most} carries most, {kl[most]:.2f} of {kl.sum():.2f} nats"
            + (f", and {unused} of {len(kl)} dimensions less than {UNUSED} each." if unused else ".")
        )
    told.append("Dashed: the plane that --kind manifold draws.")
    return " ".join(told)


def _classes_told(codes: "Codes", plane: tuple[int, int], classes: Sequence[str], conditional: bool) -> str:
    """How many images lie nearest to the middle of their own class, beside chance."""
    import numpy as np

    from genmodels.analysis.latent import overlap

    assert codes.labels is not None, "classes have been looked at"
    there = np.unique(codes.labels)
    if len(there) == 1:
        return f"All these images are of one class, {classes[int(there[0])]}, so no classes can lie apart."
    found = overlap(codes.means[:, list(plane)], codes.labels)
    share = (
        f"in this plane {found.own:.0%} of the images lie nearest to the middle of their own class, by chance "
        f"{1 / len(there):.0%}"
    )
    if conditional:
        return (
            "Classes may lie on each other, as encoder and decoder are given the class, so no code need tell it: "
            f"{share}."
        )
    told = f"Look at where classes lie apart and where on each other: {share}"
    if found.mistaken is not None:
        one, other = (classes[label] for label in found.mistaken)
        told += f"; the most frequent mistake is an image of class {one} nearest to the middle of class {other}"
    return f"{told}."


def _alike(pictures: "Pictures") -> str:
    """That pictures do not differ, where that is so; else nothing."""
    from genmodels.analysis.latent import VISIBLE, most_change

    change = most_change(pictures)
    if change >= VISIBLE:
        return ""
    return (
        f"All these pictures are alike, no pixel differs by more than {_share(change)} of the way from black to white"
    )


def _carried(codes: "Codes", dimensions: Sequence[int]) -> str:
    """How much of an image some dimensions tell."""
    kl = float(codes.kl_by_dimension[list(dimensions)].sum())
    return f"{f'{kl:.2f}' if kl >= UNUSED else f'less than {UNUSED}'} nats of KL"


def _share(change: float) -> str:
    """A share, that is not rounded to nothing."""
    return "1%" if change < 0.01 else f"{change:.0%}"
