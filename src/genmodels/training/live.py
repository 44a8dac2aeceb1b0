"""A run's page while it trains, written anew after each epoch by a process of its own.

So nothing of it can change or stop a training: neither its random numbers and memory, nor what it fails at, nor that
one process of several makes it. Training waits for it, as two programs on one machine's cores slow each other down.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager

from genmodels.interpreter import python_running
from genmodels.processes import world
from genmodels.runs import Record, RunDir
from genmodels.telling import Advance, Notice
from genmodels.training.plan import Plan
from genmodels.training.reporting import Reporter

PAGE = "report.html"  # in the run's folder
PATIENCE = 600.0  # seconds for a page: one takes 5 to 10, several times that on a busy machine
TOGETHER = re.compile("RANK|WORLD_SIZE|MASTER_|TORCHELASTIC_|TORCH_NCCL_")  # what makes a process one of several


class LivePage:
    """The page of one run.

    Args:
        run: it.
        notice: is told where the page is, what is left out of it, and once that it can't be made.
    """

    def __init__(self, run: RunDir, notice: Notice) -> None:
        self.run, self.notice = run, notice
        self.path = run.path / PAGE
        self.told: set[str] = set()
        self.hangs = False

    def rewrite(self) -> None:
        """Write it anew, or tell once why that can't be done."""
        if self.hangs:
            return
        names = [name for name in os.environ if TOGETHER.search(name)]
        asked = ("report", "--run", str(self.run.path), "--out", str(self.path), "--json", "-q")
        command, environment = python_running("genmodels", *asked, without=names)
        try:
            done = subprocess.run(  # noqa: S603 - our own program
                command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                encoding="utf-8", errors="replace", timeout=PATIENCE, check=False,
                start_new_session=True,  # a Ctrl-C is meant for the training, which saves first
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            self.hangs = True
            self._tell(f"{self.path} took longer than {PATIENCE:g} s, so it is written no more; training goes on")
        except (OSError, ValueError) as error:
            self._tell(self._failed(str(error)))
        else:
            for sentence in self._news(done.returncode, done.stderr):
                self._tell(sentence)

    def _news(self, code: int, said: str) -> Iterator[str]:
        """What the program that makes the page had to say."""
        lines = said.splitlines()
        if code != 0:
            errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
            yield self._failed(errors[0] if errors else f"exit code {code}")
            return
        yield from (line.removeprefix("note: ") for line in lines if line.startswith("note: "))

    def _failed(self, why: str) -> str:
        return f"{self.path} could not be written ({why}); training goes on, and each epoch tries again"

    def _tell(self, sentence: str) -> None:
        """Once, whatever numbers it holds by then."""
        kind = "could not be" if "could not be written" in sentence else re.sub(r"[\d.,]+", "", sentence)
        if kind not in self.told:
            self.told.add(kind)
            self.notice(sentence)


class WithPage:
    """A reporter who sees to it that a page is written after each epoch; of several processes by the first.

    Args:
        told: who is told everything else.
    """

    def __init__(self, told: Reporter) -> None:
        self.told = told
        self.page: LivePage | None = None
        self.plan: Plan | None = None

    def of(self, run: RunDir) -> None:
        """Which run is trained."""
        self.page = LivePage(run, self.told.notice)

    def started(self, plan: Plan, step: int, best: float | None) -> None:
        """Say where the page is going to be."""
        assert self.page is not None, "a training says first which run it is of"
        self.plan = plan
        self.told.started(plan, step, best)
        self.told.notice(f"after each epoch a page is written anew, to be loaded again in a browser: {self.page.path}")

    def planned(self, plan: Plan) -> None:
        """See `Reporter.planned`."""
        self.plan = plan
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
        """The last that is told of an epoch: all of it is saved by now, so that the page can be made."""
        self.told.previewed(epoch, text, wraps=wraps)
        assert self.page is not None, "a training says first which run it is of"
        assert self.plan is not None, "it has started"
        if epoch > 0 and (epoch % 1 == 0 or epoch == self.plan.trained(self.plan.total_steps or 0)):
            among = world()
            if among.is_first:
                self.page.rewrite()
            among.follow()

    def notice(self, sentence: str) -> None:
        """See `Reporter.notice`."""
        self.told.notice(sentence)

    def finished(self) -> None:
        """See `Reporter.finished`."""
        self.told.finished()
