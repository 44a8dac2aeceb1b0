"""Every mistake of `mistakes.MISTAKES`: its exit code, a sentence with a hint that works, and nothing changed."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.hints import Refused, followed, made_small
from cli.mistakes import MISTAKES, Mistake, Untypable, check
from doors import Cli, Outcome
from homes import HOMES


@pytest.fixture(scope="module")
def homes(home_of) -> dict[str, Path]:
    """Each home where mistakes are made, once for this file."""
    return {name: home_of(name) for name in HOMES}


def everything_in(folder: Path) -> dict[Path, tuple[int, int]]:
    """All that a mistake must leave as it is: which files there are, how long and how old; the cache may grow."""
    found = {path: path.stat() for path in folder.rglob("*") if path.relative_to(folder).parts[0] != "cache"}
    return {path: (stat.st_size, stat.st_mtime_ns) for path, stat in found.items()}


# The same mistakes in other families' trainings, which one family stands for in the ordinary suite.
ALIKE = [m for m in MISTAKES if m.what.endswith(" in training") and m.home not in {"vae", "trained text"}]
# Whose hints lead to several trainings, which tests of the families try too.
SERIES = [m for m in MISTAKES if m.home == "speech" and {"--compare", "--leave-one-out"} & set(m.arguments)]
RARE = [*ALIKE, *SERIES]
USUAL = [m for m in MISTAKES if m not in RARE]


SWEPT = [pytest.param(m, marks=pytest.mark.sweep) for m in RARE]
# One hint for each command and exit code; the sweep follows them all.
KINDS = {(m.arguments[0], m.code): m for m in reversed(USUAL)}
FIRST = [*KINDS.values()]
OTHERS = [pytest.param(m, marks=pytest.mark.sweep) for m in USUAL if m not in FIRST]


@pytest.fixture
def at_mistakes(homes, monkeypatch) -> Callable[[Mistake], Path]:
    """Goes to where a mistake is made."""

    def go(mistake: Mistake) -> Path:
        folder = homes[mistake.home]
        monkeypatch.setattr("genmodels.figures.saving.LEAST_WIDTH", 200)  # many are drawn, and nobody looks at them
        monkeypatch.setattr("genmodels.training.pace.MEASURED_SECONDS", 0.1)  # of a training by --minutes
        monkeypatch.setitem(sys.modules, "soundfile", None)  # as where the extra is not installed
        monkeypatch.setenv("GENMODELS_OFFLINE", "1")
        monkeypatch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        monkeypatch.chdir(folder)
        return folder

    return go


@pytest.mark.parametrize("mistake", [*USUAL, *SWEPT], ids=str)
def test_every_mistake_is_a_sentence_that_changes_nothing(cli, at_mistakes, mistake: Mistake) -> None:
    folder = at_mistakes(mistake)
    before = everything_in(folder)
    check(cli(*mistake.arguments), mistake.code, mistake.fragment)
    assert everything_in(folder) == before, "nothing was left behind"


@pytest.mark.parametrize("mistake", [*FIRST, *OTHERS, *SWEPT], ids=str)
def test_the_hint_of_every_mistake_works(cli, at_mistakes, mistake: Mistake) -> None:
    folder = at_mistakes(mistake)
    before = everything_in(folder)
    try:
        follow(cli, mistake, refused_by(mistake, cli(*mistake.arguments)))
    finally:
        take_away(folder, before)


WORKED: set[tuple[str, str]] = set()  # home and lines: many hints lead to the same ones


def follow(cli: Cli, mistake: Mistake, refused: Refused) -> None:
    """Type what the hint says; every line must succeed."""
    if isinstance(mistake.then, Untypable):
        return
    lines = [made_small(line) for line in mistake.lines_that_follow or followed(refused)]
    assert lines, (
        f"nobody knows how to follow the hint {refused.hint!r} of {mistake}: write the line that does into its row, "
        "behind the fragment; or, for many rows of its kind, a rule into cli/hints.py"
    )
    for line in lines:
        outcome = Outcome(0, "", "") if (mistake.home, str(lines)) in WORKED else cli(*line)
        assert outcome.code == 0, f"the hint {refused.hint!r} led to {line}, which failed:\n{outcome.err}"
    WORKED.add((mistake.home, str(lines)))


def refused_by(mistake: Mistake, outcome: Outcome) -> Refused:
    told = dict(line.split(": ", 1) for line in outcome.err.splitlines() if not line.startswith("note: "))
    return Refused(mistake.arguments, told["error"], told["hint"])


def take_away(folder: Path, before: dict[Path, tuple[int, int]]) -> None:
    """What following a hint made, so that the next mistake is made in the folder as it was."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path not in before and path.relative_to(folder).parts[0] != "cache":
            path.rmdir() if path.is_dir() else path.unlink()


UNASSERTED = """
import contextlib, io, json, sys
from genmodels.app import run
outcomes = []
for arguments in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = run(arguments)
    outcomes.append((code, out.getvalue(), err.getvalue()))
print(json.dumps([__debug__, outcomes]))
"""


@pytest.mark.sweep
def test_no_refusal_depends_on_an_assertion(homes) -> None:
    """As `python -O` has none."""
    chosen = [mistake for mistake in MISTAKES if mistake.home == "trained text"]
    arguments = json.dumps([mistake.arguments for mistake in chosen])
    done = subprocess.run(
        [sys.executable, "-O", "-c", UNASSERTED, arguments], cwd=homes["trained text"], capture_output=True, text=True,
        check=True, env=os.environ | {"GENMODELS_CACHE": str(homes["trained text"] / "cache")},
    )  # fmt: skip
    asserting, outcomes = json.loads(done.stdout)
    assert not asserting
    for mistake, outcome in zip(chosen, outcomes, strict=True):
        check(Outcome(*outcome), mistake.code, mistake.fragment)


def test_no_mistake_is_listed_twice() -> None:
    assert [name for name, times in Counter(map(str, MISTAKES)).items() if times > 1] == []
    assert [name for name, times in Counter((m.home, m.line, m.fragment) for m in MISTAKES).items() if times > 1] == []


GOOD = "error: it is wrong\nhint: do it right.\n"


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(3, "", GOOD),
        Outcome(2, "a result\n", GOOD),
        Outcome(2, "", "it is wrong\n"),
        Outcome(2, "", "error: it is wrong\n"),
        Outcome(2, "", "hint: do it right.\nerror: it is wrong\n"),
        Outcome(2, "", f"{GOOD}more\n"),
        Outcome(2, "", "error: it is wrong\x1b[2J\nhint: do it right.\n"),
        Outcome(2, "", f"note: it is wrong\n{GOOD.replace('wrong', 'bad')}"),
        Outcome(2, "", "error: it is wrong\nhint: \n"),
        Outcome(2, "", f"Traceback (most recent call last):\n{GOOD}"),
        Outcome(2, "", GOOD.rstrip()),
    ],
)
def test_the_check_itself_finds_an_answer_that_is_none(outcome: Outcome) -> None:
    with pytest.raises(AssertionError):
        check(outcome, 2, "it is wrong")


def test_the_check_itself_lets_notes_pass() -> None:
    check(Outcome(2, "", f"note: took the built-in text\n{GOOD}"), 2, "it is wrong")
