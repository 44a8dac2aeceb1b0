"""Runs that differ by nothing but their seed: one line of a table, one point of a figure, with its spread."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from genmodels.families.finetuning import first_weights_sum
from genmodels.runs import RunDir

if TYPE_CHECKING:
    from genmodels.settings.speech import SpeechSettings

SEED = "seed"  # the setting by which runs of a group differ

Of = TypeVar("Of")


@dataclass(frozen=True)
class Member(Generic[Of]):
    """A network and what was found out about it.

    Args:
        name: what its run is called.
        settings: it was trained with.
        learned: what it learned from, by `learned_by`.
        found: what was found out.
    """

    name: str
    settings: "SpeechSettings"
    learned: str
    found: Of


def grouped(members: Sequence[Member[Of]], label: "Callable[[SpeechSettings], str]") -> Mapping[str, list[Member[Of]]]:
    """Networks under a label for all that differ by nothing but their seed.

    Args:
        members: the networks.
        label: what settings are called; where two groups are called alike, the first run's name is added.
    """
    alike: dict[str, list[Member[Of]]] = {}
    for one in members:
        alike.setdefault(repr((one.learned, one.settings.to_mapping() | {SEED: None})), []).append(one)
    groups = list(alike.values())
    labels = [label(group[0].settings) for group in groups]
    if len(set(labels)) < len(labels):
        labels = [f"{told}, {group[0].name}" for told, group in zip(labels, groups, strict=True)]
    return dict(zip(labels, groups, strict=True))


def learned_by(run: RunDir) -> str:
    """What tells apart what runs learned from: the set of words, and the weights that they began with, if any."""
    document = run.document()
    first = first_weights_sum(document)
    return str(document["data"].get("fingerprint")) + ("" if first is None else f", weights {first}")


def without_told(settings: "SpeechSettings") -> str:
    """What a label says of the speaker who was left out."""
    return "" if settings.leave_out is None else f", without {settings.leave_out}"
