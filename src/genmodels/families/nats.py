"""What a model of images says of held-out images: -log p or a bound on it, and of which images, given what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from genmodels.runs import Record
from genmodels.runs.records import named_now


@dataclass(frozen=True)
class Nats:
    """-log p of held-out images, or a bound on it.

    Args:
        value: nats per image.
        relation: how -log p stands to it: "<=" for a bound, "=" for an exact one.
        part: "test" or "validation", the part of the images that was measured.
        given: what p is given besides: "class", or "" for nothing.
        standard_error: of the value, over the images; None where an earlier version measured it, which did not tell.
    """

    value: float
    relation: str
    part: str
    given: str = ""
    standard_error: float | None = None

    @property
    def given_told(self) -> str:
        """What it is given, after a comma, as titles and refusals say it."""
        return f", given the {self.given}" if self.given else ""


def measured_part(state: Mapping[str, Any]) -> tuple[str, Record]:
    """The part of the images that an epoch was evaluated on, and what was found."""
    part = "test" if "test" in state else "validation"
    return part, named_now(state[part])
