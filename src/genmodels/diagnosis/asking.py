"""Questions that another Python process answers: what it imports may fail, hang, or end the process."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from genmodels.diagnosis.section import Fact, Section
from genmodels.interpreter import python_running

TOO_LONG = "took too long"
PATIENCE = 30.0  # seconds that all questions have together: an import takes 2, and 10 times that on a busy machine


@dataclass
class Question:
    """A module of this package that was started and prints its section.

    Args:
        title: of the section.
        needs: the library that it imports.
        lines: what its facts are called, those that are there on every machine; each is told in any case.
        process: that was started; a sentence where it couldn't be.
        asked_at: when.
    """

    title: str
    needs: str
    lines: Sequence[str]
    process: "subprocess.Popen[str] | str"
    asked_at: float

    @classmethod
    def ask(cls, module: str, title: str, needs: str, lines: Sequence[str] = ()) -> "Question":
        """Start to answer; `section` waits for it."""
        return cls(title, needs, lines, _started(module), time.monotonic())

    def section(self) -> Section:
        """What was found; a section with a problem where nothing could be."""
        if isinstance(self.process, str):
            return self._without(self.process)
        left = max(0.0, self.asked_at + PATIENCE - time.monotonic())
        try:
            out, err = self.process.communicate(timeout=left)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            why = f"took longer than {PATIENCE:g} s, as on a very busy machine, or it hangs; ask once more"
            return self._without(why, TOO_LONG)
        if self.process.returncode != 0:
            return self._without(_why(self.process.returncode, err))
        try:
            return _read(json.loads(out.splitlines()[-1]), self.title)
        except (IndexError, ValueError):
            return self._without("importing it ends the process without an answer")

    def _without(self, why: str, each: str = "unknown") -> Section:
        """Why nothing was found, and of each line that it is not known."""
        others = [Fact(line, None, each) for line in self.lines if line != self.needs]
        return Section(self.title, [Fact(self.needs, None, why), *others], [f"{self.needs}: {why}"])


def _started(module: str) -> "subprocess.Popen[str] | str":
    """The process, which finds the packages that this one finds and takes none out of the current folder."""
    command, environment = python_running(f"{__package__}.{module}")
    try:
        return subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            encoding="utf-8", errors="replace", env=environment,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        return f"no second Python process can be started ({error})"


def _why(code: int, err: str) -> str:
    """Why a process ended without an answer."""
    if code < 0:
        names = {known.value: known.name for known in signal.Signals}  # most real-time signals have none
        return f"importing it ends the process with {names.get(-code, f'signal {-code}')}"
    said = [line.strip() for line in err.splitlines() if line.strip()]
    return f"can't be used: {said[-1]}" if said else f"importing it ends the process with exit code {code}"


def answer(section: Section) -> None:
    """Print a section as `Question.section` reads it."""
    facts = [[fact.name, fact.value, fact.shown] for fact in section.facts]
    sys.stdout.write("\n" + json.dumps({"facts": facts, "problems": list(section.problems)}) + "\n")


def _read(answered: dict[str, Any], title: str) -> Section:
    return Section(title, [Fact(*fact) for fact in answered["facts"]], answered["problems"])
