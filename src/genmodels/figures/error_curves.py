"""Word error rates of groups of runs, and what they say in words."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean

import numpy as np

from genmodels.chance import NONE_TOLD, errors_of_chance, fewest
from genmodels.errors import in_turn
from genmodels.figures.confusion import Confusion
from genmodels.figures.on_one_another import ON_ONE_ANOTHER, wider_below
from genmodels.figures.style import sentence_of
from genmodels.telling import UNREAD, counted, in_percent


@dataclass(frozen=True)
class Rate:
    """Errors for each word, and how sure that is.

    Args:
        value: 0 without an error, above 1 where more is read than was said.
        standard_error: None where it is not known.
        freedom: its degrees of freedom; 0: many.
    """

    value: float
    standard_error: float | None
    freedom: int = 0

    def is_told_from(self, other: "Rate") -> bool | None:
        """Whether they differ by more than two standard errors, or as many as Student's t has where few tell them.

        None where the error of either is not known. That of both is taken to be of different utterances: where they
        share clips or speakers, the difference is surer.

        >>> Rate(0.166, 0.004).is_told_from(Rate(0.150, 0.003)), Rate(0.166, 0.008).is_told_from(Rate(0.150, 0.006))
        (True, False)
        >>> Rate(0.166, 0.004, 9).is_told_from(Rate(0.155, 0.003)), Rate(0.166, 0.004).is_told_from(Rate(0.155, 0.003))
        (False, True)
        """
        if self.standard_error is None or other.standard_error is None:
            return None
        chance = errors_of_chance(fewest(self.freedom, other.freedom))
        return abs(self.value - other.value) > chance * math.hypot(self.standard_error, other.standard_error)


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
        words_in_noise: signal-to-noise ratio -> words that a run was to read there; none where nobody counted.
        words_by_length: likewise.
        words_by_speaker: likewise.
        sure_by_length: standard errors of the mean rates of the runs; 0 where one is not known.
        sure_by_noise: likewise.
        sure_by_speaker: likewise.
        freedom: degrees of freedom of those by length and by noise; 0: many.
    """

    label: str
    runs: int
    longest: int
    by_length: Mapping[int, Sequence[float]]
    by_noise: Mapping[float | None, Sequence[float]]
    by_speaker: Mapping[str, Sequence[float]]
    unit: str = "word"
    kind: str | None = None
    words_in_noise: Mapping[float | None, int] = field(default_factory=dict)
    words_by_length: Mapping[int, int] = field(default_factory=dict)
    words_by_speaker: Mapping[str, int] = field(default_factory=dict)
    sure_by_length: Mapping[int, float] = field(default_factory=dict)
    sure_by_noise: Mapping[float | None, float] = field(default_factory=dict)
    sure_by_speaker: Mapping[str, float] = field(default_factory=dict)
    freedom: int = 0

    @property
    def has_none(self) -> bool:
        """Whether a single run made no error somewhere, so that its interval goes by the rule of three."""
        rates = [*self.by_length.values(), *self.by_noise.values(), *self.by_speaker.values()]
        return self.runs == 1 and any(rate == 0.0 for each in rates for rate in each)

    @property
    def over_lengths(self) -> dict[float, float]:
        """The means of the runs by the number of words."""
        return {length: fmean(rates) for length, rates in self.by_length.items()}

    @property
    def over_noise(self) -> dict[float, float]:
        """The means of the runs by the signal-to-noise ratio, which is infinite where there is no noise."""
        return {math.inf if ratio is None else ratio: fmean(rates) for ratio, rates in self.by_noise.items()}

    def rate_over(self, lengths: Sequence[int]) -> Rate:
        """The rate over all words of as many utterances of each of some lengths, of all runs together.

        Lengths share clips and speakers, so their errors are added up as if they always erred alike, which gives too
        great an error rather than too small a one; without the error of one of them there is none of all.
        """
        value = sum(length * self.over_lengths[length] for length in lengths) / sum(lengths)
        errors = [length * self.sure_by_length.get(length, 0.0) for length in lengths]
        return Rate(value, sum(errors) / sum(lengths) if all(errors) else None, self.freedom)

    def rate_in_noise(self, ratio: float | None) -> Rate:
        """The rate at a signal-to-noise ratio, of all runs together."""
        return Rate(fmean(self.by_noise[ratio]), self.sure_by_noise.get(ratio) or None, self.freedom)


Ends = Callable[[ErrorCurves], Sequence[Rate] | None]
"""The rate of a group at one end, or at both; None where it has no such rates."""


def told_of(groups: Sequence[ErrorCurves], table: Confusion, remarks: Sequence[str]) -> str:
    """What to look at."""
    looks = []
    if any(group.by_length for group in groups):
        looks.append(_lengths_told(groups))
    elif any(group.by_noise for group in groups):
        looks.append(f"how the errors change with noise, none to the loudest: {_ends_told(groups, _by_noise)}")
    elif any(group.by_speaker for group in groups):
        rates = speakers_of(groups)
        (worst, high), (best, low) = next(iter(rates.items())), list(rates.items())[-1]
        looks.append(
            f"the speakers: of {worst} {in_percent(high)} of the words are misread, of {best} {in_percent(low)}"
        )
    if any(wider_by_length(groups)) or any(wider_by_noise(groups)):
        looks.append(ON_ONE_ANOTHER)
    if ends := ends_of(groups):
        whose = "was trained on"
        if any(group.longest not in ends[:1] for group in groups):
            whose = f"networks trained on up to {in_turn([*map(str, ends)], 'or')} heard"
        looks.append(f"right of the upright dashes utterances have more {unit_of(groups)} than any that {whose}")
    looks += [] if all(map(_reads_nothing, groups)) else _noise_told(groups)
    looks += _bands_told(groups)
    if table.counts.any() and not all(map(_reads_nothing, groups)):
        looks.append(table.told if looks else f"the orange cells: {table.told}")
    looked = f"Look at {'; '.join(looks)}."
    return " ".join([looked, *map(sentence_of, remarks)])


