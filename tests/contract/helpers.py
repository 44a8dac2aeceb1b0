"""What the contract suite is made of: a case, its task and training, and what two runs are compared by."""

import json
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from doors import FAMILIES, family_of
from genmodels.data.images.opening import open_images
from genmodels.runs import RunDir, create_run
from genmodels.runs.checkpoint import read_checkpoint
from genmodels.settings.every import NEVER, Every
from genmodels.training import loop
from genmodels.training.plan import Plan
from genmodels.training.progress import Progress
from genmodels.training.reporting import QuietReporter
from genmodels.training.task import Task
from homes import shapes, write_set

TIMINGS = {"seconds", *(f"{family.unit}_per_second" for family in FAMILIES.values())}


@dataclass(frozen=True)
class Dependence:
    """How much each output of a network depends on each input, in the order in which they are made.

    Args:
        strength: summed absolute derivatives, shape (outputs, inputs).
        may: where there may be any, likewise; nowhere else.
        must: where there must be some, likewise.
    """

    strength: Tensor
    may: Tensor
    must: Tensor


@dataclass(frozen=True)
class Case:
    """One model of a family, and what it needs to be held to the family's promises.

    Args:
        family: its name in the registry.
        model: the value of --model.
        data: folder -> small data of the kind it learns from.
        prepare: settings, data -> a task.
        settings: of a tiny network; the model, the seed and the device are added.
        objective: what a training step reports of what it improves.
        overfitted: share of the first batch's loss that is left at most after 150 updates on it.
        variant: what the settings are about, where a model has several cases.
        repeat: such an update; of two players, one alone can overfit.
        unmoved: a parameter that the loss may give no gradient: of a difference of scores, the last bias.
        dependence: task -> what depends on what, for a model that makes one output after the other.
        rare: whether the ordinary suite leaves it out, as models like it stand for it there.
    """

    family: str
    model: str
    data: Callable[[Path], Any]
    prepare: Callable[[Any, Any], Task]
    settings: Mapping[str, Any]
    objective: str
    overfitted: float
    variant: str = ""
    repeat: Callable[[Any], Any] = lambda task: task.train_step(0, 1.0)
    unmoved: str = ""
    dependence: Callable[[Any], Dependence] | None = None
    rare: bool = False

    def __str__(self) -> str:
        return f"{self.family}-{self.model} {self.variant}".strip()

    def make(self, folder: Path, seed: int) -> Any:
        """A fresh task; the same data for every seed."""
        settings = FAMILIES[self.family].settings(model=self.model, seed=seed, device="cpu", **self.settings)
        return self.prepare(settings, self.data(folder))


@dataclass(frozen=True)
class Trained:
    """What the command line promises of a family's training, and the words it is kept by.

    Args:
        family: its name in the registry; train-NAME trains it.
        home: of `homes.HOMES`, where its data are.
        flags: the data and a tiny network of two epochs.
        told: words of the story, on stderr.
        splits: parts of the data, as they are measured after each epoch.
        samples: endings of the files drawn after each epoch.
        data: what run.json says of the data, among other things.
        best_by: the metric and how the better of two is picked.
        held_out: result of --json -> its measures of the held-out part.
        readers: commands that read one epoch or several, which {} stands for.
        contradictions: flags that a run can't go on with -> what is answered.
    """

    family: str
    home: str
    flags: tuple[str, ...]
    told: tuple[str, ...]
    splits: tuple[str, ...]
    samples: tuple[str, ...]
    data: Mapping[str, Any]
    best_by: tuple[str, Callable[..., float]]
    held_out: Callable[[Any], Mapping[str, float]]
    readers: tuple[str, ...]
    contradictions: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.family


def small_images(folder: Path) -> Any:
    """Three noisy shapes of 6x7 pixels."""
    path = folder / "images.npz"
    if not path.exists():
        write_set(path, *shapes(6, 7, 125), trained_on=100)
    return open_images(str(path), lambda _: None)


class Crash(Exception):
    pass


