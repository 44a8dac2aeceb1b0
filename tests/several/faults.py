"""What goes wrong, or otherwise, in one of several processes; a process that is alone is the first and the last one."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from genmodels.data.images.batches import Images
from genmodels.processes import world
from genmodels.runs import RunDir
from genmodels.training import evaluation

LOSSES = ("_loss", "_discriminator_loss")  # of a task, by the family


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


@contextmanager
def named(fault: str | None) -> Iterator[Callable[[Any], None]]:
    """What does that to a task, as long as the block goes on."""
    with pytest.MonkeyPatch.context() as patch:
        yield lambda task: None if fault is None else globals()[fault](task, patch)
