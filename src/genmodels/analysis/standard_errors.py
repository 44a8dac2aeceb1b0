"""How sure a number is: the standard error of means, shares, ratios of sums, differences and divergences.

The digits in a strip and the words in an utterance are not independent, as one misread word may pull the next one
along. So errors for each digit are a ratio of two sums over strips. Nor are strips or utterances that are made of the
same image or clip, or said by one speaker (`clusters.py`). Things that were drawn apart, such as so many strips of each
length, are groups: what differs between groups is no chance. An error that is known by few images, clips or speakers is
unsure itself: Student's t says how many of them may be chance. None of these knows what another training changes.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from genmodels.analysis.clusters import Numbering, Numbers, freedom_of, in_common
from genmodels.chance import errors_of_chance, fewest

FEW_THINGS = 10  # that may all differ alike by chance
LEAST_SHARE = 1e-12  # of a class that the data lack, so that a divergence from them is finite


def _no_numbers() -> Numbers:
    return np.zeros(0)


@dataclass(frozen=True, eq=False)
class Each:
    """What was counted of each of N strips or utterances.

    Args:
        right: 1 for one that was read without any error, else 0, shape (N,); a share where it is a mean over runs.
        errors: insertions, deletions and substitutions in each, shape (N,).
        symbols: digits or words that there were, shape (N,).
        nats: -log p of what was there, shape (N,); not a number where that is not known.
        groups: number of each one's group, shape (N,).
        made_of: numbers of the images, clips or speakers that each is made of, filled up with -1, shape (N, L).
        drawn_from: number of what these were drawn from, such as the speaker of the clips, shape (N,).
    """

    right: Numbers = field(default_factory=_no_numbers)
    errors: Numbers = field(default_factory=_no_numbers)
    symbols: Numbers = field(default_factory=_no_numbers)
    nats: Numbers = field(default_factory=_no_numbers)
    groups: Numbering = field(default_factory=lambda: np.zeros(0, np.int64))
    made_of: Numbering = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    drawn_from: Numbering = field(default_factory=lambda: np.zeros(0, np.int64))

    @classmethod
    def of(
        cls,
        errors: Sequence[int],
        symbols: Sequence[int],
        nats: ArrayLike | None = None,
        made_of: Numbering | None = None,
        drawn_from: Numbering | None = None,
    ) -> "Each":
        """One group of strips or utterances; without `made_of` they have nothing in common."""
        wrong, there = np.asarray(errors, np.float64), np.asarray(symbols, np.float64)
        known = np.full(len(wrong), math.nan) if nats is None else np.asarray(nats, np.float64)
        parts = np.zeros((len(wrong), 0), np.int64) if made_of is None else made_of
        one = np.zeros(len(wrong), np.int64)
        source = one if drawn_from is None else drawn_from
        return cls((wrong == 0).astype(np.float64), wrong, there, known, one, parts, source)

    def __len__(self) -> int:
        return len(self.errors)

    def beside(self, other: "Each") -> "Each":
        """Those and others, whose groups are other ones."""
        after = int(self.groups.max(initial=-1)) + 1
        right, errors, symbols, nats = (
            np.concatenate(pair) for pair in zip(self._counted, other._counted, strict=True)
        )
        groups = np.concatenate([self.groups, other.groups + after])
        sources = np.concatenate([self.drawn_from, other.drawn_from])
        return Each(right, errors, symbols, nats, groups, _one_below_the_other(self.made_of, other.made_of), sources)

    @property
    def _counted(self) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        return self.right, self.errors, self.symbols, self.nats

    def made_of_others(self, after: int) -> "Each":
        """The same, made of other images, clips or speakers than those that have numbers below `after`."""
        made_of = np.where(self.made_of >= 0, self.made_of + after, -1)
        return replace(self, made_of=made_of, drawn_from=self.drawn_from + after)

    def as_one_group(self) -> "Each":
        """The same, all drawn alike."""
        return replace(self, groups=np.zeros_like(self.groups))

    @property
    def freedom(self) -> int:
        """Degrees of freedom of its errors, see `freedom_of`; 0: nothing is in common."""
        return freedom_of(self.made_of, self.drawn_from)

    @property
    def share_error(self) -> float | None:
        """Of the share that was read without any error: sqrt(p (1 - p) / N) where there is one group."""
        return self.error_of(*shares(self), correction=0)

    @property
    def rate_error(self) -> float | None:
        """Of the errors for each symbol."""
        return self.error_of(*rates(self))

    @property
    def nll_error(self) -> float | None:
        """Of the nats for each symbol."""
        return self.error_of(self.nats, self.symbols)

    def error_of(self, above: Numbers, below: Numbers, correction: int = 1) -> float | None:
        """Of a ratio of sums over these strips or utterances, see `error_of_ratio`."""
        return error_of_ratio(above, below, self.groups, self.made_of, self.drawn_from, correction)


def _one_below_the_other(some: Numbering, others: Numbering) -> Numbering:
    wide = max(some.shape[1], others.shape[1])
    return np.concatenate([
        np.pad(rows, ((0, 0), (0, wide - rows.shape[1])), constant_values=-1) for rows in (some, others)
    ])  # fmt: skip


Parts = Callable[[Each], tuple[Numbers, Numbers]]
"""What is summed above and below the line of a ratio, for each strip or utterance, each of shape (N,)."""


def shares(each: Each) -> tuple[Numbers, Numbers]:
    """The parts of the share that was read without any error."""
    return each.right, np.ones(len(each))


def rates(each: Each) -> tuple[Numbers, Numbers]:
    """The parts of the errors for each symbol."""
    return each.errors, each.symbols


def error_of_mean(values: Numbers) -> float:
    """That of the mean of values (N,), s / sqrt(N), s their deviation; 0 of a single one, of which it is not known."""
    return float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def error_of_share(share: float, count: int) -> float | None:
    """sqrt(p (1 - p) / N) of a share p that was counted among N; None where it is none or all, which tells nothing."""
    return math.sqrt(share * (1.0 - share) / count) if 0.0 < share < 1.0 else None


def error_of_ratio(
    above: Numbers,
    below: Numbers,
    groups: Numbering,
    made_of: Numbering | None = None,
    drawn_from: Numbering | None = None,
    correction: int = 1,
) -> float | None:
    """Of R = sum a_i / sum b_i, to first order: sqrt(sum over groups of n s^2) / sum b_i, s that of a_i - R b_i.

    This is the delta method for a ratio of sums (in samples by groups the combined ratio estimator: Cochran, Sampling
    Techniques, 1977, 6.11). To it is added what things have in common that share parts (`in_common`): so the error is
    that for other parts, too, and not for other strips of the same digits alone.

    Args:
        above: a, shape (N,).
        below: b, shape (N,).
        groups: of each thing, shape (N,); where one has a single thing, all are taken for one group, which gives a
            greater error and never a smaller one but by chance.
        made_of: what each thing is made of, shape (N, L), filled up with -1; None: they have nothing in common.
        drawn_from: what these parts were drawn from, shape (N,); None: all from one source.
        correction: s^2 is a sum of squares over n minus this.

    Returns:
        None where it can't be told: of fewer than two things, of sums without anything below the line, or where there
        is no difference between things, such as without a single error.
    """
    total = float(below.sum())
    if len(above) < 2 or total <= 0.0 or not np.isfinite(above).all():
        return None
    rest = above - float(above.sum()) / total * below
    _, groups, counts = np.unique(groups, return_inverse=True, return_counts=True)
    if counts.min() < 2:
        groups, counts = np.zeros(len(rest), np.int64), np.array([len(rest)])
    means = np.bincount(groups, rest) / counts
    apart = rest - means[groups]
    squares = np.bincount(groups, apart**2)
    variance = float((squares * counts / (counts - correction)).sum())
    if made_of is not None:
        variance += in_common(apart, made_of, np.zeros(len(apart), np.int64) if drawn_from is None else drawn_from)
    return math.sqrt(variance) / total if variance > 1e-18 * total**2 else None


@dataclass(frozen=True)
class Difference:
    """What two runs differ by.

    Args:
        value: the second one's number minus the first one's.
        standard_error: of that; None where nothing differs from thing to thing.
        paired: whether both read the same things, and the error is that of what each thing differs by.
        freedom: degrees of freedom of the error where it is one of trainings, images, clips or speakers; 0: of many.
        things: strips or utterances that the second one read.
        compared: runs among which the best was picked that one of these two is.
    """

    value: float
    standard_error: float | None
    paired: bool
    freedom: int = 0
    things: int = FEW_THINGS
    compared: int = 2

    @property
    def may_be_chance(self) -> bool:
        """Whether it is within two standard errors, or more where few things tell it or several runs are compared.

        Where nothing differs from thing to thing there is no error: a difference of the same in each is none by chance,
        unless there are so few that they may all be alike by chance.
        """
        if self.standard_error is None:
            return self.value == 0.0 or self.things < FEW_THINGS
        return abs(self.value) <= errors_of_chance(self.freedom, self.compared) * self.standard_error


def difference(one: Each, other: Each, parts: Parts, *, same: bool, more: float = 0.0, freedom: int = 0) -> Difference:
    """What the ratio of one run differs by from that of another.

    Args:
        one: what the first read.
        other: what the second read.
        parts: `shares` or `rates`.
        same: whether both read the same things, in the same order.
        more: a variance that is to be added, that of several trainings.
        freedom: degrees of freedom that this is known by; the fewest of these, and of the images, clips or speakers of
            either, are those of the whole.
    """
    (above, below), (above_too, below_too) = parts(one), parts(other)
    value = float(above_too.sum() / max(1.0, below_too.sum()) - above.sum() / max(1.0, below.sum()))
    paired = same and np.array_equal(below, below_too)
    if paired:
        found = one.error_of(above_too - above, below)
    else:
        found = together(one.error_of(above, below), other.error_of(above_too, below_too))
    known_by = fewest(freedom, one.freedom, other.freedom)
    return Difference(value, together(found, math.sqrt(more)), paired, known_by, len(other))


def together(*errors: float | None) -> float | None:
    """The root of the sum of squares of errors that have nothing to do with one another; None where there is none."""
    total = math.sqrt(sum(error**2 for error in errors if error is not None))
    return total if total > 0.0 else None


def mean_of_runs(runs: Sequence[Each]) -> Each:
    """What several runs of one kind made of the same things: the mean for each thing."""
    right, errors, symbols, nats = (
        np.mean([getattr(one, name) for one in runs], axis=0) for name in ("right", "errors", "symbols", "nats")
    )
    return replace(runs[0], right=right, errors=errors, symbols=symbols, nats=nats)


def error_of_divergence(shares_: Numbers, reference: Numbers, count: int) -> float | None:
    """Of KL(p || q) = sum p log(p / q), p counted among N things and q known.

    The jackknife (Efron and Stein 1981): what N KL values vary by, each without one of the things, of which those of a
    class are equal. Where p is near q over the K classes that were counted, the first order vanishes, and what is left
    is the second one: 2 N KL is then distributed as chi squared with K - 1 degrees of freedom, so the variance is
    (K - 1) / (2 N^2), by which the jackknife comes out too great on average, and which it never goes below.

    Args:
        shares_: p, shape (C,).
        reference: q, shape (C,); what is 0 counts as `LEAST_SHARE`.
        count: N.

    Returns:
        None where all things are of one class, which tells nothing of how rare the others are.
    """
    there = shares_ > 0
    counts = np.rint(shares_[there] * count)
    if len(counts) < 2:
        return None
    left = counts - np.eye(len(counts))  # (K, K): a row without one of its class
    p = left / (count - 1)
    terms = np.where(p > 0, p * np.log(p.clip(min=LEAST_SHARE) / reference[there].clip(min=LEAST_SHARE)), 0.0)
    without = terms.sum(axis=1)
    spread = (count - 1) / count * float((counts * (without - float(counts @ without) / count) ** 2).sum())
    second = (len(counts) - 1) / (2.0 * count**2)
    return math.sqrt(max(second, spread - second))
