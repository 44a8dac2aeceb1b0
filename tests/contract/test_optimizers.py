"""Every family keeps its promises with every optimiser."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from contract.cases import CASES, FIRST, rarely, seldom
from contract.helpers import At, Case, all_finite, assert_same, fit, interrupt, new_run, poison, train
from contract.test_recorded import RECORDED, assert_recorded_as_written, bits, recording
from doors import FAMILIES
from genmodels.errors import Stopped
from genmodels.models.matrices import inner_matrices
from genmodels.models.weights import to_arrays
from genmodels.runs.checkpoint import read_checkpoint
from genmodels.training.task import OptimisedTask

__all__ = ["recording"]  # a fixture
READ_OUTS = {  # the matrix that each model makes last, by its family, or family and model
    "text": "readout.linear.weight", "vae-mlp": "decoder.layers.2.weight", "vae-conv": "decoder.convolutions.4.weight",
    "pixelrnn": "readout.out.weight", "reader-crnn": "read_out.weight", "reader-cnn": "layers.2.weight",
    "speech": "output.weight", "gan-dcgan": "layers.5.weight", "gan-mlp": "layers.2.weight",
}  # fmt: skip
OTHERS = ("muon", "schedule-free")


def with_optimizer(case: Case, optimizer: str) -> Case:
    return replace(case, settings={**case.settings, "optimizer": optimizer}, variant=f"{case.variant} {optimizer}")


EVERY = [with_optimizer(case, optimizer) for case in FIRST.values() for optimizer in OTHERS]
every_first = pytest.mark.parametrize("case", [seldom(case) for case in EVERY], ids=str)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_muon_leaves_to_adamw_of_a_model_is_its_read_out_and_its_embedding(case: Case, tmp_path: Path) -> None:
    task: OptimisedTask = case.make(tmp_path, 1)
    trained = getattr(task, "kept", task.model)
    matrices = {name for name, parameter in trained.named_parameters() if parameter.dim() > 1}
    read_out = READ_OUTS.get(case.family) or READ_OUTS[f"{case.family}-{case.model}"]
    assert matrices - inner_matrices(trained).keys() == {read_out, "embedding.weight"} & matrices
    assert read_out in matrices


@pytest.mark.parametrize("case", CASES, ids=str)
def test_muon_moves_every_matrix_that_has_a_gradient(case: Case, tmp_path: Path) -> None:
    case = replace(case, settings={**case.settings, "optimizer": "muon", "weight_decay": 0.0})
    task: OptimisedTask = case.make(tmp_path, 1)
    named = dict(task.model.named_parameters())
    before = {name: parameter.detach().clone() for name, parameter in named.items() if parameter.dim() > 1}
    pulled: set[str] = set()
    for name in before:
        named[name].register_hook(lambda gradient, name=name: pulled.add(name) if gradient.any() else None)
    for step in range(3):
        task.train_step(step, 1.0)
    assert {name for name, weights in before.items() if name in pulled and torch.equal(weights, named[name])} == set()
    assert pulled


@every_first
def test_a_run_stopped_and_resumed_equals_one_never_stopped_and_its_score_is_better_in_the_end(
    case: Case, tmp_path: Path
) -> None:
    whole, stopped = (new_run(tmp_path, name, case.family) for name in ("whole", "stopped"))
    n = train(case, tmp_path, whole).steps_per_epoch
    with pytest.raises(Stopped):
        train(case, tmp_path, stopped, At(n + n // 2, interrupt))
    train(case, tmp_path, stopped)
    assert_same(whole, stopped)
    family, held_out = FAMILIES[case.family], case.make(tmp_path, 1).held_out
    scores = [record[family.score] for record in whole.evaluations() if record["split"] == held_out]
    assert family.best(scores) != scores[0]


@every_first
def test_a_loss_that_is_not_finite_goes_back_and_no_weight_ever_saw_it(case: Case, tmp_path: Path) -> None:
    run, reporter, times = new_run(tmp_path, "r", case.family), At(), []
    task = case.make(tmp_path, 1)
    n = task.steps_per_epoch
    bad = {n + 3}
    poison(task, bad, times)
    reporter.notice = lambda sentence: bad.clear() if "went back" in sentence else None
    progress = fit(task, run, reporter)
    assert times == [n + 3]
    assert (progress.step, progress.rollbacks, progress.rate_scale) == (3 * n, 1, 0.5)
    assert all_finite(run)


@every_first
def test_evaluation_and_preview_leave_training_alone(case: Case, tmp_path: Path) -> None:
    quiet, watched = case.make(tmp_path, 1), case.make(tmp_path, 1)
    for step in range(4):
        quiet.train_step(step, 1.0)
        watched.evaluate(lambda: None)
        watched.preview()
        watched.train_step(step, 1.0)
    assert bits(quiet) == bits(watched)


@pytest.mark.parametrize(
    "case", [seldom(case) for case in EVERY if case.settings["optimizer"] == "schedule-free"], ids=str
)
def test_what_is_evaluated_and_kept_is_the_average_and_what_is_trained_is_not(case: Case, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    task = train(case, tmp_path, run, epochs=1)
    stored = read_checkpoint(run.epoch_checkpoint(1)).tensors["model"]
    names = [name.removesuffix("/x") for name in task.updater.state() if name.endswith("/x")]
    assert names == [name for name, _ in getattr(task, "kept", task.model).named_parameters()]
    state = to_arrays(task.updater.state())
    assert all((stored[name] == state[f"{name}/x"]).all() for name in names)
    trained = dict(getattr(task, "kept", task.model).named_parameters())
    assert any((stored[name] != trained[name].detach().numpy()).any() for name in names)
    before, preview = task.evaluate(lambda: None), task.preview()
    with torch.no_grad():
        for parameter in trained.values():  # nothing may look at these
            parameter.add_(3.0)
    if case.family == "gan":  # its discriminator scores images, and is no average
        assert task.preview() == preview
        return
    assert task.evaluate(lambda: None) == before
    assert task.preview() == preview


@pytest.mark.parametrize(
    "case",
    [
        seldom(with_optimizer(case, optimizer)) if case in FIRST.values() else rarely(with_optimizer(case, optimizer))
        for case in RECORDED
        for optimizer in OTHERS
    ],
    ids=str,
)
def test_recorded_updates_are_those_that_are_written(
    case: Case,
    tmp_path: Path,
    recording: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert_recorded_as_written(case, tmp_path, monkeypatch, epochs=1)
