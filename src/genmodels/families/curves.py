"""Several runs over one another, of any family: one score, by epoch and by time; what a title calls them."""

from collections.abc import Mapping, Sequence
from typing import Any

from genmodels.errors import UsageError, in_turn, listed
from genmodels.exhibit import Exhibit, Table
from genmodels.families.course import Course, alike, as_rows, course_title, drawn, remarks_on
from genmodels.families.finetuning import parent_told
from genmodels.families.run import Run
from genmodels.families.steps import records_apart
from genmodels.families.summary import data_name
from genmodels.family import family_of
from genmodels.runs import RunDir
from genmodels.runs.naming import run_names

IDENTITIES = ("fingerprint", "identity")  # of data in run.json: as they were read, and of texts what was read
LONGEST_NAMES = 60  # characters of runs' names in a title; else their number stands there
APART = "plot them apart, each with its own --out."


def curves(runs: Sequence[Run], score: str | None = None) -> Exhibit:
    """A score by epoch and by time of training and evaluating, of one run or several of any families.

    Args:
        runs: on the same data; that they are not is told.
        score: its name in the records; None: the one by which their best epochs are chosen.

    Raises:
        RunError: a run has nothing measured yet, or is damaged.
        UsageError: the runs measure no such score, or different things under one name, or of other targets; or no run
            is named.
    """
    check_some(runs)
    scores = [family_of(run.family).score if score is None else score for run in runs]
    _check_alike(runs, scores, "have different scores", f"give a --score that all measure, or {APART}")
    check_same_targets(runs)
    followed = follow_all(runs, scores[0])
    _check_alike(runs, [course.axis for course in followed], "measure different things", APART)
    first, rows = followed[0], [row for course in followed for row in as_rows(course)]
    title = title_of(first.axis, runs)
    columns = ("run", "part", "epochs", "step", "seconds", first.score)
    facts = {
        "score": first.score,
        "axis": first.axis,
        "best_epochs": {course.name: course.best for course in followed},
        "first_weights": first_weights_of(runs),
        "points": rows,
    }
    table = Table(title, dict.fromkeys(columns, "short"), rows, shown=False)
    known = before_comparing(runs)
    remarks = [*known, *remarks_on(followed)]
    return Exhibit("curve", title, facts, [table], lambda title: drawn(followed, title, known), remarks=remarks)


def follow_all(runs: Sequence[Run], score: str) -> list[Course]:
    """How a score went in each run, under a name that tells its model too; lines of the same kinds for each.

    Raises:
        RunError: a run has nothing measured yet.
        UsageError: one measures no such score.
    """
    named = [(run, name, str(run.setting("model"))) for run, name in zip(runs, run_names(runs), strict=True)]
    return alike([run.follow(score, name if model in name else f"{name} ({model})") for run, name, model in named])


def first_weights_of(runs: Sequence[Run]) -> dict[str, str | None]:
    """The run and epoch whose weights each began with; None where they were drawn."""
    return {name: parent_told(run.document()) for name, run in zip(run_names(runs), runs, strict=True)}


def title_of(axis: str, runs: Sequence[Run], across: str = "epoch and time") -> str:
    """What is plotted along what, of which runs and data."""
    return course_title(axis, runs_told(runs), data_told(runs), across)


def runs_told(runs: Sequence[Run]) -> str:
    """What a title calls runs: rnn, gru and lstm of cells (language model)."""
    if len(runs) == 1:
        return runs[0].titled
    families = ", ".join(dict.fromkeys(family_of(run.family).title for run in runs))
    return f"{short_names(run_names(runs))} ({families})"


def short_names(names: Sequence[str]) -> str:
    """Names of runs for a title: those of one comparison as parts of it, many by their number.

    >>> short_names(["story", "poem"]), short_names(["cells/rnn", "cells/gru", "cells/lstm"])
    ('story and poem', 'rnn, gru and lstm of cells')
    >>> short_names([f"run-{number}" for number in range(20)])
    '20 runs'
    """
    folders = {name.rpartition("/")[0] for name in names}
    whole = folders.pop() if len(folders) == 1 else ""
    of = f" of {whole}" if whole else ""
    told = in_turn([name.removeprefix(f"{whole}/") for name in names])
    return f"{told if len(told) <= LONGEST_NAMES else f'{len(names)} runs'}{of}"


