"""Records as this version names what stands in them, whichever version wrote them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genmodels.runs.epochs import Length

UNNAMED = "standard_error"  # as earlier versions called the error of a record's first measure
ERROR_OF = ("difference", "kernel_distance", "elbo", "nll")  # which that was: the first of these that a record holds

HELD_OUT = {"validation", "test"}  # splits by which the best epoch is chosen
GONE_ON = "gone_on"  # of an evaluation inside an epoch: where training had ended, and went on later
CHOSEN_BY = "chosen_by"  # in the state of a GAN's epoch: by which real images the best one is chosen
HALF_OF_TEST = "half of test"
IMAGES_TOLD = {
    HALF_OF_TEST: "one half of the test images", "test": "all test images", "validation": "validation images",
}  # fmt: skip


def named_now(value: Any) -> Any:
    """Whatever was read of a run, with every standard error called after its measure: elbo_standard_error.

    Earlier versions called that of a record's own score "standard_error", and that of real images beside it
    "real/standard_error".

    >>> named_now({"nll": 0.5, "standard_error": 0.1})
    {'nll': 0.5, 'nll_standard_error': 0.1}
    >>> named_now({"kernel_distance": 0.5, "standard_error": 0.1, "real/standard_error": 0.2})
    {'kernel_distance': 0.5, 'kernel_distance_standard_error': 0.1, 'real/kernel_distance_standard_error': 0.2}
    """
    if isinstance(value, list):
        return [named_now(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    measure = next((name for name in ERROR_OF if name in value), None)
    if measure is None:
        return {name: named_now(one) for name, one in value.items()}
    return {_named(name, measure): named_now(one) for name, one in value.items()}


def _named(name: str, measure: str) -> str:
    prefix, slash, last = name.rpartition("/")
    return f"{prefix}{slash}{measure}_{UNNAMED}" if last == UNNAMED else name


def evaluations_in(records: Sequence[Mapping[str, Any]], length: "Length") -> list[dict[str, Any]]:
    """Those of a run's records that are of evaluations; see `RunDir.evaluations`.

    Of an epoch that was cut short, and in which training went on later, the earlier ones say so under GONE_ON: they
    are called by the epochs that were trained, and are none of those among which the best one is chosen.
    """
    found = [record for record in records if "steps" not in record]
    newest = {(record["epoch"], record["split"]): record["step"] for record in found}
    ends = [record["step"] == newest[record["epoch"], record["split"]] for record in found]
    return [
        {**record, "epoch": length.reached(record["epoch"])}
        if is_end
        else {**record, "epoch": length.come_to(record["step"]), GONE_ON: True}
        for record, is_end in zip(found, ends, strict=True)
        if is_end or length.steps_per_epoch is not None
    ]
