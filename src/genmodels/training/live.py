"""A run's page while it trains, written anew after each epoch by a process of its own.

So nothing of it can change or stop a training: neither its random numbers and memory, nor what it fails at, nor that
one process of several makes it. Training waits for it, as two programs on one machine's cores slow each other down, and
its clock stands still meanwhile.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from genmodels.interpreter import python_running
from genmodels.processes import world
from genmodels.runs import Record, RunDir
from genmodels.telling import Advance, Notice, replaced_told
from genmodels.training.plan import Plan
from genmodels.training.reporting import Reporter
from genmodels.training.signals import StopRequested

PATIENCE = 600.0  # seconds for a page: one takes 5 to 10, several times that on a busy machine
STOP_POLLED = 0.1  # seconds between two looks at whether training is to stop
TOGETHER = re.compile("RANK|WORLD_SIZE|MASTER_|TORCHELASTIC_|TORCH_NCCL_")  # what makes a process one of several


class LivePage:
    """The page of one run.

    Args:
        run: it.
        notice: is told where the page is, what is left out of it, and once of each reason for which it can't be made.
        threads: that training computes with, and whoever makes the page; None: as many as PyTorch chooses.
    """

    def __init__(self, run: RunDir, notice: Notice, threads: int | None = None) -> None:
        self.run, self.notice, self.threads = run, notice, threads
        self.path = run.page_path
        self.told: set[str] = set()
        self.hangs = False
        self.written: tuple[int, int] | None = None

    @property
    def is_old(self) -> bool:
        """Whether it is missing, or was written before the run's newest record."""
        try:
            return self.path.stat().st_mtime_ns <= self.run.metrics_path.stat().st_mtime_ns
        except OSError:
            return True

    @property
    def _state(self) -> tuple[int, int] | None:
        """By what it is known that nobody else wrote it since."""
        try:
            found = self.path.lstat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def rewrite(self, is_asked: Callable[[], bool], *, is_last: bool) -> bool:
        """Write it anew, or tell why that can't be done; whether it was.

        Args:
            is_asked: whether training is to stop, which ends the writing.
            is_last: nothing follows that could write it.
        """
        if self.hangs:
            return False
        then = "the training is finished all the same" if is_last else "training goes on"
        try:
            code, said = self._made(is_asked)
        except StopRequested:
            self.notice(f"{self.path} was not written anew, as training is to stop")
            return False
        except subprocess.TimeoutExpired:
            self.hangs = True
            self._tell(f"{self.path} took longer than {PATIENCE:g} s, so it is written no more; {then}")
            return False
        except (OSError, ValueError) as error:
            code, said = 1, f"error: {error}"
        if code != 0:
            why = _why(code, said)
            again = "" if is_last else ", and each epoch tries again"
            self._tell(f"{self.path} could not be written ({why}); {then}{again}", why)
            return False
        self.written = self._state
        for sentence in self._news(said):
            self._tell(sentence)
        return True

    def _made(self, is_asked: Callable[[], bool]) -> tuple[int, str]:
        """Have another process make it; its exit code, and what it said.

        Raises:
            StopRequested: training is to stop.
            TimeoutExpired: it hangs.
        """
        names = [name for name in os.environ if TOGETHER.search(name)]
        threads = [] if self.threads is None else ["--threads", str(self.threads)]
        asked = ("report", "--run", str(self.run.path), "--out", str(self.path), *threads, "--force", "--json")
        command, environment = python_running("genmodels", *asked, without=names)
        end = time.monotonic() + PATIENCE
        with _started(command, environment) as process:
            while not is_asked():
                try:
                    _, said = process.communicate(timeout=STOP_POLLED)
                except subprocess.TimeoutExpired:
                    if time.monotonic() > end:
                        raise
                else:
                    return process.returncode, said
        raise StopRequested

    def _news(self, said: str) -> Iterator[str]:
        """Its notes, but that there was such a page before, as there is after each epoch."""
        notes = [line.removeprefix("note: ") for line in said.splitlines() if line.startswith("note: ")]
        yield from (note for note in notes if note != replaced_told(self.path))

    def _tell(self, sentence: str, about: str | None = None) -> None:
        """Once, whatever numbers it holds by then; where it is about something, once of that."""
        kind = re.sub(r"[\d.,]+", "", about or sentence)
        if kind not in self.told:
            self.told.add(kind)
            self.notice(sentence)


def _why(code: int, said: str) -> str:
    """Why there is no page."""
    errors = [line.removeprefix("error: ") for line in said.splitlines() if line.startswith("error: ")]
    return errors[0] if errors else f"exit code {code}"


@contextmanager
def _started(command: list[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """A process in a group of its own, as a Ctrl-C is meant for the training, which saves first.

    All of the group ends with the block, at once: a page is published as a whole.
    """
    with subprocess.Popen(  # noqa: S603 - our own program
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        encoding="utf-8", errors="replace", start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None and hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()


class WithPage:
    """A reporter who sees to it that a page is written after each epoch; of several processes by the first.

    Args:
        told: who is told everything else.
    """

    def __init__(self, told: Reporter) -> None:
        self.told = told
        self.page: LivePage | None = None
        self.trains = False  # until it is known that something is left to train

    def of(self, run: RunDir, threads: int | None) -> None:
        """Which run is trained, and with how many threads."""
        self.page, self.trains = LivePage(run, self.told.notice, threads), False

    def about(self, run: RunDir) -> None:
        """See `Reporter.about`."""
        self.told.about(run)

    def started(self, plan: Plan, step: int, best: float | None) -> None:
        """Say where the page is going to be, unless nothing is left to train."""
        assert self.page is not None, "a training says first which run it is of"
        self.told.started(plan, step, best)
        self.trains = step != plan.total_steps
        if self.trains:
            cost = "" if plan.minutes is None else f", in time that comes on top of --minutes {plan.minutes:g}"
            where = f"to be loaded again in a browser: {self.page.path}"
            self.told.notice(f"after each epoch a page is written anew{cost}, {where}")

    def planned(self, plan: Plan) -> None:
        """See `Reporter.planned`."""
        self.told.planned(plan)

    def advanced(self, step: int) -> None:
        """See `Reporter.advanced`."""
        self.told.advanced(step)

    def logged(self, record: Record) -> None:
        """See `Reporter.logged`."""
        self.told.logged(record)

    def evaluating(self, checks: int) -> AbstractContextManager[Advance]:
        """See `Reporter.evaluating`."""
        return self.told.evaluating(checks)

    def previewed(self, epoch: float, text: str, *, wraps: bool = True) -> None:
        """See `Reporter.previewed`."""
        self.told.previewed(epoch, text, wraps=wraps)

    def saved(self, is_asked: Callable[[], bool], *, is_last: bool) -> None:
        """Write the page, unless it is as new as the run: one that was finished before may lack that of its end."""
        self.told.saved(is_asked, is_last=is_last)
        assert self.page is not None, "a training says first which run it is of"
        among = world()
        if among.is_first:
            self._write(self.page, is_asked, is_last)
        among.follow()

    def _write(self, page: LivePage, is_asked: Callable[[], bool], is_last: bool) -> None:
        was_old = page.is_old
        is_new = page.rewrite(is_asked, is_last=is_last) if was_old else True
        if is_new and not self.trains:
            self.told.notice(f"{page.path} {'was written' if was_old else 'is as new as the run'}")

    def notice(self, sentence: str) -> None:
        """See `Reporter.notice`."""
        self.told.notice(sentence)

    def finished(self) -> None:
        """See `Reporter.finished`."""
        self.told.finished()
