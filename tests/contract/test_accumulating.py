"""A batch that is computed in pieces gives the update of the whole batch."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from contract.cases import CASES, FIRST, seldom
from contract.helpers import At, Case, all_finite, assert_same, fit, interrupt, new_run, poison, train
from genmodels.errors import Stopped, UsageError
from genmodels.settings.vae import VaeSettings

PIECES = 3  # of batches that it does not divide
NEEDS_ALL = {"reader-crnn"}  # of a batch, for its normalisation
SIZE = 5  # of a batch where a case has too small ones


def large_enough(case: Case) -> Case:
    """A case without what looks at a whole batch."""
    apart = {"free_bits": 0.0} if case.family == "vae" else {}
    return replace(case, settings={**case.settings, **apart, "batch_size": max(SIZE, case.settings["batch_size"])})


TOGETHER = [large_enough(case) for case in CASES if str(case) not in NEEDS_ALL]
CNN = next(case for case in TOGETHER if str(case) == "reader-cnn")


def in_pieces(case: Case, pieces: int = PIECES, **settings: Any) -> Case:
    return replace(case, settings={**case.settings, "accumulate": pieces, **settings})


EVERY = [in_pieces(CNN if str(case) in NEEDS_ALL else large_enough(case)) for case in FIRST.values()]
every_first = pytest.mark.parametrize("case", [seldom(case) for case in EVERY], ids=str)


def course(case: Case, folder: Path, steps: int) -> list[dict[str, float]]:
    """What each of some steps reports, at a rate that grows; then what is measured of what came of them."""
    task = case.make(folder, 1)
    found = [
        {name: float(value) for name, value in task.train_step(step, 0.01 * (step + 1)).items()}
        for step in range(steps)
    ]
    return [*found, *task.evaluate(lambda: None).values()]


@pytest.mark.parametrize("case", [seldom(case) for case in TOGETHER], ids=str)
def test_the_course_in_pieces_is_that_of_whole_batches(case: Case, tmp_path: Path) -> None:
    steps = case.make(tmp_path, 1).steps_per_epoch + 2  # the last batch of an epoch may be smaller
    whole, pieces = course(case, tmp_path, steps), course(in_pieces(case), tmp_path, steps)
    for step, (ours, theirs) in enumerate(zip(whole, pieces, strict=True)):
        assert ours.keys() == theirs.keys()
        for name, value in ours.items():
            assert math.isclose(value, theirs[name], rel_tol=1e-5, abs_tol=1e-5), (step, name)


@pytest.mark.parametrize("optimizer", ["muon", "schedule-free"])
def test_so_it_is_with_other_optimizers(optimizer: str, tmp_path: Path) -> None:
    case = replace(FIRST["vae"], settings={**FIRST["vae"].settings, "optimizer": optimizer})
    whole, pieces = course(case, tmp_path, 5), course(in_pieces(case), tmp_path, 5)
    for ours, theirs in zip(whole, pieces, strict=True):  # Muon turns matrices in bf16
        assert ours == pytest.approx(theirs, rel=1e-5 if optimizer == "schedule-free" else 1e-3)


@every_first
def test_a_run_in_pieces_that_is_stopped_and_resumed_equals_one_never_stopped(case: Case, tmp_path: Path) -> None:
    whole, stopped = (new_run(tmp_path, name, case.family) for name in ("whole", "stopped"))
    n = train(case, tmp_path, whole, epochs=2).steps_per_epoch
    with pytest.raises(Stopped):
        train(case, tmp_path, stopped, At(n + n // 2, interrupt), epochs=2)
    train(case, tmp_path, stopped, epochs=2)
    assert_same(whole, stopped)


@every_first
def test_one_piece_that_is_not_finite_spoils_the_update_of_all(case: Case, tmp_path: Path) -> None:
    run, reporter, times = new_run(tmp_path, "r", case.family), At(), []
    task = case.make(tmp_path, 1)
    bad = {task.steps_per_epoch + 3}
    poison(task, bad, times)
    reporter.notice = lambda sentence: bad.clear() if "went back" in sentence else None
    progress = fit(task, run, reporter, epochs=2)
    assert (progress.step, progress.rollbacks) == (2 * task.steps_per_epoch, 1)
    assert all_finite(run)
    before = {name: tensor.clone() for name, tensor in task.model.state_dict().items()}
    compute, seen = task.sharing.learned, []

    def broken(updater: Any, read: Any, count: int, generator: Any, loss_of: Any) -> Any:
        def second_is_not_finite(rows: Any, numbers: Any) -> tuple[Tensor, dict[str, Tensor]]:
            loss, terms = loss_of(rows, numbers)
            seen.append(1)
            return (loss * math.nan if len(seen) % PIECES == 2 else loss), terms

        return compute(updater, read, count, generator, second_is_not_finite)

    object.__setattr__(task.sharing, "learned", broken)
    assert not bool(task.train_step(1, 1.0)["finite"])
    trained = dict(task.model.named_parameters())
    assert [name for name, parameter in trained.items() if not torch.equal(parameter.detach(), before[name])] == []


def test_no_more_than_a_piece_is_computed_at_once(tmp_path: Path) -> None:
    seen: list[int] = []
    task = in_pieces(FIRST["text"], 3).make(tmp_path, 1)
    task.model.register_forward_pre_hook(lambda _, inputs: seen.append(len(inputs[0])))
    task.train_step(0, 1.0)
    assert seen == [1, 1, 1]


def test_updates_in_pieces_are_not_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.training.recorded.can_record", lambda device: True)
    assert FIRST["vae"].make(tmp_path, 1).recorded.can_record
    assert not in_pieces(FIRST["vae"]).make(tmp_path, 1).recorded.can_record


def test_what_needs_a_whole_batch_is_refused_in_pieces(tmp_path: Path) -> None:
    crnn = next(case for case in CASES if str(case) in NEEDS_ALL)
    assert any(isinstance(module, nn.BatchNorm2d) for module in crnn.make(tmp_path, 1).model.modules())
    what = "--accumulate 3 computes a batch in pieces, but the batch normalisation"
    with pytest.raises(UsageError, match=what) as raised:
        in_pieces(crnn).make(tmp_path, 1)
    assert raised.value.hint == "leave it out; where memory is short, lower --batch-size."
    with pytest.raises(UsageError, match=r"--free-bits 0\.1 looks at the KL of a whole batch, but --accumulate 2"):
        VaeSettings(free_bits=0.1, accumulate=2)


@every_first
def test_more_pieces_than_a_batch_has_rows_are_refused(case: Case, tmp_path: Path) -> None:
    size = case.settings["batch_size"]
    with pytest.raises(UsageError) as caught:
        in_pieces(case, size + 1).make(tmp_path, 1)
    assert caught.value.what == f"--batch-size {size} is too small for {size + 1} pieces"
    assert caught.value.hint == f"give --batch-size {size + 1} or more, or fewer pieces with --accumulate."
