"""Word error rates of groups of runs, and what they say in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from genmodels.errors import in_turn
from genmodels.figures.confusion import Confusion
from genmodels.figures.style import sentence_of
from genmodels.telling import counted

ALIKE = 0.01  # of all words: lines that are nowhere farther apart lie on one another
Rates = Mapping[Any, Sequence[float]]
"""Of each length, noise or speaker, of each run."""


@dataclass(frozen=True)
class ErrorCurves:
    """Word error rates of a group of runs, one for each run, from 0 to 1.

    Args:
        label: what the legend calls the group.
        runs: in the group.
        longest: words, or clips, in the longest utterance trained on.
        by_length: number of them -> rates.
        by_noise: signal-to-noise ratio in dB, None where there is no noise but the room's -> rates.
        by_speaker: name -> rates.
        unit: what lengths count: "word" or "clip".
        kind: of their models, such as "lstm", which gives them their colour.
    """

    label: str
    runs: int
    longest: int
    by_length: Mapping[int, Sequence[float]]
    by_noise: Mapping[float | None, Sequence[float]]
    by_speaker: Mapping[str, Sequence[float]]
    unit: str = "word"
    kind: str | None = None


def told_of(groups: Sequence[ErrorCurves], table: Confusion, remarks: Sequence[str]) -> str:
    """What to look at."""
    looks = []
    if any(group.by_length for group in groups):
        looks.append(f"how the errors change {_lengths_told(groups)}: {_ends_told(groups, _by_length)}")
    elif any(group.by_noise for group in groups):
        looks.append(f"how the errors change with noise, none to the loudest: {_ends_told(groups, _by_noise)}")
    elif any(group.by_speaker for group in groups):
        rates = speakers_of(groups)
        (worst, high), (best, low) = next(iter(rates.items())), list(rates.items())[-1]
        looks.append(f"the speakers: of {worst} {high:.1%} of the words are misread, of {best} {low:.1%}")
    looks += [
        f"{in_turn([groups[place].label for place in places])} lie on one another, drawn thinner each time"
        for places in piles_of(groups)
    ]
    if ends_of(groups):
        looks.append(f"right of the upright dashes utterances have more {unit_of(groups)} than any that was trained on")
    if any(group.runs > 1 for group in groups):
        looks.append("bands and bars reach from the best run to the worst")
    if table.counts.any():
        looks.append(table.told if looks else f"the orange cells: {table.told}")
    looked = f"Look at {'; '.join(looks)}."
    return " ".join([looked, *map(sentence_of, remarks)])


def _lengths_told(groups: Sequence[ErrorCurves]) -> str:
    """What `_by_length` sets beside each other."""
    if ends_of(groups):
        return "from lengths that were trained on to longer ones"
    lengths = [length for group in groups for length in group.by_length]
    if min(lengths) == max(lengths):
        return f"with {counted(lengths[0], unit_of(groups).removesuffix('s'))}"
    return f"from {min(lengths)} to {max(lengths)} {unit_of(groups)}"


def _by_length(group: ErrorCurves) -> tuple[float, float] | None:
    """The rate over all lengths that were trained on, and over all longer ones; where none is, at both ends."""
    usual = [length for length in group.by_length if length <= group.longest]
    longer = [length for length in group.by_length if length > group.longest]
    if not group.by_length:
        return None
    if not usual or not longer:
        usual, longer = [min(group.by_length)], [max(group.by_length)]

    def together(lengths: Sequence[int]) -> float:
        words = [length * float(np.mean(group.by_length[length])) for length in lengths]
        return sum(words) / sum(lengths)

    return together(usual), together(longer)


def _by_noise(group: ErrorCurves) -> tuple[float, float] | None:
    """The rate without noise, or with the least, and with the loudest."""
    if not group.by_noise:
        return None
    quietest, *others = sorted(group.by_noise, key=lambda ratio: -np.inf if ratio is None else -ratio)
    loudest = others[-1] if others else quietest
    return float(np.mean(group.by_noise[quietest])), float(np.mean(group.by_noise[loudest]))


def _ends_told(groups: Sequence[ErrorCurves], ends_of_one: Callable[[ErrorCurves], tuple[float, float] | None]) -> str:
    """Two rates of the group that is best in the end, and of the one that is worst."""
    ends = {group.label: found for group in groups if (found := ends_of_one(group)) is not None}
    order = sorted(ends, key=lambda label: ends[label][1])
    told = []
    for label in dict.fromkeys((order[0], order[-1])):
        low, high = (f"{rate:.1%}" for rate in ends[label])
        change = f"{low} both times" if low == high else f"{low} to {high}"
        told.append(change if len(ends) == 1 else f"{label} {change}")
    return ", ".join(told)


def piles_of(groups: Sequence[ErrorCurves]) -> list[list[int]]:
    """Places of groups whose lines by length can't be seen apart; of each pile in the order in which it is drawn."""
    piles: list[list[int]] = []
    for place, group in enumerate(groups):
        pile = next((pile for pile in piles if _alike(groups[pile[0]].by_length, group.by_length)), None)
        if pile is None:
            piles.append([place])
        else:
            pile.append(place)
    return [pile for pile in piles if len(pile) > 1]


def _alike(one: Rates, other: Rates) -> bool:
    """Whether two lines lie on one another wherever they are."""
    same = bool(one) and one.keys() == other.keys()
    return same and all(abs(float(np.mean(one[key]) - np.mean(other[key]))) < ALIKE for key in one)


def unit_of(groups: Sequence[ErrorCurves]) -> str:
    """What lengths count: clips as soon as one of them holds several words."""
    return "clips" if any(group.unit == "clip" for group in groups) else "words"


def ends_of(groups: Sequence[ErrorCurves]) -> list[int]:
    """Most words that were trained on, where there are results with more."""
    furthest = max(max(group.by_length, default=0) for group in groups)
    return sorted({group.longest for group in groups if group.longest < furthest})


def speakers_of(groups: Sequence[ErrorCurves]) -> dict[str, float]:
    """Speakers and the mean of their rates over all groups, the worst first."""
    names = dict.fromkeys(name for group in groups for name in group.by_speaker)
    rates = {
        name: float(np.mean([np.mean(group.by_speaker[name]) for group in groups if name in group.by_speaker]))
        for name in names
    }
    return dict(sorted(rates.items(), key=lambda item: -item[1]))
