"""Which test images are shown, and how the same ones are had again."""

from collections.abc import Sequence


def picked_told(rows: Sequence[int], where: str = "Above each image") -> str:
    """Where the classes of test images that are shown stand, and how the same ones are had again.

    >>> picked_told([0, 1])
    'Above each image stands its class; --images 0,1 takes the same ones.'
    """
    return f"{where} stands its class; {same_told(rows)}."


def same_told(rows: Sequence[int]) -> str:
    """How the same test images are had again."""
    return f"--images {','.join(map(str, rows))} takes the same {'one' if len(rows) == 1 else 'ones'}"
