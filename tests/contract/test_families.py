"""The promises that every family keeps."""

import importlib.util
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from genmodels.registry import FAMILIES, family_of, load

from genmodels.errors import DivergedError, RunError, Stopped
from genmodels.models.weights import to_arrays
from genmodels.runs import RunDir, create_run
from genmodels.settings.gan import GAN_MODELS
from genmodels.settings.pixelrnn import PIXEL_MODELS
from genmodels.settings.reader import READER_MODELS
from genmodels.settings.text import TEXT_MODELS
from genmodels.settings.vae import VAE_MODELS
from genmodels.training.loop import fit
from genmodels.training.reporting import QuietReporter
from genmodels.training.task import Task

_spec = importlib.util.spec_from_file_location("contract_cases", Path(__file__).with_name("cases.py"))
assert _spec is not None
assert _spec.loader is not None
cases = importlib.util.module_from_spec(_spec)
sys.modules["contract_cases"] = cases
_spec.loader.exec_module(cases)

every_case = pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.id)
TIMINGS = {"seconds", "chars_per_second", "images_per_second", "strips_per_second"}


def new_run(folder: Path, name: str, family: str = "text") -> RunDir:
    return create_run(folder / "runs", family, {"settings": {}, "data": {}}, name)


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


def train(case: Any, folder: Path, run: RunDir, reporter: Any = None, seed: int = 1, epochs: int = 3) -> Task:
    task = case.make(folder, seed)
    fit(task, FAMILIES[case.family], cases.plan_of(task, epochs), run, reporter or At(), None, 1e9)
    return task


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


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


def test_every_registered_family_and_model_has_a_case() -> None:
    assert {case.family for case in cases.CASES} == set(FAMILIES)
    assert {case.model for case in cases.CASES if case.family == "text"} == set(TEXT_MODELS)
    assert {case.model.split()[0] for case in cases.CASES if case.family == "vae"} == set(VAE_MODELS)
    assert {case.model.split()[0] for case in cases.CASES if case.family == "pixelrnn"} == set(PIXEL_MODELS)
    assert {case.model.split()[0] for case in cases.CASES if case.family == "gan"} == set(GAN_MODELS)
    assert {case.model for case in cases.CASES if case.family == "reader"} == set(READER_MODELS)
    for family in FAMILIES.values():
        assert callable(load(family.restore))
    assert (family_of("text").score, family_of("text").best) == ("nll", min)


@every_case
def test_a_gradient_reaches_every_parameter(case: Any, tmp_path: Path) -> None:
    task = case.make(tmp_path, 1)
    task.train_step(0, 0.0)
    for name, parameter in case.network(task).named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0 or name == case.unmoved, name


@every_case
def test_it_overfits_one_batch(case: Any, tmp_path: Path) -> None:
    task = case.make(tmp_path, 1)
    first = float(case.repeat(task)[case.objective])
    for _ in range(150):
        last = float(case.repeat(task)[case.objective])
    assert abs(last) < case.overfitted * abs(first)


