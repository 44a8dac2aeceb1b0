"""How sure the errors of networks that listen are: over utterances, and over trainings where there are several."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import stdev
from typing import TYPE_CHECKING

from genmodels.chance import fewest
from genmodels.families.chance import Compared, differences
from genmodels.families.speech.measuring import Measured, part_told
from genmodels.runs import Record

if TYPE_CHECKING:
    from genmodels.analysis.word_errors import WordErrors

ERRORS = "word_error_rate"


def compared(label: str, group: "Sequence[tuple[WordErrors, str]]") -> Compared:
    """Runs that differ by nothing but their seed, as one.

    Args:
        label: what they are called.
        group: of each run what it read, and what says of which recordings that was.
    """
    from genmodels.analysis.standard_errors import mean_of_runs

    rates, heard = [errors.word_error_rate for errors, _ in group], {what for _, what in group}
    first = {what: number for number, what in enumerate(sorted(heard))}  # of other sets clips have other numbers
    known = 1 + max(int(errors.each.made_of.max(initial=-1)) for errors, _ in group)
    each = [errors.each.made_of_others(known * first[what]) for errors, what in group]
    alike = len(heard) == 1 and len({len(one) for one in each}) == 1
    read = mean_of_runs(each) if alike else each[0]
    for other in [] if alike else each[1:]:
        read = read.beside(other)
    spread = stdev(rates) ** 2 if len(rates) > 1 else 0.0
    return Compared(label, read, " ".join(sorted(heard)), len(rates), spread)


def rate_error(group: "Sequence[tuple[WordErrors, str]]") -> float | None:
    """The standard error of the mean word error rate of runs: over utterances and, of several runs, over these."""
    from genmodels.analysis.standard_errors import together

    found = compared("", group)
    return together(found.read.rate_error, found.variance**0.5)


def freedom_of_rate(group: "Sequence[tuple[WordErrors, str]]") -> int:
    """The degrees of freedom of `rate_error`: the fewest of its speakers or clips and its trainings; 0: many."""
    return fewest(compared("", group).read.freedom, len(group) - 1)


def differences_of(groups: Mapping[str, Sequence[Measured]]) -> list[Record]:
    """Between the best networks and each of the others: of recordings alone, utterances as trained on, longer ones.

    Networks that each read another speaker, whom they never heard, are not compared.
    """
    every = [one for group in groups.values() for one in group]
    if len({one.about.settings.leave_out for one in every}) > 1:
        return []
    lengths, longest = sorted({n for one in every for n in one.by_length}), [o.about.settings.longest for o in every]
    spans = ([n for n in lengths if n <= min(longest)], [n for n in lengths if n > max(longest)])
    found = _between(groups, "alone", lambda one: one.alone.errors)
    for span in filter(None, spans):
        found += _between(groups, part_told(span, every[0].unit), partial(Measured.together, lengths=span))
    return found


def _between(
    groups: Mapping[str, Sequence[Measured]], of: str, pick: "Callable[[Measured], WordErrors]"
) -> list[Record]:
    networks = [compared(label, [(pick(one), one.heard) for one in group]) for label, group in groups.items()]
    return differences(networks, ERRORS, of)
