"""Which test images are shown, and how the same ones are had again."""

from collections.abc import Sequence

from genmodels.errors import in_turn


def classes_told(rows: Sequence[int], picked: bool, where: str = "Above each image") -> str:
    """Where the classes of test images that are shown stand, and which images they are.

    Args:
        rows: their numbers.
        picked: whether nobody asked for these: then they are the first of each class.
        where: the classes stand.

    >>> classes_told([0, 1], picked=True)
    'Above each image stands its class; each is the first test image of its class.'
    >>> classes_told([17], picked=False, where="Left of the image")
    'Left of the image stands its class; it is test image 17.'
    """
    alone, numbers = len(rows) == 1, in_turn([str(row) for row in rows])
    if picked:
        which = f"{'it' if alone else 'each'} is the first test image of its class"
    else:
        which = f"it is test image {numbers}" if alone else f"they are test images {numbers}"
    return f"{where} stands its class; {which}."


def same_told(rows: Sequence[int]) -> str:
    """How the same test images are had again."""
    return f"--images {','.join(map(str, rows))} takes the same {'one' if len(rows) == 1 else 'ones'}"