@every_case
def test_training_lowers_the_validation_score_and_keeps_every_epoch(case: Any, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    train(case, tmp_path, run)
    family, held_out = FAMILIES[case.family], case.make(tmp_path, 1).held_out
    scores = [r[family.score] for r in run.evaluations() if r["split"] == held_out]
    assert len(scores) == 4
    assert family.best([scores[-1], scores[0]]) == scores[-1] != scores[0]
    assert run.epochs() == [1, 2, 3]
    assert run.pointer("best") == f"epoch-{scores.index(family.best(scores[1:])):04d}"


@every_case
def test_train_records_cover_every_step_once(case: Any, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    task = train(case, tmp_path, run)
    records = [r for r in run.metrics() if "steps" in r]
    assert sum(r["steps"] for r in records) == 3 * task.steps_per_epoch
    assert all(abs(r["epoch"] - r["step"] / task.steps_per_epoch) < 1 for r in records)


@every_case
def test_a_saved_state_comes_back_equal(case: Any, tmp_path: Path) -> None:
    task, other = case.make(tmp_path, 1), case.make(tmp_path, 2)
    for step in range(5):
        task.train_step(step, 1.0)
    other.load_state(task.state())
    ours, theirs = task.state(), other.state()
    for mine, its in ((ours.model, theirs.model), (ours.optimizer, theirs.optimizer)):
        assert mine.keys() == its.keys()
        assert all(torch.equal(mine[name], its[name]) for name in mine)


@every_case
def test_same_seed_same_bits_and_another_seed_other_ones(case: Any, tmp_path: Path) -> None:
    runs = [new_run(tmp_path, name, case.family) for name in ("a", "b", "c")]
    for run, seed in zip(runs, (1, 1, 2), strict=True):
        train(case, tmp_path, run, seed=seed, epochs=1)
    assert_same(runs[0], runs[1])
    assert contents(runs[0])["metrics"] != contents(runs[2])["metrics"]


@every_case
@pytest.mark.parametrize("where", ["first step", "mid-epoch", "log line", "epoch's end"])
def test_a_run_stopped_at_a_step_and_resumed_equals_one_never_stopped(case: Any, tmp_path: Path, where: str) -> None:
    whole, stopped = (new_run(tmp_path, name, case.family) for name in ("whole", "stopped"))
    n = train(case, tmp_path, whole).steps_per_epoch
    step = {"first step": 1, "mid-epoch": n + n // 2, "log line": n + 7 - n % 7, "epoch's end": 2 * n}[where]
    with pytest.raises(Stopped) as caught:
        train(case, tmp_path, stopped, At(step, interrupt))
    assert caught.value.exit_code == 130
    assert stopped.pointer("last") == f"step-{step:08d}"
    train(case, tmp_path, stopped)
    assert_same(whole, stopped)


@every_case
@pytest.mark.parametrize("epoch", [0, 2])
def test_a_run_stopped_during_an_evaluation_and_resumed_equals_one_never_stopped(
    case: Any, tmp_path: Path, epoch: int
) -> None:
    whole, stopped = (new_run(tmp_path, name, case.family) for name in ("whole", "stopped"))
    train(case, tmp_path, whole)
    task = case.make(tmp_path, 1)
    evaluate, calls = task.evaluate, []

    def interrupted(check: Callable[[], None]) -> Any:
        calls.append(1)
        if len(calls) == epoch + 1:
            interrupt()
        return evaluate(check)

    task.evaluate = interrupted
    with pytest.raises(Stopped):
        fit(task, FAMILIES[case.family], cases.plan_of(task), stopped, At(), None, 1e9)
    assert stopped.epochs() == list(range(1, epoch))
    train(case, tmp_path, stopped)
    assert_same(whole, stopped)


@every_case
def test_a_run_that_crashed_resumes_from_its_last_state_to_the_same_end(case: Any, tmp_path: Path) -> None:
    whole, crashed = (new_run(tmp_path, name, case.family) for name in ("whole", "crashed"))
    n = train(case, tmp_path, whole).steps_per_epoch

    def crash() -> None:
        raise Crash

    for step in (3, n + 9, 2 * n + 1, 3 * n):
        with pytest.raises(Crash):
            train(case, tmp_path, crashed, At(step, crash))
    train(case, tmp_path, crashed)
    assert_same(whole, crashed)


@every_case
def test_a_finished_run_that_is_resumed_stays_as_it_is(case: Any, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    train(case, tmp_path, run)
    before = contents(run)
    train(case, tmp_path, run)
    assert contents(run) == before


@every_case
def test_evaluation_and_preview_leave_training_alone(case: Any, tmp_path: Path) -> None:
    quiet, watched = case.make(tmp_path, 1), case.make(tmp_path, 1)
    for step in range(4):
        quiet.train_step(step, 1.0)
        watched.evaluate(lambda: None)
        watched.preview()
        torch.rand(7)  # whoever draws from the global generator changes nothing
        watched.train_step(step, 1.0)
    a, b = quiet.state(), watched.state()
    assert all(torch.equal(a.model[n], b.model[n]) for n in a.model)
    assert all(torch.equal(a.optimizer[n], b.optimizer[n]) for n in a.optimizer)


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


@every_case
def test_a_loss_that_is_not_finite_goes_back_halves_the_rate_and_goes_on(case: Any, tmp_path: Path) -> None:
    run, reporter, times = new_run(tmp_path, "r", case.family), At(), []
    task = case.make(tmp_path, 1)
    n = task.steps_per_epoch
    bad = {n + 3}
    poison(task, bad, times)
    real_notice = reporter.notice

    def heal(sentence: str) -> None:
        real_notice(sentence)
        if "went back" in sentence:
            bad.clear()

    reporter.notice = heal
    progress = fit(task, FAMILIES[case.family], cases.plan_of(task), run, reporter, None, 1e9)
    assert times == [n + 3]
    assert progress.step == 3 * n
    assert (progress.rollbacks, progress.rate_scale) == (1, 0.5)
    assert any(f"went back to step {n} " in sentence for sentence in reporter.notices)
    assert all_finite(run)


@every_case
def test_training_that_keeps_diverging_ends_with_code_6_and_its_last_good_state(case: Any, tmp_path: Path) -> None:
    run, times = new_run(tmp_path, "r", case.family), []
    task = case.make(tmp_path, 1)
    poison(task, {5}, times)
    with pytest.raises(DivergedError) as caught:
        fit(task, FAMILIES[case.family], cases.plan_of(task), run, At(), None, 1e9)
    assert caught.value.exit_code == 6
    assert len(times) == 4, "the first time and three attempts"
    assert run.pointer("last") == "step-00000000"
    assert all_finite(run)


def all_finite(run: RunDir) -> bool:
    from genmodels.runs.checkpoint import read_checkpoint

    folders = [p.parent for p in run.checkpoints.rglob("manifest.json")]
    arrays = [a for f in folders for tensors in read_checkpoint(f).tensors.values() for a in tensors.values()]
    return bool(arrays) and all(torch.from_numpy(a.copy()).double().isfinite().all() for a in arrays)


@every_case
def test_an_evaluation_that_is_not_finite_goes_back_too(case: Any, tmp_path: Path) -> None:
    run, reporter = new_run(tmp_path, "r", case.family), At()
    task = case.make(tmp_path, 1)
    evaluate, calls = task.evaluate, []

    def broken_once(check: Callable[[], None]) -> Any:
        calls.append(1)
        measures = evaluate(check)
        if len(calls) == 3:
            measures[task.held_out] |= {FAMILIES[case.family].score: float("nan")}
        return measures

    task.evaluate = broken_once
    progress = fit(task, FAMILIES[case.family], cases.plan_of(task), run, reporter, None, 1e9)
    assert progress.rollbacks == 1
    assert run.epochs() == [1, 2, 3]


@every_case
def test_a_run_killed_before_its_first_state_writes_each_record_once(case: Any, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    run.append_metrics({"epoch": 0, "step": 0, "split": "validation"})
    task = train(case, tmp_path, run, epochs=1)
    assert [r["epoch"] for r in run.evaluations() if r["split"] == task.held_out] == [0, 1]


@every_case
def test_only_the_newest_epochs_and_the_best_are_kept_when_asked_for(case: Any, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    task = case.make(tmp_path, 1)
    fit(task, FAMILIES[case.family], cases.plan_of(task, epochs=4), run, At(), 1, 1e9)
    best = int(str(run.pointer("best")).partition("-")[2])
    assert run.epochs() == sorted({best, 4})


@pytest.mark.parametrize("case", [c for c in cases.CASES if c.family == "pixelrnn"], ids=lambda case: case.id)
def test_no_pixel_depends_on_itself_or_on_one_after_it(case: Any, tmp_path: Path) -> None:
    task = case.make(tmp_path, 1)
    for step in range(30):
        task.train_step(step, 1.0)
    network = case.network(task).double().eval()
    jacobian = torch.autograd.functional.jacobian(network, torch.rand(1, 6, 7, dtype=torch.float64))
    strength = jacobian.abs().sum(dim=(0, 1, 4)).reshape(42, 42)
    assert (strength.triu() == 0).all()
    assert strength.tril(-1).sum() > 0


@pytest.mark.parametrize(
    "case", [c for c in cases.CASES if c.autoregressive and c.family == "text"], ids=lambda case: case.id
)
def test_each_output_depends_on_what_comes_before_it_and_on_nothing_else(case: Any, tmp_path: Path) -> None:
    task = case.make(tmp_path, 1)
    network = case.network(task).double().eval()
    ids = torch.randint(len(task.vocabulary), (1, 6), generator=torch.Generator().manual_seed(0))
    embedded = torch.nn.functional.embedding(ids, network.embedding.weight[: len(task.vocabulary)]).detach()

    def logits(x: torch.Tensor) -> torch.Tensor:
        original = network.embedding.forward

        def replaced(indices: torch.Tensor) -> torch.Tensor:
            padding = original(indices[: len(indices) - 6])
            return torch.cat([padding, x.transpose(0, 1)])

        network.embedding.forward = replaced
        try:
            return network(ids, network.initial_state(1))[0]
        finally:
            network.embedding.forward = original

    jacobian = torch.autograd.functional.jacobian(logits, embedded)  # (1, T, V, 1, T, E)
    strength = jacobian.abs().sum(dim=(0, 2, 3, 5))  # (T out, T in)
    reach = getattr(network, "context", 6)
    for out in range(6):
        for source in range(6):
            reaches = source <= out and out - source < reach
            assert (strength[out, source] > 0) == reaches, (out, source)


@pytest.mark.parametrize("case", [c for c in cases.CASES if c.family == "text"], ids=lambda case: case.id)
def test_previews_are_labelled_texts_of_the_right_length(case: Any, tmp_path: Path) -> None:
    task = case.make(tmp_path, 1)
    blocks = task.preview().text.split("--- temperature ")[1:]
    assert [b.split("\n")[0] for b in blocks] == ["0.25", "0.75", "1.5"]
    for block in blocks:
        text = block.partition("\n")[2].rstrip("\n")
        assert text.startswith(task.prompt)
        assert len(block.partition("\n")[2]) in range(len(task.prompt) + 12, len(task.prompt) + 15)


@every_case
def test_weights_reach_the_disk_as_they_are(case: Any, tmp_path: Path) -> None:
    from genmodels.runs.checkpoint import read_checkpoint

    run = new_run(tmp_path, "r", case.family)
    task = train(case, tmp_path, run, epochs=1)
    stored = read_checkpoint(run.epoch_checkpoint(1)).tensors["model"]
    ours = to_arrays(task.weights())
    assert stored.keys() == ours.keys()
    assert all((stored[name] == array).all() for name, array in ours.items())


@every_case
def test_a_run_whose_training_state_was_deleted_is_not_begun_again(case: Any, tmp_path: Path) -> None:
    run = new_run(tmp_path, "r", case.family)
    train(case, tmp_path, run, epochs=1)
    before = run.metrics_path.read_bytes()
    for step in run.steps():
        shutil.rmtree(run.checkpoints / f"step-{step:08d}")
    with pytest.raises(RunError, match="no whole training state"):
        train(case, tmp_path, run, epochs=2)
    assert run.metrics_path.read_bytes() == before


@every_case
def test_throughput_after_a_resume_counts_the_time_before_it(case: Any, tmp_path: Path) -> None:
    run, slow = new_run(tmp_path, "r", case.family), 0.02
    task = case.make(tmp_path, 1)
    real = task.train_step

    def slowed(step: int, rate: float) -> Any:
        time.sleep(slow)
        return real(step, rate)

    task.train_step = slowed
    with pytest.raises(Stopped):
        fit(task, FAMILIES[case.family], cases.plan_of(task), run, At(6, interrupt), None, 1e9)
    train(case, tmp_path, run, epochs=1)
    first = next(r for r in run.metrics() if r.get("steps") == 7)
    units = sum(task.units(step) for step in range(7))
    assert first[f"{FAMILIES[case.family].unit}_per_second"] < units / (6 * slow)