def _bands_told(groups: Sequence[ErrorCurves]) -> list[str]:
    """What bands and bars are."""
    several, told = any(group.runs > 1 for group in groups), []
    if several:
        told.append("bands and bars reach from the best run to the worst")
    if any(error for group in groups for error in (*group.sure_by_length.values(), *group.sure_by_speaker.values())):
        whose = "those of single runs" if several else "bands and bars"
        told.append(f"{whose} are 95\u00a0% intervals over utterances")
    if any(group.has_none for group in groups):
        told.append(NONE_TOLD)
    return told


def _reads_nothing(group: ErrorCurves) -> bool:
    """Whether a group misses nearly all words of the utterances that it was trained on."""
    usual = [length for length in group.by_length if length <= group.longest]
    return bool(usual) and group.rate_over(usual).value >= UNREAD


def _lengths_told(groups: Sequence[ErrorCurves]) -> str:
    """How the errors change with the length; between which lengths is the same for all groups."""
    short, long = _lengths_beside(groups)
    if short == long:
        return f"the errors with {_span_told(short, groups)}: {_ends_told(groups, partial(_by_length, sides=(short,)))}"
    rates = _ends_told(groups, partial(_by_length, sides=(short, long)))
    return f"how the errors change from {_span_told(short, groups)} to {_span_told(long, groups)}: {rates}"


def _lengths_beside(groups: Sequence[ErrorCurves]) -> tuple[list[int], list[int]]:
    """The lengths that every group was trained on, and those that none was; without either, the least and the most."""
    lengths = sorted({length for group in groups for length in group.by_length})
    longest = [group.longest for group in groups]
    short = [length for length in lengths if length <= min(longest)]
    long = [length for length in lengths if length > max(longest)]
    return (short, long) if short and long else (lengths[:1], lengths[-1:])


def _span_told(lengths: Sequence[int], groups: Sequence[ErrorCurves]) -> str:
    """Lengths in words: 1 word, 1-4 words."""
    one, first, last = unit_of(groups).removesuffix("s"), lengths[0], lengths[-1]
    return counted(first, one) if first == last else f"{first}-{last} {one}s"


def _by_length(group: ErrorCurves, sides: Sequence[Sequence[int]]) -> list[Rate] | None:
    """The rate over all words of some lengths, and over all of others; None where a group lacks either."""
    there = [[length for length in lengths if length in group.by_length] for lengths in sides]
    return [group.rate_over(lengths) for lengths in there] if all(there) else None


def _by_noise(group: ErrorCurves) -> list[Rate] | None:
    """The rate without noise, or with the least, and with the loudest."""
    if not group.by_noise:
        return None
    quietest, *others = sorted(group.by_noise, key=lambda ratio: -np.inf if ratio is None else -ratio)
    loudest = others[-1] if others else quietest
    return [group.rate_in_noise(quietest), group.rate_in_noise(loudest)]


def _noise_told(groups: Sequence[ErrorCurves]) -> list[str]:
    """How many words are behind rates with and without noise, where these are not as many."""
    counts = {(ratio is None, count) for group in groups for ratio, count in group.words_in_noise.items()}
    clean, noisy = ([count for without, count in counts if without == wanted] for wanted in (True, False))
    if len(clean) != 1 or len(noisy) != 1 or clean == noisy:
        return []
    return [f"“clean” is measured on {clean[0]:,} words, each level of noise on {noisy[0]:,}"]


def _ends_told(groups: Sequence[ErrorCurves], ends_of_one: Ends) -> str:
    """The rates of the group that is best in the end, and of the one that is worst; of all, where they are alike."""
    ends = {group.label: found for group in groups if (found := ends_of_one(group)) is not None}
    order = sorted(ends, key=lambda label: (ends[label][-1].value, ends[label][0].value))
    told = {label: _change_told(ends[label]) for label in order}
    if len(set(told.values())) == 1:
        return f"{'all ' * (len(told) > 1)}{told[order[0]]}"
    return ", ".join(f"{label} {told[label]}" for label in (order[0], order[-1]))


def _change_told(rates: Sequence[Rate]) -> str:
    """One rate, or how it changes: 3.0% to 8.0%, 100.0% both times; where that may be chance or is not known, that."""
    first, last = in_percent(rates[0].value), in_percent(rates[-1].value)
    if first == last:
        return first if len(rates) == 1 else f"{first} both times"
    sure = {True: "", False: " (no clear change)", None: " (how sure that is, is not known)"}
    return f"{first} to {last}{sure[rates[0].is_told_from(rates[-1])]}"


def wider_by_length(groups: Sequence[ErrorCurves]) -> list[float]:
    """Points that each group's line by length is to be wider than usual; see `wider_below`."""
    return wider_below([group.over_lengths for group in groups])


def wider_by_noise(groups: Sequence[ErrorCurves]) -> list[float]:
    """The same of the lines by noise."""
    return wider_below([group.over_noise for group in groups])


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
