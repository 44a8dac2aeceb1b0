"""What several processes and one do alike: trainings of a case or of a run, in float64 where that matters.

In float32 Adam makes much of little: it divides a gradient by its size, and one that only rounding keeps from zero
becomes a whole step. Texts and sounds, whose data are float32 throughout, are alike in float32 as well.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import torch

import genmodels
from contract.cases import CASES
from contract.cases.text import TEXT as TEXT_OF_CASES
from contract.helpers import new_run
from doors import family_of
from genmodels.processes import in_turn, world
from genmodels.runs import RunDir
from genmodels.settings.every import Every
from genmodels.telling import UNTOLD
from genmodels.training import loop, starting
from genmodels.training.plan import Plan
from genmodels.training.progress import Progress
from genmodels.training.reporting import QuietReporter
from several import faults

IN_FLOAT32 = ("text", "speech")
TEXT = family_of("text")


@contextmanager
def exactly(case: str) -> Iterator[None]:
    """Networks of images made inside compute in float64."""
    if case.startswith(IN_FLOAT32):
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.Tensor, "float", torch.Tensor.double)
        torch.set_default_dtype(torch.float64)
        try:
            yield
        finally:
            torch.set_default_dtype(torch.float32)


def train_case(
    case: str,
    folder: str,
    name: str,
    epochs: int,
    pieces: int = 1,
    preview_steps: int | None = None,
    plan: Mapping[str, Any] | None = None,
    fault: str | None = None,
) -> dict[str, Any]:
    """Train it from the beginning, or from where the run stands.

    Args:
        case: its name.
        folder: of its data, and of the folder of runs.
        name: of the run.
        epochs: in all.
        pieces: that each process computes of a batch.
        preview_steps: the model is looked at after so many steps inside an epoch.
        plan: what of it is not as usual.
        fault: of `several.faults`, what goes wrong meanwhile.
    """
    made = next(made for made in CASES if str(made) == case)
    among, path = world(), Path(folder) / "runs" / name
    if among.is_first:
        path = path if path.exists() else new_run(Path(folder), name, made.family).path
    among.wait()
    with exactly(case), faults.named(fault, Path(folder)) as hurt:
        task = in_turn(lambda: made.make(Path(folder), 1))  # each writes the data anew, while no other reads them
        task.sharing = replace(task.sharing, pieces=pieces)
        hurt(task)
        steps = task.steps_per_epoch
        usual = Plan(steps, epochs * steps, None, warmup_steps=5, log_every=7)
        asked = Plan.from_mapping({**asdict(usual), **(plan or {})})
        family, previews = family_of(made.family), Every(steps=preview_steps)
        progress = loop.fulfil(task, family, asked, RunDir(path), QuietReporter(), None, 1e9, previews)
    return found(progress, task)


def found(progress: Progress, task: Any) -> dict[str, Any]:
    """What all processes must have alike after a training."""
    weights = b"".join(tensor.numpy().tobytes() for tensor in task.weights().values())
    return {
        "step": progress.step,
        "evaluated": progress.evaluated,
        "rate_scale": progress.rate_scale,
        "rollbacks": progress.rollbacks,
        "measured_share": task.measured_share,
        "weights": hashlib.sha256(weights).hexdigest(),
    }


def go_on(run: str, given: Mapping[str, Any], fault: str | None = None) -> dict[str, Any]:
    """Go on with a run of the command line's making as --resume does; of `several.faults` one may go wrong."""
    found_run, reporter = TEXT.run(Path(run), UNTOLD), QuietReporter()
    with faults.named(fault, Path(run).parent) as hurt:
        task = found_run.go_on(given, {}, reporter.notice)
        hurt(task)
        plan = starting.plan_of(found_run, task, task.settings)
        return found(starting.train(task, TEXT, plan, found_run, reporter), task)


class Hearing(QuietReporter):
    """Keeps what it is told of a training."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        super().__init__(self.heard.append)

    def logged(self, _: Any) -> None:
        self.heard.append("a record")


def told_by_a_program(folder: str) -> dict[str, int]:
    """How much each process is told of trainings that a Python program starts, by the way in which it asks for it."""
    how = {"text": TEXT_OF_CASES, "runs": folder, "epochs": 1, "hidden_size": 8, "batch_size": 4, "window": 12}
    sentences, hearing = list[str](), Hearing()
    with redirect_stderr(StringIO()) as lines, redirect_stdout(lines):
        genmodels.train_text(name="shown", progress=True, **how)
        shown = lines.tell()
        genmodels.train_text(name="usual", **how)
    genmodels.train_text(name="noticed", notice=sentences.append, **how)
    genmodels.train_text(name="reported", reporter=hearing, **how)
    return {"shown": shown, "usual": lines.tell() - shown, "notice": len(sentences), "reporter": len(hearing.heard)}


def made_when_all_have(folder: str) -> list[str]:
    """What is there when `in_turn` comes back, of what each process makes, the last one late."""
    rank, made = world().rank, Path(folder)

    def make() -> None:
        time.sleep(0.5 * rank)
        (made / str(rank)).touch()

    in_turn(make)
    there = sorted(path.name for path in made.iterdir())
    world().wait()
    return there


def fare(ways: list[str]) -> str:
    """Each process by its rank: it is "done", it "hangs", or what it says is its end."""
    way = ways[world().rank]
    if way == "hangs":
        time.sleep(1e3)
    if way != "done":
        raise ValueError(way)
    return way