class At(QuietReporter):
    """Does something when a step was finished."""

    def __init__(self, step: int | None = None, action: Callable[[], None] = lambda: None) -> None:
        self.step, self.action, self.notices = step, action, []

    def advanced(self, step: int) -> None:
        if step == self.step:
            self.step = None
            self.action()

    def notice(self, sentence: str) -> None:
        self.notices.append(sentence)


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def new_run(folder: Path, name: str, family: str) -> RunDir:
    return create_run(folder / "runs", family, {"settings": {}, "data": {}}, name)


def fit(
    task: Task,
    run: RunDir,
    reporter: Any = None,
    epochs: int = 3,
    keep: int | None = None,
    previews: Every = NEVER,
) -> Progress:
    """A short training whose log lines fall inside the epochs too; every epoch is kept unless `keep` says how many."""
    plan = Plan(task.steps_per_epoch, epochs * task.steps_per_epoch, None, warmup_steps=5, log_every=7)
    return loop.fulfil(task, family_of(run.document()["family"]), plan, run, reporter or At(), keep, 1e9, previews)


def train(
    case: Case,
    folder: Path,
    run: RunDir,
    reporter: Any = None,
    seed: int = 1,
    epochs: int = 3,
    previews: Every = NEVER,
) -> Task:
    task = case.make(folder, seed)
    fit(task, run, reporter, epochs, previews=previews)
    return task


def contents(run: RunDir) -> dict[str, Any]:
    """Everything that resuming promises bit for bit: weights of every epoch, last state, metrics, samples."""
    found: dict[str, Any] = {}
    for path in sorted(run.checkpoints.rglob("*.safetensors")) + sorted((run.path / "samples").iterdir()):
        if not path.parent.name.startswith("step-") or path.parent.name == run.pointer("last"):
            found[str(path.relative_to(run.path))] = path.read_bytes()
    found["metrics"] = [{k: v for k, v in r.items() if k not in TIMINGS} for r in run.metrics()]
    found["best"], found["last"] = run.pointer("best"), run.pointer("last")
    return found


def assert_same(a: RunDir, b: RunDir) -> None:
    ours, theirs = contents(a), contents(b)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []


def poison(task: Task, steps: set[int], times: list[int]) -> None:
    """Make the loss of some steps infinite; `times` counts how often it happened."""
    real = task.train_step

    def step(number: int, rate: float) -> Any:
        if number in steps:
            times.append(number)
            parameter = next(p for g in task.updater.optimizer.param_groups for p in g["params"])
            finite, norm = task.updater.update((parameter * float("inf")).sum(), rate)
            return {"finite": finite, "loss": norm.new_tensor(float("inf")), "gradient_norm": norm}
        return real(number, rate)

    task.train_step = step


def all_finite(run: RunDir) -> bool:
    folders = [p.parent for p in run.checkpoints.rglob("manifest.json")]
    arrays = [a for f in folders for tensors in read_checkpoint(f).tensors.values() for a in tensors.values()]
    return bool(arrays) and all(torch.from_numpy(a.copy()).double().isfinite().all() for a in arrays)


def records_of(run: Path) -> list[dict[str, Any]]:
    """The lines of a run's metrics."""
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]


def weights_of(run: Path) -> dict[str, bytes]:
    """The weights of every kept epoch, as they lie on the disk."""
    return {str(p.relative_to(run)): p.read_bytes() for p in run.glob("checkpoints/epoch-*/*.safetensors")}


@contextmanager
def stopped_in_epoch(epoch: int, split: str, times: int = 1) -> Iterator[None]:
    """A training inside is interrupted, once or twice, when that part of the data was measured."""
    real = RunDir.append_metrics

    def append_and_stop(self: RunDir, record: Mapping[str, Any]) -> None:
        real(self, record)
        if (record["epoch"], record["split"]) == (epoch, split) and "steps" not in record:
            for _ in range(times):
                interrupt()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunDir, "append_metrics", append_and_stop)
        yield


def forget_training_states(run: RunDir) -> None:
    for step in run.steps():
        shutil.rmtree(run.checkpoints / f"step-{step:08d}")
