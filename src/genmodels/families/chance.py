"""Whether runs differ by more than chance: in facts for programs, and in a sentence where they do not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from genmodels.chance import COMPARED, FREEDOM, known_by, within_told
from genmodels.errors import in_turn
from genmodels.exhibit import give_or_take, written
from genmodels.printable import one_line
from genmodels.runs import Record
from genmodels.telling import UNREAD

if TYPE_CHECKING:
    from genmodels.analysis.standard_errors import Difference, Each

GIVE_OR_TAKE = "±\u00a0one standard error"  # what a table's title says of its numbers
RIGHT = "sequence_accuracy"  # of which more is better; of errors less is
MOST_TOLD = 3  # runs in a sentence


@dataclass(frozen=True)
class Compared:
    """A run, or runs that differ by nothing but their seed, among others.

    Args:
        name: what it is called.
        read: of what it read, each strip or utterance; of several runs the mean.
        what: which strips or utterances these are: runs with the same are paired.
        trainings: that were made, with other seeds.
        spread: variance of the measure from one of them to the next; 0 where one alone was made.
    """

    name: str
    read: "Each"
    what: str
    trainings: int = 1
    spread: float = 0.0

    @property
    def variance(self) -> float:
        """What other trainings would add to that of the mean."""
        return self.spread / self.trainings


def _between_trainings(one: Compared, other: Compared) -> tuple[float, int]:
    """What other trainings would add to the variance of a difference, and the degrees of freedom it is known by.

    Runs of one kind are taken to vary as much as those of the other, so a single one beside several varies like these;
    0 and 0 where both were trained once.
    """
    freedom = one.trainings + other.trainings - 2
    if freedom == 0:
        return 0.0, 0
    spread = sum((each.trainings - 1) * each.spread for each in (one, other)) / freedom
    return spread * (1 / one.trainings + 1 / other.trainings), freedom


def differences(found: Sequence[Compared], measure: str, of: str) -> list[Record]:
    """What the best run differs by from each other one; nothing where there is one alone, or nothing was read.

    Args:
        found: the runs.
        measure: RIGHT, or errors for each digit or word.
        of: of which strips or utterances, in words.
    """
    from genmodels.analysis.standard_errors import difference, rates, shares

    read = [one for one in found if len(one.read) > 0]
    if len(read) < 2:
        return []
    parts, better = (shares, max) if measure == RIGHT else (rates, min)

    def number(one: Compared) -> float:
        above, below = parts(one.read)
        return float(above.sum() / max(1.0, below.sum()))

    best = better(read, key=number)
    records = []
    for other in (one for one in read if one is not best):
        more, freedom = _between_trainings(best, other)
        by = difference(best.read, other.read, parts, same=best.what == other.what, more=more, freedom=freedom)
        record = _record(of, measure, best.name, other.name, replace(by, compared=len(read)))
        records.append(record | {"reached": number(best)})
    return records


def _reads_none(record: Mapping[str, Any]) -> bool:
    """Whether not even the best one reads anything, so that a tie is none of networks that read."""
    reached = record.get("reached")  # comparisons of earlier versions have none
    if reached is None:
        return False
    return bool(reached == 0.0 if record["measure"] == RIGHT else reached >= UNREAD)


def _ties(
    records: Sequence[Mapping[str, Any]], measured: Mapping[str, str]
) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """The differences that are none between networks that read, by what was read and by the measure."""
    ties: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for record in records:
        if record["measure"] in measured and record["may_be_chance"] and not _reads_none(record):
            ties.setdefault((record["of"], record["measure"]), []).append(record)
    return ties


def _none_read_told(records: Sequence[Mapping[str, Any]], measured: Mapping[str, str]) -> list[str]:
    """Of what none of the networks reads anything yet."""
    of = dict.fromkeys(r["of"] for r in records if r["measure"] in measured and _reads_none(r))
    what = " any without an error" * all(measure == RIGHT for measure in measured)
    return [f"{in_turn([*of])}: none of them reads{what} yet"] if of else []


def ties_told(records: Sequence[Mapping[str, Any]], measured: Mapping[str, str]) -> list[str]:
    """What `chance_told` says, as short as a figure has room for: the same networks in one sentence."""
    alike: dict[tuple[str, str], list[str]] = {}
    for (of, measure), found in _ties(records, measured).items():
        names = [one_line(name) for name in (found[0]["best"], *(record["other"] for record in found))]
        more = [f"{len(names) - MOST_TOLD} more"] if len(names) > MOST_TOLD else []
        alike.setdefault((measure, in_turn([*names[:MOST_TOLD], *more])), []).append(of)
    told = [
        f"{in_turn(ofs)}: the {measured[measure]} of {whose} can't be told apart"
        for (measure, whose), ofs in alike.items()
    ]
    return [*_none_read_told(records, measured), *told]


def _record(of: str, measure: str, best: str, other: str, by: "Difference") -> Record:
    return {
        "of": of, "measure": measure, "best": best, "other": other, "difference": by.value,
        "difference_standard_error": by.standard_error, "paired": by.paired, "may_be_chance": by.may_be_chance,
        COMPARED: by.compared, **known_by(by.freedom),
    }  # fmt: skip


def chance_told(records: Sequence[Mapping[str, Any]], unit: str, measured: Mapping[str, str]) -> list[str]:
    """Which differences are none, a sentence for each kind of strips or utterances; and what none reads yet.

    Args:
        records: what `differences` gave.
        unit: "strips" or "utterances", by which runs are paired.
        measured: what is told of measures, by their names; of others nothing is said.
    """
    told = _none_read_told(records, measured)
    for (of, measure), alike in _ties(records, measured).items():
        more = f", and {len(alike) - MOST_TOLD} more" if len(alike) > MOST_TOLD else ""
        others = in_turn([_other_told(record, unit) for record in alike[:MOST_TOLD]])
        told.append(
            f"{of}: {measured[measure]} can't be told apart for {one_line(alike[0]['best'])} and for {others}{more}"
            f": within {_within(alike)} of the difference"
        )
    return told


def _within(records: Sequence[Mapping[str, Any]]) -> str:
    """How near what can't be told apart lies; not all errors of several need be known by as many things."""
    told = {within_told(record.get(FREEDOM, 0), record.get(COMPARED, 2)): None for record in records}
    return " or ".join(told)


