"""What generators draw, measured beside real images; and what to know of the epochs that are measured so."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from genmodels.analysis.doubts import precision_says_nothing
from genmodels.families.doubtful import DOUBT
from genmodels.printable import one_line
from genmodels.runs import Record
from genmodels.runs.records import CHOSEN_BY
from genmodels.telling import Teller
from genmodels.training.busy import threads_told

if TYPE_CHECKING:
    from genmodels.data.images.batches import Images
    from genmodels.data.images.image_set import ImageSet
    from genmodels.models.stored import Loaded

SURER = (
    "all epochs draw from the same codes and are laid beside the same real images, so what they differ by is mostly "
    "surer than the ± says"
)


def measurer_beside_real(
    part: "Images", count: int, seed: int, images: "ImageSet", teller: Teller
) -> "Callable[[Loaded[Any, Any]], Record]":
    """Classes and distances of what is drawn beside real images, which are measured once; see `ImageRun.measurer`.

    Raises:
        DataError: the test images are too few.
    """
    from genmodels.analysis.classifying import open_referee
    from genmodels.analysis.sample_quality import Yardstick
    from genmodels.analysis.sides import sides_of
    from genmodels.sampling.images import MEASURED_CODES, as_targets, draw_gan

    referee = open_referee(images, part.device, teller, threads_told)
    yardstick = Yardstick(sides_of(images), part.binarize, referee, part.device, part.seed, count)
    judged = {} if referee is None else {"classifier": referee.name, "classifier_accuracy": referee.accuracy}

    def measure(loaded: "Loaded[Any, Any]") -> Record:
        with teller.counting(f"drawing from epoch {loaded.epoch}", yardstick.count) as advance:
            drawn = draw_gan(loaded.model, yardstick.count, seed, MEASURED_CODES, advance)
        record = yardstick.to_record(yardstick.measure(as_targets(drawn, part.binarize, seed)))
        record[DOUBT] = precision_says_nothing(record)
        shares = [record.pop(name) for name in list(record) if name.startswith("share/")]
        chosen = {CHOSEN_BY: loaded.state.get(CHOSEN_BY)}
        return {"images": yardstick.count, **record, "class_shares": shares, **judged, **chosen}

    return measure


def chosen_by_all(name: str) -> str:
    """What to know of a run whose best epoch an earlier version chose."""
    return (
        f"{one_line(name)} was trained by an earlier version, which chose its best epoch by all test images: those "
        "that it is measured beside are among them, so that epoch's distance is a little too good"
    )