def data_told(runs: Sequence[Run]) -> str:
    """What a title calls their data, which may be several."""
    return "; ".join(dict.fromkeys(run.data_told for run in runs))


def check_some(found: Sequence[RunDir]) -> None:
    """One run or several.

    Raises:
        UsageError: there is none.
    """
    if len(found) == 0:
        raise UsageError("no run was named", "name one or several.")


def fingerprint_of(run: RunDir) -> str:
    """What tells the data of a run from others."""
    return str(run.document()["data"].get("fingerprint"))


def check_same_images(found: Sequence[RunDir]) -> None:
    """One run or several, all on the same image set.

    Raises:
        UsageError: they differ, or there is none.
    """
    check_some(found)
    on: dict[str, list[str]] = {}
    for run, name in zip(found, run_names(found), strict=True):
        on.setdefault(fingerprint_of(run), []).append(name)
    if len(on) > 1:
        pairs = zip(run_names(found), [run.document()["data"] for run in found], strict=True)
        told = "; ".join(f"{name}: {described.get('name', '?')}" for name, described in pairs)
        alike = max(on.values(), key=len)
        such = f", such as {in_turn(alike)}" if len(alike) > 1 else ""
        raise UsageError(f"these runs are on different images ({told})", f"name runs on the same --dataset{such}.")


def check_same_targets(runs: Sequence[Run]) -> None:
    """One run or several, which made the same of their data, so that their scores measure one thing.

    Raises:
        UsageError: they did not; or there is none.
    """
    check_some(runs)
    _check_alike(runs, [run.targets_told for run in runs], "have different targets", APART)
    _check_alike(runs, [run.held_out_told for run in runs], "were evaluated on different images or targets", APART)


def other_data_told(runs: Sequence[RunDir]) -> str:
    """What to know of runs on different data before their scores are held against each other; "" of one set of data."""
    data = [run.document()["data"] for run in runs]
    if same_data(data):
        return alphabets_told(dict(zip(run_names(runs), data, strict=True)))
    alike = len({data_name(described) for described in data}) == 1
    called = "are called alike, but differ" if alike else "differ"
    return f"their data {called}: which score is better says little"


def same_data(data: Sequence[Mapping[str, Any]]) -> bool:
    """Whether runs learned from the same data, as their run.json describe them; of a text its characters count.

    A text from before its characters were recorded is the same where it was read in the same way.
    """
    return any(len({str(of.get(kind)) for of in data}) == 1 and data[0].get(kind) for kind in IDENTITIES)


def alphabets_told(data: Mapping[str, Mapping[str, Any]]) -> str:
    """What to know of runs on one text that tell unequally many characters apart; "" where they don't.

    >>> alphabets_told({"tuned": {"different": 61, "known": 65}, "fresh": {"different": 61}})
    'their text is the same, but they know unequally many characters (tuned 65, fresh 61)'
    """
    known = {name: of.get("known", of.get("different")) for name, of in data.items()}
    if len(set(known.values())) == 1:
        return ""
    told = listed([f"{name} {count}" for name, count in known.items()])
    return f"their text is the same, but they know unequally many characters ({told})"


def before_comparing(runs: Sequence[RunDir]) -> list[str]:
    """What to know before records of runs are held against each other: other data, parts measured, not all finished."""
    return [*filter(None, [other_data_told(runs)]), *records_apart(runs)]


def _check_alike(runs: Sequence[Run], told: Sequence[str], differ: str, hint: str) -> None:
    """Refuse runs that would stand for different things on one axis.

    Raises:
        UsageError: they do.
    """
    if len(set(told)) > 1:
        pairs = "; ".join(f"{name}: {what}" for name, what in zip(run_names(runs), told, strict=True))
        raise UsageError(f"these runs can't share a figure, as they {differ} ({pairs})", hint)
