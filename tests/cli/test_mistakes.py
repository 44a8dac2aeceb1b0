"""Every mistake of `mistakes.MISTAKES`: its exit code, a sentence with a hint, and nothing changed."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from cli.mistakes import MISTAKES, Mistake, check
from doors import Outcome
from homes import HOMES


@pytest.fixture(scope="module")
def homes(home_of) -> dict[str, Path]:
    """Each home where mistakes are made, once for this file."""
    return {name: home_of(name) for name in HOMES}


def everything_in(folder: Path) -> dict[Path, tuple[int, int]]:
    """All that a mistake must leave as it is: which files there are, how long and how old; the cache may grow."""
    found = {path: path.stat() for path in folder.rglob("*") if path.relative_to(folder).parts[0] != "cache"}
    return {path: (stat.st_size, stat.st_mtime_ns) for path, stat in found.items()}


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_every_mistake_is_a_sentence_and_changes_nothing(cli, homes, monkeypatch, mistake: Mistake) -> None:
    folder = homes[mistake.home]
    monkeypatch.setenv("GENMODELS_CACHE", str(folder / "cache"))
    monkeypatch.chdir(folder)
    before = everything_in(folder)
    check(cli(*mistake.arguments), mistake.code, mistake.fragment)
    assert everything_in(folder) == before, "nothing was left behind"


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
