"""What goes wrong, or otherwise, in one of several processes; a process that is alone is the first and the last one."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from genmodels.data.images.batches import Images
from genmodels.processes import World, world
from genmodels.runs import RunDir
from genmodels.training import clock, evaluation, ledger

LOSSES = ("_loss", "_discriminator_loss")  # of a task, by the family
IN_TIME = ("most", "of_first", "summed", "gathered")  # how others are waited for
FOR_LONG = ("text_of_first", "wait", "follow")


def is_last() -> bool:
    return world().rank == world().count - 1


def broken_step(task: Any) -> int:
    return task.steps_per_epoch + 3


def infinite_loss(task: Any, _: pytest.MonkeyPatch) -> None:
    """Once the loss of the last one's rows is infinite; its gradient is not, so that nothing but the loss tells it."""
    (name,) = [name for name in LOSSES if hasattr(task, name)]
    train_step, loss_of, steps = task.train_step, getattr(task, name), list[int]()

    def step(number: int, rate: float) -> Any:
        steps.append(number)
        return train_step(number, rate)

    def loss(*given: Any) -> Any:
        found, terms = loss_of(*given)
        once = steps.count(broken_step(task)) == 1 and steps[-1] == broken_step(task)
        return (found + float("inf") if once and is_last() else found), terms

    task.train_step = step
    setattr(task, name, loss)


def endless_loss(task: Any, _: pytest.MonkeyPatch) -> None:
    """Every loss of the last one's rows is infinite."""
    loss_of = task._loss

    def endless(*given: Any) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        loss, terms = loss_of(*given)
        return (loss + float("inf") if is_last() else loss), terms

    task._loss = endless


def undefined_score(task: Any, _: pytest.MonkeyPatch) -> None:
    """The third evaluation of the last one, counted with those made again, is not a number."""
    evaluate, times = task.evaluate, count(1)

    def broken_once(check: Callable[[], None]) -> Any:
        measures = evaluate(check)
        if next(times) == 3 and is_last():
            measures[task.held_out]["nll"] = float("nan")
        return measures

    task.evaluate = broken_once


def slow_clock(_: Any, patch: pytest.MonkeyPatch) -> None:
    """To the first one each of many batches of an evaluation takes a second, to the others no time."""
    patch.setattr(Images, "at_once", 4)
    seconds = count(0.0, 1.0 if world().is_first else 0.0)
    patch.setattr(evaluation, "time", SimpleNamespace(perf_counter=lambda: next(seconds)))


def clocks_apart(_: Any, patch: pytest.MonkeyPatch) -> None:
    """At each look at the clock a hundredth of a second has passed for the first one, for the others a whole one."""
    seconds = count(0.0, 0.01 if world().is_first else 1.0)
    patch.setattr(clock, "time", SimpleNamespace(perf_counter=lambda: next(seconds)))


def small_batches(_: Any, patch: pytest.MonkeyPatch) -> None:
    """Of 25 images that are measured four at a time the last batch has fewer than there are processes."""
    patch.setattr(Images, "at_once", 4)


def better_and_better(task: Any, patch: pytest.MonkeyPatch) -> None:
    """The first one's evaluations bring nothing, those of others always do, who can't read yet what that one wrote."""
    evaluate, times = task.evaluate, count()
    if not world().is_first:
        patch.setattr(RunDir, "metrics", lambda _: [])

    def otherwise(check: Callable[[], None]) -> Any:
        measures = evaluate(check)
        measures[task.held_out]["nll"] = 2.0 if world().is_first else 3.0 - 0.1 * next(times)
        return measures

    task.evaluate = otherwise


def two_signals(task: Any, _: pytest.MonkeyPatch) -> None:
    """The first one is interrupted in a step, the last one when it saves because of that."""
    train_step, state, due = task.train_step, task.state, list[int]()

    def step(number: int, rate: float) -> Any:
        if number == broken_step(task):
            due.append(number)
            if world().is_first:
                signal.raise_signal(signal.SIGINT)
        return train_step(number, rate)

    def late() -> Any:
        if due and not world().is_first:
            signal.raise_signal(signal.SIGINT)
        return state()

    task.train_step, task.state = step, late


def broken_in_one(task: Any, _: pytest.MonkeyPatch) -> None:
    """Once an update of the last one alone is said to be broken, as its machine reckons otherwise."""
    train_step, steps = task.train_step, list[int]()

    def step(number: int, rate: float) -> Any:
        steps.append(number)
        found = train_step(number, rate)
        if is_last() and number == broken_step(task) and steps.count(number) == 1:
            found["finite"] = torch.tensor(False)
        return found

    task.train_step = step


def slow_disk(_: Any, patch: pytest.MonkeyPatch) -> None:
    """Whatever the first one writes, it is done only when the last one waits for it, which must then wait for long."""
    waits, met = Path("waits"), list[str]()

    def waiting(name: str, how: str) -> Callable[..., Any]:
        wait = getattr(World, name)

        def noted(*given: Any) -> Any:
            met.append(how)
            if is_last():
                with waits.open("a", encoding="utf-8") as file:
                    file.write(how)
            return wait(*given)

        return noted

    def slowly(write: Callable[..., Any]) -> Callable[..., Any]:
        def written(*given: Any, **named: Any) -> Any:
            done, end = write(*given, **named), time.monotonic() + 20.0
            while world().is_first and (how := waits.read_text(encoding="utf-8")[len(met) :]) != "l":
                assert not how, f"{write.__name__}: the others wait for an answer in time"
                assert time.monotonic() < end, f"{write.__name__}: the others go on"
                time.sleep(0.001)
            return done

        return written

    waits.touch()
    for name in (*IN_TIME, *FOR_LONG):
        patch.setattr(World, name, waiting(name, "l" if name in FOR_LONG else "s"))
    for place, names in WRITES.items():
        for name in names:
            patch.setattr(place, name, slowly(getattr(place, name)))


WRITES: dict[Any, tuple[str, ...]] = {
    RunDir: ("append_metrics", "write_sample", "update", "truncate_metrics"),
    ledger: ("save_epoch", "save_part", "save_training_state", "prune_epochs", "prune_parts"),
}


@contextmanager
def named(fault: str | None, folder: Path) -> Iterator[Callable[[Any], None]]:
    """What does that to a task, as long as the block goes on; in `folder` processes leave each other word."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield lambda task: None if fault is None else globals()[fault](task, patch)
