"""When measures of drawn images are not to be trusted; needs neither images nor PyTorch, but what was measured."""

from collections.abc import Mapping
from typing import Any

from genmodels.errors import in_turn

REAL = "real"  # before the names of what was measured of real images
FEW_IMAGES = 1_000  # with fewer precision and recall come out higher
ALIKE = 0.05  # of the real images' variance: images with less are nearly all the same one
COVERED = 0.01  # recall below which real images are as good as not drawn
FEW_MODES = 0.15  # of real images' own recall: one of ten equal modes, drawn as well as they are, has 0.1, two 0.2


def covers_nothing(record: Mapping[str, Any]) -> bool:
    """Whether images were drawn that are nearly all the same one, or show next to nothing of what is in the real ones.

    Args:
        record: what was measured; "variety" may be missing.
    """
    return bool(record["recall"] < COVERED or record.get("variety", 1.0) < ALIKE)


def precision_says_nothing(record: Mapping[str, Any]) -> bool:
    """Whether precision is no measure of images, as they are nearly all alike or show few of the modes of real ones.

    Precision is a share of the drawn images alone, so one mode drawn well has as much of it as all of them, and images
    nearer to the middle of each have more than real ones; what is lost shows in recall (Kynkäänniemi et al. 2019).

    Args:
        record: what was measured; "variety" may be missing, and "real/recall", which then is 1.
    """
    few = record["recall"] < FEW_MODES * record.get(f"{REAL}/recall", 1.0)
    return bool(few or covers_nothing(record))


def has_doubtful_precision(record: Mapping[str, Any]) -> bool:
    """Whether a record has a precision, and one that says nothing: those of other families have none."""
    return record.keys() >= {"precision", "recall"} and precision_says_nothing(record)


def doubts_about(images: int, drawn: Mapping[str, Mapping[str, Any]], *, precision: bool = True) -> list[str]:
    """Why measures of drawn images are not to be trusted, a sentence for each reason; none where they may be.

    Args:
        images: that were compared on each side.
        drawn: what was measured, by what it is called.
        precision: whether precision and recall are among the measures that are shown.
    """
    told = []
    alike = [name for name, record in drawn.items() if precision_says_nothing(record)]
    others = [name for name in drawn if name not in alike]
    if images < FEW_IMAGES and precision and (others or not drawn):
        whose = f" of {in_turn(others)}" if alike else ""
        told.append(
            f"{images:,} images are few: of fewer than {FEW_IMAGES:,} precision and recall{whose} come out too high; "
            "read them beside those of real images"
        )
    if alike:
        told.append(
            f"the images that {in_turn(alike)} draw{'s' if len(alike) == 1 else ''} are nearly all alike or show few "
            "of the modes of real ones"
            + (": then precision says nothing, as one mode has as much of it as all" if precision else "")
        )
    return told