def _other_told(record: Mapping[str, Any], unit: str) -> str:
    """A run, and what it differs by: gru (0.3 ± 0.4%, paired by strips)."""
    how = f"paired by {unit}" if record["paired"] else f"other {unit}, so not paired"
    return f"{one_line(record['other'])} ({_by_told(record, '.1%')}, {how})"


def distances_apart(
    rows: Sequence[Mapping[str, Any]], distance: str, by: "Callable[[int, int], Difference]"
) -> list[Record]:
    """What the run with the least distance differs by from each other one, as `differences` has it.

    Args:
        rows: of each run, with its distance.
        distance: its name in them; less is better.
        by: what the distance of one run, by its place among the rows, is less than that of another.
    """
    best = min(range(len(rows)), key=lambda place: float(rows[place][distance]))
    return [
        _record("drawn images", distance, rows[best]["run"], row["run"], replace(by(best, place), compared=len(rows)))
        for place, row in enumerate(rows)
        if place != best
    ]


def distances_told(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Whose distances to the same real images can't be told apart.

    Args:
        records: what `distances_apart` gave.
    """
    tied = [record for record in records if record["may_be_chance"]]
    if not tied:
        return []
    others = in_turn([f"{one_line(r['other'])} ({_by_told(r, '.4f')})" for r in tied])
    whose = f"{tied[0]['measure'].replace('_', ' ')}s of {one_line(tied[0]['best'])}"
    return [
        f"the {whose} and of {others} can't be told apart: within {_within(tied)} of the "
        "difference, which is paired by the real images"
    ]


def _by_told(record: Mapping[str, Any], form: str) -> str:
    """What two runs differ by: 0.0012 ± 0.0007."""
    return give_or_take(f"{abs(record['difference']):{form}}", written(record["difference_standard_error"], form))
