"""The report: all sections as one exhibit, in a few seconds, with nothing personal in it."""

from collections.abc import Sequence
from pathlib import Path

from genmodels.diagnosis import devices, fonts
from genmodels.diagnosis.asking import Question
from genmodels.diagnosis.places import places
from genmodels.diagnosis.section import Section, discreet
from genmodels.diagnosis.system import limits, memory, threads
from genmodels.diagnosis.terminal import terminal
from genmodels.diagnosis.versions import versions
from genmodels.exhibit import Exhibit, Table
from genmodels.runs.finding import runs_folder
from genmodels.telling import Counting, uncounted

WELL = "nothing was found that stands in the way"


def doctor(runs: str | Path | None = None, counting: Counting = uncounted) -> Exhibit:
    """What genmodels runs on, to be pasted into a report of trouble; it takes a few seconds.

    PyTorch and matplotlib are imported by processes of their own, so that one that is broken, or hangs for half a
    minute, is told too. The home folder is shown as ~; names of the user and the machine and variables other than those
    named are left out.

    Args:
        runs: folder of the runs; None: GENMODELS_RUNS, or "runs".
        counting: is told how far this is.

    Example:
        >>> list(genmodels.doctor().facts)
        ['versions', 'devices', 'threads', 'memory', 'limits', 'folders', 'fonts', 'terminal', 'problems']
    """
    asked = [Question.ask(one.TITLE, one.TITLE, one.NEEDS, one.LINES) for one in (devices, fonts)]
    here = [versions, threads, memory, limits, lambda: places(runs_folder(runs)), terminal]
    looks = [*here, *(question.section for question in asked)]  # those last that another process answers meanwhile
    found: list[Section] = []
    with counting("looking at what is here", len(looks)) as advance:
        for look in looks:
            found.append(look())
            advance(1)
    first, *between, last, of_devices, of_fonts = found
    return _exhibit([first, of_devices, *between, of_fonts, last])


def _exhibit(sections: Sequence[Section]) -> Exhibit:
    """Sections as a result: one table each for a person, one of all for a spreadsheet."""
    problems = [problem for section in sections for problem in section.problems]
    facts = {section.title: {fact.name: fact.value for fact in section.facts} for section in sections}
    rows = {
        section.title: [{"what": fact.name, "found": discreet(fact.shown)} for fact in section.facts]
        for section in sections
    }
    every = [{"section": title, **row} for title, several in rows.items() for row in several]
    return Exhibit(
        "doctor",
        "what genmodels runs on",
        discreet(facts | {"problems": problems}),
        [
            Table("what genmodels runs on", dict.fromkeys(("section", "what", "found"), ""), every, shown=False),
            *(_table(title, several, apart=number > 0) for number, (title, several) in enumerate(rows.items())),
        ],
        leads="table",
        remarks=discreet([f"problem: {problem}" for problem in problems] or [WELL]),
    )


def _table(title: str, rows: Sequence[dict[str, str]], *, apart: bool) -> Table:
    return Table("", {"what": "", "found": ""}, rows, headings={"what": title, "found": ""}, apart=apart)
